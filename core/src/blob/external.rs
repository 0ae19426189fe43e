//! The blob of a key in an external key store, which is encrypted twice: sealed under the key's own material, and what is sealed by
//! the external key manager.
//!
//! ```text
//! 0    1   object type, 'C'
//! 1    1   format version, 3
//! 2    16  key id
//! 18   16  reference of the key material: the first half of its id
//! 34   1   length m of the ciphertext metadata, 0 to 20
//! 35   m   ciphertext metadata, the external key store proxy's own
//! …    1   length v of the initialization vector, 12 or 16
//! …    v   initialization vector
//! …    n   ciphertext: of salt, key commitment, ciphertext and tag of `crypto::seal`, as in version 1
//! …    16  authentication tag
//! ```

use super::{EXTERNAL_VERSION, HEADER_LENGTH, Parsed, header, invalid};
use crate::{
    context::EncryptionContext,
    crypto::{OVERHEAD as SEAL_OVERHEAD, OpenError, Provider},
    error::Result,
    key::{KeyId, SymmetricMaterial},
    key_store::xks::{Encrypted, Wrapped},
    secret::Secret,
};
use alloc::vec::Vec;

/// The shortest: without metadata, with the shorter vector, of a plaintext of one byte.
pub(super) const MIN_LENGTH: usize = HEADER_LENGTH + 1 + 1 + 12 + SEAL_OVERHEAD + 1 + 16;

/// Seals under the material: what the external key manager encrypts.
pub(crate) fn seal_within(
    provider: &Provider,
    key: &KeyId,
    material: &SymmetricMaterial,
    context: &EncryptionContext,
    plaintext: &[u8],
) -> Result<Vec<u8>> {
    let header = header(EXTERNAL_VERSION, key, &material.id);
    let mut sealed = Vec::with_capacity(SEAL_OVERHEAD + plaintext.len());
    material.sealer.seal(provider, &[&header, &context.canonical_bytes()], plaintext, &mut sealed)?;
    Ok(sealed)
}

/// Has what is sealed encrypted with what is to be authenticated.
pub(crate) fn seal_externally(
    provider: &Provider,
    key: &KeyId,
    material: &SymmetricMaterial,
    context: &EncryptionContext,
    encrypt: impl FnOnce(&[u8]) -> Result<Encrypted>,
) -> Result<Vec<u8>> {
    let header = header(EXTERNAL_VERSION, key, &material.id);
    let encrypted = encrypt(&associated_data(provider, &header, context))?;
    Ok(write(&header, &encrypted.parts()))
}

impl Parsed<'_> {
    /// Has the ciphertext decrypted with what was authenticated, and opens what is sealed with the material that the header names. The
    /// inner error: what was decrypted is not what was sealed.
    pub(crate) fn open_externally(
        &self,
        provider: &Provider,
        material: &SymmetricMaterial,
        context: &EncryptionContext,
        decrypt: impl FnOnce(&Wrapped<'_>, &[u8]) -> Result<Vec<u8>>,
    ) -> Result<Result<Secret, OpenError>> {
        self.check_version(EXTERNAL_VERSION)?;
        let wrapped = read(self.sealed).ok_or_else(|| invalid("the blob is truncated, or a length in it is wrong"))?;
        let sealed = decrypt(&wrapped, &associated_data(provider, self.header, context))?;
        Ok(material.sealer.open(provider, &[self.header, &context.canonical_bytes()], &sealed))
    }
}

/// What the external key manager authenticates beside what it encrypts: the header, and SHA-256 of the canonical encryption
/// context. The hash, because a context can be longer than a proxy has to take (8,192 bytes), and is no business of its log.
fn associated_data(provider: &Provider, header: &[u8; HEADER_LENGTH], context: &EncryptionContext) -> Vec<u8> {
    let digest = provider.digest.sha256(&[&context.canonical_bytes()]);
    [header.as_slice(), &digest].concat()
}

fn write(header: &[u8; HEADER_LENGTH], wrapped: &Wrapped<'_>) -> Vec<u8> {
    let Wrapped { metadata, initialization_vector, ciphertext, authentication_tag } = *wrapped;
    // Both lengths were checked, and fit in a byte.
    let count = |bytes: &[u8]| [u8::try_from(bytes.len()).unwrap_or(u8::MAX)];
    let counts = [count(metadata), count(initialization_vector)];
    let [metadata_length, vector_length] = &counts;
    [&header[..], metadata_length, metadata, vector_length, initialization_vector, ciphertext, authentication_tag]
        .concat()
}

/// Splits what comes after the header.
fn read(bytes: &[u8]) -> Option<Wrapped<'_>> {
    let (metadata, rest) = counted(bytes)?;
    let (initialization_vector, rest) = counted(rest)?;
    let (ciphertext, authentication_tag) = rest.split_last_chunk()?;
    let wrapped = Wrapped { metadata, initialization_vector, ciphertext, authentication_tag };
    (wrapped.has_valid_lengths() && ciphertext.len() > SEAL_OVERHEAD).then_some(wrapped)
}

/// The bytes after their number, and the rest.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first()?;
    rest.split_at_checked(usize::from(*length))
}
