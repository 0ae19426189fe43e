//! Every case that names a keyring is decrypted: at once, and as a stream in pieces of several lengths.

use super::{check_header, client, equal, keyrings::keyring};
use pocketkms::{
    EncryptionContext, ErrorKind, Provider,
    envelope::{DecryptOptions, DecryptionStep, MaterialsManager, MessageHeader, Transform},
};
use pocketkms_tests::{
    esdk::{
        manifest::{Expect, Hex},
        vectors::Vector,
    },
    providers,
};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// What became of a message.
struct Opened {
    plaintext: Vec<u8>,
    header: MessageHeader,
    context: EncryptionContext,
}

/// A way to decrypt a message.
type Open = fn(&Vector, &Provider) -> pocketkms::Result<Opened>;

/// Decrypts every case that has a keyring, that way, with that provider.
fn run(name: &str, provider: &str, open: Open) {
    let (_, primitives) = providers::all().into_iter().find(|(name, _)| *name == provider).expect("a provider");
    let is_chosen = |vector: &Vector| vector.case.expect != Expect::Parse;
    super::run(&format!("{name}, {provider}"), is_chosen, |vector| judge(vector, open(vector, &primitives)));
}

#[test]
fn one_shot_native() {
    run("one-shot", "native", one_shot);
}

#[test]
fn one_shot_rust_crypto() {
    run("one-shot", "RustCrypto", one_shot);
}

#[test]
fn in_pieces_of_1_byte() {
    run("in pieces of 1 byte", "native", |vector, provider| stream(vector, provider, 1));
}

#[test]
fn in_pieces_of_7_bytes() {
    run("in pieces of 7 bytes", "native", |vector, provider| stream(vector, provider, 7));
}

#[test]
fn in_pieces_of_4096_bytes() {
    run("in pieces of 4096 bytes", "RustCrypto", |vector, provider| stream(vector, provider, 4096));
}

#[test]
fn as_a_stream_in_one_piece() {
    run("as a stream in one piece", "native", |vector, provider| stream(vector, provider, usize::MAX));
}

#[test]
fn with_a_cipher_outside() {
    run("with a cipher outside", "RustCrypto", planned);
}

fn options(vector: &Vector) -> DecryptOptions {
    let options = &vector.case.options;
    DecryptOptions {
        encryption_context: options.reproduced_encryption_context.clone().into_iter().collect(),
        required_encryption_context_keys: options.required_encryption_context_keys.clone(),
        unsigned_only: options.mode.as_deref().is_some_and(|mode| {
            assert_eq!(mode, "decrypt-unsigned");
            true
        }),
        ..Default::default()
    }
}

fn one_shot(vector: &Vector, provider: &Provider) -> pocketkms::Result<Opened> {
    let client = client(vector, provider.clone());
    let decrypted = client.decrypt(&keyring(vector, provider), options(vector), &vector.message())?;
    Ok(Opened {
        plaintext: decrypted.plaintext.into_exposed(),
        header: decrypted.header,
        context: decrypted.encryption_context,
    })
}

fn stream(vector: &Vector, provider: &Provider, length: usize) -> pocketkms::Result<Opened> {
    let keyring = Arc::new(keyring(vector, provider));
    let mut decryptor = client(vector, provider.clone()).decryptor(keyring, options(vector));
    let mut plaintext = Vec::new();
    let mut header_end = None;
    for (number, piece) in (1..).zip(vector.message().chunks(length)) {
        plaintext.append(&mut decryptor.update_vec(piece)?);
        if header_end.is_none() && decryptor.header().is_some() {
            header_end = Some(number * length);
        }
    }
    plaintext.append(&mut decryptor.finish()?);
    if length == 1 {
        // The header is taken as soon as its last byte has come.
        if let Some(header) = &vector.case.header {
            assert_eq!(header_end, Some(header.header_len), "{}", vector.case.id);
        }
    }
    Ok(Opened {
        plaintext,
        header: decryptor.header().expect("a header").clone(),
        context: decryptor.encryption_context().expect("a context").clone(),
    })
}

/// The header here, the frames by a cipher that this library only gives its orders.
fn planned(vector: &Vector, provider: &Provider) -> pocketkms::Result<Opened> {
    let message = vector.message();
    let mut decryptor = client(vector, provider.clone()).decryptor_without_materials(options(vector));
    decryptor.update_vec(&message)?;
    let Some(request) = decryptor.materials_request() else { return Err(decryptor.finish().expect_err("no header")) };
    let mut planner = decryptor.into_planner(keyring(vector, provider).decryption_materials(provider, &request)?)?;
    let cipher = provider.aead.key(planner.take_key().expose())?;
    let body = planner.take_rest();
    let (mut done, mut plaintext) = (0, Vec::new());
    loop {
        let rest = &body[done..];
        match planner.next(&rest[..rest.len().min(planner.front_length())], rest.len())? {
            DecryptionStep::Needs(needs) if needs > rest.len() => break,
            DecryptionStep::Needs(_) => {}
            DecryptionStep::Footer(length) => done += length,
            DecryptionStep::Frame(plan) => {
                let frame = &rest[..plan.whole_length()];
                planner.hash(frame);
                let (ciphertext, tag) = frame[plan.prefix.len()..].split_last_chunk().expect("a tag");
                let mut data = ciphertext.to_vec();
                cipher
                    .open(&plan.nonce, &plan.associated_data, &mut data, tag)
                    .map_err(|_| planner.refuse(plan.sequence))?;
                plaintext.append(&mut data);
                done += frame.len();
            }
        }
    }
    planner.finish(body.len() - done)?;
    Ok(Opened { plaintext, header: planner.header().clone(), context: planner.encryption_context().clone() })
}

/// Compares the outcome with the one that is expected.
fn judge(vector: &Vector, outcome: pocketkms::Result<Opened>) -> Result<(), String> {
    let case = vector.case;
    match (case.expect, outcome) {
        (Expect::Ok, Err(error)) => Err(format!("{error}")),
        (Expect::Ok | Expect::RejectOrSame, Ok(opened)) => {
            check_plaintext(vector, &opened.plaintext)?;
            let Some(header) = &case.header else { return Ok(()) };
            check_header(&opened.header, header)?;
            let mut context = header.encryption_context.clone();
            context.extend(case.options.reproduced_encryption_context.clone());
            equal("context given back", &*opened.context, &context)
        }
        (Expect::Reject | Expect::RejectOrSame, Err(error)) => {
            // A fault of the message or of the call, and not of this library.
            let named = matches!(
                error.kind(),
                ErrorKind::InvalidMessage
                    | ErrorKind::UnableToDecryptDataKey
                    | ErrorKind::CommitmentPolicy
                    | ErrorKind::LimitExceeded
                    | ErrorKind::Validation
            );
            if named { Ok(()) } else { Err(format!("refused, but with {error}")) }
        }
        (Expect::Reject, Ok(_)) => Err(format!("opened, but: {}", case.reason.as_deref().unwrap_or("?"))),
        (Expect::Parse, _) => Err("has no keyring".into()),
    }
}

fn check_plaintext(vector: &Vector, plaintext: &[u8]) -> Result<(), String> {
    let case = vector.case;
    equal("length of the plaintext", &plaintext.len(), &case.plaintext_len)?;
    let Hex(hash) = case.plaintext_sha256.as_ref().ok_or("the case has no plaintext")?;
    equal("SHA-256 of the plaintext", &&Sha256::digest(plaintext)[..], &&hash[..])?;
    match vector.plaintext() {
        Some(expected) if expected != plaintext => Err("another plaintext".into()),
        _ => Ok(()),
    }
}
