//! Elliptic curves and RSA. Keys cross as the bytes of their standard encodings: what is parsed once is prepared once.

use super::{Random, Unauthentic};
use crate::{error::Result, secret::Secret};
use alloc::{boxed::Box, vec::Vec};

/// The curves of NIST SP 800-186.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// P-256, also known as secp256r1 and prime256v1.
    P256,
    /// P-384, also known as secp384r1.
    P384,
    /// P-521, also known as secp521r1.
    P521,
}

impl Curve {
    /// The length of a field element, and so of a private key and of a shared secret, in bytes.
    pub const fn field_length(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// ECDSA (FIPS 186-5) and ECDH (NIST SP 800-56A).
///
/// A private key is its scalar, big endian, as long as a field element. A public key is its point as in SEC 1,
/// section 2.3.3, compressed where it is given out, either way where it is taken in. Each method checks that a point
/// is on the curve and not the one at infinity, and that a scalar is within the order of the group.
pub trait EllipticCurves: Send + Sync {
    /// A new private key.
    fn generate(&self, curve: Curve, random: &dyn Random) -> Result<Secret>;

    /// The public key of a private key, compressed.
    fn public_key(&self, curve: Curve, private_key: &Secret) -> Result<Vec<u8>>;

    /// A public key in its compressed form.
    fn compress(&self, curve: Curve, public_key: &[u8]) -> Result<Vec<u8>>;

    /// The shared secret of a key agreement: the x-coordinate, as long as a field element.
    fn agree(&self, curve: Curve, private_key: &Secret, public_key: &[u8]) -> Result<Secret>;

    /// The ECDSA signature, DER, of a message of which `digest` is the hash.
    fn sign(&self, curve: Curve, private_key: &Secret, digest: &[u8], random: &dyn Random) -> Result<Vec<u8>>;

    /// Checks an ECDSA signature.
    fn verify(&self, curve: Curve, public_key: &[u8], digest: &[u8], signature: &[u8]) -> Result<(), Unauthentic>;
}

/// The hash function of OAEP, of its label and of its mask generation function alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OaepHash {
    /// SHA-1: its weakness against collisions does not touch OAEP, and old keys are used with it.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// How a message is padded before RSA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RsaPadding {
    /// RSAES-OAEP (RFC 8017, section 7.1) with an empty label.
    Oaep(OaepHash),
    /// RSAES-PKCS1-v1_5 (RFC 8017, section 7.2). For decrypting what is there already: who can ask many times whether a
    /// ciphertext decrypts learns the plaintext (Bleichenbacher 1998, "Marvin" 2023).
    ///
    /// So an implementation may answer a wrong padding with bytes that follow from key and ciphertext alone, of any
    /// length, instead of an error ("implicit rejection", draft-irtf-cfrg-rsa-guidance). Only what the bytes
    /// are used for shows whether they are the message.
    Pkcs1,
}

/// RSA encryption. Keys have 2048 to 8192 bits.
pub trait Rsa: Send + Sync {
    /// Prepares a public key: a DER `SubjectPublicKeyInfo`.
    fn public_key(&self, spki: &[u8]) -> Result<Box<dyn RsaPublicKey>>;

    /// Prepares a private key: a DER PKCS #8 `PrivateKeyInfo`.
    fn private_key(&self, pkcs8: &[u8]) -> Result<Box<dyn RsaPrivateKey>>;
}

/// A prepared RSA public key.
pub trait RsaPublicKey: Send + Sync {
    /// Encrypts with OAEP; PKCS #1 v1.5 is for decrypting only.
    fn encrypt(&self, hash: OaepHash, data: &[u8], random: &dyn Random) -> Result<Vec<u8>>;
}

/// A prepared RSA private key. It is wiped on drop.
pub trait RsaPrivateKey: Send + Sync {
    /// Decrypts, with one error for every failure, be it of the randomness. The operation is blinded, with `random`
    /// where the implementation has no own.
    fn decrypt(&self, padding: RsaPadding, ciphertext: &[u8], random: &dyn Random) -> Result<Secret, Unauthentic>;

    /// The public key that belongs to it, a DER `SubjectPublicKeyInfo`.
    fn public_key(&self) -> Result<Vec<u8>>;
}
