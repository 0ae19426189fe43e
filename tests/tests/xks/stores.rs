//! Making, changing and connecting external key stores.

use super::common::{connect, connected, create_store, credential, describe_store, disconnect, store_request, vault};
use pocketkms::{
    ErrorKind,
    ErrorKind::{
        XksProxyIncorrectAuthenticationCredential, XksProxyInvalidConfiguration, XksProxyInvalidResponse,
        XksProxyUriEndpointInUse, XksProxyUriInUse, XksProxyUriUnreachable,
    },
    ManualClock, Timestamp, XksTransportErrorKind,
    api::{
        ConnectionErrorCodeType as Code, ConnectionStateType, CreateCustomKeyStoreRequest, DeleteCustomKeyStoreRequest,
        LookupEventsRequest, UpdateCustomKeyStoreRequest, XksProxyConnectivityType,
    },
};
use pocketkms_tests::{
    vault::{START, builder, error, root},
    xks::{ACCESS_KEY_ID, ENDPOINT, Fault, PATH, Proxy, SECRET_ACCESS_KEY},
};
use serde_json::json;

const OTHER_SECRET: &str = "0000000000000000000000000000000000000000000";

fn service() -> CreateCustomKeyStoreRequest {
    CreateCustomKeyStoreRequest {
        xks_proxy_connectivity: Some(XksProxyConnectivityType::VpcEndpointService),
        xks_proxy_vpc_endpoint_service_name: Some("com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0".into()),
        ..store_request()
    }
}

/// What the health check comes to in each way in which it can fail: the exception of Create and Update, and what is told after a
/// connection was tried.
fn faults() -> Vec<(Fault, ErrorKind, Code)> {
    use Fault::{Alters, Answers, Fails, Refuses};
    let invalid = |fault| (fault, XksProxyInvalidResponse, Code::XksProxyInvalidResponse);
    let gone = |fault, code| (fault, XksProxyUriUnreachable, code);
    let refused = |fault, kind, code| (fault, kind, code);
    let manager = json!({ "id": "1", "model": "m", "healthStatus": "ACTIVE" });
    vec![
        gone(Fails(XksTransportErrorKind::Unreachable), Code::XksProxyNotReachable),
        gone(Fails(XksTransportErrorKind::Tls), Code::XksProxyInvalidTlsConfiguration),
        gone(Fails(XksTransportErrorKind::TimedOut), Code::XksProxyTimedOut),
        invalid(Fails(XksTransportErrorKind::InvalidResponse)),
        refused(
            Refuses(401, "AuthenticationFailedException"),
            XksProxyIncorrectAuthenticationCredential,
            Code::InvalidCredentials,
        ),
        refused(Refuses(403, "AccessDeniedException"), XksProxyInvalidConfiguration, Code::XksProxyAccessDenied),
        refused(
            Refuses(404, "InvalidUriPathException"),
            XksProxyInvalidConfiguration,
            Code::XksProxyInvalidConfiguration,
        ),
        refused(
            Refuses(400, "InvalidStateException"),
            XksProxyInvalidConfiguration,
            Code::XksProxyInvalidConfiguration,
        ),
        gone(Refuses(429, "ThrottlingException"), Code::XksProxyNotReachable),
        gone(Refuses(503, "DependencyTimeoutException"), Code::XksProxyTimedOut),
        refused(Refuses(500, "InternalException"), XksProxyInvalidResponse, Code::XksProxyNotReachable),
        invalid(Refuses(400, "ValidationException")),
        invalid(Refuses(501, "UnsupportedOperationException")),
        invalid(Refuses(404, "KeyNotFoundException")),
        invalid(Refuses(418, "TeapotException")),
        // Without a name, a status says nothing.
        invalid(Answers(401, Vec::new())),
        invalid(Answers(401, b"{\"errorMessage\":\"no\"}".to_vec())),
        // Success has no error, and an error no success.
        invalid(Answers(200, b"{\"errorName\":\"AuthenticationFailedException\"}".to_vec())),
        invalid(Answers(307, b"{\"errorName\":\"AuthenticationFailedException\"}".to_vec())),
        invalid(Answers(204, Vec::new())),
        invalid(Answers(200, b"no JSON".to_vec())),
        invalid(Answers(200, b"[]".to_vec())),
        invalid(Answers(200, vec![b'['; 16 * 1024])),
        invalid(Answers(200, vec![b' '; 16 * 1024 + 1])),
        invalid(Answers(500, vec![b' '; 1 << 20])),
        invalid(Alters("xksProxyFleetSize", Some(json!(0)))),
        invalid(Alters("xksProxyFleetSize", Some(json!(-1)))),
        invalid(Alters("xksProxyFleetSize", Some(json!(1.5)))),
        invalid(Alters("xksProxyFleetSize", Some(json!("2")))),
        invalid(Alters("xksProxyVendor", None)),
        invalid(Alters("xksProxyModel", None)),
        invalid(Alters("ekmVendor", Some(json!(7)))),
        invalid(Alters("ekmFleetDetails", None)),
        invalid(Alters("ekmFleetDetails", Some(json!([])))),
        invalid(Alters("ekmFleetDetails", Some(json!(vec![manager; 11])))),
        invalid(Alters("ekmFleetDetails", Some(json!([{ "id": "1", "model": "m", "healthStatus": "FINE" }])))),
        invalid(Alters("ekmFleetDetails", Some(json!([{ "id": "1", "healthStatus": "ACTIVE" }])))),
        gone(
            Alters("ekmFleetDetails", Some(json!([{ "id": "1", "model": "m", "healthStatus": "UNAVAILABLE" }]))),
            Code::XksProxyNotReachable,
        ),
    ]
}

#[test]
fn a_store_is_made_only_of_a_proxy_that_answers() {
    let (vault, proxy, _) = vault();
    for (fault, kind, _) in faults() {
        proxy.set_fault(Some(fault));
        let refused = error(create_store(&vault));
        assert_eq!(refused.kind(), kind, "{}", refused.report());
        let message = refused.message();
        assert!(message.contains("external key store proxy") && !message.contains("this KMS key"), "{message}");
    }
    proxy.set_fault(None);
    // Nothing is left of those that were refused: their name, endpoint and path are free.
    create_store(&vault).unwrap();
}

#[test]
fn a_connection_that_fails_says_why() {
    let (vault, proxy, _) = vault();
    let store = create_store(&vault).unwrap();
    for (fault, _, code) in faults() {
        proxy.set_fault(Some(fault));
        connect(&vault, &store).unwrap();
        let described = describe_store(&vault, &store);
        assert_eq!(described.connection_state, Some(ConnectionStateType::Failed));
        assert_eq!(described.connection_error_code, Some(code));
        disconnect(&vault, &store);
    }
    proxy.set_fault(None);
    connect(&vault, &store).unwrap();
    let described = describe_store(&vault, &store);
    assert_eq!(described.connection_state, Some(ConnectionStateType::Connected));
    assert_eq!(described.connection_error_code, None);
}

#[test]
fn managers_that_are_degraded_or_partly_gone_do() {
    let (vault, proxy, _) = vault();
    for health in [&["DEGRADED"][..], &["UNAVAILABLE", "UNAVAILABLE", "DEGRADED"], &["ACTIVE"; 10]] {
        proxy.set_health(health);
        let store = create_store(&vault).unwrap();
        connect(&vault, &store).unwrap();
        assert_eq!(describe_store(&vault, &store).connection_state, Some(ConnectionStateType::Connected));
        disconnect(&vault, &store);
        let request = DeleteCustomKeyStoreRequest { custom_key_store_id: store };
        vault.delete_custom_key_store(request).unwrap();
    }
}

#[test]
fn a_wrong_credential_or_path_is_found() {
    let (vault, _, _) = vault();
    for (id, secret) in [(ACCESS_KEY_ID, OTHER_SECRET), ("AAAAAAAAAAAAAAAAAAAA", SECRET_ACCESS_KEY)] {
        let request = CreateCustomKeyStoreRequest {
            xks_proxy_authentication_credential: Some(credential(id, secret)),
            ..store_request()
        };
        assert_eq!(error(vault.create_custom_key_store(request)).kind(), XksProxyIncorrectAuthenticationCredential);
    }
    let elsewhere =
        CreateCustomKeyStoreRequest { xks_proxy_uri_path: Some("/other/kms/xks/v1".into()), ..store_request() };
    assert_eq!(error(vault.create_custom_key_store(elsewhere)).kind(), XksProxyInvalidConfiguration);
    let nowhere = CreateCustomKeyStoreRequest {
        xks_proxy_uri_endpoint: Some("https://xks.example.org".into()),
        ..store_request()
    };
    assert_eq!(error(vault.create_custom_key_store(nowhere)).kind(), XksProxyUriUnreachable);
}

#[test]
fn a_clock_that_is_wrong_is_no_clock_to_sign_by() {
    let (builder, clock) = builder();
    let proxy = Proxy::new(&ManualClock::new(START));
    let vault = builder.xks_transport(proxy).create_in_memory(&root()).unwrap();
    clock.set(Timestamp::from_millis(START.as_millis() + 301_000));
    assert_eq!(error(create_store(&vault.client())).kind(), XksProxyIncorrectAuthenticationCredential);
    clock.set(Timestamp::from_millis(START.as_millis() + 299_000));
    create_store(&vault.client()).unwrap();
}

#[test]
fn without_a_transport_there_is_no_proxy() {
    let (vault, _) = pocketkms_tests::vault::vault();
    let refused = error(create_store(&vault));
    assert_eq!(refused.kind(), XksProxyUriUnreachable);
    assert!(refused.report().contains("XksTransport"), "{}", refused.report());
}

#[test]
fn a_service_in_a_vpc_is_asked_when_it_is_connected() {
    let (vault, proxy, _) = vault();
    proxy.set_fault(Some(Fault::Refuses(401, "AuthenticationFailedException")));
    let store = vault.create_custom_key_store(service()).unwrap().custom_key_store_id;
    connect(&vault, &store).unwrap();
    assert_eq!(describe_store(&vault, &store).connection_error_code, Some(Code::InvalidCredentials));
}

#[test]
fn no_two_stores_share_what_is_of_one() {
    let (vault, _, _) = vault();
    create_store(&vault).unwrap();
    let another = |request: CreateCustomKeyStoreRequest| {
        let request = CreateCustomKeyStoreRequest { custom_key_store_name: "another".into(), ..request };
        error(vault.create_custom_key_store(request)).kind()
    };
    assert_eq!(another(store_request()), XksProxyUriInUse);
    let other_path = CreateCustomKeyStoreRequest { xks_proxy_uri_path: Some("/other/kms/xks/v1".into()), ..service() };
    assert_eq!(another(other_path), XksProxyUriEndpointInUse);
}

#[test]
fn the_credential_and_the_path_change_while_the_store_is_connected() {
    let (vault, proxy, _) = vault();
    let store = connected(&vault);
    let update = |request: UpdateCustomKeyStoreRequest| {
        vault.update_custom_key_store(UpdateCustomKeyStoreRequest { custom_key_store_id: store.clone(), ..request })
    };
    let with_credential = || UpdateCustomKeyStoreRequest {
        xks_proxy_authentication_credential: Some(credential(ACCESS_KEY_ID, OTHER_SECRET)),
        ..Default::default()
    };
    // Not yet the proxy's.
    assert_eq!(error(update(with_credential())).kind(), XksProxyIncorrectAuthenticationCredential);
    proxy.take_credential(ACCESS_KEY_ID, OTHER_SECRET);
    update(with_credential()).unwrap();
    disconnect(&vault, &store);
    connect(&vault, &store).unwrap();
    assert_eq!(describe_store(&vault, &store).connection_state, Some(ConnectionStateType::Connected));

    let path = |path: &str| UpdateCustomKeyStoreRequest { xks_proxy_uri_path: Some(path.into()), ..Default::default() };
    assert_eq!(error(update(path("/gone/kms/xks/v1"))).kind(), XksProxyInvalidConfiguration);
    update(path(PATH)).unwrap();
    let endpoint = UpdateCustomKeyStoreRequest { xks_proxy_uri_endpoint: Some(ENDPOINT.into()), ..Default::default() };
    assert_eq!(error(update(endpoint)).kind(), ErrorKind::CustomKeyStoreInvalidState);
}

#[test]
fn neither_the_description_nor_the_trail_has_the_secret_key() {
    let (vault, _, _) = vault();
    let store = connected(&vault);
    let described = describe_store(&vault, &store).xks_proxy_configuration.unwrap();
    assert_eq!(described.uri_endpoint.as_deref(), Some(ENDPOINT));
    assert_eq!(described.uri_path.as_deref(), Some(PATH));
    assert_eq!(described.access_key_id.unwrap().expose(), ACCESS_KEY_ID);
    let snapshot = vault.vault.snapshot().unwrap();
    assert!(!snapshot.windows(43).any(|window| window == SECRET_ACCESS_KEY.as_bytes()));
    let events: Vec<_> = vault.vault.audit_events(LookupEventsRequest::default()).map(Result::unwrap).collect();
    assert!(events.len() >= 3);
    assert!(!format!("{events:?}").contains(SECRET_ACCESS_KEY));
}
