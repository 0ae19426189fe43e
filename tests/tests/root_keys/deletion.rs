//! What rotating the vault key promises: after deletion, `rotate_vault_key` and removal of the old wraps, no earlier copy opens with
//! a root key that remains.

use super::{RemoteKey, Scene, open, passphrase};
use pocketkms::{
    Change, CommitError, Error, ErrorKind, Record, Result, RootKey, Store, StoreError, Vault,
    api::{ScheduleKeyDeletionRequest, UpdateKeyDescriptionRequest},
};
use pocketkms_tests::{
    store::{Fault, Faulty, Shared},
    vault::{Opened, builder, create_alias, create_key, decrypt, describe, encrypt, error, explained, root, root_of},
};
use std::sync::{Arc, Mutex};

/// A store that keeps a copy of every state it ever was in, as flash memory and backups may.
#[derive(Clone, Default)]
struct Remembering {
    store: Shared,
    states: Arc<Mutex<Vec<Vec<Record>>>>,
}

impl Remembering {
    fn states(&self) -> Vec<Vec<Record>> {
        self.states.lock().expect("no test panics in here").clone()
    }
}

impl Store for Remembering {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        self.store.get(name)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.store.scan(prefix, after, limit)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        assert!(changes.len() <= 100, "{} changes", changes.len());
        self.store.commit(changes)?;
        self.states.lock().expect("no test panics in here").push(self.store.records());
        Ok(())
    }

    fn is_durable(&self) -> bool {
        true
    }
}

fn of(records: &[Record]) -> Shared {
    let store = Shared::new();
    store.replace(records.to_vec());
    store
}

#[test]
fn no_earlier_copy_opens_with_a_root_key_that_remains() {
    let store = Remembering::default();
    let (builder, clock) = builder();
    let kms = Opened::from(builder.create_in(store.clone(), &root()).unwrap());
    kms.vault.add_root_key(&passphrase("correct horse"), "admin").unwrap();
    let (kept, deleted) = (create_key(&kms).key_id, create_key(&kms).key_id);
    for _ in 0..120 {
        create_key(&kms);
    }
    let (kept_blob, deleted_blob) = (encrypt(&kms, &kept, b"kept"), encrypt(&kms, &deleted, b"deleted"));
    let mut snapshots = vec![kms.vault.snapshot().unwrap()];
    let request = ScheduleKeyDeletionRequest { key_id: deleted.clone(), pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request).unwrap();
    snapshots.push(kms.vault.snapshot().unwrap());
    clock.advance_days(8);
    kms.vault.confirm_time().unwrap();

    let new = root_of(8);
    kms.vault.shred(&new).unwrap();
    let recovery = kms.vault.add_recovery_key("safe").unwrap();
    let recovery = RootKey::from_recovery_key(recovery.text.expose()).unwrap();
    let states = store.states();
    let last = of(states.last().unwrap());

    // What remains opens the vault as it is now, without the deleted key.
    for root in [&new, &recovery] {
        let opened = open(&last, root).unwrap();
        assert_eq!(decrypt(&opened, &kept_blob).unwrap(), b"kept");
        assert!(decrypt(&opened, &deleted_blob).is_err());
    }
    for root in [root(), passphrase("correct horse")] {
        explained(open(&last, &root), ErrorKind::WrongRootKey, &[]);
    }
    // No copy of the store that held the key opens with it, from whatever moment, those of the rotation itself included.
    // What it is charged for stays.
    let is_of_key = |name: &str| name.contains(&deleted.replace('-', "")) && !name.starts_with("deleted-key/");
    let holds = |records: &[Record]| records.iter().any(|record| is_of_key(&record.name));
    let earlier: Vec<_> = states.iter().filter(|state| holds(state)).collect();
    assert!(earlier.len() > 120);
    let begun = states.iter().filter(|state| open(&of(state), &new).is_err()).count();
    assert!(begun > earlier.len() + 2, "the states of the rotation are among them");
    for state in &earlier {
        for root in [&new, &recovery] {
            explained(open(&of(state), root), ErrorKind::WrongRootKey, &[]);
        }
    }
    // Nor with the vault key of a later state, whose records stand beside it.
    let header = states.last().unwrap().iter().find(|record| record.name == "vault").unwrap();
    for state in earlier.iter().step_by(10) {
        let mixed = of(state);
        mixed.tamper("vault", |record| *record = header.clone());
        assert_ne!(
            open(&mixed, &new).ok().and_then(|kms| decrypt(&kms, &deleted_blob).ok()),
            Some(b"deleted".to_vec())
        );
    }
    for snapshot in &snapshots {
        for root in [&new, &recovery] {
            explained(Vault::builder().open_snapshot(snapshot, root), ErrorKind::WrongRootKey, &[]);
        }
        // The former root keys have to be destroyed: no one can do that here.
        let opened = Opened::from(Vault::builder().open_snapshot(snapshot, &root()).unwrap());
        assert_eq!(decrypt(&opened, &kept_blob).unwrap(), b"kept");
    }
}

#[test]
fn shredding_takes_a_new_root_key_that_a_person_can_keep() {
    let scene = Scene::new();
    scene.kms.vault.add_root_key(&passphrase("second"), "").unwrap();
    let before = scene.store.records();
    for known in [root(), passphrase("second")] {
        explained(
            scene.kms.vault.shred(&known),
            ErrorKind::Validation,
            &["opens the vault already", "takes a new one"],
        );
    }
    explained(scene.kms.vault.shred(&RemoteKey::default().root("hsm")), ErrorKind::LastRootKey, &["a person"]);
    assert_eq!(scene.store.records(), before);
}

#[test]
fn rotating_takes_every_root_key_of_the_vault() {
    let scene = Scene::new();
    let elsewhere = RemoteKey::default();
    scene.kms.vault.add_root_key(&passphrase("second"), "admin").unwrap();
    scene.kms.vault.add_root_key(&elsewhere.root("hsm"), "HSM").unwrap();
    let before = scene.store.records();
    let rotate = |roots: &[&RootKey]| scene.kms.vault.rotate_vault_key(roots);
    let hsm = elsewhere.root("hsm");
    explained(rotate(&[&root(), &hsm]), ErrorKind::Validation, &["was not given", "'admin'"]);
    explained(rotate(&[]), ErrorKind::Validation, &["was not given"]);
    let four: [&RootKey; 4] = [&root(), &passphrase("second"), &hsm, &root_of(9)];
    explained(rotate(&four), ErrorKind::WrongRootKey, &["does not open this vault", "add it first"]);
    assert_eq!(scene.store.records(), before);
    let infos = scene.kms.vault.root_keys().unwrap();
    rotate(&four[..3]).unwrap();
    // They are the same root keys as before, with other bytes.
    assert_eq!(scene.kms.vault.root_keys().unwrap(), infos);
    for root in &four[..3] {
        scene.opens(root);
    }
    assert!(scene.store.records().iter().zip(&before).all(|(new, old)| new.value != old.value));
}

/// A process that ends after any commit leaves a vault that works, and that another process goes on with.
#[test]
fn a_rotation_that_was_cut_off_is_gone_on_with() {
    for shred in [false, true] {
        for cut in 0.. {
            let shared = Shared::new();
            let faulty = Faulty::new(shared.clone());
            let kms = Opened::from(builder().0.create_in(faulty.clone(), &root()).unwrap());
            let key = create_key(&kms).key_id;
            let blob = encrypt(&kms, &key, b"kept");
            for _ in 0..100 {
                create_key(&kms);
            }
            let other = open(&shared, &root()).unwrap();
            faulty.plan(Fault::CommitRefused, cut);
            let new = root_of(8);
            let result = if shred { kms.vault.shred(&new) } else { kms.vault.rotate_vault_key(&[&root()]) };
            if result.is_ok() {
                assert!(cut >= 5, "begun, three pages, ended: {cut}");
                break;
            }
            // Meanwhile a handle that is open, one that is opened now and a copy all read and write.
            let copy = Opened::from(Vault::builder().open_snapshot(&other.vault.snapshot().unwrap(), &root()).unwrap());
            let opened = open(&shared, &root()).unwrap();
            for kms in [&other, &opened, &copy] {
                assert_eq!(decrypt(kms, &blob).unwrap(), b"kept");
                let request = UpdateKeyDescriptionRequest { key_id: key.clone(), description: format!("{cut}") };
                kms.execute(&request).unwrap();
                create_alias(kms, &format!("alias/{kms:p}"), &key);
                assert_eq!(kms.vault.verify().unwrap(), []);
            }
            if shred {
                let error: Error = error(open(&shared, &new));
                assert_eq!(error.kind(), ErrorKind::WrongRootKey);
                assert!(cut == 0 || error.message().contains("finish the rotation"), "{cut}: {error}");
            }
            if cut > 0 {
                explained(opened.vault.add_root_key(&root_of(9), ""), ErrorKind::Conflict, &["being rotated"]);
                explained(opened.vault.add_recovery_key(""), ErrorKind::Conflict, &["finish the rotation first"]);
            }
            // A shredding with the same root key again, a rotation just to its end.
            let by = if shred {
                if cut > 0 {
                    explained(opened.vault.finish_rotation(), ErrorKind::Conflict, &["call shred with that root key"]);
                }
                opened.vault.shred(&new).unwrap();
                &new
            } else {
                assert_eq!(opened.vault.finish_rotation().unwrap(), cut > 0, "{cut}");
                &root()
            };
            assert!(!opened.vault.finish_rotation().unwrap());
            let reopened = open(&shared, by).unwrap();
            assert_eq!(describe(&reopened, &key).description, format!("{cut}"));
            assert_eq!(decrypt(&reopened, &blob).unwrap(), b"kept");
            assert_eq!(reopened.vault.verify().unwrap(), []);
            let records = shared.records();
            let epochs =
                records.iter().filter(|record| record.name != "vault").map(|record| record.value.as_bytes()[5]);
            assert_eq!(epochs.collect::<std::collections::BTreeSet<_>>().len(), 1);
        }
    }
}

#[test]
fn shred_is_not_taken_for_done_after_a_rotation_that_was_cut_off() {
    let shared = Shared::new();
    let faulty = Faulty::new(shared.clone());
    let kms = Opened::from(builder().0.create_in(faulty.clone(), &root()).unwrap());
    create_key(&kms);
    faulty.plan(Fault::CommitRefused, 1);
    assert!(kms.vault.rotate_vault_key(&[&root()]).is_err());
    // Earlier copies open with this root key, so that nothing was shredded.
    let opened = open(&shared, &root()).unwrap();
    explained(opened.vault.shred(&root()), ErrorKind::Validation, &["opens the vault already"]);
    assert_eq!(opened.vault.root_keys().unwrap().len(), 1);
}

#[test]
fn a_root_key_that_is_given_often_wraps_once() {
    let kms = Opened::from(builder().0.create_in_memory(&root()).unwrap());
    for byte in 10..20 {
        kms.vault.add_root_key(&root_of(byte), "").unwrap();
    }
    let given: Vec<RootKey> = (10..20).map(root_of).chain([root()]).flat_map(|key| [key, root()]).collect();
    let twice: Vec<&RootKey> = given.iter().chain(&given).collect();
    kms.vault.rotate_vault_key(&twice).unwrap();
    assert_eq!(kms.vault.root_keys().unwrap().len(), 11);
    kms.vault.rotate_vault_key(&twice).unwrap();
    let snapshot = kms.vault.snapshot().unwrap();
    Vault::builder().open_snapshot(&snapshot, &root_of(15)).unwrap();
}
