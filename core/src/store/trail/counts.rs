//! Counting what the trail has, so that it is known when the events are gone: which requests are charged, and when each key was last
//! used.
//!
//! It is counted when someone asks, and before events are removed; a call pays nothing for it. A commit counts a page of events and
//! says how far it came, so that each event is counted once, whichever process counts.

use super::super::{Cause, OpenVault, RecordName, Transaction, name::AUDIT};
use crate::{
    audit::{Counted, CountedTo, LastUse, Recorded, Requests},
    error::Result,
    key::KeyRecord,
};
use alloc::string::ToString;

/// How many records one commit changes. A key's own record is looked at as well.
const RECORDS: usize = 60;

/// What a page of the trail comes to.
struct Page {
    /// How far it was counted before, and after it.
    from: CountedTo,
    to: CountedTo,
    counted: Counted,
}

impl OpenVault {
    /// Counts all that the trail has.
    pub(crate) fn count_events(&self) -> Result<()> {
        self.flush_first()?;
        loop {
            let page = self.once(|| self.read(|transaction| self.uncounted(transaction)))?;
            if page.counted.is_empty() {
                return Ok(());
            }
            self.once(|| {
                self.transact(Cause::Time, None, |transaction: &mut Transaction<'_>| note(transaction, &page))
            })?;
        }
    }

    /// The next events that are not counted.
    fn uncounted(&self, transaction: &mut Transaction<'_>) -> Result<Page> {
        let from = transaction.get::<CountedTo>(RecordName::counted())?.map_or_else(CountedTo::default, |known| *known);
        let mut page = Page { from, to: from, counted: Counted::default() };
        let Some(trail) = transaction.generation()?.generation.audit() else { return Ok(page) };
        let first = from.entry.max(trail.first);
        let after = RecordName::audit(first.saturating_sub(1));
        for records in self.pages_after(AUDIT, Some(after)) {
            for record in records? {
                // What is no entry of the trail was put there.
                if RecordName::audit_number(&record.name).is_none_or(|number| number > trail.entry) {
                    continue;
                }
                // What does not open is passed over: `verify_audit` names it.
                let Some((number, entry, _)) = self.read_entry(transaction, &record)? else { continue };
                page.to = page.to.beginning(entry.time());
                let counted = if number == from.entry { from.events } else { 0 };
                for (event, index) in entry.events().zip(1_u64..).skip(usize::try_from(counted).unwrap_or(usize::MAX)) {
                    if let Some(event) = Recorded::read(event) {
                        page.counted.add(&event);
                    }
                    page.to = CountedTo { entry: number, events: index, ..page.to };
                    if page.counted.records() >= RECORDS {
                        return transaction.unless_outdated(page);
                    }
                }
            }
        }
        transaction.unless_outdated(page)
    }
}

/// Adds a page to what is counted, unless someone else did.
fn note(transaction: &mut Transaction<'_>, page: &Page) -> Result<()> {
    let known = transaction.get::<CountedTo>(RecordName::counted())?;
    if known.map_or_else(CountedTo::default, |known| *known) != page.from {
        return Ok(());
    }
    for ((account, month), requests) in &page.counted.requests {
        let name = RecordName::requests(account, &month.to_string());
        let known = transaction.get::<Requests>(name.clone())?;
        let sum = known.map_or_else(Requests::default, |known| (*known).clone()).plus(requests);
        transaction.put(name, &sum)?;
    }
    for ((region, id), last) in &page.counted.uses {
        // What is left of a deleted key goes with it.
        if transaction.peek::<KeyRecord>(RecordName::key(region, id.as_bytes()))?.is_none() {
            continue;
        }
        let name = RecordName::last_use(region, id);
        let known = transaction.get::<LastUse>(name.clone())?;
        if known.is_none_or(|known| known.time() <= last.time()) {
            transaction.put(name, last)?;
        }
    }
    transaction.put(RecordName::counted(), &page.to)
}
