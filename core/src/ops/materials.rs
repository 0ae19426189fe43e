//! Making key material, and finding it again.

use super::{
    rotation_secret, settle,
    target::{Named, permit},
};
use crate::{
    access::{Caller, Permit},
    api::Operation,
    clock::Timestamp,
    error::{Error, ErrorKind, Result},
    key::{Due, KeyRecord, Material, MaterialId, MaterialOrigin, RotationRecord},
    secret::{Secret, SecretArray},
    store::{RecordName, Transaction},
};
use alloc::{format, string::String, sync::Arc};

/// Makes new, random material for a key and makes it the current one. The former stays, to decrypt.
pub(super) fn rotate(
    transaction: &mut Transaction<'_>,
    key: &mut KeyRecord,
    origin: MaterialOrigin,
    date: Timestamp,
) -> Result<()> {
    let material = random(transaction)?;
    make_current(transaction, key, &material, origin, date)
}

/// Does an automatic rotation that fell due at `date`. The material is random where it is in the store for good when
/// somebody encrypts with it, and else the one that every copy of the vault comes to.
pub(super) fn rotate_when_due(transaction: &mut Transaction<'_>, key: &mut KeyRecord, date: Timestamp) -> Result<()> {
    let material = if transaction.vault().lives_in_copies() {
        rotation_secret::derive(transaction, key, date)?
    } else {
        random(transaction)?
    };
    make_current(transaction, key, &material, MaterialOrigin::Automatic, date)
}

fn make_current(
    transaction: &mut Transaction<'_>,
    key: &mut KeyRecord,
    material: &SecretArray<32>,
    origin: MaterialOrigin,
    date: Timestamp,
) -> Result<()> {
    let id = MaterialId::of(transaction.provider(), &key.id, material.expose());
    let name = RecordName::material(&key.region, &key.id, id.reference());
    transaction.put_secret(name, Secret::copy_of(material.expose()));
    let rotation = RotationRecord {
        material: id,
        origin,
        date,
        description: None,
        import_state: None,
        expiration: None,
        valid_to: None,
    };
    transaction.put(RecordName::rotation(&key.region, &key.id, key.materials), &rotation)?;
    key.current_material = Some(id);
    key.materials = key.materials.saturating_add(1);
    Ok(())
}

/// 256 bits that nobody can know beforehand.
pub(super) fn random(transaction: &Transaction<'_>) -> Result<SecretArray<32>> {
    let mut bytes = SecretArray::zeroed();
    transaction.provider().fill_random(bytes.expose_mut())?;
    Ok(bytes)
}

/// The material that encrypts.
pub(super) fn current(transaction: &mut Transaction<'_>, permit: &Permit) -> Result<Arc<Material>> {
    demand_rotated(transaction, permit)?;
    let key = permit.key();
    let id = key.current_material.ok_or_else(|| missing(permit))?;
    find(transaction, permit, id.reference())?.ok_or_else(|| missing(permit))
}

/// Refuses to encrypt with a material that should have been replaced: a record that its rotation needs is damaged.
fn demand_rotated(transaction: &Transaction<'_>, permit: &Permit) -> Result<()> {
    let key = permit.key();
    if transaction.vault().due(key, transaction.now()) == Due::Nothing {
        return Ok(());
    }
    // It fails as it did before; should it not, the next attempt sees what it did.
    settle::settle_for(transaction, &RecordName::key(&key.region, key.id.as_bytes()))?;
    Err(missing(permit))
}

/// The material that a ciphertext names: one look-up, however many there are. One of a rotation that another copy of the
/// vault did, and this one did not, is derived.
pub(super) fn of_ciphertext(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    reference: &[u8; 16],
) -> Result<Option<Arc<Material>>> {
    match find(transaction, permit, reference)? {
        Some(material) => Ok(Some(material)),
        None => rotation_secret::find(transaction, permit.key(), reference),
    }
}

fn find(transaction: &mut Transaction<'_>, permit: &Permit, reference: &[u8; 16]) -> Result<Option<Arc<Material>>> {
    let key = permit.key();
    transaction.get_material(RecordName::material(&key.region, &key.id, reference), &key.id)
}

/// The ARN of a key and the id of the material that it encrypts with now, if the caller may carry out the operation with
/// it, and it is in a state to.
pub(crate) fn current_material(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    operation: Operation,
    key_id: &str,
) -> Result<(String, MaterialId)> {
    let permit = permit(transaction, caller, operation, key_id, Named::Any, None)?;
    if operation != Operation::Decrypt {
        demand_rotated(transaction, &permit)?;
    }
    let material = permit.key().current_material.ok_or_else(|| missing(&permit))?;
    Ok((permit.key().arn(), material))
}

fn missing(permit: &Permit) -> Error {
    Error::new(
        ErrorKind::RecordCorrupted,
        format!("the current material of {} is gone from the store", permit.key().arn()),
    )
    .explain(format!("needed for {}", permit.operation().name()))
}
