//! A vault that lives in snapshots: every copy of one rotates alike, nothing that a caller encrypted needs another save, and
//! the vault says what does.

use pocketkms::{ErrorKind, ManualClock, Timestamp, Vault, api::*, keys::RotationType};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, START, builder, context, create_key, decrypt, describe, encrypt, explained, root, vault},
};

fn enable(kms: &Opened, key: &str, days: i32) {
    let request = EnableKeyRotationRequest { key_id: key.into(), rotation_period_in_days: Some(days) };
    kms.enable_key_rotation(request).unwrap();
}

fn disable(kms: &Opened, key: &str) {
    kms.disable_key_rotation(DisableKeyRotationRequest { key_id: key.into() }).unwrap();
}

fn rotate(kms: &Opened, key: &str) {
    kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.into() }).unwrap();
}

fn opened(snapshot: &[u8], day: u32) -> Opened {
    opened_with_clock(snapshot, day).0
}

fn opened_with_clock(snapshot: &[u8], day: u32) -> (Opened, ManualClock) {
    let clock = ManualClock::new(START.plus_days(day));
    let kms = Opened::from(Vault::builder().clock(clock.clone()).open_snapshot(snapshot, &root()).unwrap());
    (kms, clock)
}

fn material_of(kms: &Opened, key: &str) -> String {
    describe(kms, key).current_key_material_id.unwrap()
}

/// A key that rotates every 90 days, in a snapshot of day 0.
fn rotating() -> (String, Vec<u8>) {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    enable(&kms, &key, 90);
    (key, kms.vault.snapshot().unwrap())
}

#[test]
fn what_was_encrypted_after_a_due_date_opens_without_another_snapshot() {
    let (key, snapshot) = rotating();
    let blob = encrypt(&opened(&snapshot, 120), &key, b"not saved");
    assert_eq!(decrypt(&opened(&snapshot, 121), &blob).unwrap(), b"not saved");
    // Also much later, and before the other copy has come to the date.
    assert_eq!(decrypt(&opened(&snapshot, 1000), &blob).unwrap(), b"not saved");
    assert_eq!(decrypt(&opened(&snapshot, 89), &blob).unwrap(), b"not saved");
}

#[test]
fn all_copies_rotate_alike() {
    let (key, snapshot) = rotating();
    let copies = [opened_with_clock(&snapshot, 100), opened_with_clock(&snapshot, 80)];
    for days in [0, 15, 90, 360] {
        for (kms, clock) in &copies {
            clock.set(START.plus_days(120 + days));
            describe(kms, &key);
        }
        let [one, other] = [&copies[0].0, &copies[1].0];
        assert_eq!(material_of(one, &key), material_of(other, &key));
        assert_eq!(decrypt(other, &encrypt(one, &key, b"shared")).unwrap(), b"shared");
        let list = ListKeyRotationsRequest { key_id: key.clone(), ..Default::default() };
        let rotations = |kms: &Opened| kms.list_key_rotations(list.clone()).unwrap().rotations;
        assert_eq!(rotations(one), rotations(other));
    }
}

#[test]
fn a_copy_that_slept_has_what_others_used_meanwhile() {
    let (key, snapshot) = rotating();
    let blobs: Vec<_> = (0..40).map(|period| encrypt(&opened(&snapshot, 90 * period + 1), &key, &[1])).collect();
    let late = opened(&snapshot, 90 * 50);
    for blob in blobs {
        assert_eq!(decrypt(&late, &blob).unwrap(), [1]);
    }
}

#[test]
fn each_due_material_is_another_one() {
    let (kms, clock) = vault();
    let keys = [create_key(&kms).key_id, create_key(&kms).key_id];
    for key in &keys {
        enable(&kms, key, 90);
    }
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..5 {
        clock.advance_days(90);
        for key in &keys {
            assert!(seen.insert(material_of(&kms, key)));
        }
    }
}

/// Where a store keeps every commit, no one with an old copy and its root key can compute what comes.
#[test]
fn in_a_store_that_lasts_due_material_is_random() {
    let (builder, clock) = builder();
    let store = Shared::new();
    let kms = Opened::from(builder.create_in(store.clone(), &root()).unwrap());
    let key = create_key(&kms).key_id;
    enable(&kms, &key, 90);
    let copy = store.copy();
    let other = Opened::from(Vault::builder().clock(clock.clone()).open(copy, &root()).unwrap());
    clock.advance_days(91);
    assert_ne!(material_of(&kms, &key), material_of(&other, &key));
    assert!(!kms.vault.needs_saving());
}

#[test]
fn an_old_copy_does_not_know_what_comes_after_a_new_secret() {
    let renewals: [fn(&Opened, &str); 3] = [
        rotate,
        |kms, key| enable(kms, key, 91),
        |kms, key| {
            disable(kms, key);
            enable(kms, key, 90);
        },
    ];
    for renew in renewals {
        let (key, stolen) = rotating();
        let kms = opened(&stolen, 1);
        renew(&kms, &key);
        let newer = kms.vault.snapshot().unwrap();
        let blob = encrypt(&opened(&newer, 200), &key, b"later");
        assert_eq!(decrypt(&opened(&newer, 200), &blob).unwrap(), b"later");
        for day in [0, 90, 91, 200, 1000] {
            let words = ["no material with the id", "revision", "is older than the ciphertext"];
            explained(decrypt(&opened(&stolen, day), &blob), ErrorKind::InvalidCiphertext, &words);
        }
    }
}

/// A device without a network goes on with the old secret, while another one makes a new one.
#[test]
fn what_a_copy_encrypted_under_a_former_secret_opens_in_the_newer_one() {
    let renewals: [fn(&Opened, &str); 4] = [
        rotate,
        |kms, key| enable(kms, key, 365),
        disable,
        |kms, key| {
            for _ in 0..7 {
                rotate(kms, key);
            }
        },
    ];
    for renew in renewals {
        let (key, old) = rotating();
        let kms = opened(&old, 10);
        renew(&kms, &key);
        let newer = kms.vault.snapshot().unwrap();
        let blob = encrypt(&opened(&old, 100), &key, b"offline");
        for day in [50, 100, 400] {
            assert_eq!(decrypt(&opened(&newer, day), &blob).unwrap(), b"offline", "day {day}");
        }
    }
}

/// What a copy derived stays readable, however late the other one meets it: no one ever stored that material.
#[test]
fn what_a_copy_encrypted_opens_in_the_newer_one_after_decades() {
    let renewals: [fn(&Opened, &str); 3] = [rotate, |kms, key| enable(kms, key, 365), disable];
    for renew in renewals {
        let (key, old) = rotating();
        let kms = opened(&old, 10);
        renew(&kms, &key);
        let newer = kms.vault.snapshot().unwrap();
        let blobs = [100, 1000].map(|day| encrypt(&opened(&old, day), &key, b"offline"));
        for (day, blob) in [800, 4_000, 15_000].into_iter().flat_map(|day| blobs.iter().map(move |blob| (day, blob))) {
            assert_eq!(decrypt(&opened(&newer, day), blob).unwrap(), b"offline", "day {day}");
        }
    }
}

/// A store that lasts rotates by random material; a copy of it in a snapshot, by derived one.
#[test]
fn what_a_snapshot_of_a_store_encrypted_opens_in_the_store_after_decades() {
    let (builder, clock) = builder();
    let kms = Opened::from(builder.create_in(Shared::new(), &root()).unwrap());
    let key = create_key(&kms).key_id;
    enable(&kms, &key, 90);
    let blob = encrypt(&opened(&kms.vault.snapshot().unwrap(), 100), &key, b"offline");
    for _ in 0..20 {
        clock.advance_days(365);
        assert_eq!(decrypt(&kms, &blob).unwrap(), b"offline");
    }
}

/// A device whose clock is wrong by years uses material that is not due for years.
#[test]
fn what_was_encrypted_under_a_wrong_clock_opens_under_the_right_one() {
    let (key, snapshot) = rotating();
    for day in [400, 4_000, 5_800] {
        let blob = encrypt(&opened(&snapshot, day), &key, b"from the future");
        assert_eq!(decrypt(&opened(&snapshot, 10), &blob).unwrap(), b"from the future", "day {day}");
        assert_eq!(decrypt(&opened(&snapshot, 100), &blob).unwrap(), b"from the future", "day {day}");
    }
}

#[test]
fn a_material_that_no_one_made_is_not_found() {
    let (key, snapshot) = rotating();
    let kms = opened(&snapshot, 100);
    let mut blob = encrypt(&kms, &key, b"forged").into_vec();
    blob[18] ^= 1;
    let revision = kms.vault.revision().unwrap();
    let words = [&*format!("(revision {revision}) is older"), "or the ciphertext's header was altered"];
    explained(decrypt(&kms, &blob), ErrorKind::InvalidCiphertext, &words);
}

/// Deletion takes the secrets along, and the materials that follow from them.
#[test]
fn a_deleted_key_leaves_no_secret() {
    let (builder, clock) = builder();
    let store = Shared::volatile();
    let kms = Opened::from(builder.create_in(store.clone(), &root()).unwrap());
    let key = create_key(&kms).key_id;
    enable(&kms, &key, 90);
    assert!(store.names().iter().any(|name| name.starts_with("rotation-secret/")));
    let request = ScheduleKeyDeletionRequest { key_id: key, pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request).unwrap();
    clock.advance_days(7);
    kms.vault.snapshot().unwrap();
    assert_eq!(store.names(), ["caller", "generation", "vault"]);
}

#[test]
fn a_lost_secret_is_missed_and_nothing_is_made_up() {
    let (builder, clock) = builder();
    let store = Shared::volatile();
    let kms = Opened::from(builder.create_in(store.clone(), &root()).unwrap());
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"kept");
    enable(&kms, &key, 90);
    let records = store.records();
    store.replace(records.into_iter().filter(|record| !record.name.starts_with("rotation-secret/")).collect());
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"kept");
    clock.advance_days(90);
    let request = EncryptRequest { key_id: key.clone(), plaintext: vec![1].into(), ..Default::default() };
    explained(kms.encrypt(request), ErrorKind::RecordCorrupted, &["rotation-secret/"]);

    // Enabled again, the key has another one, and makes up for its rotation.
    let former = material_of(&kms, &key);
    enable(&kms, &key, 90);
    assert!(kms.vault.needs_saving());
    let snapshot = kms.vault.snapshot().unwrap();
    let blobs = [blob, encrypt(&kms, &key, b"kept")];
    assert_ne!(material_of(&kms, &key), former);
    for kms in [&kms, &opened(&snapshot, 90)] {
        assert!(blobs.iter().all(|blob| decrypt(kms, blob).unwrap() == b"kept"));
    }
}

#[test]
fn many_missed_rotations_are_small_commits() {
    let (builder, clock) = builder();
    let store = Shared::volatile();
    let kms = Opened::from(builder.create_in(store, &root()).unwrap());
    let key = create_key(&kms).key_id;
    enable(&kms, &key, 90);
    let before = kms.vault.revision().unwrap();
    clock.advance_days(90 * 100);
    describe(&kms, &key);
    assert_eq!(kms.vault.revision().unwrap() - before, 4, "100 rotations, at most 30 a commit");
    let request = ListKeyRotationsRequest { key_id: key, limit: Some(1000), ..Default::default() };
    let rotations = kms.list_key_rotations(request).unwrap().rotations;
    assert_eq!(rotations.len(), 100);
    assert!(rotations.iter().all(|rotation| rotation.rotation_type == Some(RotationType::Automatic)));
}

/// A change of the vault, and whether a caller made it.
#[test]
fn only_what_a_caller_changed_needs_saving() {
    let (kms, clock) = vault();
    assert!(kms.vault.needs_saving(), "the vault itself is in memory only");
    let mut saved = save(&kms);
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"kept");
    let changes: [(&str, &dyn Fn()); 7] = [
        ("a tag", &|| {
            let tags = vec![Tag { tag_key: "a".into(), tag_value: "b".into() }];
            kms.tag_resource(TagResourceRequest { key_id: key.clone(), tags }).unwrap();
        }),
        ("rotation", &|| enable(&kms, &key, 90)),
        ("a rotation on demand", &|| rotate(&kms, &key)),
        ("a new key", &|| drop(create_key(&kms))),
        ("another vault key", &|| kms.vault.rotate_vault_key(&[&root()]).unwrap()),
        ("a confirmed time", &|| kms.vault.confirm_time().unwrap()),
        ("a branch key", &|| {
            let request = CreateBranchKeyRequest { kms_key_id: key.clone(), ..Default::default() };
            kms.create_branch_key(request).unwrap();
        }),
    ];
    assert!(kms.vault.needs_saving());
    for (name, change) in changes {
        save(&kms);
        assert!(!kms.vault.needs_saving());
        let before = kms.vault.revision().unwrap();
        change();
        assert!(kms.vault.needs_saving(), "{name}");
        let revision = kms.vault.revision().unwrap();
        // A rotation of the vault key has a first commit, one for each page of records, and a last one.
        assert!(revision == before + 1 || name == "another vault key" && revision == before + 3, "{name}: {revision}");
        saved = save(&kms);
        assert!(!kms.vault.needs_saving(), "{name}");
    }
    let before = kms.vault.revision().unwrap();
    decrypt(&kms, &blob).unwrap();
    kms.list_keys(ListKeysRequest::default()).unwrap();
    enable(&kms, &key, 90);
    kms.decrypt(DecryptRequest::default()).map(drop).unwrap_err();
    assert_eq!((kms.vault.needs_saving(), kms.vault.revision().unwrap()), (false, before), "nothing was changed");
    clock.advance_days(400);
    encrypt(&kms, &key, b"after a rotation");
    assert!(kms.vault.revision().unwrap() > before);
    assert!(!kms.vault.needs_saving(), "time alone");
    let reopened = Opened::from(Vault::builder().clock(clock).open_snapshot(&saved, &root()).unwrap());
    assert!(!reopened.vault.needs_saving());
    assert_eq!(reopened.vault.revision().unwrap(), before);
}

/// Saves the vault: the snapshot is where it lasts.
fn save(kms: &Opened) -> Vec<u8> {
    let snapshot = kms.vault.snapshot().unwrap();
    kms.vault.mark_saved(&snapshot).unwrap();
    snapshot
}

#[test]
fn a_snapshot_whose_write_fails_has_saved_nothing() {
    let (kms, _) = vault();
    save(&kms);
    create_key(&kms);
    drop(kms.vault.snapshot().unwrap());
    assert!(kms.vault.needs_saving(), "it was never said to be saved");
    save(&kms);
    assert!(!kms.vault.needs_saving());
}

#[test]
fn what_came_after_a_snapshot_still_needs_saving() {
    let (kms, _) = vault();
    let first = kms.vault.snapshot().unwrap();
    create_key(&kms);
    kms.vault.mark_saved(&first).unwrap();
    assert!(kms.vault.needs_saving());
    // Two writes that end in the other order.
    let second = kms.vault.snapshot().unwrap();
    kms.vault.mark_saved(&second).unwrap();
    kms.vault.mark_saved(&first).unwrap();
    assert!(!kms.vault.needs_saving());
}

#[test]
fn only_this_vaults_own_snapshots_are_said_to_be_saved() {
    let (kms, _) = vault();
    let snapshot = kms.vault.snapshot().unwrap();
    let mut altered = snapshot.clone();
    altered[100] ^= 1;
    // A copy that goes on by itself has what this one has not, and lacks what this one has.
    let copy = opened(&snapshot, 0);
    create_key(&copy);
    let foreign = [vault().0.vault.snapshot().unwrap(), copy.vault.snapshot().unwrap(), altered, snapshot[..50].into()];
    for bytes in foreign.iter().map(Vec::as_slice).chain([&b""[..]]) {
        explained(kms.vault.mark_saved(bytes), ErrorKind::Validation, &["none of the latest snapshots"]);
    }
    assert!(kms.vault.needs_saving());
    for _ in 0..64 {
        kms.vault.snapshot().unwrap();
    }
    explained(kms.vault.mark_saved(&snapshot), ErrorKind::Validation, &["none of the latest snapshots"]);
    assert!(kms.vault.needs_saving());
}

/// The file that was saved last still has the key.
#[test]
fn a_deletion_that_fell_due_needs_saving() {
    let (kms, clock) = vault();
    let key = create_key(&kms).key_id;
    let request = ScheduleKeyDeletionRequest { key_id: key, pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request.clone()).unwrap();
    save(&kms);
    clock.advance_days(6);
    assert!(!kms.vault.needs_saving());
    clock.advance_days(1);
    assert!(kms.vault.needs_saving(), "before any call meets the key");
    save(&kms);
    assert!(!kms.vault.needs_saving());

    // Found by a call.
    let other = create_key(&kms).key_id;
    kms.schedule_key_deletion(ScheduleKeyDeletionRequest { key_id: other.clone(), ..request.clone() }).unwrap();
    save(&kms);
    clock.advance_days(7);
    assert!(kms.list_keys(ListKeysRequest::default()).unwrap().keys.is_empty());
    assert!(kms.vault.needs_saving());

    // One that was cancelled is none.
    let kept = create_key(&kms).key_id;
    kms.schedule_key_deletion(ScheduleKeyDeletionRequest { key_id: kept.clone(), ..request }).unwrap();
    kms.cancel_key_deletion(CancelKeyDeletionRequest { key_id: kept }).unwrap();
    save(&kms);
    clock.advance_days(30);
    assert!(!kms.vault.needs_saving());
}

/// A key that was disabled over its date rotates when a caller enables it: that is the caller's change.
#[test]
fn a_rotation_that_was_caught_up_with_opens_from_the_snapshot_taken_then() {
    let (kms, clock) = vault();
    let key = create_key(&kms).key_id;
    enable(&kms, &key, 90);
    kms.disable_key(DisableKeyRequest { key_id: key.clone() }).unwrap();
    clock.advance_days(123);
    kms.enable_key(EnableKeyRequest { key_id: key.clone() }).unwrap();
    let snapshot = kms.vault.snapshot().unwrap();
    let blob = encrypt(&kms, &key, b"kept");
    assert_eq!(decrypt(&opened(&snapshot, 123), &blob).unwrap(), b"kept");
    assert_eq!(decrypt(&opened(&snapshot, 500), &encrypt(&opened(&snapshot, 230), &key, b"kept")).unwrap(), b"kept");
}

#[test]
fn dates_before_1970_derive_as_well() {
    let clock = ManualClock::new(Timestamp::from_millis(-1));
    let kms = Opened::from(Vault::builder().clock(clock).create_in_memory(&root()).unwrap());
    let key = create_key(&kms).key_id;
    enable(&kms, &key, 90);
    let snapshot = kms.vault.snapshot().unwrap();
    let open = || {
        let clock = ManualClock::new(Timestamp::from_millis(-1).plus_days(91));
        Vault::builder().clock(clock).open_snapshot(&snapshot, &root()).unwrap().client()
    };
    let request = EncryptRequest {
        key_id: key,
        plaintext: b"old".to_vec().into(),
        encryption_context: Some(context()),
        ..Default::default()
    };
    assert_eq!(decrypt(&open(), &open().encrypt(request).unwrap().ciphertext_blob).unwrap(), b"old");
}
