//! Doing what fell due: rotations and deletions. Each is a commit of its own, before the operation that noticed it.

use super::materials;
use crate::{
    api::Operation,
    clock::Timestamp,
    error::Result,
    key::{AliasRecord, Due, KeyRecord},
    store::{Cause, DELETIONS, RecordName, Transaction, Vault, unless_damaged},
    sync::Turn,
};
use alloc::string::String;

/// Brings the key of that name one step closer to the time of the operation that asks, since a clock that was turned back
/// meanwhile must not make the two disagree about what is due.
pub(super) fn settle_for(asking: &Transaction<'_>, name: &RecordName) -> Result<()> {
    settle(asking.vault(), asking.turn(), name, asking.now()).map(drop)
}

/// Brings a key one step closer to `now`: deletes it, or makes up for some of its rotations. Says whether that was needed.
fn settle(vault: &Vault, turn: Option<&Turn<'_>>, name: &RecordName, now: Timestamp) -> Result<bool> {
    let due = vault.transact(Cause::Time, turn, |transaction| {
        let Some(key) = transaction.get::<KeyRecord>(name.clone())? else { return Ok(Due::Nothing) };
        let due = vault.due(&key, now);
        match &due {
            Due::Nothing => {}
            Due::Deletion => delete(transaction, &key)?,
            Due::Rotations(dates, next) => {
                let mut key = (*key).clone();
                for date in dates {
                    materials::rotate_when_due(transaction, &mut key, *date)?;
                }
                if let Some(schedule) = &mut key.rotation {
                    schedule.next = *next;
                }
                transaction.put(name.clone(), &key)?;
            }
        }
        Ok(due)
    })?;
    if due == Due::Deletion {
        vault.look_at_deletions()?;
    }
    Ok(due != Due::Nothing)
}

/// Deletes a key for good: its materials, what is known of them, its aliases, itself.
fn delete(transaction: &mut Transaction<'_>, key: &KeyRecord) -> Result<()> {
    for alias in &key.aliases {
        let name = RecordName::alias(&key.account, &key.region, alias);
        // One that is damaged goes, too: it was this key's, and nothing else says whose it is. One that names another key by
        // now stays, whatever the list says.
        let named = match unless_damaged(transaction.get::<AliasRecord>(name.clone()))? {
            Some(alias) => alias.is_some_and(|alias| alias.target == key.id),
            None => true,
        };
        if named {
            transaction.delete(name);
        }
    }
    let secrets = String::from(RecordName::rotation_secrets(&key.region, &key.id));
    for prefix in [RecordName::materials(&key.region, &key.id), RecordName::rotations(&key.region, &key.id), secrets] {
        for name in transaction.scan_names(&prefix, usize::MAX)? {
            transaction.delete(name);
        }
    }
    unschedule(transaction, key)?;
    transaction.delete(RecordName::key(&key.region, key.id.as_bytes()));
    Ok(())
}

/// Takes a key out of the index of scheduled deletions, if it is there.
pub(super) fn unschedule(transaction: &mut Transaction<'_>, key: &KeyRecord) -> Result<()> {
    if let Some(date) = key.deletion.as_ref().and_then(|deletion| deletion.date) {
        let entry = RecordName::deletion(date, &key.region, &key.id);
        if transaction.note(&entry)? {
            transaction.delete(entry);
        }
    }
    Ok(())
}

/// [`sweep`], if the earliest scheduled deletion has come. Costs two comparisons where it has not.
pub(crate) fn sweep_if_due(vault: &Vault, operation: Operation) -> Result<()> {
    // Anyone who names a key finds out what became of it, and gets the error where the store does not take that; a call that
    // has nothing to do with the key goes on. A list has to ask for the deletions that other processes scheduled.
    let is_list = matches!(operation, Operation::ListKeys | Operation::ListAliases);
    let swept = vault
        .look_daily()
        .and_then(|()| if is_list { vault.look_at_deletions() } else { Ok(()) })
        .and_then(|()| if vault.has_due_deletion() { sweep(vault) } else { Ok(()) });
    if is_list { swept } else { Ok(()) }
}

/// Deletes every key whose waiting period is over, also those that nobody asks for any more. One that cannot be deleted
/// does not keep the others; the error is that of the first. One that is damaged is no error: it concerns whoever names the
/// key, and is noted for the host.
pub(crate) fn sweep(vault: &Vault) -> Result<()> {
    let names = vault.read(|transaction| transaction.scan_names(DELETIONS, usize::MAX))?;
    let now = vault.now();
    let due = names.iter().filter(|entry| entry.deletion_date().is_some_and(|date| date <= now));
    let mut result = Ok(());
    for key in due.filter_map(RecordName::deleted_key) {
        result = result.and(unless_damaged(settle(vault, None, &key, now)).map(drop));
    }
    vault.look_at_deletions()?;
    result
}
