//! Memory is taken for what has come, never for what is claimed.

use super::{SUITES, decryptor};
use allocation_counter::measure;
use pocketkms::envelope::{AlgorithmSuite, Limits, Transform};
use pocketkms_tests::esdk::{
    fixed::{client, plaintext},
    writer::{Draft, iv},
};

const LIMITS: Limits =
    Limits { max_encrypted_data_keys: u16::MAX, max_frame_length: u32::MAX, max_unframed_length: u64::MAX };

/// The most memory that was in use at once while the bytes came in pieces of that length, and the stream was dropped.
fn most(suite: AlgorithmSuite, bytes: &[u8], length: usize) -> u64 {
    let measured = measure(|| {
        let mut stream = decryptor(suite, LIMITS);
        // Room for what comes out is the caller's.
        let mut output = Vec::new();
        for piece in bytes.chunks(length) {
            output.resize(stream.update_length(piece.len()), 0);
            if stream.update(piece, &mut output).is_err() {
                break;
            }
        }
    });
    assert_eq!(measured.bytes_current, 0, "something is left behind");
    measured.bytes_max
}

/// Claims of very much, and a little of it.
fn claims(suite: AlgorithmSuite) -> Vec<(&'static str, Vec<u8>)> {
    let draft = Draft::new(suite, 0);
    let frames = Draft::new(suite, u32::MAX);
    let little = [0x5a; 5000];
    let unframed = |length: u64| [&draft.sealed_header(), &iv(1)[..], &length.to_be_bytes(), &little].concat();
    let many = Draft { count: u16::MAX, ..draft.clone() }.header();
    vec![
        ("an unframed body of 2^63 bytes", unframed(1 << 63)),
        ("an unframed body of 2^64 - 1 bytes", unframed(u64::MAX)),
        ("a frame of 4 GiB", [&frames.sealed_header(), &1_u32.to_be_bytes()[..], &little].concat()),
        (
            "a final frame of 4 GiB",
            [&frames.sealed_header(), &frames.last(1, iv(1), b"")[..20], &u32::MAX.to_be_bytes(), &little].concat(),
        ),
        ("65,535 encrypted data keys", many),
        (
            "65,535 encrypted data keys without anything in them",
            [&front(&draft)[..], &[0xff, 0xff], &[0; 5000]].concat(),
        ),
        (
            "a context of 65,535 bytes",
            [&front(&draft)[..front(&draft).len() - draft.context.len() - 2], &[0xff; 5000]].concat(),
        ),
    ]
}

/// The header up to the number of encrypted data keys.
fn front(draft: &Draft) -> Vec<u8> {
    let header = draft.header();
    let length = header.len() - draft.encrypted_data_keys.len() - 1 - 4 - if draft.version == 1 { 5 } else { 32 } - 2;
    header[..length].to_vec()
}

#[test]
fn claims_cost_nothing() {
    for suite in SUITES {
        // What a stream takes anyway: keys, hashes, the materials.
        let base = most(suite, &Draft::new(suite, 16).write(&plaintext(100)), 7);
        for (claim, bytes) in claims(suite) {
            for length in [1, 100, usize::MAX] {
                let most = most(suite, &bytes, length);
                // A buffer doubles, and is copied once; the output has the length of the input; each key has its place.
                let bound = base + 20 * bytes.len() as u64;
                assert!(most <= bound, "{suite}: {claim} took {most} bytes for {} that came", bytes.len());
            }
        }
    }
}

/// The longest messages that are allowed do not take long, either: each byte is looked at a few times only.
#[test]
fn very_many_encrypted_data_keys_are_read_in_one_go() {
    let suite = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey;
    let draft = Draft { count: u16::MAX, encrypted_data_keys: vec![0; 6 * 65_535], ..Draft::new(suite, 16) };
    let message = draft.write(b"x");
    for length in [1, 7, 4096] {
        let measured = measure(|| {
            let mut stream = decryptor(suite, LIMITS);
            let mut output = vec![0; message.len()];
            let written: usize = message.chunks(length).map(|piece| stream.update(piece, &mut output).unwrap()).sum();
            assert_eq!(written, 1);
            stream.finish().unwrap();
        });
        // Read again for each key, it would be some 65,535 times 65,535 fields.
        assert!(measured.count_total < 1_000_000, "{} allocations in pieces of {length}", measured.count_total);
    }
}

/// A stream of any length takes the memory of a frame.
#[test]
fn memory_stays_constant() {
    for suite in SUITES {
        let taken = |frames: usize| {
            let plaintext = plaintext(frames * 4096);
            let client = client(suite);
            let mut message = Vec::new();
            let options = pocketkms::envelope::EncryptOptions {
                algorithm_suite: Some(suite),
                frame_length: Some(4096),
                ..Default::default()
            };
            let mut output = vec![0; 10_000];
            message.reserve(plaintext.len() * 2);
            let encrypted = measure(|| {
                let keyring = pocketkms_tests::esdk::fixed::Fixed::new(suite);
                let mut stream = client.encryptor(&keyring, options).unwrap();
                for piece in plaintext.chunks(1000) {
                    let written = stream.update(piece, &mut output).unwrap();
                    message.extend_from_slice(&output[..written]);
                }
                message.extend(stream.finish().unwrap());
            });
            (encrypted.bytes_max, most(suite, &message, 1000))
        };
        let (few, many) = (taken(20), taken(200));
        assert!(many.0 <= few.0 + 1000 && many.1 <= few.1 + 1000, "{suite}: {few:?} for 20 frames, {many:?} for 200");
    }
}
