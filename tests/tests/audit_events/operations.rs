//! Each operation once, beside what AWS's guide shows of it ("Understanding AWS KMS log entries").

use super::{REGION, Scene, base64, members};
use pocketkms::{api::Operation, keys::KeySpec};
use pocketkms_tests::{
    cluster::proxy_request,
    imports::{external_key, import_request},
    vault::describe,
};
use serde_json::{Value, json};

/// An operation; its body; what the record has as request parameters, response elements, additional event data, and resources.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const CONTEXT: &str = r#"{"Department": "Engineering"}"#;

const ROWS: &[Row] = &[
    (
        "CreateKey",
        r#"{"Description": "d", "Tags": [{"TagKey": "Department", "TagValue": "IT"}]}"#,
        r#"{"description": "d", "tags": [{"tagKey": "Department", "tagValue": "IT"}]}"#,
        r#"{"keyMetadata": {
            "aWSAccountId": "111122223333", "keyId": "MADE_ID", "arn": "MADE_ARN",
            "creationDate": "Nov 14, 2023, 10:13:20 PM", "enabled": true, "description": "d",
            "keyUsage": "ENCRYPT_DECRYPT", "keyState": "Enabled", "origin": "AWS_KMS", "keyManager": "CUSTOMER",
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT", "keySpec": "SYMMETRIC_DEFAULT",
            "encryptionAlgorithms": ["SYMMETRIC_DEFAULT"], "multiRegion": false, "currentKeyMaterialId": "MADE_MATERIAL"
        }}"#,
        "{}",
        r#"["MADE_ARN"]"#,
    ),
    ("DescribeKey", r#"{"KeyId": "alias/k"}"#, r#"{"keyId": "alias/k"}"#, "null", "{}", r#"["K_ARN"]"#),
    ("ListKeys", r#"{"Limit": 5}"#, r#"{"limit": 5}"#, "null", "{}", "[]"),
    (
        "ReplicateKey",
        r#"{"KeyId": "MULTI_ID", "ReplicaRegion": "eu-west-1", "Description": "d"}"#,
        r#"{"keyId": "MULTI_ID", "replicaRegion": "eu-west-1", "description": "d"}"#,
        r#"{"replicaKeyMetadata": {
            "aWSAccountId": "111122223333", "keyId": "MULTI_ID", "arn": "REPLICA_ARN",
            "creationDate": "Nov 14, 2023, 10:13:20 PM", "enabled": false, "description": "d",
            "keyUsage": "ENCRYPT_DECRYPT", "keyState": "Creating", "origin": "AWS_KMS", "keyManager": "CUSTOMER",
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT", "keySpec": "SYMMETRIC_DEFAULT",
            "encryptionAlgorithms": ["SYMMETRIC_DEFAULT"], "multiRegion": true, "multiRegionConfiguration": {
                "multiRegionKeyType": "REPLICA", "primaryKey": {"arn": "MULTI_ARN", "region": "us-west-2"},
                "replicaKeys": [{"arn": "OTHER_ARN", "region": "eu-central-1"}, {"arn": "REPLICA_ARN", "region": "eu-west-1"}]
            }
        }, "replicaPolicy": "REPLICA_DOC"}"#,
        "{}",
        r#"["MULTI_ARN"]"#,
    ),
    (
        "UpdatePrimaryRegion",
        r#"{"KeyId": "MULTI_ID", "PrimaryRegion": "eu-central-1"}"#,
        r#"{"keyId": "MULTI_ID", "primaryRegion": "eu-central-1"}"#,
        r#"{"keyId": "MULTI_ARN"}"#,
        "{}",
        r#"["MULTI_ARN"]"#,
    ),
    (
        "UpdateKeyDescription",
        r#"{"KeyId": "K_ID", "Description": "new"}"#,
        r#"{"keyId": "K_ID", "description": "new"}"#,
        r#"{"keyId": "K_ARN"}"#,
        "{}",
        r#"["K_ARN"]"#,
    ),
    ("EnableKey", r#"{"KeyId": "K_ID"}"#, r#"{"keyId": "K_ID"}"#, r#"{"keyId": "K_ARN"}"#, "{}", r#"["K_ARN"]"#),
    ("DisableKey", r#"{"KeyId": "K_ID"}"#, r#"{"keyId": "K_ID"}"#, r#"{"keyId": "K_ARN"}"#, "{}", r#"["K_ARN"]"#),
    (
        "CreateAlias",
        r#"{"AliasName": "alias/new", "TargetKeyId": "K_ID"}"#,
        r#"{"aliasName": "alias/new", "targetKeyId": "K_ID"}"#,
        r#"{"keyId": "K_ARN"}"#,
        "{}",
        r#"["K_ARN", "arn:aws:kms:us-west-2:111122223333:alias/new"]"#,
    ),
    (
        "UpdateAlias",
        r#"{"AliasName": "alias/k", "TargetKeyId": "L_ID"}"#,
        r#"{"aliasName": "alias/k", "targetKeyId": "L_ID"}"#,
        r#"{"keyId": "L_ARN"}"#,
        "{}",
        r#"["L_ARN", "K_ARN", "arn:aws:kms:us-west-2:111122223333:alias/k"]"#,
    ),
    (
        "DeleteAlias",
        r#"{"AliasName": "alias/k"}"#,
        r#"{"aliasName": "alias/k"}"#,
        r#"{"keyId": "K_ARN"}"#,
        "{}",
        r#"["K_ARN", "arn:aws:kms:us-west-2:111122223333:alias/k"]"#,
    ),
    ("ListAliases", r#"{"KeyId": "K_ID"}"#, r#"{"keyId": "K_ID"}"#, "null", "{}", "[]"),
    (
        "Encrypt",
        r#"{"KeyId": "alias/k", "Plaintext": "SECRET", "EncryptionContext": CONTEXT, "GrantTokens": []}"#,
        r#"{"keyId": "alias/k", "encryptionContext": CONTEXT, "encryptionAlgorithm": "SYMMETRIC_DEFAULT"}"#,
        "null",
        r#"{"keyMaterialId": "K_MATERIAL"}"#,
        r#"["K_ARN"]"#,
    ),
    (
        "Decrypt",
        r#"{"CiphertextBlob": "CIPHERTEXT", "EncryptionContext": CONTEXT}"#,
        r#"{"encryptionContext": CONTEXT, "encryptionAlgorithm": "SYMMETRIC_DEFAULT"}"#,
        "null",
        r#"{"keyMaterialId": "K_MATERIAL"}"#,
        r#"["K_ARN"]"#,
    ),
    (
        "ReEncrypt",
        r#"{"CiphertextBlob": "CIPHERTEXT", "SourceEncryptionContext": CONTEXT, "DestinationKeyId": "L_ID",
            "DestinationEncryptionContext": {"Level": "3A"}}"#,
        r#"{"sourceEncryptionContext": CONTEXT, "sourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "destinationKeyId": "L_ID", "destinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "destinationEncryptionContext": {"Level": "3A"}}"#,
        "null",
        r#"{"sourceKeyMaterialId": "K_MATERIAL", "destinationKeyMaterialId": "L_MATERIAL"}"#,
        r#"["K_ARN", "L_ARN"]"#,
    ),
    (
        "GenerateDataKey",
        r#"{"KeyId": "K_ID", "NumberOfBytes": 32, "EncryptionContext": CONTEXT}"#,
        r#"{"keyId": "K_ID", "numberOfBytes": 32, "encryptionContext": CONTEXT}"#,
        "null",
        r#"{"keyMaterialId": "K_MATERIAL"}"#,
        r#"["K_ARN"]"#,
    ),
    (
        "GenerateDataKeyWithoutPlaintext",
        r#"{"KeyId": "K_ID", "KeySpec": "AES_256"}"#,
        r#"{"keyId": "K_ID", "keySpec": "AES_256"}"#,
        "null",
        r#"{"keyMaterialId": "K_MATERIAL"}"#,
        r#"["K_ARN"]"#,
    ),
    (
        "GenerateDataKeyPair",
        r#"{"KeyId": "K_ID", "KeyPairSpec": "ECC_NIST_P256"}"#,
        r#"{"keyId": "K_ID", "keyPairSpec": "ECC_NIST_P256"}"#,
        "null",
        r#"{"keyMaterialId": "K_MATERIAL"}"#,
        r#"["K_ARN"]"#,
    ),
    (
        "GenerateDataKeyPairWithoutPlaintext",
        r#"{"KeyId": "K_ID", "KeyPairSpec": "ECC_NIST_P384"}"#,
        r#"{"keyId": "K_ID", "keyPairSpec": "ECC_NIST_P384"}"#,
        "null",
        r#"{"keyMaterialId": "K_MATERIAL"}"#,
        r#"["K_ARN"]"#,
    ),
    ("GenerateRandom", r#"{"NumberOfBytes": 32}"#, "null", "null", "{}", "[]"),
    (
        "GenerateMac",
        r#"{"KeyId": "HMAC_ID", "Message": "SECRET", "MacAlgorithm": "HMAC_SHA_256"}"#,
        r#"{"keyId": "HMAC_ID", "macAlgorithm": "HMAC_SHA_256"}"#,
        "null",
        "{}",
        r#"["HMAC_ARN"]"#,
    ),
    (
        "VerifyMac",
        r#"{"KeyId": "HMAC_ID", "Message": "SECRET", "Mac": "MAC_BYTES", "MacAlgorithm": "HMAC_SHA_256"}"#,
        r#"{"keyId": "HMAC_ID", "macAlgorithm": "HMAC_SHA_256"}"#,
        "null",
        "{}",
        r#"["HMAC_ARN"]"#,
    ),
    (
        "Sign",
        r#"{"KeyId": "SIGN_ID", "Message": "SECRET", "SigningAlgorithm": "ECDSA_SHA_256", "MessageType": "RAW"}"#,
        r#"{"keyId": "SIGN_ID", "signingAlgorithm": "ECDSA_SHA_256", "messageType": "RAW"}"#,
        "null",
        "{}",
        r#"["SIGN_ARN"]"#,
    ),
    (
        "Verify",
        r#"{"KeyId": "SIGN_ID", "Message": "SECRET", "Signature": "SIGNATURE", "SigningAlgorithm": "ECDSA_SHA_256"}"#,
        r#"{"keyId": "SIGN_ID", "signingAlgorithm": "ECDSA_SHA_256"}"#,
        "null",
        "{}",
        r#"["SIGN_ARN"]"#,
    ),
    ("GetPublicKey", r#"{"KeyId": "SIGN_ID"}"#, r#"{"keyId": "SIGN_ID"}"#, "null", "{}", r#"["SIGN_ARN"]"#),
    (
        "DeriveSharedSecret",
        r#"{"KeyId": "AGREE_ID", "KeyAgreementAlgorithm": "ECDH", "PublicKey": "PEER"}"#,
        r#"{"keyId": "AGREE_ID", "keyAgreementAlgorithm": "ECDH"}"#,
        "null",
        "{}",
        r#"["AGREE_ARN"]"#,
    ),
    (
        "Encapsulate",
        r#"{"KeyId": "KEM_ID", "EncapsulationAlgorithm": "ML_KEM"}"#,
        r#"{"keyId": "KEM_ID", "encapsulationAlgorithm": "ML_KEM"}"#,
        "null",
        "{}",
        r#"["KEM_ARN"]"#,
    ),
    (
        "Decapsulate",
        r#"{"KeyId": "KEM_ID", "EncapsulationAlgorithm": "ML_KEM", "SharedSecretCiphertextBlob": "CAPSULE"}"#,
        r#"{"keyId": "KEM_ID", "encapsulationAlgorithm": "ML_KEM"}"#,
        "null",
        "{}",
        r#"["KEM_ARN"]"#,
    ),
    (
        "EnableKeyRotation",
        r#"{"KeyId": "K_ID", "RotationPeriodInDays": 180}"#,
        r#"{"keyId": "K_ID", "rotationPeriodInDays": 180}"#,
        r#"{"keyId": "K_ARN"}"#,
        "{}",
        r#"["K_ARN"]"#,
    ),
    (
        "DisableKeyRotation",
        r#"{"KeyId": "K_ID"}"#,
        r#"{"keyId": "K_ID"}"#,
        r#"{"keyId": "K_ARN"}"#,
        "{}",
        r#"["K_ARN"]"#,
    ),
    ("GetKeyRotationStatus", r#"{"KeyId": "K_ID"}"#, r#"{"keyId": "K_ID"}"#, "null", "{}", r#"["K_ARN"]"#),
    (
        "RotateKeyOnDemand",
        r#"{"KeyId": "K_ID"}"#,
        r#"{"keyId": "K_ID"}"#,
        r#"{"keyId": "K_ARN"}"#,
        "{}",
        r#"["K_ARN"]"#,
    ),
    ("ListKeyRotations", r#"{"KeyId": "K_ID"}"#, r#"{"keyId": "K_ID"}"#, "null", "{}", r#"["K_ARN"]"#),
    (
        "GetParametersForImport",
        r#"{"KeyId": "EXT_ID", "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}"#,
        r#"{"keyId": "EXT_ID", "wrappingAlgorithm": "RSAES_OAEP_SHA_256", "wrappingKeySpec": "RSA_2048"}"#,
        "null",
        "{}",
        r#"["EXT_ARN"]"#,
    ),
    (
        "ImportKeyMaterial",
        r#"{"KeyId": "EXT_ID", "ImportToken": "IMPORT_BLOB", "EncryptedKeyMaterial": "WRAPPED",
            "ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": 1700086400}"#,
        r#"{"keyId": "EXT_ID", "expirationModel": "KEY_MATERIAL_EXPIRES", "validTo": "Nov 15, 2023, 10:13:20 PM"}"#,
        r#"{"keyId": "EXT_ARN", "keyMaterialId": "EXT_MATERIAL"}"#,
        r#"{"keyMaterialId": "EXT_MATERIAL"}"#,
        r#"["EXT_ARN"]"#,
    ),
    (
        "DeleteImportedKeyMaterial",
        r#"{"KeyId": "EXT_ID"}"#,
        r#"{"keyId": "EXT_ID"}"#,
        r#"{"keyId": "EXT_ARN", "keyMaterialId": "EXT_MATERIAL"}"#,
        r#"{"keyMaterialId": "EXT_MATERIAL"}"#,
        r#"["EXT_ARN"]"#,
    ),
    (
        "ScheduleKeyDeletion",
        r#"{"KeyId": "K_ID", "PendingWindowInDays": 20}"#,
        r#"{"keyId": "K_ID", "pendingWindowInDays": 20}"#,
        r#"{"keyId": "K_ARN", "keyState": "PendingDeletion", "deletionDate": "Dec 4, 2023, 10:13:20 PM",
            "pendingWindowInDays": 20}"#,
        "{}",
        r#"["K_ARN"]"#,
    ),
    (
        "CancelKeyDeletion",
        r#"{"KeyId": "L_ID"}"#,
        r#"{"keyId": "L_ID"}"#,
        r#"{"keyId": "L_ARN"}"#,
        "{}",
        r#"["L_ARN"]"#,
    ),
    (
        "TagResource",
        r#"{"KeyId": "K_ID", "Tags": [{"TagKey": "Department", "TagValue": "IT"}]}"#,
        r#"{"keyId": "K_ID", "tags": [{"tagKey": "Department", "tagValue": "IT"}]}"#,
        r#"{"keyId": "K_ARN"}"#,
        "{}",
        r#"["K_ARN"]"#,
    ),
    (
        "UntagResource",
        r#"{"KeyId": "K_ID", "TagKeys": ["Department"]}"#,
        r#"{"keyId": "K_ID", "tagKeys": ["Department"]}"#,
        r#"{"keyId": "K_ARN"}"#,
        "{}",
        r#"["K_ARN"]"#,
    ),
    ("ListResourceTags", r#"{"KeyId": "K_ID"}"#, r#"{"keyId": "K_ID"}"#, "null", "{}", r#"["K_ARN"]"#),
    (
        "PutKeyPolicy",
        r#"{"KeyId": "K_ID", "PolicyName": "default", "Policy": POLICY, "BypassPolicyLockoutSafetyCheck": true}"#,
        r#"{"keyId": "K_ID", "policyName": "default", "policy": POLICY, "bypassPolicyLockoutSafetyCheck": true}"#,
        r#"{"keyId": "K_ARN"}"#,
        "{}",
        r#"["K_ARN"]"#,
    ),
    (
        "GetKeyPolicy",
        r#"{"KeyId": "K_ID", "PolicyName": "default"}"#,
        r#"{"keyId": "K_ID", "policyName": "default"}"#,
        "null",
        "{}",
        r#"["K_ARN"]"#,
    ),
    ("ListKeyPolicies", r#"{"KeyId": "K_ID"}"#, r#"{"keyId": "K_ID"}"#, "null", "{}", r#"["K_ARN"]"#),
    ("GetKeyLastUsage", r#"{"KeyId": "K_ID"}"#, r#"{"keyId": "K_ID"}"#, "null", "{}", r#"["K_ARN"]"#),
    (
        "CreateGrant",
        r#"{"KeyId": "K_ID", "GranteePrincipal": "arn:aws:iam::111122223333:user/Bob", "Operations": ["Encrypt"],
            "RetiringPrincipal": "arn:aws:iam::111122223333:user/Carol",
            "Constraints": {"EncryptionContextSubset": CONTEXT}}"#,
        r#"{"keyId": "K_ID", "granteePrincipal": "arn:aws:iam::111122223333:user/Bob", "operations": ["Encrypt"],
            "retiringPrincipal": "arn:aws:iam::111122223333:user/Carol",
            "constraints": {"encryptionContextSubset": CONTEXT}}"#,
        r#"{"grantId": "MADE_GRANT"}"#,
        "{}",
        r#"["K_ARN"]"#,
    ),
    ("ListGrants", r#"{"KeyId": "K_ID"}"#, r#"{"keyId": "K_ID"}"#, "null", "{}", r#"["K_ARN"]"#),
    (
        "ListRetirableGrants",
        r#"{"RetiringPrincipal": "arn:aws:iam::111122223333:user/Alice"}"#,
        r#"{"retiringPrincipal": "arn:aws:iam::111122223333:user/Alice"}"#,
        "null",
        "{}",
        "[]",
    ),
    ("RetireGrant", r#"{"GrantToken": "GRANT_TOKEN"}"#, "null", "null", r#"{"grantId": "GRANT_ID"}"#, r#"["K_ARN"]"#),
    (
        "RevokeGrant",
        r#"{"KeyId": "K_ID", "GrantId": "GRANT_ID"}"#,
        r#"{"keyId": "K_ID", "grantId": "GRANT_ID"}"#,
        r#"{"keyId": "K_ARN"}"#,
        "{}",
        r#"["K_ARN"]"#,
    ),
    (
        "CreateCustomKeyStore",
        r#"{"CustomKeyStoreName": "hsm", "CloudHsmClusterId": "cluster-abcdefg2345", "TrustAnchorCertificate": "MII",
            "KeyStorePassword": "kmsPswd"}"#,
        r#"{"customKeyStoreName": "hsm", "cloudHsmClusterId": "cluster-abcdefg2345", "trustAnchorCertificate": "MII"}"#,
        r#"{"customKeyStoreId": "MADE_STORE"}"#,
        "{}",
        "[]",
    ),
    ("DescribeCustomKeyStores", r#"{"Limit": 5}"#, r#"{"limit": 5}"#, "null", "{}", "[]"),
    (
        "UpdateCustomKeyStore",
        r#"{"CustomKeyStoreId": "STORE_ID", "NewCustomKeyStoreName": "new", "XksProxyAuthenticationCredential": {
            "AccessKeyId": "ABCDEFGHIJKLMNOPQRST", "RawSecretAccessKey": "RawSecretAccessKeyRawSecretAccessKey0123456"}}"#,
        r#"{"customKeyStoreId": "STORE_ID", "newCustomKeyStoreName": "new"}"#,
        "null",
        "{}",
        "[]",
    ),
    (
        "DeleteCustomKeyStore",
        r#"{"CustomKeyStoreId": "STORE_ID"}"#,
        r#"{"customKeyStoreId": "STORE_ID"}"#,
        "null",
        "{}",
        "[]",
    ),
    (
        "ConnectCustomKeyStore",
        r#"{"CustomKeyStoreId": "STORE_ID"}"#,
        r#"{"customKeyStoreId": "STORE_ID"}"#,
        "null",
        "{}",
        "[]",
    ),
    (
        "DisconnectCustomKeyStore",
        r#"{"CustomKeyStoreId": "STORE_ID"}"#,
        r#"{"customKeyStoreId": "STORE_ID"}"#,
        "null",
        "{}",
        "[]",
    ),
];

/// A scene with all that the rows name.
pub(super) fn prepared() -> Scene {
    let mut scene = Scene::new();
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:root" }, "Action": "kms:*", "Resource": "*"
    }] });
    let secret = base64(b"what nobody may read");
    scene.names.extend([
        ("CONTEXT", CONTEXT.to_string()),
        ("POLICY", Value::from(policy.to_string()).to_string()),
        ("SECRET", secret),
    ]);
    for (name, key) in [("K_MATERIAL", "K_ID"), ("L_MATERIAL", "L_ID")] {
        let metadata = scene.call("DescribeKey", &json!({ "KeyId": key }).to_string());
        scene.name(name, &metadata["KeyMetadata"]["CurrentKeyMaterialId"]);
    }
    let encrypted = r#"{"KeyId": "K_ID", "Plaintext": "SECRET", "EncryptionContext": CONTEXT}"#;
    let encrypted = scene.call("Encrypt", encrypted);
    scene.name("CIPHERTEXT", &encrypted["CiphertextBlob"]);
    let mac = scene.call("GenerateMac", r#"{"KeyId": "HMAC_ID", "Message": "SECRET", "MacAlgorithm": "HMAC_SHA_256"}"#);
    scene.name("MAC_BYTES", &mac["Mac"]);
    let signed = r#"{"KeyId": "SIGN_ID", "Message": "SECRET", "SigningAlgorithm": "ECDSA_SHA_256"}"#;
    let signed = scene.call("Sign", signed);
    scene.name("SIGNATURE", &signed["Signature"]);
    let peer = scene.call("GetPublicKey", r#"{"KeyId": "AGREE_ID"}"#);
    scene.name("PEER", &peer["PublicKey"]);
    let made = r#"{"KeySpec": "ML_KEM_512", "KeyUsage": "ENCAPSULATE_DECAPSULATE"}"#;
    let made = scene.call("CreateKey", made);
    scene.name("KEM_ID", &made["KeyMetadata"]["KeyId"]);
    scene.name("KEM_ARN", &made["KeyMetadata"]["Arn"]);
    let capsule = scene.call("Encapsulate", r#"{"KeyId": "KEM_ID", "EncapsulationAlgorithm": "ML_KEM"}"#);
    scene.name("CAPSULE", &capsule["SharedSecretCiphertextBlob"]);
    let grant = r#"{"KeyId": "K_ID", "GranteePrincipal": "arn:aws:iam::111122223333:user/Alice",
        "RetiringPrincipal": "arn:aws:iam::111122223333:user/Alice", "Operations": ["Encrypt"]}"#;
    let grant = scene.call("CreateGrant", grant);
    scene.name("GRANT_TOKEN", &grant["GrantToken"]);
    scene.name("GRANT_ID", &grant["GrantId"]);
    let external = external_key(&scene.kms, KeySpec::SymmetricDefault);
    scene.names.extend([("EXT_ARN", external.arn), ("EXT_ID", external.key_id)]);
    scene.call("ScheduleKeyDeletion", r#"{"KeyId": "L_ID", "PendingWindowInDays": 7}"#);
    let multi = scene.call("CreateKey", r#"{"MultiRegion": true}"#);
    scene.name("MULTI_ID", &multi["KeyMetadata"]["KeyId"]);
    scene.name("MULTI_ARN", &multi["KeyMetadata"]["Arn"]);
    let other = scene.call("ReplicateKey", r#"{"KeyId": "MULTI_ID", "ReplicaRegion": "eu-central-1"}"#);
    scene.name("OTHER_ARN", &other["ReplicaKeyMetadata"]["Arn"]);
    let store = scene.kms.create_custom_key_store(proxy_request("proxy")).unwrap().custom_key_store_id;
    scene.names.push(("STORE_ID", store));
    let policy = Value::from(other["ReplicaPolicy"].as_str().unwrap().replace("eu-central-1", "eu-west-1"));
    scene.names.push(("REPLICA_DOC", policy.to_string().trim_matches('"').to_string()));
    scene
}

/// The bodies of calls that succeed on a prepared scene.
pub(super) fn bodies() -> impl Iterator<Item = (&'static str, &'static str)> {
    ROWS.iter().map(|row| (row.0, row.1))
}

/// Puts a scene into the state that a call needs.
pub(super) fn make_ready(scene: &mut Scene, operation: &str) {
    if ["ImportKeyMaterial", "DeleteImportedKeyMaterial"].contains(&operation) {
        let key = describe(&scene.kms, &scene.read("EXT_ID"));
        let request = import_request(&scene.kms, &key, &[9; 32]);
        let names = [("IMPORT_BLOB", &request.import_token), ("WRAPPED", &request.encrypted_key_material)];
        scene.names.extend(names.map(|(name, bytes)| (name, base64(bytes))));
        let imported = scene.kms.import_key_material(request).unwrap();
        scene.names.push(("EXT_MATERIAL", imported.key_material_id.unwrap()));
    }
    if operation == "DisconnectCustomKeyStore" {
        scene.call("ConnectCustomKeyStore", r#"{"CustomKeyStoreId": "STORE_ID"}"#);
    }
    if operation != "CancelKeyDeletion" {
        scene.call("CancelKeyDeletion", r#"{"KeyId": "L_ID"}"#);
        scene.call("EnableKey", r#"{"KeyId": "L_ID"}"#);
    }
}

#[test]
fn every_operation_is_recorded_as_cloudtrail_does() {
    let named: Vec<_> = ROWS.iter().map(|row| row.0).collect();
    let all: Vec<_> = Operation::ALL.iter().map(|operation| operation.name()).collect();
    assert_eq!(named, all, "a row for each operation, in their order");
    for (operation, body, request, response, more, resources) in ROWS {
        let mut scene = prepared();
        make_ready(&mut scene, operation);
        let before = scene.newest(1000).len();
        let answer = scene.call(operation, body);
        // RotateKeyOnDemand is followed by the rotation itself, and in another Region there is an event of the key there.
        let recorded = scene.newest(1000);
        let new = &recorded[..recorded.len() - before];
        let here = |record: &&Value| record["eventName"] == *operation && record["awsRegion"] == REGION;
        let record = new.iter().find(here).unwrap_or_else(|| panic!("{operation}"));
        let with_another = ["RotateKeyOnDemand", "ReplicateKey", "UpdatePrimaryRegion"];
        assert_eq!(new.len(), if with_another.contains(operation) { 2 } else { 1 }, "{operation}");

        let made = &answer["KeyMetadata"];
        if *operation == "CreateKey" {
            scene.name("MADE_ID", &made["KeyId"]);
            scene.name("MADE_ARN", &made["Arn"]);
            scene.name("MADE_MATERIAL", &made["CurrentKeyMaterialId"]);
        } else if *operation == "ReplicateKey" {
            scene.name("REPLICA_ARN", &answer["ReplicaKeyMetadata"]["Arn"]);
        } else if *operation == "CreateCustomKeyStore" {
            scene.name("MADE_STORE", &answer["CustomKeyStoreId"]);
        } else if *operation == "CreateGrant" {
            scene.name("MADE_GRANT", &answer["GrantId"]);
        }
        let expected = |text: &str| -> Value { serde_json::from_str(&scene.read(text)).unwrap() };
        assert_eq!(record["requestParameters"], expected(request), "{operation}");
        assert_eq!(record["responseElements"], expected(response), "{operation}");
        let more = expected(more);
        let recorded = record.get("additionalEventData").cloned().unwrap_or_else(|| json!({}));
        assert_eq!(recorded, more, "{operation}");
        let arns: Vec<_> = record["resources"].as_array().unwrap().iter().map(|entry| entry["ARN"].clone()).collect();
        assert_eq!(Value::from(arns), expected(resources), "{operation}");

        let mut expected_members = vec![
            "awsRegion",
            "eventCategory",
            "eventID",
            "eventName",
            "eventSource",
            "eventTime",
            "eventType",
            "eventVersion",
            "managementEvent",
            "readOnly",
            "recipientAccountId",
            "requestID",
            "requestParameters",
            "resources",
            "responseElements",
            "userAgent",
            "userIdentity",
        ];
        if more != json!({}) {
            expected_members.insert(0, "additionalEventData");
        }
        assert_eq!(members(record), expected_members, "{operation}");
        assert_eq!(record["eventSource"], "kms.amazonaws.com");
        assert_eq!(record["eventType"], "AwsApiCall");
        assert_eq!(record["eventTime"], "2023-11-14T22:13:20Z");
        assert_eq!(record["awsRegion"], REGION);
        assert_eq!(record["recipientAccountId"], "111122223333");
        let is_read_only = Operation::ALL.iter().find(|known| known.name() == *operation).unwrap().is_read_only();
        assert_eq!(record["readOnly"], is_read_only, "{operation}");
        for resource in record["resources"].as_array().unwrap() {
            assert_eq!(resource["type"], "AWS::KMS::Key");
            assert_eq!(resource["accountId"], "111122223333");
        }
        assert_ne!(record["eventID"], record["requestID"]);
    }
}
