//! Making key material, and finding it again.

use crate::{
    access::Permit,
    clock::Timestamp,
    error::{Error, ErrorKind, Result},
    key::{KeyRecord, Material, MaterialOrigin, RotationRecord},
    secret::SecretArray,
    store::{RecordName, Transaction},
};
use alloc::{format, sync::Arc};

/// Makes new material for a key and makes it the current one. The former stays, to decrypt.
pub(super) fn rotate(
    transaction: &mut Transaction<'_>,
    key: &mut KeyRecord,
    origin: MaterialOrigin,
    date: Timestamp,
) -> Result<()> {
    let mut bytes = SecretArray::zeroed();
    transaction.provider().fill_random(bytes.expose_mut())?;
    let id = Material::new(transaction.provider(), &key.id, bytes.expose()).id;

    transaction.put_material(RecordName::material(&key.region, &key.id, id.reference()), bytes.expose());
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

/// The material that encrypts.
pub(super) fn current(transaction: &mut Transaction<'_>, permit: &Permit) -> Result<Arc<Material>> {
    let key = permit.key();
    let id = key.current_material.ok_or_else(|| missing(permit))?;
    find(transaction, permit, id.reference())?.ok_or_else(|| missing(permit))
}

/// The material that a ciphertext names: one look-up, however many there are.
pub(super) fn find(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    reference: &[u8; 16],
) -> Result<Option<Arc<Material>>> {
    let key = permit.key();
    transaction.get_material(RecordName::material(&key.region, &key.id, reference), &key.id)
}

fn missing(permit: &Permit) -> Error {
    Error::new(
        ErrorKind::RecordCorrupted,
        format!("the current material of {} is gone from the store", permit.key().arn()),
    )
    .explain(format!("needed for {}", permit.operation().name()))
}
