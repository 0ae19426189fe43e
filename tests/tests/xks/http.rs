//! The same over HTTP, on this machine.

use super::common::{KEY, connected, create_key, create_store};
use pocketkms::{ErrorKind, ErrorKind::XksProxyInvalidResponse, ErrorKind::XksProxyUriUnreachable};
use pocketkms_tests::{
    vault::{Opened, builder, decrypt, encrypt, error, root},
    xks::{
        ENDPOINT, ExternalKey, Proxy,
        server::{Manner, Server},
    },
};
use pocketkms_xks::HttpsTransport;
use std::time::{Duration, Instant};

/// A vault that reaches a proxy on this machine, whose answers it gets in that manner.
fn over(manner: Manner, timeout: Duration) -> (Opened, Proxy, Server) {
    let (builder, clock) = builder();
    let proxy = Proxy::new(&clock);
    proxy.keys(|keys| keys.put(KEY, ExternalKey::new(1)));
    let server = Server::start(&proxy, manner);
    let transport = HttpsTransport::new().with_timeout(timeout).with_route(ENDPOINT, &server.origin()).unwrap();
    let vault = builder.xks_transport(transport).create_in_memory(&root()).unwrap();
    (vault.into(), proxy, server)
}

/// A busy machine may take long for what takes no time.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn a_key_is_made_and_used_over_http() {
    for manner in [Manner::Whole, Manner::Chunked] {
        let (vault, proxy, _server) = over(manner, PATIENCE);
        let store = connected(&vault);
        let key = create_key(&vault, &store, KEY).unwrap();
        let blob = encrypt(&vault, &key.key_id, b"card 4242");
        assert_eq!(decrypt(&vault, &blob).unwrap(), b"card 4242");
        let seen: Vec<_> = proxy.take_seen().into_iter().map(|seen| seen.operation).collect();
        assert_eq!(seen, ["health", "health", "metadata", "encrypt", "decrypt"]);
    }
}

#[test]
fn what_is_too_late_is_given_up() {
    for manner in [Manner::Slow, Manner::Trickling] {
        let (vault, _, _server) = over(manner, Duration::from_millis(250));
        let begun = Instant::now();
        let refused = error(create_store(&vault));
        assert_eq!(refused.kind(), XksProxyUriUnreachable, "{}", refused.report());
        assert!(refused.message().contains("did not respond in time"), "{}", refused.message());
        assert!(begun.elapsed() < Duration::from_millis(1900), "{:?}", begun.elapsed());
    }
}

#[test]
fn what_is_no_answer_is_none() {
    let kind = |manner| {
        let (vault, _, _server) = over(manner, PATIENCE);
        error(create_store(&vault)).kind()
    };
    assert_eq!(kind(Manner::Silent), XksProxyUriUnreachable);
    assert_eq!(kind(Manner::Garbage), XksProxyInvalidResponse);
    // Bounded, however much comes.
    assert_eq!(kind(Manner::Endless), XksProxyInvalidResponse);
    // It is for one address that the request is signed.
    assert_eq!(kind(Manner::Redirecting), XksProxyInvalidResponse);
}

#[test]
fn where_no_one_listens_there_is_no_proxy() {
    let (vault, _, server) = over(Manner::Whole, PATIENCE);
    drop(server);
    let refused = error(create_store(&vault));
    assert_eq!(refused.kind(), XksProxyUriUnreachable, "{}", refused.report());
}

#[test]
fn without_tls_there_is_no_https() {
    let (builder, clock) = builder();
    let server = Server::start(&Proxy::new(&clock), Manner::Shouting);
    let place = server.origin().replace("http://", "https://");
    let transport = HttpsTransport::new().with_timeout(PATIENCE).with_route(ENDPOINT, &place).unwrap();
    let vault: Opened = builder.xks_transport(transport).create_in_memory(&root()).unwrap().into();
    let refused = error(create_store(&vault));
    assert_eq!(refused.kind(), XksProxyUriUnreachable);
    assert!(refused.message().contains("cannot establish a TLS connection"), "{}", refused.report());
}

#[test]
fn a_place_that_is_none_is_no_route() {
    let refused = HttpsTransport::new().with_route(ENDPOINT, "http://xks.example.com");
    assert_eq!(refused.err().map(|error| error.kind()), Some(ErrorKind::Validation));
}
