//! The material that a permitted operation works with, and whether the key is there for that.

use super::{due::apply_due_for, rotation_secret, target::permit};
use crate::{
    access::{Permit, Question},
    api::Operation,
    error::{Error, ErrorKind, Result},
    key::{Due, HmacMaterial, KeyPair, KeySpec, KeyUsageType, Material, MaterialId, SymmetricMaterial},
    store::{RecordName, Transaction},
};
use alloc::{format, string::String, sync::Arc};
use core::fmt::Display;

/// The material in use: the one that encrypts, or the only one.
pub(super) fn current(transaction: &mut Transaction<'_>, permit: &Permit) -> Result<Arc<Material>> {
    demand_rotated(transaction, permit)?;
    let key = permit.key();
    let id = key.current_material.ok_or_else(|| missing(permit))?;
    find(transaction, permit, id.reference())?.ok_or_else(|| missing(permit))
}

/// The permit for an operation that uses a key by an algorithm, and the material in use. The key must be there for that usage, and
/// its spec must have the algorithm.
pub(super) fn by_algorithm<A: PartialEq + Display + 'static>(
    transaction: &mut Transaction<'_>,
    question: &Question<'_>,
    key_id: &str,
    usage: KeyUsageType,
    algorithm: &A,
    algorithms: fn(KeySpec, KeyUsageType) -> &'static [A],
) -> Result<(Permit, Arc<Material>)> {
    let permit = permit(transaction, question, key_id)?;
    check_usage(&permit, usage)?;
    check_algorithm(&permit, algorithm, algorithms(permit.key().spec, usage))?;
    let material = current(transaction, &permit)?;
    Ok((permit, material))
}

/// Refuses to encrypt with a material that should have been replaced: a record that its rotation needs is damaged.
fn demand_rotated(transaction: &Transaction<'_>, permit: &Permit) -> Result<()> {
    let key = permit.key();
    if transaction.vault().due(key, transaction.now()) == Due::Nothing {
        return Ok(());
    }
    // It fails as it did before; should it not, the next attempt sees what it did.
    apply_due_for(transaction, &RecordName::key(&key.region, key.id.as_bytes()))?;
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
    transaction.get_material(RecordName::material(&key.material_place(), &key.id, reference), key)
}

/// The ARN of a key and the id of the material that it encrypts with now, if the answer to the question is yes, and the key is
/// in a state to do what is asked for.
pub(crate) fn current_material(
    transaction: &mut Transaction<'_>,
    question: &Question<'_>,
    key_id: &str,
) -> Result<(String, MaterialId)> {
    let permit = permit(transaction, question, key_id)?;
    if question.operation != Operation::Decrypt {
        demand_rotated(transaction, &permit)?;
    }
    let material = permit.key().current_material.ok_or_else(|| missing(&permit))?;
    Ok((permit.key().arn(), material))
}

/// The material of a key that encrypts symmetrically.
pub(super) fn symmetric<'m>(permit: &Permit, material: &'m Material) -> Result<&'m SymmetricMaterial> {
    material.symmetric().ok_or_else(|| missing(permit))
}

/// The material of a key that makes MACs.
pub(super) fn hmac<'m>(permit: &Permit, material: &'m Material) -> Result<&'m HmacMaterial> {
    material.hmac().ok_or_else(|| missing(permit))
}

/// The material of an asymmetric key.
pub(super) fn pair<'m>(permit: &Permit, material: &'m Material) -> Result<&'m dyn KeyPair> {
    material.pair().ok_or_else(|| missing(permit))
}

/// Checks that the key is there for that usage.
pub(super) fn check_usage(permit: &Permit, usage: KeyUsageType) -> Result<()> {
    let key = permit.key();
    if key.usage == usage {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidKeyUsage,
        format!("{} key usage is {} which is not valid for {}.", key.arn(), key.usage, permit.operation().name()),
    ))
}

/// Checks that the algorithm is among those that the key's spec has for its usage.
pub(super) fn check_algorithm<A: PartialEq + Display>(permit: &Permit, algorithm: &A, offered: &[A]) -> Result<()> {
    if offered.contains(algorithm) {
        return Ok(());
    }
    let spec = permit.key().spec;
    Err(Error::new(ErrorKind::InvalidKeyUsage, format!("Algorithm {algorithm} is incompatible with key spec {spec}.")))
}

fn missing(permit: &Permit) -> Error {
    Error::new(
        ErrorKind::RecordCorrupted,
        format!("the current material of {} is gone from the store", permit.key().arn()),
    )
    .explain(format!("needed for {}", permit.operation().name()))
}
