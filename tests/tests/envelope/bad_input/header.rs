//! False claims of the header. It is authenticated only after the data key was found, so each claim is looked at before.

use super::{SUITES, decryptor, is_named, refused_immediately};
use pocketkms::{
    ErrorKind,
    envelope::{AlgorithmSuite, DecryptOptions, Limits, Transform},
};
use pocketkms_tests::esdk::{
    fixed::{Fixed, client},
    writer::{Draft, context, encrypted_data_key},
};
use std::sync::Arc;

/// The front of the message that a changed draft gives, up to where it ends with these bytes of the changed field.
fn claim(suite: AlgorithmSuite, end_of: impl Fn(&Draft) -> usize, change: impl FnOnce(&mut Draft)) -> Vec<u8> {
    let mut draft = Draft::new(suite, 16);
    change(&mut draft);
    let end = end_of(&draft);
    draft.sealed_header()[..end].to_vec()
}

/// Where fields of the header end.
mod end {
    use super::Draft;

    pub(super) fn of_suite(draft: &Draft) -> usize {
        if draft.version == 1 { 4 } else { 3 }
    }
    pub(super) fn of_count(draft: &Draft) -> usize {
        of_suite(draft) + draft.message_id.len() + 2 + draft.context.len() + 2
    }
    pub(super) fn of_content_type(draft: &Draft) -> usize {
        of_count(draft) + draft.encrypted_data_keys.len() + 1
    }
    pub(super) fn of_reserved(draft: &Draft) -> usize {
        of_content_type(draft) + 4
    }
    pub(super) fn of_iv_length(draft: &Draft) -> usize {
        of_reserved(draft) + 1
    }
    pub(super) fn of_frame_length(draft: &Draft) -> usize {
        if draft.version == 1 { of_iv_length(draft) + 4 } else { of_content_type(draft) + 4 }
    }
    pub(super) fn of_all(draft: &Draft) -> usize {
        draft.sealed_header().len()
    }
}

const INVALID: ErrorKind = ErrorKind::InvalidMessage;
const LIMIT: ErrorKind = ErrorKind::LimitExceeded;

#[test]
fn versions() {
    for suite in SUITES {
        for version in (0..=255).filter(|version| ![1, 2, b'A'].contains(version)) {
            let words = [&*format!("version {version} is unknown")];
            refused_immediately(suite, &[version], INVALID, &words);
        }
        refused_immediately(suite, b"A", INVALID, &["base64"]);
        // Nothing at all, and a front of what may become a message.
        for bytes in [&b""[..], &[1], &[2]] {
            let error = client(suite).decrypt(&Fixed::new(suite), DecryptOptions::default(), bytes).map(drop);
            is_named(suite, &error.unwrap_err(), INVALID, &["truncated", &format!("ends at byte {}", bytes.len())]);
        }
    }
}

#[test]
fn types() {
    for suite in SUITES.into_iter().filter(|suite| !suite.is_committing()) {
        for message_type in (0..=255).filter(|message_type| *message_type != 0x80) {
            refused_immediately(suite, &[1, message_type], INVALID, &["type", "unknown"]);
        }
    }
}

#[test]
fn suites() {
    for suite in SUITES {
        for id in 0..=u16::MAX {
            let bytes = claim(suite, end::of_suite, |draft| draft.suite_id = id);
            match AlgorithmSuite::from_id(id) {
                None if id % 251 == 0 || id < 0x0600 => {
                    refused_immediately(suite, &bytes, INVALID, &[&format!("suite {id:#06x} is unknown")]);
                }
                Some(other) if other.is_committing() != suite.is_committing() => {
                    refused_immediately(suite, &bytes, INVALID, &[other.as_str(), "not for messages of version"]);
                }
                _ => {}
            }
        }
    }
}

#[test]
fn numbers_of_encrypted_data_keys() {
    for suite in SUITES {
        let claim = |count| claim(suite, end::of_count, |draft| draft.count = count);
        refused_immediately(suite, &claim(0), INVALID, &["no encrypted data key"]);
        for count in [101, 1000, 0x8000, u16::MAX] {
            let words = ["number of encrypted data keys", &*count.to_string(), "allows 100"];
            refused_immediately(suite, &claim(count), LIMIT, &words);
        }
        // A hundred are within the limit: more is awaited.
        let mut stream = decryptor(suite, Limits::default());
        stream.update_vec(&claim(100)).unwrap();
    }
}

#[test]
fn content_types() {
    for suite in SUITES {
        for content_type in (0..=255).filter(|content_type| ![1, 2].contains(content_type)) {
            let bytes = claim(suite, end::of_content_type, |draft| draft.content_type = content_type);
            refused_immediately(suite, &bytes, INVALID, &[&format!("content type {content_type} is unknown")]);
        }
    }
}

#[test]
fn reserved_bytes_and_the_length_of_the_iv() {
    for suite in SUITES.into_iter().filter(|suite| !suite.is_committing()) {
        for position in 0..4 {
            let bytes = claim(suite, end::of_reserved, |draft| draft.reserved[position] = 1);
            refused_immediately(suite, &bytes, INVALID, &["reserved"]);
        }
        for length in (0..=255).filter(|length| *length != 12) {
            let bytes = claim(suite, end::of_iv_length, |draft| draft.iv_length = length);
            refused_immediately(suite, &bytes, INVALID, &["IV"]);
        }
    }
}

#[test]
fn frame_lengths() {
    for suite in SUITES {
        let claim = |content_type, frame_length| {
            claim(suite, end::of_frame_length, |draft| {
                draft.content_type = content_type;
                draft.frame_length = frame_length;
            })
        };
        refused_immediately(suite, &claim(2, 0), INVALID, &["frame length is zero"]);
        for frame_length in [(64 << 20) + 1, 1 << 31, u32::MAX] {
            let words = ["frame length", &*frame_length.to_string(), "67108864"];
            refused_immediately(suite, &claim(2, frame_length), LIMIT, &words);
        }
        for frame_length in [1, 16, u32::MAX] {
            refused_immediately(suite, &claim(1, frame_length), INVALID, &["unframed", "frame length"]);
        }
    }
}

/// Their fields are looked at when the header is whole.
#[test]
fn encryption_contexts() {
    let pair = |name: &[u8], value: &[u8]| (name.to_vec(), value.to_vec());
    for suite in SUITES.into_iter().filter(|suite| !suite.is_signed()) {
        let refused = |bytes: Vec<u8>, word: &str| {
            let bytes = claim(suite, end::of_all, |draft| draft.context = bytes);
            refused_immediately(suite, &bytes, INVALID, &[word]);
        };
        refused(vec![0, 0], "zero pairs");
        refused(vec![0], "longer than its stated length");
        refused(context(&[pair(b"a", b"1"), pair(b"a", b"1")]), "same name twice");
        refused(context(&[pair(b"a", b"1"), pair(b"b", b"1"), pair(b"a", b"2")]), "same name twice");
        refused(context(&[pair(b"\xff", b"1")]), "UTF-8");
        refused(context(&[pair(b"a", b"\xc3\x28")]), "UTF-8");
        // Half of a surrogate pair, and a slash in two bytes.
        refused(context(&[pair(b"\xed\xa0\x80", b"")]), "UTF-8");
        refused(context(&[pair(b"\xc0\xaf", b"")]), "UTF-8");
        refused([context(&[pair(b"a", b"1")]), vec![0]].concat(), "bytes follow");
        let mut more = context(&[pair(b"a", b"1")]);
        for count in [2, 3, 0x7fff, 0xffff_u16] {
            more[..2].copy_from_slice(&count.to_be_bytes());
            refused(more.clone(), "longer than its stated length");
        }
        let mut longer = context(&[pair(b"a", b"1")]);
        for at in [2, 5] {
            let right = std::mem::replace(&mut longer[at], 0xff);
            refused(longer.clone(), "longer than its stated length");
            longer[at] = right;
        }
    }
}

#[test]
fn names_of_providers() {
    for suite in SUITES {
        let bytes = claim(suite, end::of_all, |draft| {
            draft.encrypted_data_keys = encrypted_data_key(b"\xff\xfe", b"key", b"ciphertext");
        });
        refused_immediately(suite, &bytes, INVALID, &["UTF-8"]);
    }
}

/// A public key that is none: refused before a keyring is asked.
#[test]
fn public_keys() {
    let name = b"aws-crypto-public-key".to_vec();
    for suite in SUITES {
        let claim = |pairs: &[(Vec<u8>, Vec<u8>)]| claim(suite, end::of_all, |draft| draft.context = context(pairs));
        let value = |value: &[u8]| vec![(name.clone(), value.to_vec())];
        if suite.is_signed() {
            refused_immediately(suite, &claim(&[(b"a".to_vec(), b"1".to_vec())]), INVALID, &["no public key"]);
            refused_immediately(suite, &claim(&value(b"!")), INVALID, &["not base64"]);
        } else {
            refused_immediately(suite, &claim(&value(b"AAAA")), INVALID, &["public key", "signs nothing"]);
        }
    }
}

/// No keyring is asked about a message that is refused for its claims: it may be far away, or a person.
#[test]
fn keyrings_are_asked_last() {
    struct Asked;
    impl pocketkms::envelope::MaterialsManager for Asked {
        fn encryption_materials(
            &self,
            _: &pocketkms::Provider,
            _: pocketkms::envelope::EncryptionMaterialsRequest,
        ) -> pocketkms::Result<Arc<pocketkms::envelope::EncryptionMaterials>> {
            panic!("nothing is encrypted")
        }
        fn decryption_materials(
            &self,
            _: &pocketkms::Provider,
            _: &pocketkms::envelope::DecryptionMaterialsRequest,
        ) -> pocketkms::Result<Arc<pocketkms::envelope::DecryptionMaterials>> {
            panic!("the keyring was asked")
        }
    }
    for suite in SUITES {
        let whole = Draft::new(suite, 16);
        let too_long = Draft { frame_length: u32::MAX, ..whole.clone() };
        let too_many = Draft { count: 500, ..whole.clone() };
        for bad in [too_long, too_many] {
            assert!(client(suite).decrypt(&Asked, DecryptOptions::default(), &bad.write(b"x")).is_err());
        }
        let unsigned_only = DecryptOptions { unsigned_only: true, ..Default::default() };
        let policy = pocketkms::envelope::CommitmentPolicy::RequireEncryptRequireDecrypt;
        let client = client(suite).commitment_policy(policy);
        let refused = !suite.is_committing() || suite.is_signed();
        if refused {
            let result = client.decrypt(&Asked, unsigned_only, &whole.write(b"x")).map(drop);
            let kind = result.unwrap_err().kind();
            let expected = if suite.is_committing() { ErrorKind::Validation } else { ErrorKind::CommitmentPolicy };
            assert_eq!(kind, expected, "{suite}");
        }
    }
}
