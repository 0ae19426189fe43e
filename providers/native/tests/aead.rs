//! The libraries of AES-GCM beside each other: whichever a processor gets, it computes the same. Known answers and known
//! attacks are in Wycheproof's vectors, which the tests of PocketKMS run with each library.

use pocketkms_native::Library;
use pocketkms_primitives::{Aead, AeadKey, AuthenticationFailed, Error};

const NONCE: [u8; 12] = [9; 12];

/// Bytes that differ from each other.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at * 7 + at / 251) % 256).expect("a byte")).collect()
}

fn keys(length: usize) -> Vec<(Library, Box<dyn AeadKey>)> {
    let key = |library: &Library| (*library, library.key(&bytes(length)).expect("a right length"));
    Library::ALL.iter().map(key).collect()
}

#[test]
fn a_wrong_length_is_refused() {
    for library in Library::ALL {
        for length in (0..=64).filter(|length| ![16, 24, 32].contains(length)) {
            assert!(library.key(&bytes(length)).is_err(), "{library:?} takes {length} bytes");
        }
    }
    for (library, key) in keys(32) {
        for (from, to) in [(0, 1), (1, 0), (15, 16), (100, 99)] {
            let mut out = vec![0xa5; to];
            let sealed = key.seal_into(&NONCE, b"", &bytes(from), &mut out);
            assert!(matches!(sealed, Err(Error::BufferLength)), "{library:?}");
            assert_eq!(
                key.open_into(&NONCE, b"", &bytes(from), &[0; 16], &mut out),
                Err(AuthenticationFailed),
                "{library:?}"
            );
            assert_eq!(out, vec![0xa5; to], "{library:?}");
        }
    }
}

#[test]
fn what_does_not_open_leaves_zeros() {
    for (library, key) in keys(32) {
        for length in [1, 15, 16, 17, 255, 4096, 70_000] {
            let plain = bytes(length);
            let mut sealed = plain.clone();
            let tag = key.seal(&NONCE, b"with", &mut sealed).expect("a short message");
            let mut wrong_tag = tag;
            wrong_tag[15] ^= 1;
            let mut altered = sealed.clone();
            altered[length - 1] ^= 0x80;
            for (nonce, aad, sealed, tag) in [
                (&NONCE, &b"with"[..], &sealed, &wrong_tag),
                (&NONCE, b"with", &altered, &tag),
                (&NONCE, b"without", &sealed, &tag),
                (&[8; 12], b"with", &sealed, &tag),
            ] {
                let mut data = sealed.clone();
                assert_eq!(key.open(nonce, aad, &mut data, tag), Err(AuthenticationFailed), "{library:?}");
                assert_eq!(data, vec![0; length], "{library:?} leaves something of {length} bytes");
                let mut out = bytes(length);
                assert_eq!(key.open_into(nonce, aad, sealed, tag, &mut out), Err(AuthenticationFailed), "{library:?}");
                assert_eq!(out, vec![0; length], "{library:?} leaves something of {length} bytes");
            }
        }
    }
}

#[test]
fn all_libraries_compute_the_same() {
    for key_length in [16, 24, 32] {
        let keys = keys(key_length);
        // Around every step in which some library works: one block to sixteen.
        for length in (0..600).chain([1023, 4095, 4096, 4097, 65_537, 300_001]) {
            let plain = bytes(length);
            let aad = bytes(length % 67);
            let sealed: Vec<_> = keys
                .iter()
                .map(|(_, key)| {
                    let mut sealed = plain.clone();
                    let tag = key.seal(&NONCE, &aad, &mut sealed).expect("a short message");
                    (sealed, tag)
                })
                .collect();
            for ((library, key), (ciphertext, tag)) in keys.iter().zip(&sealed) {
                assert_eq!((ciphertext, tag), (&sealed[0].0, &sealed[0].1), "{library:?}, {length} bytes");
                let mut out = vec![0xa5; length];
                assert_eq!(
                    &key.seal_into(&NONCE, &aad, &plain, &mut out).expect("a short message"),
                    tag,
                    "{library:?}"
                );
                assert_eq!(&out, ciphertext, "{library:?}, {length} bytes");
                key.open(&NONCE, &aad, &mut out, tag).expect("its tag");
                assert_eq!(out, plain, "{library:?}, {length} bytes");
                out.fill(0xa5);
                key.open_into(&NONCE, &aad, ciphertext, tag, &mut out).expect("its tag");
                assert_eq!(out, plain, "{library:?}, {length} bytes");
            }
        }
    }
}

/// Dropping a key of *ring* writes over it: the others must not notice.
#[test]
fn a_key_outlives_others() {
    for library in Library::ALL {
        for length in [16, 24, 32] {
            let key = library.key(&bytes(length)).expect("a right length");
            let tag = key.seal(&NONCE, b"", &mut []).expect("a short message");
            for other in [16, 24, 32] {
                drop(library.key(&bytes(other)).expect("a right length"));
            }
            assert_eq!(key.seal(&NONCE, b"", &mut []).expect("a short message"), tag, "{library:?}");
        }
    }
}
