//! Changes of several callers in one commit.
//!
//! A disk takes as long to commit one change as fifty, and writers of one process come one after the other. So those who wait
//! for their turn lay their changes out, and the one with the turn makes them with its own, as far as they have nothing to do with
//! each other and fit one commit: in whatever order they had come, the same would have come out. Each waiter has an outcome
//! of its own.

use super::{Change, Effect, Store, StoreError, failure::unknown, trail::Traces};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    sync::{Pace, RwLock},
};
use alloc::{collections::BTreeMap, string::String, sync::Arc, vec, vec::Vec};

/// The changes that are left for the generation, the entry of the trail, and what else a commit brings by itself.
const RESERVED: usize = 10;
/// And the bytes.
const RESERVED_BYTES: usize = 64 * 1024;

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Commit {
    /// All is stored.
    Done,
    /// Something that was read has changed since: compute again.
    Conflict,
}

/// What one caller has to be committed, sealed, and what became of it.
pub(super) struct Entry {
    pub(super) changes: Vec<Change>,
    /// The revision of the vault key that it is sealed under.
    key: u64,
    pub(super) now: Timestamp,
    /// Whether somebody asked for it, and not time alone.
    pub(super) is_asked_for: bool,
    /// What the trail is to say of it.
    pub(super) traces: Traces,
    outcome: RwLock<Option<Result<Commit>>>,
}

impl Entry {
    pub(super) fn new(changes: Vec<Change>, key: u64, now: Timestamp, is_asked_for: bool, traces: Traces) -> Self {
        Self { changes, key, now, is_asked_for, traces, outcome: RwLock::new(None) }
    }

    /// The bytes that it has in the commit.
    fn length(&self) -> usize {
        self.changes.iter().map(Change::length).fold(self.traces.length(), usize::saturating_add)
    }

    /// Whether every record is as this expects it.
    fn holds(&self, store: &dyn Store) -> Result<bool, StoreError> {
        for Change { name, expected, .. } in &self.changes {
            if store.get(name)?.map(|record| record.revision) != *expected {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn conclude(&self, outcome: Result<Commit>) {
        *self.outcome.write() = Some(outcome);
    }

    fn concluded(&self) -> Option<Result<Commit>> {
        self.outcome.write().take()
    }
}

/// The entries of those who wait for their turn.
#[derive(Default)]
pub(super) struct Group {
    offered: RwLock<Vec<Arc<Entry>>>,
    pub(super) pace: Pace,
}

impl Group {
    /// Lays an entry out before its turn is waited for.
    pub(super) fn offer(&self, entry: &Arc<Entry>) {
        self.offered.write().push(Arc::clone(entry));
    }

    /// When it is one's turn: what became of the entry, if it was in somebody else's commit.
    pub(super) fn withdraw(&self, entry: &Arc<Entry>) -> Option<Result<Commit>> {
        let mut offered = self.offered.write();
        if let Some(at) = offered.iter().position(|other| Arc::ptr_eq(other, entry)) {
            offered.remove(at);
            return None;
        }
        drop(offered);
        // A store that panicked took the outcome with it.
        let lost = || Err(unknown(&StoreError::other("the store panicked in the middle of the commit")));
        Some(entry.concluded().unwrap_or_else(lost))
    }

    /// The members of the commit of the one with the turn: its own entry, and those that go with it.
    pub(super) fn join(&self, own: &Arc<Entry>) -> Members {
        let mut members = Members::alone(own);
        self.offered.write().retain(|entry| !members.takes(entry));
        members
    }
}

/// Who takes part in a commit.
pub(super) struct Members {
    own: Arc<Entry>,
    entries: Vec<Arc<Entry>>,
    /// What is expected of each record, and whether it is left as it is.
    records: BTreeMap<String, (Option<u64>, bool)>,
    bytes: usize,
}

impl Members {
    /// One alone, however large it is.
    pub(super) fn alone(own: &Arc<Entry>) -> Self {
        let records = own.changes.iter().map(|change| (change.name.clone(), expectation(change))).collect();
        let bytes = own.length();
        Self { own: Arc::clone(own), entries: vec![Arc::clone(own)], records, bytes }
    }

    /// Takes an entry along, if it fits, and neither changes what another one needs nor needs what another one changes.
    fn takes(&mut self, entry: &Arc<Entry>) -> bool {
        let fits = |change: &Change| match self.records.get(&change.name) {
            Some((expected, is_kept)) => *is_kept && expectation(change) == (*expected, true),
            None => true,
        };
        let new = entry.changes.iter().filter(|change| !self.records.contains_key(&change.name));
        let traces = entry.traces.length();
        let (count, bytes) = new.fold((0, traces), |(count, bytes), change| (count + 1, bytes + change.length()));
        let has_room = self.records.len() + count + RESERVED <= Change::MAX_PER_COMMIT
            && self.bytes + bytes + RESERVED_BYTES <= Change::MAX_COMMIT_BYTES;
        if entry.key != self.own.key || !has_room || !entry.changes.iter().all(fits) {
            return false;
        }
        self.records.extend(entry.changes.iter().map(|change| (change.name.clone(), expectation(change))));
        self.bytes += bytes;
        self.entries.push(Arc::clone(entry));
        true
    }

    pub(super) fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// All their changes, each record once.
    pub(super) fn changes(&self) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::with_capacity(self.records.len() + 1);
        let mut kept: Vec<&str> = Vec::new();
        for change in self.entries.iter().flat_map(|entry| &entry.changes) {
            // Only what is left as it is may be expected by several.
            if change.effect == Effect::Keep {
                if kept.contains(&&*change.name) {
                    continue;
                }
                kept.push(&change.name);
            }
            changes.push(change.clone());
        }
        changes
    }

    /// After a conflict: those whose records have changed leave, and compute again. Says whether any did.
    pub(super) fn sift(&mut self, store: &dyn Store) -> Result<bool, StoreError> {
        let count = self.entries.len();
        let mut left = Vec::with_capacity(count);
        for entry in &self.entries {
            if entry.holds(store)? {
                left.push(Arc::clone(entry));
            } else {
                entry.conclude(Ok(Commit::Conflict));
            }
        }
        self.entries = left;
        Ok(self.entries.len() < count)
    }

    /// Hands the commit's outcome to all that are still in it, and returns that of its maker.
    pub(super) fn conclude(self, outcome: Result<Commit>) -> Result<Commit> {
        for entry in self.entries.iter().filter(|entry| !Arc::ptr_eq(entry, &self.own)) {
            entry.conclude(outcome.as_ref().copied().map_err(Error::again));
        }
        self.own.concluded().unwrap_or(outcome)
    }
}

/// What a change expects, and whether it leaves the record as it is.
fn expectation(change: &Change) -> (Option<u64>, bool) {
    (change.expected, change.effect == Effect::Keep)
}
