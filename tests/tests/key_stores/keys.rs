//! KMS keys in a custom key store: how they are made, what is told of them, and what is not done with them.

use crate::refused;
use pocketkms::{ClusterErrorKind, ErrorKind, api::*, keys::*};
use pocketkms_tests::{
    cluster::{CLUSTER, connect, create_key_in, key_request, proxy_request, vault_with_store},
    vault::describe,
};

fn disconnect(kms: &pocketkms::Kms, store: &str) {
    kms.disconnect_custom_key_store(DisconnectCustomKeyStoreRequest { custom_key_store_id: store.into() }).unwrap();
}

#[test]
fn a_key_is_made_in_the_cluster_and_described() {
    let (kms, _, cluster, store) = vault_with_store();
    connect(&kms, &store);
    let key = create_key_in(&kms, &store);
    assert_eq!(cluster.keys(), [format!("hsm-{}", key.key_id)]);
    assert_eq!((key.key_state, key.enabled, key.origin), (KeyState::Enabled, true, OriginType::AwsCloudhsm));
    assert_eq!(key.custom_key_store_id.as_deref(), Some(&*store));
    assert_eq!(key.cloud_hsm_cluster_id.as_deref(), Some(CLUSTER));
    assert_eq!((key.xks_key_configuration.as_ref(), key.current_key_material_id.as_ref()), (None, None));
    assert_eq!(describe(&kms, &key.key_id), key);
    // In a store that is not connected a key is there, and cannot be used; it can be enabled and disabled.
    disconnect(&kms, &store);
    let away = describe(&kms, &key.key_id);
    assert_eq!((away.key_state, away.enabled), (KeyState::Unavailable, false));
    kms.disable_key(DisableKeyRequest { key_id: key.key_id.clone() }).unwrap();
    assert_eq!(describe(&kms, &key.key_id).key_state, KeyState::Unavailable);
    connect(&kms, &store);
    assert_eq!(describe(&kms, &key.key_id).key_state, KeyState::Disabled);
    kms.enable_key(EnableKeyRequest { key_id: key.key_id.clone() }).unwrap();
    assert_eq!(describe(&kms, &key.key_id), key);
}

#[test]
fn a_store_takes_symmetric_keys_of_one_region_alone() {
    let (kms, _, cluster, store) = vault_with_store();
    connect(&kms, &store);
    let message = "A custom key store takes only symmetric encryption KMS keys of a single Region.";
    for (spec, usage) in [
        (KeySpec::Hmac256, KeyUsageType::GenerateVerifyMac),
        (KeySpec::Rsa2048, KeyUsageType::EncryptDecrypt),
        (KeySpec::EccNistP256, KeyUsageType::SignVerify),
    ] {
        let request = CreateKeyRequest { key_spec: Some(spec), key_usage: Some(usage), ..key_request(&store) };
        refused(kms.create_key(request), ErrorKind::UnsupportedOperation, message);
    }
    let request = CreateKeyRequest { multi_region: Some(true), ..key_request(&store) };
    refused(kms.create_key(request), ErrorKind::UnsupportedOperation, message);
    for origin in [None, Some(OriginType::AwsKms), Some(OriginType::External)] {
        let request = CreateKeyRequest { origin, ..key_request(&store) };
        refused(kms.create_key(request), ErrorKind::Validation, "its keys have the origin AWS_CLOUDHSM.");
    }
    let external = Some(OriginType::ExternalKeyStore);
    let request = CreateKeyRequest { origin: external, xks_key_id: Some("x".into()), ..key_request(&store) };
    refused(kms.create_key(request), ErrorKind::Validation, "its keys have the origin AWS_CLOUDHSM.");
    let request = CreateKeyRequest { origin: external, ..key_request(&store) };
    refused(kms.create_key(request), ErrorKind::Validation, "Value null at 'xksKeyId'");
    let request = CreateKeyRequest { xks_key_id: Some("x".into()), ..key_request(&store) };
    refused(kms.create_key(request), ErrorKind::Validation, "XksKeyId is valid only for");
    refused(kms.create_key(key_request("cks-1")), ErrorKind::CustomKeyStoreNotFound, "'cks-1' does not exist");
    let proxy = kms.create_custom_key_store(proxy_request("proxy")).unwrap().custom_key_store_id;
    refused(kms.create_key(key_request(&proxy)), ErrorKind::Validation, "its keys have the origin EXTERNAL_KEY_STORE.");
    let request = CreateKeyRequest { origin: external, xks_key_id: Some("x".into()), ..key_request(&proxy) };
    refused(kms.create_key(request), ErrorKind::CustomKeyStoreInvalidState, "is DISCONNECTED");
    assert!(cluster.keys().is_empty() && !cluster.calls().contains(&"create_key"));
}

#[test]
fn a_cluster_that_makes_no_key_is_told() {
    let (kms, _, cluster, store) = vault_with_store();
    refused(kms.create_key(key_request(&store)), ErrorKind::CustomKeyStoreInvalidState, "is DISCONNECTED");
    connect(&kms, &store);
    cluster.set_room(1);
    create_key_in(&kms, &store);
    let full = "made no key: the cluster has no room for another key.";
    refused(kms.create_key(key_request(&store)), ErrorKind::CloudHsmClusterInvalidConfiguration, full);
    for (failure, kind) in [
        (ClusterErrorKind::InvalidCredentials, ErrorKind::CloudHsmClusterInvalidConfiguration),
        (ClusterErrorKind::Internal, ErrorKind::CloudHsmClusterInvalidConfiguration),
        (ClusterErrorKind::Unreachable, ErrorKind::DependencyTimeout),
    ] {
        cluster.fail(Some(failure));
        refused(
            kms.create_key(key_request(&store)),
            kind,
            &format!("The AWS CloudHSM cluster of the custom key store {store}"),
        );
    }
    assert_eq!(kms.list_keys(ListKeysRequest::default()).unwrap().keys.len(), 1);
}

#[test]
fn what_such_a_key_cannot_do_is_refused() {
    let (kms, _, _, store) = vault_with_store();
    connect(&kms, &store);
    let key_id = create_key_in(&kms, &store).key_id;
    let id = || key_id.clone();
    let origin = "origin is AWS_CLOUDHSM which is not valid for this operation.";
    let unsupported = ErrorKind::UnsupportedOperation;
    let rotation = EnableKeyRotationRequest { key_id: id(), rotation_period_in_days: None };
    refused(kms.enable_key_rotation(rotation), unsupported, origin);
    refused(kms.disable_key_rotation(DisableKeyRotationRequest { key_id: id() }), unsupported, origin);
    refused(kms.get_key_rotation_status(GetKeyRotationStatusRequest { key_id: id() }), unsupported, origin);
    refused(kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: id() }), unsupported, origin);
    let import = GetParametersForImportRequest {
        key_id: id(),
        wrapping_algorithm: AlgorithmSpec::RsaesOaepSha256,
        wrapping_key_spec: WrappingKeySpec::Rsa2048,
    };
    refused(kms.get_parameters_for_import(import), unsupported, origin);
    let gone = DeleteImportedKeyMaterialRequest { key_id: id(), key_material_id: None };
    refused(kms.delete_imported_key_material(gone), unsupported, origin);
    let pair = GenerateDataKeyPairWithoutPlaintextRequest {
        encryption_context: None,
        key_id: id(),
        key_pair_spec: DataKeyPairSpec::EccNistP256,
        grant_tokens: None,
        dry_run: None,
    };
    refused(kms.generate_data_key_pair_without_plaintext(pair), unsupported, "is in a custom key store");
    let replica = ReplicateKeyRequest { key_id: id(), replica_region: "eu-west-1".into(), ..Default::default() };
    let error = kms.replicate_key(replica).expect_err("an error");
    assert_eq!(error.kind(), unsupported, "{error}");
}

#[test]
fn a_key_is_deleted_in_the_cluster_when_its_time_has_come() {
    let (kms, clock, cluster, store) = vault_with_store();
    connect(&kms, &store);
    let [stays, goes, away] = [(); 3].map(|()| create_key_in(&kms, &store).key_id);
    let schedule = |key: &str| {
        let request = ScheduleKeyDeletionRequest { key_id: key.into(), pending_window_in_days: Some(7) };
        kms.schedule_key_deletion(request).unwrap();
    };
    schedule(&goes);
    clock.advance_days(6);
    kms.list_keys(ListKeysRequest::default()).unwrap();
    assert_eq!(cluster.keys().len(), 3, "not before");
    clock.advance_days(2);
    kms.list_keys(ListKeysRequest::default()).unwrap();
    let mut expected = [format!("hsm-{stays}"), format!("hsm-{away}")];
    expected.sort();
    assert_eq!(cluster.keys(), expected);
    // "A best effort": where the cluster cannot be reached the key goes nevertheless, and its material stays behind.
    schedule(&away);
    clock.advance_days(8);
    cluster.fail(Some(ClusterErrorKind::Unreachable));
    kms.list_keys(ListKeysRequest::default()).unwrap();
    cluster.fail(None);
    assert_eq!(cluster.keys(), expected);
    let request = DescribeKeyRequest { key_id: away, ..Default::default() };
    refused(kms.describe_key(request), ErrorKind::NotFound, "does not exist");
}
