//! Who called, as CloudTrail's `userIdentity` has each type.

use super::{REGION, Scene};
use pocketkms::{Caller, Timestamp, api::SessionContext};
use serde_json::{Value, json};

fn identity_of(caller: Caller) -> (Value, Value) {
    let scene = Scene::new();
    let kms = scene.vault.client_as(caller);
    scene.try_call(&kms, "ListKeys", "{}");
    let record = scene.last();
    (record["userIdentity"].clone(), record)
}

fn identity(arn: &str) -> Value {
    identity_of(Caller::new(arn, REGION).unwrap()).0
}

#[test]
fn each_type_of_caller_has_its_identity() {
    assert_eq!(
        identity("arn:aws:iam::111122223333:root"),
        json!({
            "type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root",
            "accountId": "111122223333",
        })
    );
    assert_eq!(
        identity("arn:aws:iam::111122223333:user/path/Alice"),
        json!({
            "type": "IAMUser", "principalId": "Alice", "arn": "arn:aws:iam::111122223333:user/path/Alice",
            "accountId": "111122223333", "userName": "Alice",
        })
    );
    assert_eq!(
        identity("arn:aws:sts::111122223333:assumed-role/Admin/session-1"),
        json!({
            "type": "AssumedRole", "principalId": "Admin:session-1",
            "arn": "arn:aws:sts::111122223333:assumed-role/Admin/session-1", "accountId": "111122223333",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role", "principalId": "Admin", "arn": "arn:aws:iam::111122223333:role/Admin",
                    "accountId": "111122223333", "userName": "Admin",
                },
                "attributes": { "mfaAuthenticated": "false" },
            },
        })
    );
    assert_eq!(
        identity("arn:aws:sts::111122223333:federated-user/Fred"),
        json!({
            "type": "FederatedUser", "principalId": "111122223333:Fred",
            "arn": "arn:aws:sts::111122223333:federated-user/Fred", "accountId": "111122223333",
            "sessionContext": { "attributes": { "mfaAuthenticated": "false" } },
        })
    );
}

#[test]
fn what_the_host_states_of_a_session_is_recorded() {
    let caller = Caller::new("arn:aws:sts::111122223333:assumed-role/Admin/session-1", REGION).unwrap();
    let session = SessionContext {
        source_ip: Some("192.0.2.7".into()),
        vpc_endpoint_id: Some("vpce-1a2b3c4d".into()),
        source_identity: Some("Alice".into()),
        multi_factor_auth_time: Some(Timestamp::from_millis(1_600_000_000_000)),
        context: Some(vec![pocketkms::api::ContextEntry {
            context_key_name: "aws:UserAgent".into(),
            context_key_values: vec!["app/1 \"quoted\"\n".into()],
        }]),
        ..Default::default()
    };
    let (identity, record) = identity_of(caller.with_session(session).unwrap());
    assert_eq!(identity["sessionContext"]["attributes"]["mfaAuthenticated"], "true");
    assert_eq!(identity["sessionContext"]["sourceIdentity"], "Alice");
    assert_eq!(record["sourceIPAddress"], "192.0.2.7");
    assert_eq!(record["vpcEndpointId"], "vpce-1a2b3c4d");
    assert_eq!(record["userAgent"], "app/1 \"quoted\"\n");
}

#[test]
fn a_service_that_calls_for_somebody_is_named() {
    let caller = Caller::new("arn:aws:iam::111122223333:user/Alice", REGION).unwrap();
    let service = "s3.us-west-2.amazonaws.com";
    let session = SessionContext { via_service: Some(service.into()), ..Default::default() };
    let (identity, record) = identity_of(caller.with_session(session).unwrap());
    assert_eq!(identity["invokedBy"], service);
    assert_eq!(record["sourceIPAddress"], service);
    assert_eq!(record["userAgent"], service);
}

#[test]
fn a_service_that_calls_by_itself_has_no_account() {
    let root = Caller::root("111122223333", REGION).unwrap();
    let service = "cloudtrail.amazonaws.com";
    let session = SessionContext { source_ip: Some("192.0.2.7".into()), ..Default::default() };
    let caller = root.with_principal(service).unwrap().with_session(session).unwrap();
    let (identity, record) = identity_of(caller);
    assert_eq!(identity, json!({ "type": "AWSService", "invokedBy": service }));
    assert_eq!((&record["sourceIPAddress"], &record["userAgent"]), (&json!(service), &json!(service)));
    assert_eq!((&record["eventType"], &record["recipientAccountId"]), (&json!("AwsApiCall"), &json!("111122223333")));
    assert_eq!(record["errorCode"], "AccessDenied");
    assert!(record["requestID"].is_string());
}

#[test]
fn the_text_of_a_caller_pushes_no_other_event_out() {
    let scene = Scene::new();
    let caller = Caller::new("arn:aws:iam::111122223333:user/Alice", REGION).unwrap();
    for agent in ["\"".repeat(600), "\u{1}".repeat(600)] {
        let entry =
            pocketkms::api::ContextEntry { context_key_name: "aws:UserAgent".into(), context_key_values: vec![agent] };
        let session = SessionContext { context: Some(vec![entry]), ..Default::default() };
        let kms = scene.vault.client_as(caller.clone().with_session(session).unwrap());
        for _ in 0..1000 {
            scene.try_call(&kms, "GenerateRandom", r#"{"NumberOfBytes": 1}"#);
        }
    }
    assert!(!scene.exported().contains("AuditTrailGap"));
}

#[test]
fn a_denied_event_does_not_say_whether_the_key_of_another_account_is_there() {
    let scene = Scene::new();
    let arn = scene.call("CreateKey", "{}")["KeyMetadata"]["Arn"].as_str().unwrap().to_string();
    let missing = format!("{}{}", &arn[..arn.len() - 1], if arn.ends_with('0') { '1' } else { '0' });
    let stranger = scene.client("arn:aws:iam::444455556666:user/Mallory");
    let records = [arn, missing].map(|arn| {
        scene.try_call(&stranger, "DescribeKey", &json!({"KeyId": arn}).to_string());
        let request = pocketkms::api::LookupEventsRequest { key_id: Some(arn), ..Default::default() };
        let events = scene.vault.lookup_events(&request).unwrap().events;
        assert!(events.iter().any(|event| event.event_name == "DescribeKey"), "found by the key that was asked for");
        scene.last()
    });
    assert_eq!(records.clone().map(|record| record["resources"].clone()), [json!([]), json!([])]);
    assert_eq!(records[0]["errorCode"], records[1]["errorCode"]);
}
