//! The `CiphertextBlob`: what Encrypt and `GenerateDataKey` return. Specified byte by byte in docs/formats.md.
//!
//! ```text
//! 0   1   object type, 'C'
//! 1   1   format version, 1
//! 2   16  key id
//! 18  16  reference of the key material: the first half of its id
//! 34  32  salt            \
//! 66  32  key commitment   | sealed by `crypto::seal`; associated data: bytes 0 to 33, then the encryption context
//! 98  n   ciphertext       |
//! …   16  tag             /
//! ```

use crate::{
    context::EncryptionContext,
    crypto::{COMMITMENT_LENGTH, OpenError, Provider, SALT_LENGTH, TAG_LENGTH},
    error::{Error, ErrorKind, Result},
    key::{KeyId, SymmetricMaterial},
    secret::Secret,
};
use alloc::{format, string::String, vec::Vec};

/// What the first byte says.
const OBJECT_TYPE: u8 = b'C';
/// What the second byte says.
const VERSION: u8 = 1;
/// Object type, version, key id, material reference.
const HEADER_LENGTH: usize = 34;
/// By how much a blob is longer than its plaintext.
pub(crate) const OVERHEAD: usize = HEADER_LENGTH + SALT_LENGTH + COMMITMENT_LENGTH + TAG_LENGTH;

/// Encrypts under one key material.
pub(crate) fn seal(
    provider: &Provider,
    key: &KeyId,
    material: &SymmetricMaterial,
    context: &EncryptionContext,
    plaintext: &[u8],
) -> Result<Vec<u8>> {
    let mut blob = Vec::with_capacity(OVERHEAD + plaintext.len());
    blob.extend_from_slice(&[OBJECT_TYPE, VERSION]);
    blob.extend_from_slice(key.as_bytes());
    blob.extend_from_slice(material.id.reference());
    let header: [u8; HEADER_LENGTH] = blob.as_slice().try_into().unwrap_or([0; HEADER_LENGTH]);
    material.sealer.seal(provider, &[&header, &context.canonical_bytes()], plaintext, &mut blob)?;
    Ok(blob)
}

/// A blob whose shape is right; nothing of it is authenticated yet.
#[derive(Clone, Copy)]
pub(crate) struct Parsed<'a> {
    header: &'a [u8; HEADER_LENGTH],
    /// The sixteen bytes of the key's id.
    pub(crate) key: &'a [u8; 16],
    /// The reference of the material.
    pub(crate) material: &'a [u8; 16],
    sealed: &'a [u8],
}

impl<'a> Parsed<'a> {
    /// Splits a blob into its parts.
    pub(crate) fn parse(blob: &'a [u8]) -> Result<Self> {
        let minimum = OVERHEAD + 1;
        match *blob {
            [OBJECT_TYPE, VERSION, ..] => {}
            [OBJECT_TYPE, version, ..] => {
                return Err(invalid(format!(
                    "the blob has format version {version}; this PocketKMS reads version {VERSION}: update it"
                )));
            }
            _ => return Err(invalid("the bytes are no CiphertextBlob of PocketKMS: the first byte is not 'C'")),
        }
        if blob.len() < minimum {
            return Err(invalid(format!(
                "the blob is truncated at byte {}: the shortest has {minimum} bytes",
                blob.len()
            )));
        }
        let split = || {
            let (header, sealed) = blob.split_first_chunk::<HEADER_LENGTH>()?;
            let (_, ids) = header.split_first_chunk::<2>()?;
            Some(Self { header, key: ids.first_chunk()?, material: ids.last_chunk()?, sealed })
        };
        split().ok_or_else(|| invalid("the blob is truncated"))
    }

    /// Decrypts with the material that the header names.
    pub(crate) fn open(
        &self,
        provider: &Provider,
        material: &SymmetricMaterial,
        context: &EncryptionContext,
    ) -> Result<Secret> {
        let aad = context.canonical_bytes();
        material.sealer.open(provider, &[self.header, &aad], self.sealed).map_err(|error| {
            invalid(match error {
                OpenError::Truncated => "the blob is truncated",
                OpenError::Commitment if context.is_empty() => {
                    "the encryption context does not match: none was given, the blob was encrypted with one; or its \
                     header was altered"
                }
                OpenError::Commitment => {
                    "the encryption context does not match the one given when encrypting, to the letter; or the \
                     blob's header was altered"
                }
                OpenError::Tag => "the blob's ciphertext or tag was altered or truncated",
            })
        })
    }
}

/// One face for every failure: AWS's name and no message. The explanation stays in this process.
fn invalid(explanation: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidCiphertext, "").explain(explanation)
}
