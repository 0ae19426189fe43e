//! A process with secrets in its memory, for tests/secrecy to search.
//!
//! What goes in follows from a seed that the searcher knows too, and is written right to where the library takes it over,
//! so that whatever is found was left by the library.

use base64::{Engine, prelude::BASE64_STANDARD};
use pocketkms::{
    Argon2Cost, Caller, CloudHsmCluster, ClusterCiphertext, ClusterDescription, ClusterError, ClusterErrorKind, Kms,
    ManualClock, Provider, RootKey, Secret, SecretText, Timestamp, Vault, XksRequest, XksResponse, XksTransport,
    XksTransportError,
    api::{
        ConnectCustomKeyStoreRequest, CreateCustomKeyStoreRequest, CreateKeyRequest, CustomKeyStoreType,
        DecapsulateRequest, DecryptRequest, EncapsulateRequest, EncryptRequest, GenerateDataKeyRequest,
        GenerateRandomRequest, ListKeysRequest, MessageType, RotateKeyOnDemandRequest, ScheduleKeyDeletionRequest,
        SignRequest, VerifyMacRequest, XksProxyAuthenticationCredentialType, XksProxyConnectivityType,
    },
    envelope::{CacheLimits, CachingMaterialsManager, DecryptOptions, EncryptOptions, EncryptionClient},
    keys::{
        DataKeySpec, EncapsulationAlgorithmSpec, EncryptionAlgorithmSpec, KeySpec, KeyUsageType, MacAlgorithmSpec,
        SigningAlgorithmSpec,
    },
};
use pocketkms_tests::cluster::CLUSTER;
use pocketkms_tests::secrets::{Given, checkpoint, secret, secret_text};
use std::sync::Arc;

/// A cluster that takes any password, and keeps none.
struct Cluster;

impl CloudHsmCluster for Cluster {
    fn describe(&self) -> Result<ClusterDescription, ClusterError> {
        Ok(ClusterDescription::default())
    }

    fn connect(&self, _: &Secret) -> Result<(), ClusterError> {
        Ok(())
    }

    fn disconnect(&self) {}

    fn create_key(&self, _: &Secret, label: &str) -> Result<String, ClusterError> {
        Ok(label.into())
    }

    fn delete_key(&self, _: &Secret, _: &str) -> Result<(), ClusterError> {
        Ok(())
    }

    fn encrypt(&self, _: &Secret, _: &str, plaintext: &Secret, aad: &[u8]) -> Result<ClusterCiphertext, ClusterError> {
        let mut ciphertext = plaintext.expose().to_vec();
        let tag = Provider::default().aead.seal(&[7; 32], &[7; 12], aad, &mut ciphertext).expect("a short plaintext");
        Ok(ClusterCiphertext { iv: [7; 12], ciphertext, tag })
    }

    fn decrypt(&self, _: &Secret, _: &str, _: &ClusterCiphertext, _: &[u8]) -> Result<Secret, ClusterError> {
        Err(ClusterErrorKind::InvalidCiphertext.into())
    }

    fn random(&self, _: &Secret, length: usize) -> Result<Secret, ClusterError> {
        Ok(Secret::zeroed(length))
    }
}

/// A proxy that is well, and looks at no signature.
struct Proxy;

impl XksTransport for Proxy {
    fn send(&self, _: &XksRequest) -> Result<XksResponse, XksTransportError> {
        let body = br#"{"xksProxyFleetSize":1,"xksProxyVendor":"v","xksProxyModel":"m","ekmVendor":"e",
            "ekmFleetDetails":[{"id":"1","model":"m","healthStatus":"ACTIVE"}]}"#;
        Ok(XksResponse { status: 200, body: body.to_vec() })
    }
}

/// Custom key stores with a password and a secret key; what connects them.
fn key_stores(kms: &Kms) -> impl Fn() + '_ {
    let cluster = CreateCustomKeyStoreRequest {
        custom_key_store_name: "cluster".into(),
        cloud_hsm_cluster_id: Some(CLUSTER.into()),
        trust_anchor_certificate: Some("anchor".into()),
        key_store_password: Some(secret_text(Given::ClusterPassword)),
        ..Default::default()
    };
    let proxy = CreateCustomKeyStoreRequest {
        custom_key_store_name: "proxy".into(),
        custom_key_store_type: Some(CustomKeyStoreType::ExternalKeyStore),
        xks_proxy_uri_endpoint: Some("https://xks.example.com".into()),
        xks_proxy_uri_path: Some("/kms/xks/v1".into()),
        xks_proxy_connectivity: Some(XksProxyConnectivityType::PublicEndpoint),
        xks_proxy_authentication_credential: Some(XksProxyAuthenticationCredentialType {
            access_key_id: SecretText::copy_of("HGIE2BUAFNDMBCMSQVWLGCEXAMPLE"),
            raw_secret_access_key: secret_text(Given::ProxySecretKey),
        }),
        ..Default::default()
    };
    let stores = [cluster, proxy]
        .map(|request| kms.create_custom_key_store(request).expect("a custom key store").custom_key_store_id);
    move || {
        for store in &stores {
            let request = ConnectCustomKeyStoreRequest { custom_key_store_id: store.clone() };
            kms.connect_custom_key_store(request).expect("an answer");
        }
        let request = GenerateRandomRequest {
            number_of_bytes: Some(8),
            custom_key_store_id: Some(stores[0].clone()),
            ..Default::default()
        };
        kms.generate_random(request).expect("a cluster that is connected");
    }
}

#[expect(clippy::too_many_lines, reason = "one thing after the other that holds a secret")]
fn main() {
    let passphrase = std::env::args().any(|argument| argument == "passphrase");
    let root = if passphrase {
        // So little that the memory comes from the heap, and stays there when it is freed.
        let cost = Argon2Cost { memory_kib: 64, passes: 1, lanes: 1 };
        RootKey::from_passphrase_with_cost(secret(Given::Passphrase), cost).expect("a passphrase")
    } else {
        RootKey::from_bytes(secret(Given::Root).expose()).expect("32 bytes")
    };
    let clock = ManualClock::new(Timestamp::from_millis(1_700_000_000_000));
    let builder = Vault::builder().clock(clock.clone()).cloud_hsm_cluster(CLUSTER, Cluster).xks_transport(Proxy);
    let vault = builder.create_in_memory(&root).expect("a vault");
    let kms = vault.client();
    let connect = key_stores(&kms);
    connect();
    let key = kms.create_key(CreateKeyRequest::default()).expect("a key").key_metadata.key_id;

    let data_key =
        GenerateDataKeyRequest { key_id: key.clone(), key_spec: Some(DataKeySpec::Aes256), ..Default::default() };
    let data_key = kms.generate_data_key(data_key).expect("a data key");
    let mut blobs = Vec::new();
    for plaintext in Given::PLAINTEXTS {
        let request = EncryptRequest { key_id: key.clone(), plaintext: secret(plaintext), ..Default::default() };
        kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.clone() }).expect("a rotation");
        blobs.push(kms.encrypt(request).expect("a ciphertext").ciphertext_blob);
    }
    let decrypt = |blob: &[u8]| {
        let request = DecryptRequest { ciphertext_blob: Some(blob.to_vec().into()), ..Default::default() };
        kms.decrypt(request)
    };
    let decrypted: Vec<_> = blobs.iter().map(|blob| decrypt(blob).expect("its plaintext")).collect();
    // And the same in base64, from the wire.
    let wired: Vec<_> = blobs
        .iter()
        .map(|blob| {
            let body = format!("{{\"CiphertextBlob\":\"{}\"}}", BASE64_STANDARD.encode(blob));
            let response = kms.call("TrentService.Decrypt", body.as_bytes());
            assert_eq!(response.status, 200);
            response
        })
        .collect();
    // What fails to decrypt leaves nothing behind either.
    for blob in &blobs {
        let mut altered = blob.to_vec();
        *altered.last_mut().expect("a tag") ^= 1;
        assert!(decrypt(&altered).is_err());
    }
    // A cache that outlives its vault.
    let keyring = Arc::new(kms.keyring(&key, &[]));
    let cache = CachingMaterialsManager::new(keyring, Arc::new(ManualClock::default()), CacheLimits::default());
    let cache = cache.expect("limits");
    let message = EncryptionClient::default().encrypt(&cache, EncryptOptions::default(), b"cached").expect("a message");
    let cached = &message.header.encrypted_data_keys[0].ciphertext;
    let create = |spec, usage| {
        let request = CreateKeyRequest { key_spec: Some(spec), key_usage: Some(usage), ..Default::default() };
        kms.create_key(request).expect("a key").key_metadata.key_id
    };
    let mac_key = create(KeySpec::Hmac512, KeyUsageType::GenerateVerifyMac);
    let signing_key = create(KeySpec::EccNistP384, KeyUsageType::SignVerify);
    let rsa_key = create(KeySpec::Rsa2048, KeyUsageType::SignVerify);
    let edwards_key = create(KeySpec::EccNistEdwards25519, KeyUsageType::SignVerify);
    let lattice_key = create(KeySpec::MlDsa65, KeyUsageType::SignVerify);
    let capsule_key = create(KeySpec::MlKem768, KeyUsageType::EncapsulateDecapsulate);
    // There alone are keys of SM2.
    let china = vault.client_as(Caller::root("000000000000", "cn-north-1").expect("a caller"));
    let [sm2_signing_key, sm2_key] = [KeyUsageType::SignVerify, KeyUsageType::EncryptDecrypt].map(|usage| {
        let (key_spec, key_usage) = (Some(KeySpec::Sm2), Some(usage));
        china
            .create_key(CreateKeyRequest { key_spec, key_usage, ..Default::default() })
            .expect("a key")
            .key_metadata
            .key_id
    });
    let snapshot = vault.snapshot().expect("a snapshot");
    let recovery = vault.add_recovery_key("paper").expect("a recovery key");
    // What is computed of a message to sign, and to check a MAC. Last, so that nothing is written over what they leave.
    let sign_as = |kms: &Kms, key_id: &str, message_type, signing_algorithm| {
        let request = SignRequest {
            key_id: key_id.into(),
            message: secret(Given::Digest),
            message_type: Some(message_type),
            grant_tokens: None,
            signing_algorithm,
            dry_run: None,
        };
        kms.sign(request).expect("a signature")
    };
    let sign = |key_id: &str, message_type, algorithm| sign_as(&kms, key_id, message_type, algorithm);
    let sm2_pass = || {
        let encryption_algorithm = Some(EncryptionAlgorithmSpec::Sm2pke);
        let (key_id, plaintext) = (sm2_key.clone(), secret(Given::Digest));
        let request = EncryptRequest { key_id, plaintext, encryption_algorithm, ..Default::default() };
        let blob = china.encrypt(request).expect("a ciphertext").ciphertext_blob;
        let decrypt = |blob: Vec<u8>| {
            let (key_id, ciphertext_blob) = (Some(sm2_key.clone()), Some(blob.into()));
            china.decrypt(DecryptRequest { key_id, ciphertext_blob, encryption_algorithm, ..Default::default() })
        };
        let mut altered = blob.to_vec();
        *altered.last_mut().expect("a byte") ^= 1;
        assert!(decrypt(altered).is_err());
        drop(decrypt(blob.to_vec()).expect("its plaintext"));
    };
    let verify_mac = || {
        let request = VerifyMacRequest {
            message: secret(Given::Forged),
            key_id: mac_key.clone(),
            mac_algorithm: MacAlgorithmSpec::HmacSha512,
            mac: vec![0; 64].into(),
            grant_tokens: None,
            dry_run: None,
        };
        kms.verify_mac(request).expect_err("a forged message")
    };
    // What they answer is kept, so that each leaves its traces elsewhere.
    let sign = || {
        let capsule = EncapsulateRequest {
            key_id: capsule_key.clone(),
            encapsulation_algorithm: EncapsulationAlgorithmSpec::MlKem,
            grant_tokens: None,
            dry_run: None,
        };
        let capsule = kms.encapsulate(capsule).expect("a capsule").shared_secret_ciphertext_blob;
        let opened = kms.decapsulate(DecapsulateRequest {
            key_id: capsule_key.clone(),
            shared_secret_ciphertext_blob: capsule,
            encapsulation_algorithm: EncapsulationAlgorithmSpec::MlKem,
            grant_tokens: None,
            dry_run: None,
        });
        drop(opened.expect("a secret"));
        sm2_pass();
        [
            sign_as(&china, &sm2_signing_key, MessageType::Raw, SigningAlgorithmSpec::Sm2dsa),
            sign(&rsa_key, MessageType::Digest, SigningAlgorithmSpec::RsassaPssSha384),
            sign(&edwards_key, MessageType::Raw, SigningAlgorithmSpec::Ed25519Sha512),
            sign(&lattice_key, MessageType::Raw, SigningAlgorithmSpec::MlDsaShake256),
            sign(&signing_key, MessageType::Digest, SigningAlgorithmSpec::EcdsaSha384),
        ]
    };
    let kept: Vec<_> = (0..4).map(|_| (verify_mac(), sign())).collect();

    // Everything is in use.
    checkpoint(&[
        &data_key.ciphertext_blob,
        &blobs[0],
        &blobs[1],
        &blobs[2],
        cached,
        &snapshot,
        recovery.text.expose().as_bytes(),
    ]);

    // The answers are gone, the vault is open.
    drop((data_key, decrypted, wired, recovery));
    checkpoint(&[]);

    // The vault is locked, and every handle of it is there.
    vault.lock();
    checkpoint(&[]);
    vault.unlock(&root).expect("the root key");
    let decrypted = EncryptionClient::default().decrypt(&cache, DecryptOptions::default(), &message.message);
    drop(decrypted.expect("the message of before"));
    connect();

    // The keys are deleted, the vault is open.
    for key_id in [key, mac_key, signing_key, rsa_key, edwards_key, lattice_key, capsule_key] {
        let request = ScheduleKeyDeletionRequest { key_id, pending_window_in_days: Some(7) };
        kms.schedule_key_deletion(request).expect("a key to delete");
    }
    for key_id in [sm2_signing_key, sm2_key] {
        let request = ScheduleKeyDeletionRequest { key_id, pending_window_in_days: Some(7) };
        china.schedule_key_deletion(request).expect("a key to delete");
    }
    clock.advance_days(7);
    assert!(china.list_keys(ListKeysRequest::default()).expect("a list").keys.is_empty());
    assert!(kms.list_keys(ListKeysRequest::default()).expect("a list").keys.is_empty());
    checkpoint(&[]);

    // The vault is closed, though a handle and a cache are still there, and opened again with its old content, and closed.
    drop(connect);
    vault.close();
    let reopened = Vault::builder().clock(clock).open_snapshot(&snapshot, &root).expect("a vault");
    drop((reopened, root));
    checkpoint(&[]);
    drop((kms, china, vault, cache, kept));
}
