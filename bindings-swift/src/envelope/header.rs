//! What stands in the header of a message.

use pocketkms::{EncryptionContext, envelope::AlgorithmSuite};

/// A data key, encrypted under a wrapping key.
#[derive(Clone, uniffi::Record)]
pub struct EncryptedDataKey {
    /// Which kind of keyring made it: `aws-kms`, or the key namespace of a raw keyring.
    pub provider_id: String,
    /// Which wrapping key it is encrypted under: a key ARN, or the key name of a raw keyring and what else it needs.
    pub provider_info: Vec<u8>,
    /// The data key in encrypted form.
    pub ciphertext: Vec<u8>,
}

/// How the body of a message is divided.
#[derive(Clone, Copy, uniffi::Enum)]
pub enum ContentType {
    /// In one piece. Read only: it cannot be decrypted before the whole of it has come.
    Unframed,
    /// Into frames of equal length, each authenticated on its own; the last may be shorter.
    Framed,
}

/// The header of a message.
#[derive(Clone, uniffi::Record)]
pub struct MessageHeader {
    /// The version of the message format: 1 or 2.
    pub version: u8,
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
    pub commitment: Option<Vec<u8>>,
}

impl From<pocketkms::envelope::EncryptedDataKey> for EncryptedDataKey {
    fn from(key: pocketkms::envelope::EncryptedDataKey) -> Self {
        let pocketkms::envelope::EncryptedDataKey { provider_id, provider_info, ciphertext } = key;
        Self { provider_id, provider_info, ciphertext }
    }
}

impl From<EncryptedDataKey> for pocketkms::envelope::EncryptedDataKey {
    fn from(key: EncryptedDataKey) -> Self {
        let EncryptedDataKey { provider_id, provider_info, ciphertext } = key;
        Self { provider_id, provider_info, ciphertext }
    }
}

impl From<pocketkms::envelope::MessageHeader> for MessageHeader {
    fn from(header: pocketkms::envelope::MessageHeader) -> Self {
        let version = header.version();
        let pocketkms::envelope::MessageHeader {
            algorithm_suite,
            message_id,
            encryption_context,
            encrypted_data_keys,
            content_type,
            frame_length,
            commitment,
        } = header;
        Self {
            version,
            algorithm_suite,
            message_id,
            encryption_context,
            encrypted_data_keys: encrypted_data_keys.into_iter().map(Into::into).collect(),
            content_type: match content_type {
                pocketkms::envelope::ContentType::Unframed => ContentType::Unframed,
                pocketkms::envelope::ContentType::Framed => ContentType::Framed,
            },
            frame_length,
            commitment: commitment.map(Into::into),
        }
    }
}
