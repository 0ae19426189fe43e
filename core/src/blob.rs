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
//!
//! Where the material is in the cluster of a custom key store, the cluster encrypts, and there is no key of the message's own:
//!
//! ```text
//! 0   1   object type, 'C'
//! 1   1   format version, 2
//! 2   16  key id
//! 18  16  reference of the key material: the first half of its id
//! 34  12  IV          \
//! 46  n   ciphertext  | AES-GCM in the cluster; associated data: bytes 0 to 33, then the encryption context
//! …   16  tag         /
//! ```

mod external;

pub(crate) use external::{seal_externally, seal_within};

use crate::{
    context::EncryptionContext,
    crypto::{COMMITMENT_LENGTH, OpenError, Provider, SALT_LENGTH, TAG_LENGTH},
    error::{Error, ErrorKind, Result},
    key::{KeyId, MaterialId, SymmetricMaterial},
    key_store::ClusterCiphertext,
    secret::Secret,
};
use alloc::{format, string::String, vec::Vec};

/// What the first byte says.
const OBJECT_TYPE: u8 = b'C';
/// What the second byte says.
const VERSION: u8 = 1;
/// What it says where a cluster encrypted.
const CLUSTER_VERSION: u8 = 2;
/// What it says where an external key manager encrypted what was sealed ([`external`]).
const EXTERNAL_VERSION: u8 = 3;
/// Object type, version, key id, material reference.
const HEADER_LENGTH: usize = 34;
/// Of a blob of a cluster.
const IV_LENGTH: usize = 12;
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
    let header = header(VERSION, key, &material.id);
    blob.extend_from_slice(&header);
    material.sealer.seal(provider, &[&header, &context.canonical_bytes()], plaintext, &mut blob)?;
    Ok(blob)
}

fn header(version: u8, key: &KeyId, material: &MaterialId) -> [u8; HEADER_LENGTH] {
    let mut header = [0; HEADER_LENGTH];
    let parts = [OBJECT_TYPE, version].into_iter().chain(*key.as_bytes()).chain(*material.reference());
    header.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
    header
}

/// Encrypts in a cluster, which is handed what it is to authenticate.
pub(crate) fn seal_in_cluster(
    key: &KeyId,
    material: &MaterialId,
    context: &EncryptionContext,
    encrypt: impl FnOnce(&[u8]) -> Result<ClusterCiphertext>,
) -> Result<Vec<u8>> {
    let header = header(CLUSTER_VERSION, key, material);
    let ClusterCiphertext { iv, ciphertext, tag } = encrypt(&[&header[..], &context.canonical_bytes()].concat())?;
    Ok([&header[..], &iv, &ciphertext, &tag].concat())
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
        let minimum = match *blob {
            [OBJECT_TYPE, VERSION, ..] => OVERHEAD + 1,
            [OBJECT_TYPE, CLUSTER_VERSION, ..] => HEADER_LENGTH + IV_LENGTH + TAG_LENGTH + 1,
            [OBJECT_TYPE, EXTERNAL_VERSION, ..] => external::MIN_LENGTH,
            [OBJECT_TYPE, version, ..] => {
                return Err(invalid(format!(
                    "the blob has format version {version}; this PocketKMS reads versions up to {EXTERNAL_VERSION}: update it"
                )));
            }
            _ => return Err(invalid("the bytes are no CiphertextBlob of PocketKMS: the first byte is not 'C'")),
        };
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

    /// Decrypts in the cluster that has the material which the header names, and is handed what it is to authenticate.
    pub(crate) fn open_in_cluster(
        &self,
        context: &EncryptionContext,
        decrypt: impl FnOnce(&ClusterCiphertext, &[u8]) -> Result<Secret>,
    ) -> Result<Secret> {
        self.check_version(CLUSTER_VERSION)?;
        let parts = self.sealed.split_first_chunk().and_then(|(iv, rest)| Some((iv, rest.split_last_chunk()?)));
        let (iv, (ciphertext, tag)) = parts.ok_or_else(|| invalid("the blob is truncated"))?;
        let sealed = ClusterCiphertext { iv: *iv, ciphertext: ciphertext.to_vec(), tag: *tag };
        decrypt(&sealed, &[&self.header[..], &context.canonical_bytes()].concat())
    }

    /// A blob of another version was altered: the key that it names makes none.
    fn check_version(&self, expected: u8) -> Result<()> {
        match self.header {
            [_, version, ..] if *version == expected => Ok(()),
            _ => Err(invalid("the blob's format version is not that of its key: the header was altered")),
        }
    }

    /// Decrypts with the material that the header names.
    pub(crate) fn open(
        &self,
        provider: &Provider,
        material: &SymmetricMaterial,
        context: &EncryptionContext,
    ) -> Result<Secret> {
        self.check_version(VERSION)?;
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
