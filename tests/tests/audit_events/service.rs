//! What time does is recorded as AWS's own service.

use super::{Scene, members};
use pocketkms::{
    api::{ImportKeyMaterialRequest, LookupEventsRequest},
    keys::KeySpec,
};
use pocketkms_tests::{
    imports::{external_key, import_request},
    vault::START,
};
use serde_json::{Value, json};

#[track_caller]
fn service_event(scene: &Scene, name: &str) -> Value {
    let request = LookupEventsRequest { event_name: Some(name.into()), ..Default::default() };
    let events = scene.vault.lookup_events(&request).unwrap().events;
    let event = events.first().unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(event.principal, None);
    let record: Value = serde_json::from_str(&event.cloud_trail_event).unwrap();
    assert_eq!(record["userIdentity"], json!({ "accountId": "111122223333", "invokedBy": "AWS Internal" }));
    assert_eq!(record["eventType"], "AwsServiceEvent");
    assert_eq!(record["sourceIPAddress"], "AWS Internal");
    assert_eq!(record["userAgent"], "AWS Internal");
    assert_eq!(record["requestParameters"], Value::Null);
    assert_eq!(record["responseElements"], Value::Null);
    assert_eq!(record["readOnly"], false);
    assert_eq!(record["awsRegion"], "us-west-2");
    let key = if name == "DeleteExpiredKeyMaterial" { "EXT_ARN" } else { "K_ARN" };
    assert_eq!(record["resources"][0]["ARN"], scene.read(key));
    assert!(!members(&record).contains(&"requestID"));
    record
}

#[test]
fn rotations_that_fall_due_are_recorded() {
    let scene = Scene::new();
    scene.call("EnableKeyRotation", r#"{"KeyId": "K_ID", "RotationPeriodInDays": 90}"#);
    scene.clock.advance_days(91);
    scene.call("Encrypt", r#"{"KeyId": "K_ID", "Plaintext": "AA=="}"#);
    let record = service_event(&scene, "RotateKey");
    let details = json!({ "rotationType": "AUTOMATIC", "keyId": scene.read("K_ID") });
    assert_eq!(record["serviceEventDetails"], details);
    assert_eq!(scene.last()["eventName"], "Encrypt");
}

#[test]
fn a_rotation_on_demand_is_recorded_beside_its_call() {
    let scene = Scene::new();
    scene.call("RotateKeyOnDemand", r#"{"KeyId": "K_ID"}"#);
    let record = service_event(&scene, "RotateKey");
    let details = json!({ "rotationType": "ON_DEMAND", "keyId": scene.read("K_ID") });
    assert_eq!(record["serviceEventDetails"], details);
}

#[test]
fn a_deletion_that_falls_due_is_recorded() {
    let scene = Scene::new();
    scene.call("ScheduleKeyDeletion", r#"{"KeyId": "K_ID", "PendingWindowInDays": 7}"#);
    scene.clock.advance_days(8);
    scene.call("ListKeys", "{}");
    let record = service_event(&scene, "DeleteKey");
    assert_eq!(record["serviceEventDetails"], json!({ "keyId": scene.read("K_ID") }));
}

#[test]
fn material_that_expires_is_recorded() {
    let mut scene = Scene::new();
    let key = external_key(&scene.kms, KeySpec::SymmetricDefault);
    scene.names.extend([("EXT_ARN", key.arn.clone()), ("EXT_ID", key.key_id.clone())]);
    let request = ImportKeyMaterialRequest {
        expiration_model: None,
        valid_to: Some(START.plus_days(3)),
        ..import_request(&scene.kms, &key, &[9; 32])
    };
    let material = scene.kms.import_key_material(request).unwrap().key_material_id;
    scene.clock.advance_days(4);
    scene.call("DescribeKey", r#"{"KeyId": "EXT_ID"}"#);
    let record = service_event(&scene, "DeleteExpiredKeyMaterial");
    let details = json!({ "keyId": key.key_id, "keyMaterialId": material });
    assert_eq!(record["serviceEventDetails"], details);
}
