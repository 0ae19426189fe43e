//! What holds between the keys of a multi-Region key: which of them is the primary, and what becomes of the others when one is deleted.

use crate::{
    access::Permit,
    error::{Error, ErrorKind, Result},
    key::{KeyRecord, KeyState, MultiRegionRecord, PendingDeletion, Region},
    store::{RecordName, Transaction},
};
use alloc::{format, sync::Arc};

/// What the keys of all Regions share, if the permit is for the primary.
pub(super) fn shared_of_primary(permit: &Permit) -> Result<&Arc<MultiRegionRecord>> {
    let key = permit.key();
    match &key.multi_region {
        Some(shared) if !key.is_replica() => Ok(shared),
        shared => Err(not_primary(key, shared.is_some())),
    }
}

/// Refuses a replica where the operation is on what all Regions share.
pub(super) fn check_primary(permit: &Permit) -> Result<()> {
    if permit.key().is_replica() { Err(not_primary(permit.key(), true)) } else { Ok(()) }
}

/// `UnsupportedOperationException` for a key that is not a primary key.
pub(super) fn not_primary(key: &KeyRecord, is_replica: bool) -> Error {
    let what = if is_replica { "multi-Region replica key" } else { "single-Region key" };
    let error = Error::new(
        ErrorKind::UnsupportedOperation,
        format!("{} is a {what} which is not valid for this operation.", key.arn()),
    );
    match &key.multi_region {
        Some(shared) => {
            let vault = if shared.primary_elsewhere { ", in the vault that the replica came from" } else { "" };
            error.explain(format!("call for the primary key, {}{vault}", key.arn_in(&shared.primary)))
        }
        None => error.explain("only a key that was created with MultiRegion can have replicas"),
    }
}

/// Takes a key that is being deleted out of what the keys of all Regions share. The last one takes that along.
pub(super) fn leave(transaction: &mut Transaction<'_>, key: &KeyRecord) -> Result<()> {
    let Some(shared) = &key.multi_region else { return Ok(()) };
    let mut shared = MultiRegionRecord::clone(shared);
    shared.replicas.retain(|region| *region != key.region);
    // Where the primary key is in another vault, the last replica is the last key in this one.
    let is_last = if shared.primary_elsewhere { shared.replicas.is_empty() } else { !key.is_replica() };
    if is_last {
        transaction.delete(RecordName::multi_region(&key.id));
        let place = Region::shared_place();
        let secrets = RecordName::rotation_secrets(&place, &key.id);
        if transaction.note(&secrets)? {
            transaction.delete(secrets);
        }
        let removal = RecordName::removal(&place, &key.id);
        transaction.note(&removal)?;
        return transaction.put(removal, &());
    }
    if shared.replicas.is_empty()
        && let Some(primary) = transaction.primary_of(key)?
        && primary.state == KeyState::PendingReplicaDeletion
        && let Some(deletion) = &primary.deletion
    {
        // "When the last of its replicas keys is deleted (not just scheduled), the key state of the primary key changes to
        // PendingDeletion and its waiting period begins": now, whenever that should have been, so that there is time to cancel it.
        let date = transaction.now().plus_days(deletion.window_days);
        let primary = KeyRecord {
            state: KeyState::PendingDeletion,
            deletion: Some(PendingDeletion { date: Some(date), ..deletion.clone() }),
            ..KeyRecord::clone(&primary)
        };
        transaction.put(RecordName::key(&primary.region, primary.id.as_bytes()), &primary)?;
        transaction.put(RecordName::deletion(date, &primary.region, &primary.id), &())?;
    }
    transaction.put_shared(key, &shared)
}
