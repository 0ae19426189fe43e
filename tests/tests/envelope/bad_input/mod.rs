//! Messages that claim what cannot be, or far too much: a named error at once, and no memory for what never came.

mod body;
mod header;
mod memory;

use pocketkms::{
    Error, ErrorKind,
    envelope::{AlgorithmSuite, DecryptOptions, Decryptor, Limits, Transform},
};
use pocketkms_tests::esdk::fixed::{Fixed, client};
use std::sync::Arc;

/// Of both versions of the format, without signature and with.
const SUITES: [AlgorithmSuite; 4] = [
    AlgorithmSuite::AlgAes256GcmIv12Tag16NoKdf,
    AlgorithmSuite::AlgAes256GcmIv12Tag16HkdfSha384EcdsaP384,
    AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey,
    AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKeyEcdsaP384,
];

fn decryptor(suite: AlgorithmSuite, limits: Limits) -> Decryptor<'static> {
    client(suite).limits(limits).decryptor(Arc::new(Fixed::new(suite)), DecryptOptions::default())
}

/// Feeds the bytes one by one: the last of them, which completes the claim, is refused, and none before.
fn refused_immediately(suite: AlgorithmSuite, bytes: &[u8], kind: ErrorKind, words: &[&str]) {
    let mut stream = decryptor(suite, Limits::default());
    let (last, front) = bytes.split_last().expect("a claim");
    for (position, byte) in front.iter().enumerate() {
        let result = stream.update_vec(&[*byte]);
        result.unwrap_or_else(|error| panic!("{suite}: refused at byte {position} already, {words:?}: {error}"));
    }
    let error = stream.update_vec(&[*last]).expect_err("a claim to be refused at once");
    is_named(suite, &error, kind, words);
    assert_eq!(stream.update_vec(b"x").unwrap_err().kind(), ErrorKind::StreamState);

    // At once it is the same error.
    let result = client(suite).decrypt(&Fixed::new(suite), DecryptOptions::default(), bytes);
    is_named(suite, &result.map(drop).unwrap_err(), kind, words);
}

fn is_named(suite: AlgorithmSuite, error: &Error, kind: ErrorKind, words: &[&str]) {
    let text = error.report();
    assert_eq!(error.kind(), kind, "{suite}, {words:?}: {text}");
    assert!(words.iter().all(|word| text.contains(word)), "{suite}, {words:?}: {text}");
}
