//! The blob of a key in an external key store, byte by byte, as docs/formats.md has it.

use super::common::{KEY, with_key};
use pocketkms::ErrorKind::{InvalidCiphertext, KmsInvalidState};
use pocketkms_tests::{
    vault::{context, create_key, decrypt, encrypt, error},
    xks::Seen,
};
use sha2::{Digest, Sha256};

#[test]
fn it_is_as_the_page_says() {
    let (vault, proxy, key) = with_key();
    for (metadata, vector_length) in [(&b""[..], 12), (b"", 16), (b"key_version=1", 12), (&[9; 20], 16)] {
        proxy.keys(|keys| {
            let key = keys.key_mut(KEY);
            (key.metadata, key.vector_length) = (metadata.to_vec(), vector_length);
        });
        proxy.take_seen();
        let blob = encrypt(&vault, &key.key_id, b"ten bytes.").to_vec();
        let [Seen { body, .. }] = &proxy.take_seen()[..] else { panic!("one request") };
        assert_eq!(blob[..2], *b"C\x03");
        assert_eq!(blob[34], u8::try_from(metadata.len()).unwrap());
        let rest = blob[35..].strip_prefix(metadata).expect("the metadata");
        assert_eq!(rest[0], u8::try_from(vector_length).unwrap());
        assert_eq!(rest.len(), 1 + vector_length + 10 + 80 + 16);

        let decoded = |member: &str| {
            use base64::{Engine, prelude::BASE64_STANDARD};
            BASE64_STANDARD.decode(body[member].as_str().unwrap()).unwrap()
        };
        let canonical = [&7_u32.to_be_bytes()[..], b"purpose", &4_u32.to_be_bytes(), b"test"].concat();
        assert_eq!(decoded("additionalAuthenticatedData"), [&blob[..34], &Sha256::digest(canonical)].concat());
        assert_eq!(decrypt(&vault, &blob).unwrap(), b"ten bytes.");
    }
}

#[test]
fn every_altered_byte_is_refused() {
    let (vault, proxy, key) = with_key();
    proxy.keys(|keys| keys.key_mut(KEY).metadata = b"v1".to_vec());
    let blob = encrypt(&vault, &key.key_id, b"x").to_vec();
    for at in 0..blob.len() {
        for bit in [0x01, 0x80] {
            let mut altered = blob.clone();
            altered[at] ^= bit;
            // Of the key's id: no such key.
            let refused = error(decrypt(&vault, &altered));
            let expected = match at {
                2..18 => refused.kind() == pocketkms::ErrorKind::AccessDenied,
                0 | 1 | 18..35 | 37 => refused.kind() == InvalidCiphertext,
                _ => refused.kind() == KmsInvalidState,
            };
            assert!(expected, "byte {at}: {}", refused.report());
        }
    }
}

#[test]
fn no_prefix_is_a_blob() {
    let (vault, proxy, key) = with_key();
    let blob = encrypt(&vault, &key.key_id, b"x").to_vec();
    proxy.take_seen();
    for length in 0..blob.len() {
        let kind = error(decrypt(&vault, &blob[..length])).kind();
        assert!(matches!(kind, InvalidCiphertext | pocketkms::ErrorKind::Validation), "{length}: {kind:?}");
    }
    assert!(proxy.take_seen().is_empty());
}

/// A version that is not the key's was put there by somebody.
#[test]
fn a_blob_has_the_version_of_its_key() {
    let (vault, _, key) = with_key();
    let own = create_key(&vault);
    for (key, versions) in [(&key.key_id, [1, 2]), (&own.key_id, [2, 3])] {
        let blob = encrypt(&vault, key, &[0; 200]).to_vec();
        for version in versions {
            let mut altered = blob.clone();
            altered[1] = version;
            assert_eq!(error(decrypt(&vault, &altered)).kind(), InvalidCiphertext);
        }
    }
    let _ = context();
}
