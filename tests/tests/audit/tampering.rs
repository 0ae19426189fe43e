//! A trail that someone changed: each change is found and named.

use super::{describe_as, entries, found, number, open, patient, problems, put, remove, scene, stored, use_key};
use pocketkms::{AuditProblemKind, Record, Sealed};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, builder, create_key, root},
};

/// A trail of ten entries with twelve events.
fn trail() -> (Shared, Opened, String, Vec<String>) {
    let (store, kms, key, _clock) = scene(patient());
    for round in 0..6 {
        describe_as(&kms, &key, &format!("round {round}"));
    }
    use_key(&kms, &key, 4);
    kms.vault.flush_audit().unwrap();
    let entries = entries(&store);
    assert_eq!((entries.len(), kms.vault.verify_audit().unwrap().events), (10, 12));
    (store, kms, key, entries)
}

fn problems_of(store: &Shared) -> Vec<(AuditProblemKind, u64)> {
    problems(&open(store).vault.verify_audit().unwrap())
}

#[test]
fn an_untouched_one_is_whole() {
    let (store, kms, ..) = trail();
    assert_eq!(problems_of(&store), []);
    found(&kms, &[]);
}

#[test]
fn each_entry_that_is_removed_is_named() {
    let (store, _, _, entries) = trail();
    let whole = store.records();
    for entry in &entries {
        remove(&store, entry);
        assert_eq!(problems_of(&store), [(AuditProblemKind::Removed, number(entry))], "{entry}");
        found(&open(&store), &[(entry, "gone")]);
        store.replace(whole.clone());
    }
}

#[test]
fn several_that_are_removed_together_are_counted() {
    let (store, _, _, entries) = trail();
    (3..6).for_each(|at| remove(&store, &entries[at]));
    let report = open(&store).vault.verify_audit().unwrap();
    assert_eq!(problems(&report), [(AuditProblemKind::Removed, number(&entries[5]))]);
    assert!(report.problems[0].explanation.contains("3 events"), "{report:?}");
    // All of the end, and all there is.
    (6..10).for_each(|at| remove(&store, &entries[at]));
    assert_eq!(problems_of(&store), [(AuditProblemKind::Removed, number(&entries[9]))]);
    (0..3).for_each(|at| remove(&store, &entries[at]));
    assert_eq!(problems_of(&store), [(AuditProblemKind::Removed, number(&entries[9]))]);
}

#[test]
fn each_entry_that_is_edited_is_named() {
    let (store, _, _, entries) = trail();
    let whole = store.records();
    for entry in &entries {
        store.tamper_bytes(entry, |bytes| *bytes.last_mut().unwrap() ^= 1);
        assert_eq!(problems_of(&store), [(AuditProblemKind::Edited, number(entry))]);
        found(&open(&store), &[(entry, "altered")]);
        store.replace(whole.clone());
    }
}

#[test]
fn entries_that_change_places_are_named() {
    let (store, _, _, entries) = trail();
    let (one, other) = (stored(&store, &entries[3]), stored(&store, &entries[5]));
    put(&store, &Record { value: other.value.clone(), ..one.clone() });
    put(&store, &Record { value: one.value, ..other });
    let expected = [&entries[3], &entries[5]].map(|entry| (AuditProblemKind::Reordered, number(entry)));
    assert_eq!(problems_of(&store), expected);
}

#[test]
fn entries_of_another_copy_are_named() {
    let (store, kms, key, entries) = trail();
    // Two copies go on, each its own way.
    let other_store = store.copy();
    let other = open(&other_store);
    for round in 0..3 {
        describe_as(&kms, &key, &format!("here {round}"));
        describe_as(&other, &key, &format!("there {round}"));
    }
    let whole = store.records();
    for own in &super::entries(&store)[10..13] {
        put(&store, &stored(&other_store, own));
        let found = problems_of(&store);
        assert!(!found.is_empty(), "{own}");
        assert!(found.iter().all(|(kind, _)| *kind != AuditProblemKind::Gap));
        assert!(found.iter().any(|(_, entry)| number(own).abs_diff(*entry) <= 1), "{found:?}");
        store.replace(whole.clone());
    }
    // One that the vault never had.
    put(&store, &Record { name: format!("audit/{:020}", 10_000), ..stored(&store, &entries[0]) });
    put(&store, &Record { name: "audit/x".into(), revision: 1, value: Sealed::from_stored(b"x") });
    let found = problems_of(&store);
    assert!(found.iter().any(|(_, entry)| *entry == 10_000), "{found:?}");
    assert!(found.contains(&(AuditProblemKind::Inserted, 0)), "{found:?}");
}

#[test]
fn a_record_in_the_place_of_the_next_entry_stops_no_one() {
    let (store, kms, key, entries) = trail();
    put(&store, &Record { name: format!("audit/{:020}", number(&entries[9]) + 1), ..stored(&store, &entries[0]) });
    describe_as(&kms, &key, "still");
    create_key(&kms);
    assert_eq!(problems_of(&store), []);
    found(&kms, &[]);
}

#[test]
fn a_generation_that_is_gone_is_named() {
    let (store, kms, _, entries) = trail();
    drop(kms);
    let opened = open(&store);
    remove(&store, "generation");
    remove(&store, entries.last().unwrap());
    let damaged = opened.vault.verify();
    let named = damaged.as_ref().map(|found| found.iter().any(|record| record.name == "generation"));
    assert!(named.unwrap_or(true), "{damaged:?}");
    drop(opened);
    let damaged = builder().0.open(store, &root()).and_then(|vault| vault.verify());
    assert!(damaged.as_ref().is_ok_and(|found| found.iter().any(|record| record.name == "generation")), "{damaged:?}");
}
