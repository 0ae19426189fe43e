//! The audit trail in the store: an entry for each commit that writes anything, in the same commit.
//!
//! An entry has the events of the commit, and what it wrote: which record, to which revision, and the digest of its sealed bytes. It
//! names the entry before, and the generation record names it. So what is removed, edited, reordered or inserted, of events and of
//! records, does not fit what the rest says.

mod check;
mod counts;
mod flush;
mod head;
mod pages;
mod records;
mod retention;
mod traces;

pub(super) use records::is_among;
pub(super) use traces::{Cut, Traces};

use super::{
    Change, Effect, OpenVault, Record, RecordName, Transaction, generation::Current, group::Members, name::AUDIT,
    vault_key::VaultKey,
};
use crate::{
    audit::{Batch, Entry, Event, Header, Lines, Link, Lost, Trail, digest},
    clock::Timestamp,
    crypto::Provider,
    error::{Error, ErrorKind, Result},
};
use alloc::{string::ToString, vec::Vec};

/// The most bytes of events that one commit has. Their number is bounded by what is expected of each; this is for the case that one
/// is expected to be far smaller than it is.
const MOST_BYTES: usize = 700 * 1024;

/// The number of the entry that comes next.
fn next_number(before: &Current) -> u64 {
    let after_trail = before.generation.audit().map_or(0, |trail| trail.entry.saturating_add(1));
    // Where the generation was lost it begins again.
    before.revision.saturating_add(1).max(after_trail)
}

/// The trail after an entry of that content.
fn after(provider: &Provider, before: Option<Trail>, number: u64, header: &Header, content: &[u8]) -> Trail {
    let digest = digest(provider, number, content);
    let events = header.before.saturating_add(header.events);
    match before {
        Some(trail) => Trail { entry: number, digest, events, ..trail },
        None => Trail { entry: number, digest, events, first: number, removed: 0, since: number },
    }
}

fn unwritable(error: &dyn core::fmt::Display) -> Error {
    Error::new(ErrorKind::KmsInternal, "a record cannot be written").explain(error.to_string())
}

impl OpenVault {
    /// The first entry, of the commit that makes the vault, and the trail that begins with it.
    pub(super) fn first_entry(&self, key: &VaultKey, changes: &[Change]) -> Result<Option<(Change, Trail)>> {
        if self.audit.is_off() {
            return Ok(None);
        }
        let Traces { writes, .. } = Traces::of(&self.provider, changes);
        let time = self.now().as_millis();
        let header = Header { previous: None, before: 0, events: 0, time, writes, carried: Vec::new() };
        let content = Entry { header, lines: Vec::new() };
        self.seal_entry(key, None, 1, &content, None).map(Some)
    }

    fn seal_entry(
        &self,
        key: &VaultKey,
        before: Option<Trail>,
        number: u64,
        entry: &Entry,
        planted: Option<u64>,
    ) -> Result<(Change, Trail)> {
        let name = RecordName::audit(number);
        let content = entry.to_bytes().map_err(|error| unwritable(&error))?;
        let revision = planted.unwrap_or(0).saturating_add(1);
        let value = key.sealer.seal(&self.provider, &name, revision, &content)?;
        let trail = after(&self.provider, before, number, &entry.header, &content);
        Ok((Change { name, expected: planted, effect: Effect::Put(value) }, trail))
    }

    /// The revision of a record that someone put in the place of the next entry.
    pub(super) fn planted_entry(&self, before: &Current) -> Result<Option<u64>> {
        let record = self.store.get(&RecordName::audit(next_number(before)))?;
        Ok(record.map(|record| record.revision))
    }

    /// The entry in a record of the trail, and the digest of the trail up to it.
    fn open_entry(&self, key: &VaultKey, record: &Record) -> Result<(u64, Entry, Link)> {
        let damaged = || {
            Error::new(ErrorKind::RecordCorrupted, "a record of the vault was altered, moved or rolled back").explain(
                alloc::format!("the record '{}' is no entry of the trail", crate::error::Untrusted(&record.name)),
            )
        };
        let number = RecordName::audit_number(&record.name).ok_or_else(damaged)?;
        let content = key.sealer.open(&self.provider, &record.name, record.revision, &record.value)?;
        let entry = Entry::read(content.expose())
            .ok_or_else(|| super::sealing::unreadable(&RecordName::from(&*record.name), &"it is new"))?;
        let digest = digest(&self.provider, number, content.expose());
        Ok((number, entry, Link { entry: number, digest }))
    }

    /// The trail as its entries say, where the generation record that vouched for it is lost.
    pub(super) fn recovered_trail(&self, key: &VaultKey) -> Result<Option<Trail>> {
        let mut trail: Option<Trail> = None;
        for records in self.pages_after(AUDIT, None) {
            for record in records? {
                let Some((number, entry, Link { digest, .. })) = super::unless_damaged(self.open_entry(key, &record))?
                else {
                    continue;
                };
                let Header { before, events, .. } = entry.header;
                let (first, removed) = trail.map_or((number, before), |trail| (trail.first, trail.removed));
                // From here on it names what is written, and nothing vouches for what it says of what was before.
                let since = number.saturating_add(1);
                let events = before.saturating_add(events);
                trail = Some(Trail { entry: number, digest, events, first, removed, since });
            }
        }
        Ok(trail)
    }
}

impl Transaction<'_> {
    /// What the trail is to say of these changes, which the transaction is about to make.
    pub(super) fn traces(&self, changes: &[Change]) -> Result<Traces> {
        let made = self.lines.read().clone();
        let lines = match made {
            Some(lines) => lines,
            None => self.make_lines()?,
        };
        Ok(Traces { lines, cut: self.cut.clone(), ..Traces::of(self.provider(), changes) })
    }

    /// The lines of this commit. Where it is computed again for each answer of a host, the ids of its events stay what they were.
    fn make_lines(&self) -> Result<Lines> {
        let gap = self.batch.as_ref().and_then(Batch::gap);
        let waiting = self.batch.iter().flat_map(Batch::events);
        let lines = self.lines_of(waiting.chain(&gap).chain(&self.events))?;
        if self.vault.fetched.is_some() {
            *self.lines.write() = Some(lines.clone());
        }
        Ok(lines)
    }

    /// Events as they are stored.
    fn lines_of<'e>(&self, events: impl Iterator<Item = &'e Event>) -> Result<Lines> {
        let mut lines = Lines::default();
        let mut ids = [0; 64 * 16];
        let mut unused: &[[u8; 16]] = &[];
        let mut left: Option<Lost> = None;
        for event in events {
            if lines.bytes.len() > MOST_BYTES {
                left = Lost::with(left, event);
                continue;
            }
            if unused.is_empty() {
                self.provider().fill_random(&mut ids)?;
                (unused, _) = ids.as_chunks();
            }
            if let Some((id, rest)) = unused.split_first() {
                event.write(id, &mut lines.bytes);
                lines.end_line();
                unused = rest;
            }
        }
        if let Some(lost) = left {
            let mut id = [0; 16];
            self.provider().fill_random(&mut id)?;
            lost.gap().write(&id, &mut lines.bytes);
            lines.end_line();
        }
        Ok(lines)
    }

    /// The entry that the members' commit makes after a generation, and the trail up to it; nothing where it has none. There is one
    /// for all of them.
    pub(super) fn entry(
        &self,
        before: &Current,
        members: &Members,
        now: Timestamp,
        planted: Option<u64>,
    ) -> Result<Option<(Change, Trail)>> {
        let trail = before.generation.audit();
        let traces = || members.entries().iter().map(|entry| &entry.traces);
        if (trail.is_none() && self.vault.audit.is_off()) || traces().all(Traces::is_empty) {
            return Ok(None);
        }
        let (mut lines, mut writes, mut carried, mut known) = (Lines::default(), Vec::new(), Vec::new(), trail);
        for traces in traces() {
            lines.extend(&traces.lines);
            writes.extend_from_slice(&traces.writes);
            if let Some(cut) = &traces.cut {
                carried.extend_from_slice(&cut.carried);
                // What a damaged entry named that goes is not known.
                let since = |trail: Trail| if cut.has_damage { cut.first } else { trail.since };
                known =
                    known.map(|trail| Trail { first: cut.first, removed: cut.removed, since: since(trail), ..trail });
            }
        }
        let header = Header {
            previous: trail.map(|Trail { entry, digest, .. }| Link { entry, digest }),
            before: trail.map_or(0, |trail| trail.events),
            events: lines.count,
            time: now.as_millis(),
            writes,
            carried,
        };
        let entry = Entry { header, lines: lines.bytes };
        self.vault.seal_entry(self.sealing_key(), known, next_number(before), &entry, planted).map(Some)
    }
}
