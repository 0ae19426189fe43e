//! Where several errors apply, the one that AWS KMS would give: the request's own constraints, then the key, then the
//! permission, then the state, then the usage and algorithm, then the ciphertext, and last `DryRun`.

use super::common::{NO_KEY, WOULD_SUCCEED, elsewhere, fails_with};
use pocketkms::{
    ErrorKind, Kms, Result,
    api::*,
    keys::{DataKeySpec, EncryptionAlgorithmSpec},
};
use pocketkms_tests::vault::{context, create_alias, create_key, encrypt, refused, vault};

/// A request to encrypt in which these members are wrong.
fn try_encrypt(kms: &Kms, key: &str, wrong: &[&str]) -> Result<()> {
    let wrong = |member| wrong.contains(&member);
    let request = EncryptRequest {
        key_id: if wrong("key_id") { NO_KEY.into() } else { key.into() },
        plaintext: vec![0; usize::from(!wrong("plaintext"))].into(),
        encryption_algorithm: wrong("algorithm").then_some(EncryptionAlgorithmSpec::RsaesOaepSha256),
        dry_run: Some(wrong("dry_run")),
        ..Default::default()
    };
    kms.encrypt(request).map(drop)
}

#[test]
fn encrypt_tells_the_first_error_until_all_are_mended() {
    let (kms, _) = vault();
    let stranger = elsewhere(&kms, "111122223333", "us-east-1");
    let key = create_key(&kms).arn;
    kms.disable_key(DisableKeyRequest { key_id: key.clone() }).unwrap();

    let wrong = ["plaintext", "key_id", "algorithm", "dry_run"];
    fails_with(try_encrypt(&stranger, &key, &wrong), ErrorKind::Validation, "'plaintext'");
    fails_with(try_encrypt(&stranger, &key, &wrong[1..]), ErrorKind::NotFound, NO_KEY);
    fails_with(try_encrypt(&stranger, &key, &wrong[2..]), ErrorKind::AccessDenied, "kms:Encrypt");
    fails_with(try_encrypt(&kms, &key, &wrong[2..]), ErrorKind::Disabled, &key);
    kms.enable_key(EnableKeyRequest { key_id: key.clone() }).unwrap();
    fails_with(try_encrypt(&kms, &key, &wrong[2..]), ErrorKind::InvalidKeyUsage, "RSAES_OAEP_SHA_256");
    refused(try_encrypt(&kms, &key, &wrong[3..]), ErrorKind::DryRunOperation, WOULD_SUCCEED);
    try_encrypt(&kms, &key, &[]).unwrap();
}

#[test]
fn decrypt_tells_the_first_error_until_all_are_mended() {
    let (kms, _) = vault();
    let stranger = elsewhere(&kms, "111122223333", "us-east-1");
    let (key, other) = (create_key(&kms).arn, create_key(&kms).arn);
    let good = encrypt(&kms, &key, b"secret").into_vec();
    let of_other = encrypt(&kms, &other, b"secret").into_vec();
    let mut altered = good.clone();
    *altered.last_mut().unwrap() ^= 1;
    kms.disable_key(DisableKeyRequest { key_id: key.clone() }).unwrap();

    let rsa = EncryptionAlgorithmSpec::RsaesOaepSha1;
    let call = |kms: &Kms, key: &str, blob: &[u8], algorithm| {
        kms.decrypt(DecryptRequest {
            ciphertext_blob: Some(blob.to_vec().into()),
            key_id: Some(key.into()),
            encryption_context: Some(context()),
            encryption_algorithm: algorithm,
            dry_run: Some(true),
            ..Default::default()
        })
    };
    fails_with(call(&stranger, NO_KEY, &[], Some(rsa)), ErrorKind::Validation, "'ciphertextBlob'");
    fails_with(call(&stranger, NO_KEY, &[0], Some(rsa)), ErrorKind::NotFound, NO_KEY);
    fails_with(call(&stranger, &key, &[0], Some(rsa)), ErrorKind::AccessDenied, "kms:Decrypt");
    // The state of the key that was named, whatever the ciphertext is.
    for blob in [&[0][..], &of_other, &altered] {
        fails_with(call(&kms, &key, blob, Some(rsa)), ErrorKind::Disabled, &key);
    }
    kms.enable_key(EnableKeyRequest { key_id: key.clone() }).unwrap();
    // Its algorithm, too.
    for blob in [&[0][..], &of_other, &altered] {
        fails_with(call(&kms, &key, blob, Some(rsa)), ErrorKind::InvalidKeyUsage, "RSAES_OAEP_SHA_1");
    }
    fails_with(call(&kms, &key, &of_other, None), ErrorKind::IncorrectKey, "does not identify");
    refused(call(&kms, &key, &altered, None), ErrorKind::InvalidCiphertext, "");
    refused(call(&kms, &key, &good, None), ErrorKind::DryRunOperation, WOULD_SUCCEED);
}

#[test]
fn the_ciphertext_tells_nothing_to_who_may_not_decrypt() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    let mut blob = encrypt(&kms, &key.key_id, b"secret").into_vec();
    let call = |kms: &Kms, blob: &[u8]| {
        let ciphertext_blob = Some(blob.to_vec().into());
        kms.decrypt(DecryptRequest { ciphertext_blob, encryption_context: Some(context()), ..Default::default() })
    };
    let stranger = elsewhere(&kms, "111122223333", "us-east-1");
    fails_with(call(&stranger, &blob), ErrorKind::AccessDenied, "kms:Decrypt");
    *blob.last_mut().unwrap() ^= 1;
    fails_with(call(&stranger, &blob), ErrorKind::AccessDenied, "kms:Decrypt");
    refused(call(&kms, &blob), ErrorKind::InvalidCiphertext, "");
}

#[test]
fn tokens_come_after_the_key_of_ones_own_and_before_the_permission() {
    let (kms, _) = vault();
    let stranger = elsewhere(&kms, "111122223333", "us-east-1");
    let key = create_key(&kms).arn;
    let call = |kms: &Kms, key: &str, count: usize| {
        let grant_tokens = Some(vec!["token".into(); count]);
        kms.describe_key(DescribeKeyRequest { key_id: key.into(), grant_tokens })
    };
    fails_with(call(&kms, NO_KEY, 11), ErrorKind::Validation, "'grantTokens'");
    fails_with(call(&kms, NO_KEY, 1), ErrorKind::NotFound, NO_KEY);
    fails_with(call(&kms, &key, 1), ErrorKind::InvalidGrantToken, "not valid");
    // Of another account's key no one learns by a token whether there is one.
    fails_with(call(&stranger, &key, 1), ErrorKind::InvalidGrantToken, "not valid");
    fails_with(
        call(&stranger, &key.replace(&key[key.len() - 36..], NO_KEY), 1),
        ErrorKind::InvalidGrantToken,
        "not valid",
    );
    fails_with(call(&stranger, &key, 0), ErrorKind::AccessDenied, "kms:DescribeKey");
}

/// Each breaks a constraint of its own and names a key.
fn invalid(kms: &Kms, key: &str) -> Vec<(&'static str, Result<()>)> {
    let key_id = || key.to_string();
    let limit = Some(0);
    let long = "a".repeat(8193);
    let both = (Some(DataKeySpec::Aes256), Some(32));
    vec![
        (
            "UpdateKeyDescription",
            kms.update_key_description(UpdateKeyDescriptionRequest { key_id: key_id(), description: long }),
        ),
        ("CreateAlias", kms.create_alias(CreateAliasRequest { alias_name: "orders".into(), target_key_id: key_id() })),
        ("UpdateAlias", kms.update_alias(UpdateAliasRequest { alias_name: "orders".into(), target_key_id: key_id() })),
        ("ListAliases", kms.list_aliases(ListAliasesRequest { key_id: Some(key_id()), limit, marker: None }).map(drop)),
        (
            "GenerateDataKey",
            kms.generate_data_key(GenerateDataKeyRequest {
                key_id: key_id(),
                key_spec: both.0,
                number_of_bytes: both.1,
                ..Default::default()
            })
            .map(drop),
        ),
        (
            "GenerateDataKeyWithoutPlaintext",
            kms.generate_data_key_without_plaintext(GenerateDataKeyWithoutPlaintextRequest {
                key_id: key_id(),
                ..Default::default()
            })
            .map(drop),
        ),
        (
            "EnableKeyRotation",
            kms.enable_key_rotation(EnableKeyRotationRequest { key_id: key_id(), rotation_period_in_days: Some(89) }),
        ),
        (
            "ListKeyRotations",
            kms.list_key_rotations(ListKeyRotationsRequest { key_id: key_id(), limit, ..Default::default() }).map(drop),
        ),
        (
            "ScheduleKeyDeletion",
            kms.schedule_key_deletion(ScheduleKeyDeletionRequest {
                key_id: key_id(),
                pending_window_in_days: Some(31),
            })
            .map(drop),
        ),
        (
            "TagResource",
            kms.tag_resource(TagResourceRequest {
                key_id: key_id(),
                tags: vec![Tag { tag_key: String::new(), tag_value: String::new() }],
            }),
        ),
        ("UntagResource", kms.untag_resource(UntagResourceRequest { key_id: key_id(), tag_keys: vec![String::new()] })),
        (
            "ListResourceTags",
            kms.list_resource_tags(ListResourceTagsRequest { key_id: key_id(), limit, marker: None }).map(drop),
        ),
        (
            "PutKeyPolicy",
            kms.put_key_policy(PutKeyPolicyRequest { key_id: key_id(), policy: String::new(), ..Default::default() }),
        ),
        (
            "GetKeyPolicy",
            kms.get_key_policy(GetKeyPolicyRequest { key_id: key_id(), policy_name: Some("a-b".into()) }).map(drop),
        ),
        (
            "ListKeyPolicies",
            kms.list_key_policies(ListKeyPoliciesRequest { key_id: key_id(), limit: Some(0), marker: None }).map(drop),
        ),
        (
            "CreateGrant",
            kms.create_grant(CreateGrantRequest {
                key_id: key_id(),
                grantee_principal: Some("*".into()),
                operations: vec![GrantOperation::Decrypt],
                ..Default::default()
            })
            .map(drop),
        ),
        (
            "ListGrants",
            kms.list_grants(ListGrantsRequest { key_id: key_id(), limit: Some(101), ..Default::default() }).map(drop),
        ),
        (
            "ListRetirableGrants",
            kms.list_retirable_grants(ListRetirableGrantsRequest { limit, ..Default::default() }).map(drop),
        ),
        ("RetireGrant", kms.retire_grant(RetireGrantRequest { key_id: Some(key_id()), ..Default::default() })),
        (
            "RevokeGrant",
            kms.revoke_grant(RevokeGrantRequest { key_id: key_id(), grant_id: "0".repeat(129), dry_run: None }),
        ),
    ]
}

#[test]
fn constraints_come_first_in_every_operation() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    kms.schedule_key_deletion(ScheduleKeyDeletionRequest { key_id: key.arn.clone(), pending_window_in_days: None })
        .unwrap();
    let stranger = elsewhere(&kms, "111122223333", "us-east-1");
    // A key that is not there, one of another account, and one that waits for its deletion.
    for (kms, name) in [(&*kms, NO_KEY), (&stranger, &*key.arn), (&kms, &*key.key_id)] {
        for (operation, result) in invalid(kms, name) {
            let error = pocketkms_tests::vault::error(result);
            assert_eq!(error.kind(), ErrorKind::Validation, "{operation} of {name}: {error}");
        }
    }
}

#[test]
fn constraints_of_a_second_name_come_before_the_first_is_looked_up() {
    let (kms, _) = vault();
    let request = UpdateAliasRequest { alias_name: "alias/nobody".into(), target_key_id: String::new() };
    fails_with(kms.update_alias(request), ErrorKind::Validation, "'targetKeyId'");
    let request = ReEncryptRequest {
        ciphertext_blob: Some(vec![0].into()),
        source_key_id: Some(NO_KEY.into()),
        destination_key_id: String::new(),
        ..Default::default()
    };
    fails_with(kms.re_encrypt(request), ErrorKind::Validation, "'destinationKeyId'");
}

#[test]
fn the_state_comes_before_what_the_operation_would_find() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    for number in 0..50 {
        create_alias(&kms, &format!("alias/{number}"), &key.key_id);
    }
    for _ in 0..25 {
        kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.key_id.clone() }).unwrap();
    }
    kms.schedule_key_deletion(ScheduleKeyDeletionRequest { key_id: key.key_id.clone(), pending_window_in_days: None })
        .unwrap();
    let alias = |name: &str| CreateAliasRequest { alias_name: name.into(), target_key_id: key.key_id.clone() };
    let message = format!("{} is pending deletion.", key.arn);
    // The name is taken, and the key has all the aliases that it may have.
    refused(kms.create_alias(alias("alias/7")), ErrorKind::KmsInvalidState, &message);
    refused(kms.create_alias(alias("alias/50")), ErrorKind::KmsInvalidState, &message);
    // A reserved name is wrong by itself.
    fails_with(kms.create_alias(alias("alias/aws/s3")), ErrorKind::InvalidAliasName, "reserved");
    let request = RotateKeyOnDemandRequest { key_id: key.key_id.clone() };
    refused(kms.rotate_key_on_demand(request), ErrorKind::KmsInvalidState, &message);
}
