//! `ScheduleKeyDeletion`, `CancelKeyDeletion`, and what is left when the waiting period is over.
//!
//! What every operation says of a key in each state stands in `states.rs`.

use super::common::{fails_with, in_range};
use pocketkms::{ErrorKind, ManualClock, Timestamp, Vault, api::*, keys::KeyState};
use pocketkms_tests::{
    format::Snapshot,
    store::Shared,
    vault::{Opened, START, builder, create_alias, create_key, decrypt, describe, encrypt, refused, root, vault},
};

fn schedule(kms: &Opened, key: &str, days: Option<i32>) -> pocketkms::Result<ScheduleKeyDeletionResponse> {
    kms.schedule_key_deletion(ScheduleKeyDeletionRequest { key_id: key.into(), pending_window_in_days: days })
}

fn cancel(kms: &Opened, key: &str) -> pocketkms::Result<CancelKeyDeletionResponse> {
    kms.cancel_key_deletion(CancelKeyDeletionRequest { key_id: key.into() })
}

fn listed(kms: &Opened) -> Vec<String> {
    kms.list_keys(ListKeysRequest::default()).unwrap().keys.into_iter().map(|key| key.key_id).collect()
}

/// The moment before a date.
fn just_before(date: Timestamp) -> Timestamp {
    Timestamp::from_millis(date.as_millis() - 1)
}

#[test]
fn a_deletion_waits_7_to_30_days_and_30_by_default() {
    let (kms, _) = vault();
    for (asked, days) in [(Some(7), 7), (Some(8), 8), (Some(30), 30), (None, 30)] {
        let key = create_key(&kms);
        let date = START.plus_days(u32::try_from(days).unwrap());
        let expected = ScheduleKeyDeletionResponse {
            key_id: key.arn.clone(),
            deletion_date: Some(date),
            key_state: KeyState::PendingDeletion,
            pending_window_in_days: days,
        };
        assert_eq!(schedule(&kms, &key.key_id, asked).unwrap(), expected);
        let waiting = KeyMetadata {
            enabled: false,
            key_state: KeyState::PendingDeletion,
            deletion_date: Some(date),
            // For multi-Region primary keys with replicas only.
            pending_deletion_window_in_days: None,
            ..key.clone()
        };
        assert_eq!(describe(&kms, &key.key_id), waiting);
        assert!(listed(&kms).contains(&key.key_id), "it is still there");
    }
    in_range("pendingWindowInDays", 7, 30, |days| schedule(&kms, &create_key(&kms).key_id, Some(days)));
}

#[test]
fn a_cancelled_deletion_leaves_a_disabled_key() {
    let (kms, clock) = vault();
    let key = create_key(&kms);
    let blob = encrypt(&kms, &key.key_id, b"saved");
    schedule(&kms, &key.key_id, Some(7)).unwrap();
    clock.set(just_before(START.plus_days(7)));
    assert_eq!(cancel(&kms, &key.key_id).unwrap(), CancelKeyDeletionResponse { key_id: key.arn.clone() });
    let disabled = KeyMetadata { enabled: false, key_state: KeyState::Disabled, ..key.clone() };
    assert_eq!(describe(&kms, &key.key_id), disabled);
    let message = format!("{} is not pending deletion.", key.arn);
    refused(cancel(&kms, &key.key_id), ErrorKind::KmsInvalidState, &message);

    // The date that was announced passes, and nothing happens.
    clock.advance_days(100);
    assert_eq!(describe(&kms, &key.key_id), disabled);
    kms.enable_key(EnableKeyRequest { key_id: key.key_id.clone() }).unwrap();
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"saved");
}

#[test]
fn a_deletion_can_be_scheduled_again_after_it_was_cancelled() {
    let (kms, clock) = vault();
    let key = create_key(&kms);
    schedule(&kms, &key.key_id, Some(7)).unwrap();
    // Twice is refused, and does not move the date.
    let message = format!("{} is pending deletion.", key.arn);
    refused(schedule(&kms, &key.key_id, Some(30)), ErrorKind::KmsInvalidState, &message);
    assert_eq!(describe(&kms, &key.key_id).deletion_date, Some(START.plus_days(7)));
    clock.advance_days(1);
    cancel(&kms, &key.key_id).unwrap();
    assert_eq!(schedule(&kms, &key.key_id, Some(20)).unwrap().deletion_date, Some(START.plus_days(21)));
    clock.set(just_before(START.plus_days(21)));
    assert_eq!(listed(&kms), std::slice::from_ref(&key.key_id));
    clock.set(START.plus_days(21));
    assert!(listed(&kms).is_empty());
}

/// A vault on a store that can be looked into, with a rotated, tagged key that has aliases, and what it encrypted.
fn doomed() -> (Opened, ManualClock, Shared, KeyMetadata, [Blob; 2]) {
    let (builder, clock) = builder();
    let store = Shared::new();
    let kms = Opened::from(builder.create_in(store.clone(), &root()).unwrap());
    let key = create_key(&kms);
    create_alias(&kms, "alias/doomed", &key.key_id);
    create_alias(&kms, "alias/doomed/too", &key.key_id);
    let old = encrypt(&kms, &key.key_id, b"old");
    kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.key_id.clone() }).unwrap();
    let new = encrypt(&kms, &key.key_id, b"new");
    (kms, clock, store, key, [old, new])
}

#[test]
fn after_the_waiting_period_nothing_is_left() {
    let (kms, clock, store, key, blobs) = doomed();
    schedule(&kms, &key.key_id, None).unwrap();
    clock.set(START.plus_days(30));

    let message = format!("Key '{}' does not exist", key.arn);
    let request = DescribeKeyRequest { key_id: key.key_id.clone(), ..Default::default() };
    refused(kms.describe_key(request), ErrorKind::NotFound, &message);
    refused(cancel(&kms, &key.key_id), ErrorKind::NotFound, &message);
    for blob in &blobs {
        fails_with(decrypt(&kms, blob), ErrorKind::AccessDenied, "because the resource does not exist in this Region");
    }
    for alias in ["alias/doomed", "alias/doomed/too"] {
        let request = DescribeKeyRequest { key_id: alias.into(), ..Default::default() };
        let message = format!("Alias arn:aws:kms:us-east-1:000000000000:{alias} is not found.");
        refused(kms.describe_key(request), ErrorKind::NotFound, &message);
    }
    assert!(listed(&kms).is_empty());
    assert!(kms.list_aliases(ListAliasesRequest::default()).unwrap().aliases.is_empty());
    // In the store neither: nothing but what an empty vault has.
    let empty = Shared::new();
    builder().0.create_in(empty.clone(), &root()).unwrap();
    assert_eq!(store.names(), empty.names());
}

#[test]
fn a_clock_that_goes_back_brings_no_deleted_key_back() {
    let (kms, clock, _, key, blobs) = doomed();
    schedule(&kms, &key.key_id, Some(7)).unwrap();
    clock.set(START.plus_days(7));
    assert!(listed(&kms).is_empty());
    clock.set(START);
    assert!(listed(&kms).is_empty());
    assert!(decrypt(&kms, &blobs[0]).is_err());
}

#[test]
fn a_snapshot_is_made_without_the_key() {
    let (kms, clock, _, key, blobs) = doomed();
    schedule(&kms, &key.key_id, Some(7)).unwrap();
    let before = kms.vault.snapshot().unwrap();
    clock.set(START.plus_days(7));
    // No one has asked for the key since.
    let after = kms.vault.snapshot().unwrap();
    let empty = vault().0.vault.snapshot().unwrap();
    let names = |snapshot: &[u8]| {
        let names = Snapshot::read(snapshot, &[7; 32]).records().into_iter().map(|record| record.name);
        // The trail has what was done, and one record what the key is charged for.
        names.filter(|name| !name.starts_with("audit/") && !name.starts_with("deleted-key/")).collect::<Vec<_>>()
    };
    assert!(names(&after).len() < names(&before).len());
    assert_eq!(names(&after), names(&empty));
    // Even at a time when the key was there.
    let opened = Opened::from(Vault::builder().clock(ManualClock::new(START)).open_snapshot(&after, &root()).unwrap());
    assert!(listed(&opened).is_empty());
    assert!(decrypt(&opened, &blobs[1]).is_err());
    // An older snapshot has it until its time has come, by the clock of who opens it.
    let late = Opened::from(
        Vault::builder().clock(ManualClock::new(START.plus_days(7))).open_snapshot(&before, &root()).unwrap(),
    );
    assert!(listed(&late).is_empty());
    let early = Opened::from(Vault::builder().clock(ManualClock::new(START)).open_snapshot(&before, &root()).unwrap());
    assert_eq!(describe(&early, &key.key_id).key_state, KeyState::PendingDeletion);
}

#[test]
fn others_are_not_affected() {
    let (kms, clock, _, key, blobs) = doomed();
    let other = create_key(&kms);
    create_alias(&kms, "alias/other", &other.key_id);
    // An alias that moved away in time is not the key's any more.
    kms.update_alias(UpdateAliasRequest { alias_name: "alias/doomed".into(), target_key_id: other.key_id.clone() })
        .unwrap();
    let blob = encrypt(&kms, &other.key_id, b"other");
    // What was moved to another key in time is saved.
    let saved = kms
        .re_encrypt(ReEncryptRequest {
            ciphertext_blob: Some(blobs[0].clone()),
            source_encryption_context: Some(pocketkms_tests::vault::context()),
            destination_encryption_context: Some(pocketkms_tests::vault::context()),
            destination_key_id: other.key_id.clone(),
            ..Default::default()
        })
        .unwrap()
        .ciphertext_blob;
    schedule(&kms, &key.key_id, Some(7)).unwrap();
    let longer = create_key(&kms);
    schedule(&kms, &longer.key_id, Some(8)).unwrap();
    clock.set(START.plus_days(7));

    let mut left = vec![other.key_id.clone(), longer.key_id.clone()];
    left.sort();
    assert_eq!(listed(&kms), left);
    assert_eq!(describe(&kms, &other.key_id), other);
    assert_eq!(describe(&kms, "alias/doomed"), other);
    assert_eq!(describe(&kms, "alias/other"), other);
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"other");
    assert_eq!(decrypt(&kms, &saved).unwrap(), b"old");
    // The name of the alias that went is free.
    create_alias(&kms, "alias/doomed/too", &other.key_id);
    clock.set(START.plus_days(8));
    assert_eq!(listed(&kms), [other.key_id]);
}
