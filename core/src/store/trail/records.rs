//! Whether the records are those that the trail names.
//!
//! Names are taken a range at a time, as many as memory should hold, and the trail is read once for each range: so a vault of any
//! size is verified.

use super::{
    super::{
        DamagedRecord, OpenVault, Record, RecordName, Transaction,
        name::{AUDIT, GENERATION},
        unless_damaged,
    },
    check::is_noted,
};
use crate::{
    audit::{Carried, Digest, Mention},
    error::{ErrorKind, Result},
};
use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};

/// How many records are compared at once.
const RANGE: usize = 100_000;
/// In place of an entry's number where what it said may not be the last that was said.
pub(super) const DOUBTFUL: u64 = 0;
/// How often what is wrong in a range is looked at again while others write.
const RECHECKS: usize = 50;

/// A record as the trail names it last.
#[derive(Clone, Copy)]
struct Named {
    entry: u64,
    revision: u64,
    digest: Option<Digest>,
    /// The entry that wrote it over an older state of the record, which had been put back.
    put_back: Option<u64>,
}

impl Named {
    fn new(entry: u64, revision: u64, digest: Option<Digest>) -> Self {
        Self { entry, revision, digest, put_back: None }
    }

    /// Whether what is said next can be said after this: revisions go up by one, and begin with 1 after a deletion.
    fn is_followed_by(&self, next: &Self) -> bool {
        match (self.digest, next.digest) {
            (Some(_), Some(_)) => next.revision > self.revision,
            (None, Some(_)) => next.revision == 1,
            (_, None) => true,
        }
    }
}

type Stored = BTreeMap<String, (u64, Digest)>;

/// A range of names: after the first, up to the last.
struct Range {
    after: Option<String>,
    last: Option<String>,
}

impl Range {
    fn has(&self, name: &str) -> bool {
        self.after.as_deref().is_none_or(|after| name > after) && self.last.as_deref().is_none_or(|last| name <= last)
    }
}

impl OpenVault {
    /// What the trail finds wrong: its own entries, and records that are not as it names them.
    pub(in crate::store) fn check_by_trail(&self, transaction: &Transaction<'_>) -> Result<Vec<DamagedRecord>> {
        if self.store.get(GENERATION)?.is_none() {
            let why = "it is gone, so that nothing says where the trail ends";
            return Ok(Vec::from([damaged(GENERATION, ErrorKind::RecordCorrupted, why)]));
        }
        // Damage there is reported like any other, and then the trail says nothing for certain.
        if unless_damaged(transaction.generation())?.is_none() {
            return Ok(Vec::new());
        }
        let walk = self.walk(transaction)?;
        let mut wrong: Vec<_> = walk
            .report
            .problems
            .iter()
            .filter(|problem| !is_noted(problem.kind))
            .map(|problem| damaged(&RecordName::audit(problem.entry), ErrorKind::RecordCorrupted, &problem.explanation))
            .collect();
        let Some(trail) = transaction.generation()?.generation.audit() else { return Ok(wrong) };
        // Where entries are gone, what they named is not known.
        let is_whole = trail.since == 1 && !walk.has_holes();
        let mut after = None;
        loop {
            let (found, last) = self.check_range(transaction, after.as_ref(), is_whole, !walk.has_holes())?;
            wrong.extend(found);
            match last {
                Some(last) => after = Some(last),
                None => return Ok(wrong),
            }
        }
    }

    /// Compares a range, and again where others wrote meanwhile. With the last name of the range, if there are more.
    fn check_range(
        &self,
        transaction: &Transaction<'_>,
        after: Option<&String>,
        is_whole: bool,
        has_all: bool,
    ) -> Result<(Vec<DamagedRecord>, Option<String>)> {
        let mut begun = self.store.generation()?;
        let mut range = Range { after: after.cloned(), last: None };
        let mut stored = self.stored_range(&mut range)?;
        let (mut named, mut end) = self.named_range(transaction, &mut range)?;
        if let Some(last) = &range.last {
            stored = stored.into_iter().take_while(|(name, _)| name <= last).collect();
        }
        let mut wrong = compare(&stored, &named, is_whole, has_all);
        let mut confirmed = Vec::new();
        for _ in 0..RECHECKS {
            let now = self.store.generation()?;
            if wrong.is_empty() || now == begun {
                return Ok((wrong, range.last));
            }
            // Others wrote meanwhile. What is wrong so far is compared as it is now, with what the trail has said since.
            begun = now;
            stored.clear();
            named.retain(|name, _| is_among(&wrong, name));
            for DamagedRecord { name, .. } in &wrong {
                if let Some(record) = self.store.get(name)? {
                    let digest = Digest(self.provider.digest.sha256(&[record.value.as_bytes()]));
                    stored.insert(name.clone(), (record.revision, digest));
                }
            }
            end = self.each_mention(transaction, end, |name, mention| {
                if is_among(&wrong, name) {
                    take(&mut named, name, mention);
                }
            })?;
            let found = compare(&stored, &named, is_whole, has_all);
            // A record that changes all the time is wrong in another way each time.
            confirmed = found.iter().filter(|found| wrong.contains(found)).cloned().collect();
            if confirmed.len() == found.len() {
                break;
            }
            wrong = found;
        }
        Ok((confirmed, range.last))
    }

    fn stored_range(&self, range: &mut Range) -> Result<Stored> {
        let mut stored = Stored::new();
        for records in self.pages_after("", range.after.clone()) {
            for Record { name, revision, value } in records? {
                if name == GENERATION || name.starts_with(AUDIT) {
                    continue;
                }
                if stored.len() >= RANGE {
                    range.last = stored.last_key_value().map(|(name, _)| name.clone());
                    return Ok(stored);
                }
                let digest = Digest(self.provider.digest.sha256(&[value.as_bytes()]));
                stored.insert(name, (revision, digest));
            }
        }
        Ok(stored)
    }

    /// What the trail names in a range, which may be made smaller.
    fn named_range(&self, transaction: &Transaction<'_>, range: &mut Range) -> Result<(BTreeMap<String, Named>, u64)> {
        let mut named: BTreeMap<String, Named> = BTreeMap::new();
        let first = transaction.generation()?.generation.audit().map_or(0, |trail| trail.first.saturating_sub(1));
        let end = self.each_mention(transaction, first, |name, mention| {
            if !range.has(name) {
                return;
            }
            take(&mut named, name, mention);
            if named.len() > RANGE * 2 {
                let last = named.keys().nth(RANGE).cloned();
                if let Some(last) = last {
                    named.split_off(&*last);
                    range.last = named.last_key_value().map(|(name, _)| name.clone());
                }
            }
        })?;
        Ok((named, end))
    }

    /// Calls for each record that an entry after that one names, in the order of the trail. Returns the number of the last entry.
    fn each_mention(
        &self,
        transaction: &Transaction<'_>,
        after: u64,
        mut call: impl FnMut(&str, Named),
    ) -> Result<u64> {
        let mut last = after;
        for records in self.pages_after(AUDIT, Some(RecordName::audit(after))) {
            for record in records? {
                let Some((number, entry, _)) = unless_damaged(self.open_entry(&transaction.key, &record))? else {
                    continue;
                };
                last = number;
                for Carried(name, revision, digest, entry) in &entry.header.carried {
                    call(name, Named::new(*entry, *revision, *digest));
                }
                for Mention(name, revision, digest) in &entry.header.writes {
                    call(name, Named::new(number, *revision, *digest));
                }
            }
        }
        Ok(last)
    }
}

/// Takes what is said last of a record.
fn take(named: &mut BTreeMap<String, Named>, name: &str, mention: Named) {
    match named.get_mut(name) {
        Some(known) if known.entry >= mention.entry => {}
        Some(known) => {
            let put_back = known.put_back.or((!known.is_followed_by(&mention)).then_some(mention.entry));
            *known = Named { put_back, ..mention };
        }
        None => {
            named.insert(name.to_string(), mention);
        }
    }
}

/// Whether a record is among damaged ones, which are in the order of their names.
pub(in crate::store) fn is_among(wrong: &[DamagedRecord], name: &str) -> bool {
    wrong.binary_search_by(|found| found.name.as_str().cmp(name)).is_ok()
}

fn compare(stored: &Stored, named: &BTreeMap<String, Named>, is_whole: bool, has_all: bool) -> Vec<DamagedRecord> {
    let mut wrong = Vec::new();
    for (name, Named { entry, revision, digest, put_back }) in named {
        if let Some(entry) = put_back {
            let explanation =
                format!("an older state of the record was put back, and the entry {entry} wrote over that");
            wrong.push(damaged(name, ErrorKind::RolledBack, &explanation));
            continue;
        }
        let (kind, explanation) = match (stored.get(name), digest) {
            (None, None) => continue,
            (Some((found, bytes)), Some(digest)) if found == revision && bytes == digest => continue,
            (Some((found, _)), Some(_)) if found < revision => (
                ErrorKind::RolledBack,
                format!("revision {found} was put back, the entry {entry} wrote revision {revision}"),
            ),
            // An entry that is gone, or that was damaged when it was removed, may have said so.
            _ if !has_all || *entry == DOUBTFUL => continue,
            (Some((found, _)), Some(_)) => (
                ErrorKind::RecordCorrupted,
                format!(
                    "revision {found} is none that the trail names; the entry {entry} wrote {revision}, of other bytes"
                ),
            ),
            (Some(_), None) => (ErrorKind::RolledBack, format!("the entry {entry} deleted it: it was put back")),
            (None, Some(_)) => (ErrorKind::RecordCorrupted, format!("it is gone; the entry {entry} wrote it")),
        };
        wrong.push(damaged(name, kind, &explanation));
    }
    let unnamed = stored.keys().filter(|name| is_whole && !named.contains_key(*name));
    wrong.extend(
        unnamed
            .map(|name| damaged(name, ErrorKind::RecordCorrupted, "it was put there: no entry of the trail names it")),
    );
    wrong.sort_by(|one, other| one.name.cmp(&other.name));
    wrong
}

fn damaged(name: &str, kind: ErrorKind, why: &str) -> DamagedRecord {
    DamagedRecord {
        name: name.to_string(),
        kind,
        explanation: format!("the record '{name}' is not as the audit trail says: {why}"),
    }
}
