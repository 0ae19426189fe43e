//! Automatic rotation by the clock: `EnableKeyRotation`, `DisableKeyRotation`, `GetKeyRotationStatus`.

use super::common::in_range;
use pocketkms::{Timestamp, Vault, api::*, keys::RotationType};
use pocketkms_tests::vault::{Opened, START, create_key, decrypt, describe, encrypt, root, vault};

fn enable(kms: &Opened, key: &str, days: Option<i32>) {
    let request = EnableKeyRotationRequest { key_id: key.into(), rotation_period_in_days: days };
    kms.enable_key_rotation(request).expect("an enabled key");
}

fn status(kms: &Opened, key: &str) -> GetKeyRotationStatusResponse {
    kms.get_key_rotation_status(GetKeyRotationStatusRequest { key_id: key.into() }).expect("a key")
}

fn next(kms: &Opened, key: &str) -> Option<Timestamp> {
    status(kms, key).next_rotation_date
}

/// When the key was rotated by its schedule.
fn dates(kms: &Opened, key: &str) -> Vec<Timestamp> {
    let request = ListKeyRotationsRequest { key_id: key.into(), limit: Some(1000), ..Default::default() };
    let rotations = kms.list_key_rotations(request).expect("a key").rotations;
    assert!(rotations.iter().all(|rotation| rotation.rotation_type == Some(RotationType::Automatic)));
    rotations.into_iter().map(|rotation| rotation.rotation_date.expect("a date")).collect()
}

fn day(days: u32) -> Timestamp {
    START.plus_days(days)
}

#[test]
fn a_year_turned_rotates() {
    let (kms, clock) = vault();
    let key = create_key(&kms);
    enable(&kms, &key.key_id, None);
    let blob = encrypt(&kms, &key.key_id, b"a year ago");

    // A millisecond before nothing happens.
    clock.set(Timestamp::from_millis(day(365).as_millis() - 1));
    assert_eq!(describe(&kms, &key.key_id), key);
    assert!(dates(&kms, &key.key_id).is_empty());

    clock.set(day(365));
    let rotated = describe(&kms, &key.key_id);
    assert_ne!(rotated.current_key_material_id, key.current_key_material_id);
    assert_eq!(dates(&kms, &key.key_id), [day(365)]);
    assert_eq!(next(&kms, &key.key_id), Some(day(730)));
    // All else is as it was.
    let current_key_material_id = key.current_key_material_id.clone();
    assert_eq!(KeyMetadata { current_key_material_id, ..rotated.clone() }, key);
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"a year ago");
    // What is encrypted now is under the new material.
    let blob = encrypt(&kms, &key.key_id, b"now");
    let request = DecryptRequest {
        ciphertext_blob: Some(blob),
        encryption_context: Some(pocketkms_tests::vault::context()),
        ..Default::default()
    };
    assert_eq!(kms.decrypt(request).unwrap().key_material_id, rotated.current_key_material_id);
}

#[test]
fn the_status_tells_the_schedule() {
    let (kms, clock) = vault();
    let key = create_key(&kms);
    let off = GetKeyRotationStatusResponse {
        key_rotation_enabled: false,
        key_id: key.arn.clone(),
        rotation_period_in_days: None,
        next_rotation_date: None,
        on_demand_rotation_start_date: None,
    };
    let on = |period: i32, next| GetKeyRotationStatusResponse {
        key_rotation_enabled: true,
        rotation_period_in_days: Some(period),
        next_rotation_date: Some(next),
        ..off.clone()
    };
    assert_eq!(status(&kms, &key.key_id), off);
    enable(&kms, &key.key_id, None);
    assert_eq!(status(&kms, &key.key_id), on(365, day(365)));

    // Enabling again does not put off the rotation; another period counts from now.
    clock.advance_days(10);
    enable(&kms, &key.key_id, Some(365));
    assert_eq!(status(&kms, &key.key_id), on(365, day(365)));
    enable(&kms, &key.key_id, Some(90));
    assert_eq!(status(&kms, &key.key_id), on(90, day(100)));

    for _ in 0..2 {
        kms.disable_key_rotation(DisableKeyRotationRequest { key_id: key.key_id.clone() }).unwrap();
        assert_eq!(status(&kms, &key.key_id), off);
    }
    clock.advance_days(1000);
    assert_eq!(describe(&kms, &key.key_id), key);
    // What was missed while rotation was disabled is not made up for.
    enable(&kms, &key.key_id, Some(180));
    assert_eq!(status(&kms, &key.key_id), on(180, day(1190)));
    assert!(dates(&kms, &key.key_id).is_empty());
}

#[test]
fn a_period_has_90_to_2560_days() {
    let (kms, clock) = vault();
    let key = create_key(&kms).key_id;
    in_range("rotationPeriodInDays", 90, 2560, |days| {
        let key_id = key.clone();
        kms.enable_key_rotation(EnableKeyRotationRequest { key_id, rotation_period_in_days: Some(days) })
    });
    for (days, from) in [(90, 0), (2560, 90)] {
        enable(&kms, &key, Some(days));
        let due = from + u32::try_from(days).unwrap();
        assert_eq!(next(&kms, &key), Some(day(due)));
        clock.set(day(due));
        assert_eq!(dates(&kms, &key).last(), Some(&day(due)));
    }
}

#[test]
fn missed_rotations_are_made_up_for_with_their_dates() {
    let (kms, clock) = vault();
    let key = create_key(&kms).key_id;
    enable(&kms, &key, Some(100));
    let blob = encrypt(&kms, &key, b"old");
    clock.advance_days(735);
    assert_eq!(dates(&kms, &key), [100, 200, 300, 400, 500, 600, 700].map(day));
    assert_eq!(next(&kms, &key), Some(day(800)));
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"old");
    // The first to look: here the snapshot's reader, who comes later still.
    clock.advance_days(70);
    let opened = Opened::from(
        Vault::builder().clock(clock.clone()).open_snapshot(&kms.vault.snapshot().unwrap(), &root()).unwrap(),
    );
    assert_eq!(dates(&opened, &key).last(), Some(&day(800)));
    assert_eq!(decrypt(&opened, &blob).unwrap(), b"old");
}

#[test]
fn a_clock_that_goes_back_undoes_nothing() {
    let (kms, clock) = vault();
    let key = create_key(&kms).key_id;
    enable(&kms, &key, Some(90));
    clock.set(day(90));
    let rotated = describe(&kms, &key);
    let blob = encrypt(&kms, &key, b"later");
    clock.set(day(1));
    assert_eq!(describe(&kms, &key), rotated);
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"later");
    clock.set(day(179));
    assert_eq!(dates(&kms, &key), [day(90)]);
}

#[test]
fn a_disabled_key_does_not_rotate_and_catches_up_immediately_when_enabled() {
    let (kms, clock) = vault();
    let key = create_key(&kms);
    let key_id = || key.key_id.clone();
    enable(&kms, &key.key_id, Some(100));
    kms.disable_key(DisableKeyRequest { key_id: key_id() }).unwrap();
    clock.set(day(350));
    // "The key rotation status does not change when you disable a KMS key."
    let stopped = status(&kms, &key.key_id);
    assert!(stopped.key_rotation_enabled);
    assert_eq!(stopped.rotation_period_in_days, Some(100));
    assert_eq!(describe(&kms, &key.key_id).current_key_material_id, key.current_key_material_id);

    // "KMS rotates it immediately", once, "and every year thereafter": a period from now on.
    kms.enable_key(EnableKeyRequest { key_id: key_id() }).unwrap();
    assert_eq!(dates(&kms, &key.key_id), [day(350)]);
    assert_eq!(next(&kms, &key.key_id), Some(day(450)));
    assert_ne!(describe(&kms, &key.key_id).current_key_material_id, key.current_key_material_id);
}

#[test]
fn a_key_that_was_disabled_in_between_resumes_its_schedule() {
    let (kms, clock) = vault();
    let key = create_key(&kms).key_id;
    enable(&kms, &key, Some(100));
    kms.disable_key(DisableKeyRequest { key_id: key.clone() }).unwrap();
    clock.set(day(99));
    kms.enable_key(EnableKeyRequest { key_id: key.clone() }).unwrap();
    assert_eq!(next(&kms, &key), Some(day(100)));
    clock.set(day(100));
    assert_eq!(dates(&kms, &key), [day(100)]);
}

#[test]
fn a_rotation_that_fell_due_before_the_key_was_disabled_is_not_lost() {
    let (kms, clock) = vault();
    let key = create_key(&kms).key_id;
    enable(&kms, &key, Some(100));
    clock.set(day(150));
    kms.disable_key(DisableKeyRequest { key_id: key.clone() }).unwrap();
    assert_eq!(dates(&kms, &key), [day(100)]);
    assert_eq!(next(&kms, &key), Some(day(200)));
}

#[test]
fn a_key_that_waits_for_its_deletion_has_no_schedule_until_that_is_cancelled() {
    let (kms, clock) = vault();
    let key = create_key(&kms);
    let key_id = || key.key_id.clone();
    enable(&kms, &key.key_id, Some(100));
    clock.set(day(90));
    kms.schedule_key_deletion(ScheduleKeyDeletionRequest { key_id: key_id(), pending_window_in_days: None }).unwrap();
    clock.set(day(110));
    let waiting = GetKeyRotationStatusResponse {
        key_rotation_enabled: false,
        key_id: key.arn.clone(),
        rotation_period_in_days: None,
        next_rotation_date: None,
        on_demand_rotation_start_date: None,
    };
    assert_eq!(status(&kms, &key.key_id), waiting);
    assert!(dates(&kms, &key.key_id).is_empty());

    // "If you cancel the deletion, the original key rotation status returns to true."
    kms.cancel_key_deletion(CancelKeyDeletionRequest { key_id: key_id() }).unwrap();
    let back = status(&kms, &key.key_id);
    assert_eq!((back.key_rotation_enabled, back.rotation_period_in_days), (true, Some(100)));
    assert!(dates(&kms, &key.key_id).is_empty());
    kms.enable_key(EnableKeyRequest { key_id: key_id() }).unwrap();
    assert_eq!(dates(&kms, &key.key_id), [day(110)]);
    assert_eq!(next(&kms, &key.key_id), Some(day(210)));
}
