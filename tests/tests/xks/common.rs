//! A vault with a custom key store behind the tests' proxy.

use pocketkms::{
    Kms, ManualClock, Result, SecretText,
    api::{
        ConnectCustomKeyStoreRequest, CreateCustomKeyStoreRequest, CreateKeyRequest, CustomKeyStoreType,
        CustomKeyStoresListEntry, DescribeCustomKeyStoresRequest, DisconnectCustomKeyStoreRequest, KeyMetadata,
        XksProxyAuthenticationCredentialType, XksProxyConnectivityType,
    },
    keys::OriginType,
};
use pocketkms_tests::{
    vault::{Opened, builder, root},
    xks::{ACCESS_KEY_ID, ENDPOINT, ExternalKey, PATH, Proxy, SECRET_ACCESS_KEY},
};

/// The external key that most tests use.
pub(crate) const KEY: &str = "b42c7fbf-de61-441c-ae24-123456789012";

/// A vault that reaches the proxy, which has one key.
pub(crate) fn vault() -> (Opened, Proxy, ManualClock) {
    let (builder, clock) = builder();
    let proxy = Proxy::new(&clock);
    proxy.keys(|keys| keys.put(KEY, ExternalKey::new(1)));
    let vault = builder.xks_transport(proxy.clone()).create_in_memory(&root()).expect("a vault");
    (vault.into(), proxy, clock)
}

/// The same with a custom key store that is connected, and a key in it.
pub(crate) fn with_key() -> (Opened, Proxy, KeyMetadata) {
    let (vault, proxy, _) = vault();
    let store = connected(&vault);
    let key = create_key(&vault, &store, KEY).expect("a key");
    proxy.take_seen();
    (vault, proxy, key)
}

pub(crate) fn credential(access_key_id: &str, secret_access_key: &str) -> XksProxyAuthenticationCredentialType {
    XksProxyAuthenticationCredentialType {
        access_key_id: SecretText::copy_of(access_key_id),
        raw_secret_access_key: SecretText::copy_of(secret_access_key),
    }
}

/// What makes a custom key store of the proxy.
pub(crate) fn store_request() -> CreateCustomKeyStoreRequest {
    CreateCustomKeyStoreRequest {
        custom_key_store_name: "outside".into(),
        custom_key_store_type: Some(CustomKeyStoreType::ExternalKeyStore),
        xks_proxy_uri_endpoint: Some(ENDPOINT.into()),
        xks_proxy_uri_path: Some(PATH.into()),
        xks_proxy_authentication_credential: Some(credential(ACCESS_KEY_ID, SECRET_ACCESS_KEY)),
        xks_proxy_connectivity: Some(XksProxyConnectivityType::PublicEndpoint),
        ..Default::default()
    }
}

pub(crate) fn create_store(kms: &Kms) -> Result<String> {
    Ok(kms.create_custom_key_store(store_request())?.custom_key_store_id)
}

pub(crate) fn connect(kms: &Kms, store: &str) -> Result<()> {
    kms.connect_custom_key_store(ConnectCustomKeyStoreRequest { custom_key_store_id: store.into() })
}

#[track_caller]
pub(crate) fn disconnect(kms: &Kms, store: &str) {
    let request = DisconnectCustomKeyStoreRequest { custom_key_store_id: store.into() };
    kms.disconnect_custom_key_store(request).expect("a store that is not disconnected");
}

/// A custom key store that is connected.
#[track_caller]
pub(crate) fn connected(kms: &Kms) -> String {
    let store = create_store(kms).expect("a store");
    connect(kms, &store).expect("a store that was not connected");
    store
}

#[track_caller]
pub(crate) fn describe_store(kms: &Kms, store: &str) -> CustomKeyStoresListEntry {
    let request = DescribeCustomKeyStoresRequest { custom_key_store_id: Some(store.into()), ..Default::default() };
    kms.describe_custom_key_stores(request).expect("a store").custom_key_stores.remove(0)
}

pub(crate) fn create_key(kms: &Kms, store: &str, external_key: &str) -> Result<KeyMetadata> {
    let request = CreateKeyRequest {
        origin: Some(OriginType::ExternalKeyStore),
        custom_key_store_id: Some(store.into()),
        xks_key_id: Some(external_key.into()),
        ..Default::default()
    };
    Ok(kms.create_key(request)?.key_metadata)
}
