//! Removing the oldest entries, so that what is left can still be verified.
//!
//! Where the trail begins then stands in the generation record, with the number of events before; the first entry that is kept
//! names the digest of all that went. What the removed entries say of records is needed as long as no later one says something else:
//! it is carried over into the entry of the commit that removes them.

use super::{
    super::{Cause, OpenVault, RecordName, Transaction, name::AUDIT, transaction::Write},
    Cut,
};
use crate::{
    audit::{Carried, Mention, Trail},
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

/// Which entries go.
#[derive(Clone, Copy)]
enum Limit {
    /// Those from before that time.
    Before(Timestamp),
    /// The oldest, until so many events are left.
    Events(u64),
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
    cut: Option<Cut>,
}

impl OpenVault {
    /// Removes what was recorded before that time, and returns how many events that were. The newest entry stays in any case.
    pub(crate) fn remove_audit_before(&self, time: Timestamp) -> Result<u64> {
        self.count_events()?;
        self.shorten(Limit::Before(time), Cause::Caller)
    }

    /// Whether a vault that lives in memory has recorded more than it keeps.
    pub(in crate::store) fn is_trail_too_long(&self, trail: Option<Trail>) -> bool {
        let most = (MOST_IN_MEMORY + SLACK).max(self.shortened_at.load(Ordering::Relaxed) as u64);
        self.fetched.is_none()
            && !self.store.is_durable()
            && trail.is_some_and(|trail| trail.events.saturating_sub(trail.removed) > most)
    }

    /// Removes the oldest events of a vault that lives in memory. One that cannot be shortened, since an entry is damaged, is tried
    /// again when it is longer: each attempt reads all of it.
    pub(in crate::store) fn keep_trail_short(&self) {
        let shortened = self.count_events().and_then(|()| self.shorten(Limit::Events(MOST_IN_MEMORY), Cause::Time));
        let trail = self.generation(&self.key()).ok().and_then(|current| current.generation.audit());
        let length = trail.map_or(0, |trail| trail.events.saturating_sub(trail.removed));
        let next = if shortened.is_ok() { 0 } else { length + SLACK };
        self.shortened_at.store(usize::try_from(next).unwrap_or(usize::MAX), Ordering::Relaxed);
    }

    fn shorten(&self, limit: Limit, cause: Cause) -> Result<u64> {
        let mut removed = 0_u64;
        // Each removal is a commit with an entry of its own, and those are not to be removed in turn.
        let newest = self.once(|| {
            self.read(|transaction| Ok(transaction.generation()?.generation.audit().map_or(0, |trail| trail.entry)))
        })?;
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
        // What each record is said to be last, and in which page.
        let mut last: BTreeMap<String, Last> = BTreeMap::new();
        let mut pages: Vec<Page> = Vec::new();
        let (mut bytes, mut is_over) = (0_usize, false);
        let after = RecordName::audit(trail.first.saturating_sub(1));
        for records in self.pages_after(AUDIT, Some(after)) {
            for record in records? {
                // What is no entry of the trail was put there, and `verify_audit` names it.
                if RecordName::audit_number(&record.name).is_none_or(|number| number > trail.entry) {
                    continue;
                }
                let opened = self.open_entry(&transaction.key, &record);
                let (number, entry, _) =
                    opened.map_err(|error| self.unless_followed(&transaction.key, &record, error))?;
                let goes = match limit {
                    Limit::Before(time) => entry.time() < time,
                    Limit::Events(most) => trail.events.saturating_sub(entry.header.before) > most,
                };
                is_over |= !goes || number >= newest || last.len() >= LOOKED_UP;
                let writes = entry.header.writes.into_iter();
                let said = writes.map(|Mention(name, revision, digest)| Carried(name, revision, digest, number));
                let said = entry.header.carried.into_iter().chain(said);
                if is_over {
                    // The rest of the trail says what is outdated of it.
                    for Carried(name, _, _, made) in said {
                        match last.get_mut(&name) {
                            Some(known) if made > known.carried.3 => {
                                last.remove(&name);
                            }
                            Some(known) => known.is_disputed = true,
                            None => {}
                        }
                    }
                    if let Some(page) = pages.last_mut().filter(|page| page.cut.is_none()) {
                        page.cut = Some(Cut { first: number, removed: entry.header.before, carried: Vec::new() });
                    }
                    continue;
                }
                let said: Vec<_> = said.collect();
                let length: usize = said.iter().map(|Carried(name, ..)| name.len() + 120).sum();
                let is_full = |page: &Page| page.entries.len() >= ENTRIES || bytes + length > CARRIED_BYTES;
                if pages.last().is_none_or(is_full) {
                    if let Some(page) = pages.last_mut() {
                        page.cut = Some(Cut { first: number, removed: entry.header.before, carried: Vec::new() });
                    }
                    pages.push(Page { begins: number, ..Page::default() });
                    bytes = 0;
                }
                bytes += length;
                let page = pages.len() - 1;
                for carried in said {
                    if last.get(&carried.0).is_none_or(|known| known.carried.3 <= carried.3) {
                        last.insert(carried.0.clone(), Last { page, carried, is_disputed: false });
                    }
                }
                pages.last_mut().into_iter().for_each(|page| page.entries.push((record.name.clone(), record.revision)));
            }
        }
        for Last { page, carried, is_disputed } in last.into_values() {
            let Some(Page { cut: Some(cut), .. }) = pages.get_mut(page) else { continue };
            if carried.2.is_some() || is_disputed {
                cut.carried.push(carried);
            }
        }
        pages.retain(|page| page.cut.is_some());
        Ok(pages)
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
