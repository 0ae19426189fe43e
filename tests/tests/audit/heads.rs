//! A head that is kept elsewhere: a store that was put back as a whole is refused.

use super::{describe_as, entries, open, patient, put, remove, scene, stored, use_key};
use pocketkms::{Audit, ErrorKind, Result, Timestamp, Vault};
use pocketkms_tests::{
    store::Shared,
    vault::{START, builder, create_key, explained, root},
};

fn open_at(store: &Shared, head: &str) -> Result<Vault> {
    builder().0.expected_head(head).open(store.clone(), &root())
}

#[test]
fn the_same_state_and_later_ones_are_opened() {
    let (store, kms, key, _clock) = scene(patient());
    let head = kms.vault.head().unwrap();
    assert!(head.bytes().all(|byte| byte.is_ascii_graphic()) && head.len() < 200, "{head}");
    assert_eq!(kms.vault.head().unwrap(), head);
    open_at(&store, &head).unwrap();
    for round in 0..3 {
        describe_as(&kms, &key, &format!("{round}"));
        use_key(&kms, &key, 1);
        open_at(&store, &head).unwrap();
        open_at(&store, &kms.vault.head().unwrap()).unwrap();
    }
    kms.vault.rotate_vault_key(&[&root()]).unwrap();
    open_at(&store, &head).unwrap();
    let snapshot = kms.vault.snapshot().unwrap();
    builder().0.expected_head(&head).open_snapshot(&snapshot, &root()).unwrap();
}

#[test]
fn an_older_state_is_refused() {
    let (store, kms, key, _clock) = scene(patient());
    let (old, snapshot) = (store.records(), kms.vault.snapshot().unwrap());
    describe_as(&kms, &key, "new");
    let head = kms.vault.head().unwrap();
    drop(kms);
    store.replace(old);
    explained(open_at(&store, &head), ErrorKind::RolledBack, &["older than the expected head"]);
    explained(
        builder().0.expected_head(&head).open_snapshot(&snapshot, &root()),
        ErrorKind::RolledBack,
        &["older than the expected head"],
    );
    // And when it has come as far again.
    let kms = open(&store);
    for round in 0..3 {
        describe_as(&kms, &key, &format!("other {round}"));
        explained(open_at(&store, &head), ErrorKind::RolledBack, &["no continuation"]);
    }
}

#[test]
fn another_vault_and_what_is_no_head_are_refused() {
    let (store, ..) = scene(patient());
    let (_, other, ..) = scene(patient());
    let head = other.vault.head().unwrap();
    explained(open_at(&store, &head), ErrorKind::RolledBack, &["another vault"]);
    for text in ["", "pkms1-", &head[1..], &head[..head.len() - 1], &head.replace("pkms1", "pkms2")] {
        explained(open_at(&store, text), ErrorKind::Validation, &["expected head"]);
    }
}

#[test]
fn a_trail_with_a_hole_since_then_is_no_continuation() {
    let (store, kms, key, _clock) = scene(patient());
    let head = kms.vault.head().unwrap();
    (0..3).for_each(|round| describe_as(&kms, &key, &format!("{round}")));
    let entries = entries(&store);
    let whole = store.records();
    for entry in &entries[3..] {
        let record = stored(&store, entry);
        remove(&store, entry);
        explained(open_at(&store, &head), ErrorKind::RolledBack, &["no continuation"]);
        put(&store, &record);
        store.tamper_bytes(entry, |bytes| *bytes.last_mut().unwrap() ^= 1);
        explained(open_at(&store, &head), ErrorKind::RolledBack, &["no continuation"]);
        store.replace(whole.clone());
    }
    open_at(&store, &head).unwrap();
}

#[test]
fn a_removal_of_old_events_asks_for_a_new_head() {
    let (store, kms, key, clock) = scene(patient());
    let old = kms.vault.head().unwrap();
    (0..3).for_each(|round| describe_as(&kms, &key, &format!("{round}")));
    let head = kms.vault.head().unwrap();
    clock.set(Timestamp::from_millis(START.as_millis() + 10_000));
    describe_as(&kms, &key, "later");
    assert!(kms.vault.remove_audit_before(Timestamp::from_millis(START.as_millis() + 5_000)).unwrap() > 0);
    explained(open_at(&store, &old), ErrorKind::RolledBack, &["were removed"]);
    open_at(&store, &kms.vault.head().unwrap()).unwrap();
    // The last one before what is kept still leads there.
    open_at(&store, &head).unwrap();
}

#[test]
fn without_a_trail_only_the_age_is_known() {
    let (store, kms, key, _clock) = scene(Audit::off());
    let old = store.records();
    let head = kms.vault.head().unwrap();
    describe_as(&kms, &key, "new");
    open_at(&store, &head).unwrap();
    let later = kms.vault.head().unwrap();
    drop(kms);
    store.replace(old);
    explained(open_at(&store, &later), ErrorKind::RolledBack, &["older"]);
    create_key(&open(&store));
}
