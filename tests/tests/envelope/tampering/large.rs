//! Messages that are so long that several processors share their frames, with every provider.

use super::{Victim, is_named};
use pocketkms::envelope::{AlgorithmSuite, DecryptOptions, EncryptionClient, Transform};
use pocketkms_tests::{
    esdk::fixed::{self, Fixed},
    providers,
};
use std::sync::Arc;

/// An altered frame is found wherever it is, and what came with it is taken back.
#[test]
fn an_altered_frame_among_many() {
    let suite = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey;
    let victim = Victim::new(suite, 64 * 1024, 2_000_000);
    let keyring = Arc::new(Fixed::new(suite));
    for (name, provider) in providers::all() {
        let client = EncryptionClient::new(provider);
        for (number, frame) in victim.layout.frames.iter().enumerate() {
            let mut altered = victim.message.clone();
            altered[frame.end - 20] ^= 0x10;
            let what = format!("{name}: frame {number} was altered");
            let error = client.decrypt(&keyring, DecryptOptions::default(), &altered).map(drop).expect_err(&what);
            is_named(&error, &what);
            assert!(
                error.explanation().is_some_and(|text| text.contains(&format!("frame {} ", number + 1))),
                "{error}"
            );

            let mut stream = client.decryptor(keyring.clone(), DecryptOptions::default());
            let mut output = vec![0xaa; stream.update_length(altered.len())];
            assert!(stream.update(&altered, &mut output).is_err(), "{what}");
            assert!(output.iter().all(|byte| *byte == 0), "{what}: plaintext was left in the output");
        }
        let mut swapped = victim.message.clone();
        let (one, other) = (victim.layout.frames[3].clone(), victim.layout.frames[20].clone());
        swapped[one.clone()].copy_from_slice(victim.frame(20));
        swapped[other].copy_from_slice(victim.frame(3));
        let error = client.decrypt(&keyring, DecryptOptions::default(), &swapped).map(drop).expect_err("swapped");
        is_named(&error, "two frames are swapped");
    }
}

/// No matter how the work is shared, the same bytes come of it, in pieces of any length.
#[test]
fn every_provider_writes_the_same() {
    let suite = AlgorithmSuite::AlgAes256GcmIv12Tag16NoKdf;
    let plaintext = fixed::plaintext(2_000_001);
    let mut bodies = Vec::new();
    for (_, provider) in providers::all() {
        for piece in [100_000, 1 << 20, usize::MAX] {
            let options = pocketkms::envelope::EncryptOptions {
                algorithm_suite: Some(suite),
                frame_length: Some(30_000),
                ..Default::default()
            };
            let random = pocketkms_tests::random::Scripted::new([vec![0x1d; 16]]);
            let provider = pocketkms::Provider { random: Arc::new(random), ..provider.clone() };
            let client = EncryptionClient::new(provider).commitment_policy(fixed::policy(suite));
            let mut stream = client.encryptor(&Fixed::new(suite), options).expect("a stream");
            let mut message = Vec::new();
            for piece in plaintext.chunks(piece) {
                message.extend(stream.update_vec(piece).expect("frames"));
            }
            message.extend(stream.finish().expect("the end"));
            bodies.push(message);
        }
    }
    let (first, others) = bodies.split_first().expect("a message");
    assert!(others.iter().all(|other| other == first), "the messages differ");
    let opened = fixed::client(suite).decrypt(&Fixed::new(suite), DecryptOptions::default(), first).expect("a message");
    assert_eq!(opened.plaintext.expose(), plaintext);
}
