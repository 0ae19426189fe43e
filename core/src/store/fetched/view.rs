//! What a host has fetched, for as long as it is as the store has it.

use crate::store::{Change, Effect, Record, name::GENERATION};
use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};

/// Records kept at most, beyond what one operation needs.
const CAPACITY: usize = 20_000;

/// A scan: the beginning of the names, the name that they come after, and how many.
pub(super) type Scan = (String, Option<String>, usize);

/// Records and scans, none of them older than the generation that is among them: where that is still the store's, so are they.
#[derive(Default)]
pub(super) struct View {
    records: BTreeMap<String, Option<Record>>,
    scans: BTreeMap<Scan, Vec<Record>>,
}

impl View {
    /// A record, or that there is none; nothing where it was not fetched.
    #[expect(clippy::option_option, reason = "two questions: whether it was fetched, and whether it is there")]
    pub(super) fn get(&self, name: &str) -> Option<Option<Record>> {
        self.records.get(name).cloned()
    }

    pub(super) fn scan(&self, scan: &Scan) -> Option<Vec<Record>> {
        self.scans.get(scan).cloned()
    }

    pub(super) fn has_generation(&self) -> bool {
        self.records.contains_key(GENERATION)
    }

    /// Takes over a record. Another generation than before ends all that is held, which may be from before it.
    pub(super) fn put(&mut self, name: String, record: Option<Record>) {
        if name == GENERATION && self.records.get(GENERATION) != Some(&record) {
            self.clear();
        }
        self.records.insert(name, record);
    }

    pub(super) fn put_scan(&mut self, scan: Scan, records: Vec<Record>) {
        self.scans.insert(scan, records);
    }

    pub(super) fn clear(&mut self) {
        self.records.clear();
        self.scans.clear();
    }

    /// Ends what is more than is kept between operations.
    pub(super) fn shrink(&mut self) {
        let scanned: usize = self.scans.values().map(Vec::len).sum();
        if scanned > CAPACITY {
            self.scans.clear();
        }
        if self.records.len() > CAPACITY {
            let generation = self.records.remove(GENERATION);
            self.clear();
            self.records.extend(generation.map(|record| (GENERATION.to_string(), record)));
        }
    }

    /// Does what a commit did that happened. It expected a generation; if that is not the one that is held, others came between.
    pub(super) fn apply(&mut self, changes: &[Change]) {
        let is_next = |change: &&Change| change.name == GENERATION && change.expected == self.revision(GENERATION);
        if !changes.iter().any(|change| is_next(&change)) {
            self.clear();
        }
        for Change { name, expected, effect } in changes {
            let record = match effect {
                Effect::Keep => continue,
                Effect::Delete => None,
                Effect::Put(value) => {
                    Some(Record { name: name.clone(), revision: expected.unwrap_or(0) + 1, value: value.clone() })
                }
            };
            self.scans.retain(|(prefix, _, _), _| !name.starts_with(&**prefix));
            self.records.insert(name.clone(), record);
        }
    }

    fn revision(&self, name: &str) -> Option<u64> {
        self.records.get(name)?.as_ref().map(|record| record.revision)
    }
}
