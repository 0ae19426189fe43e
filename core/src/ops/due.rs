//! Doing what fell due: rotations and deletions. Each is a commit of its own, before the operation that noticed it.

use super::{cluster_keys, imported, materials, multi_region, reminder, removal};
use crate::{
    api::Operation,
    audit::Event,
    billing::{self, Life},
    clock::Timestamp,
    error::Result,
    key::{AliasRecord, Due, KeyId, KeyRecord, Region, RotationType},
    store::{Cause, DELETIONS, OpenVault, REMOVALS, RecordName, Transaction, unless_damaged},
    sync::Turn,
};
use alloc::{collections::BTreeSet, string::ToString, sync::Arc};

/// Brings the key of that name one step closer to the time of the operation that asks, since a clock that was turned back
/// meanwhile must not make the two disagree about what is due.
pub(super) fn apply_due_for(asking: &Transaction<'_>, name: &RecordName) -> Result<()> {
    apply_due(asking.vault(), asking.turn(), name, asking.now()).map(drop)
}

/// Brings a key one step closer to `now`: deletes it, removes material that expired, or makes up for some of its rotations. Says whether that was needed.
fn apply_due(vault: &OpenVault, turn: Option<&Turn<'_>>, name: &RecordName, now: Timestamp) -> Result<bool> {
    let due = vault.transact(Cause::Time, turn, |transaction| {
        let Some(key) = transaction.get_key(name.clone())? else { return Ok(Due::Nothing) };
        let due = vault.due(&key, now);
        match &due {
            Due::Nothing => transaction.wipe_missing(&key),
            Due::Expiry => imported::expire(transaction, &key, now)?,
            Due::Deletion => {
                cluster_keys::delete(transaction, &key)?;
                delete(transaction, &key)?;
                transaction.record(Event::deleted(now, &key));
            }
            Due::Rotations(dates, next) => {
                let before = Arc::clone(&key);
                let mut key = KeyRecord::clone(&before);
                for date in dates {
                    materials::rotate_when_due(transaction, &mut key, *date)?;
                    note_rotation(transaction, now, &key, RotationType::Automatic);
                }
                if let Some(schedule) = &mut key.rotation {
                    schedule.next = *next;
                }
                if !dates.is_empty() {
                    note_synchronization(transaction, now, &key);
                }
                transaction.put_changed(&before, &key)?;
            }
        }
        Ok(due)
    })?;
    if due == Due::Deletion {
        // The key is gone whatever becomes of the rest, which anyone may take up.
        for entry in [name.removal_of_key(), name.shared_removal_of_key()].into_iter().flatten() {
            let _ = removal::finish(vault, turn, &entry);
        }
        vault.look_at_deletions()?;
    }
    Ok(due != Due::Nothing)
}

/// Notes the rotation of a key for the trail, of a multi-Region key that of its primary.
pub(super) fn note_rotation(transaction: &mut Transaction<'_>, now: Timestamp, key: &KeyRecord, by: RotationType) {
    transaction.record(Event::rotated(now, &Arc::new(primary(key)), by));
}

/// Notes that replicas of a key have its new material, too.
pub(super) fn note_synchronization(transaction: &mut Transaction<'_>, now: Timestamp, key: &KeyRecord) {
    if key.multi_region.as_ref().is_some_and(|shared| !shared.replicas.is_empty()) {
        transaction.record(Event::synchronized(now, &Arc::new(primary(key))));
    }
}

/// The key in the Region of its primary.
fn primary(key: &KeyRecord) -> KeyRecord {
    let region = key.multi_region.as_ref().map_or(&key.region, |shared| &shared.primary);
    KeyRecord { region: region.clone(), ..key.clone() }
}

/// Removes what is left of deleted keys. One at which it fails does not keep the others; the error is that of the first.
fn finish_removals(vault: &OpenVault) -> Result<()> {
    let mut result = Ok(());
    for entry in vault.names(REMOVALS) {
        result = result.and(entry.and_then(|entry| removal::finish(vault, None, &entry)));
    }
    result
}

/// Deletes a key for good, in one small commit: itself, its aliases, what due materials follow from, its policy. The rest
/// is put on the list of removals.
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
    reminder::remove_deletion(transaction, key)?;
    reminder::remove_expiry(transaction, key)?;
    multi_region::leave(transaction, key)?;
    for name in [
        RecordName::rotation_secrets(&key.region, &key.id),
        RecordName::policy(&key.region, &key.id),
        RecordName::account_key(&key.account, &key.region, key.id.as_bytes()),
        RecordName::last_use(&key.region, &key.id),
    ] {
        if transaction.note(&name)? {
            transaction.delete(name);
        }
    }
    if let (Some(store), Some(id)) = (&key.custom_key_store, &key.external_key) {
        let entry = RecordName::key_store_key(store, id);
        if transaction.note(&entry)? {
            transaction.delete(entry);
        }
    }
    note_life(transaction, key)?;
    let removal = RecordName::removal(&key.region, &key.id);
    transaction.note(&removal)?;
    transaction.put(removal, &())?;
    transaction.delete(RecordName::key(&key.region, key.id.as_bytes()));
    Ok(())
}

/// Keeps what the key is charged for in the months that it was there.
fn note_life(transaction: &mut Transaction<'_>, key: &KeyRecord) -> Result<()> {
    let rotations = billing::rotations(transaction, key)?;
    if let Some(life) = Life::of(key, rotations) {
        let (record, month) = life.deleted(transaction.now());
        let name = RecordName::deleted_key_of(&key.account, &month.to_string(), &key.region, &key.id);
        transaction.note(&name)?;
        transaction.put(name, &record)?;
    }
    Ok(())
}

/// [`delete_expired`], if the earliest scheduled deletion has come. Costs two comparisons where it has not.
pub(crate) fn delete_expired_if_due(vault: &OpenVault, operation: Operation) {
    // A list has to ask for the deletions that other processes scheduled.
    let is_list = matches!(operation, Operation::ListKeys | Operation::ListAliases);
    // An error is left to those whom it concerns: anyone who names the key gets it, a list leaves the key out
    // (`expired_keys`), and a call that has nothing to do with the key goes on over a store that takes no changes now.
    let _ = vault
        .look_daily()
        .and_then(|()| if is_list { vault.look_at_deletions() } else { Ok(()) })
        .and_then(|()| if vault.has_due_deletion() || vault.has_removals() { delete_expired(vault) } else { Ok(()) });
}

/// The keys of a Region whose waiting period is over and that are still stored, because the store took no changes: lists leave
/// them out. There are none most of the time, which costs two comparisons.
pub(super) fn expired_keys(transaction: &mut Transaction<'_>, region: &Region) -> Result<BTreeSet<KeyId>> {
    let (vault, now) = (transaction.vault(), transaction.now());
    let mut expired = BTreeSet::new();
    if !vault.has_due_deletion() {
        return Ok(expired);
    }
    let keys = RecordName::keys(region);
    for name in due_deletions(vault, now) {
        let name = name?;
        if name.after(&keys).is_none() {
            continue;
        }
        // The index reminds of a key; what is due at it stands in its own record.
        let key = unless_damaged(transaction.get::<KeyRecord>(name))?.flatten();
        expired.extend(key.filter(|key| vault.due(key, now) == Due::Deletion).map(|key| key.id));
    }
    Ok(expired)
}

/// The names of the keys whose deletion is due by the index, the first one first.
fn due_deletions(vault: &OpenVault, now: Timestamp) -> impl Iterator<Item = Result<RecordName>> {
    let is_due = move |entry: &Result<RecordName>| {
        entry.as_ref().map_or(true, |entry| entry.deletion_date().is_some_and(|date| date <= now))
    };
    let key = |entry: Result<RecordName>| entry.map(|entry| entry.deleted_key()).transpose();
    vault.names(DELETIONS).take_while(is_due).filter_map(key)
}

/// Deletes every key whose waiting period is over, also those that no one asks for any more, and finishes what others began.
/// One that cannot be deleted does not keep the others; the error is that of the first. One that is damaged is no error: it
/// concerns callers that name the key, and is noted for the host.
pub(crate) fn delete_expired(vault: &OpenVault) -> Result<()> {
    let now = vault.now();
    let mut result = Ok(());
    for key in due_deletions(vault, now) {
        result = result.and(key.and_then(|key| unless_damaged(apply_due(vault, None, &key, now)).map(drop)));
    }
    result = result.and(finish_removals(vault));
    vault.look_at_deletions()?;
    result
}
