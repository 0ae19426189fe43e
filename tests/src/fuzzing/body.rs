//! Any bytes as the body of a message, behind a cipher for which every tag is right.

use super::{is_of_the_message, transparent};
use crate::esdk::{
    fixed::{self, Fixed},
    writer::Draft,
};
use pocketkms::{
    Result,
    envelope::{
        AlgorithmSuite, DecryptOptions, DecryptionStep, EncryptionClient, Limits, MaterialsManager, RangeOptions,
        Transform,
    },
};
use std::sync::Arc;

const SUITES: [AlgorithmSuite; 2] =
    [AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey, AlgorithmSuite::AlgAes256GcmIv12Tag16NoKdf];

/// The first byte chooses the suite and the length of the pieces of the stream, the second the frame length, 0 for an
/// unframed message.
///
/// Taken at once, as a stream, with a cipher outside and by ranges, the bytes give the same plaintext, and it is that
/// of a second reader; or they are refused each time, and what a stream gave out before stands in whole frames.
pub fn body(data: &[u8]) -> bool {
    let [choice, frame_length, body @ ..] = data else { return false };
    let suite = SUITES[usize::from(*choice & 1)];
    let mut message = Draft::new(suite, u32::from(*frame_length)).sealed_header();
    let header_length = message.len();
    message.extend_from_slice(body);

    let limits = Limits { max_unframed_length: 1 << 16, ..Limits::default() };
    let client = EncryptionClient::new(transparent::provider()).commitment_policy(fixed::policy(suite)).limits(limits);
    let keyring = Fixed::new(suite);
    let one_shot = client
        .decrypt(&keyring, DecryptOptions::default(), &message)
        .map(|decrypted| decrypted.plaintext.expose().to_vec());
    let (released, streamed) = stream(&client, &keyring, &message, usize::from(choice >> 1) + 1);
    let (planned, plan) = planned(&client, &keyring, &message);
    let (pieces, is_whole) = ciphertexts(body, usize::from(*frame_length));

    match &one_shot {
        Ok(plaintext) => {
            assert!(is_whole, "the second reader finds no end");
            assert_eq!(*plaintext, pieces);
            assert_eq!((&released, streamed.is_ok()), (plaintext, true), "as a stream: {streamed:?}");
            assert_eq!((&planned, plan.is_ok()), (plaintext, true), "with a cipher outside: {plan:?}");
        }
        Err(error) => {
            is_of_the_message(error);
            for (what, released, result) in [("a stream", released, streamed), ("a plan", planned, plan)] {
                assert_eq!(result.expect_err(what).report(), error.report(), "as {what}");
                assert!(pieces.starts_with(&released), "{what} gave out what stands in no frame");
            }
        }
    }
    ranges(&client, &keyring, &message, header_length, one_shot.as_deref().ok());
    one_shot.is_ok()
}

fn stream(client: &EncryptionClient, keyring: &Fixed, message: &[u8], step: usize) -> (Vec<u8>, Result<()>) {
    let mut stream = client.decryptor(Arc::new(keyring.clone()), DecryptOptions::default());
    let mut released = Vec::new();
    for piece in message.chunks(step) {
        match stream.update_vec(piece) {
            Ok(plaintext) => released.extend(plaintext),
            Err(error) => return (released, Err(error)),
        }
    }
    let end = stream.finish().map(|_| ());
    (released, end)
}

fn planned(client: &EncryptionClient, keyring: &Fixed, message: &[u8]) -> (Vec<u8>, Result<()>) {
    let mut stream = client.decryptor_without_materials(DecryptOptions::default());
    stream.update_vec(message).expect("a right header");
    let request = stream.materials_request().expect("a whole header");
    let materials = keyring.decryption_materials(client.provider(), &request).expect("the data key");
    let mut planner = stream.into_planner(materials).expect("a right header");
    let body = planner.take_rest();
    let (mut done, mut released) = (0, Vec::new());
    loop {
        let rest = &body[done..];
        match planner.next(&rest[..rest.len().min(planner.front_length())], rest.len()) {
            Ok(DecryptionStep::Needs(needs)) if needs > rest.len() => {
                let end = planner.finish(rest.len());
                return (released, end);
            }
            Ok(DecryptionStep::Needs(_)) => {}
            Ok(DecryptionStep::Footer(length)) => done += length,
            Ok(DecryptionStep::Frame(plan)) => {
                released.extend_from_slice(&rest[plan.prefix.len()..][..plan.length]);
                done += plan.whole_length();
            }
            Err(error) => return (released, Err(error)),
        }
    }
}

/// A second reader: the ciphertexts of all whole pieces in order, and whether they are all there is.
fn ciphertexts(body: &[u8], frame_length: usize) -> (Vec<u8>, bool) {
    let mut rest = body;
    let mut ciphertexts = Vec::new();
    let mut take = |length: usize| {
        let (taken, left) = rest.split_at_checked(length)?;
        rest = left;
        Some(taken)
    };
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let mut pieces = || {
        for sequence in 1_u64.. {
            let is_last = frame_length == 0 || {
                let first = number(take(4)?);
                let is_last = first == 0xffff_ffff;
                let stated = if is_last { number(take(4)?) } else { first };
                (stated == sequence).then_some(is_last)?
            };
            take(12)?;
            let length = match (frame_length, is_last) {
                (0, _) => usize::try_from(number(take(8)?)).ok().filter(|length| *length <= 1 << 16)?,
                (_, true) => usize::try_from(number(take(4)?)).ok().filter(|length| *length <= frame_length)?,
                (_, false) => frame_length,
            };
            let ciphertext = take(length)?;
            take(16)?;
            ciphertexts.extend_from_slice(ciphertext);
            if is_last {
                return Some(());
            }
        }
        None
    };
    let ended = pieces().is_some();
    (ciphertexts, ended && rest.is_empty())
}

/// Parts of the plaintext, with the length of the message and without.
fn ranges(client: &EncryptionClient, keyring: &Fixed, message: &[u8], header_length: usize, whole: Option<&[u8]>) {
    for message_length in [None, Some(message.len() as u64)] {
        let options = RangeOptions { message_length, ..Default::default() };
        let reader = match client.range_reader(keyring, &options, &message[..header_length]) {
            Ok(reader) => reader,
            Err(_) if message[header_length..].is_empty() || whole.is_none() => continue,
            // Unframed.
            Err(error) => {
                assert_eq!(error.kind(), pocketkms::ErrorKind::UnsupportedOperation, "{error}");
                continue;
            }
        };
        let length = whole.map_or(100, |whole| whole.len() as u64);
        for range in [0..length, 0..u64::MAX, length / 3..length / 2, length / 2..length + 1, length..length, 3..4] {
            let Ok(located) = reader.locate(&range) else { continue };
            let at = |position: u64| usize::try_from(position).unwrap_or(usize::MAX).min(message.len());
            let opened = reader.open(&range, &message[at(located.start)..at(located.end)]);
            let Some(whole) = whole else { continue };
            // Beyond the end of a message of unknown length there may be anything.
            if message_length.is_none() && range.start > length && opened.is_err() {
                continue;
            }
            let part = opened.unwrap_or_else(|error| panic!("{range:?} of {length}: {error}"));
            let [start, end] =
                [range.start, range.end].map(|at| usize::try_from(at).unwrap_or(usize::MAX).min(whole.len()));
            assert_eq!(part.plaintext.expose(), &whole[start..end.max(start)], "{range:?} of {length}");
        }
    }
}
