//! Reading the trail, a page at a time.

use super::super::{OpenVault, Record, RecordName, Transaction, name::AUDIT, pages::Pages, unless_damaged};
use crate::{
    audit::{AuditOrder, AuditPage, AuditPosition, Entry, Link},
    error::Result,
};
use alloc::string::String;
use alloc::vec::Vec;

/// How many records are read at once.
const PAGE: usize = 100;
/// How many entries one page of events looks at.
const MOST_ENTRIES: usize = 100;
/// About how many bytes of events it has in memory.
const MOST_BYTES: usize = 1024 * 1024;

impl OpenVault {
    /// The records that begin so, page by page, after a name.
    pub(in crate::store) fn pages_after(&self, prefix: &str, last: Option<String>) -> Pages<'_> {
        Pages::new(&*self.store, prefix, PAGE).after(last)
    }

    /// An entry in a record of the trail as a transaction reads it; nothing where it is damaged. An error, too, where another process
    /// replaced the vault key, since what does not open may only be newer.
    pub(super) fn read_entry(
        &self,
        transaction: &Transaction<'_>,
        record: &Record,
    ) -> Result<Option<(u64, Entry, Link)>> {
        let key = &transaction.key;
        let opened = self.open_entry(key, record);
        unless_damaged(opened.map_err(|error| self.unless_followed(key, record, error)))
    }
}

impl OpenVault {
    /// A page of the events that are kept in the trail: at most `limit` of those of which `read` makes something.
    pub(crate) fn audit_page<T: Send + Sync + 'static>(
        &self,
        from: Option<AuditPosition>,
        order: AuditOrder,
        limit: usize,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<AuditPage<T>> {
        // Once, so that the pages of a list go on where the one before ended.
        if from.is_none() {
            self.flush_first()?;
        }
        // What is read may be another vault key's by now.
        self.read(|transaction| {
            let trail = transaction.generation()?.generation.audit();
            let newest = from.map_or_else(|| trail.map_or(0, |trail| trail.entry), |from| from.last);
            let records = Vec::new().into_iter();
            let mut reader = Reader { transaction, from, order, newest, looked: 0, records, last: None, read: None };
            let mut page = AuditPage { events: Vec::new(), next: None };
            let mut bytes = 0_usize;
            while let Some((number, entry)) = reader.next()? {
                let skipped = from.filter(|from| from.entry == number).map_or(0, |from| from.index as usize);
                for (index, event) in in_order(&entry, order).into_iter().enumerate().skip(skipped) {
                    let Some(found) = read(event) else { continue };
                    if page.events.len() >= limit {
                        let index = u32::try_from(index).unwrap_or(u32::MAX);
                        page.next = Some(AuditPosition { entry: number, index, last: newest });
                        return transaction.unless_outdated(page);
                    }
                    bytes = bytes.saturating_add(event.len());
                    page.events.push(found);
                }
                if reader.looked >= MOST_ENTRIES || page.events.len() >= limit || bytes >= MOST_BYTES {
                    break;
                }
            }
            page.next = reader.position()?;
            transaction.unless_outdated(page)
        })
    }
}

fn in_order(entry: &Entry, order: AuditOrder) -> Vec<&str> {
    let mut events: Vec<_> = entry.events().collect();
    if order == AuditOrder::NewestFirst {
        events.reverse();
    }
    events
}

/// Entries one after the other, in either direction.
struct Reader<'t, 'v> {
    transaction: &'t Transaction<'v>,
    from: Option<AuditPosition>,
    order: AuditOrder,
    /// The last entry of the list, where it is in their order.
    newest: u64,
    looked: usize,
    records: alloc::vec::IntoIter<Record>,
    /// The last entry that was looked at, and the one before it, as it says.
    last: Option<(u64, Option<u64>)>,
    /// The name up to which records were read, where they are read in their order.
    read: Option<String>,
}

impl Reader<'_, '_> {
    /// The next entry that opens, among as many as one page looks at.
    fn next(&mut self) -> Result<Option<(u64, Entry)>> {
        while self.looked < MOST_ENTRIES {
            let record = match self.order {
                AuditOrder::OldestFirst => self.after()?,
                AuditOrder::NewestFirst => self.before()?,
            };
            let Some(record) = record else { return Ok(None) };
            self.looked += 1;
            let number = RecordName::audit_number(&record.name).unwrap_or_default();
            if let Some((number, entry, _)) = self.transaction.vault.read_entry(self.transaction, &record)? {
                self.last = Some((number, entry.header.previous.map(|previous| previous.entry)));
                return Ok(Some((number, entry)));
            }
            // What it says of the one before is not known; the numbers are those of commits.
            self.last = Some((number, number.checked_sub(1)));
        }
        Ok(None)
    }

    fn after(&mut self) -> Result<Option<Record>> {
        if let Some(record) = self.records.next() {
            return Ok(Some(record));
        }
        let trail = self.transaction.generation()?.generation.audit();
        let Some(trail) = trail else { return Ok(None) };
        // What stands before it was removed, and is there only if someone put it back.
        let first = self.from.map_or(trail.first, |from| from.entry.max(trail.first));
        let read = self.read.get_or_insert_with(|| RecordName::audit(first.saturating_sub(1)));
        loop {
            let found = self.transaction.vault.store.scan(AUDIT, Some(read), PAGE)?;
            let Some(last) = found.last() else { return Ok(None) };
            if read.as_str() > &*RecordName::audit(self.newest) {
                return Ok(None);
            }
            read.clone_from(&last.name);
            // What has no number of the trail was put there, and does not end it.
            let is_entry = |record: &Record| {
                RecordName::audit_number(&record.name).is_some_and(|number| number <= trail.entry.min(self.newest))
            };
            let mut entries: Vec<_> = found.into_iter().filter(is_entry).collect();
            if !entries.is_empty() {
                let rest = entries.split_off(1);
                self.records = rest.into_iter();
                return Ok(entries.pop());
            }
        }
    }

    fn before(&mut self) -> Result<Option<Record>> {
        let trail = self.transaction.generation()?.generation.audit();
        let Some(trail) = trail else { return Ok(None) };
        let mut number = match self.last {
            Some((_, previous)) => previous,
            None => Some(self.from.map_or(trail.entry, |from| from.entry)),
        };
        // The entry that is named, or the nearest one where that is gone.
        while let Some(wanted) = number.filter(|number| *number >= trail.first) {
            if let Some(record) = self.transaction.vault.store.get(&RecordName::audit(wanted))? {
                return Ok(Some(record));
            }
            self.looked += 1;
            self.last = Some((wanted, wanted.checked_sub(1)));
            if self.looked >= MOST_ENTRIES {
                return Ok(None);
            }
            number = wanted.checked_sub(1);
        }
        self.last = self.last.map(|(last, _)| (last, None));
        Ok(None)
    }

    /// Where the next page begins.
    fn position(&mut self) -> Result<Option<AuditPosition>> {
        let Some((last, previous)) = self.last else { return Ok(None) };
        let entry = match self.order {
            AuditOrder::OldestFirst => {
                self.after()?.map(|record| RecordName::audit_number(&record.name).unwrap_or(last + 1))
            }
            AuditOrder::NewestFirst => {
                let trail = self.transaction.generation()?.generation.audit();
                previous.filter(|previous| trail.is_some_and(|trail| *previous >= trail.first))
            }
        };
        Ok(entry.map(|entry| AuditPosition { entry, index: 0, last: self.newest }))
    }
}
