//! A store in memory: for tests, for a vault that lives in a snapshot file, for a browser tab.

use super::{Change, CommitError, Effect, Record, Sealed, Store, StoreError, name::GENERATION};
use crate::sync::RwLock;
use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};
use core::ops::Bound;

/// Records in memory, gone with the process unless a snapshot was taken.
#[derive(Default)]
pub struct MemoryStore(RwLock<BTreeMap<String, (u64, Sealed)>>);

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }
}

impl FromIterator<Record> for MemoryStore {
    fn from_iter<I: IntoIterator<Item = Record>>(records: I) -> Self {
        let record = |Record { name, revision, value }| (name, (revision, value));
        Self(RwLock::new(records.into_iter().map(record).collect()))
    }
}

impl Store for MemoryStore {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        let records = self.0.read();
        let record = |(revision, value): &(u64, Sealed)| Record {
            name: name.to_string(),
            revision: *revision,
            value: value.clone(),
        };
        Ok(records.get(name).map(record))
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let records = self.0.read();
        let found = records.range::<str, _>((start, Bound::Unbounded)).take_while(|(name, _)| name.starts_with(prefix));
        let record = |(name, (revision, value)): (&String, &(u64, Sealed))| Record {
            name: name.clone(),
            revision: *revision,
            value: value.clone(),
        };
        Ok(found.take(limit).map(record).collect())
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        Change::check_bounds(&changes).map_err(CommitError::Failed)?;
        let mut records = self.0.write();
        let revision = |name: &String| records.get(name).map(|(revision, _)| *revision);
        if changes.iter().any(|change| revision(&change.name) != change.expected) {
            return Err(CommitError::Conflict);
        }
        for Change { name, expected, effect } in changes {
            match effect {
                Effect::Keep => {}
                Effect::Put(value) => {
                    records.insert(name, (expected.unwrap_or(0) + 1, value));
                }
                Effect::Delete => {
                    records.remove(&name);
                }
            }
        }
        Ok(())
    }

    fn is_durable(&self) -> bool {
        false
    }

    fn generation(&self) -> Result<u64, StoreError> {
        Ok(self.0.read().get(GENERATION).map_or(0, |(revision, _)| *revision))
    }
}
