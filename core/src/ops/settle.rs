//! Doing what fell due: rotations and deletions. Each is a commit of its own, before the operation that noticed it.

use super::materials;
use crate::{
    api::Operation,
    clock::Timestamp,
    error::{Error, ErrorKind, Result, Untrusted},
    key::{AliasRecord, Due, KeyRecord, MaterialOrigin},
    store::{Commit, DELETIONS, RecordName, Transaction, Vault, unless_damaged},
};
use alloc::format;

/// How often a commit is tried when others change the same key.
const MAX_ATTEMPTS: usize = 32;

/// Brings one key up to `now`: the time of who asks, since a clock that was turned back meanwhile must not make the two
/// disagree about what is due.
pub(super) fn settle(vault: &Vault, name: &RecordName, now: Timestamp) -> Result<()> {
    for _ in 0..MAX_ATTEMPTS {
        let mut transaction = vault.begin();
        let key = match transaction.get::<KeyRecord>(name.clone()) {
            Ok(Some(key)) => key,
            Ok(None) => return Ok(()),
            Err(_) if transaction.is_outdated() => continue,
            Err(error) => return Err(error),
        };
        let due = key.due(now);
        match &due {
            Due::Nothing => return Ok(()),
            Due::Deletion => delete(&mut transaction, &key)?,
            Due::Rotations(dates, next) => {
                let mut key = (*key).clone();
                for date in dates {
                    materials::rotate(&mut transaction, &mut key, MaterialOrigin::Automatic, *date)?;
                }
                if let Some(schedule) = &mut key.rotation {
                    schedule.next = *next;
                }
                transaction.put(name.clone(), &key)?;
            }
        }
        if transaction.commit()? == Commit::Done {
            if due == Due::Deletion {
                vault.refresh_next_deletion()?;
            }
            return Ok(());
        }
    }
    Err(Error::new(ErrorKind::DependencyTimeout, "a key is being changed too often: retry the request")
        .explain(format!("the record '{}'", Untrusted(name.as_str()))))
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
    for prefix in [RecordName::materials(&key.region, &key.id), RecordName::rotations(&key.region, &key.id)] {
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

/// [`sweep`], if the earliest scheduled deletion has come. Costs one comparison where it has not.
pub(crate) fn sweep_if_due(vault: &Vault, operation: Operation) -> Result<()> {
    // Who names a key finds out what became of it. A list has to ask for the deletions that other processes scheduled.
    if matches!(operation, Operation::ListKeys | Operation::ListAliases) {
        vault.refresh_next_deletion()?;
    }
    match vault.next_deletion() {
        Some(date) if date <= vault.now() => sweep(vault),
        _ => Ok(()),
    }
}

/// Deletes every key whose waiting period is over, also those that nobody asks for any more. One that cannot be deleted
/// does not keep the others; the error is that of the first. One that is damaged is no error: it concerns whoever names the
/// key, and is noted for the host.
pub(crate) fn sweep(vault: &Vault) -> Result<()> {
    let names = vault.begin().scan_names(DELETIONS, usize::MAX)?;
    let now = vault.now();
    let due = names.iter().filter(|entry| entry.deletion_date().is_some_and(|date| date <= now));
    let mut result = Ok(());
    for key in due.filter_map(RecordName::deleted_key) {
        result = result.and(unless_damaged(settle(vault, &key, now)).map(drop));
    }
    vault.refresh_next_deletion()?;
    result
}
