//! Whom policies let seal and open.

use super::calls::{THERE, ask, open, scene, seal};
use pocketkms::{ErrorKind, Kms, api::*};
use pocketkms_tests::vault::{Opened, error};
use serde_json::json;

const ALICE: &str = "arn:aws:iam::000000000000:user/alice";

/// A client of a user, who may do what the statements say.
fn alice(opened: &Opened, statements: &serde_json::Value) -> Kms {
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let entity = IamEntity {
        policies: Some(vec![IamPolicy { policy_name: "p".into(), policy_document: document }]),
        arn: ALICE.into(),
        ..Default::default()
    };
    opened.vault.put_iam_entity(&entity).unwrap();
    opened.vault.client_as(opened.vault.caller().with(None, None, Some(ALICE)).unwrap())
}

fn allow(actions: &[&str], condition: &serde_json::Value) -> serde_json::Value {
    json!([{"Effect": "Allow", "Action": actions, "Resource": "*", "Condition": condition}])
}

#[test]
fn sealing_needs_the_permission_to_replicate_in_that_region() {
    let scene = scene();
    let asked = ask(&scene.there, &scene.key.arn).unwrap().parcel_key;
    let region = |region: &str| json!({"StringEquals": {"kms:ReplicaRegion": region}});
    for (actions, condition, allowed) in [
        (&["kms:Decrypt", "kms:CreateKey"][..], json!({}), false),
        (&["kms:ReplicateKey"], region("us-west-2"), false),
        (&["kms:ReplicateKey"], region(THERE), true),
    ] {
        let answer = seal(&alice(&scene.here, &allow(actions, &condition)), &scene.key.key_id, &asked);
        if allowed {
            answer.unwrap();
        } else {
            assert_eq!(error(answer).kind(), ErrorKind::AccessDenied, "{actions:?} {condition}");
        }
    }
}

#[test]
fn opening_needs_the_permission_to_create_that_key() {
    let scene = scene();
    let parcel = scene.parcel();
    let spec = |spec: &str| json!({"StringEquals": {"kms:KeySpec": spec, "kms:MultiRegionKeyType": "REPLICA"}});
    for (actions, condition, allowed) in [
        (&["kms:ReplicateKey", "kms:ImportKeyMaterial"][..], json!({}), false),
        (&["kms:CreateKey"], spec("HMAC_256"), false),
        (&["kms:CreateKey"], spec("SYMMETRIC_DEFAULT"), true),
    ] {
        let answer = open(&alice(&scene.there, &allow(actions, &condition)), &parcel);
        if allowed {
            answer.unwrap();
        } else {
            assert_eq!(error(answer).kind(), ErrorKind::AccessDenied, "{actions:?} {condition}");
        }
    }
}

#[test]
fn a_replica_that_is_there_needs_the_permission_to_import() {
    let scene = scene();
    scene.replicate();
    let parcel = scene.parcel();
    let creator = alice(&scene.there, &allow(&["kms:CreateKey"], &json!({})));
    assert_eq!(error(ask(&creator, &scene.key.arn)).kind(), ErrorKind::AccessDenied);
    assert_eq!(error(open(&creator, &parcel)).kind(), ErrorKind::AccessDenied);
    let importer = alice(&scene.there, &allow(&["kms:ImportKeyMaterial"], &json!({})));
    ask(&importer, &scene.key.arn).unwrap();
    open(&importer, &parcel).unwrap();
}

#[test]
fn parcel_keys_are_for_those_who_may_create_keys() {
    let scene = scene();
    let asked = ask(&scene.there, &scene.key.arn).unwrap();
    let nobody = alice(&scene.there, &allow(&["kms:Decrypt"], &json!({})));
    assert_eq!(error(ask(&nobody, &scene.key.arn)).kind(), ErrorKind::AccessDenied);
    assert_eq!(error(nobody.list_parcel_keys(ListParcelKeysRequest::default())).kind(), ErrorKind::AccessDenied);
    let request = DeleteParcelKeyRequest { parcel_key_id: asked.parcel_key_id };
    assert_eq!(error(nobody.delete_parcel_key(request.clone())).kind(), ErrorKind::AccessDenied);
    let creator = alice(&scene.there, &allow(&["kms:CreateKey", "kms:ListKeys"], &json!({})));
    assert_eq!(creator.list_parcel_keys(ListParcelKeysRequest::default()).unwrap().parcel_keys.len(), 1);
    creator.delete_parcel_key(request).unwrap();
}
