//! A shredding that another process did not come to the end of: its new root key may be lost, and no one is left outside by that.

use super::{RemoteKey, open, passphrase};
use pocketkms::{
    Change, ClockTrust, CommitError, ErrorKind, Record, RootKey, Store, StoreError, Vault,
    api::ScheduleKeyDeletionRequest,
};
use pocketkms_tests::{
    format,
    store::{Fault, Faulty, Shared},
    vault::{Opened, builder, create_key, decrypt, describe, encrypt, explained, root, root_of},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// A vault of two root keys whose shredding for `root_of(8)` was cut off after the header and a page of records; and the handle.
struct CutOff {
    store: Shared,
    faulty: Faulty,
    kms: Opened,
    blob: Vec<u8>,
}

impl CutOff {
    fn new() -> Self {
        let store = Shared::new();
        let faulty = Faulty::new(store.clone());
        let kms = Opened::from(builder().0.create_in(faulty.clone(), &root()).expect("a vault"));
        kms.vault.add_root_key(&passphrase("admin"), "admin").expect("a root key");
        let key = create_key(&kms).key_id;
        let blob = encrypt(&kms, &key, b"kept").to_vec();
        for _ in 0..60 {
            create_key(&kms);
        }
        faulty.plan(Fault::CommitRefused, 2);
        explained(kms.vault.shred(&root_of(8)), ErrorKind::Store, &[]);
        faulty.recover();
        Self { store, faulty, kms, blob }
    }

    #[track_caller]
    fn opens(&self, root: &RootKey) -> Opened {
        let opened = open(&self.store, root).expect("a root key of this vault");
        assert_eq!(decrypt(&opened, &self.blob).expect("the plaintext"), b"kept");
        opened
    }
}

#[test]
fn no_one_finishes_a_shredding_without_its_root_key() {
    let cut = CutOff::new();
    for by in [root(), passphrase("admin")] {
        let opened = cut.opens(&by);
        let before = cut.store.records();
        let words = ["is being shredded", "call shred with that root key", "takes the shredding back"];
        explained(opened.vault.finish_rotation(), ErrorKind::Conflict, &words);
        assert_eq!(cut.store.records(), before);
        cut.opens(&by);
    }
    // The process itself has the root key, and may.
    assert!(cut.kms.vault.finish_rotation().unwrap());
    cut.opens(&root_of(8));
    explained(open(&cut.store, &root()), ErrorKind::WrongRootKey, &[]);
}

#[test]
fn a_shredding_whose_root_key_is_lost_is_taken_back() {
    let cut = CutOff::new();
    let opened = cut.opens(&root());
    let missing = opened.vault.rotate_vault_key(&[&root()]);
    explained(missing, ErrorKind::Validation, &["was not given", "'admin'"]);
    opened.vault.rotate_vault_key(&[&root(), &passphrase("admin")]).unwrap();
    for by in [root(), passphrase("admin")] {
        let opened = cut.opens(&by);
        assert_eq!(opened.vault.root_keys().unwrap().len(), 2);
        assert_eq!(opened.vault.verify().unwrap(), []);
        assert!(!opened.vault.finish_rotation().unwrap());
    }
    explained(open(&cut.store, &root_of(8)), ErrorKind::WrongRootKey, &[]);
    // The one that began it hears that it came to nothing.
    explained(cut.kms.vault.finish_rotation(), ErrorKind::WrongRootKey, &["replaced by another process"]);
}

/// By the very process, too, which has the new root key: it is asked for the old ones.
#[test]
fn ones_own_shredding_is_taken_back() {
    let cut = CutOff::new();
    explained(cut.kms.vault.rotate_vault_key(&[]), ErrorKind::Validation, &["was not given"]);
    cut.kms.vault.rotate_vault_key(&[&passphrase("admin"), &root()]).unwrap();
    for by in [root(), passphrase("admin")] {
        cut.opens(&by);
    }
    explained(open(&cut.store, &root_of(8)), ErrorKind::WrongRootKey, &[]);
    // It goes on, as one that a root key of the vault had opened.
    assert_eq!(decrypt(&cut.kms, &cut.blob).unwrap(), b"kept");
    assert!(cut.kms.vault.root_keys().unwrap().iter().any(|info| info.in_use));
    cut.kms.vault.rotate_vault_key(&[&root(), &passphrase("admin")]).unwrap();
}

/// Where another root key is lost as well, it is removed before; and no one removes the last one.
#[test]
fn a_root_key_that_is_lost_keeps_no_shredding_from_being_taken_back() {
    let cut = CutOff::new();
    let opened = cut.opens(&root());
    let infos = Header::of(&cut.store);
    explained(opened.vault.rotate_vault_key(&[&root()]), ErrorKind::Validation, &["'admin'", &infos.admin]);
    opened.vault.remove_root_key(&infos.admin).unwrap();
    explained(opened.vault.remove_root_key(&infos.first), ErrorKind::LastRootKey, &[]);
    explained(open(&cut.store, &passphrase("admin")), ErrorKind::WrongRootKey, &[]);
    opened.vault.rotate_vault_key(&[&root()]).unwrap();
    cut.opens(&root());
    explained(open(&cut.store, &root_of(8)), ErrorKind::WrongRootKey, &[]);
}

/// The ids of the wraps that open the vault, which is in the middle of a shredding.
struct Header {
    first: String,
    admin: String,
}

impl Header {
    fn of(store: &Shared) -> Self {
        let header = store.records().into_iter().find(|record| record.name == "vault").expect("a header").value;
        let (wraps, _) = format::wraps(header.as_bytes());
        let id = |wrap: &std::ops::Range<usize>| hex::encode(&header.as_bytes()[wrap.start..wrap.start + 16]);
        Self { first: id(&wraps[0]), admin: id(&wraps[1]) }
    }
}

/// At each commit of the second process a third one finds a vault that the old root keys open.
#[test]
fn a_take_over_that_is_cut_off_leaves_a_way_in() {
    for at in 0.. {
        let cut = CutOff::new();
        let faulty = Faulty::new(cut.store.clone());
        let opened = Opened::from(builder().0.open(faulty.clone(), &root()).unwrap());
        faulty.plan(Fault::CommitRefused, at);
        let result = opened.vault.rotate_vault_key(&[&root(), &passphrase("admin")]);
        for by in [root(), passphrase("admin")] {
            assert_eq!(cut.opens(&by).vault.verify().unwrap(), []);
        }
        if result.is_ok() {
            assert!(at > 5, "taken over, ended, begun, pages, ended: {at}");
            break;
        }
    }
}

/// A shredding that is refused has changed nothing, no matter who asks for it.
#[test]
fn a_shredding_is_for_one_root_key() {
    let cut = CutOff::new();
    let before = cut.store.kept();
    for vault in [&cut.opens(&root()).vault, &cut.opens(&passphrase("admin")).vault, &cut.kms.vault] {
        for other in [root_of(9), root(), passphrase("admin"), RemoteKey::default().root("hsm")] {
            explained(vault.shred(&other), ErrorKind::Conflict, &["call shred with that root key"]);
        }
    }
    assert_eq!(cut.store.kept(), before);
    for by in [root(), passphrase("admin")] {
        cut.opens(&by);
    }
    let opened = cut.opens(&root());
    opened.vault.rotate_vault_key(&[&root(), &passphrase("admin")]).unwrap();
    opened.vault.shred(&root_of(9)).unwrap();
    cut.opens(&root_of(9));
}

/// Before its commit of that number another process does something.
#[derive(Clone)]
struct Interrupted {
    store: Shared,
    at: Arc<AtomicUsize>,
    other: Arc<dyn Fn() + Send + Sync>,
}

impl Store for Interrupted {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        self.store.get(name)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.store.scan(prefix, after, limit)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        if self.at.fetch_sub(1, Ordering::Relaxed) == 0 {
            (self.other)();
        }
        self.store.commit(changes)
    }

    fn is_durable(&self) -> bool {
        true
    }
}

/// Who hears that it is done destroys the other root keys: so the new one opens the vault then, whatever others did meanwhile.
#[test]
fn what_was_shredded_opens_with_its_root_key() {
    let mut results = [0, 0];
    for goes_on in [false, true] {
        for at in 0..8 {
            let cut = CutOff::new();
            let store = cut.store.clone();
            let take_back = move || {
                if let Ok(other) = open(&store, &root()) {
                    let _ = other.vault.rotate_vault_key(&[&root(), &passphrase("admin")]);
                }
            };
            let at = Arc::new(AtomicUsize::new(at));
            let store = Interrupted { store: cut.store.clone(), at: Arc::clone(&at), other: Arc::new(take_back) };
            let new = if goes_on { root_of(8) } else { root_of(9) };
            if !goes_on {
                cut.opens(&root()).vault.rotate_vault_key(&[&root(), &passphrase("admin")]).unwrap();
            }
            let begun = at.swap(usize::MAX, Ordering::Relaxed);
            let kms = Opened::from(builder().0.open(store, &root()).unwrap());
            at.store(begun, Ordering::Relaxed);
            let result = kms.vault.shred(&new);
            results[usize::from(result.is_ok())] += 1;
            if result.is_ok() {
                cut.opens(&new);
                explained(open(&cut.store, &root()), ErrorKind::WrongRootKey, &[]);
            } else {
                for by in [root(), passphrase("admin")] {
                    cut.opens(&by);
                }
            }
        }
    }
    assert!(results.iter().all(|number| *number > 2), "{results:?}");
}

/// The handle of a process that shreds follows what others write meanwhile.
#[test]
fn who_shreds_goes_on_beside_others() {
    let cut = CutOff::new();
    cut.faulty.plan(Fault::CommitRefused, 0);
    explained(cut.kms.vault.finish_rotation(), ErrorKind::Store, &[]);
    cut.faulty.recover();
    let other = cut.opens(&root());
    create_key(&other);
    create_key(&cut.kms);
    assert_eq!(decrypt(&cut.kms, &cut.blob).unwrap(), b"kept");
    cut.kms.vault.shred(&root_of(8)).unwrap();
    explained(other.vault.root_keys(), ErrorKind::WrongRootKey, &["replaced by another process"]);
    assert!(cut.kms.vault.root_keys().unwrap()[0].in_use);
}

/// Under two ids, which a rotation wraps both.
#[test]
fn a_root_key_that_was_added_twice_blocks_no_rotation() {
    let store = Shared::new();
    let kms = Opened::from(builder().0.create_in(store.clone(), &root()).unwrap());
    kms.vault.add_root_key(&root(), "again").unwrap();
    kms.vault.add_root_key(&passphrase("admin"), "").unwrap();
    kms.vault.add_root_key(&passphrase("admin"), "again").unwrap();
    let elsewhere = RemoteKey::default();
    kms.vault.add_root_key(&elsewhere.root("hsm"), "").unwrap();
    kms.vault.add_root_key(&elsewhere.root("hsm"), "again").unwrap();
    let infos = kms.vault.root_keys().unwrap();
    kms.vault.rotate_vault_key(&[&root(), &passphrase("admin"), &elsewhere.root("hsm")]).unwrap();
    assert_eq!(kms.vault.root_keys().unwrap(), infos);
    for info in infos.iter().filter(|info| info.label.is_empty()) {
        kms.vault.remove_root_key(&info.id).unwrap();
    }
    for by in [root(), passphrase("admin"), elsewhere.root("hsm")] {
        open(&store, &by).unwrap();
    }
}

/// On a clock that jumped nothing is deleted, and so nothing is shredded.
#[test]
fn no_shredding_at_a_time_that_is_in_doubt() {
    let (builder, clock) = builder();
    let store = Shared::new();
    let kms = Opened::from(builder.clock_trust(ClockTrust::System).create_in(store.clone(), &root()).unwrap());
    let key = create_key(&kms).key_id;
    let request = ScheduleKeyDeletionRequest { key_id: key.clone(), pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request).unwrap();
    clock.advance_days(30);
    assert!(kms.vault.time_in_doubt().unwrap());
    let words = ["due by a time that is in doubt", "confirm_time"];
    explained(kms.vault.shred(&root_of(8)), ErrorKind::KmsInvalidState, &words);
    describe(&kms, &key);
    open(&store, &root()).unwrap();
    kms.vault.confirm_time().unwrap();
    kms.vault.shred(&root_of(8)).unwrap();
    assert!(store.names().iter().all(|name| !name.contains(&key.replace('-', ""))));
}

/// The two lists of wraps of a header that is being rotated, each of which holds one vault key.
#[test]
fn no_wrap_moves_to_the_other_epoch() {
    let cut = CutOff::new();
    let header = cut.store.records().into_iter().find(|record| record.name == "vault").unwrap().value;
    let (first, second) = format::wraps(header.as_bytes());
    assert_eq!((first.len(), second.len()), (2, 1));
    let moved = {
        let mut bytes = header.as_bytes().to_vec();
        bytes.splice(first[0].clone(), header.as_bytes()[second[0].clone()].to_vec());
        bytes
    };
    let twice = {
        let mut bytes = header.as_bytes().to_vec();
        bytes.splice(first[1].clone(), header.as_bytes()[first[0].clone()].to_vec());
        bytes
    };
    for (bytes, kind) in [(moved, ErrorKind::WrongRootKey), (twice, ErrorKind::RecordCorrupted)] {
        let store = cut.store.copy();
        store.tamper("vault", |record| record.value = pocketkms::Sealed::from_stored(&bytes));
        explained(open(&store, &root_of(8)), kind, &[]);
    }
    let snapshot = cut.opens(&root()).vault.snapshot().unwrap();
    explained(
        Vault::builder().open_snapshot(&snapshot, &root_of(8)),
        ErrorKind::WrongRootKey,
        &["finish the rotation"],
    );
}
