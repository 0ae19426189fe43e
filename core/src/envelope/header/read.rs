//! Reading a header, from as many bytes as there are yet.

use super::{
    ContentType, EncryptedDataKey, MESSAGE_TYPE, MessageHeader,
    data_keys::{read_encrypted_data_keys, utf8},
};
use crate::{
    context::EncryptionContext,
    crypto::{NONCE_LENGTH, TAG_LENGTH},
    envelope::{
        AlgorithmSuite, Limits,
        failure::{invalid_message, limit_exceeded},
        read::{Incomplete, Read, Reader},
        sidecar::Sidecar,
    },
    error::Error,
};
use alloc::{format, string::String};

/// The length of what commits to the data key, in version 2.
const COMMITMENT_LENGTH: usize = 32;

/// A header whose shape is right; nothing of it is authenticated yet.
pub(crate) struct ReadHeader {
    pub(crate) header: MessageHeader,
    /// How many bytes the tag authenticates, from the first on.
    pub(crate) authenticated_length: usize,
    /// Version 1 carries it, in version 2 it is zero.
    pub(crate) iv: [u8; NONCE_LENGTH],
    pub(crate) tag: [u8; TAG_LENGTH],
    /// How many bytes the header has in all.
    pub(crate) length: usize,
    /// What holds the encrypted data keys in place of the header, where the caller gave it.
    pub(crate) sidecar: Option<Sidecar>,
}

impl ReadHeader {
    /// The header's own bytes, of a message that begins with it.
    pub(crate) fn bytes<'a>(&self, message: &'a [u8]) -> &'a [u8] {
        message.get(..self.length).unwrap_or_default()
    }
}

/// Reads the header at the front of `bytes`, or says how many bytes it takes at least.
///
/// A claim that breaks a limit is refused as soon as it is read, before what it claims has come.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Read<ReadHeader> {
    let mut reader = Reader::new(bytes);
    let version = reader.u8()?;
    match version {
        1 if reader.u8()? != MESSAGE_TYPE => return Err(invalid_message("the message's type is unknown").into()),
        1 | 2 => {}
        // The base64 of the byte 1 or 2 begins with "AQ" or "Ag".
        b'A' => {
            return Err(invalid_message("the first byte is 'A': decode the message from base64 first").into());
        }
        _ => return Err(invalid_message(format!("the message format version {version} is unknown")).into()),
    }
    let suite = reader.u16()?;
    let algorithm_suite = AlgorithmSuite::from_id(suite)
        .ok_or_else(|| invalid_message(format!("the algorithm suite {suite:#06x} is unknown")))?;
    if algorithm_suite.message_version() != version {
        let message = format!("the algorithm suite {algorithm_suite} is not for messages of version {version}");
        return Err(invalid_message(message).into());
    }
    let message_id = reader.take(if version == 1 { 16 } else { 32 })?;
    let context = reader.field()?;
    let encrypted_data_keys = read_encrypted_data_keys(&mut reader, limits)?;
    let content_type = match reader.u8()? {
        1 => ContentType::Unframed,
        2 => ContentType::Framed,
        other => return Err(invalid_message(format!("the content type {other} is unknown")).into()),
    };
    if version == 1 {
        if reader.take(4)? != [0; 4] {
            return Err(invalid_message("the reserved bytes of the header are not zero").into());
        }
        if usize::from(reader.u8()?) != NONCE_LENGTH {
            return Err(invalid_message("the header's IV has not 12 bytes").into());
        }
    }
    let frame_length = reader.u32()?;
    match content_type {
        ContentType::Unframed if frame_length != 0 => {
            return Err(invalid_message("the body is unframed, but the header states a frame length").into());
        }
        ContentType::Framed if frame_length == 0 => {
            return Err(invalid_message("the frame length is zero").into());
        }
        _ if frame_length > limits.max_frame_length => {
            return Err(limit_exceeded("frame length", frame_length.into(), limits.max_frame_length.into()).into());
        }
        _ => {}
    }
    let commitment = if version == 2 { Some(reader.take(COMMITMENT_LENGTH)?.into()) } else { None };
    let authenticated_length = reader.position();
    let iv = if version == 1 { reader.array()? } else { [0; NONCE_LENGTH] };
    let tag = reader.array()?;
    let header = MessageHeader {
        version,
        algorithm_suite,
        message_id: message_id.into(),
        // Last, so that a header that is not complete yet is not copied again and again.
        encryption_context: read_context(context)?,
        encrypted_data_keys: encrypted_data_keys
            .into_iter()
            .map(EncryptedDataKey::try_from)
            .collect::<Result<_, _>>()?,
        content_type,
        frame_length,
        commitment,
    };
    Ok(ReadHeader { header, authenticated_length, iv, tag, length: reader.position(), sidecar: None })
}

/// The pairs of the encryption context. Any order is read; a name may come once.
fn read_context(bytes: &[u8]) -> Result<EncryptionContext, Error> {
    let mut context = EncryptionContext::default();
    if bytes.is_empty() {
        return Ok(context);
    }
    let mut reader = Reader::new(bytes);
    let mut read = || {
        let count = reader.u16()?;
        if count == 0 {
            return Err(invalid_message("an empty encryption context is written as no bytes, not as zero pairs").into());
        }
        for _ in 0..count {
            let (name, value): (String, String) = (utf8(reader.field()?)?.into(), utf8(reader.field()?)?.into());
            if context.insert(name, value).is_some() {
                return Err(invalid_message("the encryption context has the same name twice").into());
            }
        }
        if reader.position() == bytes.len() {
            return Ok(());
        }
        Err(invalid_message("bytes follow the pairs of the encryption context").into())
    };
    match read() {
        Ok(()) => Ok(context),
        Err(Incomplete::Invalid(error)) => Err(error),
        Err(Incomplete::Needs(_)) => Err(invalid_message("the encryption context is longer than its stated length")),
    }
}
