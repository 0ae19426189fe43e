//! What each operation asks the evaluator, with all that a policy may make its answer depend on.

mod access;
mod cryptography;
mod custom_key_stores;
mod keys;
mod lifecycle;

use super::{Kms, Vault};
use crate::{
    access::asked,
    api::*,
    envelope::BranchKeySource,
    error::ErrorKind,
    key::{
        DataKeyPairSpec, EncapsulationAlgorithmSpec, ExpirationModelType, KeyAgreementAlgorithmSpec, MacAlgorithmSpec,
        SigningAlgorithmSpec,
    },
    store::RootKey,
};
use alloc::{format, string::String, vec, vec::Vec};

/// A vault with two keys, described `K` and `L`, of which `K` has the alias `alias/k`.
struct Scene {
    kms: Kms,
    k: String,
    l: String,
}

const CONTEXT: [(&str, &str); 1] = [("tenant", "7")];

fn scene() -> Scene {
    let vault = Vault::builder().create_in_memory(&RootKey::from_bytes(&[7; 32]).unwrap()).unwrap();
    let kms = vault.client();
    let key = |description: &str| {
        let request = CreateKeyRequest { description: Some(description.into()), ..Default::default() };
        kms.create_key(request).unwrap().key_metadata.key_id
    };
    let (k, l) = (key("K"), key("L"));
    kms.create_alias(CreateAliasRequest { alias_name: "alias/k".into(), target_key_id: k.clone() }).unwrap();
    asked::take();
    Scene { kms, k, l }
}

/// A multi-Region key, described `M`.
fn multi_region(scene: &Scene) -> String {
    let request = CreateKeyRequest { multi_region: Some(true), description: Some("M".into()), ..Default::default() };
    let key = scene.kms.create_key(request).unwrap().key_metadata.key_id;
    asked::take();
    key
}

fn blob(scene: &Scene, key: &str) -> Blob {
    let request = EncryptRequest {
        key_id: key.into(),
        plaintext: b"x".to_vec().into(),
        encryption_context: Some(CONTEXT.into()),
        ..Default::default()
    };
    let blob = scene.kms.encrypt(request).unwrap().ciphertext_blob;
    asked::take();
    blob
}

fn grant(scene: &Scene) -> CreateGrantRequest {
    CreateGrantRequest {
        key_id: scene.k.clone(),
        grantee_principal: Some("arn:aws:iam::000000000000:user/alice".into()),
        operations: vec![GrantOperation::Encrypt, GrantOperation::Decrypt],
        constraints: Some(GrantConstraints { encryption_context_subset: Some(CONTEXT.into()), ..Default::default() }),
        ..Default::default()
    }
}

/// The token of a grant.
fn token(scene: &Scene) -> String {
    let token = scene.kms.create_grant(grant(scene)).unwrap().grant_token;
    asked::take();
    token
}

type Case = (Operation, fn(&Scene), &'static [&'static str]);

/// A row for each operation, in the order of their list: the request, and what it asks.
const CASES: [&[Case]; 5] =
    [keys::CASES, cryptography::CASES, lifecycle::CASES, access::CASES, custom_key_stores::CASES];

#[test]
fn every_operation_asks_for_its_permissions() {
    let named: Vec<_> = CASES.concat().iter().map(|(operation, ..)| *operation).collect();
    assert_eq!(named, Operation::ALL, "a row for each operation, in their order");
    for (operation, call, expected) in CASES.into_iter().flatten() {
        let scene = scene();
        call(&scene);
        assert_eq!(asked::take(), *expected, "{}", operation.name());
        // What is asked is what the facts say.
        let actions = operation.actions();
        for question in *expected {
            let action = question.split(' ').next().unwrap();
            assert!(actions.iter().any(|known| known.full_name() == action), "{action} is no fact of {operation:?}");
        }
        for action in actions {
            assert!(
                expected.iter().any(|question| question.split(' ').next() == Some(action.full_name())),
                "{action:?} is not asked for"
            );
        }
    }
}

/// Branch keys ask what they need of the KMS key, with the encryption context that they are bound to.
#[test]
fn branch_keys_ask_for_the_permissions_of_their_kms_key() {
    let Scene { kms, l, .. } = scene();
    let asked = || -> Vec<String> {
        let asked = asked::take();
        assert!(
            asked.iter().filter(|question| question.contains("algorithm")).all(|question| {
                ["aws-crypto-ec:tenant:7", "branch-key-id:b", "kms-arn:arn:aws:kms:us-east-1:000000000000:key/"]
                    .iter()
                    .all(|pair| question.contains(pair))
            }),
            "{asked:?}"
        );
        asked.iter().map(|question| question.split(" context=").next().unwrap_or_default().into()).collect()
    };
    kms.create_branch_key(CreateBranchKeyRequest {
        kms_key_id: "alias/k".into(),
        branch_key_identifier: Some("b".into()),
        encryption_context: Some(CONTEXT.into()),
    })
    .unwrap();
    assert_eq!(asked(), ["kms:GenerateDataKeyWithoutPlaintext K alias=alias/k"]);
    kms.rotate_branch_key(RotateBranchKeyRequest { branch_key_identifier: "b".into() }).unwrap();
    assert_eq!(asked(), ["kms:GenerateDataKeyWithoutPlaintext K"]);
    kms.describe_branch_key(DescribeBranchKeyRequest { branch_key_identifier: "b".into() }).unwrap();
    assert_eq!(asked(), ["kms:DescribeKey K"]);
    kms.list_branch_keys(ListBranchKeysRequest::default()).unwrap();
    assert_eq!(asked(), ["kms:ListKeys *"]);
    kms.active_branch_key("b").unwrap();
    assert_eq!(asked(), ["kms:Decrypt K"]);
    kms.branch_key_state("b", None).unwrap();
    assert_eq!(asked(), ["kms:Decrypt K"]);
    let request = RewrapBranchKeysRequest {
        source_kms_key_id: None,
        destination_kms_key_id: Some(l),
        branch_key_identifiers: None,
    };
    assert_eq!(kms.rewrap_branch_keys(request).unwrap().versions, 2);
    let version = ["kms:ReEncryptTo L", "kms:ReEncryptFrom K", "kms:ReEncryptTo L"];
    assert_eq!(asked(), [&["kms:ListKeys *"][..], &version, &version].concat());
}

/// Parcels ask what `ReplicateKey` asks, each vault on its side; what follows in a replica is imported.
#[test]
fn parcels_ask_for_the_permissions_of_replicas() {
    let scene = scene();
    let key_id = multi_region(&scene);
    let root = RootKey::from_bytes(&[8; 32]).unwrap();
    let kms = Vault::builder().region("eu-central-1").create_in_memory(&root).unwrap().client();
    let ask = || kms.create_parcel_key(CreateParcelKeyRequest { key_id: key_id.clone() }).unwrap();
    let seal = |parcel_key| {
        let request = SealParcelRequest { key_id: key_id.clone(), parcel_key, fingerprint: None };
        scene.kms.seal_parcel(request).unwrap().parcel
    };
    let open = |parcel| {
        let tag = Tag { tag_key: "a".into(), tag_value: "b".into() };
        let tags = Some(vec![tag]).filter(|_| kms.list_keys(ListKeysRequest::default()).unwrap().keys.is_empty());
        asked::take();
        let description = tags.as_ref().map(|_| "R".into());
        kms.open_parcel(OpenParcelRequest { parcel, description, tags, ..Default::default() }).unwrap();
    };
    asked::take();
    let parcel_key = ask().parcel_key;
    assert_eq!(asked::take(), ["kms:CreateKey *"]);
    let parcel = seal(parcel_key);
    assert_eq!(asked::take(), ["kms:ReplicateKey M replica=eu-central-1"]);
    open(parcel);
    let new = "new=SYMMETRIC_DEFAULT,ENCRYPT_DECRYPT,AWS_KMS,REPLICA tags=a:b";
    assert_eq!(asked::take(), [format!("kms:CreateKey * {new}"), format!("kms:TagResource * {new}")]);
    let parcel_key = ask().parcel_key;
    assert_eq!(asked::take(), ["kms:ImportKeyMaterial R"]);
    let parcel = seal(parcel_key);
    open(parcel);
    assert_eq!(asked::take(), ["kms:ImportKeyMaterial R"]);
    kms.list_parcel_keys(ListParcelKeysRequest::default()).unwrap();
    assert_eq!(asked::take(), ["kms:ListKeys *"]);
    let parcel_key_id = ask().parcel_key_id;
    asked::take();
    kms.delete_parcel_key(DeleteParcelKeyRequest { parcel_key_id }).unwrap();
    assert_eq!(asked::take(), ["kms:CreateKey *"]);
}
