//! Imported key materials: how they are kept, found again, and removed.

use super::reminder;
use crate::{
    audit::Event,
    clock::Timestamp,
    error::Result,
    key::{
        ExpirationModelType, ImportState, KeyRecord, MaterialId, MaterialOrigin, MaterialRecord, PendingMaterial,
        RotationRecord,
    },
    store::{RecordName, Transaction, missing},
};
use alloc::{string::String, sync::Arc, vec::Vec};

/// The most materials that are removed in one commit because they expired; of more, the rest by the next one.
const MOST_AT_ONCE: usize = 20;

/// The terms under which a material is imported.
pub(super) struct Terms {
    pub(super) expiration: ExpirationModelType,
    pub(super) valid_to: Option<Timestamp>,
    /// Absent: as at the last import.
    pub(super) description: Option<String>,
}

/// A material that was imported before: its number, and what is known of it.
pub(super) struct Found {
    number: u32,
    record: RotationRecord,
}

/// How many records of materials a key has: those that belong to it, and the one that waits for its rotation.
fn count(key: &KeyRecord) -> u32 {
    key.materials.saturating_add(u32::from(key.pending_material().is_some()))
}

pub(super) fn name(key: &KeyRecord, number: u32) -> RecordName {
    RecordName::rotation(&key.material_place(), &key.id, number)
}

/// What is known of a material. Where that is damaged or gone, nothing is changed about the key's materials: whether what has
/// expired is used does not depend on it.
pub(super) fn get(transaction: &mut Transaction<'_>, key: &KeyRecord, number: u32) -> Result<Arc<RotationRecord>> {
    let name = name(key, number);
    transaction.get::<RotationRecord>(name.clone())?.ok_or_else(|| missing(name.as_str()))
}

/// Finds a material among those that were imported.
pub(super) fn find(transaction: &mut Transaction<'_>, key: &KeyRecord, id: &MaterialId) -> Result<Option<Found>> {
    for number in 0..count(key) {
        let record = get(transaction, key, number)?;
        if record.material == *id {
            return Ok(Some(Found { number, record: (*record).clone() }));
        }
    }
    Ok(None)
}

/// Imports a material that the key never had. The first one is used at once, another one when the key is rotated to it.
pub(super) fn add(
    transaction: &mut Transaction<'_>,
    key: &mut KeyRecord,
    id: MaterialId,
    material: MaterialRecord,
    terms: Terms,
) -> Result<()> {
    let is_first = key.materials == 0;
    let record = RotationRecord {
        material: id,
        origin: if is_first { MaterialOrigin::Initial } else { MaterialOrigin::OnDemand },
        date: transaction.now(),
        description: terms.description,
        import_state: Some(ImportState::Imported),
        expiration: Some(terms.expiration),
        valid_to: terms.valid_to,
    };
    transaction.put(name(key, key.materials), &record)?;
    put_material(transaction, key, id, material)?;
    let imported = key.imported.get_or_insert_default();
    if is_first {
        imported.valid_to = terms.valid_to;
        key.current_material = Some(id);
        key.materials = 1;
    } else {
        imported.pending = Some(PendingMaterial { id, valid_to: terms.valid_to });
    }
    key.settle_state();
    Ok(())
}

/// Imports a material again: it may have been gone, and has new terms.
pub(super) fn renew(
    transaction: &mut Transaction<'_>,
    key: &mut KeyRecord,
    found: Found,
    material: MaterialRecord,
    terms: Terms,
) -> Result<()> {
    let Found { number, mut record } = found;
    let id = record.material;
    record.import_state = Some(ImportState::Imported);
    record.expiration = Some(terms.expiration);
    record.valid_to = terms.valid_to;
    record.description = terms.description.or(record.description);
    transaction.put(name(key, number), &record)?;
    put_material(transaction, key, id, material)?;
    let imported = key.imported.get_or_insert_default();
    imported.missing.retain(|missing| *missing != id);
    if let Some(pending) = imported.pending.as_mut().filter(|pending| pending.id == id) {
        pending.valid_to = terms.valid_to;
    }
    settle(transaction, key, &[(number, terms.valid_to)])
}

fn put_material(
    transaction: &mut Transaction<'_>,
    key: &KeyRecord,
    id: MaterialId,
    material: MaterialRecord,
) -> Result<()> {
    let name = RecordName::material(&key.material_place(), &key.id, id.reference());
    // It may be there still, and is written all the same.
    transaction.note(&name)?;
    transaction.put_secret(name, material.into_value());
    Ok(())
}

/// Removes a material. One that belongs to the key stays known, to be imported again; one that waits for its rotation is
/// forgotten.
pub(super) fn remove(transaction: &mut Transaction<'_>, key: &mut KeyRecord, found: Found) -> Result<()> {
    let number = found.number;
    take_out(transaction, key, found)?;
    settle(transaction, key, &[(number, None)])
}

fn take_out(transaction: &mut Transaction<'_>, key: &mut KeyRecord, found: Found) -> Result<()> {
    let Found { number, mut record } = found;
    forget_material(transaction, key, &record.material)?;
    if key.pending_material() == Some(record.material) {
        transaction.delete(name(key, number));
        key.imported.get_or_insert_default().pending = None;
        return Ok(());
    }
    record.import_state = Some(ImportState::PendingImport);
    record.expiration = None;
    record.valid_to = None;
    transaction.put(name(key, number), &record)?;
    let missing = &mut key.imported.get_or_insert_default().missing;
    if !missing.contains(&record.material) {
        missing.push(record.material);
    }
    Ok(())
}

/// Removes the material itself, if it is there.
pub(super) fn forget_material(transaction: &mut Transaction<'_>, key: &KeyRecord, id: &MaterialId) -> Result<()> {
    let material = RecordName::material(&key.material_place(), &key.id, id.reference());
    if transaction.note(&material)? {
        transaction.delete(material);
    }
    Ok(())
}

/// Brings what the key's record says in line with its materials, of which some have changed their dates in this transaction.
fn settle(transaction: &mut Transaction<'_>, key: &mut KeyRecord, changed: &[(u32, Option<Timestamp>)]) -> Result<()> {
    let mut first = None;
    for number in 0..key.materials {
        let valid_to = match changed.iter().find(|(of, _)| *of == number) {
            Some((_, valid_to)) => *valid_to,
            None => get(transaction, key, number)?.valid_to,
        };
        first = first.into_iter().chain(valid_to).min();
    }
    key.imported.get_or_insert_default().valid_to = first;
    key.settle_state();
    Ok(())
}

/// Makes the material that waits for that the current one; `None` if there is none, or it has expired. The former stays, to decrypt.
pub(super) fn rotate(transaction: &mut Transaction<'_>, key: &KeyRecord) -> Result<Option<KeyRecord>> {
    // One whose time is over is there as long as the clock is in doubt, and is not used.
    if key.pending_material_at(transaction.now()).is_none() {
        return Ok(None);
    }
    let Some(pending) = key.imported.as_ref().and_then(|imported| imported.pending.clone()) else { return Ok(None) };
    let number = key.materials;
    let record = get(transaction, key, number)?;
    let record = RotationRecord { date: transaction.now(), origin: MaterialOrigin::OnDemand, ..(*record).clone() };
    transaction.put(name(key, number), &record)?;
    let mut key = key.clone();
    key.current_material = Some(pending.id);
    key.materials = number.saturating_add(1);
    let imported = key.imported.get_or_insert_default();
    imported.pending = None;
    imported.valid_to = imported.valid_to.into_iter().chain(pending.valid_to).min();
    Ok(Some(key))
}

/// Makes a material the current one that is not there: the key waits for it from now on.
pub(super) fn rotate_without(
    transaction: &mut Transaction<'_>,
    key: &KeyRecord,
    record: RotationRecord,
) -> Result<KeyRecord> {
    let mut key = key.clone();
    if let Some(former) = key.pending_material() {
        forget_material(transaction, &key, &former)?;
    }
    let number = key.materials;
    let record = RotationRecord { date: transaction.now(), origin: MaterialOrigin::OnDemand, ..record };
    let name = name(&key, number);
    transaction.note(&name)?;
    transaction.put(name, &record)?;
    key.current_material = Some(record.material);
    key.materials = number.saturating_add(1);
    let imported = key.imported.get_or_insert_default();
    imported.pending = None;
    imported.missing.push(record.material);
    key.settle_state();
    Ok(key)
}

/// Removes the materials of a key that expired, or some of them.
pub(super) fn expire(transaction: &mut Transaction<'_>, key: &Arc<KeyRecord>, now: Timestamp) -> Result<()> {
    let mut after = (**key).clone();
    let mut changed = Vec::new();
    for number in 0..count(key) {
        if changed.len() == MOST_AT_ONCE {
            break;
        }
        let record = get(transaction, key, number)?;
        if record.valid_to.is_some_and(|date| date <= now) {
            transaction.record(Event::expired(now, key, &record.material));
            take_out(transaction, &mut after, Found { number, record: (*record).clone() })?;
            changed.push((number, None));
        }
    }
    settle(transaction, &mut after, &changed)?;
    store(transaction, key, &after)
}

/// Writes a key back, and sees to it that the vault is reminded of what expires next.
pub(super) fn store(transaction: &mut Transaction<'_>, before: &KeyRecord, after: &KeyRecord) -> Result<()> {
    if before.next_expiry() != after.next_expiry() {
        // That of a deletion at the very same moment stays.
        let deletion = before.deletion.as_ref().and_then(|deletion| deletion.date);
        if deletion != before.next_expiry() {
            reminder::remove_expiry(transaction, before)?;
        }
        if let Some(date) = after.next_expiry() {
            reminder::put(transaction, after, date)?;
        }
    }
    transaction.put_key(after)
}
