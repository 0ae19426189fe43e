//! Ed25519.

use crate::{AuthenticationFailed, Ed25519Mode, Result};
use alloc::boxed::Box;

/// Signatures by Ed25519 (RFC 8032, FIPS 186-5). They need no randomness.
pub trait Ed25519: Send + Sync {
    /// Prepares a private key, the seed of RFC 8032.
    fn private_key(&self, seed: &[u8; 32]) -> Result<Box<dyn Ed25519PrivateKey>>;

    /// Checks a signature under a public key of 32 bytes.
    fn verify(
        &self,
        public_key: &[u8; 32],
        mode: Ed25519Mode,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed>;
}

/// A prepared private key of Ed25519. It is wiped on drop.
pub trait Ed25519PrivateKey: Send + Sync {
    /// The public key that belongs to it.
    fn public_key(&self) -> [u8; 32];

    /// The signature of a message.
    fn sign(&self, mode: Ed25519Mode, message: &[u8]) -> Result<[u8; 64]>;
}
