//! The form of good answers.

use crate::{call, json, ok, refused};
use pocketkms::api::Operation;
use pocketkms_tests::vault::{create_key, vault};
use serde_json::{Value, json};

#[test]
fn a_key_is_described_with_the_names_and_types_of_aws() {
    let (kms, clock) = vault();
    clock.set(pocketkms::Timestamp::from_millis(1_700_000_000_123));
    let created = ok(&kms, "CreateKey", &json!({}));
    let metadata = &created["KeyMetadata"];
    let key_id = metadata["KeyId"].as_str().expect("a key id");
    let expected = json!({ "KeyMetadata": {
        "AWSAccountId": "000000000000",
        "KeyId": key_id,
        "Arn": format!("arn:aws:kms:us-east-1:000000000000:key/{key_id}"),
        "CreationDate": 1_700_000_000.123,
        "Enabled": true,
        "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": false,
        "CurrentKeyMaterialId": metadata["CurrentKeyMaterialId"],
    }});
    assert_eq!(created, expected);
    assert_eq!(metadata["CurrentKeyMaterialId"].as_str().map(str::len), Some(64));
    assert_eq!(ok(&kms, "DescribeKey", &json!({ "KeyId": key_id })), expected);
}

#[test]
fn bytes_cross_as_base64() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    let context = json!({ "tenant": "42", "quoted \"\\\n\u{7f}☕": "\u{1f511}" });
    let request = json!({ "KeyId": key.key_id, "Plaintext": "Zm9vYmFyIPv/", "EncryptionContext": context });
    let encrypted = ok(&kms, "Encrypt", &request);
    assert_eq!(
        (&encrypted["KeyId"], &encrypted["EncryptionAlgorithm"]),
        (&json!(key.arn), &json!("SYMMETRIC_DEFAULT"))
    );
    assert_eq!(encrypted.as_object().map(serde_json::Map::len), Some(3));
    let request = json!({ "CiphertextBlob": encrypted["CiphertextBlob"], "EncryptionContext": context });
    let decrypted = ok(&kms, "Decrypt", &request);
    let members: Vec<_> = decrypted.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(members, ["EncryptionAlgorithm", "KeyId", "KeyMaterialId", "Plaintext"]);
    assert_eq!(decrypted["Plaintext"], "Zm9vYmFyIPv/");
    let request = json!({ "CiphertextBlob": encrypted["CiphertextBlob"] });
    refused(&kms, "Decrypt", &request, "InvalidCiphertextException", None);
}

#[test]
fn what_answers_nothing_has_an_empty_body() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    for (operation, request) in [
        ("DisableKey", json!({ "KeyId": key })),
        ("EnableKey", json!({ "KeyId": key })),
        ("UpdateKeyDescription", json!({ "KeyId": key, "Description": "new" })),
        ("CreateAlias", json!({ "AliasName": "alias/a", "TargetKeyId": key })),
        ("UpdateAlias", json!({ "AliasName": "alias/a", "TargetKeyId": key })),
        ("DeleteAlias", json!({ "AliasName": "alias/a" })),
        ("TagResource", json!({ "KeyId": key, "Tags": [{ "TagKey": "a", "TagValue": "b" }] })),
        ("UntagResource", json!({ "KeyId": key, "TagKeys": ["a"] })),
        ("EnableKeyRotation", json!({ "KeyId": key })),
        ("DisableKeyRotation", json!({ "KeyId": key })),
    ] {
        let response = call(&kms, operation, &request);
        assert_eq!((response.status, response.body.expose()), (200, &b""[..]), "{operation}");
    }
}

#[test]
fn every_operation_of_the_model_is_known_and_no_other() {
    let (kms, _) = vault();
    assert_eq!(Operation::ALL.len(), 56);
    for operation in Operation::ALL {
        let response = call(&kms, operation.name(), &json!({}));
        if response.status != 200 {
            let (_, name, _) = crate::exception(&response);
            assert_eq!(name, "ValidationException", "{}", operation.name());
        }
    }
    for target in ["", "Encrypt", "TrentService.", "TrentService.encrypt", "TrentService.Encrypt ", "DynamoDB.Encrypt"]
    {
        let response = kms.call(target, b"{}");
        assert_eq!(json(&response), json!({ "__type": "UnknownOperationException" }), "{target}");
        assert_eq!(response.status, 400);
    }
}

#[test]
fn lists_go_on_by_their_marker() {
    let (kms, _) = vault();
    let mut keys: Vec<_> = (0..3).map(|_| json!(create_key(&kms).key_id)).collect();
    let first = ok(&kms, "ListKeys", &json!({ "Limit": 2 }));
    assert_eq!(first["Truncated"], true);
    let second = ok(&kms, "ListKeys", &json!({ "Limit": 2, "Marker": first["NextMarker"] }));
    assert_eq!((&second["Truncated"], second.get("NextMarker")), (&json!(false), None));
    let both = [&first, &second].into_iter().flat_map(|page| page["Keys"].as_array().expect("a list"));
    let mut found: Vec<_> = both.map(|key| key["KeyId"].clone()).collect();
    found.sort_by_key(Value::to_string);
    keys.sort_by_key(Value::to_string);
    assert_eq!(found, keys);
}
