//! What keys in a custom key store encrypt and decrypt, and what comes of a cluster that cannot.

use crate::refused;
use pocketkms::{ClusterErrorKind, EncryptionContext, ErrorKind, Kms, Result, api::*, keys::DataKeySpec};
use pocketkms_tests::{
    cluster::{TestCluster, connect, create_key_in, vault_with_store},
    vault::{Opened, context, create_key},
};

fn encrypt(kms: &Kms, key: &str) -> Result<EncryptResponse> {
    kms.encrypt(EncryptRequest {
        key_id: key.into(),
        plaintext: b"hello".to_vec().into(),
        encryption_context: Some(context()),
        ..Default::default()
    })
}

fn decrypt(kms: &Kms, blob: &Blob, context: Option<EncryptionContext>) -> Result<DecryptResponse> {
    let request =
        DecryptRequest { ciphertext_blob: Some(blob.clone()), encryption_context: context, ..Default::default() };
    kms.decrypt(request)
}

fn scene() -> (Opened, TestCluster, String, String) {
    let (kms, _, cluster, store) = vault_with_store();
    connect(&kms, &store);
    let key = create_key_in(&kms, &store).key_id;
    cluster.calls();
    (kms, cluster, store, key)
}

#[test]
fn every_operation_uses_the_key_in_the_cluster() {
    let (kms, cluster, _, key) = scene();
    let encrypted = encrypt(&kms, &key).unwrap();
    assert_eq!(cluster.calls(), ["encrypt"]);
    let decrypted = decrypt(&kms, &encrypted.ciphertext_blob, Some(context())).unwrap();
    assert_eq!(cluster.calls(), ["decrypt"]);
    assert_eq!((decrypted.plaintext.expose(), &decrypted.key_id), (&b"hello"[..], &encrypted.key_id));
    assert_eq!(decrypted.key_material_id.as_deref().map(str::len), Some(64));

    let request =
        GenerateDataKeyRequest { key_id: key.clone(), key_spec: Some(DataKeySpec::Aes256), ..Default::default() };
    let data_key = kms.generate_data_key(request).unwrap();
    let opened = decrypt(&kms, &data_key.ciphertext_blob, None).unwrap();
    assert!(opened.plaintext.constant_time_eq(&data_key.plaintext));
    let request = GenerateDataKeyWithoutPlaintextRequest {
        key_id: key.clone(),
        number_of_bytes: Some(1024),
        ..Default::default()
    };
    let data_key = kms.generate_data_key_without_plaintext(request).unwrap();
    assert_eq!(decrypt(&kms, &data_key.ciphertext_blob, None).unwrap().plaintext.len(), 1024);

    // To a key of the vault, and back.
    let other = create_key(&kms);
    let re_encrypt = |blob: &Blob, to: &str| {
        let request = ReEncryptRequest {
            ciphertext_blob: Some(blob.clone()),
            source_encryption_context: Some(context()),
            destination_encryption_context: Some(context()),
            destination_key_id: to.into(),
            ..Default::default()
        };
        kms.re_encrypt(request).unwrap().ciphertext_blob
    };
    let away = re_encrypt(&encrypted.ciphertext_blob, &other.key_id);
    assert_eq!(decrypt(&kms, &away, Some(context())).unwrap().key_id, other.arn);
    let back = re_encrypt(&away, &key);
    assert_eq!(decrypt(&kms, &back, Some(context())).unwrap().plaintext.expose(), b"hello");
    // As long as AWS lets it be.
    let long = EncryptRequest { key_id: key, plaintext: vec![7; 4096].into(), ..Default::default() };
    let long = kms.encrypt(long).unwrap().ciphertext_blob;
    assert_eq!(long.len(), 4096 + 62);
    assert_eq!(decrypt(&kms, &long, None).unwrap().plaintext.expose(), vec![7; 4096]);
}

#[test]
fn another_context_and_any_other_byte_open_nothing() {
    let (kms, _, _, key) = scene();
    let blob = encrypt(&kms, &key).unwrap().ciphertext_blob;
    for wrong in [None, Some([("tenant", "8")].into()), Some([("tenant", "7"), ("more", "x")].into())] {
        refused(decrypt(&kms, &blob, wrong), ErrorKind::InvalidCiphertext, "");
    }
    for at in 0..blob.len() {
        let mut altered = blob.to_vec();
        altered[at] ^= 1;
        let error = decrypt(&kms, &altered.into(), Some(context())).err().expect("an error");
        let kinds = [ErrorKind::InvalidCiphertext, ErrorKind::AccessDenied];
        assert!(kinds.contains(&error.kind()), "byte {at}: {}", error.report());
    }
    for length in 0..blob.len() {
        let cut = blob[..length].to_vec().into();
        let kind = decrypt(&kms, &cut, Some(context())).err().expect("an error").kind();
        assert!(matches!(kind, ErrorKind::InvalidCiphertext | ErrorKind::Validation), "{length} bytes");
    }
    // A blob of the vault's own kind that names this key was never made.
    let own = create_key(&kms);
    let mut forged = encrypt(&kms, &own.key_id).unwrap().ciphertext_blob.to_vec();
    forged[2..34].copy_from_slice(&blob[2..34]);
    refused(decrypt(&kms, &forged.into(), Some(context())), ErrorKind::InvalidCiphertext, "");
}

#[test]
fn a_cluster_that_fails_is_told_and_one_that_is_back_is_used_again() {
    let (kms, cluster, _, key) = scene();
    let blob = encrypt(&kms, &key).unwrap().ciphertext_blob;
    for (failure, kind, words) in [
        (ClusterErrorKind::Unreachable, ErrorKind::KeyUnavailable, "is unavailable: the cluster cannot be reached."),
        (ClusterErrorKind::InvalidCredentials, ErrorKind::KmsInvalidState, "the password of kmsuser is wrong."),
        (ClusterErrorKind::UserLockedOut, ErrorKind::KmsInvalidState, "kmsuser is locked out."),
        (ClusterErrorKind::KeyNotFound, ErrorKind::KmsInvalidState, "the cluster has no such key."),
        (ClusterErrorKind::Internal, ErrorKind::KmsInvalidState, "the cluster failed."),
    ] {
        cluster.fail(Some(failure));
        refused(encrypt(&kms, &key), kind, words);
        refused(decrypt(&kms, &blob, Some(context())), kind, words);
    }
    cluster.fail(None);
    encrypt(&kms, &key).unwrap();
    decrypt(&kms, &blob, Some(context())).unwrap();
}

#[test]
fn no_key_of_a_disconnected_store_is_used_nor_the_cluster_asked() {
    let (kms, cluster, store, key) = scene();
    let blob = encrypt(&kms, &key).unwrap().ciphertext_blob;
    let request = DisconnectCustomKeyStoreRequest { custom_key_store_id: store.clone() };
    kms.disconnect_custom_key_store(request).unwrap();
    cluster.calls();
    let data_key = GenerateDataKeyRequest { key_id: key.clone(), number_of_bytes: Some(8), ..Default::default() };
    refused(encrypt(&kms, &key), ErrorKind::KmsInvalidState, "is unavailable.");
    refused(decrypt(&kms, &blob, Some(context())), ErrorKind::KmsInvalidState, "is unavailable.");
    refused(kms.generate_data_key(data_key), ErrorKind::KmsInvalidState, "is unavailable.");
    assert!(cluster.calls().is_empty());
    connect(&kms, &store);
    decrypt(&kms, &blob, Some(context())).unwrap();
}

#[test]
fn random_bytes_come_from_the_cluster() {
    let (kms, cluster, store, _) = scene();
    let request = |store: &str| GenerateRandomRequest {
        number_of_bytes: Some(1024),
        custom_key_store_id: Some(store.into()),
        ..Default::default()
    };
    assert_eq!(kms.generate_random(request(&store)).unwrap().plaintext.expose(), vec![0x5a; 1024]);
    assert_eq!(cluster.calls(), ["random"]);
    cluster.fail(Some(ClusterErrorKind::Unreachable));
    refused(kms.generate_random(request(&store)), ErrorKind::DependencyTimeout, "made no random bytes");
    cluster.fail(Some(ClusterErrorKind::UserLockedOut));
    refused(kms.generate_random(request(&store)), ErrorKind::CustomKeyStoreInvalidState, "kmsuser is locked out.");
    cluster.fail(None);
    let disconnecting = DisconnectCustomKeyStoreRequest { custom_key_store_id: store.clone() };
    kms.disconnect_custom_key_store(disconnecting).unwrap();
    refused(kms.generate_random(request(&store)), ErrorKind::CustomKeyStoreInvalidState, "is DISCONNECTED");
    let proxy = kms.create_custom_key_store(pocketkms_tests::cluster::proxy_request("proxy")).unwrap();
    let message = "is an external key store, which makes no random bytes.";
    refused(kms.generate_random(request(&proxy.custom_key_store_id)), ErrorKind::UnsupportedOperation, message);
}
