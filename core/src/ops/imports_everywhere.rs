//! Imported material of multi-Region keys. Each Region's key is given it by itself; the primary says which material that may be, and all
//! change to new material at once.

use super::imported::{self, Terms};
use crate::{
    clock::Timestamp,
    error::{Error, ErrorKind, Result},
    key::{ImportState, ImportedRecord, KeyRecord, KeyState, MaterialId, MaterialRecord, RotationRecord},
    store::{RecordName, Transaction},
};
use alloc::{format, sync::Arc, vec::Vec};

/// What a new replica begins with: "If you replicate a multi-Region primary key with imported key material, the replica key is created with
/// no key material" (`ReplicateKey`). It knows which it has to be given.
pub(super) fn begin(transaction: &mut Transaction<'_>, primary: &KeyRecord, replica: &mut KeyRecord) -> Result<()> {
    let mut missing = Vec::new();
    for number in 0..primary.materials {
        let record = imported::get(transaction, primary, number)?;
        missing.push(record.material);
        transaction.put(imported::name(replica, number), &not_there(&record))?;
    }
    replica.imported = Some(ImportedRecord { missing, ..ImportedRecord::default() });
    replica.settle_state();
    Ok(())
}

/// Has a replica wait for materials that its primary came to in another vault. The last one is what it encrypts with when it has it.
pub(super) fn await_materials(replica: &mut KeyRecord, added: Vec<MaterialId>) {
    replica.imported.get_or_insert_default().missing.extend(added);
    replica.settle_state();
}

/// What a Region knows of a material that it was not given.
fn not_there(record: &RotationRecord) -> RotationRecord {
    RotationRecord {
        description: None,
        import_state: Some(ImportState::PendingImport),
        expiration: None,
        valid_to: None,
        ..record.clone()
    }
}

/// The replicas of a primary key; none of another key.
fn replicas(transaction: &mut Transaction<'_>, key: &KeyRecord) -> Result<Vec<Arc<KeyRecord>>> {
    let Some(shared) = key.multi_region.as_ref().filter(|_| !key.is_replica()) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for region in &shared.replicas {
        found.extend(transaction.get_key(RecordName::key(region, key.id.as_bytes()))?);
    }
    Ok(found)
}

/// Imports a material that is new to a replica, if it is the one that its primary waits for. Says whether it is.
pub(super) fn follow(
    transaction: &mut Transaction<'_>,
    key: &mut KeyRecord,
    id: MaterialId,
    material: MaterialRecord,
    terms: Terms,
) -> Result<bool> {
    let primary = if key.is_replica() { transaction.primary_of(key)? } else { None };
    if primary.and_then(|primary| primary.pending_material_at(transaction.now())) != Some(id) {
        return Ok(false);
    }
    // What waited here was the primary's before, and is so no more.
    if let Some(former) = key.pending_material() {
        imported::forget_material(transaction, key, &former)?;
    }
    imported::add(transaction, key, id, material, terms)?;
    Ok(true)
}

/// Whether a material waits in every Region of a key, so that it can be rotated to.
pub(super) fn is_everywhere(transaction: &mut Transaction<'_>, key: &KeyRecord, id: &MaterialId) -> Result<bool> {
    let now = transaction.now();
    let primary = match key.multi_region.as_ref().filter(|_| key.is_replica()) {
        Some(shared) => transaction.get_key(RecordName::key(&shared.primary, key.id.as_bytes()))?,
        None => None,
    };
    let primary = primary.as_deref().unwrap_or(key);
    let replicas = replicas(transaction, primary)?;
    Ok(primary.pending_material_at(now) == Some(*id) && replicas.iter().all(|replica| waits(replica, id, now)))
}

/// Whether nothing keeps a replica from changing to that material. One that waits for its deletion keeps no one.
fn waits(replica: &KeyRecord, id: &MaterialId, now: Timestamp) -> bool {
    replica.state == KeyState::PendingDeletion || replica.pending_material_at(now) == Some(*id)
}

/// Rotates the replicas of a primary key to the material that it is rotated to.
pub(super) fn rotate(transaction: &mut Transaction<'_>, primary: &KeyRecord) -> Result<()> {
    let now = transaction.now();
    let Some(id) = primary.pending_material_at(now) else { return Ok(()) };
    for before in replicas(transaction, primary)? {
        let rotated = if before.pending_material_at(now) == Some(id) {
            imported::rotate(transaction, &before)?
        } else if waits(&before, &id, now) {
            let record = imported::get(transaction, primary, primary.materials)?;
            Some(imported::rotate_without(transaction, &before, not_there(&record))?)
        } else {
            None
        };
        let mut replica = rotated.ok_or_else(|| {
            nothing_pending(primary).explain(format!(
            "the key material (id: {id}) has to be imported into {} as well, with the ImportType EXISTING_KEY_MATERIAL",
            before.arn()
        ))
        })?;
        replica.on_demand_rotations = replica.on_demand_rotations.saturating_add(1);
        transaction.put_changed(&before, &replica)?;
    }
    Ok(())
}

/// The error where there is no material to rotate to.
pub(super) fn nothing_pending(key: &KeyRecord) -> Error {
    let message = format!("No available key material pending rotation for the key: {}.", key.arn());
    Error::new(ErrorKind::KmsInvalidState, message)
}

/// "When you delete the key material of a primary Region key that is in `PENDING_ROTATION` or
/// `PENDING_MULTI_REGION_IMPORT_AND_ROTATION` state, you'll also be deleting the key materials for the replica Region keys."
/// (`DeleteImportedKeyMaterial`)
pub(super) fn forget(transaction: &mut Transaction<'_>, primary: &KeyRecord, id: &MaterialId) -> Result<()> {
    for before in replicas(transaction, primary)? {
        if before.pending_material() == Some(*id)
            && let Some(found) = imported::find(transaction, &before, id)?
        {
            let mut replica = KeyRecord::clone(&before);
            imported::remove(transaction, &mut replica, found)?;
            imported::store(transaction, &before, &replica)?;
        }
    }
    Ok(())
}
