//! Making key material.

use super::rotation_secret;
use crate::{
    access::{AccountPermit, Permit},
    clock::Timestamp,
    error::Result,
    key::{KeyRecord, MaterialId, MaterialOrigin, MaterialRecord, RotationRecord},
    secret::SecretArray,
    store::{RecordName, Transaction},
};

/// Makes the first material of a key that is being made, random if none is given.
pub(super) fn create(
    transaction: &mut Transaction<'_>,
    _: &AccountPermit<'_>,
    key: &mut KeyRecord,
    material: Option<&SecretArray<32>>,
) -> Result<()> {
    let material = match material {
        Some(given) => MaterialRecord::symmetric(given.expose()),
        None => generate(transaction, key)?,
    };
    make_current(transaction, key, material, MaterialOrigin::Initial, key.created)
}

/// The key with new, random material as the current one. The former stays, to decrypt.
pub(super) fn rotate_on_demand(transaction: &mut Transaction<'_>, permit: &Permit) -> Result<KeyRecord> {
    let material = generate(transaction, permit.key())?;
    let mut key = permit.key().clone();
    let now = transaction.now();
    make_current(transaction, &mut key, material, MaterialOrigin::OnDemand, now)?;
    Ok(key)
}

/// Does an automatic rotation that fell due at `date`. The material is random where it is in the store for good when
/// somebody encrypts with it, and else the one that every copy of the vault comes to.
pub(super) fn rotate_when_due(transaction: &mut Transaction<'_>, key: &mut KeyRecord, date: Timestamp) -> Result<()> {
    let material = if transaction.vault().lives_in_copies() {
        rotation_secret::derive(transaction, key, date)?
    } else {
        generate(transaction, key)?
    };
    make_current(transaction, key, material, MaterialOrigin::Automatic, date)
}

fn make_current(
    transaction: &mut Transaction<'_>,
    key: &mut KeyRecord,
    material: MaterialRecord,
    origin: MaterialOrigin,
    date: Timestamp,
) -> Result<()> {
    let id = MaterialId::of(transaction.provider(), &key.id, &material);
    let place = key.material_place().into_owned();
    let name = RecordName::material(&place, &key.id, id.reference());
    transaction.put_secret(name, material.into_value());
    let rotation = RotationRecord {
        material: id,
        origin,
        date,
        description: None,
        import_state: None,
        expiration: None,
        valid_to: None,
    };
    transaction.put(RecordName::rotation(&place, &key.id, key.materials), &rotation)?;
    key.current_material = Some(id);
    key.materials = key.materials.saturating_add(1);
    Ok(())
}

/// Material that no one can know beforehand, of the kind that the key's spec says.
fn generate(transaction: &Transaction<'_>, key: &KeyRecord) -> Result<MaterialRecord> {
    MaterialRecord::generate(transaction.provider(), key.spec)
}
