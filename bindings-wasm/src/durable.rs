//! Vaults in a store that answers later: JavaScript drives their operations (`js/store/drive.js`).

use crate::{
    convert::{
        bytes,
        host::{item, list, list_length, member, object},
        read,
    },
    fault::Fault,
    root_key::RootKey,
    run::begin_run,
    vault::{Vault, VaultOptions},
};
use pocketkms::{
    Change, CommitError, Effect, ManualClock, Record, Sealed, StoreError, StoreErrorKind, api, steps,
    steps::{ReadRequest, Step},
};
use wasm_bindgen::prelude::*;

/// What was fetched of a vault's store.
#[wasm_bindgen]
#[derive(Default)]
pub struct Fetched(steps::Fetched);

/// One operation under way.
#[wasm_bindgen]
#[derive(Default)]
pub struct Steps {
    steps: steps::Steps,
    wanted: Vec<ReadRequest>,
}

#[wasm_bindgen]
impl Steps {
    /// Of an operation that has not begun.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// For another operation.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

#[wasm_bindgen]
impl Fetched {
    /// Nothing yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a run: what is called until `end` is the operation.
    pub fn begin(&self, steps: &mut Steps) {
        begin_run();
        self.0.begin(&mut steps.steps);
    }

    /// Ends a run: what is to be read or committed; `again`, whether it is to be run again at once; nothing if it is done.
    pub fn end(&self, steps: &mut Steps) -> Result<JsValue, JsValue> {
        Ok(match self.0.end(&mut steps.steps) {
            Step::Done(true) => JsValue::UNDEFINED,
            Step::Done(false) => object([("again", true.into())]),
            Step::Read(wanted) => {
                steps.wanted = wanted;
                object([("read", list(steps.wanted.iter().map(describe)))])
            }
            Step::Commit(changes) => {
                let changes = changes.iter().map(describe_change).collect::<Result<Vec<_>, _>>()?;
                object([("commit", list(changes))])
            }
        })
    }

    /// Takes what was read: a list of records for each of what was wanted.
    pub fn found(&self, steps: &mut Steps, found: &JsValue) {
        let wanted = std::mem::take(&mut steps.wanted);
        let answers =
            (0..).zip(wanted).map(|(index, wanted)| (wanted, records(&item(found, index)).ok_or_else(damaged)));
        self.0.found(&mut steps.steps, answers.collect());
    }

    /// Takes why nothing could be read.
    #[wasm_bindgen(js_name = notFound)]
    pub fn not_found(&self, steps: &mut Steps, kind: &str, text: &str) {
        let wanted = std::mem::take(&mut steps.wanted);
        let failed = wanted.into_iter().map(|wanted| (wanted, Err(failure(kind, text))));
        self.0.found(&mut steps.steps, failed.collect());
    }

    /// Takes what became of a commit: `done`, `conflict`, `failed` or `unknown`.
    pub fn committed(&self, steps: &mut Steps, outcome: &str, kind: &str, text: &str) {
        let result = match outcome {
            "done" => Ok(()),
            "conflict" => Err(CommitError::Conflict),
            "failed" => Err(CommitError::Failed(failure(kind, text))),
            _ => Err(CommitError::Unknown(failure(kind, text))),
        };
        self.0.committed(&mut steps.steps, result);
    }

    /// Takes the generation record as the store has it now, as a list of it or of nothing.
    pub fn check(&self, generation: &JsValue) {
        match records(generation) {
            Some(found) => self.0.check(found.into_iter().next()),
            // Whoever needs it reads it again, and is told.
            None => self.0.forget(),
        }
    }
}

/// A vault being made or opened.
#[wasm_bindgen]
pub struct Opening {
    opening: steps::Opening,
    clock: ManualClock,
}

#[wasm_bindgen]
impl Opening {
    /// Over what is fetched.
    #[wasm_bindgen(constructor)]
    pub fn new(fetched: &Fetched, options: &JsValue, now: f64) -> Result<Self, JsValue> {
        let clock = ManualClock::new(crate::convert::time(now));
        let builder = read::<VaultOptions>(options, "options")?.builder(&clock)?;
        Ok(Self { opening: builder.over(&fetched.0), clock })
    }

    /// Makes a new vault.
    pub fn create(&mut self, root: &RootKey) -> Result<Vault, JsValue> {
        Ok(Vault::new(self.opening.create(&root.0).map_err(Fault::from)?, self.clock.clone()))
    }

    /// Opens the vault that is there.
    pub fn open(&mut self, root: &RootKey) -> Result<Vault, JsValue> {
        Ok(Vault::new(self.opening.open(&root.0).map_err(Fault::from)?, self.clock.clone()))
    }
}

fn describe(wanted: &ReadRequest) -> JsValue {
    match wanted {
        ReadRequest::Record(name) => object([("name", name.into())]),
        ReadRequest::Scan { prefix, after, limit } => object([
            ("prefix", prefix.into()),
            ("after", after.as_ref().map_or(JsValue::UNDEFINED, JsValue::from)),
            ("limit", u32::try_from(*limit).unwrap_or(u32::MAX).into()),
        ]),
    }
}

#[expect(clippy::cast_precision_loss, reason = "no record is changed 2^53 times")]
fn describe_change(change: &Change) -> Result<JsValue, Fault> {
    let value = match &change.effect {
        Effect::Put(value) => bytes(value.as_bytes())?,
        Effect::Delete => JsValue::NULL,
        Effect::Keep => JsValue::UNDEFINED,
    };
    Ok(object([
        ("name", (&change.name).into()),
        ("expected", change.expected.map_or(JsValue::UNDEFINED, |revision| (revision as f64).into())),
        ("value", value),
    ]))
}

fn damaged() -> StoreError {
    StoreError::new(StoreErrorKind::Damaged, "the database of the vault holds something that is no record")
}

/// What the page's database holds is not trusted to be records.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked: a whole number, and none below 1"
)]
fn records(values: &JsValue) -> Option<Vec<Record>> {
    let length = list_length(values);
    if length < 0.0 {
        return None;
    }
    (0..length as u32)
        .map(|index| {
            let record = item(values, index);
            let name = member(&record, &"name".into()).as_string()?;
            let revision = member(&record, &"revision".into()).as_f64().filter(|revision| *revision >= 1.0)?;
            let value: api::Blob = read(&member(&record, &"value".into()), "a record's value").ok()?;
            Some(Record { name, revision: revision as u64, value: Sealed::from_stored(&value) })
        })
        .collect()
}

fn failure(kind: &str, text: &str) -> StoreError {
    let kind = match kind {
        "full" => StoreErrorKind::Full,
        "busy" => StoreErrorKind::Busy,
        "damaged" => StoreErrorKind::Damaged,
        _ => StoreErrorKind::Other,
    };
    StoreError::new(kind, text)
}
