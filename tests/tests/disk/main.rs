//! A vault on a disk that loses what was not synced, tears writes, fails to sync and fills up. `kill -9` tests none of that:
//! what a process wrote before it was killed the system still has.

mod image;
mod trail;
mod vfs;

use image::{Numbers, Unsynced};
use pocketkms::{Error, ErrorKind, Result, api::*};
use pocketkms_sqlite::{SqliteStore, VaultFile};
use pocketkms_tests::vault::{Opened, describe, encrypt, error, root};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};
use tempfile::TempDir;
use vfs::{Event, Fault, Recording};

/// Opens by the system of files that fails, or makes the vault there.
fn open(path: &Path) -> Result<Opened> {
    let store = SqliteStore::open_or_create_by(path, vfs::NAME)?;
    let builder = pocketkms_tests::vault::builder().0;
    Ok(match builder.clone().open(store.clone(), &root()) {
        Err(error) if error.kind() == ErrorKind::NotFound => builder.create_in(store, &root())?,
        opened => opened?,
    }
    .into())
}

/// Another process brings what is in the log to the file, and begins the log again.
fn checkpoint(path: &Path) -> rusqlite::Result<()> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE;
    let connection = rusqlite::Connection::open_with_flags_and_vfs(path, flags, vfs::NAME)?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))
}

/// What a call that changes the vault promised when it was answered, as `what key`.
type Answer = String;

/// Calls that change a vault, each with what it promises. Those of a key that is not there are left out.
fn calls(kms: &Opened, number: usize, key: &mut Option<String>) -> Result<Option<Answer>> {
    let named = key.clone();
    Ok(Some(match (number % 5, named) {
        (0, _) => {
            *key = None;
            let made = kms.create_key(CreateKeyRequest::default())?.key_metadata.key_id;
            *key = Some(made.clone());
            format!("key {made}")
        }
        (1, Some(key)) => {
            kms.create_alias(CreateAliasRequest { alias_name: format!("alias/{key}"), target_key_id: key.clone() })?;
            format!("alias {key}")
        }
        (2, Some(key)) => {
            kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.clone() })?;
            format!("rotated {key}")
        }
        (3, Some(key)) => {
            match kms.delete_alias(DeleteAliasRequest { alias_name: format!("alias/{key}") }) {
                // It was refused before.
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                deleted => deleted?,
            }
            format!("unnamed {key}")
        }
        (4, Some(key)) => {
            kms.disable_key(DisableKeyRequest { key_id: key.clone() })?;
            format!("disabled {key}")
        }
        _ => return Ok(None),
    }))
}

/// Looks for all that was answered, and for halves. The vault is opened as any process would.
fn check(path: &Path, answered: &BTreeSet<Answer>, when: &str) {
    let vault = match pocketkms_tests::vault::builder().0.open_file(path, &root()) {
        Ok(vault) => vault,
        // The vault itself was on its way.
        Err(error) if answered.is_empty() && error.kind() == ErrorKind::NotFound => return,
        Err(error) => panic!("{when}: {error:?}"),
    };
    let kms = Opened::from(vault);
    assert_eq!(kms.vault.verify().expect("it can be read"), [], "{when}");
    let all: BTreeSet<_> = kms
        .list_keys(ListKeysRequest { limit: Some(1000), ..Default::default() })
        .expect("a list")
        .keys
        .into_iter()
        .map(|key| key.key_id)
        .collect();
    let aliases =
        kms.list_aliases(ListAliasesRequest { limit: Some(100), ..Default::default() }).expect("a list").aliases;
    let aliases: BTreeSet<_> = aliases.into_iter().filter_map(|alias| alias.target_key_id).collect();
    assert!(aliases.is_subset(&all), "{when}: an alias leads to no key");
    let was = |what: &str, key: &str| answered.contains(&format!("{what} {key}"));
    for key in &all {
        let metadata = describe(&kms, key);
        // What came after the alias may have removed it, answered or not.
        let gone = was("rotated", key) || was("unnamed", key) || was("tried", key);
        assert!(!was("disabled", key) || !metadata.enabled, "{when}: a disabled key is enabled");
        assert!(!was("unnamed", key) || !aliases.contains(key), "{when}: a deleted alias is there");
        assert!(!was("alias", key) || aliases.contains(key) || gone, "{when}: an alias is lost");
        let request = ListKeyRotationsRequest { key_id: key.clone(), ..Default::default() };
        let rotations = kms.list_key_rotations(request).expect("a list").rotations.len();
        assert!(!was("rotated", key) || rotations == 1, "{when}: a rotation is lost");
        if metadata.enabled {
            encrypt(&kms, key, b"whole");
        }
    }
    for answer in answered {
        let key = answer.split(' ').nth(1).expect("a key");
        assert!(all.contains(key), "{when}: {answer} is lost");
    }
    // And it goes on.
    kms.create_key(CreateKeyRequest::default()).expect("a writable vault");
}

/// The files of an image in a folder of their own.
fn image(events: &[Event], unsynced: Unsynced, numbers: &mut Numbers) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary directory");
    image::write(events, unsynced, numbers, folder.path());
    folder
}

fn answered(events: &[Event]) -> BTreeSet<Answer> {
    let answers = events.iter().filter_map(|event| match event {
        Event::Answer(answer) if !answer.is_empty() => Some(answer.clone()),
        _ => None,
    });
    answers.collect()
}

#[test]
fn a_loss_of_power_at_any_sync_takes_nothing_that_was_answered() {
    let recording = Recording::start();
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("disk.vault");
    let mut key = None;
    let mut kms = open(&path).expect("a vault");
    for number in 0..40 {
        if let Some(answer) = calls(&kms, number, &mut key).expect("a disk that works") {
            recording.answered(answer);
        }
        match number {
            11 | 27 => checkpoint(&path).expect("a checkpoint"),
            // The last one that closes the file removes the log.
            19 => {
                drop(kms);
                kms = open(&path).expect("the vault");
            }
            _ => {}
        }
    }
    let events = recording.events();
    let syncs: Vec<_> = (0..events.len()).filter(|at| matches!(events[*at], Event::Sync { .. })).collect();
    assert!(syncs.len() > 40, "each answered call was synced, and the checkpoints");
    let mut numbers = Numbers(0x0070_6f63_6b65_746b);
    let mut images = 0;
    for at in syncs {
        // Before the sync is done, and after it.
        for until in [at, at + 1] {
            let events = &events[..until];
            for unsynced in image::ALL {
                let folder = image(events, unsynced, &mut numbers);
                let path = folder.path().join("disk.vault");
                if path.exists() {
                    check(&path, &answered(events), &format!("after event {until}, unsynced writes {unsynced:?}"));
                    images += 1;
                }
            }
        }
    }
    println!("{images} images");
    assert!(images > 300);
}

/// What the caller hears, and what the disk has, when a sync fails.
#[test]
fn a_sync_that_fails_is_no_success_and_loses_nothing() {
    for (fault, is_for_good) in [(Fault::Sync as fn(usize) -> Fault, false), (Fault::Syncs, true)] {
        let mut failed = 0;
        // Of each call that fails for good the vault tries for two seconds to learn what became of it.
        for which in if is_for_good { vec![0, 5] } else { (0..12).collect() } {
            let recording = Recording::start();
            let folder = tempfile::tempdir().expect("a temporary directory");
            let path = folder.path().join("disk.vault");
            let kms = open(&path).expect("a vault");
            let mut key = None;
            let mut refused: BTreeMap<Answer, ErrorKind> = BTreeMap::new();
            recording.plan(Some(fault(which)));
            for number in 0..if is_for_good { 7 } else { 10 } {
                let before = key.clone();
                match calls(&kms, number, &mut key) {
                    Ok(answer) => recording.answered(answer.unwrap_or_default()),
                    Err(error) => {
                        recording.answered(before.as_ref().map_or_else(String::new, |key| format!("tried {key}")));
                        refused.insert(format!("{number} {before:?}"), error.kind());
                    }
                }
                if number == 5 {
                    let _ = checkpoint(&path);
                }
            }
            let expected = [ErrorKind::OutcomeUnknown, ErrorKind::Store];
            assert!(refused.values().all(|kind| expected.contains(kind)), "{refused:?}");
            failed += recording.plan(None);
            if is_for_good {
                assert!(!refused.is_empty(), "calls were answered without a sync");
            }
            let events = recording.events();
            let mut numbers = Numbers(7 + which as u64);
            for unsynced in image::ALL {
                let image = image(&events, unsynced, &mut numbers);
                check(
                    &image.path().join("disk.vault"),
                    &answered(&events),
                    &format!("{fault:?}", fault = fault(which)),
                );
            }
            // The process goes on, too, as soon as the disk does.
            check(&path, &answered(&events), "afterwards");
            encrypt(
                &kms,
                &kms.create_key(CreateKeyRequest::default()).expect("a disk that works").key_metadata.key_id,
                b"on",
            );
        }
        assert!(failed > 1, "the syncs that were to fail were asked for");
    }
}

#[test]
fn a_full_disk_is_named_and_changes_nothing() {
    let mut full = 0;
    for room in (0..120_000).step_by(4_999) {
        let recording = Recording::start();
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = folder.path().join("disk.vault");
        let kms = open(&path).expect("a vault");
        recording.plan(Some(Fault::Room(room)));
        let (mut key, mut refusals) = (None, Vec::<Error>::new());
        for number in 0..20 {
            match calls(&kms, number, &mut key) {
                Ok(answer) => recording.answered(answer.unwrap_or_default()),
                Err(error) => refusals.push(error),
            }
        }
        for refusal in &refusals {
            assert_eq!(refusal.kind(), ErrorKind::StoreFull, "{refusal:?}");
            assert!(refusal.message().contains("nothing was changed"));
        }
        full += refusals.len();
        // What is there can be read, and when there is room it goes on.
        let listed = kms.list_keys(ListKeysRequest::default()).expect("a full disk can be read").keys.len();
        let events = recording.events();
        let keys = answered(&events).iter().filter(|answer| answer.starts_with("key ")).count();
        assert_eq!(listed, keys, "no half of a call that was refused");
        recording.plan(None);
        check(&path, &answered(&events), &format!("{room} bytes"));
        kms.create_key(CreateKeyRequest::default()).expect("room again");
    }
    assert!(full > 20);
}

#[test]
fn a_write_that_fails_half_done_is_no_success_and_loses_nothing() {
    for which in 0.. {
        let recording = Recording::start();
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = folder.path().join("disk.vault");
        let kms = open(&path).expect("a vault");
        recording.plan(Some(Fault::Write(which)));
        let mut key = None;
        for number in 0..10 {
            let before = key.clone();
            recording.answered(match calls(&kms, number, &mut key) {
                Ok(answer) => answer.unwrap_or_default(),
                Err(_) => before.map_or_else(String::new, |key| format!("tried {key}")),
            });
        }
        if recording.plan(None) == 0 {
            assert!(which > 15, "{which} writes");
            return;
        }
        let events = recording.events();
        let mut numbers = Numbers(77 + which as u64);
        for unsynced in image::ALL {
            let image = image(&events, unsynced, &mut numbers);
            check(&image.path().join("disk.vault"), &answered(&events), &format!("write {which}, {unsynced:?}"));
        }
        check(&path, &answered(&events), "afterwards");
    }
}

/// A page of the file that holds something else: what needs it fails by name, everything else goes on.
#[test]
fn a_damaged_page_is_named_and_stays_alone() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("disk.vault");
    let kms = Opened::from(pocketkms_tests::vault::builder().0.create_file(&path, &root()).expect("a vault"));
    let keys: Vec<_> = (0..40).map(|_| pocketkms_tests::vault::create_key(&kms).key_id).collect();
    drop(kms);
    let whole = std::fs::read(&path).expect("the file");
    let pages = whole.len() / 4096;
    assert!(pages > 10);
    let (mut named, mut usable) = (0, 0);
    for page in 1..pages {
        let mut damaged = whole.clone();
        damaged[page * 4096..][..4096].fill(0xA5);
        std::fs::write(&path, damaged).expect("room");
        let kinds = [ErrorKind::StoreDamaged, ErrorKind::RecordCorrupted];
        let opened = match pocketkms_tests::vault::builder().0.open_file(&path, &root()) {
            Ok(vault) => Opened::from(vault),
            Err(error) => {
                assert!(kinds.contains(&error.kind()), "page {page}: {error:?}");
                named += 1;
                continue;
            }
        };
        let mut failures = 0;
        for key in &keys {
            let request = EncryptRequest { key_id: key.clone(), plaintext: b"x".to_vec().into(), ..Default::default() };
            match opened.encrypt(request) {
                Ok(_) => usable += 1,
                Err(error) => {
                    assert!(kinds.contains(&error.kind()), "page {page}: {error:?}");
                    failures += 1;
                }
            }
        }
        let verified = opened.vault.verify();
        let found = verified.map_or_else(|error| kinds.contains(&error.kind()), |damaged| !damaged.is_empty());
        assert!(found || failures == 0, "page {page}: {failures} calls failed, and verify is silent");
        named += usize::from(found);
        drop(opened);
        // Its log goes with it.
        for end in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(folder.path().join(format!("disk.vault{end}")));
        }
    }
    assert!(named > pages / 2, "{named} of {pages}");
    assert!(usable > 100, "{usable}");
    std::fs::write(&path, whole).expect("room");
    let vault = pocketkms_tests::vault::builder().0.open_file(&path, &root()).expect("a copy put back");
    assert_eq!(vault.verify().expect("it can be read"), []);
    let gone = keys[0].replace('-', "");
    assert_eq!(
        error(Opened::from(vault).describe_key(DescribeKeyRequest { key_id: gone, ..Default::default() })).kind(),
        ErrorKind::NotFound
    );
}
