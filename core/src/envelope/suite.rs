//! The algorithm suites: which cipher, key derivation, commitment and signature a message uses.
//!
//! Source: AWS Encryption SDK Developer Guide, "AWS Encryption SDK algorithms reference"; the names are those of
//! AWS's SDKs.

use crate::{
    crypto::{Curve, Hash},
    error::{Error, ErrorKind, Result},
    shape::enumerations,
};
use alloc::format;

enumerations! {
    /// What a message is encrypted with, by AWS's names.
    pub enum AlgorithmSuite {
        /// 0x0014: AES-128-GCM, the data key used as it is.
        AlgAes128GcmIv12Tag16NoKdf = "ALG_AES_128_GCM_IV12_TAG16_NO_KDF",
        /// 0x0046: AES-192-GCM, the data key used as it is.
        AlgAes192GcmIv12Tag16NoKdf = "ALG_AES_192_GCM_IV12_TAG16_NO_KDF",
        /// 0x0078: AES-256-GCM, the data key used as it is.
        AlgAes256GcmIv12Tag16NoKdf = "ALG_AES_256_GCM_IV12_TAG16_NO_KDF",
        /// 0x0114: AES-128-GCM, key derived by HKDF-SHA-256.
        AlgAes128GcmIv12Tag16HkdfSha256 = "ALG_AES_128_GCM_IV12_TAG16_HKDF_SHA256",
        /// 0x0146: AES-192-GCM, key derived by HKDF-SHA-256.
        AlgAes192GcmIv12Tag16HkdfSha256 = "ALG_AES_192_GCM_IV12_TAG16_HKDF_SHA256",
        /// 0x0178: AES-256-GCM, key derived by HKDF-SHA-256.
        AlgAes256GcmIv12Tag16HkdfSha256 = "ALG_AES_256_GCM_IV12_TAG16_HKDF_SHA256",
        /// 0x0214: AES-128-GCM, key derived by HKDF-SHA-256, signed with ECDSA P-256.
        AlgAes128GcmIv12Tag16HkdfSha256EcdsaP256 = "ALG_AES_128_GCM_IV12_TAG16_HKDF_SHA256_ECDSA_P256",
        /// 0x0346: AES-192-GCM, key derived by HKDF-SHA-384, signed with ECDSA P-384.
        AlgAes192GcmIv12Tag16HkdfSha384EcdsaP384 = "ALG_AES_192_GCM_IV12_TAG16_HKDF_SHA384_ECDSA_P384",
        /// 0x0378: AES-256-GCM, key derived by HKDF-SHA-384, signed with ECDSA P-384.
        AlgAes256GcmIv12Tag16HkdfSha384EcdsaP384 = "ALG_AES_256_GCM_IV12_TAG16_HKDF_SHA384_ECDSA_P384",
        /// 0x0478, the default: AES-256-GCM, key derived by HKDF-SHA-512, committing to the data key.
        AlgAes256GcmHkdfSha512CommitKey = "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY",
        /// 0x0578: AES-256-GCM, key derived by HKDF-SHA-512, committing to the data key, signed with ECDSA P-384.
        AlgAes256GcmHkdfSha512CommitKeyEcdsaP384 = "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384",
    }

    /// Which suites may be used, as to key commitment. A committing message decrypts under one data key only.
    pub enum CommitmentPolicy {
        /// Encrypts without commitment, decrypts with and without: while readers cannot read committing messages yet.
        ForbidEncryptAllowDecrypt = "FORBID_ENCRYPT_ALLOW_DECRYPT",
        /// Encrypts with commitment, decrypts with and without: while messages without it are still around.
        RequireEncryptAllowDecrypt = "REQUIRE_ENCRYPT_ALLOW_DECRYPT",
        /// Encrypts and decrypts with commitment only: the default.
        RequireEncryptRequireDecrypt = "REQUIRE_ENCRYPT_REQUIRE_DECRYPT",
    }
}

/// How the data key becomes the key of the cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyDerivation {
    /// It is that key.
    None,
    /// By HKDF, bound to suite and message id.
    Hkdf(Hash),
    /// By HKDF-SHA-512 salted with the message id, with a second output that commits to the data key.
    Committing,
}

impl AlgorithmSuite {
    /// The suite's number in a message's header.
    pub const fn id(self) -> u16 {
        match self {
            Self::AlgAes128GcmIv12Tag16NoKdf => 0x0014,
            Self::AlgAes192GcmIv12Tag16NoKdf => 0x0046,
            Self::AlgAes256GcmIv12Tag16NoKdf => 0x0078,
            Self::AlgAes128GcmIv12Tag16HkdfSha256 => 0x0114,
            Self::AlgAes192GcmIv12Tag16HkdfSha256 => 0x0146,
            Self::AlgAes256GcmIv12Tag16HkdfSha256 => 0x0178,
            Self::AlgAes128GcmIv12Tag16HkdfSha256EcdsaP256 => 0x0214,
            Self::AlgAes192GcmIv12Tag16HkdfSha384EcdsaP384 => 0x0346,
            Self::AlgAes256GcmIv12Tag16HkdfSha384EcdsaP384 => 0x0378,
            Self::AlgAes256GcmHkdfSha512CommitKey => 0x0478,
            Self::AlgAes256GcmHkdfSha512CommitKeyEcdsaP384 => 0x0578,
        }
    }

    /// The suite of that number.
    pub fn from_id(id: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|suite| suite.id() == id)
    }

    /// The suite of that name, as AWS writes it.
    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|suite| suite.as_str() == name)
            .ok_or_else(|| Error::new(ErrorKind::Validation, format!("'{name}' is not the name of an algorithm suite")))
    }

    /// The version of the message format that the suite is for: 1, or 2 with commitment.
    pub const fn message_version(self) -> u8 {
        if self.is_committing() { 2 } else { 1 }
    }

    /// The length of a message's id in bytes.
    pub(crate) const fn message_id_length(self) -> usize {
        if self.is_committing() { 32 } else { 16 }
    }

    /// The length of the data key in bytes.
    pub const fn data_key_length(self) -> usize {
        match self {
            Self::AlgAes128GcmIv12Tag16NoKdf
            | Self::AlgAes128GcmIv12Tag16HkdfSha256
            | Self::AlgAes128GcmIv12Tag16HkdfSha256EcdsaP256 => 16,
            Self::AlgAes192GcmIv12Tag16NoKdf
            | Self::AlgAes192GcmIv12Tag16HkdfSha256
            | Self::AlgAes192GcmIv12Tag16HkdfSha384EcdsaP384 => 24,
            _ => 32,
        }
    }

    /// Whether a message of the suite commits to its data key.
    pub const fn is_committing(self) -> bool {
        matches!(self.key_derivation(), KeyDerivation::Committing)
    }

    /// Whether a message of the suite is signed.
    pub const fn is_signed(self) -> bool {
        self.signature().is_some()
    }

    pub(crate) const fn key_derivation(self) -> KeyDerivation {
        match self {
            Self::AlgAes128GcmIv12Tag16NoKdf | Self::AlgAes192GcmIv12Tag16NoKdf | Self::AlgAes256GcmIv12Tag16NoKdf => {
                KeyDerivation::None
            }
            Self::AlgAes128GcmIv12Tag16HkdfSha256
            | Self::AlgAes192GcmIv12Tag16HkdfSha256
            | Self::AlgAes256GcmIv12Tag16HkdfSha256
            | Self::AlgAes128GcmIv12Tag16HkdfSha256EcdsaP256 => KeyDerivation::Hkdf(Hash::Sha256),
            Self::AlgAes192GcmIv12Tag16HkdfSha384EcdsaP384 | Self::AlgAes256GcmIv12Tag16HkdfSha384EcdsaP384 => {
                KeyDerivation::Hkdf(Hash::Sha384)
            }
            Self::AlgAes256GcmHkdfSha512CommitKey | Self::AlgAes256GcmHkdfSha512CommitKeyEcdsaP384 => {
                KeyDerivation::Committing
            }
        }
    }

    /// The curve and the hash of the signature.
    pub(crate) const fn signature(self) -> Option<(Curve, Hash)> {
        match self {
            Self::AlgAes128GcmIv12Tag16HkdfSha256EcdsaP256 => Some((Curve::P256, Hash::Sha256)),
            Self::AlgAes192GcmIv12Tag16HkdfSha384EcdsaP384
            | Self::AlgAes256GcmIv12Tag16HkdfSha384EcdsaP384
            | Self::AlgAes256GcmHkdfSha512CommitKeyEcdsaP384 => Some((Curve::P384, Hash::Sha384)),
            _ => None,
        }
    }
}

impl CommitmentPolicy {
    /// The suite that is used where the caller names none: AWS's default, but unsigned.
    pub(crate) const fn default_suite(self) -> AlgorithmSuite {
        match self {
            Self::ForbidEncryptAllowDecrypt => AlgorithmSuite::AlgAes256GcmIv12Tag16HkdfSha256,
            _ => AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey,
        }
    }

    pub(crate) fn check_encryption(self, suite: AlgorithmSuite) -> Result<()> {
        let allowed = match self {
            Self::ForbidEncryptAllowDecrypt => !suite.is_committing(),
            Self::RequireEncryptAllowDecrypt | Self::RequireEncryptRequireDecrypt => suite.is_committing(),
        };
        if allowed { Ok(()) } else { Err(self.refused("encrypting", suite)) }
    }

    pub(crate) fn check_decryption(self, suite: AlgorithmSuite) -> Result<()> {
        let allowed = suite.is_committing() || self != Self::RequireEncryptRequireDecrypt;
        if allowed { Ok(()) } else { Err(self.refused("decrypting", suite)) }
    }

    fn refused(self, doing: &str, suite: AlgorithmSuite) -> Error {
        Error::new(
            ErrorKind::CommitmentPolicy,
            format!("the commitment policy {self} does not allow {doing} with the algorithm suite {suite}"),
        )
    }
}
