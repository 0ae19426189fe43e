//! PocketKMS as a participant: answers requests, a JSON object a line. See `tests/esdk-interop/README.md`.
//!
//! Its argument is the provider of primitives: `native` or `rust-crypto`.

mod keys;
mod request;

use pocketkms::{
    OsRandom, Provider,
    envelope::{DecryptOptions, EncryptOptions, EncryptionClient, Limits, RewrapOptions, Rewrapped, Transform},
};
use request::{Answer, Operation, Request};
use std::{
    error::Error,
    io::{BufRead, Write, stdin, stdout},
    sync::Arc,
};

/// Whatever keeps a request from being done. Whether it should have failed is for the judge to say.
type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// The lengths of the pieces that a stream is given, over and over: they cut headers, frames and tags anywhere.
const PIECES: [usize; 6] = [1, 2, 15, 64, 1021, 40_000];

fn main() -> Result<()> {
    let random = Arc::new(OsRandom);
    let provider = match std::env::args().nth(1).as_deref() {
        Some("native") => Provider::native(random),
        Some("rust-crypto") => Provider::rust_crypto(random),
        _ => return Err("usage: native | rust-crypto".into()),
    };
    let mut keyrings = keys::Keyrings::new(provider);
    for line in stdin().lock().lines() {
        let answer = serde_json::from_str(&line?)
            .map_err(Into::into)
            .and_then(|request| answer(&mut keyrings, request))
            .unwrap_or_else(|error| Answer::Error { error: error.to_string() });
        let mut out = stdout().lock();
        serde_json::to_writer(&mut out, &answer)?;
        writeln!(out)?;
        out.flush()?;
    }
    Ok(())
}

fn answer(keyrings: &mut keys::Keyrings, request: Request) -> Result<Answer> {
    let mut limits = Limits::default();
    if let Some(most) = request.max_encrypted_data_keys {
        limits.max_encrypted_data_keys = most;
    }
    let client = EncryptionClient::new(keyrings.provider.clone()).commitment_policy(request.policy).limits(limits);
    let keyring = keyrings.get(&request.keys)?;
    match request.operation {
        Operation::Encrypt { suite, frame_length, plaintext } => {
            let options = EncryptOptions {
                encryption_context: request.context,
                required_encryption_context_keys: request.required_context_keys,
                algorithm_suite: Some(suite.try_into()?),
                frame_length: Some(frame_length),
                ..Default::default()
            };
            let message = if request.streamed {
                stream(client.encryptor(&keyring, options)?, &plaintext.0)?.0
            } else {
                client.encrypt(&keyring, options, &plaintext.0)?.message
            };
            Ok(Answer::Encrypted { message: message.into() })
        }
        Operation::Rewrap { message, to } => {
            let decrypt = DecryptOptions {
                encryption_context: request.context,
                required_encryption_context_keys: request.required_context_keys,
                ..Default::default()
            };
            let options = RewrapOptions { decrypt, ..Default::default() };
            match client.rewrap(&keyring, &*keyrings.get(&to)?, &options, &message.0)? {
                Rewrapped::Header { mut bytes, replaces } => {
                    bytes.extend_from_slice(message.0.get(replaces..).unwrap_or_default());
                    Ok(Answer::Encrypted { message: bytes.into() })
                }
                Rewrapped::Sidecar(_) => Err("the header of this message must stay".into()),
            }
        }
        Operation::Decrypt { message } => {
            let options = DecryptOptions {
                encryption_context: request.context,
                required_encryption_context_keys: request.required_context_keys,
                ..Default::default()
            };
            if request.streamed {
                let (plaintext, decryptor) = stream(client.decryptor(Arc::new(keyring), options), &message.0)?;
                let context = decryptor.encryption_context().ok_or("a message has ended without a context")?.clone();
                return Ok(Answer::Decrypted { plaintext: plaintext.into(), context });
            }
            let decrypted = client.decrypt(&keyring, options, &message.0)?;
            let plaintext = decrypted.plaintext.expose().to_vec().into();
            Ok(Answer::Decrypted { plaintext, context: decrypted.encryption_context })
        }
    }
}

/// Passes everything through a stream, in pieces.
fn stream<T: Transform>(mut transform: T, mut input: &[u8]) -> Result<(Vec<u8>, T)> {
    let mut output = Vec::new();
    for length in PIECES.iter().cycle() {
        if input.is_empty() {
            break;
        }
        let (piece, rest) = input.split_at(input.len().min(*length));
        output.extend(transform.update_vec(piece)?);
        input = rest;
    }
    output.extend(transform.finish()?);
    Ok((output, transform))
}
