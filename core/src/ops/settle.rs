//! Doing what fell due: rotations and deletions. Each is a commit of its own, before the operation that noticed it.

use super::materials;
use crate::{
    api::Operation,
    clock::Timestamp,
    error::{Error, ErrorKind, Result, Untrusted},
    key::{AliasRecord, Due, KeyRecord, MaterialOrigin},
    store::{Commit, DELETIONS, RecordName, Transaction, Vault},
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
    let aliases = RecordName::aliases(&key.account, &key.region);
    for (name, alias) in transaction.scan::<AliasRecord>(&aliases, None, usize::MAX)? {
        if alias.target == key.id {
            // Read again, as part of what the commit expects.
            if transaction.get::<AliasRecord>(name.clone())?.is_some_and(|alias| alias.target == key.id) {
                transaction.delete(name);
            }
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
        if transaction.get::<()>(entry.clone())?.is_some() {
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
        Some(date) if date <= vault.now() => match sweep(vault) {
            // A damaged record is told to whoever names its key, and stops nobody else.
            Err(error) if matches!(error.kind(), ErrorKind::RecordCorrupted | ErrorKind::UnsupportedVersion) => Ok(()),
            result => result,
        },
        _ => Ok(()),
    }
}

/// Deletes every key whose waiting period is over, also those that nobody asks for any more. One that cannot be deleted
/// does not keep the others; the error is that of the first.
pub(crate) fn sweep(vault: &Vault) -> Result<()> {
    let names = vault.begin().scan_names(DELETIONS, usize::MAX)?;
    let now = vault.now();
    let due = names.iter().filter(|entry| entry.deletion_date().is_some_and(|date| date <= now));
    let settled = due.filter_map(RecordName::deleted_key).map(|key| settle(vault, &key, now));
    let result = settled.fold(Ok(()), Result::and);
    vault.refresh_next_deletion()?;
    result
}
