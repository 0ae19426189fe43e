//! Records that do not open. Each concerns what needs it, and nothing else: code that passes one over notes it here, and the
//! host asks for it beside the answers.

use super::Record;
use crate::{
    error::{Error, ErrorKind, Result},
    sync::RwLock,
};
use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};

/// A record of the vault that does not open: it was altered, moved or rolled back, or a newer PocketKMS wrote it.
///
/// For the host alone, which can put the record back from a copy of the store: its name can reveal other callers' keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DamagedRecord {
    /// The record's name (docs/formats.md, "Record names"): which key, alias or material it belongs to.
    pub name: String,
    /// `RecordCorrupted`, or `UnsupportedVersion` of a newer record.
    pub kind: ErrorKind,
    /// What is wrong with it.
    pub explanation: String,
}

/// What was found so far, and the very records that it was found at.
#[derive(Default)]
pub(super) struct Damage(RwLock<BTreeMap<String, (Record, DamagedRecord)>>);

impl Damage {
    /// Notes an error at a record, if the record is what is wrong.
    pub(super) fn note(&self, record: &Record, error: &Error) {
        if is_damage(error) {
            let damaged = DamagedRecord {
                name: record.name.clone(),
                kind: error.kind(),
                explanation: error.explanation().unwrap_or_default().to_string(),
            };
            self.0.write().insert(record.name.clone(), (record.clone(), damaged));
        }
    }

    /// The record of that name that was found damaged.
    pub(super) fn noted(&self, name: &str) -> Option<Record> {
        self.0.read().get(name).map(|(record, _)| record.clone())
    }

    /// The names of all records that were found damaged.
    pub(super) fn names(&self) -> Vec<String> {
        self.0.read().keys().cloned().collect()
    }

    /// Forgets a record that is not as it was found any more.
    pub(super) fn forget_unless(&self, name: &str, stored: Option<&Record>) {
        let mut damage = self.0.write();
        if damage.get(name).is_some_and(|(record, _)| Some(record) != stored) {
            damage.remove(name);
        }
    }

    /// All that were found.
    pub(super) fn all(&self) -> Vec<DamagedRecord> {
        self.0.read().values().map(|(_, damaged)| damaged.clone()).collect()
    }
}

/// Whether an error says that a record does not open, and not that the store, or the vault's key, is wrong.
pub(crate) fn is_damage(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::RecordCorrupted | ErrorKind::UnsupportedVersion)
}

/// What came of a record, or nothing where the record is damaged, which was noted.
pub(crate) fn unless_damaged<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_damage(&error) => Ok(None),
        Err(error) => Err(error),
    }
}
