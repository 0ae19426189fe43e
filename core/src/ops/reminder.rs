//! The index that reminds of what time does to keys: of deletions, and of imported material that expires.

use crate::{
    clock::Timestamp,
    error::Result,
    key::KeyRecord,
    store::{RecordName, Transaction},
};

/// Puts an entry for a key into the index. There may be one of that moment already, for the other reason.
pub(super) fn put(transaction: &mut Transaction<'_>, key: &KeyRecord, date: Timestamp) -> Result<()> {
    let entry = RecordName::deletion(date, &key.region, &key.id);
    transaction.note(&entry)?;
    transaction.put(entry, &())
}

/// Takes a key out of the index of scheduled deletions, if it is there and nothing of it expires at that very moment.
pub(super) fn remove_deletion(transaction: &mut Transaction<'_>, key: &KeyRecord) -> Result<()> {
    match key.deletion.as_ref().and_then(|deletion| deletion.date) {
        Some(date) if key.next_expiry() != Some(date) => remove(transaction, key, date),
        _ => Ok(()),
    }
}

/// Takes out the entry of what expires next.
pub(super) fn remove_expiry(transaction: &mut Transaction<'_>, key: &KeyRecord) -> Result<()> {
    match key.next_expiry() {
        Some(date) => remove(transaction, key, date),
        None => Ok(()),
    }
}

fn remove(transaction: &mut Transaction<'_>, key: &KeyRecord, date: Timestamp) -> Result<()> {
    let entry = RecordName::deletion(date, &key.region, &key.id);
    if transaction.note(&entry)? {
        transaction.delete(entry);
    }
    Ok(())
}
