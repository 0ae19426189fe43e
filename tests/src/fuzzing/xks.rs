//! The answers of an external key store proxy, which is not trusted.

use crate::{
    vault::{builder, root},
    xks::{ACCESS_KEY_ID, ENDPOINT, ExternalKey, PATH, Proxy, SECRET_ACCESS_KEY},
};
use pocketkms::{
    ErrorKind, Kms, SecretText, XksRequest, XksResponse, XksTransport, XksTransportError,
    api::{
        ConnectCustomKeyStoreRequest, CreateCustomKeyStoreRequest, CreateKeyRequest, CustomKeyStoreType,
        DecryptRequest, DeleteCustomKeyStoreRequest, EncryptRequest, XksProxyAuthenticationCredentialType,
        XksProxyConnectivityType,
    },
    keys::OriginType,
};
use serde_json::Value;
use std::{
    cell::LazyCell,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

thread_local! {
    static SCENE: LazyCell<Scene> = LazyCell::new(Scene::new);
}

/// What the proxy answers next, in place of what it should.
type Planted = Arc<Mutex<Option<XksResponse>>>;

struct Scene {
    kms: Kms,
    store: String,
    key: String,
    blob: Vec<u8>,
    planted: Planted,
    keys: AtomicU64,
}

struct Attacker(Proxy, Planted);

impl XksTransport for Attacker {
    fn send(&self, request: &XksRequest) -> Result<XksResponse, XksTransportError> {
        let planted = self.1.lock().expect("no panic").clone();
        planted.map_or_else(|| self.0.send(request), Ok)
    }
}

impl Scene {
    fn new() -> Self {
        let (builder, clock) = builder();
        let (proxy, planted) = (Proxy::new(&clock), Planted::default());
        proxy.keys(|keys| keys.put("one", ExternalKey::new(1)));
        let attacker = Attacker(proxy, Arc::clone(&planted));
        let kms = builder.xks_transport(attacker).create_in_memory(&root()).expect("a vault").client();
        let store = kms.create_custom_key_store(store_request("whole")).expect("a store").custom_key_store_id;
        let connect = ConnectCustomKeyStoreRequest { custom_key_store_id: store.clone() };
        kms.connect_custom_key_store(connect).expect("a connection");
        let key = kms.create_key(key_request(&store, "one")).expect("a key").key_metadata.key_id;
        let blob = kms.encrypt(encrypt_request(&key)).expect("a ciphertext").ciphertext_blob.to_vec();
        Self { kms, store, key, blob, planted, keys: AtomicU64::new(0) }
    }
}

fn store_request(name: &str) -> CreateCustomKeyStoreRequest {
    CreateCustomKeyStoreRequest {
        custom_key_store_name: name.into(),
        custom_key_store_type: Some(CustomKeyStoreType::ExternalKeyStore),
        xks_proxy_uri_endpoint: Some(ENDPOINT.into()),
        xks_proxy_uri_path: Some(if name == "whole" { PATH.into() } else { "/other/kms/xks/v1".into() }),
        xks_proxy_authentication_credential: Some(XksProxyAuthenticationCredentialType {
            access_key_id: SecretText::copy_of(ACCESS_KEY_ID),
            raw_secret_access_key: SecretText::copy_of(SECRET_ACCESS_KEY),
        }),
        xks_proxy_connectivity: Some(XksProxyConnectivityType::PublicEndpoint),
        ..Default::default()
    }
}

fn key_request(store: &str, external_key: &str) -> CreateKeyRequest {
    CreateKeyRequest {
        origin: Some(OriginType::ExternalKeyStore),
        custom_key_store_id: Some(store.into()),
        xks_key_id: Some(external_key.into()),
        ..Default::default()
    }
}

fn encrypt_request(key: &str) -> EncryptRequest {
    EncryptRequest { key_id: key.into(), plaintext: b"x".to_vec().into(), ..Default::default() }
}

/// A byte that says which request is answered, a status in two bytes, and a body.
pub fn xks(data: &[u8]) -> bool {
    let Some((&[which, high, low], body)) = data.split_first_chunk() else { return false };
    let status = u16::from_be_bytes([high, low]);
    SCENE.with(|scene| {
        *scene.planted.lock().expect("no panic") = Some(XksResponse { status, body: body.to_vec() });
        let outcome = match which % 4 {
            0 => scene.kms.create_custom_key_store(store_request("other")).map(|made| {
                let custom_key_store_id = made.custom_key_store_id;
                let request = DeleteCustomKeyStoreRequest { custom_key_store_id };
                scene.kms.delete_custom_key_store(request).expect("a store without keys");
            }),
            // One that is taken has an external key of its own.
            1 => {
                let external_key = format!("key-{}", scene.keys.fetch_add(1, Ordering::Relaxed));
                scene.kms.create_key(key_request(&scene.store, &external_key)).map(drop)
            }
            2 => scene.kms.encrypt(encrypt_request(&scene.key)).map(drop),
            _ => {
                let request = DecryptRequest { ciphertext_blob: Some(scene.blob.clone().into()), ..Default::default() };
                scene.kms.decrypt(request).map(|answer| assert_eq!(answer.plaintext.expose(), b"x"))
            }
        };
        match outcome {
            Ok(()) => {
                assert!(status == 200 && body.len() <= XksRequest::MAX_RESPONSE);
                assert!(serde_json::from_slice::<Value>(body).is_ok_and(|body| body.is_object()));
                true
            }
            Err(error) => {
                assert!(is_of_a_proxy(error.kind()), "{}", error.report());
                false
            }
        }
    })
}

fn is_of_a_proxy(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::XksProxyIncorrectAuthenticationCredential
            | ErrorKind::XksProxyInvalidConfiguration
            | ErrorKind::XksProxyInvalidResponse
            | ErrorKind::XksProxyUriUnreachable
            | ErrorKind::XksKeyInvalidConfiguration
            | ErrorKind::XksKeyNotFound
            | ErrorKind::CustomKeyStoreInvalidState
            | ErrorKind::KmsInvalidState
    )
}
