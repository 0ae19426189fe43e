//! The one way in which PocketKMS seals bytes: a fresh key for each message, committed to in the message.
//!
//! ```text
//! salt         32 random bytes
//! digest       SHA-256(associated data)
//! key || commitment = KDF(sealing key, label, salt || digest), 64 bytes, SP 800-108 in counter mode
//! sealed       salt || commitment || AES-256-GCM(key, nonce 0, aad = digest, plaintext) || tag
//! ```
//!
//! - A key is used for one message alone, so nonces cannot collide and no number of messages wears the sealing key
//!   out (two messages share a key with probability 2^-128 after 2^64 of them).
//! - GCM by itself lets the holder of two keys craft a ciphertext that opens under both. The commitment, an output of
//!   the same collision-resistant function, pins the key and through `digest` the associated data: a message opens
//!   under one sealing key and with one encryption context only.
//! - The label names what is sealed and the format's version, so that no sealed thing can pass for another.

use super::{AuthenticationFailed, Hash, MacKey, NONCE_LENGTH, Provider, TAG_LENGTH, clear_after, kdf};
use crate::{
    error::Result,
    secret::{Secret, SecretArray},
};
use alloc::{boxed::Box, vec::Vec};
use subtle::ConstantTimeEq;

/// The length of the salt.
pub(crate) const SALT_LENGTH: usize = 32;
/// The length of the key commitment.
pub(crate) const COMMITMENT_LENGTH: usize = 32;
/// By how much sealed bytes are longer than their plaintext.
pub(crate) const OVERHEAD: usize = SALT_LENGTH + COMMITMENT_LENGTH + TAG_LENGTH;

/// The hash of the key derivation.
const HASH: Hash = Hash::Sha256;

/// The key is used once, so its nonce may be constant.
const NONCE: [u8; NONCE_LENGTH] = [0; NONCE_LENGTH];

/// Why sealed bytes do not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenError {
    /// They are shorter than the overhead alone.
    Truncated,
    /// The commitment is not this key's with this salt and this associated data.
    Commitment,
    /// The commitment is right, but the ciphertext or the tag was altered.
    Tag,
}

/// A sealing key, prepared.
pub(crate) struct Sealer {
    key: Box<dyn MacKey>,
    label: &'static [u8],
}

impl Sealer {
    /// Prepares a key for one purpose, which the label names.
    pub(crate) fn new(provider: &Provider, key: &[u8; 32], label: &'static [u8]) -> Self {
        Self { key: clear_after(|| provider.mac.key(HASH, key)), label }
    }

    /// Seals `plaintext` and appends the sealed bytes to `out`. The associated data is the parts in a row; the caller
    /// sees to it that they cannot be split in another way.
    pub(crate) fn seal(&self, provider: &Provider, aad: &[&[u8]], plaintext: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let mut salt = [0; SALT_LENGTH];
        provider.fill_random(&mut salt)?;
        let digest = provider.digest.sha256(aad);
        clear_after(|| {
            let derived = self.derive(&salt, &digest);
            let (key, commitment) = halves(&derived);

            out.reserve_exact(OVERHEAD + plaintext.len());
            out.extend_from_slice(&salt);
            out.extend_from_slice(commitment);
            let start = out.len();
            out.extend_from_slice(plaintext);
            let data = out.get_mut(start..).unwrap_or_default();
            let tag = provider.aead.seal(key, &NONCE, &digest, data)?;
            out.extend_from_slice(&tag);
            Ok(())
        })
    }

    /// Opens what [`Sealer::seal`] appended.
    pub(crate) fn open(&self, provider: &Provider, aad: &[&[u8]], sealed: &[u8]) -> Result<Secret, OpenError> {
        let (salt, rest) = sealed.split_first_chunk::<SALT_LENGTH>().ok_or(OpenError::Truncated)?;
        let (commitment, rest) = rest.split_first_chunk::<COMMITMENT_LENGTH>().ok_or(OpenError::Truncated)?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG_LENGTH>().ok_or(OpenError::Truncated)?;

        let digest = provider.digest.sha256(aad);
        clear_after(|| {
            let derived = self.derive(salt, &digest);
            let (key, expected) = halves(&derived);
            if !bool::from(expected.ct_eq(commitment)) {
                return Err(OpenError::Commitment);
            }
            let mut plaintext = Secret::copy_of(ciphertext);
            let opened = provider.aead.open(key, &NONCE, &digest, plaintext.expose_mut(), tag);
            opened.map_err(|AuthenticationFailed| OpenError::Tag).map(|()| plaintext)
        })
    }

    /// Bytes that only a holder of the key can compute, bound to `context`: how an id is made from a key.
    pub(crate) fn fingerprint(&self, context: &[u8]) -> [u8; 32] {
        let mut out = [0; 32];
        clear_after(|| kdf::derive(&*self.key, HASH, self.label, &[context, &[]], &mut out));
        out
    }

    /// A key for another purpose, bound to `context`.
    pub(crate) fn derived_key(&self, context: &[u8]) -> SecretArray<32> {
        let mut out = SecretArray::zeroed();
        clear_after(|| kdf::derive(&*self.key, HASH, self.label, &[context, &[]], out.expose_mut()));
        out
    }

    fn derive(&self, salt: &[u8; SALT_LENGTH], digest: &[u8; 32]) -> SecretArray<64> {
        let mut derived = SecretArray::zeroed();
        kdf::derive(&*self.key, HASH, self.label, &[salt, digest], derived.expose_mut());
        derived
    }
}

/// The key and the commitment.
fn halves(derived: &SecretArray<64>) -> (&[u8], &[u8]) {
    derived.expose().split_at(32)
}
