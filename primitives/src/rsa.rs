//! RSA. Keys cross as the bytes of their standard encodings: what is parsed once is prepared once.

use crate::{AuthenticationFailed, Hash, OaepHash, Random, Result, RsaPadding, RsaScheme};
use alloc::{boxed::Box, vec::Vec};

/// RSA encryption and signatures. Keys have 2048 to 8192 bits.
pub trait Rsa: Send + Sync {
    /// A new private key of 2048, 3072 or 4096 bits with the public exponent 65537, a DER PKCS #8 `PrivateKeyInfo`. The
    /// primes are drawn from `random`, unless the implementation has a source of its own.
    fn generate(&self, bits: usize, random: &dyn Random) -> Result<Vec<u8>>;

    /// Prepares a public key: a DER `SubjectPublicKeyInfo`.
    fn public_key(&self, spki: &[u8]) -> Result<Box<dyn RsaPublicKey>>;

    /// Prepares a private key: a DER PKCS #8 `PrivateKeyInfo`.
    fn private_key(&self, pkcs8: &[u8]) -> Result<Box<dyn RsaPrivateKey>>;
}

/// A prepared RSA public key.
pub trait RsaPublicKey: Send + Sync {
    /// Encrypts with OAEP; PKCS #1 v1.5 is for decrypting only.
    fn encrypt(&self, hash: OaepHash, data: &[u8], random: &dyn Random) -> Result<Vec<u8>>;

    /// Checks the signature of a message of which `digest` is the hash. SHA-224 is not for signatures.
    fn verify(
        &self,
        scheme: RsaScheme,
        hash: Hash,
        digest: &[u8],
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed>;
}

/// A prepared RSA private key. It is wiped on drop.
pub trait RsaPrivateKey: Send + Sync {
    /// The length of the modulus in bytes, which no plaintext exceeds.
    fn modulus_length(&self) -> usize;

    /// Decrypts to the beginning of `plaintext`, which is as long as the modulus, and returns the length; with one error
    /// for every failure, be it of the randomness. The operation is blinded, with `random` where the implementation has no
    /// own.
    fn decrypt(
        &self,
        padding: RsaPadding,
        ciphertext: &[u8],
        random: &dyn Random,
        plaintext: &mut [u8],
    ) -> Result<usize, AuthenticationFailed>;

    /// Signs a message of which `digest` is the hash. The operation is blinded as decryption is. SHA-224 is not for
    /// signatures.
    fn sign(&self, scheme: RsaScheme, hash: Hash, digest: &[u8], random: &dyn Random) -> Result<Vec<u8>>;

    /// The public key that belongs to it, a DER `SubjectPublicKeyInfo`.
    fn public_key(&self) -> Result<Vec<u8>>;
}
