//! Each failure by its name, in AWS's words, when a key is used.

use super::common::{KEY, with_key};
use pocketkms::{ErrorKind::KmsInvalidState, XksTransportErrorKind};
use pocketkms_tests::{
    vault::{decrypt, encrypt, error},
    xks::Fault,
};

#[test]
fn the_text_tells_what_went_wrong() {
    use Fault::{Fails, Refuses};
    let (vault, proxy, key) = with_key();
    let blob = encrypt(&vault, &key.key_id, b"x");
    for (fault, words) in [
        (Refuses(400, "ValidationException"), "cannot interpret the response"),
        (Refuses(400, "InvalidStateException"), "is not enabled in the external key manager"),
        (Refuses(400, "InvalidCiphertextException"), "the specified ciphertext or encryption context is corrupted"),
        (Refuses(400, "InvalidKeyUsageException"), "does not support the requested operation. Enable"),
        (Refuses(401, "AuthenticationFailedException"), "could not authenticate AWS KMS"),
        (Refuses(403, "AccessDeniedException"), "denied access to the operation"),
        (Refuses(404, "KeyNotFoundException"), "was not found in its external key manager"),
        (Refuses(404, "InvalidUriPathException"), "because of an invalid URI path"),
        (Refuses(429, "ThrottlingException"), "due to a very high request rate"),
        (Refuses(501, "UnsupportedOperationException"), "does not support the requested operation. If"),
        (Refuses(503, "DependencyTimeoutException"), "did not respond to the request in the time allotted"),
        (Refuses(500, "InternalException"), "cannot communicate with the external key manager"),
        (Refuses(500, "SomethingElse"), "cannot interpret the response"),
        (Fails(XksTransportErrorKind::Unreachable), "cannot communicate with the external key store proxy"),
        (Fails(XksTransportErrorKind::Tls), "cannot establish a TLS connection"),
        (Fails(XksTransportErrorKind::TimedOut), "did not respond in time"),
        (Fails(XksTransportErrorKind::InvalidResponse), "cannot interpret the response"),
    ] {
        proxy.set_fault(Some(fault));
        let refused = error(decrypt(&vault, &blob));
        assert_eq!(refused.kind(), KmsInvalidState, "{}", refused.report());
        assert!(refused.message().contains(words), "{} does not say {words}", refused.message());
    }
}

#[test]
fn what_the_proxy_says_stays_in_the_process() {
    let (vault, proxy, key) = with_key();
    let body = br#"{"errorName":"AccessDeniedException","errorMessage":"tenant 7\nis locked"}"#;
    proxy.set_fault(Some(Fault::Answers(403, body.to_vec())));
    let request =
        pocketkms::api::EncryptRequest { key_id: key.key_id, plaintext: b"x".to_vec().into(), ..Default::default() };
    let refused = error(vault.encrypt(request));
    assert!(!refused.to_string().contains("tenant 7"));
    assert!(refused.report().contains("tenant 7\\nis locked"), "{}", refused.report());
}

#[test]
fn an_external_key_that_was_disabled_or_removed_is_not_used() {
    let (vault, proxy, key) = with_key();
    let blob = encrypt(&vault, &key.key_id, b"x");
    let words = |words: &str| {
        let refused = error(decrypt(&vault, &blob));
        assert_eq!(refused.kind(), KmsInvalidState);
        assert!(refused.message().contains(words), "{}", refused.message());
    };
    proxy.keys(|keys| keys.key_mut(KEY).status = "DISABLED");
    words("is not enabled in the external key manager");
    proxy.keys(|keys| {
        let key = keys.key_mut(KEY);
        (key.status, key.usage) = ("ENABLED", vec!["ENCRYPT"]);
    });
    words("does not support the requested operation");
    proxy.keys(|keys| keys.key_mut(KEY).usage = vec!["ENCRYPT", "DECRYPT"]);
    assert_eq!(decrypt(&vault, &blob).unwrap(), b"x");
    proxy.keys(|keys| keys.remove(KEY));
    words("was not found in its external key manager");
}

/// What an app's own transport failed with is there for the app.
#[test]
fn the_error_of_a_transport_is_a_cause() {
    use pocketkms::{Error, ErrorKind, XksRequest, XksResponse, XksTransport, XksTransportError};
    struct Failing;
    impl XksTransport for Failing {
        fn send(&self, _: &XksRequest) -> Result<XksResponse, XksTransportError> {
            let error = Error::new(ErrorKind::KeyUnavailable, "thrown").with_origin(std::sync::Arc::new(7_u8));
            Err(XksTransportError::new(XksTransportErrorKind::Unreachable, error))
        }
    }
    let (builder, _) = pocketkms_tests::vault::builder();
    let vault = builder.xks_transport(Failing).create_in_memory(&pocketkms_tests::vault::root()).unwrap();
    let refused = error(super::common::create_store(&vault.client()));
    assert_eq!(refused.kind(), ErrorKind::XksProxyUriUnreachable);
    let origin = refused.causes()[0].origin().and_then(|origin| origin.downcast_ref::<u8>());
    assert_eq!(origin, Some(&7));
}
