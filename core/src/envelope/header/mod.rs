//! The header of a message: what it is encrypted with, and its data key in encrypted form.
//!
//! Source: AWS Encryption SDK Developer Guide, "AWS Encryption SDK message format reference".

mod authenticate;
mod read;
mod write;

pub(crate) use authenticate::header_tag;
pub(crate) use read::{ReadHeader, read, read_encrypted_data_keys};
pub(crate) use write::write_encrypted_data_keys;

use super::suite::AlgorithmSuite;
use crate::context::EncryptionContext;
use alloc::{string::String, vec::Vec};

/// The type byte of a version 1 message: customer authenticated encrypted data.
pub(crate) const MESSAGE_TYPE: u8 = 0x80;

/// A data key, encrypted under a wrapping key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EncryptedDataKey {
    /// Which kind of keyring made it: `aws-kms`, or the key namespace of a raw keyring.
    pub provider_id: String,
    /// Which wrapping key it is encrypted under: a key ARN, or the key name of a raw keyring and what else it needs.
    pub provider_info: Vec<u8>,
    /// The data key in encrypted form.
    pub ciphertext: Vec<u8>,
}

/// How the body of a message is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentType {
    /// In one piece. Read only: it cannot be decrypted before the whole of it has come.
    Unframed,
    /// Into frames of equal length, each authenticated on its own; the last may be shorter.
    Framed,
}

impl ContentType {
    const fn id(self) -> u8 {
        match self {
            Self::Unframed => 1,
            Self::Framed => 2,
        }
    }
}

/// The header of a message. Before the message's data key was found and the header's tag verified, nothing in it is to
/// be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageHeader {
    /// The algorithm suite.
    pub algorithm_suite: AlgorithmSuite,
    /// The message's id, random: 16 bytes in version 1, 32 in version 2.
    pub message_id: Vec<u8>,
    /// The pairs that the message stores, `aws-crypto-public-key` of a signed one included.
    pub encryption_context: EncryptionContext,
    /// The data key, once under each wrapping key.
    pub encrypted_data_keys: Vec<EncryptedDataKey>,
    /// How the body is divided.
    pub content_type: ContentType,
    /// The length of a frame's plaintext in bytes; 0 where the body is unframed.
    pub frame_length: u32,
    /// What commits to the data key, in version 2.
    pub commitment: Option<[u8; 32]>,
}

impl MessageHeader {
    /// The version of the message format: 1 or 2.
    pub const fn version(&self) -> u8 {
        self.algorithm_suite.message_version()
    }
}
