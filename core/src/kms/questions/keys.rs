//! Operations on keys and aliases.

#[allow(clippy::wildcard_imports, reason = "the scene and all it is made of")]
use super::*;

pub(super) const CASES: &[Case] = &[
    (
        Operation::CreateKey,
        |scene| {
            let tags = Some(vec![Tag { tag_key: "a".into(), tag_value: "b".into() }]);
            let bypass_policy_lockout_safety_check = Some(true);
            let request = CreateKeyRequest { bypass_policy_lockout_safety_check, tags, ..Default::default() };
            scene.kms.create_key(request).unwrap();
        },
        &[
            "kms:CreateKey * new=SYMMETRIC_DEFAULT,ENCRYPT_DECRYPT,AWS_KMS,false bypass=true tags=a:b",
            "kms:TagResource * new=SYMMETRIC_DEFAULT,ENCRYPT_DECRYPT,AWS_KMS,false bypass=true tags=a:b",
        ],
    ),
    (
        Operation::DescribeKey,
        |scene| {
            let tokens = Some(vec![token(scene)]);
            let request = DescribeKeyRequest { key_id: "alias/k".into(), grant_tokens: tokens };
            scene.kms.describe_key(request).unwrap();
            let request = DescribeKeyRequest { key_id: scene.k.clone(), ..Default::default() };
            scene.kms.describe_key(request).unwrap();
        },
        &["kms:DescribeKey K alias=alias/k tokens=1", "kms:DescribeKey K"],
    ),
    (Operation::ListKeys, |scene| drop(scene.kms.list_keys(ListKeysRequest::default()).unwrap()), &["kms:ListKeys *"]),
    (
        Operation::ReplicateKey,
        |scene| {
            let key_id = multi_region(scene);
            let tags = Some(vec![Tag { tag_key: "a".into(), tag_value: "b".into() }]);
            let request =
                ReplicateKeyRequest { key_id, replica_region: "eu-west-1".into(), tags, ..Default::default() };
            scene.kms.replicate_key(request).unwrap();
        },
        &[
            "kms:ReplicateKey M replica=eu-west-1",
            "kms:CreateKey * new=SYMMETRIC_DEFAULT,ENCRYPT_DECRYPT,AWS_KMS,REPLICA tags=a:b",
            "kms:TagResource * new=SYMMETRIC_DEFAULT,ENCRYPT_DECRYPT,AWS_KMS,REPLICA tags=a:b",
        ],
    ),
    (
        Operation::UpdatePrimaryRegion,
        |scene| {
            let key_id = multi_region(scene);
            let (replica_region, description) = ("eu-west-1".into(), Some("N".into()));
            let request =
                ReplicateKeyRequest { key_id: key_id.clone(), replica_region, description, ..Default::default() };
            scene.kms.replicate_key(request).unwrap();
            asked::take();
            let request = UpdatePrimaryRegionRequest { key_id, primary_region: "eu-west-1".into() };
            scene.kms.update_primary_region(request).unwrap();
        },
        &["kms:UpdatePrimaryRegion M primary=eu-west-1", "kms:UpdatePrimaryRegion N primary=eu-west-1"],
    ),
    (
        Operation::UpdateKeyDescription,
        |scene| {
            let request = UpdateKeyDescriptionRequest { key_id: scene.k.clone(), description: "M".into() };
            scene.kms.update_key_description(request).unwrap();
        },
        &["kms:UpdateKeyDescription K"],
    ),
    (
        Operation::EnableKey,
        |scene| scene.kms.enable_key(EnableKeyRequest { key_id: scene.k.clone() }).unwrap(),
        &["kms:EnableKey K"],
    ),
    (
        Operation::DisableKey,
        |scene| scene.kms.disable_key(DisableKeyRequest { key_id: scene.k.clone() }).unwrap(),
        &["kms:DisableKey K"],
    ),
    (
        Operation::CreateAlias,
        |scene| {
            let request = CreateAliasRequest { alias_name: "alias/m".into(), target_key_id: scene.l.clone() };
            scene.kms.create_alias(request).unwrap();
        },
        &["kms:CreateAlias arn:aws:kms:us-east-1:000000000000:alias/m", "kms:CreateAlias L"],
    ),
    (
        Operation::UpdateAlias,
        |scene| {
            let request = UpdateAliasRequest { alias_name: "alias/k".into(), target_key_id: scene.l.clone() };
            scene.kms.update_alias(request).unwrap();
        },
        &["kms:UpdateAlias arn:aws:kms:us-east-1:000000000000:alias/k", "kms:UpdateAlias L", "kms:UpdateAlias K"],
    ),
    (
        Operation::DeleteAlias,
        |scene| scene.kms.delete_alias(DeleteAliasRequest { alias_name: "alias/k".into() }).unwrap(),
        &["kms:DeleteAlias arn:aws:kms:us-east-1:000000000000:alias/k", "kms:DeleteAlias K"],
    ),
    (
        Operation::ListAliases,
        |scene| {
            let request = ListAliasesRequest { key_id: Some(scene.k.clone()), ..Default::default() };
            scene.kms.list_aliases(request).unwrap();
        },
        &["kms:ListAliases *"],
    ),
];
