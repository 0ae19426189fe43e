//! `CreateKey`, `DescribeKey`, `ListKeys`, `UpdateKeyDescription`, `EnableKey`, `DisableKey`.

use super::common::{fails_with, in_range, length_error, pages, refuses_bad_markers, text_error};
use pocketkms::{
    Caller, ErrorKind, Kms,
    api::*,
    keys::{
        CustomerMasterKeySpec, EncryptionAlgorithmSpec, KeyId, KeyManagerType, KeySpec, KeyState, KeyUsageType,
        MaterialId, OriginType,
    },
};
use pocketkms_tests::vault::{START, create_key, describe, encrypt, refused, vault};

/// What `CreateKey` says without the members that are never there for such a key.
fn metadata(key_id: String, current_key_material_id: Option<String>) -> KeyMetadata {
    KeyMetadata {
        aws_account_id: "000000000000".into(),
        arn: format!("arn:aws:kms:us-east-1:000000000000:key/{key_id}"),
        key_id,
        creation_date: START,
        enabled: true,
        description: String::new(),
        key_usage: KeyUsageType::EncryptDecrypt,
        key_state: KeyState::Enabled,
        deletion_date: None,
        valid_to: None,
        origin: OriginType::AwsKms,
        custom_key_store_id: None,
        cloud_hsm_cluster_id: None,
        expiration_model: None,
        key_manager: KeyManagerType::Customer,
        customer_master_key_spec: Some(CustomerMasterKeySpec::SymmetricDefault),
        key_spec: KeySpec::SymmetricDefault,
        encryption_algorithms: Some(vec![EncryptionAlgorithmSpec::SymmetricDefault]),
        signing_algorithms: None,
        key_agreement_algorithms: None,
        encapsulation_algorithms: None,
        multi_region: false,
        multi_region_configuration: None,
        pending_deletion_window_in_days: None,
        mac_algorithms: None,
        xks_key_configuration: None,
        current_key_material_id,
    }
}

fn create(request: CreateKeyRequest) -> pocketkms::Result<KeyMetadata> {
    vault().0.create_key(request).map(|response| response.key_metadata)
}

#[test]
fn a_key_has_the_defaults_of_the_model() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    key.key_id.parse::<KeyId>().expect("a key id");
    let material = key.current_key_material_id.clone().expect("material");
    material.parse::<MaterialId>().expect("a material id");
    assert_eq!(key, metadata(key.key_id.clone(), Some(material)));
    assert_eq!(describe(&kms, &key.key_id), key);
}

#[test]
fn every_member_that_is_offered_is_taken() {
    let key = create(CreateKeyRequest {
        description: Some("für Bestellungen".into()),
        key_usage: Some(KeyUsageType::EncryptDecrypt),
        key_spec: Some(KeySpec::SymmetricDefault),
        origin: Some(OriginType::AwsKms),
        bypass_policy_lockout_safety_check: Some(true),
        tags: Some(vec![Tag { tag_key: "team".into(), tag_value: "shop".into() }]),
        multi_region: Some(false),
        ..Default::default()
    })
    .unwrap();
    let plain = metadata(key.key_id.clone(), key.current_key_material_id.clone());
    assert_eq!(key, KeyMetadata { description: "für Bestellungen".into(), ..plain });
}

#[test]
fn the_former_name_of_the_key_spec_is_taken_but_not_beside_the_new_one() {
    let former = Some(CustomerMasterKeySpec::SymmetricDefault);
    let key = create(CreateKeyRequest { customer_master_key_spec: former, ..Default::default() }).unwrap();
    assert_eq!(key.key_spec, KeySpec::SymmetricDefault);
    let both = CreateKeyRequest {
        customer_master_key_spec: former,
        key_spec: Some(KeySpec::SymmetricDefault),
        ..Default::default()
    };
    let message = "You cannot specify KeySpec and CustomerMasterKeySpec in the same request.";
    refused(create(both), ErrorKind::Validation, message);
}

#[test]
fn what_is_not_offered_is_refused_and_not_ignored() {
    for (request, kind, words) in [
        (
            CreateKeyRequest { origin: Some(OriginType::AwsCloudhsm), ..Default::default() },
            ErrorKind::Validation,
            "You must specify a CustomKeyStoreId for the origin AWS_CLOUDHSM.",
        ),
        (
            CreateKeyRequest { origin: Some(OriginType::ExternalKeyStore), ..Default::default() },
            ErrorKind::Validation,
            "You must specify a CustomKeyStoreId for the origin EXTERNAL_KEY_STORE.",
        ),
        (
            CreateKeyRequest { custom_key_store_id: Some("cks-1".into()), ..Default::default() },
            ErrorKind::CustomKeyStoreNotFound,
            "Custom key store 'cks-1' does not exist.",
        ),
        (
            CreateKeyRequest { custom_key_store_id: Some(String::new()), ..Default::default() },
            ErrorKind::Validation,
            "customKeyStoreId",
        ),
        (CreateKeyRequest { xks_key_id: Some("x".into()), ..Default::default() }, ErrorKind::Validation, "XksKeyId"),
    ] {
        let (kms, _) = vault();
        fails_with(kms.create_key(request), kind, words);
        assert!(kms.list_keys(ListKeysRequest::default()).unwrap().keys.is_empty(), "{words}: a key was made");
    }
}

#[test]
fn a_key_spec_is_made_for_its_usages_or_refused_by_name() {
    let (kms, _) = vault();
    let china = kms.vault.client_as(Caller::root("000000000000", "cn-northwest-1").unwrap());
    for spec in KeySpec::ALL.iter().copied().filter(|spec| *spec != KeySpec::SymmetricDefault) {
        let with = |kms: &Kms, key_usage| {
            let request = CreateKeyRequest { key_spec: Some(spec), key_usage, ..Default::default() };
            kms.create_key(request).map(|answer| answer.key_metadata)
        };
        let message = "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.";
        refused(with(&kms, None), ErrorKind::Validation, message);
        for usage in KeyUsageType::ALL.iter().copied() {
            if !spec.supports(usage) {
                let message = format!("KeyUsage {usage} is not compatible with KeySpec {spec}");
                refused(with(&kms, Some(usage)), ErrorKind::Validation, &message);
                continue;
            }
            if spec == KeySpec::Sm2 {
                let message = "The key spec SM2 is not supported in the Region us-east-1.";
                refused(with(&kms, Some(usage)), ErrorKind::UnsupportedOperation, message);
            }
            let kms = if spec == KeySpec::Sm2 { &china } else { &*kms };
            let key = with(kms, Some(usage)).expect("a spec that is offered");
            assert_eq!((key.key_spec, key.key_usage), (spec, usage));
            assert_eq!(key.mac_algorithms.as_deref().unwrap_or_default(), spec.mac_algorithms(usage));
            assert_eq!(key.encryption_algorithms.as_deref().unwrap_or_default(), spec.encryption_algorithms(usage));
            assert_eq!(key.signing_algorithms.as_deref().unwrap_or_default(), spec.signing_algorithms(usage));
        }
    }
    for former in CustomerMasterKeySpec::ALL.iter().filter(|spec| **spec != CustomerMasterKeySpec::SymmetricDefault) {
        let request = CreateKeyRequest {
            customer_master_key_spec: Some(*former),
            key_usage: KeySpec::from(*former).usages().first().copied(),
            ..Default::default()
        };
        let made = china.create_key(request).expect("a spec that is offered").key_metadata;
        assert_eq!(made.key_spec.as_str(), former.as_str());
    }
    let mac = CreateKeyRequest { key_usage: Some(KeyUsageType::GenerateVerifyMac), ..Default::default() };
    let message = "KeyUsage GENERATE_VERIFY_MAC is not compatible with KeySpec SYMMETRIC_DEFAULT";
    refused(create(mac), ErrorKind::Validation, message);
}

#[test]
fn a_description_has_up_to_8192_characters() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let update = |description: String| {
        kms.update_key_description(UpdateKeyDescriptionRequest { key_id: key.clone(), description })
    };
    // Characters are counted, not bytes.
    for description in ["new", "", &"ü".repeat(8192)] {
        update(description.into()).unwrap();
        assert_eq!(describe(&kms, &key).description, description);
    }
    let long = "a".repeat(8193);
    let message = text_error("description", &long, "less", 8192);
    refused(update(long.clone()), ErrorKind::Validation, &message);
    let request = CreateKeyRequest { description: Some(long), ..Default::default() };
    refused(kms.create_key(request), ErrorKind::Validation, &message);
    assert_eq!(describe(&kms, &key).description.chars().count(), 8192);
}

#[test]
fn describe_key_refuses_grant_tokens_that_name_no_grant() {
    let (kms, _) = vault();
    let key_id = create_key(&kms).key_id;
    let with = |count: usize| {
        let grant_tokens = Some(vec!["token".to_string(); count]);
        kms.describe_key(DescribeKeyRequest { key_id: key_id.clone(), grant_tokens })
    };
    assert!(with(0).is_ok());
    refused(with(1), ErrorKind::InvalidGrantToken, "The grant token is not valid.");
    refused(with(11), ErrorKind::Validation, &length_error("grantTokens", "less", 10));
}

#[test]
fn a_key_is_disabled_and_enabled_as_often_as_one_likes() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    let key_id = || key.key_id.clone();
    for _ in 0..2 {
        kms.disable_key(DisableKeyRequest { key_id: key_id() }).unwrap();
        kms.disable_key(DisableKeyRequest { key_id: key_id() }).unwrap();
        let disabled = KeyMetadata { enabled: false, key_state: KeyState::Disabled, ..key.clone() };
        assert_eq!(describe(&kms, &key.key_id), disabled);
        kms.enable_key(EnableKeyRequest { key_id: key_id() }).unwrap();
        kms.enable_key(EnableKeyRequest { key_id: key_id() }).unwrap();
        assert_eq!(describe(&kms, &key.key_id), key);
        encrypt(&kms, &key.key_id, b"again");
    }
}

fn list(kms: &Kms, limit: Option<i32>) -> Vec<Vec<KeyListEntry>> {
    pages(|marker| {
        let answer = kms.list_keys(ListKeysRequest { limit, marker, resource_owners: None }).unwrap();
        (answer.keys, answer.next_marker, answer.truncated)
    })
}

#[test]
fn every_key_is_listed_once_whatever_the_limit() {
    let (kms, _) = vault();
    let mut made: Vec<_> = (0..101).map(|_| create_key(&kms)).map(|key| (key.key_id, key.arn)).collect();
    made.sort();
    for (limit, lengths) in [
        (None, vec![100, 1]),
        (Some(1), vec![1; 101]),
        (Some(50), vec![50, 50, 1]),
        (Some(100), vec![100, 1]),
        (Some(101), vec![101]),
        (Some(1000), vec![101]),
    ] {
        let pages = list(&kms, limit);
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), lengths, "{limit:?}");
        let mut listed: Vec<_> = pages.into_iter().flatten().map(|key| (key.key_id, key.key_arn)).collect();
        listed.sort();
        assert_eq!(listed, made, "{limit:?}");
    }
}

#[test]
fn list_keys_refuses_bad_limits_and_markers() {
    let (kms, _) = vault();
    let request = |limit, marker| ListKeysRequest { limit, marker, resource_owners: None };
    in_range("limit", 1, 1000, |limit| kms.list_keys(request(Some(limit), None)));
    refuses_bad_markers(|marker| kms.list_keys(request(None, Some(marker))));
}

#[test]
fn keys_are_listed_by_their_owners() {
    let (kms, _) = vault();
    create_key(&kms);
    let owned_by = |owners: &[ResourceOwnerType]| {
        let request = ListKeysRequest { resource_owners: Some(owners.to_vec()), ..Default::default() };
        kms.list_keys(request).map(|answer| answer.keys.len())
    };
    let (own, shared) = (ResourceOwnerType::SelfOwned, ResourceOwnerType::OtherAccountsViaRam);
    assert_eq!(owned_by(&[own]).unwrap(), 1);
    assert_eq!(owned_by(&[shared, own]).unwrap(), 1);
    // No key can be shared with an account of a vault.
    assert_eq!(owned_by(&[shared]).unwrap(), 0);
    refused(owned_by(&[]), ErrorKind::Validation, &length_error("resourceOwners", "greater", 1));
    refused(owned_by(&[own; 3]), ErrorKind::Validation, &length_error("resourceOwners", "less", 2));
}
