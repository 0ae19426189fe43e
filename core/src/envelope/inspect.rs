//! What a message says of itself, without decrypting anything: its header, and which keys and key materials its data
//! key is encrypted under.

use super::{
    client::EncryptionClient,
    header::{self, EncryptedDataKey, MESSAGE_TYPE, MessageHeader},
    keyring::{KMS_PROVIDER_ID, printable},
    opening::whole,
    read::Incomplete,
    sidecar::Sidecar,
    suite::AlgorithmSuite,
};
use crate::{
    blob,
    error::Result,
    key::{Arn, KeyId},
    shape::structures,
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};

/// The provider id of data keys under branch keys (AWS's hierarchical keyring).
const HIERARCHY_PROVIDER_ID: &str = "aws-kms-hierarchy";
/// Where the version of the branch key stands in such a data key: after a salt of 16 bytes and an IV of 12.
const BRANCH_KEY_VERSION: core::ops::Range<usize> = 28..44;

/// What the first bytes of a message say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// The header is whole.
    Complete(MessageInfo),
    /// The header goes on after the bytes given.
    Incomplete {
        /// So many bytes from the front of the message are needed at least to get further.
        needed: usize,
    },
}

structures! {
    /// What a message says of itself. Nothing of it is authenticated: that takes the data key.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct MessageInfo {
        /// The header.
        pub header: required(MessageHeader),
        /// The length of the header in bytes, its tag included: where the body begins.
        pub header_length: required(usize),
        /// What each of the header's encrypted data keys is encrypted under, in their order.
        pub wrapping_keys: required(Vec<WrappingKey>),
    }

    /// What a data key is encrypted under, as far as its encrypted form says.
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    pub struct WrappingKey {
        /// Which kind of keyring encrypted it: `aws-kms`, `aws-kms-hierarchy`, or the key namespace of a raw keyring.
        pub provider_id: required(String),
        /// The key's name: a key ARN, a branch key id, the key name of a raw keyring. Where more follows the name, as in raw AES, the
        /// name ends before the first control character.
        pub key_name: required(String),
        /// The ARN of a KMS key.
        pub key_arn: optional(String),
        /// The id of a PocketKMS key, as it stands in the ciphertext.
        pub key_id: optional(String),
        /// Which of the key's materials: of a PocketKMS key the first 32 of the 64 hexadecimal digits of its key material id, of a branch
        /// key the version. A ciphertext of AWS KMS does not say.
        pub key_material: optional(String),
    }

    /// What a sidecar says of itself. Nothing of it is authenticated: that takes the data key.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SidecarInfo {
        /// The algorithm suite of the message that it belongs to.
        pub algorithm_suite: required(AlgorithmSuite),
        /// The id of that message.
        pub message_id: bytes(Vec<u8>),
        /// The data key, once under each wrapping key.
        pub encrypted_data_keys: required(Vec<EncryptedDataKey>),
        /// What each of them is encrypted under, in their order.
        pub wrapping_keys: required(Vec<WrappingKey>),
    }
}

impl EncryptionClient {
    /// Returns which key and material a message uses, without decrypting it, from its first bytes.
    ///
    /// The header is rarely longer than 1 KiB: give that much, and more where the answer says so. This client's
    /// limits hold, its commitment policy does not: nothing is decrypted.
    pub fn inspect(&self, front: &[u8]) -> Result<Inspection> {
        match header::read(front, &self.limits) {
            Ok(read) => Ok(Inspection::Complete(MessageInfo {
                wrapping_keys: read.header.encrypted_data_keys.iter().map(EncryptedDataKey::wrapping_key).collect(),
                header_length: read.length,
                header: read.header,
            })),
            Err(Incomplete::Needs(needed)) => Ok(Inspection::Incomplete { needed }),
            Err(Incomplete::Invalid(error)) => Err(error),
        }
    }

    /// As [`inspect`](Self::inspect), of a whole sidecar.
    pub fn inspect_sidecar(&self, sidecar: &[u8]) -> Result<SidecarInfo> {
        let Sidecar { algorithm_suite, message_id, encrypted_data_keys, .. } = Sidecar::read(sidecar, &self.limits)?;
        let wrapping_keys = encrypted_data_keys.iter().map(EncryptedDataKey::wrapping_key).collect();
        Ok(SidecarInfo { algorithm_suite, message_id, encrypted_data_keys, wrapping_keys })
    }

    /// Whether a sidecar belongs to the message that begins with `front`, its whole header at least. Nothing is
    /// authenticated: that takes the data key.
    ///
    /// One that does not belong is stale where it was found beside the message: the message was replaced since. Such a
    /// message opens by its own header. Bytes that are no sidecar, or no message, are an error.
    pub fn sidecar_belongs(&self, front: &[u8], sidecar: &[u8]) -> Result<bool> {
        let read = whole(header::read(front, &self.limits), front)?;
        Ok(Sidecar::read(sidecar, &self.limits)?.belongs(&self.provider, &read.header, read.bytes(front)))
    }
}

/// Whether bytes begin as a message of a known algorithm suite does. Of fewer than four bytes, whether they could: none at
/// all do not.
///
/// A damaged message still does, so that it can be distinguished from a file that never was one.
pub fn begins_like_message(front: &[u8]) -> bool {
    let begins = |suite: &AlgorithmSuite| {
        let version = suite.message_version();
        let start =
            [&[version][..], if version == 1 { &[MESSAGE_TYPE] } else { &[] }, &suite.id().to_be_bytes()].concat();
        start.iter().zip(front).all(|(expected, found)| expected == found)
    };
    !front.is_empty() && AlgorithmSuite::ALL.iter().any(begins)
}

impl EncryptedDataKey {
    /// Returns what the data key is encrypted under, as far as this encrypted form says it.
    pub fn wrapping_key(&self) -> WrappingKey {
        let key_name = printable(&self.provider_info);
        let mut wrapping_key = WrappingKey {
            provider_id: self.provider_id.clone(),
            key_arn: None,
            key_id: None,
            key_material: None,
            key_name,
        };
        match &*self.provider_id {
            KMS_PROVIDER_ID => {
                let arn: Option<Arn> = wrapping_key.key_name.parse().ok();
                if let Ok(parsed) = blob::Parsed::parse(&self.ciphertext) {
                    wrapping_key.key_id = Some(key_id(parsed.key, arn.as_ref()));
                    wrapping_key.key_material = Some(hex::encode(parsed.material));
                }
                wrapping_key.key_arn = arn.map(|_| wrapping_key.key_name.clone());
            }
            HIERARCHY_PROVIDER_ID => {
                let version = self.ciphertext.get(BRANCH_KEY_VERSION).and_then(|bytes| bytes.try_into().ok());
                wrapping_key.key_material = version.map(|bytes| uuid::Uuid::from_bytes(bytes).to_string());
            }
            _ => {}
        }
        wrapping_key
    }
}

/// The id of a key as KMS writes it. Its bytes do not say whether it is a multi-Region key's; the ARN beside it does,
/// where it is of the same key.
fn key_id(bytes: &[u8; 16], arn: Option<&Arn>) -> String {
    arn.and_then(|arn| arn.resource.strip_prefix("key/")?.parse().ok())
        .filter(|id: &KeyId| id.as_bytes() == bytes)
        .map_or_else(|| uuid::Uuid::from_bytes(*bytes).to_string(), |id| id.to_string())
}
