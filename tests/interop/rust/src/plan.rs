//! The files that participants exchange.

use crate::Result;
use base64::{Engine, prelude::BASE64_STANDARD};
use pocketkms::{Clock, EncryptionContext, ManualClock, RootKey, Timestamp, Vault, VaultBuilder};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{collections::BTreeMap, fs, path::Path};

/// `plan.json`: every input.
#[derive(Deserialize)]
pub(crate) struct Plan {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) clock_millis: i64,
    pub(crate) alias: String,
    pub(crate) root_key: String,
    pub(crate) wrong_root_key: String,
    pub(crate) passphrase: String,
    pub(crate) wrong_passphrase: String,
    pub(crate) rotations: u32,
    pub(crate) lengths: Vec<usize>,
    pub(crate) contexts: BTreeMap<String, Option<EncryptionContext>>,
    pub(crate) wrong_pair: (String, String),
    pub(crate) flip: Flip,
    pub(crate) messages: crate::messages::MessagePlan,
}

/// Which ciphertexts are altered byte by byte.
#[derive(Deserialize)]
pub(crate) struct Flip {
    pub(crate) context: String,
    pub(crate) lengths: Vec<usize>,
}

/// `manifest.json`: what a maker made.
#[derive(Deserialize, Serialize)]
pub(crate) struct Manifest {
    pub(crate) maker: String,
    pub(crate) key_ids: BTreeMap<String, String>,
    pub(crate) cases: Vec<Case>,
    pub(crate) messages: Vec<crate::messages::Message>,
}

/// A ciphertext and what it must decrypt to.
#[derive(Deserialize, Serialize)]
pub(crate) struct Case {
    pub(crate) vault: String,
    pub(crate) kind: String,
    pub(crate) generation: u32,
    pub(crate) context: String,
    pub(crate) length: usize,
    pub(crate) plaintext: Bytes,
    pub(crate) blob: Bytes,
    pub(crate) material: String,
}

/// Base64 in the files.
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD.decode(text).map(Self).map_err(D::Error::custom)
    }
}

impl Plan {
    pub(crate) fn read(directory: &Path) -> Result<Self> {
        Ok(serde_json::from_slice(&fs::read(directory.join("plan.json"))?)?)
    }

    pub(crate) fn clock(&self) -> ManualClock {
        ManualClock::new(Timestamp::from_millis(self.clock_millis))
    }

    pub(crate) fn builder(&self, clock: impl Clock + 'static) -> VaultBuilder {
        Vault::builder().account_id(&self.account).region(&self.region).clock(clock)
    }

    pub(crate) fn raw_root(&self) -> Result<RootKey> {
        raw_root(&self.root_key)
    }

    pub(crate) fn passphrase_root(&self) -> Result<RootKey> {
        Ok(RootKey::from_passphrase(self.passphrase.clone().into_bytes())?)
    }
}

/// A root key of 32 bytes, given in hexadecimal.
pub(crate) fn raw_root(text: &str) -> Result<RootKey> {
    Ok(RootKey::from_bytes(&hex::decode(text).map_err(|error| error.to_string())?)?)
}
