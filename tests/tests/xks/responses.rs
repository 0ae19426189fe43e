//! What a proxy answers when it encrypts and decrypts counts only if it is all that the specification says.

use super::common::{KEY, with_key};
use base64::{Engine, prelude::BASE64_STANDARD};
use pocketkms::ErrorKind::KmsInvalidState;
use pocketkms_tests::{
    vault::{decrypt, encrypt, error},
    xks::{ExternalKey, Fault},
};
use serde_json::{Value, json};

const MALFORMED: &str = "AWS KMS cannot interpret the response from the external key store proxy. If you see this error \
                         repeatedly, report it to your external key store proxy administrator.";

fn base64(length: usize) -> Value {
    BASE64_STANDARD.encode(vec![1; length]).into()
}

#[test]
fn an_encryption_is_whole_or_nothing() {
    use Fault::{Alters, Answers, Flips};
    let (vault, proxy, key) = with_key();
    let request = || pocketkms::api::EncryptRequest {
        key_id: key.key_id.clone(),
        plaintext: b"x".to_vec().into(),
        ..Default::default()
    };
    // The seal of one byte.
    let length = 81;
    for fault in [
        // The integrity value is over all of them.
        Flips("ciphertext"),
        Flips("initializationVector"),
        Flips("authenticationTag"),
        Flips("ciphertextMetadata"),
        Flips("ciphertextDataIntegrityValue"),
        Alters("ciphertextDataIntegrityValue", None),
        Alters("ciphertextDataIntegrityValue", Some(Value::Null)),
        Alters("ciphertextDataIntegrityValue", Some(base64(31))),
        Alters("ciphertext", None),
        Alters("initializationVector", None),
        Alters("authenticationTag", None),
        Alters("ciphertext", Some(base64(length - 1))),
        Alters("ciphertext", Some(base64(length + 1))),
        Alters("ciphertext", Some("".into())),
        Alters("ciphertext", Some(json!([1, 2, 3]))),
        Alters("ciphertext", Some("!".repeat(108).into())),
        // Base64 has one form.
        Alters("initializationVector", Some("AAAAAAAAAAAAAAAB=".into())),
        Alters("initializationVector", Some(base64(11))),
        Alters("initializationVector", Some(base64(13))),
        Alters("initializationVector", Some(base64(256))),
        Alters("authenticationTag", Some(base64(12))),
        Alters("authenticationTag", Some("vBxN2ncH1oEkR8WVXpmyYR==".into())),
        Alters("ciphertextMetadata", Some(base64(21))),
        Alters("ciphertextMetadata", None),
        Alters("ciphertextMetadata", Some(json!(true))),
        Answers(200, Vec::new()),
        Answers(200, b"{}".to_vec()),
        Answers(200, b"{\"ciphertext\":\"".to_vec()),
        Answers(200, [b"{\"ciphertext\":\"".as_slice(), &vec![b'A'; 20_000], b"\"}"].concat()),
        Answers(201, b"{}".to_vec()),
    ] {
        proxy.keys(|keys| keys.key_mut(KEY).metadata = b"key_version=1".to_vec());
        proxy.set_fault(Some(fault));
        let refused = error(vault.encrypt(request()));
        assert_eq!((refused.kind(), refused.message()), (KmsInvalidState, MALFORMED), "{}", refused.report());
    }
    proxy.set_fault(None);
    vault.encrypt(request()).unwrap();
}

#[test]
fn members_that_are_not_known_are_passed_over() {
    let (vault, proxy, key) = with_key();
    proxy.set_fault(Some(Fault::Alters("later", Some(json!({ "versions": [1, 2, { "a": null }] })))));
    let blob = encrypt(&vault, &key.key_id, b"x");
    assert_eq!(decrypt(&vault, &blob).unwrap(), b"x");
}

#[test]
fn a_decryption_is_of_what_was_encrypted() {
    let (vault, proxy, key) = with_key();
    let blob = encrypt(&vault, &key.key_id, b"x");
    for (fault, message) in [
        (Fault::Alters("plaintext", None), MALFORMED),
        (Fault::Alters("plaintext", Some(base64(80))), MALFORMED),
        (Fault::Alters("plaintext", Some(base64(82))), MALFORMED),
        (Fault::Alters("plaintext", Some("x".into())), MALFORMED),
        (Fault::Answers(200, b"\"plaintext\"".to_vec()), MALFORMED),
        (
            Fault::Flips("plaintext"),
            "The ciphertext that the external key store proxy submitted for decryption, or the encryption context, is \
             corrupted, missing, or otherwise invalid.",
        ),
    ] {
        proxy.set_fault(Some(fault));
        let refused = error(decrypt(&vault, &blob));
        assert_eq!((refused.kind(), refused.message()), (KmsInvalidState, message), "{}", refused.report());
    }
    proxy.set_fault(None);
    assert_eq!(decrypt(&vault, &blob).unwrap(), b"x");

    // Another key in its place.
    proxy.keys(|keys| keys.put(KEY, ExternalKey::new(9)));
    assert_eq!(error(decrypt(&vault, &blob)).kind(), KmsInvalidState);
}
