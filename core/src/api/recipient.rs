//! Answers for attested environments, which alone can read them.

use super::Blob;
use crate::shape::{Limits, enumerations, structures};

structures! {
    /// The attested environment that a plaintext is encrypted for: an AWS Nitro Enclave or NitroTPM.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct RecipientInfo {
        /// How to encrypt for the environment's public key.
        pub key_encryption_algorithm: optional(KeyEncryptionMechanism),
        /// The signed attestation document, 1 to 262,144 bytes, which includes the environment's public key.
        pub attestation_document: optional(Blob) limits(Limits::length(1, 262_144)),
    }
}

enumerations! {
    /// How a plaintext is encrypted for an attested environment.
    pub enum KeyEncryptionMechanism {
        /// RSA with OAEP padding and SHA-256.
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256",
    }
}
