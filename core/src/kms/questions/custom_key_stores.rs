//! Operations on custom key stores.

#[allow(clippy::wildcard_imports, reason = "the scene and all it is made of")]
use super::*;
use crate::secret::SecretText;

/// An external key store, whose proxy is asked for nothing yet.
fn request(name: &str, path: &str) -> CreateCustomKeyStoreRequest {
    CreateCustomKeyStoreRequest {
        custom_key_store_name: name.into(),
        custom_key_store_type: Some(CustomKeyStoreType::ExternalKeyStore),
        xks_proxy_uri_endpoint: Some("https://xks.example.com".into()),
        xks_proxy_uri_path: Some(path.into()),
        xks_proxy_vpc_endpoint_service_name: Some("com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0".into()),
        xks_proxy_connectivity: Some(XksProxyConnectivityType::VpcEndpointService),
        xks_proxy_authentication_credential: Some(XksProxyAuthenticationCredentialType {
            access_key_id: SecretText::copy_of("ABCDEFGHIJKLMNOPQRST"),
            raw_secret_access_key: SecretText::copy_of(&"A".repeat(43)),
        }),
        ..Default::default()
    }
}

fn store(scene: &Scene) -> String {
    let made = scene.kms.create_custom_key_store(request("s", "/kms/xks/v1")).unwrap();
    asked::take();
    made.custom_key_store_id
}

pub(super) const CASES: &[Case] = &[
    (
        Operation::CreateCustomKeyStore,
        |scene| drop(scene.kms.create_custom_key_store(request("s", "/kms/xks/v1")).unwrap()),
        &["kms:CreateCustomKeyStore *"],
    ),
    (
        Operation::DescribeCustomKeyStores,
        |scene| drop(scene.kms.describe_custom_key_stores(DescribeCustomKeyStoresRequest::default()).unwrap()),
        &["kms:DescribeCustomKeyStores *"],
    ),
    (
        Operation::UpdateCustomKeyStore,
        |scene| {
            let request = UpdateCustomKeyStoreRequest {
                custom_key_store_id: store(scene),
                new_custom_key_store_name: Some("t".into()),
                ..Default::default()
            };
            scene.kms.update_custom_key_store(request).unwrap();
        },
        &["kms:UpdateCustomKeyStore *"],
    ),
    (
        Operation::DeleteCustomKeyStore,
        |scene| {
            let request = DeleteCustomKeyStoreRequest { custom_key_store_id: store(scene) };
            scene.kms.delete_custom_key_store(request).unwrap();
        },
        &["kms:DeleteCustomKeyStore *"],
    ),
    (
        Operation::ConnectCustomKeyStore,
        |scene| {
            let request = ConnectCustomKeyStoreRequest { custom_key_store_id: store(scene) };
            scene.kms.connect_custom_key_store(request).unwrap();
        },
        &["kms:ConnectCustomKeyStore *"],
    ),
    (
        Operation::DisconnectCustomKeyStore,
        |scene| {
            let custom_key_store_id = store(scene);
            let request = ConnectCustomKeyStoreRequest { custom_key_store_id: custom_key_store_id.clone() };
            scene.kms.connect_custom_key_store(request).unwrap();
            asked::take();
            let request = DisconnectCustomKeyStoreRequest { custom_key_store_id };
            scene.kms.disconnect_custom_key_store(request).unwrap();
        },
        &["kms:DisconnectCustomKeyStore *"],
    ),
];
