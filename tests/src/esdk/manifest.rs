//! What `manifest.json` says, type by type. `tests/vectors/aws-esdk/README.md` has the meaning.
//!
//! Fields and values that are not known here are errors: an option that no one looks at would make a test pass that
//! tested something else.

use serde::{Deserialize, Deserializer, de::Error};
use std::collections::BTreeMap;

/// A set of cases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The name and version of this format.
    pub format: String,
    /// Which set it is.
    pub set: String,
    /// How many cases there are.
    pub count: usize,
    /// Where the cases of each source come from.
    pub sources: BTreeMap<String, Source>,
    /// The keys that the cases name.
    pub keys: BTreeMap<String, Key>,
    /// The cases.
    pub cases: Vec<Case>,
}

/// Where cases come from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The repository, or in words.
    pub repository: String,
    /// The path there.
    pub path: String,
}

/// A test key.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum Key {
    /// An AES key.
    #[serde(rename = "aes")]
    Aes {
        /// Its length in bits.
        bits: usize,
        /// The key.
        material_hex: Hex,
    },
    /// An RSA key.
    #[serde(rename = "rsa")]
    Rsa {
        /// The length of its modulus.
        bits: usize,
        /// PKCS #8.
        private_pem: String,
        /// SPKI.
        public_pem: String,
    },
    /// A key on an elliptic curve.
    #[serde(rename = "ecc")]
    Ecc {
        /// `p256`, `p384` or `p521`.
        curve: String,
        /// PKCS #8.
        private_pem: String,
        /// SPKI.
        public_pem: String,
    },
    /// A version of a branch key.
    #[serde(rename = "branch-key")]
    Branch {
        /// Its id.
        branch_key_id: String,
        /// The id of its version.
        branch_key_version: String,
        /// 32 bytes.
        material_hex: Hex,
    },
}

/// A case.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// Its source.
    pub source: String,
    /// Where it is found there.
    pub origin: String,
    /// The kind of message or of alteration.
    pub class: String,
    /// What must come of it.
    pub expect: Expect,
    /// The file of the message.
    pub message: String,
    /// Its length.
    pub message_len: usize,
    /// Its SHA-256.
    pub message_sha256: Hex,
    /// The file of the plaintext.
    #[serde(default)]
    pub plaintext: Option<String>,
    /// The plaintext's length.
    #[serde(default)]
    pub plaintext_len: usize,
    /// The plaintext's SHA-256.
    #[serde(default)]
    pub plaintext_sha256: Option<Hex>,
    /// What to decrypt with: any of them may open the message.
    #[serde(default)]
    pub keyring: Vec<KeyringEntry>,
    /// The settings of the call.
    #[serde(default)]
    pub options: Options,
    /// What the header holds.
    #[serde(default)]
    pub header: Option<Header>,
    /// The suite of a message that is refused.
    #[serde(default, deserialize_with = "suite")]
    pub suite: Option<u16>,
    /// The data key.
    #[serde(default)]
    pub data_key_hex: Option<Hex>,
    /// How writing the message again gives the same bytes.
    #[serde(default)]
    pub rebuild: Option<Rebuild>,
    /// Why it must be refused.
    #[serde(default)]
    pub reason: Option<String>,
    /// What AWS's SDKs did.
    #[serde(default)]
    pub sdk: BTreeMap<String, String>,
}

/// What must come of a case.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// The plaintext and the header.
    Ok,
    /// An error, and nothing of the plaintext.
    Reject,
    /// An error, or exactly the plaintext.
    RejectOrSame,
    /// The header; the footer's signature matches.
    Parse,
}

/// How a message was written.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Rebuild {
    /// The final frame is empty in an empty message only.
    Min,
    /// An empty final frame may follow full ones.
    Full,
}

/// What a header holds.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Of the message format.
    pub version: u8,
    /// The number of the algorithm suite.
    #[serde(deserialize_with = "required_suite")]
    pub suite: u16,
    /// The message's id.
    pub message_id_hex: Hex,
    /// The pairs that are stored.
    pub encryption_context: BTreeMap<String, String>,
    /// The encrypted data keys.
    pub edks: Vec<Edk>,
    /// `framed` or `unframed`.
    pub content: String,
    /// 0 for an unframed message.
    pub frame_length: u32,
    /// With the tag.
    pub header_len: usize,
    /// How many frames there are, the final one included; none in an unframed message.
    pub frames: Option<usize>,
    /// Where the footer begins, or the message ends.
    pub body_end: usize,
    /// The length of the signature in the footer.
    pub signature_len: Option<usize>,
    /// What commits to the data key.
    #[serde(default)]
    pub commitment_hex: Option<Hex>,
}

/// An encrypted data key.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Edk {
    /// The kind of keyring.
    pub provider_id: String,
    /// The wrapping key.
    pub provider_info_hex: Hex,
    /// The length of the ciphertext.
    pub ciphertext_len: usize,
}

/// What to decrypt with.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum KeyringEntry {
    /// A raw AES keyring.
    RawAes {
        /// The name of the key in the manifest.
        key: String,
        /// The key namespace.
        provider_id: String,
        /// The key name.
        key_name: String,
    },
    /// A raw RSA keyring.
    RawRsa {
        /// The name of the key in the manifest.
        key: String,
        /// The key namespace.
        provider_id: String,
        /// The key name.
        key_name: String,
        /// `pkcs1` or `oaep-mgf1`.
        padding: String,
        /// The hash of OAEP and MGF1.
        #[serde(default)]
        hash: Option<String>,
    },
    /// This data key, whatever is encrypted in the message.
    StaticDataKey {
        /// The data key.
        data_key_hex: Hex,
    },
    /// A hierarchical keyring with one branch key.
    AwsKmsHierarchy {
        /// The name of the key in the manifest.
        key: String,
    },
    /// A raw ECDH keyring.
    RawEcdh {
        /// `discovery` or `static`.
        schema: String,
        /// The curve.
        curve: String,
        /// The own key's name in the manifest.
        key: String,
        /// The name of the other party's key.
        #[serde(default)]
        peer: Option<String>,
    },
    /// A KMS keyring with a table in place of KMS.
    AwsKmsStub {
        /// `strict`, `strict-mrk` or `discovery`.
        mode: String,
        /// The key of a strict one.
        #[serde(default)]
        key_arn: Option<String>,
        /// The partition of a discovery filter.
        #[serde(default)]
        partition: Option<String>,
        /// The accounts of a discovery filter.
        #[serde(default)]
        account_ids: Option<Vec<String>>,
        /// What KMS knows.
        responses: Vec<Response>,
    },
}

/// What KMS answers to one request to decrypt.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// The key.
    pub key_arn: String,
    /// The ciphertext.
    pub ciphertext_hex: Hex,
    /// The context that it was encrypted with.
    pub encryption_context: BTreeMap<String, String>,
    /// The answer.
    pub data_key_hex: Hex,
}

/// The settings of a call; each may be missing.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// `require-encrypt-allow-decrypt` where none is given.
    pub commitment_policy: Option<String>,
    /// The most encrypted data keys.
    pub max_encrypted_data_keys: Option<u16>,
    /// `decrypt-unsigned` refuses signed messages.
    pub mode: Option<String>,
    /// Pairs given again.
    pub reproduced_encryption_context: BTreeMap<String, String>,
    /// The names of those that must be given again.
    pub required_encryption_context_keys: Vec<String>,
}

/// Bytes that are written as hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hex(pub Vec<u8>);

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        hex::decode(text).map(Self).map_err(D::Error::custom)
    }
}

fn required_suite<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let text = String::deserialize(deserializer)?;
    let digits = text.strip_prefix("0x").ok_or_else(|| D::Error::custom("a suite begins with 0x"))?;
    u16::from_str_radix(digits, 16).map_err(D::Error::custom)
}

fn suite<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    required_suite(deserializer).map(Some)
}
