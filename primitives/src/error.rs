//! Why a primitive could not do what it was asked for.

use crate::{Argon2Cost, Curve, OaepHash};
use alloc::boxed::Box;
use core::fmt;

/// What a primitive returns.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// The authentication tag, the signature or the padding is not right: the key, nonce, associated data or ciphertext is not the
/// one that it was made with. Which of them it is, no one learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthenticationFailed;

impl fmt::Display for AuthenticationFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("authentication failed")
    }
}

impl core::error::Error for AuthenticationFailed {}

/// The source of randomness failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntropyError;

impl fmt::Display for EntropyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the source of randomness failed")
    }
}

impl core::error::Error for EntropyError {}

/// An argument that a primitive does not take, or something that it needs and did not get.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// See [`EntropyError`].
    Entropy,
    /// There is too little memory.
    Memory,
    /// An AES key of another length than 16, 24 or 32 bytes.
    AesKey,
    /// More than 64 GiB for AES-GCM.
    AeadLength,
    /// More than 255 times the hash's length from HKDF.
    KdfLength,
    /// A cost of Argon2id outside the limits.
    Argon2Cost(Argon2Cost),
    /// No private key of that curve.
    CurvePrivateKey(Curve),
    /// No public key of that curve.
    CurvePublicKey(Curve),
    /// No private key of Ed25519.
    Ed25519PrivateKey,
    /// No private key of ML-DSA.
    MlDsaPrivateKey,
    /// No public key of ML-KEM.
    MlKemPublicKey,
    /// No ciphertext of ML-KEM, by its length.
    MlKemCiphertext,
    /// No RSA private key.
    RsaPrivateKey,
    /// No RSA public key.
    RsaPublicKey,
    /// An RSA key of so many bits.
    RsaBits(usize),
    /// More bytes than an RSA key encrypts with OAEP.
    RsaLength {
        /// The length of the modulus.
        bits: usize,
        /// The hash of OAEP.
        hash: OaepHash,
        /// How many bytes were given.
        length: usize,
    },
    /// No private key of SM2.
    Sm2PrivateKey,
    /// No public key of SM2.
    Sm2PublicKey,
    /// Nothing to encrypt with SM2.
    Sm2Message,
    /// A digest that is not as long as the hash, or of a hash that is not for signatures.
    DigestLength,
    /// A buffer for output of another length than the output's.
    BufferLength,
    /// What an implementation has to say for itself, for its own host to recognise.
    Other(Box<dyn core::error::Error + Send + Sync>),
}

impl From<EntropyError> for Error {
    fn from(EntropyError: EntropyError) -> Self {
        Self::Entropy
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entropy => EntropyError.fmt(f),
            Self::Memory => f.write_str("there is too little memory"),
            Self::AesKey => f.write_str("an AES key has 16, 24 or 32 bytes"),
            Self::AeadLength => f.write_str("AES-GCM takes at most 64 GiB"),
            Self::KdfLength => f.write_str("HKDF gives at most 255 times the hash's length"),
            Self::Argon2Cost(Argon2Cost { memory_kib, passes, lanes }) => write!(
                f,
                "the Argon2id cost of {memory_kib} KiB, {passes} passes and {lanes} lanes is outside the limits"
            ),
            Self::CurvePrivateKey(curve) => write!(
                f,
                "a private key of {curve:?} is a number from 1 to the group's order less 1, in {} bytes",
                curve.field_length()
            ),
            Self::CurvePublicKey(curve) => write!(
                f,
                "a public key of {curve:?} is a point on the curve in the form of SEC 1, in {} or {} bytes",
                curve.field_length() + 1,
                2 * curve.field_length() + 1
            ),
            Self::Ed25519PrivateKey => f.write_str("a private key of Ed25519 is a seed of 32 bytes"),
            Self::MlDsaPrivateKey => f.write_str("a private key of ML-DSA is a seed of 32 bytes"),
            Self::MlKemPublicKey => f.write_str("it is no public key of that parameter set of ML-KEM"),
            Self::MlKemCiphertext => {
                f.write_str("a ciphertext of ML-KEM has 768, 1088 or 1568 bytes, as its parameter set says")
            }
            Self::RsaPrivateKey => f.write_str(
                "an RSA private key is a DER PKCS #8 PrivateKeyInfo with the algorithm rsaEncryption and two primes",
            ),
            Self::RsaPublicKey => {
                f.write_str("an RSA public key is a DER SubjectPublicKeyInfo with the algorithm rsaEncryption")
            }
            Self::RsaBits(bits) => write!(f, "an RSA key has 2048 to 8192 bits, but this one has {bits}"),
            Self::RsaLength { bits, hash, length } => {
                write!(f, "{length} bytes are too many for an RSA key of {bits} bits with OAEP and {hash:?}")
            }
            Self::Sm2PrivateKey => {
                f.write_str("a private key of SM2 is a number from 1 to the group's order less 2, in 32 bytes")
            }
            Self::Sm2PublicKey => {
                f.write_str("a public key of SM2 is a point on the curve in the form of SEC 1, in 33 or 65 bytes")
            }
            Self::Sm2Message => f.write_str("SM2 encrypts one byte at least"),
            Self::DigestLength => f.write_str("the digest does not have the length of a hash that is for signatures"),
            Self::BufferLength => f.write_str("the buffer does not have the length of the output"),
            Self::Other(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Error {}
