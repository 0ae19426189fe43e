//! `check DIR OUT`: what becomes of another maker's vaults and ciphertexts here. Reports, judges nothing.

use crate::{
    Result, messages,
    plan::{Bytes, Case, Manifest, Plan, raw_root},
};
use pocketkms::{
    EncryptionContext, Error, Kms, RootKey,
    api::{DecryptRequest, DecryptResponse, DescribeKeyRequest, ListKeyRotationsRequest},
};
use serde::Serialize;
use std::{collections::BTreeMap, fs, path::Path};

const CHECKER: &str = "rust";
/// How far the clock is past the plan's: as far as three rotations turned it.
const DAYS_LATER: u32 = 3;

#[derive(Serialize)]
struct Report {
    checker: &'static str,
    vaults: BTreeMap<&'static str, Described>,
    decrypted: Vec<Decrypted>,
    wrong_context: Vec<&'static str>,
    flips: Vec<Flipped>,
    #[serde(flatten)]
    messages: messages::Report,
    snapshots: Snapshots,
}

#[derive(Serialize)]
struct Described {
    key_id: String,
    description: String,
    creation_millis: i64,
    rotation_millis: Vec<Option<i64>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Decrypted {
    Plain { plaintext: Bytes, material: Option<String>, key_id: String },
    Rejected { error: &'static str },
}

#[derive(Serialize)]
struct Flipped {
    case: usize,
    outcomes: Vec<&'static str>,
}

#[derive(Serialize)]
struct Snapshots {
    raw_flips: Vec<&'static str>,
    raw_truncated: &'static str,
    raw_wrong_root: &'static str,
    passphrase_flip: &'static str,
    passphrase_wrong_root: &'static str,
}

pub(crate) fn check(directory: &Path, out: &Path) -> Result<()> {
    let checker = Checker { plan: Plan::read(directory)? };
    let manifest: Manifest = serde_json::from_slice(&fs::read(directory.join("manifest.json"))?)?;
    let raw = fs::read(directory.join("raw.snapshot"))?;
    let passphrase = fs::read(directory.join("passphrase.snapshot"))?;
    let (raw_root, passphrase_root) = (checker.plan.raw_root()?, checker.plan.passphrase_root()?);
    let vaults = BTreeMap::from([
        ("raw", checker.open(&raw, &raw_root)?),
        ("passphrase", checker.open(&passphrase, &passphrase_root)?),
    ]);

    let of = |case: &Case| vaults.get(&*case.vault).ok_or_else(|| format!("no vault {}", case.vault));
    let mut report = Report {
        checker: CHECKER,
        vaults: BTreeMap::new(),
        decrypted: Vec::new(),
        wrong_context: Vec::new(),
        flips: Vec::new(),
        messages: messages::check(&checker.open(&raw, &raw_root)?, &checker.plan, &manifest.messages)?,
        snapshots: checker.snapshots(&raw, &raw_root, &passphrase, &passphrase_root)?,
    };
    for (name, kms) in &vaults {
        report.vaults.insert(name, checker.describe(kms)?);
    }
    for (index, case) in manifest.cases.iter().enumerate() {
        report.decrypted.push(checker.decrypt(of(case)?, case)?);
        report.wrong_context.push(checker.wrong_context(of(case)?, case)?);
        if checker.is_flipped(case) {
            report.flips.push(Flipped { case: index, outcomes: checker.flip(of(case)?, case)? });
        }
    }
    fs::write(out, serde_json::to_vec_pretty(&report)?)?;
    Ok(())
}

struct Checker {
    plan: Plan,
}

impl Checker {
    fn open(&self, snapshot: &[u8], root: &RootKey) -> Result<Kms> {
        Ok(self.try_open(snapshot, root)?)
    }

    fn try_open(&self, snapshot: &[u8], root: &RootKey) -> pocketkms::Result<Kms> {
        let clock = self.plan.clock();
        clock.advance_days(DAYS_LATER);
        self.plan.builder(clock).open_snapshot(snapshot, root).map(|vault| vault.client())
    }

    fn describe(&self, kms: &Kms) -> Result<Described> {
        let request = DescribeKeyRequest { key_id: self.plan.alias.clone(), ..Default::default() };
        let key = kms.describe_key(request)?.key_metadata;
        let request = ListKeyRotationsRequest { key_id: key.key_id.clone(), ..Default::default() };
        let rotations = kms.list_key_rotations(request)?.rotations;
        Ok(Described {
            key_id: key.key_id,
            description: key.description,
            creation_millis: key.creation_date.as_millis(),
            rotation_millis: rotations.iter().map(|entry| Some(entry.rotation_date?.as_millis())).collect(),
        })
    }

    fn decrypt(&self, kms: &Kms, case: &Case) -> Result<Decrypted> {
        // "No context" and "empty context" mean the same, so each is decrypted with the other.
        let context = match self.context(case)? {
            None => Some(EncryptionContext::default()),
            Some(context) if context.is_empty() => None,
            some => some,
        };
        Ok(match decrypt(kms, case.blob.0.clone(), context) {
            Ok(answer) => Decrypted::Plain {
                plaintext: Bytes(answer.plaintext.expose().to_vec()),
                material: answer.key_material_id,
                key_id: answer.key_id,
            },
            Err(error) => Decrypted::Rejected { error: error.name() },
        })
    }

    fn wrong_context(&self, kms: &Kms, case: &Case) -> Result<&'static str> {
        let mut context = self.context(case)?.unwrap_or_default();
        let (name, value) = &self.plan.wrong_pair;
        context.insert(name.clone(), value.clone());
        Ok(outcome(&decrypt(kms, case.blob.0.clone(), Some(context))))
    }

    fn is_flipped(&self, case: &Case) -> bool {
        let flip = &self.plan.flip;
        case.vault == "raw"
            && case.kind == "encrypt"
            && case.context == flip.context
            && flip.lengths.contains(&case.length)
    }

    fn flip(&self, kms: &Kms, case: &Case) -> Result<Vec<&'static str>> {
        let context = self.context(case)?;
        Ok(flipped(&case.blob.0).map(|blob| outcome(&decrypt(kms, blob, context.clone()))).collect())
    }

    fn snapshots(
        &self,
        raw: &[u8],
        raw_key: &RootKey,
        passphrase: &[u8],
        passphrase_key: &RootKey,
    ) -> Result<Snapshots> {
        let opened = |snapshot: &[u8], root: &RootKey| outcome(&self.try_open(snapshot, root));
        let wrong_passphrase = RootKey::from_passphrase(self.plan.wrong_passphrase.clone().into_bytes())?;
        let mut last_flipped = passphrase.to_vec();
        *last_flipped.last_mut().ok_or("passphrase.snapshot is empty")? ^= 1;
        Ok(Snapshots {
            raw_flips: flipped(raw).map(|altered| opened(&altered, raw_key)).collect(),
            raw_truncated: opened(raw.get(..raw.len() / 2).unwrap_or_default(), raw_key),
            raw_wrong_root: opened(raw, &raw_root(&self.plan.wrong_root_key)?),
            passphrase_flip: opened(&last_flipped, passphrase_key),
            passphrase_wrong_root: opened(passphrase, &wrong_passphrase),
        })
    }

    fn context(&self, case: &Case) -> Result<Option<EncryptionContext>> {
        let context = self.plan.contexts.get(&case.context);
        Ok(context.ok_or_else(|| format!("no context {}", case.context))?.clone())
    }
}

fn decrypt(
    kms: &Kms,
    blob: Vec<u8>,
    encryption_context: Option<EncryptionContext>,
) -> pocketkms::Result<DecryptResponse> {
    kms.decrypt(DecryptRequest { ciphertext_blob: Some(blob.into()), encryption_context, ..Default::default() })
}

/// Copies of the bytes, one for each position that is tried (README.md), in which the byte there has one bit flipped.
pub(crate) fn flipped(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..bytes.len()).filter(|at| *at < 1024 || at % 101 == 0).map(|at| {
        let mut copy = bytes.to_vec();
        copy[at] ^= 1 << (at % 8);
        copy
    })
}

/// The error's name, or that there was none.
pub(crate) fn outcome<T>(result: &Result<T, Error>) -> &'static str {
    result.as_ref().map_or_else(Error::name, |_| "accepted")
}
