//! When events are stored, and what happens where they cannot be.

use super::{describe_as, entries, open, patient, problems, scene, use_key};
use pocketkms::{
    Audit, AuditProblemKind, ErrorKind, Vault,
    api::{CreateKeyRequest, DescribeKeyRequest, EncryptRequest},
};
use pocketkms_tests::{
    store::{Counted, Fault, Faulty, Shared},
    vault::{Opened, START, builder, create_key, encrypt, error, root},
};
use std::time::Duration;

fn events(kms: &Opened) -> u64 {
    let report = kms.vault.verify_audit().unwrap();
    assert_eq!(report.problems, []);
    report.events
}

/// How many events are in the store, whatever waits in memory.
fn stored_events(store: &Shared) -> u64 {
    events(&open(store))
}

#[test]
fn a_change_and_its_event_are_in_one_commit() {
    let store = Counted::default();
    let (builder, _clock) = builder();
    let kms = Opened::from(builder.audit(patient()).create_in(store.clone(), &root()).unwrap());
    let before = store.commits();
    let key = create_key(&kms).key_id;
    assert_eq!(store.commits(), before + 1);
    describe_as(&kms, &key, "new");
    assert_eq!(store.commits(), before + 2);
    assert_eq!(events(&kms), 2);
}

#[test]
fn a_change_that_is_not_made_leaves_no_event() {
    let shared = Shared::new();
    let store = Faulty::new(shared.clone());
    let (builder, _clock) = builder();
    let kms = Opened::from(builder.audit(patient()).create_in(store.clone(), &root()).unwrap());
    let before = shared.records();
    store.plan(Fault::CommitRefused, 0);
    assert_eq!(error(kms.create_key(CreateKeyRequest::default())).kind(), ErrorKind::Store);
    assert!(store.recover());
    assert_eq!(shared.records(), before);
    // An answer that was lost is no event that was.
    store.plan(Fault::AnswerLost, 0);
    let _ = kms.create_key(CreateKeyRequest::default());
    assert!(store.recover());
    let keys = shared.names().iter().filter(|name| name.starts_with("key/")).count() as u64;
    assert_eq!(stored_events(&shared), keys);
    assert_eq!(open(&shared).vault.verify().unwrap(), []);
}

#[test]
fn calls_that_change_nothing_wait_for_the_window() {
    let (store, kms, key, clock) = scene(Audit::window(Duration::from_secs(5)));
    use_key(&kms, &key, 3);
    assert_eq!(stored_events(&store), 2);
    clock.set(pocketkms::Timestamp::from_millis(START.as_millis() + 4_999));
    use_key(&kms, &key, 1);
    assert_eq!(stored_events(&store), 2);
    clock.set(pocketkms::Timestamp::from_millis(START.as_millis() + 5_000));
    use_key(&kms, &key, 1);
    assert_eq!(stored_events(&store), 7);
    // A clock that is set back says nothing about how long they have waited.
    use_key(&kms, &key, 1);
    clock.set(START);
    use_key(&kms, &key, 1);
    assert_eq!(stored_events(&store), 9);
}

#[test]
fn a_thousand_of_them_wait_for_nothing() {
    let (store, kms, key, _clock) = scene(patient());
    use_key(&kms, &key, 999);
    assert_eq!(stored_events(&store), 2);
    use_key(&kms, &key, 1);
    assert_eq!(stored_events(&store), 1002);
    assert_eq!(entries(&store).len(), 4);
}

#[test]
fn large_ones_wait_for_less() {
    let (store, kms, key, _clock) = scene(patient());
    let context = [("note", &*"x".repeat(7000))].into();
    let request = EncryptRequest {
        key_id: key,
        plaintext: b"x".to_vec().into(),
        encryption_context: Some(context),
        ..Default::default()
    };
    (0..80).for_each(|_| drop(kms.execute(&request).unwrap()));
    assert!(stored_events(&store) > 60, "{}", stored_events(&store));
}

#[test]
fn they_are_stored_when_they_are_asked_for_and_at_the_end() {
    let (store, kms, key, _clock) = scene(patient());
    use_key(&kms, &key, 2);
    kms.vault.flush_audit().unwrap();
    assert_eq!(stored_events(&store), 4);
    let before = entries(&store);
    kms.vault.flush_audit().unwrap();
    assert_eq!(entries(&store), before, "nothing to store is no commit");
    use_key(&kms, &key, 1);
    kms.vault.close();
    assert_eq!(stored_events(&store), 5);
    let dropped = open(&store);
    use_key(&dropped, &key, 1);
    drop(dropped);
    assert_eq!(stored_events(&store), 6);
    let saved = open(&store);
    use_key(&saved, &key, 1);
    let snapshot = saved.vault.snapshot().unwrap();
    let copy = Opened::from(builder().0.open_snapshot(&snapshot, &root()).unwrap());
    assert_eq!(events(&copy), 7);
    assert_eq!(copy.vault.verify().unwrap(), []);
}

#[test]
fn a_window_of_zero_stores_each_before_its_answer() {
    let (store, kms, key, _clock) = scene(Audit::window(Duration::ZERO));
    use_key(&kms, &key, 1);
    assert_eq!(stored_events(&store), 3);
    let request = DescribeKeyRequest { key_id: "alias/none".into(), ..Default::default() };
    assert_eq!(error(kms.describe_key(request)).kind(), ErrorKind::NotFound);
    assert_eq!(stored_events(&store), 4);
}

/// A vault whose store takes nothing.
fn failing(audit: Audit) -> (Shared, Faulty, Opened, String) {
    let shared = Shared::new();
    let store = Faulty::new(shared.clone());
    let (builder, _clock) = builder();
    let kms = Opened::from(builder.audit(audit).create_in(store.clone(), &root()).unwrap());
    let key = create_key(&kms).key_id;
    store.plan(Fault::CommitRefused, 0);
    (shared, store, kms, key)
}

#[test]
fn strictly_nothing_is_given_out_whose_event_is_not_stored() {
    let (shared, store, kms, key) = failing(Audit::strict());
    let request = EncryptRequest { key_id: key.clone(), plaintext: b"x".to_vec().into(), ..Default::default() };
    assert_eq!(error(kms.execute(&request)).kind(), ErrorKind::Store);
    let missing = DescribeKeyRequest { key_id: "alias/none".into(), ..Default::default() };
    assert_eq!(error(kms.describe_key(missing.clone())).kind(), ErrorKind::Store);
    store.recover();
    assert_eq!(stored_events(&shared), 1);
    encrypt(&kms, &key, b"x");
    assert_eq!(stored_events(&shared), 2);
    // With the event of the one that failed before.
    assert_eq!(error(kms.describe_key(missing)).kind(), ErrorKind::NotFound);
    assert_eq!(stored_events(&shared), 4);
}

#[test]
fn a_store_that_takes_nothing_stops_no_encryption_and_leaves_a_gap() {
    let (shared, store, kms, key) = failing(patient());
    use_key(&kms, &key, 6000);
    assert_eq!(error(kms.create_key(CreateKeyRequest::default())).kind(), ErrorKind::Store);
    store.recover();
    kms.vault.flush_audit().unwrap();
    let report = open(&shared).vault.verify_audit().unwrap();
    assert_eq!(report.problems.len(), 1, "{report:?}");
    assert_eq!(problems(&report)[0].0, AuditProblemKind::Gap);
    // Of 1 + 6000 (and one that failed) some are there, the others are counted by the one that says so.
    let lost: u64 = report.problems[0].explanation.split(' ').next().unwrap().parse().unwrap();
    assert!(lost > 0 && report.events > 4000, "{report:?}");
    let recorded = report.events - 1 + lost;
    assert!((6001..=6002).contains(&recorded), "{recorded}");
    assert_eq!(kms.vault.verify().unwrap(), []);
}

#[test]
fn without_an_audit_there_is_no_trail() {
    let (store, kms, key, _clock) = scene(Audit::off());
    use_key(&kms, &key, 3);
    kms.vault.flush_audit().unwrap();
    assert_eq!(entries(&store), [""; 0]);
    assert_eq!(kms.vault.verify().unwrap(), []);
    assert_eq!(events(&kms), 0);
    drop(kms);
    // It begins where the host wants it, and is continued where it does not.
    let kms = open(&store);
    describe_as(&kms, &key, "new");
    assert_eq!(events(&kms), 1);
    drop(kms);
    let kms = Opened::from(Vault::builder().audit(Audit::off()).open(store.clone(), &root()).unwrap());
    describe_as(&kms, &key, "newer");
    assert_eq!(events(&kms), 1);
    assert_eq!(kms.vault.verify().unwrap(), []);
}
