//! Counting what the trail has, so that it is known when the events are gone: which requests are charged, and when each key was last
//! used.
//!
//! It is counted when someone asks, and before events are removed; a call pays nothing for it. A commit counts a page of events and
//! says how far it came, so that each event is counted once, whichever process counts.

use super::super::{Cause, OpenVault, RecordName, Transaction, name::AUDIT, unless_damaged};
use crate::{
    audit::{Counted, CountedTo, LastUse, Recorded, Requests},
    error::Result,
    key::KeyRecord,
};
use alloc::string::ToString;

/// How many records one commit changes. A key's own record is looked at as well.
const RECORDS: usize = 60;
/// How many entries it looks at.
const ENTRIES: usize = 1000;

/// What a page of the trail comes to.
struct Page {
    /// How far it was counted before, and after it.
    from: CountedTo,
    to: CountedTo,
    counted: Counted,
    /// Whether more comes after it.
    has_more: bool,
}

impl OpenVault {
    /// Counts all that the trail has by now. What others record meanwhile is counted the next time, so that it comes to an end.
    pub(crate) fn count_events(&self) -> Result<()> {
        self.flush_first()?;
        let newest = self.once(|| self.newest_entry())?;
        loop {
            let page = self.once(|| self.read(|transaction| self.uncounted(transaction, *newest)))?;
            // Since when it is counted is kept, too.
            let begins = page.from == CountedTo::default() && page.to != page.from;
            if page.has_more || begins || !page.counted.is_empty() {
                self.once(|| {
                    self.transact(Cause::Time, None, |transaction: &mut Transaction<'_>| note(transaction, &page))
                })?;
            }
            if !page.has_more {
                return Ok(());
            }
        }
    }

    /// The number of the newest entry, 0 without a trail.
    pub(super) fn newest_entry(&self) -> Result<u64> {
        self.read(|transaction| Ok(transaction.generation()?.generation.audit().map_or(0, |trail| trail.entry)))
    }

    /// The next events that are not counted.
    fn uncounted(&self, transaction: &mut Transaction<'_>, newest: u64) -> Result<Page> {
        let Some(from) = counted_to(transaction)? else {
            // Where that is lost it is counted from here on: what was counted before would be counted twice.
            let now = transaction.now().as_millis();
            let to = CountedTo { entry: newest, events: u64::MAX, since: now };
            return Ok(Page { from: CountedTo::default(), to, counted: Counted::default(), has_more: true });
        };
        let mut page = Page { from, to: from, counted: Counted::default(), has_more: false };
        let Some(trail) = transaction.generation()?.generation.audit() else { return Ok(page) };
        let mut looked = 0;
        let first = from.entry.max(trail.first);
        let after = RecordName::audit(first.saturating_sub(1));
        for records in self.pages_after(AUDIT, Some(after)) {
            for record in records? {
                // What is no entry of the trail was put there.
                if RecordName::audit_number(&record.name).is_none_or(|number| number > newest) {
                    continue;
                }
                if looked >= ENTRIES {
                    page.has_more = true;
                    return transaction.unless_outdated(page);
                }
                looked += 1;
                // What does not open is passed over: `verify_audit` names it.
                let Some((number, entry, _)) = self.read_entry(transaction, &record)? else { continue };
                page.to = page.to.beginning(entry.time());
                let counted = if number == from.entry { from.events } else { 0 };
                page.to = CountedTo { entry: number, events: counted, ..page.to };
                for (event, index) in entry.events().zip(1_u64..).skip(usize::try_from(counted).unwrap_or(usize::MAX)) {
                    if let Some(event) = Recorded::read(event) {
                        page.counted.add(&event);
                    }
                    page.to = CountedTo { entry: number, events: index, ..page.to };
                    if page.counted.records() >= RECORDS {
                        page.has_more = true;
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
    if counted_to(transaction)?.is_some_and(|known| known != page.from) {
        return Ok(());
    }
    // A record that is damaged, which the host is told, begins anew.
    for ((account, month), requests) in &page.counted.requests {
        let name = RecordName::requests(account, &month.to_string());
        let known = unless_damaged(transaction.get::<Requests>(name.clone()))?.flatten();
        let sum = known.map_or_else(Requests::default, |known| (*known).clone()).plus(requests);
        transaction.put(name, &sum)?;
    }
    for ((region, id), last) in &page.counted.uses {
        // What is left of a deleted key goes with it.
        let key = transaction.peek::<KeyRecord>(RecordName::key(region, id.as_bytes()));
        if unless_damaged(key)?.flatten().is_none() {
            continue;
        }
        let name = RecordName::last_use(region, id);
        let known = unless_damaged(transaction.get::<LastUse>(name.clone()))?.flatten();
        if known.is_none_or(|known| known.time() <= last.time()) {
            transaction.put(name, last)?;
        }
    }
    transaction.put(RecordName::counted(), &page.to)
}

/// How far it was counted; nothing where that is damaged.
fn counted_to(transaction: &mut Transaction<'_>) -> Result<Option<CountedTo>> {
    let known = unless_damaged(transaction.get::<CountedTo>(RecordName::counted()))?;
    Ok(known.map(|known| known.map_or_else(CountedTo::default, |known| *known)))
}
