//! Answers that were recorded from AWS KMS.

use crate::{call, exception, ok, refused};
use pocketkms::{Caller, Kms, api::ScheduleKeyDeletionRequest};
use pocketkms_tests::vault::{create_key, vault};
use serde_json::{Value, json};

const NO_KEY: &str = "12345678-1234-4234-8234-123456789012";

#[test]
fn an_arn_of_another_region() {
    let (kms, _) = vault();
    let arn = create_key(&kms).arn.replace("us-east-1", "ap-southeast-1");
    for operation in ["DescribeKey", "RotateKeyOnDemand", "ListResourceTags", "EnableKey"] {
        let message = Some("Invalid arn ap-southeast-1");
        refused(&kms, operation, &json!({ "KeyId": arn }), "NotFoundException", message);
    }
    let request = json!({ "KeyId": arn, "Plaintext": "YQ==" });
    refused(&kms, "Encrypt", &request, "NotFoundException", Some("Invalid arn ap-southeast-1"));
}

#[test]
fn a_key_that_does_not_exist() {
    let (kms, _) = vault();
    let kms = kms.vault.client_as(Caller::root("111122223333", "eu-west-1").expect("a caller"));
    let mrk = "mrk-12345678123442348234123456789012";
    for id in [NO_KEY, mrk] {
        let arn = format!("arn:aws:kms:eu-west-1:111122223333:key/{id}");
        let message = format!("Key '{arn}' does not exist");
        for name in [id, &arn] {
            refused(&kms, "DescribeKey", &json!({ "KeyId": name }), "NotFoundException", Some(&message));
            refused(&kms, "RotateKeyOnDemand", &json!({ "KeyId": name }), "NotFoundException", Some(&message));
        }
    }
    for id in ["fake-key-id", "12345678123442348234123456789012", "mrk-fake-key-id"] {
        let message = format!("Invalid keyId '{id}'");
        refused(&kms, "DescribeKey", &json!({ "KeyId": id }), "NotFoundException", Some(&message));
    }
}

#[test]
fn tags() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let tag = |key: &str, value: &str| json!({ "TagKey": key, "TagValue": value });
    let many: Vec<_> = (0..51).map(|number| tag(&number.to_string(), "")).collect();
    let (long_key, long_value) = ("a".repeat(129), "b".repeat(257));
    let constraint = |value: &str, member: &str, limit: usize| {
        format!(
            "1 validation error detected: Value '{value}' at 'tags.1.member.{member}' failed to satisfy constraint: Member \
             must have length less than or equal to {limit}"
        )
    };
    for (tags, name, message) in [
        (many, "TagException", "Too many tags".to_owned()),
        (vec![tag("a", "1"), tag("a", "2")], "TagException", "Duplicate tag keys".to_owned()),
        (vec![tag("aws:a", "")], "TagException", "Tags beginning with aws: are reserved".to_owned()),
        (vec![tag("AWS:a", "")], "TagException", "Tags beginning with aws: are reserved".to_owned()),
        (vec![tag(&long_key, "")], "ValidationException", constraint(&long_key, "tagKey", 128)),
        (vec![tag("a", &long_value)], "ValidationException", constraint(&long_value, "tagValue", 256)),
    ] {
        refused(&kms, "CreateKey", &json!({ "Tags": tags }), name, Some(&message));
        refused(&kms, "TagResource", &json!({ "KeyId": key, "Tags": tags }), name, Some(&message));
    }
    let add = |tags: Value| call(&kms, "TagResource", &json!({ "KeyId": key, "Tags": tags })).status;
    assert_eq!(add(json!([tag("tag1", "1"), tag("tag2", "2"), tag("tag3", "3")])), 200);
    assert_eq!(add(json!([tag("tag4", "4"), tag("tag2", "new"), tag("tag5", "5")])), 200);
    let tags = json!([tag("tag1", "1"), tag("tag2", "new"), tag("tag3", "3"), tag("tag4", "4"), tag("tag5", "5")]);
    assert_eq!(ok(&kms, "ListResourceTags", &json!({ "KeyId": key }))["Tags"], tags);
}

#[test]
fn too_much_for_encrypt() {
    let (kms, _) = vault();
    let request = json!({ "KeyId": create_key(&kms).key_id, "Plaintext": "YWFh".repeat(1600) });
    let message = "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less \
                   than or equal to 4096";
    refused(&kms, "Encrypt", &request, "ValidationException", Some(message));
}

#[test]
fn numbers_of_random_bytes() {
    let (kms, _) = vault();
    for bytes in [1, 12, 44, 91, 1024] {
        let random = ok(&kms, "GenerateRandom", &json!({ "NumberOfBytes": bytes }));
        let text = random["Plaintext"].as_str().expect("base64");
        assert_eq!(text.trim_end_matches('=').len() * 3 / 4, bytes);
    }
    for (bytes, relation) in [(0, "greater than or equal to 1"), (1025, "less than or equal to 1024")] {
        let message = format!(
            "1 validation error detected: Value '{bytes}' at 'numberOfBytes' failed to satisfy constraint: Member must have \
             value {relation}"
        );
        refused(&kms, "GenerateRandom", &json!({ "NumberOfBytes": bytes }), "ValidationException", Some(&message));
    }
    for request in [json!({}), json!({ "NumberOfBytes": null })] {
        refused(&kms, "GenerateRandom", &request, "ValidationException", Some("NumberOfBytes is required."));
    }
}

#[test]
fn rotations_on_demand() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    let request = json!({ "KeyId": key.key_id });
    for _ in 0..25 {
        assert_eq!(ok(&kms, "RotateKeyOnDemand", &request), json!({ "KeyId": key.arn }));
    }
    let message = format!(
        "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for \
         this key: {}",
        key.arn
    );
    refused(&kms, "RotateKeyOnDemand", &request, "LimitExceededException", Some(&message));
    let status = json!({ "KeyId": key.arn, "KeyRotationEnabled": false });
    assert_eq!(ok(&kms, "GetKeyRotationStatus", &request), status);
}

#[test]
fn keys_and_aliases_that_cannot_be() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let message = "Alias must start with the prefix \"alias/\". Please see \
                   https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html";
    let request = json!({ "AliasName": "orders", "TargetKeyId": key });
    refused(&kms, "CreateAlias", &request, "ValidationException", Some(message));
    let message = "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.";
    refused(&kms, "CreateKey", &json!({ "KeySpec": "HMAC_256" }), "ValidationException", Some(message));
    let request = json!({ "KeySpec": "RSA_2048", "KeyUsage": "KEY_AGREEMENT" });
    let message = "KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048";
    refused(&kms, "CreateKey", &request, "ValidationException", Some(message));
}

/// The blob of a new key, and that key's id.
fn encrypted(kms: &Kms) -> (Value, String) {
    let key = create_key(kms).key_id;
    let blob = ok(kms, "Encrypt", &json!({ "KeyId": key, "Plaintext": "YQ==" }))["CiphertextBlob"].take();
    (blob, key)
}

#[test]
fn a_ciphertext_of_another_key() {
    let (kms, _) = vault();
    let (blob, _) = encrypted(&kms);
    let request = json!({ "CiphertextBlob": blob, "KeyId": create_key(&kms).key_id });
    let message = "The key ID in the request does not identify a CMK that can perform this operation.";
    refused(&kms, "Decrypt", &request, "IncorrectKeyException", Some(message));
}

#[test]
fn a_ciphertext_does_not_tell_which_keys_exist() {
    let (kms, clock) = vault();
    let (deleted, key) = encrypted(&kms);
    kms.schedule_key_deletion(ScheduleKeyDeletionRequest { key_id: key, pending_window_in_days: Some(7) })
        .expect("scheduled");
    clock.advance_days(7);
    let stranger = kms.vault.client_as(Caller::root("111122223333", "us-east-1").expect("a caller"));
    let (foreign, _) = encrypted(&stranger);
    let own = create_key(&kms).key_id;
    let re_encrypt = json!({ "DestinationKeyId": own });
    for (operation, action, more) in [("Decrypt", "Decrypt", json!({})), ("ReEncrypt", "ReEncryptFrom", re_encrypt)] {
        let message = format!(
            "User: arn:aws:iam::000000000000:root is not authorized to perform: kms:{action} on the resource associated with \
             this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a \
             resource-based policy explicitly denies access"
        );
        for blob in [&deleted, &foreign] {
            let mut request = more.clone();
            request["CiphertextBlob"] = blob.clone();
            refused(&kms, operation, &request, "AccessDeniedException", Some(&message));
        }
    }
    // A caller of another account may do as little with a key of this one.
    let (blob, _) = encrypted(&kms);
    let (status, name, _) = exception(&call(&stranger, "Decrypt", &json!({ "CiphertextBlob": blob })));
    assert_eq!((status, &*name), (400, "AccessDeniedException"));
}
