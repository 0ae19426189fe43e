//! Every case that names a keyring is decrypted: at once, and as a stream in pieces of several lengths.

use super::{check_header, client, equal, keyrings::keyring, run};
use pocketkms::{
    EncryptionContext, ErrorKind,
    envelope::{DecryptOptions, MessageHeader, Transform},
};
use pocketkms_tests::esdk::{
    manifest::{Expect, Hex},
    vectors::Vector,
};
use sha2::{Digest, Sha256};

/// What became of a message.
struct Opened {
    plaintext: Vec<u8>,
    header: MessageHeader,
    context: EncryptionContext,
}

fn has_keyring(vector: &Vector) -> bool {
    vector.case.expect != Expect::Parse && !waits(vector)
}

/// Whether the keyring that the case names is not built yet.
fn waits(vector: &Vector) -> bool {
    let missing = ["raw-rsa", "raw-ecdh", "aws-kms-hierarchy"];
    vector.case.keyring.iter().any(|entry| missing.contains(&entry.kind()))
}

/// Told, not passed over.
#[test]
fn what_waits_for_its_keyring() {
    run("waiting for their keyring", waits, |_| Ok(()));
}

#[test]
fn at_once() {
    run("at once", has_keyring, |vector| {
        let decrypted = client(vector).decrypt(&keyring(vector), options(vector), &vector.message());
        judge(
            vector,
            decrypted.map(|decrypted| Opened {
                plaintext: decrypted.plaintext.into_exposed(),
                header: decrypted.header,
                context: decrypted.encryption_context,
            }),
        )
    });
}

#[test]
fn in_pieces_of_1_byte() {
    run("in pieces of 1 byte", has_keyring, |vector| judge(vector, stream(vector, 1)));
}

#[test]
fn in_pieces_of_7_bytes() {
    run("in pieces of 7 bytes", has_keyring, |vector| judge(vector, stream(vector, 7)));
}

#[test]
fn in_pieces_of_4096_bytes() {
    run("in pieces of 4096 bytes", has_keyring, |vector| judge(vector, stream(vector, 4096)));
}

#[test]
fn as_a_stream_in_one_piece() {
    run("as a stream in one piece", has_keyring, |vector| judge(vector, stream(vector, usize::MAX)));
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
    }
}

fn stream(vector: &Vector, length: usize) -> pocketkms::Result<Opened> {
    let mut decryptor = client(vector).decryptor(std::sync::Arc::new(keyring(vector)), options(vector));
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
