//! An AWS CloudHSM cluster in this process: what it makes follows from labels and counters, so that a test knows it beforehand.

use crate::vault::Opened;
use pocketkms::{
    CloudHsmCluster, ClusterCiphertext, ClusterDescription, ClusterError, ClusterErrorKind, Kms, Provider, Secret,
    SecretText,
    api::{
        ConnectCustomKeyStoreRequest, CreateCustomKeyStoreRequest, CreateKeyRequest, CustomKeyStoreType,
        CustomKeyStoresListEntry, DescribeCustomKeyStoresRequest, KeyMetadata, XksProxyAuthenticationCredentialType,
        XksProxyConnectivityType,
    },
    keys::OriginType,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The id under which tests have it.
pub const CLUSTER: &str = "cluster-abcdefg2345";
/// The password of its `kmsuser`.
pub const PASSWORD: &str = "kmsPswd";
/// Its trust anchor certificate.
pub const ANCHOR: &str = "-----BEGIN CERTIFICATE-----\nMIICvDCCAaQ=\n-----END CERTIFICATE-----\n";

/// An Amazon VPC endpoint service.
pub const SERVICE: &str = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0";
/// The credential for a proxy.
pub const ACCESS_KEY_ID: &str = "ABCDEFGHIJKLMNOPQRST";
/// Its secret.
pub const SECRET_KEY: &str = "RawSecretAccessKeyRawSecretAccessKey0123456";

/// What a test sets and sees of a cluster. Clones are the same.
#[derive(Clone)]
pub struct TestCluster(Arc<Mutex<State>>);

struct State {
    password: String,
    anchor: Option<String>,
    /// What every call fails with.
    failure: Option<ClusterErrorKind>,
    /// The id that every new key gets, if not one of its own.
    id: Option<String>,
    /// How many keys there is room for.
    room: usize,
    keys: BTreeMap<String, [u8; 32]>,
    /// How often each method was called.
    calls: Vec<&'static str>,
    messages: u64,
    /// What happens at each call, before it is answered.
    watcher: Option<Watcher>,
}

type Watcher = Arc<dyn Fn() + Send + Sync>;

impl Default for TestCluster {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State {
            password: PASSWORD.into(),
            anchor: Some(ANCHOR.into()),
            failure: None,
            id: None,
            room: 100,
            keys: BTreeMap::new(),
            calls: Vec::new(),
            messages: 0,
            watcher: None,
        })))
    }
}

impl TestCluster {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every call fails from now on, or none does.
    pub fn fail(&self, kind: Option<ClusterErrorKind>) {
        self.state().failure = kind;
    }

    /// It has room for so many keys.
    pub fn set_room(&self, keys: usize) {
        self.state().room = keys;
    }

    /// It gives every new key that id, as one that is broken may.
    pub fn set_id(&self, id: &str) {
        self.state().id = Some(id.into());
    }

    /// Its `kmsuser` has another password.
    pub fn set_password(&self, password: &str) {
        self.state().password = password.into();
    }

    /// It has another trust anchor certificate, or none.
    pub fn set_anchor(&self, anchor: Option<&str>) {
        self.state().anchor = anchor.map(Into::into);
    }

    /// The ids of its keys.
    pub fn keys(&self) -> Vec<String> {
        self.state().keys.keys().cloned().collect()
    }

    /// It has no key any more.
    pub fn forget_keys(&self) {
        self.state().keys.clear();
    }

    /// The methods that were called since the last time.
    pub fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.state().calls)
    }

    /// Something happens at each call, before it is answered.
    pub fn watch(&self, watcher: impl Fn() + Send + Sync + 'static) {
        self.state().watcher = Some(Arc::new(watcher));
    }

    fn begin(&self, method: &'static str, password: Option<&Secret>) -> Result<MutexGuard<'_, State>, ClusterError> {
        let watcher = self.state().watcher.clone();
        if let Some(watcher) = watcher {
            watcher();
        }
        let mut state = self.state();
        state.calls.push(method);
        if let Some(kind) = state.failure {
            return Err(kind.into());
        }
        match password {
            Some(password) if password.expose() != state.password.as_bytes() => {
                Err(ClusterErrorKind::InvalidCredentials.into())
            }
            _ => Ok(state),
        }
    }
}

impl CloudHsmCluster for TestCluster {
    fn describe(&self) -> Result<ClusterDescription, ClusterError> {
        let state = self.begin("describe", None)?;
        Ok(ClusterDescription { trust_anchor_certificate: state.anchor.clone() })
    }

    fn connect(&self, password: &Secret) -> Result<(), ClusterError> {
        self.begin("connect", Some(password)).map(drop)
    }

    fn disconnect(&self) {
        drop(self.begin("disconnect", None));
    }

    fn create_key(&self, password: &Secret, label: &str) -> Result<String, ClusterError> {
        let mut state = self.begin("create_key", Some(password))?;
        if state.keys.len() >= state.room {
            return Err(ClusterErrorKind::Full.into());
        }
        let id = state.id.clone().unwrap_or_else(|| format!("hsm-{label}"));
        let key = Provider::default().digest.sha256(&[id.as_bytes()]);
        state.keys.insert(id.clone(), key);
        Ok(id)
    }

    fn delete_key(&self, password: &Secret, key: &str) -> Result<(), ClusterError> {
        let mut state = self.begin("delete_key", Some(password))?;
        state.keys.remove(key).map(drop).ok_or_else(|| ClusterErrorKind::KeyNotFound.into())
    }

    fn encrypt(
        &self,
        password: &Secret,
        key: &str,
        plaintext: &Secret,
        aad: &[u8],
    ) -> Result<ClusterCiphertext, ClusterError> {
        let mut state = self.begin("encrypt", Some(password))?;
        let key = *state.keys.get(key).ok_or(ClusterErrorKind::KeyNotFound)?;
        state.messages += 1;
        let mut iv = [0; 12];
        iv[4..].copy_from_slice(&state.messages.to_be_bytes());
        let mut ciphertext = plaintext.expose().to_vec();
        let tag = Provider::default().aead.seal(&key, &iv, aad, &mut ciphertext);
        Ok(ClusterCiphertext { iv, ciphertext, tag: tag.map_err(|_| ClusterErrorKind::Internal)? })
    }

    fn decrypt(
        &self,
        password: &Secret,
        key: &str,
        ciphertext: &ClusterCiphertext,
        aad: &[u8],
    ) -> Result<Secret, ClusterError> {
        let state = self.begin("decrypt", Some(password))?;
        let key = state.keys.get(key).ok_or(ClusterErrorKind::KeyNotFound)?;
        let mut data = ciphertext.ciphertext.clone();
        let opened = Provider::default().aead.open(key, &ciphertext.iv, aad, &mut data, &ciphertext.tag);
        opened.map_err(|_| ClusterErrorKind::InvalidCiphertext)?;
        Ok(data.into())
    }

    fn random(&self, password: &Secret, length: usize) -> Result<Secret, ClusterError> {
        drop(self.begin("random", Some(password))?);
        Ok(vec![0x5a; length].into())
    }
}

/// The request to make a custom key store of the cluster.
pub fn store_request(name: &str) -> CreateCustomKeyStoreRequest {
    CreateCustomKeyStoreRequest {
        custom_key_store_name: name.into(),
        cloud_hsm_cluster_id: Some(CLUSTER.into()),
        trust_anchor_certificate: Some(ANCHOR.into()),
        key_store_password: Some(SecretText::copy_of(PASSWORD)),
        ..Default::default()
    }
}

/// The request to make a custom key store of an external key store proxy that is reached by an Amazon VPC endpoint service, and so is
/// asked for nothing before it is connected.
pub fn proxy_request(name: &str) -> CreateCustomKeyStoreRequest {
    CreateCustomKeyStoreRequest {
        custom_key_store_name: name.into(),
        custom_key_store_type: Some(CustomKeyStoreType::ExternalKeyStore),
        xks_proxy_uri_endpoint: Some("https://xks.example.com".into()),
        xks_proxy_uri_path: Some("/kms/xks/v1".into()),
        xks_proxy_vpc_endpoint_service_name: Some(SERVICE.into()),
        xks_proxy_connectivity: Some(XksProxyConnectivityType::VpcEndpointService),
        xks_proxy_authentication_credential: Some(XksProxyAuthenticationCredentialType {
            access_key_id: SecretText::copy_of(ACCESS_KEY_ID),
            raw_secret_access_key: SecretText::copy_of(SECRET_KEY),
        }),
        ..Default::default()
    }
}

/// A new vault in memory with a cluster, and a custom key store of it.
pub fn vault_with_store() -> (Opened, pocketkms::ManualClock, TestCluster, String) {
    let cluster = TestCluster::default();
    let (builder, clock) = crate::vault::builder();
    let builder = builder.cloud_hsm_cluster(CLUSTER, cluster.clone());
    let kms: Opened = builder.create_in_memory(&crate::vault::root()).expect("a vault").into();
    let store = kms.create_custom_key_store(store_request("hsm")).expect("a custom key store").custom_key_store_id;
    cluster.calls();
    (kms, clock, cluster, store)
}

/// Connects a custom key store.
pub fn connect(kms: &Kms, store: &str) {
    kms.connect_custom_key_store(ConnectCustomKeyStoreRequest { custom_key_store_id: store.into() })
        .expect("an answer");
}

/// What is known of a custom key store.
pub fn describe_store(kms: &Kms, store: &str) -> CustomKeyStoresListEntry {
    let request = DescribeCustomKeyStoresRequest { custom_key_store_id: Some(store.into()), ..Default::default() };
    kms.describe_custom_key_stores(request).expect("an answer").custom_key_stores.remove(0)
}

/// The request to make a key in a custom key store of a cluster.
pub fn key_request(store: &str) -> CreateKeyRequest {
    CreateKeyRequest {
        origin: Some(OriginType::AwsCloudhsm),
        custom_key_store_id: Some(store.into()),
        ..Default::default()
    }
}

/// A new key in a custom key store of a cluster, which is connected.
pub fn create_key_in(kms: &Kms, store: &str) -> KeyMetadata {
    kms.create_key(key_request(store)).expect("a key").key_metadata
}
