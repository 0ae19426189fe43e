//! Keys that AWS manages: what the scenario `managed-keys.json` does not play.

use pocketkms::{Caller, ErrorKind, Kms, Vault, api::*};
use pocketkms_tests::{
    driven::Driver,
    store::Shared,
    vault::{Opened, builder, create_key, error, root, vault},
};

const ALIAS: &str = "alias/aws/s3";

fn through(vault: &Vault, caller: &Caller) -> Kms {
    let session = SessionContext { via_service: Some("s3.us-east-1.amazonaws.com".into()), ..Default::default() };
    vault.client_as(caller.with_session(session).expect("a session"))
}

fn data_key(kms: &Kms) -> pocketkms::Result<GenerateDataKeyResponse> {
    let request = GenerateDataKeyRequest { key_id: ALIAS.into(), number_of_bytes: Some(32), ..Default::default() };
    kms.generate_data_key(request)
}

/// Who is allowed nothing makes nothing, and learns nothing.
#[test]
fn nothing_is_made_for_who_may_not_use_it() {
    let (kms, _) = vault();
    let arn = |name| format!("arn:aws:iam::000000000000:user/{name}");
    let allow = |action: &str| {
        let policy_document = format!(r#"{{"Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}"#);
        Some(vec![IamPolicy { policy_name: "p".into(), policy_document }])
    };
    let deny = r#"{"Statement":{"Effect":"Deny","Action":"kms:*","Resource":"*"}}"#;
    let denied = Some(vec![IamPolicy { policy_name: "p".into(), policy_document: deny.into() }]);
    for (name, policies) in [("mallory", denied), ("bob", allow("s3:*"))] {
        kms.vault.put_iam_entity(&IamEntity { arn: arn(name), policies, ..Default::default() }).expect("a user");
    }
    let client = |name| through(&kms.vault, &kms.vault.caller().with_principal(&arn(name)).expect("a user"));
    for name in ["mallory", "nobody"] {
        assert_eq!(error(data_key(&client(name))).kind(), ErrorKind::NotFound, "{name}");
    }
    assert!(kms.list_keys(ListKeysRequest::default()).expect("a list").keys.is_empty());
    // Who may use S3 needs no permission of KMS.
    data_key(&client("bob")).expect("made");
    assert_eq!(kms.list_keys(ListKeysRequest::default()).expect("a list").keys.len(), 1);
    assert_eq!(error(data_key(&client("mallory"))).kind(), ErrorKind::AccessDenied);
}

#[test]
fn it_is_free_and_counts_against_no_quota() {
    let (kms, _) = vault();
    let quotas = ResourceQuotas { keys: Some(1), grants_per_key: Some(0), ..Default::default() };
    kms.vault.set_resource_quotas(Some(&quotas)).expect("quotas");
    let s3 = through(&kms.vault, kms.vault.caller());
    let key_id = data_key(&s3).expect("made").key_id;
    create_key(&kms);
    assert_eq!(error(kms.create_key(CreateKeyRequest::default())).kind(), ErrorKind::LimitExceeded);
    s3.create_grant(CreateGrantRequest {
        key_id,
        grantee_principal: Some("arn:aws:iam::000000000000:user/alice".into()),
        operations: vec![GrantOperation::Decrypt],
        ..Default::default()
    })
    .expect("a grant");
    let bill = kms.vault.bill(&BillRequest { month: "2023-11".into(), ..Default::default() }).expect("a bill");
    let keys = bill.lines.iter().find(|line| line.item == BillItem::Keys).expect("keys");
    assert_eq!(keys.quantity, 1, "an hour of the other one");
}

/// The trail says that AWS made it, and for whom it was used.
#[test]
fn it_is_recorded() {
    let (kms, _) = vault();
    let arn = data_key(&through(&kms.vault, kms.vault.caller())).expect("made").key_id;
    kms.vault.flush_audit().expect("stored");
    let events = kms.vault.lookup_events(&LookupEventsRequest::default()).expect("events").events;
    let record = |name: &str| -> serde_json::Value {
        let event = events.iter().find(|event| event.event_name == name).expect("an event");
        assert_eq!(event.resources, std::slice::from_ref(&arn));
        serde_json::from_str(&event.cloud_trail_event).expect("a record")
    };
    let made = record("CreateKey");
    assert_eq!(
        (&made["eventType"], &made["userIdentity"]["invokedBy"]),
        (&"AwsServiceEvent".into(), &"AWS Internal".into())
    );
    let used = record("GenerateDataKey");
    assert_eq!((&used["eventType"], &used["userIdentity"]["type"]), (&"AwsApiCall".into(), &"Root".into()));
    assert_eq!(used["sourceIPAddress"], "s3.us-east-1.amazonaws.com");
    assert!(kms.vault.verify_audit().expect("a trail").problems.is_empty());
}

/// Two processes, and the steps of a store that has to be waited for.
#[test]
fn it_is_made_once() {
    let store = Shared::new();
    let first: Opened = builder().0.create_in(store.clone(), &root()).expect("a vault").into();
    let second: Opened = builder().0.open(store, &root()).expect("a vault").into();
    let made = std::thread::scope(|scope| {
        let both = [&first, &second]
            .map(|one| scope.spawn(|| data_key(&through(&one.vault, one.vault.caller())).expect("made").key_id));
        both.map(|one| one.join().expect("an end"))
    });
    assert_eq!(made[0], made[1]);
    assert_eq!(first.list_keys(ListKeysRequest::default()).expect("a list").keys.len(), 1);
    assert!(first.vault.verify().expect("records").is_empty());
    for lease in [true, false] {
        let driver = Driver::new(Shared::new(), lease);
        let vault = driver.create(builder().0, &root()).expect("a vault");
        let s3 = through(&vault, vault.caller());
        let once = driver.run(|| data_key(&s3)).expect("made").key_id;
        assert_eq!(driver.run(|| data_key(&s3)).expect("used").key_id, once);
    }
}

/// It comes along in a snapshot, and rotates there.
#[test]
fn it_is_in_the_snapshot() {
    let (kms, clock) = vault();
    let s3 = through(&kms.vault, kms.vault.caller());
    let blob = data_key(&s3).expect("made").ciphertext_blob;
    assert!(kms.vault.needs_saving());
    let snapshot = kms.vault.snapshot().expect("a snapshot");
    clock.advance_days(800);
    let opened = builder().0.clock(clock).open_snapshot(&snapshot, &root()).expect("a vault");
    let s3 = through(&opened, opened.caller());
    s3.decrypt(DecryptRequest { ciphertext_blob: Some(blob), ..Default::default() }).expect("of the first material");
    let request = ListKeyRotationsRequest { key_id: data_key(&s3).expect("used").key_id, ..Default::default() };
    assert_eq!(opened.client().list_key_rotations(request).expect("rotations").rotations.len(), 2);
}
