//! SM2.

use crate::{AuthenticationFailed, Random, Result, Sm2Message};
use alloc::vec::Vec;

/// SM2 on its recommended curve: signatures (GB/T 32918.2) and encryption (GB/T 32918.4), both with SM3, and the plain
/// Diffie-Hellman of SEC 1, section 3.3.1.
///
/// A private key is its scalar, big endian, in 32 bytes. A public key is its point as in SEC 1, section 2.3.3, uncompressed where it
/// is given out, either way where it is taken in. Each method checks that a point is on the curve and not the one at infinity,
/// and that a scalar is less than the order of the group less 1, with which there are no signatures.
pub trait Sm2: Send + Sync {
    /// Writes a new private key to `private_key`, which has 32 bytes.
    fn generate(&self, random: &dyn Random, private_key: &mut [u8]) -> Result<()>;

    /// The public key of a private key, uncompressed.
    fn public_key(&self, private_key: &[u8]) -> Result<Vec<u8>>;

    /// Writes the shared secret of a key agreement to `secret`: the x-coordinate, in 32 bytes.
    fn agree(&self, private_key: &[u8], public_key: &[u8], secret: &mut [u8]) -> Result<()>;

    /// A signature, DER: a `SEQUENCE` of r and s (GM/T 0009, section 7.3).
    fn sign(&self, private_key: &[u8], message: Sm2Message<'_>, random: &dyn Random) -> Result<Vec<u8>>;

    /// Checks a signature.
    fn verify(&self, public_key: &[u8], message: Sm2Message<'_>, signature: &[u8]) -> Result<(), AuthenticationFailed>;

    /// Encrypts one byte or more. The ciphertext is DER: a `SEQUENCE` of the point's coordinates, the hash and what is encrypted
    /// (GM/T 0009, section 7.2).
    fn encrypt(&self, public_key: &[u8], message: &[u8], random: &dyn Random) -> Result<Vec<u8>>;

    /// Decrypts to the beginning of `message`, which is as long as the ciphertext, and returns the length; with one error for every
    /// failure.
    fn decrypt(&self, private_key: &[u8], ciphertext: &[u8], message: &mut [u8])
    -> Result<usize, AuthenticationFailed>;
}
