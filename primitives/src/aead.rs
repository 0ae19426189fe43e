//! Authenticated encryption.

use crate::{AuthenticationFailed, Result};
use alloc::boxed::Box;

/// The length of an AES-GCM tag: 128 bits, the only one offered.
pub const TAG_LENGTH: usize = 16;
/// The length of an AES-GCM nonce: 96 bits, the only one offered.
pub const NONCE_LENGTH: usize = 12;

/// AES-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag.
pub trait Aead: Send + Sync {
    /// Prepares a key of 16, 24 or 32 bytes, so that what depends on the key alone is computed once.
    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>>;

    /// Encrypts `data` in place and returns its tag. `key` has 16, 24 or 32 bytes.
    fn seal(&self, key: &[u8], nonce: &[u8; NONCE_LENGTH], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_LENGTH]>;

    /// Decrypts `data` in place, if the tag matches. Otherwise `data` holds no plaintext afterwards.
    fn open(
        &self,
        key: &[u8],
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), AuthenticationFailed>;
}

/// A prepared AES-GCM key. It is wiped on drop.
pub trait AeadKey: Send + Sync {
    /// Encrypts `data` in place and returns its tag.
    fn seal(&self, nonce: &[u8; NONCE_LENGTH], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_LENGTH]>;

    /// Decrypts `data` in place, if the tag matches. Otherwise `data` holds no plaintext afterwards.
    fn open(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), AuthenticationFailed>;

    /// Encrypts from one buffer into another of the same length, and returns the tag.
    fn seal_into(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        plaintext: &[u8],
        ciphertext: &mut [u8],
    ) -> Result<[u8; TAG_LENGTH]> {
        ciphertext.copy_from_slice(plaintext);
        self.seal(nonce, aad, ciphertext)
    }

    /// Decrypts from one buffer into another of the same length, if the tag matches. Otherwise `plaintext` holds none
    /// afterwards.
    fn open_into(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        ciphertext: &[u8],
        tag: &[u8; TAG_LENGTH],
        plaintext: &mut [u8],
    ) -> Result<(), AuthenticationFailed> {
        plaintext.copy_from_slice(ciphertext);
        self.open(nonce, aad, plaintext, tag)
    }
}
