//! Sealing a primary key for another vault.

use super::{
    super::{imported, multi_region::shared_of_primary, target::permit, validate::invalid},
    check_fingerprint,
    format::{self, ParcelKey, fingerprint},
    keys::{already_there, expired},
};
use crate::{
    access::{Caller, Question},
    api::{Operation, SealParcelRequest, SealParcelResponse},
    error::{Error, ErrorKind, Result},
    key::{KeyRecord, OriginType, ParcelMaterial, ParcelRecord},
    secret::Secret,
    shape,
    store::{RecordName, Transaction, missing},
};
use alloc::{format, string::ToString, vec::Vec};

/// The most materials of a parcel: as many as the other vault can store in one commit.
pub(super) const MOST_MATERIALS: usize = 40;

/// Seals a key to a parcel key.
pub(crate) fn seal(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    request: &SealParcelRequest,
) -> Result<SealParcelResponse> {
    shape::check(request)?;
    let provider = transaction.provider();
    let bytes: &[u8] = &request.parcel_key;
    let parcel_key = ParcelKey::read(bytes).ok_or_else(|| invalid("The bytes are no parcel key."))?;
    let question =
        Question { replica_region: Some(parcel_key.region.as_str()), ..Question::new(caller, Operation::ReplicateKey) };
    let permit = permit(transaction, &question, &request.key_id)?;
    let shared = shared_of_primary(&permit)?;
    let key = permit.key();
    check_fingerprint(provider, "ParcelKey", bytes, request.fingerprint.as_deref())?;
    if parcel_key.key != *key.id.as_bytes() || parcel_key.account != key.account {
        return Err(invalid("The parcel key is for another KMS key or another account."));
    }
    if parcel_key.expires <= transaction.now() {
        return Err(expired());
    }
    let there = &parcel_key.region;
    caller.in_region(there).map_err(|_| invalid("The parcel key is of a Region of another partition."))?;
    if *there == shared.primary || shared.replicas.contains(there) {
        return Err(already_there(&key.id, there));
    }

    let (record, materials) = contents(transaction, key)?;
    let parcel = format::seal(provider, (&parcel_key, bytes), &record, &materials)?;
    Ok(SealParcelResponse {
        fingerprint: fingerprint(provider, &parcel),
        parcel: parcel.into(),
        key_id: key.arn(),
        replica_region: there.to_string(),
    })
}

/// What a replica has of its primary key. Imported material is given to each Region by itself, by whoever has it.
fn contents(transaction: &mut Transaction<'_>, key: &KeyRecord) -> Result<(ParcelRecord, Vec<Secret>)> {
    if key.materials as usize > MOST_MATERIALS {
        let text = format!("A parcel holds at most {MOST_MATERIALS} key materials, and {} has more.", key.arn());
        return Err(Error::new(ErrorKind::LimitExceeded, text));
    }
    let (mut known, mut materials) = (Vec::new(), Vec::new());
    for number in 0..key.materials {
        let rotation = imported::get(transaction, key, number)?;
        known.push(ParcelMaterial { id: rotation.material, origin: rotation.origin, date: rotation.date });
        if key.origin == OriginType::AwsKms {
            let name = RecordName::material(&key.material_place(), &key.id, rotation.material.reference());
            let material = transaction.get_secret(name.clone())?.ok_or_else(|| missing(name.as_str()))?;
            materials.push(Secret::copy_of(material.expose()));
        }
    }
    let record = ParcelRecord {
        key: key.id,
        account: key.account.clone(),
        primary: key.region.clone(),
        spec: key.spec,
        usage: key.usage,
        origin: key.origin,
        on_demand_rotations: key.on_demand_rotations,
        materials: known,
    };
    Ok((record, materials))
}
