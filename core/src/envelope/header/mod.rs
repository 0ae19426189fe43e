//! The header of a message: what it is encrypted with, and its data key in encrypted form.
//!
//! Source: AWS Encryption SDK Developer Guide, "AWS Encryption SDK message format reference".

mod authenticate;
mod data_keys;
mod read;
mod write;

pub(crate) use authenticate::header_tag;
pub(crate) use data_keys::{read_encrypted_data_keys, write_encrypted_data_keys};
pub(crate) use read::{ReadHeader, read};

use super::suite::AlgorithmSuite;
use crate::{
    context::EncryptionContext,
    shape::{enumerations, structures},
};
use alloc::{string::String, vec::Vec};

/// The type byte of a version 1 message: customer authenticated encrypted data.
pub(crate) const MESSAGE_TYPE: u8 = 0x80;

structures! {
    /// A data key, encrypted under a wrapping key.
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    pub struct EncryptedDataKey {
        /// Which kind of keyring made it: `aws-kms`, or the key namespace of a raw keyring.
        pub provider_id: required(String),
        /// Which wrapping key it is encrypted under: a key ARN, or the key name of a raw keyring and what else it needs.
        pub provider_info: bytes(Vec<u8>),
        /// The data key in encrypted form.
        pub ciphertext: bytes(Vec<u8>),
    }

    /// The header of a message. Before the message's data key was found and the header's tag verified, nothing in it is to be trusted.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct MessageHeader {
        /// The version of the message format: 1, or 2 with key commitment.
        pub version: required(u8),
        /// The algorithm suite.
        pub algorithm_suite: required(AlgorithmSuite),
        /// The message's id, random: 16 bytes in version 1, 32 in version 2.
        pub message_id: bytes(Vec<u8>),
        /// The pairs that the message stores, `aws-crypto-public-key` of a signed one included.
        pub encryption_context: required(EncryptionContext),
        /// The data key, once under each wrapping key.
        pub encrypted_data_keys: required(Vec<EncryptedDataKey>),
        /// How the body is divided.
        pub content_type: required(ContentType),
        /// The length of a frame's plaintext in bytes; 0 where the body is unframed.
        pub frame_length: required(u32),
        /// What commits to the data key, in version 2: 32 bytes.
        pub commitment: optional_bytes(Vec<u8>),
    }
}

enumerations! {
    /// How the body of a message is divided.
    pub enum ContentType {
        /// In one piece. Read only: it cannot be decrypted before the whole of it has come.
        Unframed = "UNFRAMED",
        /// Into frames of equal length, each authenticated on its own; the last may be shorter.
        Framed = "FRAMED",
    }
}

impl ContentType {
    const fn id(self) -> u8 {
        match self {
            Self::Unframed => 1,
            Self::Framed => 2,
        }
    }
}
