//! Removing old events: what is left is verified as before.

use super::{describe_as, entries, found, number, open, patient, problems, put, remove, scene, stored, use_key};
use pocketkms::{
    Audit, AuditProblemKind, ManualClock, Record, Sealed, Timestamp,
    api::{DeleteAliasRequest, EncryptRequest},
};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, START, builder, create_alias, create_key, root},
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(START.as_millis() + second * 1000)
}

/// Opens the vault when its clock shows that second.
fn open_at(store: &Shared, second: i64) -> (Opened, ManualClock) {
    let (builder, clock) = builder();
    clock.set(at(second));
    (builder.open(store.clone(), &root()).unwrap().into(), clock)
}

/// Each second of the clock a few changes, with a new key, an alias that comes and goes, and one that is put elsewhere.
fn live(kms: &Opened, clock: &ManualClock, key: &str, seconds: std::ops::Range<i64>) {
    for second in seconds {
        clock.set(at(second));
        create_key(kms);
        let alias = format!("alias/at-{second}");
        create_alias(kms, &alias, key);
        describe_as(kms, key, &format!("at {second}"));
        if second % 2 == 0 {
            kms.delete_alias(DeleteAliasRequest { alias_name: alias }).unwrap();
        }
        use_key(kms, key, 2);
        kms.vault.flush_audit().unwrap();
    }
}

#[track_caller]
fn is_whole(kms: &Opened) -> u64 {
    found(kms, &[]);
    let report = kms.vault.verify_audit().unwrap();
    assert_eq!(report.problems, []);
    report.events
}

#[test]
fn what_is_left_is_whole_each_time() {
    let (store, kms, key, clock) = scene(patient());
    live(&kms, &clock, &key, 0..60);
    let all = is_whole(&kms);
    assert_eq!(kms.vault.remove_audit_before(at(0)).unwrap(), 0);
    let mut gone = 0;
    for second in [1, 2, 20, 21, 40] {
        let removed = kms.vault.remove_audit_before(at(second)).unwrap();
        assert!(removed > 0);
        gone += removed;
        let left = is_whole(&open(&store));
        assert!(left + gone >= all && left + gone <= all + 6, "{left} {gone} {all}");
    }
    live(&kms, &clock, &key, 60..70);
    is_whole(&kms);
    // All but the newest, twice.
    for _ in 0..3 {
        kms.vault.remove_audit_before(at(1000)).unwrap();
        is_whole(&kms);
        is_whole(&open(&store));
        describe_as(&kms, &key, "once more");
    }
    kms.vault.rotate_vault_key(&[&root()]).unwrap();
    is_whole(&kms);
}

#[test]
fn records_are_verified_by_what_removed_entries_said() {
    let (store, kms, key, clock) = scene(patient());
    let name = format!("key/us-east-1/{}", key.replace('-', ""));
    let first = stored(&store, &name);
    let gone = "alias/000000000000/us-east-1/alias/one";
    let alias = stored(&store, gone);
    describe_as(&kms, &key, "new");
    kms.delete_alias(DeleteAliasRequest { alias_name: "alias/one".into() }).unwrap();
    clock.set(at(10));
    for _ in 0..3 {
        kms.vault.remove_audit_before(at(5)).unwrap();
        create_key(&kms);
        kms.vault.remove_audit_before(at(1000)).unwrap();
    }
    found(&kms, &[]);
    drop(kms);
    let whole = store.records();
    put(&store, &first);
    found(&open(&store), &[(&name, "put back")]);
    store.replace(whole.clone());
    put(&store, &alias);
    found(&open(&store), &[(gone, "no entry")]);
    store.replace(whole);
    remove(&store, &name);
    found(&open(&store), &[(&name, "gone")]);
}

#[test]
fn entries_that_are_put_back_are_named() {
    let (store, kms, key, clock) = scene(patient());
    live(&kms, &clock, &key, 0..5);
    let old = entries(&store);
    let records: Vec<_> = old.iter().map(|name| stored(&store, name)).collect();
    clock.set(at(100));
    kms.vault.remove_audit_before(at(3)).unwrap();
    put(&store, &records[2]);
    let report = open(&store).vault.verify_audit().unwrap();
    assert_eq!(problems(&report), [(AuditProblemKind::Inserted, number(&old[2]))]);
    remove(&store, &old[2]);
    // Nor can more be removed than were.
    let kept = entries(&store);
    remove(&store, &kept[0]);
    let report = open(&store).vault.verify_audit().unwrap();
    assert_eq!(problems(&report), [(AuditProblemKind::Removed, number(&kept[0]))]);
}

#[test]
fn a_vault_in_memory_keeps_the_newest() {
    let (builder, _clock) = builder();
    let kms = Opened::from(builder.create_in_memory(&root()).unwrap());
    let key = create_key(&kms).key_id;
    use_key(&kms, &key, 15_500);
    kms.vault.flush_audit().unwrap();
    let left = is_whole(&kms);
    assert!((9_000..=12_500).contains(&left), "{left}");
}

#[test]
fn large_events_are_kept_in_memory_only_up_to_a_size() {
    let (builder, _clock) = builder();
    let kms = Opened::from(builder.create_in_memory(&root()).unwrap());
    let context = [("note", &*"x".repeat(7000))].into();
    let request = EncryptRequest {
        key_id: create_key(&kms).key_id,
        plaintext: b"x".to_vec().into(),
        encryption_context: Some(context),
        ..Default::default()
    };
    (0..5_000).for_each(|_| drop(kms.execute(&request).unwrap()));
    kms.vault.flush_audit().unwrap();
    let (left, length) = (is_whole(&kms), kms.vault.snapshot().unwrap().len());
    assert!((1_500..3_500).contains(&left), "{left}");
    assert!(length < 22 << 20, "{length}");
}

#[test]
fn damaged_entries_are_removed_with_those_around_them() {
    let (store, kms, key, clock) = scene(patient());
    live(&kms, &clock, &key, 0..5);
    let damaged = entries(&store).split_off(10);
    live(&kms, &clock, &key, 5..10);
    drop(kms);
    for name in [&damaged[0], &damaged[1], &damaged[3]] {
        let record = stored(&store, name);
        put(&store, &Record { value: Sealed::from_stored(b"nothing that opens"), ..record });
    }
    let kms = open_at(&store, 10).0;
    assert_eq!(kms.vault.verify_audit().unwrap().problems.len(), 3);
    assert!(kms.vault.remove_audit_before(at(8)).unwrap() > 20);
    assert!(number(&entries(&store)[0]) > number(damaged.last().unwrap()));
    // What they said of records is not known; that is no reason to find anything wrong with those.
    is_whole(&kms);
    is_whole(&open(&store));
    drop(kms);
    let (kms, clock) = open_at(&store, 10);
    live(&kms, &clock, &key, 10..12);
    kms.vault.remove_audit_before(at(12)).unwrap();
    is_whole(&open(&store));
}

#[test]
fn a_damaged_entry_at_the_end_of_what_is_old_stays() {
    let (store, kms, key, clock) = scene(patient());
    live(&kms, &clock, &key, 0..5);
    let last = entries(&store).pop().unwrap();
    clock.set(at(100));
    describe_as(&kms, &key, "later");
    drop(kms);
    let record = stored(&store, &last);
    put(&store, &Record { value: Sealed::from_stored(b"nothing that opens"), ..record });
    let kms = open_at(&store, 100).0;
    kms.vault.remove_audit_before(at(50)).unwrap();
    assert_eq!(entries(&store)[0], last);
    assert_eq!(problems(&kms.vault.verify_audit().unwrap()), [(AuditProblemKind::Edited, number(&last))]);
}

#[test]
fn a_date_that_is_still_to_come_keeps_nothing_from_being_removed() {
    let (store, kms, key, clock) = scene(patient());
    live(&kms, &clock, &key, 0..3);
    clock.set(at(1_000_000_000));
    describe_as(&kms, &key, "by a clock that is ahead");
    let ahead = entries(&store).pop().unwrap();
    live(&kms, &clock, &key, 3..8);
    kms.vault.remove_audit_before(at(6)).unwrap();
    assert!(number(&entries(&store)[0]) > number(&ahead));
    is_whole(&open(&store));
    // A date in the past takes nothing along that is newer.
    clock.set(at(-1_000_000));
    describe_as(&kms, &key, "by a clock that is behind");
    clock.set(at(9));
    describe_as(&kms, &key, "right again");
    let before = entries(&store);
    kms.vault.remove_audit_before(at(5)).unwrap();
    assert_eq!(entries(&store)[0], before[0]);
}

#[test]
fn deletions_stay_known_to_a_trail_that_began_later() {
    let (store, kms, key, _clock) = scene(Audit::off());
    drop(kms);
    let (builder, clock) = builder();
    let kms = Opened::from(builder.open(store.clone(), &root()).unwrap());
    create_alias(&kms, "alias/two", &key);
    let gone = "alias/000000000000/us-east-1/alias/two";
    let alias = stored(&store, gone);
    kms.delete_alias(DeleteAliasRequest { alias_name: "alias/two".into() }).unwrap();
    for second in [10, 20] {
        clock.set(at(second));
        create_key(&kms);
        create_key(&kms);
        kms.vault.remove_audit_before(at(second)).unwrap();
        is_whole(&kms);
    }
    drop(kms);
    put(&store, &alias);
    found(&open(&store), &[(gone, "deleted it")]);
}

#[test]
fn entries_that_were_taken_away_before_give_no_false_alarm_and_keep_nothing_from_being_removed() {
    let (store, kms, key, clock) = scene(patient());
    live(&kms, &clock, &key, 0..6);
    drop(kms);
    let whole = store.records();
    let all = entries(&store);
    // The last of those that go, and the first that stays.
    let kms = open_at(&store, 100).0;
    kms.vault.remove_audit_before(at(3)).unwrap();
    drop(kms);
    let kept = entries(&store)[0].clone();
    let boundary = all.iter().position(|name| *name == kept).unwrap();
    for missing in [0, 1, 2, boundary / 2, boundary - 1, boundary] {
        store.replace(whole.clone());
        remove(&store, &all[missing]);
        let kms = open_at(&store, 100).0;
        assert_eq!(problems(&kms.vault.verify_audit().unwrap()).len(), 1);
        assert!(kms.vault.remove_audit_before(at(3)).unwrap() > 0, "{missing}");
        if missing < boundary {
            is_whole(&open_at(&store, 100).0);
        }
        assert!(kms.vault.remove_audit_before(at(5)).unwrap() > 0, "{missing}");
        is_whole(&open_at(&store, 100).0);
    }
}
