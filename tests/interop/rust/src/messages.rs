//! Envelope messages: of every suite, for several keyrings, rewrapped.

use crate::{
    Result,
    check::{flipped, outcome},
    plan::{Bytes, Plan},
};
use pocketkms::{
    EncryptionContext, Kms, Provider, Secret,
    api::CreateBranchKeyRequest,
    envelope::{
        AlgorithmSuite, CommitmentPolicy, DecryptOptions, Decrypted, EncryptOptions, EncryptionClient, Keyring,
        MultiKeyring, RawAesKeyring, RewrapOptions, Rewrapped,
    },
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// What messages to make.
#[derive(Deserialize)]
pub(crate) struct MessagePlan {
    suites: Vec<String>,
    lengths: Vec<usize>,
    frame_length: u32,
    context: String,
    branch_key: String,
    namespace: String,
    wrapping_keys: BTreeMap<String, String>,
    flip: Flip,
}

/// Which messages are altered byte by byte.
#[derive(Deserialize)]
struct Flip {
    suites: Vec<String>,
    length: usize,
}

/// A message, and what it must decrypt to.
#[derive(Deserialize, Serialize)]
pub(crate) struct Message {
    suite: String,
    length: usize,
    plaintext: Bytes,
    #[serde(rename = "message")]
    bytes: Bytes,
    rewrapped: Moved,
}

/// What rewrapping made of it.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Moved {
    Header { header: Bytes, replaces: usize },
    Sidecar { sidecar: Bytes },
}

#[derive(Serialize)]
pub(crate) struct Report {
    messages: Vec<Opened>,
    message_flips: Vec<Flips>,
}

#[derive(Serialize)]
struct Opened {
    kms: Outcome,
    raw: Outcome,
    hierarchy: Outcome,
    rewrapped: Outcome,
    suite: Option<&'static str>,
    encryption_context: EncryptionContext,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Plaintext(Bytes),
    Error(&'static str),
}

#[derive(Serialize)]
struct Flips {
    message: usize,
    outcomes: Vec<&'static str>,
}

struct Keyrings {
    kms: Arc<dyn Keyring>,
    hierarchy: Arc<dyn Keyring>,
    raw: Arc<dyn Keyring>,
    other: Arc<dyn Keyring>,
}

impl Keyrings {
    fn new(kms: &Kms, plan: &Plan) -> Result<Self> {
        let of = &plan.messages;
        let aes = |name: &str| -> Result<Arc<dyn Keyring>> {
            let key = of.wrapping_keys.get(name).ok_or_else(|| format!("no wrapping key {name}"))?;
            let key = Secret::from(hex::decode(key).map_err(|error| error.to_string())?);
            Ok(Arc::new(RawAesKeyring::new(&Provider::default(), &of.namespace, name, &key)?))
        };
        Ok(Self {
            kms: Arc::new(kms.keyring(&plan.alias, &[])),
            hierarchy: Arc::new(kms.hierarchical_keyring(&of.branch_key, Duration::from_secs(60))?),
            raw: aes("raw")?,
            other: aes("other")?,
        })
    }
}

fn reader() -> EncryptionClient {
    EncryptionClient::default().commitment_policy(CommitmentPolicy::RequireEncryptAllowDecrypt)
}

pub(crate) fn make(kms: &Kms, plan: &Plan) -> Result<Vec<Message>> {
    let of = &plan.messages;
    kms.create_branch_key(CreateBranchKeyRequest {
        kms_key_id: plan.alias.clone(),
        branch_key_identifier: Some(of.branch_key.clone()),
        encryption_context: Some([("purpose", "interop")].into()),
    })?;
    let keyrings = Keyrings::new(kms, plan)?;
    let keyring =
        MultiKeyring::new(Some(keyrings.kms.clone()), vec![keyrings.raw.clone(), keyrings.hierarchy.clone()])?;
    let context = plan.contexts.get(&of.context).cloned().flatten().ok_or("no context for messages")?;
    let mut messages = Vec::new();
    for name in &of.suites {
        let suite = AlgorithmSuite::ALL.iter().copied().find(|suite| suite.as_str() == name);
        let suite = suite.ok_or_else(|| format!("no suite {name}"))?;
        let policy = if suite.is_committing() {
            CommitmentPolicy::RequireEncryptRequireDecrypt
        } else {
            CommitmentPolicy::ForbidEncryptAllowDecrypt
        };
        for &length in &of.lengths {
            let plaintext: Vec<u8> = (0..length).map(|at| (31 * at + length).to_le_bytes()[0]).collect();
            let options = EncryptOptions {
                encryption_context: context.clone(),
                algorithm_suite: Some(suite),
                frame_length: Some(of.frame_length),
                ..Default::default()
            };
            let client = EncryptionClient::default().commitment_policy(policy);
            let message = client.encrypt(&keyring, options, &plaintext)?.message;
            let rewrapped = reader().rewrap(&keyrings.raw, &*keyrings.other, &RewrapOptions::default(), &message)?;
            messages.push(Message {
                suite: name.clone(),
                length,
                plaintext: Bytes(plaintext),
                bytes: Bytes(message),
                rewrapped: match rewrapped {
                    Rewrapped::Header { bytes, replaces } => Moved::Header { header: Bytes(bytes), replaces },
                    Rewrapped::Sidecar(bytes) => Moved::Sidecar { sidecar: Bytes(bytes) },
                },
            });
        }
    }
    Ok(messages)
}

pub(crate) fn check(kms: &Kms, plan: &Plan, messages: &[Message]) -> Result<Report> {
    let keyrings = Keyrings::new(kms, plan)?;
    let flip = &plan.messages.flip;
    let is_flipped = |message: &Message| flip.suites.contains(&message.suite) && message.length == flip.length;
    Ok(Report {
        messages: messages.iter().map(|message| opened(&keyrings, message)).collect(),
        message_flips: messages
            .iter()
            .enumerate()
            .filter(|(_, message)| is_flipped(message))
            .map(|(index, message)| Flips { message: index, outcomes: flips(&keyrings, message) })
            .collect(),
    })
}

fn opened(keyrings: &Keyrings, case: &Message) -> Opened {
    let message = &case.bytes.0;
    let moved = match &case.rewrapped {
        Moved::Sidecar { sidecar } => decrypt(&keyrings.other, message, Some(sidecar.0.clone())),
        Moved::Header { header, replaces } => {
            let body = message.get(*replaces..).unwrap_or_default();
            decrypt(&keyrings.other, &[&header.0, body].concat(), None)
        }
    };
    let raw = decrypt(&keyrings.raw, message, None);
    let (suite, encryption_context) = match &raw {
        Ok(decrypted) => (Some(decrypted.header.algorithm_suite.as_str()), decrypted.encryption_context.clone()),
        Err(_) => (None, EncryptionContext::default()),
    };
    Opened {
        kms: decrypt(&keyrings.kms, message, None).into(),
        raw: raw.into(),
        hierarchy: decrypt(&keyrings.hierarchy, message, None).into(),
        rewrapped: moved.into(),
        suite,
        encryption_context,
    }
}

fn flips(keyrings: &Keyrings, case: &Message) -> Vec<&'static str> {
    flipped(&case.bytes.0).map(|message| outcome(&decrypt(&keyrings.raw, &message, None))).collect()
}

fn decrypt(keyring: &Arc<dyn Keyring>, message: &[u8], sidecar: Option<Vec<u8>>) -> pocketkms::Result<Decrypted> {
    reader().decrypt(keyring, DecryptOptions { sidecar, ..Default::default() }, message)
}

impl From<pocketkms::Result<Decrypted>> for Outcome {
    fn from(result: pocketkms::Result<Decrypted>) -> Self {
        match result {
            Ok(decrypted) => Self::Plaintext(Bytes(decrypted.plaintext.into_exposed())),
            Err(error) => Self::Error(error.name()),
        }
    }
}
