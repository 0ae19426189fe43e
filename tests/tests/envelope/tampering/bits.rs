//! Every bit, every length: small messages, exhaustively.

use super::Victim;
use pocketkms::envelope::AlgorithmSuite;
use pocketkms_tests::esdk::{fixed::Fixed, manifest::Expect, vectors::Vectors};

/// Of every suite a message of two full frames and a shorter one, and an empty one.
fn framed() -> impl Iterator<Item = Victim> {
    let suites = AlgorithmSuite::ALL.iter();
    suites.flat_map(|&suite| [Victim::new(suite, 5, 12), Victim::new(suite, 5, 0)])
}

/// Unframed messages are read only: short ones of AWS's SDKs, one for each suite that there is.
fn unframed() -> Vec<Victim> {
    let vectors = Vectors::load();
    let mut victims: Vec<Victim> = Vec::new();
    for vector in vectors.cases() {
        let case = vector.case;
        let (Expect::Ok, Some(header), Some(data_key)) = (case.expect, &case.header, &case.data_key_hex) else {
            continue;
        };
        let suite = AlgorithmSuite::from_id(header.suite).expect("a suite");
        let is_wanted = header.content == "unframed"
            && case.message_len < 1500
            && data_key.0.len() == suite.data_key_length()
            && case.options.reproduced_encryption_context.is_empty()
            && victims.iter().all(|victim| victim.suite != suite);
        if is_wanted {
            let plaintext = vector.plaintext().expect("a short plaintext");
            let keyring = Fixed { data_key: data_key.0.clone(), encrypted: Vec::new() };
            victims.push(Victim::of(suite, keyring, vector.message(), plaintext));
        }
    }
    assert!(victims.len() >= 2, "there are too few unframed messages");
    victims
}

fn flip_every_bit(victim: &Victim) {
    for position in 0..victim.message.len() {
        for bit in 0..8 {
            let mut altered = victim.message.clone();
            altered[position] ^= 1 << bit;
            victim.refuses(&altered, &format!("bit {bit} of byte {position} is another"));
        }
    }
}

fn truncate_everywhere(victim: &Victim) {
    for length in 0..victim.message.len() {
        victim.refuses(&victim.message[..length], &format!("it ends after {length} bytes"));
    }
}

#[test]
fn every_flipped_bit_of_framed_messages() {
    framed().for_each(|victim| flip_every_bit(&victim));
}

#[test]
fn every_flipped_bit_of_unframed_messages() {
    unframed().iter().for_each(flip_every_bit);
}

#[test]
fn every_truncation_of_framed_messages() {
    framed().for_each(|victim| truncate_everywhere(&victim));
}

#[test]
fn every_truncation_of_unframed_messages() {
    unframed().iter().for_each(truncate_everywhere);
}

#[test]
fn whatever_follows() {
    for victim in framed().chain(unframed()) {
        for byte in 0..=255 {
            let altered = [&victim.message[..], &[byte]].concat();
            victim.refuses(&altered, &format!("the byte {byte} follows"));
        }
        let twice = [&victim.message[..], &victim.message].concat();
        victim.refuses(&twice, "the message comes twice");
        let footer = [&victim.message[..], &victim.message[victim.layout.footer.clone()], b"\0\0"].concat();
        victim.refuses(&footer, "a second footer follows");
    }
}

/// A byte left out, or one more, anywhere.
#[test]
fn every_missing_and_every_additional_byte() {
    for victim in framed() {
        for position in 0..victim.message.len() {
            let mut altered = victim.message.clone();
            let byte = altered.remove(position);
            victim.refuses(&altered, &format!("byte {position} is missing"));
            altered.insert(position, byte);
            altered.insert(position, 0);
            victim.refuses(&altered, &format!("a zero stands before byte {position}"));
        }
    }
}

/// The tests above would pass if nothing opened: the messages open as they are, and under their own data key only.
#[test]
fn another_data_key() {
    for mut victim in framed() {
        victim.keyring.data_key[0] ^= 1;
        let error = victim.decrypt(&victim.message).map(drop).unwrap_err();
        super::is_named(&error, "another data key was given");
        let what = error.explanation().unwrap();
        let named = if victim.suite.is_committing() { "commitment" } else { "header was altered" };
        assert!(what.contains(named), "{}: {what}", victim.suite);
    }
}
