//! The secrets from which copies of a vault derive the same materials: when they are made, and what is found by them.

use crate::{
    clock::Timestamp,
    error::Result,
    key::{KeyRecord, Material, MaterialRecord, RotationSchedule, RotationSecrets},
    secret::SecretArray,
    store::{RecordName, Transaction, missing, unless_damaged},
};
use alloc::sync::Arc;

/// Makes a new secret for `schedule`, which takes the place of the key's present one. What rotates from now on follows from
/// nothing that is in an older snapshot. Fails where the former ones are damaged: they may be put back from a copy, and what
/// other copies encrypted after a rotation opens by nothing else.
pub(super) fn renew(transaction: &mut Transaction<'_>, key: &KeyRecord, schedule: &RotationSchedule) -> Result<()> {
    let former = get(transaction, key)?;
    let secret = random(transaction)?;
    let secrets = RotationSecrets::with(former.as_deref(), key.rotation.as_ref(), secret, schedule);
    transaction.put_secret(name(key), secrets.to_bytes());
    Ok(())
}

/// Makes a new secret where the key's are gone, without which it could not rotate any more. Where they are damaged they may be
/// put back from a copy, and stay.
pub(super) fn make_up(transaction: &mut Transaction<'_>, key: &KeyRecord, schedule: &RotationSchedule) -> Result<()> {
    match unless_damaged(get(transaction, key))? {
        Some(None) => renew(transaction, key, schedule),
        _ => Ok(()),
    }
}

/// Keeps the secrets of a key that does not rotate any more: another copy of the vault may rotate it still.
pub(super) fn retire(transaction: &mut Transaction<'_>, key: &KeyRecord) -> Result<()> {
    if let Some(Some(secrets)) = unless_damaged(get(transaction, key))? {
        transaction.put_secret(name(key), secrets.without_schedule(key.rotation.as_ref()).to_bytes());
    }
    Ok(())
}

/// The material of the rotation that falls due at `date`.
pub(super) fn derive(transaction: &mut Transaction<'_>, key: &KeyRecord, date: Timestamp) -> Result<MaterialRecord> {
    let secrets = get(transaction, key)?;
    let material = secrets.and_then(|secrets| secrets.derive(transaction.provider(), &key.id, date));
    material.ok_or_else(|| missing(name(key).as_str()))
}

/// The material with that reference, if another copy of the vault made it by a rotation that fell due.
pub(super) fn find(
    transaction: &mut Transaction<'_>,
    key: &KeyRecord,
    reference: &[u8; 16],
) -> Result<Option<Arc<Material>>> {
    let Some(secrets) = get(transaction, key)? else { return Ok(None) };
    let provider = transaction.provider();
    let found = secrets.find(provider, key, transaction.now(), reference);
    Ok(found.and_then(|record| Material::open(provider, &key.id, key.spec, &record)).map(Arc::new))
}

/// 256 bits that no one can know beforehand.
fn random(transaction: &Transaction<'_>) -> Result<SecretArray<32>> {
    let mut bytes = SecretArray::zeroed();
    transaction.provider().fill_random(bytes.expose_mut())?;
    Ok(bytes)
}

fn get(transaction: &mut Transaction<'_>, key: &KeyRecord) -> Result<Option<Arc<RotationSecrets>>> {
    transaction.get_rotation_secrets(name(key))
}

fn name(key: &KeyRecord) -> RecordName {
    RecordName::rotation_secrets(&key.material_place(), &key.id)
}
