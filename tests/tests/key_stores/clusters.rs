//! Connecting: the states of a custom key store, why it cannot be connected, and what is told of it.

use crate::refused;
use pocketkms::{ClusterErrorKind, ErrorKind, SecretText, Vault, VaultBuilder, api::*};
use pocketkms_tests::{
    cluster::{
        ACCESS_KEY_ID, ANCHOR, CLUSTER, PASSWORD, SECRET_KEY, SERVICE, TestCluster, connect, create_key_in,
        describe_store, proxy_request, store_request, vault_with_store,
    },
    store::Shared,
    vault::{Opened, START, builder, root},
};
use serde_json::{Value, json};

fn state(kms: &Opened, store: &str) -> (ConnectionStateType, Option<ConnectionErrorCodeType>) {
    let entry = describe_store(kms, store);
    (entry.connection_state.expect("a state"), entry.connection_error_code)
}

fn connecting(store: &str) -> ConnectCustomKeyStoreRequest {
    ConnectCustomKeyStoreRequest { custom_key_store_id: store.into() }
}

fn disconnecting(store: &str) -> DisconnectCustomKeyStoreRequest {
    DisconnectCustomKeyStoreRequest { custom_key_store_id: store.into() }
}

fn with_password(store: &str, password: &str) -> UpdateCustomKeyStoreRequest {
    UpdateCustomKeyStoreRequest {
        custom_key_store_id: store.into(),
        key_store_password: Some(SecretText::copy_of(password)),
        ..Default::default()
    }
}

#[test]
fn a_store_is_connected_and_disconnected() {
    use ConnectionStateType::{Connected, Disconnected};
    let (kms, _, cluster, store) = vault_with_store();
    assert_eq!(state(&kms, &store), (Disconnected, None));
    refused(
        kms.disconnect_custom_key_store(disconnecting(&store)),
        ErrorKind::CustomKeyStoreInvalidState,
        "is DISCONNECTED",
    );
    connect(&kms, &store);
    assert_eq!(state(&kms, &store), (Connected, None));
    // "This operation is valid for all other ConnectionState values": it is connected again.
    connect(&kms, &store);
    assert_eq!(state(&kms, &store), (Connected, None));
    assert_eq!(cluster.calls(), ["describe", "connect", "describe", "connect"]);
    kms.disconnect_custom_key_store(disconnecting(&store)).unwrap();
    assert_eq!(state(&kms, &store), (Disconnected, None));
    assert_eq!(cluster.calls(), ["disconnect"]);
}

#[test]
fn what_keeps_a_store_from_being_connected_is_told_by_its_code() {
    use ConnectionErrorCodeType as Code;
    let (kms, _, cluster, store) = vault_with_store();
    for (failure, code) in [
        (ClusterErrorKind::NotFound, Code::ClusterNotFound),
        (ClusterErrorKind::InvalidCredentials, Code::InvalidCredentials),
        (ClusterErrorKind::UserLockedOut, Code::UserLockedOut),
        (ClusterErrorKind::UserNotFound, Code::UserNotFound),
        (ClusterErrorKind::UserLoggedIn, Code::UserLoggedIn),
        (ClusterErrorKind::Unreachable, Code::NetworkErrors),
        (ClusterErrorKind::Internal, Code::InternalError),
    ] {
        cluster.fail(Some(failure));
        connect(&kms, &store);
        assert_eq!(state(&kms, &store), (ConnectionStateType::Failed, Some(code)));
        // One that failed is disconnected first, so that a wrong password is not tried until it is locked out.
        cluster.calls();
        refused(kms.connect_custom_key_store(connecting(&store)), ErrorKind::CustomKeyStoreInvalidState, "is FAILED");
        assert!(cluster.calls().is_empty());
        kms.disconnect_custom_key_store(disconnecting(&store)).unwrap();
        assert_eq!(state(&kms, &store), (ConnectionStateType::Disconnected, None));
        kms.update_custom_key_store(with_password(&store, PASSWORD)).unwrap();
    }
    // A cluster that is not up is an error of the request itself, and nothing was tried.
    for (failure, kind) in [
        (ClusterErrorKind::NotActive, ErrorKind::CloudHsmClusterNotActive),
        (ClusterErrorKind::NoActiveHsm, ErrorKind::CloudHsmClusterInvalidConfiguration),
    ] {
        cluster.fail(Some(failure));
        refused(kms.connect_custom_key_store(connecting(&store)), kind, "The AWS CloudHSM cluster cannot be used");
        assert_eq!(state(&kms, &store), (ConnectionStateType::Disconnected, None));
    }
    cluster.fail(None);
    connect(&kms, &store);
    assert_eq!(state(&kms, &store), (ConnectionStateType::Connected, None));
}

#[test]
fn a_wrong_password_and_a_host_without_the_cluster_are_told() {
    let (kms, _, cluster, store) = vault_with_store();
    cluster.set_password("another");
    connect(&kms, &store);
    let failed = |code| (ConnectionStateType::Failed, Some(code));
    assert_eq!(state(&kms, &store), failed(ConnectionErrorCodeType::InvalidCredentials));
    kms.disconnect_custom_key_store(disconnecting(&store)).unwrap();
    let snapshot = kms.vault.snapshot().unwrap();
    let elsewhere: Opened = Vault::builder().open_snapshot(&snapshot, &root()).unwrap().into();
    connect(&elsewhere, &store);
    assert_eq!(state(&elsewhere, &store), failed(ConnectionErrorCodeType::ClusterNotFound));
}

/// A token locks itself after a few wrong passwords, and is of no use to anyone then.
#[test]
fn a_password_that_was_refused_is_not_tried_again_before_it_is_changed() {
    let (kms, _, cluster, store) = vault_with_store();
    for (failure, code) in [
        (ClusterErrorKind::InvalidCredentials, ConnectionErrorCodeType::InvalidCredentials),
        (ClusterErrorKind::UserLockedOut, ConnectionErrorCodeType::UserLockedOut),
    ] {
        cluster.fail(Some(failure));
        connect(&kms, &store);
        cluster.fail(None);
        cluster.calls();
        for _ in 0..3 {
            assert_eq!(state(&kms, &store), (ConnectionStateType::Failed, Some(code)));
            kms.disconnect_custom_key_store(disconnecting(&store)).unwrap();
            connect(&kms, &store);
        }
        assert!(cluster.calls().iter().all(|call| *call == "disconnect"), "{failure:?}");
        kms.disconnect_custom_key_store(disconnecting(&store)).unwrap();
        // Another name is no other password.
        let renamed = UpdateCustomKeyStoreRequest {
            new_custom_key_store_name: Some(format!("{failure:?}")),
            ..with_password(&store, PASSWORD)
        };
        kms.update_custom_key_store(UpdateCustomKeyStoreRequest { key_store_password: None, ..renamed }).unwrap();
        connect(&kms, &store);
        assert_eq!(state(&kms, &store), (ConnectionStateType::Failed, Some(code)));
        kms.disconnect_custom_key_store(disconnecting(&store)).unwrap();
        kms.update_custom_key_store(with_password(&store, PASSWORD)).unwrap();
        connect(&kms, &store);
        assert_eq!(state(&kms, &store), (ConnectionStateType::Connected, None));
        kms.disconnect_custom_key_store(disconnecting(&store)).unwrap();
    }
}

/// Whoever has a custom key store of a cluster can lock it, so not every account of a vault can.
#[test]
fn a_cluster_is_of_the_accounts_that_the_host_names() {
    const OWN: &str = "000000000000";
    const OTHER: &str = "111122223333";
    let made = |cluster: &TestCluster, build: fn(VaultBuilder, TestCluster) -> VaultBuilder, account: &str| {
        let kms: Opened = build(builder().0, cluster.clone()).create_in_memory(&root()).unwrap().into();
        let caller = pocketkms::Caller::root(account, "us-east-1").unwrap();
        kms.vault.client_as(caller).create_custom_key_store(store_request("hsm"))
    };
    let by_default: fn(VaultBuilder, TestCluster) -> VaultBuilder =
        |to, cluster| to.cloud_hsm_cluster(CLUSTER, cluster);
    let of_other: fn(VaultBuilder, TestCluster) -> VaultBuilder =
        |to, cluster| to.cloud_hsm_cluster_of(&[OTHER], CLUSTER, cluster);
    let of_all: fn(VaultBuilder, TestCluster) -> VaultBuilder =
        |to, cluster| to.cloud_hsm_cluster_of(&["*"], CLUSTER, cluster);
    let of_none: fn(VaultBuilder, TestCluster) -> VaultBuilder =
        |to, cluster| to.cloud_hsm_cluster_of(&[] as &[&str], CLUSTER, cluster);
    let opened_for_other: fn(VaultBuilder, TestCluster) -> VaultBuilder =
        |to, cluster| to.account_id(OTHER).cloud_hsm_cluster(CLUSTER, cluster);
    for (build, account, may) in [
        (by_default, OWN, true),
        (by_default, OTHER, false),
        (of_other, OWN, false),
        (of_other, OTHER, true),
        (of_all, OWN, true),
        (of_all, OTHER, true),
        (of_none, OWN, false),
        (opened_for_other, OTHER, true),
        (opened_for_other, OWN, false),
    ] {
        let cluster = TestCluster::default();
        let made = made(&cluster, build, account);
        if may {
            made.unwrap();
        } else {
            refused(made, ErrorKind::CloudHsmClusterNotFound, "there is no such cluster");
            assert!(cluster.calls().is_empty(), "somebody else's cluster is not asked");
        }
    }
}

/// What an account had of a cluster it has no more when the host gives that to another one.
#[test]
fn the_keys_of_a_cluster_are_its_accounts_alone() {
    let (cluster, shared) = (TestCluster::default(), Shared::new());
    let own = builder().0.cloud_hsm_cluster(CLUSTER, cluster.clone());
    let kms: Opened = own.create_in(shared.clone(), &root()).unwrap().into();
    let store = kms.create_custom_key_store(store_request("hsm")).unwrap().custom_key_store_id;
    connect(&kms, &store);
    let key = create_key_in(&kms, &store).key_id;
    let others = builder().0.cloud_hsm_cluster_of(&["111122223333"], CLUSTER, cluster.clone());
    let kms: Opened = others.open(shared, &root()).unwrap().into();
    cluster.calls();
    let request = EncryptRequest { key_id: key, plaintext: vec![7].into(), ..Default::default() };
    refused(kms.encrypt(request), ErrorKind::KmsInvalidState, "cannot be used: there is no such cluster.");
    connect(&kms, &store);
    let failed = (ConnectionStateType::Failed, Some(ConnectionErrorCodeType::ClusterNotFound));
    assert_eq!(state(&kms, &store), failed);
    assert!(cluster.calls().is_empty());
}

#[test]
fn what_is_told_of_a_store_is_all_but_its_secrets() {
    let (kms, _, _, store) = vault_with_store();
    let proxy = kms.create_custom_key_store(proxy_request("proxy")).unwrap().custom_key_store_id;
    let call = |operation: &str, body: &Value| {
        let answer = kms.call(&format!("TrentService.{operation}"), body.to_string().as_bytes());
        assert_eq!(answer.status, 200, "{operation}");
        String::from_utf8(answer.body.expose().to_vec()).unwrap()
    };
    let text = call("DescribeCustomKeyStores", &json!({}));
    for secret in [PASSWORD, SECRET_KEY] {
        assert!(!text.contains(secret));
    }
    let answer: Value = serde_json::from_str(&text).unwrap();
    let mut entries = answer["CustomKeyStores"].as_array().unwrap().clone();
    entries.sort_by_key(|entry| entry["CustomKeyStoreType"].to_string());
    let created = START.as_millis() / 1000;
    let expected = json!([{
        "CustomKeyStoreId": store, "CustomKeyStoreName": "hsm", "CloudHsmClusterId": CLUSTER, "TrustAnchorCertificate": ANCHOR,
        "ConnectionState": "DISCONNECTED", "CreationDate": created, "CustomKeyStoreType": "AWS_CLOUDHSM",
    }, {
        "CustomKeyStoreId": proxy, "CustomKeyStoreName": "proxy", "ConnectionState": "DISCONNECTED", "CreationDate": created,
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE", "XksProxyConfiguration": {
            "Connectivity": "VPC_ENDPOINT_SERVICE", "AccessKeyId": ACCESS_KEY_ID, "UriEndpoint": "https://xks.example.com",
            "UriPath": "/kms/xks/v1", "VpcEndpointServiceName": SERVICE, "VpcEndpointServiceOwner": "000000000000",
        },
    }]);
    assert_eq!(Value::from(entries), expected);
    assert!(store.starts_with("cks-") && store.len() == 21, "{store}");
    // "If the operation succeeds, it returns a JSON object with no properties."
    assert_eq!(call("ConnectCustomKeyStore", &json!({ "CustomKeyStoreId": store })), "{}");
}

#[test]
fn one_is_found_by_id_or_name_and_all_page_by_page() {
    let (builder, _) = builder();
    let kms: Opened = builder.create_in_memory(&root()).unwrap().into();
    let mut ids: Vec<_> = (0..5)
        .map(|number| {
            let request = CreateCustomKeyStoreRequest {
                xks_proxy_uri_endpoint: Some(format!("https://{number}.example.com")),
                xks_proxy_vpc_endpoint_service_name: Some(format!("{SERVICE}{number}")),
                ..proxy_request(&format!("store {number}"))
            };
            kms.create_custom_key_store(request).unwrap().custom_key_store_id
        })
        .collect();
    let by_name = |name: &str| {
        let request = DescribeCustomKeyStoresRequest { custom_key_store_name: Some(name.into()), ..Default::default() };
        kms.describe_custom_key_stores(request)
    };
    assert_eq!(by_name("store 3").unwrap().custom_key_stores.remove(0).custom_key_store_id.as_ref(), Some(&ids[3]));
    refused(by_name("store"), ErrorKind::CustomKeyStoreNotFound, "Custom key store 'store' does not exist.");
    for id in ["cks-0", "../x", "key-store/000000000000", "\u{e9}"] {
        let request = DescribeCustomKeyStoresRequest { custom_key_store_id: Some(id.into()), ..Default::default() };
        refused(kms.describe_custom_key_stores(request), ErrorKind::CustomKeyStoreNotFound, "does not exist.");
    }
    let both = DescribeCustomKeyStoresRequest {
        custom_key_store_id: Some(ids[0].clone()),
        custom_key_store_name: Some("store 0".into()),
        ..Default::default()
    };
    refused(kms.describe_custom_key_stores(both), ErrorKind::Validation, "but not both");
    let (mut found, mut marker) = (Vec::new(), None);
    loop {
        let request = DescribeCustomKeyStoresRequest { limit: Some(2), marker, ..Default::default() };
        let page = kms.describe_custom_key_stores(request).unwrap();
        found.extend(page.custom_key_stores.into_iter().filter_map(|entry| entry.custom_key_store_id));
        assert_eq!(page.truncated, page.next_marker.is_some());
        marker = page.next_marker;
        if marker.is_none() {
            break;
        }
    }
    ids.sort();
    assert_eq!(found, ids);
    // Of another Region or account there is nothing to see, nor to change.
    for (account, region) in [("000000000000", "eu-west-1"), ("111122223333", "us-east-1")] {
        let other = kms.vault.client_as(pocketkms::Caller::root(account, region).unwrap());
        let all = other.describe_custom_key_stores(DescribeCustomKeyStoresRequest::default()).unwrap();
        assert!(all.custom_key_stores.is_empty());
        refused(other.connect_custom_key_store(connecting(&ids[0])), ErrorKind::CustomKeyStoreNotFound, &ids[0]);
        other.create_custom_key_store(proxy_request("store 0")).unwrap();
    }
}
