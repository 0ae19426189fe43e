//! What anyone learns of a message that does not open: the exception's name, and nothing that came from the message.

use pocketkms::{
    ErrorKind, Provider,
    envelope::{AlgorithmSuite, DecryptOptions, EncryptOptions, EncryptedDataKey, RawAesKeyring},
};
use pocketkms_tests::{
    esdk::fixed::{self, Fixed},
    vault::error,
};

const SUITE: AlgorithmSuite = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey;

/// The error at a message whose only encrypted data key bears these names.
fn unopened(provider_id: &str, provider_info: &[u8]) -> pocketkms::Error {
    let named = EncryptedDataKey {
        provider_id: provider_id.into(),
        provider_info: provider_info.to_vec(),
        ciphertext: b"anything".to_vec(),
    };
    let writer = Fixed { encrypted: vec![named], ..Fixed::new(SUITE) };
    let message =
        fixed::client(SUITE).encrypt(&writer, EncryptOptions::default(), b"hello").expect("a message").message;
    let reader = RawAesKeyring::new(&Provider::default(), "app", "key", &[7; 32].to_vec().into()).expect("a keyring");
    error(fixed::client(SUITE).decrypt(&reader, DecryptOptions::default(), &message))
}

#[test]
fn names_that_a_message_bears_cannot_forge_lines_of_a_log() {
    let error = unopened("hsm\n2026-01-01 admin signed in", "k\u{202e}yek\n".as_bytes());
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::UnableToDecryptDataKey, error.name()));
    let explanation = error.explanation().expect("an explanation");
    assert!(explanation.contains("provider 'hsm\\n2026-01-01 admin signed in', key 'k\\u{202e}yek'"), "{explanation}");
}

#[test]
fn names_that_a_message_bears_are_cut() {
    let error = unopened(&"p".repeat(60_000), &vec![b'k'; 60_000]);
    assert_eq!(error.to_string(), error.name());
    let explanation = error.explanation().expect("an explanation");
    let names = format!("provider '{}…', key '{}…'", "p".repeat(200), "k".repeat(200));
    assert!(explanation.contains(&names) && explanation.len() < 1000, "{} bytes", explanation.len());
}
