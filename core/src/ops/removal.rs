//! What is left of a deleted key. The deletion itself is one small commit, after which the key is gone for everybody; its
//! materials, rotations and grants follow in pages, by the first call that meets the entry of the list of removals: the call
//! that deleted the key, or a later one of any process.

use super::grant_store;
use crate::{
    access::GrantRecord,
    error::Result,
    key::{KeyId, Region},
    store::{Cause, OpenVault, RecordName, Transaction},
    sync::Turn,
};

/// How many records go at once: with the header, the generation, the entry and the key's name no more than one commit may have.
const PAGE: usize = 90;

/// Removes all that is left of the key of that entry.
pub(super) fn finish(vault: &OpenVault, turn: Option<&Turn<'_>>, entry: &RecordName) -> Result<()> {
    while vault.transact(Cause::Time, turn, |transaction| remove_page(transaction, entry))? {}
    Ok(())
}

/// Removes a page. Says whether more is left.
fn remove_page(transaction: &mut Transaction<'_>, entry: &RecordName) -> Result<bool> {
    let Some((region, id)) = entry.removed_key() else { return Ok(false) };
    if !transaction.note(entry)? {
        return Ok(false);
    }
    // The list reminds, and decides nothing: what belongs to a key that is there stays.
    let owner =
        if region.is_shared_place() { RecordName::multi_region(&id) } else { RecordName::key(&region, id.as_bytes()) };
    let mut room = if transaction.note(&owner)? { None } else { Some(PAGE) };
    for part in [materials, rotations, grants, grantees] {
        if let Some(left) = room.filter(|left| *left > 0) {
            room = Some(left.saturating_sub(part(transaction, &region, &id, left)?));
        }
    }
    // Where the page is not full, nothing else is there.
    let more = room == Some(0);
    if !more {
        transaction.delete(entry.clone());
    }
    Ok(more)
}

fn materials(transaction: &mut Transaction<'_>, region: &Region, id: &KeyId, room: usize) -> Result<usize> {
    remove(transaction, &RecordName::materials(region, id), room)
}

fn rotations(transaction: &mut Transaction<'_>, region: &Region, id: &KeyId, room: usize) -> Result<usize> {
    remove(transaction, &RecordName::rotations(region, id), room)
}

/// The index by grantee, after the grants.
fn grantees(transaction: &mut Transaction<'_>, region: &Region, id: &KeyId, room: usize) -> Result<usize> {
    remove(transaction, &RecordName::grantees(region, id.as_bytes()), room)
}

/// Removes the first records that begin so, and says how many.
fn remove(transaction: &mut Transaction<'_>, prefix: &str, room: usize) -> Result<usize> {
    let names = transaction.scan_names(prefix, None, room)?;
    let removed = names.len();
    for name in names {
        transaction.delete(name);
    }
    Ok(removed)
}

/// The grants with their entries for retiring principals. That of a damaged grant stays, and leads nowhere.
fn grants(transaction: &mut Transaction<'_>, region: &Region, id: &KeyId, room: usize) -> Result<usize> {
    let mut removed = 0;
    let found = transaction.page::<GrantRecord>(&RecordName::grants(region, id.as_bytes()), room / 2)?;
    let full = found.len() == room / 2;
    for (name, grant) in found {
        let retirable = match &grant {
            Some(grant) => grant_store::retirable(transaction, region, id.as_bytes(), &grant.written)?,
            None => None,
        };
        if let Some(entry) = retirable
            && transaction.note(&entry)?
        {
            transaction.delete(entry);
            removed += 1;
        }
        transaction.delete(name);
        removed += 1;
    }
    // Where there may be more grants, nothing comes after them yet.
    Ok(if full { room } else { removed })
}
