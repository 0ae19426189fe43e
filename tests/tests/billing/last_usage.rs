//! `GetKeyLastUsage`.

use super::{hour, refused};
use pocketkms::{Caller, ErrorKind, Kms, api::*, keys::KeySpec};
use pocketkms_tests::vault::{Opened, START, create_alias, create_key, create_key_of, sign, vault};

fn usage(kms: &Kms, key: &str) -> GetKeyLastUsageResponse {
    kms.get_key_last_usage(GetKeyLastUsageRequest { key_id: key.into() }).expect("its last use")
}

fn encrypt(kms: &Kms, key: &str) -> Blob {
    let request = EncryptRequest { key_id: key.into(), plaintext: b"x".to_vec().into(), ..Default::default() };
    kms.encrypt(request).expect("a ciphertext").ciphertext_blob
}

/// The event of that name that is the newest, of that account.
fn newest(kms: &Opened, name: &str, account: &str) -> AuditEvent {
    let request = LookupEventsRequest { event_name: Some(name.into()), ..Default::default() };
    let events = kms.vault.lookup_events(&request).unwrap().events;
    events.into_iter().find(|event| event.recipient_account_id.as_deref() == Some(account)).expect("an event")
}

#[test]
fn it_claims_no_more_than_the_trail_knows() {
    let store = pocketkms_tests::store::Shared::new();
    let (first, _) = pocketkms_tests::vault::builder();
    let root = pocketkms_tests::vault::root();
    let kms: Opened = first.audit(pocketkms::Audit::off()).create_in(store.clone(), &root).unwrap().into();
    let key = create_key(&kms).key_id;
    encrypt(&kms, &key);
    drop(kms);
    // The trail begins only now.
    let (later, clock) = pocketkms_tests::vault::builder();
    clock.set(hour(400));
    let kms: Opened = later.open(store, &root).unwrap().into();
    kms.update_key_description(UpdateKeyDescriptionRequest { key_id: key.clone(), description: "later".into() })
        .unwrap();
    let known = usage(&kms, &key);
    assert_eq!((known.key_last_usage, known.tracking_start_date), (KeyLastUsageData::default(), hour(400)));
}

#[test]
fn the_last_use_is_that_of_the_trail() {
    let (kms, clock) = vault();
    let key = create_key(&kms);
    let unused = usage(&kms, &key.key_id);
    assert_eq!(unused.key_id, key.key_id);
    assert_eq!(unused.key_last_usage, KeyLastUsageData::default());
    assert_eq!((unused.tracking_start_date, unused.key_creation_date), (START, START));

    clock.set(hour(360));
    let blob = encrypt(&kms, &key.key_id);
    clock.set(hour(361));
    let request = DecryptRequest { ciphertext_blob: Some(blob), ..Default::default() };
    kms.decrypt(request).unwrap();
    // These are no uses: the key is only looked at, not to be used so, or not the right one.
    clock.set(hour(362));
    kms.describe_key(DescribeKeyRequest { key_id: key.key_id.clone(), ..Default::default() }).unwrap();
    let wrong = EncryptRequest {
        key_id: key.key_id.clone(),
        plaintext: b"x".to_vec().into(),
        dry_run: Some(true),
        ..Default::default()
    };
    refused(kms.encrypt(wrong), ErrorKind::DryRunOperation);

    let used = usage(&kms, &key.arn).key_last_usage;
    assert_eq!(used.operation, Some(KeyLastUsageTrackingOperation::Decrypt));
    assert_eq!(used.timestamp, Some(hour(361)));
    let event = newest(&kms, "Decrypt", "000000000000");
    assert_eq!(used.cloud_trail_event_id, Some(event.event_id));
    let request = used.kms_request_id.clone().unwrap();
    assert!(event.cloud_trail_event.contains(&format!("\"requestID\":\"{request}\"")));

    // It stays when the event is removed.
    clock.set(hour(400));
    kms.vault.remove_audit_before(hour(400)).unwrap();
    assert_eq!(usage(&kms, &key.key_id).key_last_usage, used);
}

#[test]
fn re_encrypt_uses_both_keys_and_sign_its_own() {
    let (kms, clock) = vault();
    let (from, to, signer) = (create_key(&kms), create_key(&kms), create_key_of(&kms, KeySpec::EccNistP256));
    let blob = encrypt(&kms, &from.key_id);
    clock.set(hour(360));
    let request =
        ReEncryptRequest { ciphertext_blob: Some(blob), destination_key_id: to.key_id.clone(), ..Default::default() };
    kms.re_encrypt(request).unwrap();
    sign(&kms, &signer, b"x");
    for (key, operation) in [
        (&from, KeyLastUsageTrackingOperation::ReEncrypt),
        (&to, KeyLastUsageTrackingOperation::ReEncrypt),
        (&signer, KeyLastUsageTrackingOperation::Sign),
    ] {
        let used = usage(&kms, &key.key_id).key_last_usage;
        assert_eq!((used.operation, used.timestamp), (Some(operation), Some(hour(360))));
    }
}

#[test]
fn another_accounts_use_has_the_event_of_the_owner() {
    let (kms, _) = vault();
    let owner = kms.vault.client_as(Caller::root("111122223333", "us-east-1").unwrap());
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["111122223333","444455556666"]},"Action":"kms:*","Resource":"*"}]}"#;
    let request = CreateKeyRequest { policy: Some(policy.into()), ..Default::default() };
    let key = owner.create_key(request).unwrap().key_metadata.arn;
    let other = kms.vault.client_as(Caller::root("444455556666", "us-east-1").unwrap());
    encrypt(&other, &key);
    let used = usage(&owner, &key).key_last_usage;
    assert_eq!(used.cloud_trail_event_id, Some(newest(&kms, "Encrypt", "111122223333").event_id));
    assert_ne!(used.cloud_trail_event_id, Some(newest(&kms, "Encrypt", "444455556666").event_id));
    // It does not cross accounts, whatever the policies say.
    refused(other.get_key_last_usage(GetKeyLastUsageRequest { key_id: key }), ErrorKind::AccessDenied);
}

#[test]
fn a_key_is_named_by_id_or_arn_and_has_to_be_there() {
    let (kms, clock) = vault();
    let key = create_key(&kms);
    create_alias(&kms, "alias/used", &key.key_id);
    refused(kms.get_key_last_usage(GetKeyLastUsageRequest { key_id: "alias/used".into() }), ErrorKind::NotFound);
    let none = "12345678-1234-4234-8234-123456789012";
    refused(kms.get_key_last_usage(GetKeyLastUsageRequest { key_id: none.into() }), ErrorKind::NotFound);
    // In every state, until it is gone.
    encrypt(&kms, &key.key_id);
    let request = ScheduleKeyDeletionRequest { key_id: key.key_id.clone(), pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request).unwrap();
    assert!(usage(&kms, &key.key_id).key_last_usage.operation.is_some());
    clock.advance_days(8);
    refused(kms.get_key_last_usage(GetKeyLastUsageRequest { key_id: key.key_id }), ErrorKind::NotFound);
}
