//! Removing the oldest entries, so that what is left can still be verified.
//!
//! Where the trail begins then stands in the generation record, with the number of events before; the first entry that is kept
//! names the digest of all that went. What the removed entries say of records is needed as long as no later one says something else:
//! it is carried over into the entry of the commit that removes them.

use super::{
    super::{Cause, OpenVault, RecordName, Transaction, name::AUDIT, transaction::Write},
    Cut,
    records::DOUBTFUL,
};
use crate::{
    audit::{Carried, Entry, Header, Mention, Trail},
    clock::Timestamp,
    error::{Error, ErrorKind, Result},
};
use alloc::{collections::BTreeMap, string::String, vec::Vec};
use core::sync::atomic::Ordering;

/// How many entries one commit removes.
const ENTRIES: usize = 40;
/// How many bytes of what they say one commit carries over, about.
const CARRIED_BYTES: usize = 256 * 1024;
/// About how many records are looked up in the rest of the trail at once.
const LOOKED_UP: usize = 50_000;
/// How many events a vault keeps that lives in memory, and in snapshots.
const MOST_IN_MEMORY: u64 = 10_000;
/// And how many more there may be, before the oldest are removed.
const SLACK: u64 = 2_000;
/// How many bytes of entries it keeps: an event may be a hundred times as long as most.
const MOST_BYTES_IN_MEMORY: usize = 16 * 1024 * 1024;
/// And how many more there may be.
const SLACK_BYTES: usize = MOST_BYTES_IN_MEMORY / 4;

/// Which entries go.
#[derive(Clone, Copy)]
enum Limit {
    /// Those from before that time.
    Before(Timestamp),
    /// The oldest, until there is no more than a vault keeps that lives in memory.
    InMemory,
}

/// What is to become of an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Goes,
    /// It goes if the next one does that says more: it does not open, or its date is still to come.
    Unknown,
    Stays,
}

/// An entry on its way out, if those after it go.
struct Candidate {
    name: String,
    revision: u64,
    number: u64,
    /// Nothing where it does not open.
    header: Option<Header>,
}

impl Candidate {
    /// What it says of records.
    fn said(&mut self) -> Vec<Carried> {
        let Some(Header { carried, writes, .. }) = &mut self.header else { return Vec::new() };
        let writes = core::mem::take(writes).into_iter();
        let said = writes.map(|Mention(name, revision, digest)| Carried(name, revision, digest, self.number));
        core::mem::take(carried).into_iter().chain(said).collect()
    }
}

/// What the entries that go say of a record last.
struct Last {
    page: usize,
    carried: Carried,
    /// Whether an entry that stays says something older, so that a deletion is still to be known.
    is_disputed: bool,
}

/// What one commit removes.
#[derive(Default)]
struct Page {
    /// The records, and their revisions.
    entries: Vec<(String, u64)>,
    begins: u64,
    has_damage: bool,
    cut: Option<Cut>,
}

/// Which entries go, as far as they were looked at.
#[derive(Default)]
struct Plan {
    /// Where the trail begins.
    first: u64,
    /// The last entry that was taken.
    seen: Option<u64>,
    pages: Vec<Page>,
    /// What each record is said to be last, and in which page.
    last: BTreeMap<String, Last>,
    /// What the last page has to carry over, about.
    bytes: usize,
    /// How many events there were up to the last entry that goes and opens.
    removed: u64,
}

impl Plan {
    /// Takes one that goes.
    fn take(&mut self, mut gone: Candidate) {
        let said = gone.said();
        let length: usize = said.iter().map(|Carried(name, ..)| name.len() + 120).sum();
        let is_full = |page: &Page| page.entries.len() >= ENTRIES || self.bytes + length > CARRIED_BYTES;
        let is_whole = gone.header.is_some() && self.is_followed_by(&gone);
        if self.pages.last().is_none_or(is_full) {
            self.cut_before(&gone);
            let begins = if self.pages.is_empty() { self.first } else { gone.number };
            self.pages.push(Page { begins, ..Page::default() });
            self.bytes = 0;
        }
        self.bytes += length;
        self.seen = Some(gone.number);
        if let Some(header) = &gone.header {
            self.removed = header.before.saturating_add(header.events);
        }
        if !is_whole {
            self.doubt();
        }
        let page = self.pages.len() - 1;
        for carried in said {
            if self.last.get(&carried.0).is_none_or(|known| known.carried.3 <= carried.3) {
                self.last.insert(carried.0.clone(), Last { page, carried, is_disputed: false });
            }
        }
        if let Some(page) = self.pages.last_mut() {
            page.has_damage |= !is_whole;
            page.entries.push((gone.name, gone.revision));
        }
    }

    /// Takes note of one that stays: it says what is outdated of those that go.
    fn keep(&mut self, mut kept: Candidate) {
        self.cut_before(&kept);
        for Carried(name, _, _, made) in kept.said() {
            match self.last.get_mut(&name) {
                Some(known) if made > known.carried.3 => {
                    self.last.remove(&name);
                }
                Some(known) => known.is_disputed = true,
                None => {}
            }
        }
    }

    /// Whether no entry is missing before the next one, as far as that one says.
    fn is_followed_by(&self, next: &Candidate) -> bool {
        match (self.seen, &next.header) {
            (None, _) => next.number == self.first,
            (Some(seen), Some(header)) => header.previous.is_some_and(|previous| previous.entry == seen),
            (Some(_), None) => true,
        }
    }

    /// One that is missing, or does not open, may have said something later of each record.
    fn doubt(&mut self) {
        self.last.values_mut().for_each(|last| last.carried.3 = DOUBTFUL);
    }

    /// Ends the last page, after which this one comes.
    fn cut_before(&mut self, next: &Candidate) {
        let removed = next.header.as_ref().map_or(self.removed, |header| header.before);
        let is_whole = self.is_followed_by(next);
        if self.pages.last().is_some_and(|page| page.cut.is_none()) && !is_whole {
            self.doubt();
        }
        if let Some(page) = self.pages.last_mut().filter(|page| page.cut.is_none()) {
            let has_damage = page.has_damage || !is_whole;
            page.cut = Some(Cut { first: next.number, removed, has_damage, carried: Vec::new() });
        }
    }

    /// `names_all`: whether the trail names every record, so that one that it does not name is known not to belong there.
    fn finish(mut self, names_all: bool) -> Vec<Page> {
        for Last { page, carried, is_disputed } in self.last.into_values() {
            let Some(Page { cut: Some(cut), .. }) = self.pages.get_mut(page) else { continue };
            // A record that was deleted, and may be put back.
            let is_gone = (is_disputed || !names_all) && carried.3 != DOUBTFUL;
            if carried.2.is_some() || is_gone {
                cut.carried.push(carried);
            }
        }
        self.pages.retain(|page| page.cut.is_some());
        self.pages
    }
}

impl OpenVault {
    /// Removes what was recorded before that time, and returns how many events that were. The newest entry stays in any case.
    pub(crate) fn remove_audit_before(&self, time: Timestamp) -> Result<u64> {
        self.shorten(Limit::Before(time), Cause::Caller)
    }

    /// Whether a vault that lives in memory has recorded more than it keeps.
    pub(in crate::store) fn is_trail_too_long(&self, trail: Option<Trail>) -> bool {
        let most = (MOST_IN_MEMORY + SLACK).max(self.shortened_at.load(Ordering::Relaxed) as u64);
        let is_large = self.trail_bytes.load(Ordering::Relaxed) > MOST_BYTES_IN_MEMORY + SLACK_BYTES;
        self.fetched.is_none()
            && !self.store.is_durable()
            && trail.is_some_and(|trail| is_large || trail.events.saturating_sub(trail.removed) > most)
    }

    /// Removes the oldest events of a vault that lives in memory. One that cannot be shortened is tried again when it is longer: each
    /// attempt reads all of it.
    pub(in crate::store) fn keep_trail_short(&self) {
        let shortened = self.shorten(Limit::InMemory, Cause::Time);
        let current = self.key().and_then(|key| self.generation(&key)).ok();
        let trail = current.and_then(|current| current.generation.audit());
        let length = trail.map_or(0, |trail| trail.events.saturating_sub(trail.removed));
        let next = if shortened.is_ok() { 0 } else { length + SLACK };
        self.shortened_at.store(usize::try_from(next).unwrap_or(usize::MAX), Ordering::Relaxed);
        let bytes = trail.and_then(|trail| self.trail_length(trail).ok()).unwrap_or(MOST_BYTES_IN_MEMORY);
        self.trail_bytes.store(bytes.min(MOST_BYTES_IN_MEMORY), Ordering::Relaxed);
    }

    /// How many bytes the entries have that are kept.
    fn trail_length(&self, trail: Trail) -> Result<usize> {
        let mut bytes = 0_usize;
        for records in self.pages_after(AUDIT, Some(RecordName::audit(trail.first.saturating_sub(1)))) {
            bytes = records?.iter().map(|record| record.value.as_bytes().len()).fold(bytes, usize::saturating_add);
        }
        Ok(bytes)
    }

    fn shorten(&self, limit: Limit, cause: Cause) -> Result<u64> {
        let mut removed = 0_u64;
        // What goes is counted first, so what another process stores from here on stays. Each removal is a commit with an entry of its
        // own, and those are not to be removed in turn.
        self.flush_first()?;
        let newest = self.once(|| self.newest_entry())?;
        self.count_events()?;
        loop {
            let pages = self.once(|| self.read(|transaction| self.plan(transaction, limit, *newest)))?;
            if pages.is_empty() {
                return Ok(removed);
            }
            for page in pages.iter() {
                removed = removed.saturating_add(*self.once(|| self.remove(page, cause))?);
            }
        }
    }

    /// The next entries that go, of those before the newest, and what of them is carried over.
    fn plan(&self, transaction: &Transaction<'_>, limit: Limit, newest: u64) -> Result<Vec<Page>> {
        let Some(trail) = transaction.generation()?.generation.audit() else { return Ok(Vec::new()) };
        let mut bytes_left = match limit {
            Limit::Before(_) => 0,
            Limit::InMemory => self.trail_length(trail)?,
        };
        let mut plan = Plan { first: trail.first, removed: trail.removed, ..Plan::default() };
        let (mut unknown, mut is_over) = (Vec::new(), false);
        let after = RecordName::audit(trail.first.saturating_sub(1));
        for records in self.pages_after(AUDIT, Some(after)) {
            for record in records? {
                // What is no entry of the trail was put there, and `verify_audit` names it.
                let Some(number) = RecordName::audit_number(&record.name).filter(|number| *number <= trail.entry)
                else {
                    continue;
                };
                let length = record.value.as_bytes().len();
                let entry = self.read_entry(transaction, &record)?.map(|(_, entry, _)| entry);
                let fate = match (limit, &entry) {
                    _ if number >= newest => Fate::Stays,
                    (_, None) => Fate::Unknown,
                    // A clock that was ahead then says nothing about when it was.
                    (Limit::Before(_), Some(entry)) if entry.time() > transaction.now => Fate::Unknown,
                    (Limit::Before(time), Some(entry)) if entry.time() < time => Fate::Goes,
                    (Limit::InMemory, Some(Entry { header, .. }))
                        if trail.events.saturating_sub(header.before) > MOST_IN_MEMORY
                            || bytes_left > MOST_BYTES_IN_MEMORY =>
                    {
                        Fate::Goes
                    }
                    _ => Fate::Stays,
                };
                bytes_left = bytes_left.saturating_sub(length);
                let header = entry.map(|entry| entry.header);
                let candidate = Candidate { name: record.name, revision: record.revision, number, header };
                is_over |= fate == Fate::Stays || plan.last.len() >= LOOKED_UP;
                if is_over {
                    unknown.drain(..).for_each(|candidate| plan.keep(candidate));
                    plan.keep(candidate);
                } else {
                    unknown.push(candidate);
                    if fate == Fate::Goes {
                        unknown.drain(..).for_each(|candidate| plan.take(candidate));
                    }
                }
            }
        }
        unknown.drain(..).for_each(|candidate| plan.keep(candidate));
        Ok(plan.finish(trail.since == 1))
    }

    /// Removes a page, and returns how many events it had.
    fn remove(&self, page: &Page, cause: Cause) -> Result<u64> {
        self.transact(cause, None, |transaction: &mut Transaction<'_>| {
            let trail = transaction.generation()?.generation.audit();
            let (Some(trail), Some(cut)) = (trail, &page.cut) else { return Ok(0) };
            if trail.first != page.begins {
                return Err(Error::new(
                    ErrorKind::Conflict,
                    "the audit trail is being shortened by another process: retry",
                ));
            }
            for (name, revision) in &page.entries {
                transaction.rewrite(&RecordName::from(&**name), *revision, Write::Delete);
            }
            transaction.cut = Some(cut.clone());
            Ok(cut.removed.saturating_sub(trail.removed))
        })
    }
}
