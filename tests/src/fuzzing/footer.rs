//! Any bytes as the footer of a message whose header and body are right.

use super::is_of_the_message;
use crate::esdk::{
    fixed::{self, Fixed},
    layout::Layout,
    writer::{Draft, iv},
};
use pocketkms::envelope::{AlgorithmSuite, DecryptOptions, Transform};
use std::{collections::BTreeMap, sync::Arc, sync::OnceLock};

const SUITES: [AlgorithmSuite; 4] = [
    AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKeyEcdsaP384,
    AlgorithmSuite::AlgAes128GcmIv12Tag16HkdfSha256EcdsaP256,
    AlgorithmSuite::AlgAes256GcmIv12Tag16HkdfSha384EcdsaP384,
    AlgorithmSuite::AlgAes192GcmIv12Tag16HkdfSha384EcdsaP384,
];

const PLAINTEXT: &[u8] = b"signed";

/// Header and body, always the same.
fn unsigned(suite: AlgorithmSuite) -> &'static [u8] {
    static MESSAGES: OnceLock<BTreeMap<u16, Vec<u8>>> = OnceLock::new();
    let write = |suite: AlgorithmSuite| {
        let draft = Draft::new(suite, 16);
        (suite.id(), [draft.sealed_header(), draft.last(1, iv(1), PLAINTEXT)].concat())
    };
    &MESSAGES.get_or_init(|| SUITES.into_iter().map(write).collect())[&suite.id()]
}

/// The first byte chooses the suite. What is taken is a signature, and nothing but one: its length, and two numbers in
/// DER, as short as they can be.
pub fn footer(data: &[u8]) -> bool {
    let [choice, footer @ ..] = data else { return false };
    let suite = SUITES[usize::from(*choice) % SUITES.len()];
    let message = [unsigned(suite), footer].concat();
    let client = fixed::client(suite);
    let decrypted = client.decrypt(&Fixed::new(suite), DecryptOptions::default(), &message);

    let mut stream = client.decryptor(Arc::new(Fixed::new(suite)), DecryptOptions::default());
    let step = usize::from(choice >> 2) + 1;
    let streamed = message.chunks(step).try_for_each(|piece| stream.update_vec(piece).map(drop));
    let streamed = streamed.and_then(|()| stream.finish().map(drop));
    match decrypted {
        Ok(decrypted) => {
            assert_eq!(decrypted.plaintext.expose(), PLAINTEXT);
            assert!(streamed.is_ok(), "as a stream: {streamed:?}");
            let signature = Layout::of(&message).signature(&message).expect("a signature");
            let again = der(&message[signature]);
            let length = u16::try_from(again.len()).expect("a short signature").to_be_bytes();
            assert_eq!([&length[..], &again].concat(), footer, "written again, it is another footer");
            true
        }
        Err(error) => {
            is_of_the_message(&error);
            assert_eq!(streamed.expect_err("a stream").report(), error.report());
            false
        }
    }
}

/// Reads two numbers in DER, and writes them again as DER wants them.
fn der(signature: &[u8]) -> Vec<u8> {
    let mut rest = &signature[2..];
    let mut numbers = Vec::new();
    while let [2, length, others @ ..] = rest {
        let (number, others) = others.split_at(usize::from(*length));
        let number: Vec<u8> = number.iter().copied().skip_while(|byte| *byte == 0).collect();
        let sign = if number.first().is_none_or(|byte| *byte >= 0x80) { vec![0] } else { vec![] };
        let number = [sign, number].concat();
        numbers.extend([2, u8::try_from(number.len()).expect("a short number")]);
        numbers.extend(number);
        rest = others;
    }
    assert!(rest.is_empty() && signature[0] == 0x30, "no two numbers: {signature:02x?}");
    [vec![0x30, u8::try_from(numbers.len()).expect("a short signature")], numbers].concat()
}
