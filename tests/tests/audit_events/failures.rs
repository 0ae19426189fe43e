//! Calls that fail: denied, throttled, tried out, refused.

use super::Scene;
use pocketkms::{
    Caller,
    api::{LookupEventsRequest, RequestQuota},
};
use serde_json::{Value, json};

const MALLORY: &str = "arn:aws:iam::444455556666:user/Mallory";
const ENCRYPT: &str = r#"{"KeyId": "K_ARN", "Plaintext": "c2VjcmV0"}"#;

/// The newest record, of a call that failed so.
#[track_caller]
fn failed(scene: &Scene, operation: &str, code: &str) -> Value {
    let record = scene.last();
    assert_eq!(record["eventName"], operation, "{record}");
    assert_eq!(record["errorCode"], code, "{record}");
    assert_eq!(record["responseElements"], Value::Null);
    assert!(record.get("additionalEventData").is_none(), "{record}");
    record
}

#[test]
fn a_call_that_is_denied_is_recorded_in_the_callers_account_alone() {
    let scene = Scene::new();
    let before = scene.newest(1000).len();
    let (status, answer) = scene.try_call(&scene.client(MALLORY), "Encrypt", ENCRYPT);
    assert_eq!((status, &answer["__type"]), (400, &json!("AccessDeniedException")));
    let record = failed(&scene, "Encrypt", "AccessDenied");
    assert_eq!(record["errorMessage"], answer["message"]);
    assert_eq!(record["recipientAccountId"], "444455556666");
    assert!(record.get("sharedEventID").is_none());
    assert_eq!(scene.newest(1000).len(), before + 1);
}

/// Where the key is not there for the caller, the code is the same.
#[test]
fn a_key_that_another_account_does_not_have_is_denied_alike() {
    let scene = Scene::new();
    let body = r#"{"KeyId": "arn:aws:kms:us-west-2:111122223333:key/12345678-1234-4234-8234-123456789012", "Plaintext": "AA=="}"#;
    scene.try_call(&scene.client(MALLORY), "Encrypt", body);
    let record = failed(&scene, "Encrypt", "AccessDenied");
    assert_eq!(record["resources"], json!([]));
}

#[test]
fn exceptions_are_recorded_with_their_message_and_key() {
    let scene = Scene::new();
    scene.call("DisableKey", r#"{"KeyId": "K_ID"}"#);
    let (_, answer) = scene.try_call(&scene.kms, "Encrypt", ENCRYPT);
    let record = failed(&scene, "Encrypt", "DisabledException");
    assert_eq!(record["errorMessage"], answer["message"]);
    assert_eq!(record["requestParameters"]["keyId"], scene.read("K_ARN"));
    assert_eq!(record["resources"][0]["ARN"], scene.read("K_ARN"));

    scene.try_call(&scene.kms, "DescribeKey", r#"{"KeyId": "alias/none"}"#);
    let record = failed(&scene, "DescribeKey", "NotFoundException");
    assert_eq!(record["resources"], json!([]));

    // A decryption that fails has no message, as in AWS KMS.
    scene.try_call(&scene.kms, "Decrypt", r#"{"CiphertextBlob": "AAAA"}"#);
    let record = failed(&scene, "Decrypt", "InvalidCiphertextException");
    assert!(record.get("errorMessage").is_none());
}

/// A change that is refused is recorded, although there is no commit.
#[test]
fn a_change_that_fails_is_recorded() {
    let scene = Scene::new();
    scene.try_call(&scene.kms, "CreateAlias", r#"{"AliasName": "alias/k", "TargetKeyId": "L_ID"}"#);
    let record = failed(&scene, "CreateAlias", "AlreadyExistsException");
    assert_eq!(record["readOnly"], false);
}

#[test]
fn requests_that_cannot_be_read_are_recorded_without_parameters() {
    let scene = Scene::new();
    scene.try_call(&scene.kms, "Encrypt", r#"{"Plaintext": "c2VjcmV0", "EncryptionAlgorithm": "ROT13"}"#);
    let record = failed(&scene, "Encrypt", "ValidationException");
    assert_eq!(record["resources"], json!([]));
    scene.try_call(&scene.kms, "GenerateRandom", r#"{"NumberOfBytes": 1025}"#);
    failed(&scene, "GenerateRandom", "ValidationException");
}

#[test]
fn a_dry_run_is_recorded_as_one() {
    let scene = Scene::new();
    let body = r#"{"KeyId": "K_ID", "Plaintext": "c2VjcmV0", "DryRun": true}"#;
    scene.try_call(&scene.kms, "Encrypt", body);
    let record = failed(&scene, "Encrypt", "DryRunOperationException");
    assert_eq!(record["requestParameters"]["dryRun"], true);
    assert_eq!(record["resources"][0]["ARN"], scene.read("K_ARN"));
}

#[test]
fn a_call_over_its_quota_is_recorded() {
    let scene = Scene::new();
    let quota = RequestQuota { quota_name: "ListKeys".into(), requests: 1, ..Default::default() };
    scene.vault.set_request_quotas(Some(&[quota])).unwrap();
    assert_eq!(scene.try_call(&scene.kms, "ListKeys", "{}").0, 200);
    assert_eq!(scene.try_call(&scene.kms, "ListKeys", "{}").0, 400);
    failed(&scene, "ListKeys", "ThrottlingException");
}

/// Two records, one in each account, which share an id.
#[test]
fn the_use_of_another_accounts_key_is_recorded_in_both() {
    let scene = Scene::new();
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action": "kms:*", "Resource": "*" },
        { "Effect": "Allow", "Principal": { "AWS": MALLORY }, "Action": "kms:Encrypt", "Resource": "*" },
    ] });
    let body = json!({ "KeyId": "K_ID", "Policy": policy.to_string() });
    scene.call("PutKeyPolicy", &body.to_string());
    let before = scene.newest(1000).len();
    let (status, answer) = scene.try_call(&scene.client(MALLORY), "Encrypt", ENCRYPT);
    assert_eq!(status, 200, "{answer}");
    let records = scene.newest(2);
    assert_eq!(scene.newest(1000).len(), before + 2);
    let recipients: Vec<_> = records.iter().map(|record| record["recipientAccountId"].as_str().unwrap()).collect();
    assert_eq!(recipients, ["444455556666", "111122223333"]);
    assert_eq!(records[0]["sharedEventID"], records[1]["sharedEventID"]);
    assert_eq!(records[0]["requestID"], records[1]["requestID"]);
    assert_ne!(records[0]["eventID"], records[1]["eventID"]);
    for record in &records {
        assert!(record["sharedEventID"].is_string());
        assert_eq!(record["userIdentity"]["arn"], MALLORY);
        assert_eq!(record["resources"][0]["accountId"], "111122223333");
    }
}

#[test]
fn a_closed_vault_records_nothing_and_says_so() {
    let scene = Scene::new();
    let kms = scene.vault.client_as(Caller::new(MALLORY, "us-west-2").unwrap());
    scene.vault.close();
    assert!(scene.vault.lookup_events(&LookupEventsRequest::default()).is_err());
    assert_eq!(scene.try_call(&kms, "ListKeys", "{}").0, 500);
}
