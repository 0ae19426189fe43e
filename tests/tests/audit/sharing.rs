//! Several handles, threads and processes on one trail.

use super::{found, open, patient, problems, scene, use_key};
use pocketkms::{Audit, Vault, api::LookupEventsRequest};
use pocketkms_sqlite::VaultFile;
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, create_key, root},
};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

#[test]
fn two_handles_on_one_file_make_one_trail() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.vault");
    let builder = || Vault::builder().audit(Audit::window(Duration::from_millis(1)));
    let one = Opened::from(builder().create_file(&path, &root()).unwrap());
    let other = Opened::from(builder().open_file(&path, &root()).unwrap());
    let key = create_key(&one).key_id;
    thread::scope(|scope| {
        for kms in [&one, &other, &one] {
            let key = &key;
            scope.spawn(move || {
                for _ in 0..20 {
                    create_key(kms);
                    use_key(kms, key, 5);
                }
            });
        }
    });
    one.vault.close();
    other.vault.flush_audit().unwrap();
    let report = other.vault.verify_audit().unwrap();
    assert_eq!((report.events, &*report.problems), (1 + 3 * 20 * 6, &[][..]));
    found(&other, &[]);
}

#[test]
fn threads_lose_and_repeat_nothing() {
    let store = Shared::new();
    let kms = Opened::from(Vault::builder().create_in(store.clone(), &root()).unwrap());
    let key = create_key(&kms).key_id;
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| use_key(&kms, &key, 1500));
        }
    });
    drop(kms);
    let report = open(&store).vault.verify_audit().unwrap();
    assert_eq!((report.events, &*report.problems), (6001, &[][..]));
}

/// Threads that are faster than the store wait for it.
#[test]
fn a_store_that_takes_all_loses_nothing_however_fast_the_calls_come() {
    const THREADS: usize = 8;
    const CALLS: usize = 3000;
    let (store, kms, key, _clock) = scene(Audit::default());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| use_key(&kms, &key, CALLS));
        }
    });
    kms.vault.flush_audit().unwrap();
    let report = open(&store).vault.verify_audit().unwrap();
    assert_eq!(problems(&report), []);
    assert!(report.events >= (THREADS * CALLS) as u64, "{}", report.events);
}

#[test]
fn a_window_of_zero_stores_each_event_before_its_call_returns() {
    let (store, kms, key, _clock) = scene(Audit::window(Duration::ZERO));
    let stored = || open(&store).vault.verify_audit().unwrap().events;
    let begun = stored();
    let done = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..30 {
                    use_key(&kms, &key, 1);
                    let calls = done.fetch_add(1, Ordering::SeqCst) + 1;
                    assert!(stored() >= begun + calls);
                }
            });
        }
    });
}

/// A list has what there was when it began.
#[test]
fn a_list_ends_while_others_record() {
    let (_store, kms, key, _clock) = scene(Audit::window(Duration::ZERO));
    use_key(&kms, &key, 300);
    let listed = LookupEventsRequest { oldest_first: Some(true), ..Default::default() };
    // Each page is followed by more events than it has.
    let count = kms.vault.audit_events(listed).map(Result::unwrap).inspect(|_| use_key(&kms, &key, 2)).count();
    assert_eq!(count, 302);
}

#[cfg(unix)]
#[test]
fn a_forked_child_stores_nothing_of_its_parents() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.vault");
    let kms = Opened::from(Vault::builder().audit(patient()).create_file(&path, &root()).unwrap());
    let key = create_key(&kms).key_id;
    use_key(&kms, &key, 3);
    // Safe as far as tests go: the child drops the vault, and exits.
    let child = unsafe { libc::fork() };
    if child == 0 {
        unsafe { libc::alarm(60) };
        let closed = kms.vault.clone();
        closed.close();
        drop((kms, closed));
        unsafe { libc::_exit(0) };
    }
    let mut status = 0;
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0, "the child hung or failed");
    kms.vault.flush_audit().unwrap();
    let report = kms.vault.verify_audit().unwrap();
    assert_eq!((report.events, &*report.problems), (4, &[][..]));
}
