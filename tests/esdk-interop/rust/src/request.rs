//! Requests and answers.

use base64::{Engine, prelude::BASE64_STANDARD};
use pocketkms::{
    EncryptionContext,
    envelope::{AlgorithmSuite, CommitmentPolicy, EcdhCurveSpec},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

#[derive(Deserialize)]
pub(crate) struct Request {
    #[serde(flatten)]
    pub(crate) operation: Operation,
    pub(crate) policy: CommitmentPolicy,
    pub(crate) context: EncryptionContext,
    pub(crate) required_context_keys: Vec<String>,
    /// The first one makes the data key.
    pub(crate) keys: Vec<Key>,
    pub(crate) max_encrypted_data_keys: Option<u16>,
    /// Whether the data comes piece by piece.
    pub(crate) streamed: bool,
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub(crate) enum Operation {
    Encrypt { suite: Suite, frame_length: u32, plaintext: Bytes },
    Decrypt { message: Bytes },
    Rewrap { message: Bytes, to: Vec<Key> },
}

/// A wrapping key. The same one means the same keyring.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Key {
    Aes { namespace: String, name: String, key: Bytes },
    Rsa { namespace: String, name: String, padding: String, public: String, private: String },
    Ecdh { schema: String, curve: EcdhCurveSpec, public: String, private: String },
}

/// A suite by its number.
#[derive(Deserialize)]
pub(crate) struct Suite(u16);

impl TryFrom<Suite> for AlgorithmSuite {
    type Error = String;

    fn try_from(Suite(id): Suite) -> Result<Self, String> {
        Self::from_id(id).ok_or_else(|| format!("there is no suite {id:#06x}"))
    }
}

#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Encrypted { message: Bytes },
    Decrypted { plaintext: Bytes, context: EncryptionContext },
    Error { error: String },
}

/// Base64 on the line.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD.decode(text).map(Self).map_err(D::Error::custom)
    }
}
