//! Making, changing and deleting a custom key store: what only one may have, and what the state allows.

use crate::refused;
use pocketkms::{ClusterErrorKind, ErrorKind, SecretText, api::*};
use pocketkms_tests::{
    cluster::{
        ANCHOR, CLUSTER, SECRET_KEY, SERVICE, TestCluster, connect, create_key_in, describe_store, proxy_request,
        store_request, vault_with_store,
    },
    store::{Interposed, Moment, Shared},
    vault::{Opened, builder, root},
};

const OTHER: &str = "cluster-zyxwvut7654";

/// What is done to a request that would succeed.
type Change = fn(&mut CreateCustomKeyStoreRequest);

fn update(store: &str) -> UpdateCustomKeyStoreRequest {
    UpdateCustomKeyStoreRequest { custom_key_store_id: store.into(), ..Default::default() }
}

fn delete(kms: &Opened, store: &str) -> pocketkms::Result<()> {
    kms.delete_custom_key_store(DeleteCustomKeyStoreRequest { custom_key_store_id: store.into() })
}

fn disconnect(kms: &Opened, store: &str) {
    kms.disconnect_custom_key_store(DisconnectCustomKeyStoreRequest { custom_key_store_id: store.into() }).unwrap();
}

#[test]
fn what_a_type_needs_is_asked_for_and_what_it_has_not_refused() {
    let (kms, ..) = vault_with_store();
    let of_cluster: [(Change, &str); 5] = [
        (|request| request.cloud_hsm_cluster_id = None, "Value null at 'cloudHsmClusterId'"),
        (|request| request.trust_anchor_certificate = None, "Value null at 'trustAnchorCertificate'"),
        (|request| request.key_store_password = None, "Value null at 'keyStorePassword'"),
        (
            |request| request.xks_proxy_uri_path = Some("/kms/xks/v1".into()),
            "XksProxyUriPath is not valid for the custom key store type AWS_CLOUDHSM.",
        ),
        (
            |request| request.xks_proxy_connectivity = Some(XksProxyConnectivityType::PublicEndpoint),
            "XksProxyConnectivity is not valid for the custom key store type AWS_CLOUDHSM.",
        ),
    ];
    for (change, words) in of_cluster {
        let mut request = store_request("another");
        change(&mut request);
        refused(kms.create_custom_key_store(request), ErrorKind::Validation, words);
    }
    let of_proxy: [(Change, &str); 7] = [
        (|request| request.xks_proxy_uri_endpoint = None, "Value null at 'xksProxyUriEndpoint'"),
        (|request| request.xks_proxy_uri_path = None, "Value null at 'xksProxyUriPath'"),
        (
            |request| request.xks_proxy_authentication_credential = None,
            "Value null at 'xksProxyAuthenticationCredential'",
        ),
        (|request| request.xks_proxy_connectivity = None, "Value null at 'xksProxyConnectivity'"),
        (
            |request| request.xks_proxy_vpc_endpoint_service_name = None,
            "Value null at 'xksProxyVpcEndpointServiceName'",
        ),
        (
            |request| request.xks_proxy_connectivity = Some(XksProxyConnectivityType::PublicEndpoint),
            "A VPC endpoint service is valid only for the XksProxyConnectivity VPC_ENDPOINT_SERVICE.",
        ),
        (
            |request| request.cloud_hsm_cluster_id = Some(CLUSTER.into()),
            "CloudHsmClusterId is not valid for the custom key store type EXTERNAL_KEY_STORE.",
        ),
    ];
    for (change, words) in of_proxy {
        let mut request = proxy_request("another");
        change(&mut request);
        refused(kms.create_custom_key_store(request), ErrorKind::Validation, words);
    }
    let stores = kms.describe_custom_key_stores(DescribeCustomKeyStoresRequest::default()).unwrap();
    assert_eq!(stores.custom_key_stores.len(), 1, "none was made");
}

#[test]
fn a_broken_limit_is_named_and_the_secret_that_breaks_it_is_not_shown() {
    let (kms, ..) = vault_with_store();
    let request =
        CreateCustomKeyStoreRequest { key_store_password: Some(SecretText::copy_of("short")), ..store_request("x") };
    let error = kms.create_custom_key_store(request).expect_err("an error");
    let text = "1 validation error detected: Value at 'keyStorePassword' failed to satisfy constraint: Member must have length \
                greater than or equal to 7";
    assert_eq!(error.message(), text);
    let mut request = proxy_request("x");
    let credential = request.xks_proxy_authentication_credential.as_mut().unwrap();
    credential.raw_secret_access_key = SecretText::copy_of(&SECRET_KEY.replace('0', "-"));
    let error = kms.create_custom_key_store(request).expect_err("an error");
    assert!(error.message().contains("'xksProxyAuthenticationCredential.rawSecretAccessKey'"), "{error}");
    assert!(!error.report().contains("RawSecretAccessKeyRaw"), "{}", error.report());
    for (id, fits) in [("cluster-abcdefg2345", true), ("cluster-abcdefg1345", false), ("Cluster-abcdefg2345", false)] {
        let request = CreateCustomKeyStoreRequest { cloud_hsm_cluster_id: Some(id.into()), ..store_request("hsm") };
        let kind = kms.create_custom_key_store(request).expect_err("an error").kind();
        assert_eq!(kind == ErrorKind::Validation, !fits, "{id}");
    }
    for (path, fits) in [
        ("/kms/xks/v1", true),
        ("/a/b_-1/kms/xks/v12", true),
        ("//kms/xks/v1", false),
        ("/kms/xks/v123", false),
        ("a/kms/xks/v1", false),
    ] {
        let request = CreateCustomKeyStoreRequest { xks_proxy_uri_path: Some(path.into()), ..proxy_request("x") };
        let made = kms.create_custom_key_store(request);
        assert_eq!(made.is_ok(), fits, "{path}");
        if let Ok(made) = made {
            delete(&kms, &made.custom_key_store_id).unwrap();
        }
    }
}

#[test]
fn what_a_store_has_no_other_one_has_until_it_is_gone() {
    let (builder, _) = builder();
    let (one, other) = (TestCluster::default(), TestCluster::default());
    let builder = builder.cloud_hsm_cluster(CLUSTER, one).cloud_hsm_cluster(OTHER, other);
    let kms: Opened = builder.create_in_memory(&root()).unwrap().into();
    let first = kms.create_custom_key_store(store_request("hsm")).unwrap().custom_key_store_id;
    let of_other =
        |name| CreateCustomKeyStoreRequest { cloud_hsm_cluster_id: Some(OTHER.into()), ..store_request(name) };
    refused(kms.create_custom_key_store(of_other("hsm")), ErrorKind::CustomKeyStoreNameInUse, "'hsm' is in use");
    refused(kms.create_custom_key_store(store_request("second")), ErrorKind::CloudHsmClusterInUse, CLUSTER);
    let second = kms.create_custom_key_store(of_other("second")).unwrap().custom_key_store_id;
    // Names and clusters that a change gives back are free, and those that it takes are not.
    let rename = |store: &str, name: &str| UpdateCustomKeyStoreRequest {
        new_custom_key_store_name: Some(name.into()),
        ..update(store)
    };
    refused(kms.update_custom_key_store(rename(&second, "hsm")), ErrorKind::CustomKeyStoreNameInUse, "'hsm' is in use");
    kms.update_custom_key_store(rename(&first, "first")).unwrap();
    kms.update_custom_key_store(rename(&second, "hsm")).unwrap();
    kms.update_custom_key_store(rename(&second, "hsm")).unwrap();
    let moved = UpdateCustomKeyStoreRequest { cloud_hsm_cluster_id: Some(OTHER.into()), ..update(&first) };
    refused(kms.update_custom_key_store(moved), ErrorKind::CloudHsmClusterInUse, OTHER);
    delete(&kms, &second).unwrap();
    refused(delete(&kms, &second), ErrorKind::CustomKeyStoreNotFound, &second);
    kms.create_custom_key_store(of_other("hsm")).unwrap();
}

#[test]
fn proxies_keep_apart() {
    let (kms, ..) = vault_with_store();
    let first = kms.create_custom_key_store(proxy_request("one")).unwrap().custom_key_store_id;
    refused(
        kms.create_custom_key_store(proxy_request("two")),
        ErrorKind::XksProxyUriInUse,
        "xks.example.com/kms/xks/v1",
    );
    // Another spelling is no other endpoint.
    let endpoint = || Some("https://XKS.Example.com.".into());
    let request = CreateCustomKeyStoreRequest { xks_proxy_uri_endpoint: endpoint(), ..proxy_request("two") };
    refused(kms.create_custom_key_store(request), ErrorKind::XksProxyUriInUse, "XKS.Example.com./kms/xks/v1");
    let path = || Some("/two/kms/xks/v1".into());
    let request = CreateCustomKeyStoreRequest { xks_proxy_uri_path: path(), ..proxy_request("two") };
    refused(kms.create_custom_key_store(request), ErrorKind::XksProxyVpcEndpointServiceInUse, SERVICE);
    let service = || Some(SERVICE.replace("def0", "def1"));
    let request = CreateCustomKeyStoreRequest {
        xks_proxy_uri_path: path(),
        xks_proxy_vpc_endpoint_service_name: service(),
        ..proxy_request("two")
    };
    refused(kms.create_custom_key_store(request), ErrorKind::XksProxyUriEndpointInUse, "https://xks.example.com");
    let request = CreateCustomKeyStoreRequest {
        xks_proxy_uri_endpoint: Some("https://two.example.com".into()),
        xks_proxy_vpc_endpoint_service_name: service(),
        ..proxy_request("two")
    };
    kms.create_custom_key_store(request).unwrap();
    let described = describe_store(&kms, &first).xks_proxy_configuration.expect("a proxy");
    assert_eq!(
        described.vpc_endpoint_service_owner.as_deref(),
        Some("000000000000"),
        "the caller's, where none is named"
    );
    // One's own in another spelling.
    let request = UpdateCustomKeyStoreRequest { xks_proxy_uri_endpoint: endpoint(), ..update(&first) };
    kms.update_custom_key_store(request).unwrap();
    refused(
        kms.create_custom_key_store(proxy_request("three")),
        ErrorKind::XksProxyUriInUse,
        "xks.example.com/kms/xks/v1",
    );
    // Another way to the proxy takes another endpoint.
    let public = Some(XksProxyConnectivityType::PublicEndpoint);
    let request = UpdateCustomKeyStoreRequest { xks_proxy_connectivity: public, ..update(&first) };
    refused(kms.update_custom_key_store(request), ErrorKind::Validation, "Value null at 'xksProxyUriEndpoint'");
}

#[test]
fn there_are_ten_at_most_unless_the_host_says_otherwise() {
    let (kms, ..) = vault_with_store();
    let request = |number: usize| CreateCustomKeyStoreRequest {
        xks_proxy_uri_endpoint: Some(format!("https://{number}.example.com")),
        xks_proxy_vpc_endpoint_service_name: Some(format!("{SERVICE}{number}")),
        ..proxy_request(&format!("{number}"))
    };
    for number in 1..10 {
        kms.create_custom_key_store(request(number)).unwrap();
    }
    let message = "The account can have at most 10 custom key stores in us-east-1.";
    refused(kms.create_custom_key_store(request(10)), ErrorKind::LimitExceeded, message);
    let quotas = ResourceQuotas { custom_key_stores: Some(11), ..Default::default() };
    kms.vault.set_resource_quotas(Some(&quotas)).unwrap();
    kms.create_custom_key_store(request(10)).unwrap();
    refused(kms.create_custom_key_store(request(11)), ErrorKind::LimitExceeded, "at most 11 custom key stores");
}

/// What is counted, and what is not there, is as it was when the store is made.
#[test]
fn others_come_before_without_going_beyond_a_limit() {
    let shared = Shared::new();
    let store = Interposed::new(shared.clone());
    let kms: Opened = builder().0.create_in(store.clone(), &root()).unwrap().into();
    let other = builder().0.open(shared, &root()).unwrap();
    let request = |number: usize| CreateCustomKeyStoreRequest {
        xks_proxy_uri_endpoint: Some(format!("https://{number}.example.com")),
        xks_proxy_vpc_endpoint_service_name: Some(format!("{SERVICE}{number}")),
        ..proxy_request(&format!("{number}"))
    };
    // The same endpoint by another path and service, of which no record is the same.
    let beside = |number: usize| CreateCustomKeyStoreRequest {
        custom_key_store_name: "beside".into(),
        xks_proxy_uri_path: Some("/two/kms/xks/v1".into()),
        xks_proxy_vpc_endpoint_service_name: Some(format!("{SERVICE}beside")),
        ..request(number)
    };
    let made = other.client();
    store.at(Moment::BeforeCommit, move || drop(made.create_custom_key_store(request(0)).unwrap()));
    refused(kms.create_custom_key_store(beside(0)), ErrorKind::XksProxyUriEndpointInUse, "https://0.example.com");
    for number in 1..9 {
        kms.create_custom_key_store(request(number)).unwrap();
    }
    let made = other.client();
    store.at(Moment::BeforeCommit, move || drop(made.create_custom_key_store(request(9)).unwrap()));
    refused(kms.create_custom_key_store(request(10)), ErrorKind::LimitExceeded, "at most 10 custom key stores");
    // So are KMS keys, where the host lets an account have only so many.
    let quotas = ResourceQuotas { keys: Some(1), ..Default::default() };
    kms.vault.set_resource_quotas(Some(&quotas)).unwrap();
    let made = other.client();
    store.at(Moment::BeforeCommit, move || drop(made.create_key(CreateKeyRequest::default()).unwrap()));
    refused(kms.create_key(CreateKeyRequest::default()), ErrorKind::LimitExceeded, "at most 1 KMS keys");
}

#[test]
fn a_cluster_is_looked_at_before_a_store_is_made_of_it() {
    let (builder, _) = builder();
    let cluster = TestCluster::default();
    let kms: Opened = builder.cloud_hsm_cluster(CLUSTER, cluster.clone()).create_in_memory(&root()).unwrap().into();
    let unknown = CreateCustomKeyStoreRequest { cloud_hsm_cluster_id: Some(OTHER.into()), ..store_request("hsm") };
    refused(kms.create_custom_key_store(unknown), ErrorKind::CloudHsmClusterNotFound, "there is no such cluster");
    for (failure, kind) in [
        (ClusterErrorKind::NotFound, ErrorKind::CloudHsmClusterNotFound),
        (ClusterErrorKind::NotActive, ErrorKind::CloudHsmClusterNotActive),
        (ClusterErrorKind::NoActiveHsm, ErrorKind::CloudHsmClusterInvalidConfiguration),
        (ClusterErrorKind::Unreachable, ErrorKind::CloudHsmClusterInvalidConfiguration),
    ] {
        cluster.fail(Some(failure));
        refused(kms.create_custom_key_store(store_request("hsm")), kind, "The AWS CloudHSM cluster cannot be used");
    }
    cluster.fail(None);
    cluster.set_anchor(Some("another"));
    let message = format!("The trust anchor certificate is not that of the AWS CloudHSM cluster {CLUSTER}.");
    refused(kms.create_custom_key_store(store_request("hsm")), ErrorKind::IncorrectTrustAnchor, &message);
    // The ends of its lines do not matter.
    cluster.set_anchor(Some(&ANCHOR.replace('\n', "\r\n")));
    let store = kms.create_custom_key_store(store_request("hsm")).unwrap().custom_key_store_id;
    cluster.set_anchor(Some("another"));
    let same = UpdateCustomKeyStoreRequest { cloud_hsm_cluster_id: Some(CLUSTER.into()), ..update(&store) };
    refused(kms.update_custom_key_store(same), ErrorKind::CloudHsmClusterNotRelated, &message);
    assert!(cluster.calls().iter().all(|call| *call == "describe"), "no one logs in before the store is connected");
}

#[test]
fn only_a_disconnected_store_is_changed_and_deleted() {
    let (kms, _, cluster, store) = vault_with_store();
    let password = |password: &str| UpdateCustomKeyStoreRequest {
        key_store_password: Some(SecretText::copy_of(password)),
        ..update(&store)
    };
    let rename =
        |name: &str| UpdateCustomKeyStoreRequest { new_custom_key_store_name: Some(name.into()), ..update(&store) };
    connect(&kms, &store);
    let is = |state| format!("The connection state of the custom key store {store} is {state}, which is not valid");
    refused(
        kms.update_custom_key_store(password("new password")),
        ErrorKind::CustomKeyStoreInvalidState,
        &is("CONNECTED"),
    );
    refused(delete(&kms, &store), ErrorKind::CustomKeyStoreInvalidState, &is("CONNECTED"));
    kms.update_custom_key_store(rename("new")).unwrap();
    assert_eq!(describe_store(&kms, &store).custom_key_store_name.as_deref(), Some("new"));
    disconnect(&kms, &store);
    // The password that the cluster has from now on.
    cluster.set_password("new password");
    kms.update_custom_key_store(password("new password")).unwrap();
    connect(&kms, &store);
    assert_eq!(describe_store(&kms, &store).connection_state, Some(ConnectionStateType::Connected));
    cluster.fail(Some(ClusterErrorKind::UserLoggedIn));
    connect(&kms, &store);
    for change in [rename("newer"), password("newer password")] {
        refused(kms.update_custom_key_store(change), ErrorKind::CustomKeyStoreInvalidState, &is("FAILED"));
    }
    refused(delete(&kms, &store), ErrorKind::CustomKeyStoreInvalidState, &is("FAILED"));
    cluster.fail(None);
    disconnect(&kms, &store);
    kms.update_custom_key_store(rename("newer")).unwrap();
}

#[test]
fn a_store_with_keys_stays_until_they_are_deleted() {
    let (kms, clock, _, store) = vault_with_store();
    connect(&kms, &store);
    let key = create_key_in(&kms, &store);
    disconnect(&kms, &store);
    refused(delete(&kms, &store), ErrorKind::CustomKeyStoreHasCmks, &store);
    let request = ScheduleKeyDeletionRequest { key_id: key.key_id, pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request).unwrap();
    refused(delete(&kms, &store), ErrorKind::CustomKeyStoreHasCmks, &store);
    clock.advance_days(8);
    delete(&kms, &store).unwrap();
    let stores = kms.describe_custom_key_stores(DescribeCustomKeyStoresRequest::default()).unwrap();
    assert!(stores.custom_key_stores.is_empty());
}
