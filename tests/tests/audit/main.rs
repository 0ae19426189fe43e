//! The audit trail: when events are stored, and what of a trail that someone changed is found.
//!
//! What an event says is tested elsewhere: here it counts that it is there.

mod doubtful;
mod driven;
mod flushing;
mod heads;
mod hostile;
mod removed;
mod retention;
mod sharing;
mod tampering;

use pocketkms::{Audit, AuditProblemKind, AuditReport, ManualClock, Record, api::UpdateKeyDescriptionRequest};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, builder, create_alias, create_key, encrypt, root},
};
use std::time::Duration;

/// A store, a vault in it whose events wait for so long, a key with the alias `alias/one`, and the vault's clock.
fn scene(audit: Audit) -> (Shared, Opened, String, ManualClock) {
    let store = Shared::new();
    let (builder, clock) = builder();
    let kms = Opened::from(builder.audit(audit).create_in(store.clone(), &root()).unwrap());
    let key = create_key(&kms).key_id;
    create_alias(&kms, "alias/one", &key);
    (store, kms, key, clock)
}

/// Events wait until they are asked for.
fn patient() -> Audit {
    Audit::window(Duration::from_secs(1_000_000))
}

fn open(store: &Shared) -> Opened {
    builder().0.open(store.clone(), &root()).unwrap().into()
}

fn describe_as(kms: &Opened, key: &str, description: &str) {
    let request = UpdateKeyDescriptionRequest { key_id: key.into(), description: description.into() };
    kms.update_key_description(request).unwrap();
}

/// The names of the trail's records.
fn entries(store: &Shared) -> Vec<String> {
    store.entries()
}

fn stored(store: &Shared, name: &str) -> Record {
    store.records().into_iter().find(|record| record.name == name).unwrap()
}

/// Takes a record away behind the vault's back.
fn remove(store: &Shared, name: &str) {
    let records = store.records().into_iter().filter(|record| record.name != name).collect();
    store.replace(records);
}

/// Puts a record there behind the vault's back.
fn put(store: &Shared, record: &Record) {
    let others = store.records().into_iter().filter(|other| other.name != record.name);
    store.replace(others.chain([record.clone()]).collect());
}

fn number(entry: &str) -> u64 {
    entry.strip_prefix("audit/").unwrap().parse().unwrap()
}

/// What is wrong with the trail: of which kind, and at which entry.
fn problems(report: &AuditReport) -> Vec<(AuditProblemKind, u64)> {
    report.problems.iter().map(|problem| (problem.kind, problem.entry)).collect()
}

/// What `verify` finds: names, and whether their explanation has the word.
#[track_caller]
fn found(kms: &Opened, expected: &[(&str, &str)]) {
    let damaged = kms.vault.verify().unwrap();
    let names: Vec<_> = damaged.iter().map(|damaged| &*damaged.name).collect();
    assert_eq!(names, expected.iter().map(|(name, _)| *name).collect::<Vec<_>>(), "{damaged:?}");
    for (damaged, (_, word)) in damaged.iter().zip(expected) {
        assert!(damaged.explanation.contains(word), "'{}' does not say '{word}'", damaged.explanation);
    }
}

/// As many calls that change nothing.
fn use_key(kms: &Opened, key: &str, times: usize) {
    (0..times).for_each(|_| drop(encrypt(kms, key, b"x")));
}
