//! Opening a parcel: a new replica, or the materials that came after those that the replica has.

use super::{
    super::{
        imported, imports_everywhere,
        keys::{check_count, metadata, unshared, unused},
        policies, registry, tags,
        target::{self, permit},
        validate::{in_region, invalid},
    },
    check_fingerprint, format,
    keys::{already_there, expired, find},
    seal::MOST_MATERIALS,
};
use crate::{
    access::{Caller, NewKey, Question},
    api::{Action, OpenParcelRequest, OpenParcelResponse, Operation},
    clock::Timestamp,
    crypto::Provider,
    error::{Error, ErrorKind, Result},
    key::{
        ImportState, KeyManagerType, KeyRecord, KeySpec, KeyState, KeyUsageType, Material, MaterialId, MaterialRecord,
        MultiRegionKeyType, MultiRegionRecord, OriginType, ParcelRecord, RotationRecord,
    },
    secret::Secret,
    shape,
    store::{RecordName, Transaction},
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::ToString,
    sync::Arc,
    vec::Vec,
};

/// The first moment of the year 10000, in milliseconds. No language's dates go beyond.
const END_OF_DATES: i64 = 253_402_300_800_000;

/// Opens a parcel.
pub(crate) fn open(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    request: &OpenParcelRequest,
) -> Result<OpenParcelResponse> {
    shape::check(request)?;
    let provider = transaction.provider();
    let id = format::parcel_key_of(&request.parcel).ok_or_else(unopened)?;
    let kept = find(transaction, caller, &id)?;
    if kept.key.expires <= transaction.now() {
        return Err(expired());
    }
    check_fingerprint(provider, "Parcel", &request.parcel, request.fingerprint.as_deref())?;
    let opened = format::open(provider, (&kept.key, &kept.bytes), &kept.private_key, &request.parcel);
    let (record, materials) = opened.ok_or_else(unopened)?;
    if *record.key.as_bytes() != kept.key.key {
        return Err(unopened());
    }
    // Anyone who has the parcel key can seal to it, so that what is in the parcel is checked as any input is.
    let parcel = Parcel { materials: checked(provider, caller, &record, materials).ok_or_else(unopened)?, record };
    if parcel.record.primary == *caller.region() {
        return Err(already_there(&parcel.record.key, caller.region()));
    }

    let (key, new) = match target::by_id(transaction, caller, parcel.record.key.as_bytes())? {
        Some(_) => refresh(transaction, caller, request, &parcel)?,
        None => replicate(transaction, caller, request, &parcel)?,
    };
    kept.delete(transaction);
    let key_metadata = metadata(&key);
    transaction.touched.key(&Arc::new(key));
    Ok(OpenParcelResponse { key_metadata, new_key_materials: i32::try_from(new).unwrap_or(i32::MAX) })
}

/// One error for every parcel that does not open, so that nothing is learnt of the parcel key.
fn unopened() -> Error {
    Error::new(ErrorKind::InvalidCiphertext, "").explain(
        "the parcel was altered, cut, or sealed to another parcel key or for another KMS key than this one was made for",
    )
}

/// What came, checked.
struct Parcel {
    record: ParcelRecord,
    /// Of each that the parcel names; none of imported material.
    materials: Vec<Secret>,
}

impl Parcel {
    /// What is known of the material of a number, as records have it.
    fn rotation(&self, number: usize) -> Option<RotationRecord> {
        let material = self.record.materials.get(number)?;
        Some(RotationRecord {
            material: material.id,
            origin: material.origin,
            date: material.date,
            description: None,
            import_state: (self.record.origin == OriginType::External).then_some(ImportState::PendingImport),
            expiration: None,
            valid_to: None,
        })
    }

    fn count(&self) -> u32 {
        u32::try_from(self.record.materials.len()).unwrap_or(u32::MAX)
    }

    fn last(&self) -> Option<MaterialId> {
        self.record.materials.last().map(|material| material.id)
    }

    /// Writes those from a number on.
    fn put_from(&self, transaction: &mut Transaction<'_>, key: &KeyRecord, first: u32) -> Result<()> {
        let place = key.material_place();
        for number in first..self.count() {
            let at = number as usize;
            let Some(rotation) = self.rotation(at) else { continue };
            if let Some(material) = self.materials.get(at) {
                let name = RecordName::material(&place, &key.id, rotation.material.reference());
                transaction.note(&name)?;
                transaction.put_secret(name, Secret::copy_of(material.expose()));
            }
            let name = imported::name(key, number);
            transaction.note(&name)?;
            transaction.put(name, &rotation)?;
        }
        Ok(())
    }
}

/// The materials, if all that the parcel says fits together and could be so of a key of this caller's.
fn checked(provider: &Provider, caller: &Caller, record: &ParcelRecord, materials: Vec<Secret>) -> Option<Vec<Secret>> {
    let ParcelRecord { key, account, primary, spec, usage, origin, on_demand_rotations, materials: known } = record;
    let counts = match origin {
        OriginType::AwsKms => !known.is_empty() && known.len() == materials.len(),
        OriginType::External => materials.is_empty(),
        OriginType::AwsCloudhsm | OriginType::ExternalKeyStore => false,
    };
    let fits = counts
        && known.len() <= MOST_MATERIALS
        && *on_demand_rotations as usize <= known.len()
        && key.is_multi_region()
        && account == caller.account()
        && primary.partition() == caller.region().partition()
        && spec.supports(*usage)
        && in_region(*spec, caller.region()).is_ok()
        && known.iter().all(|material| is_date(material.date))
        && known.iter().map(|material| material.id).collect::<BTreeSet<_>>().len() == known.len();
    if !fits {
        return None;
    }
    for (material, known) in materials.iter().zip(known) {
        let record = MaterialRecord::read(Secret::copy_of(material.expose()))?;
        Material::open(provider, key, *spec, &record)?;
        if MaterialId::of(provider, key, &record) != known.id {
            return None;
        }
    }
    Some(materials)
}

fn is_date(date: Timestamp) -> bool {
    (0..END_OF_DATES).contains(&date.as_millis())
}

/// Makes a replica, and says how many of the materials are new to the vault.
fn replicate(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    request: &OpenParcelRequest,
    parcel: &Parcel,
) -> Result<(KeyRecord, u32)> {
    let record = &parcel.record;
    let tags = request.tags.as_deref().unwrap_or_default();
    let bypass = request.bypass_policy_lockout_safety_check;
    let question = Question {
        action: Action::CreateKey,
        new_key: Some(NewKey {
            spec: record.spec,
            usage: record.usage,
            origin: record.origin,
            multi_region: Some(MultiRegionKeyType::Replica),
        }),
        bypass_policy_lockout_safety_check: bypass,
        tags,
        ..Question::new(caller, Operation::ReplicateKey)
    };
    let account = target::account_permit(transaction, &question)?;
    if !tags.is_empty() {
        target::account_permit(transaction, &question.with_action(Action::TagResource))?;
    }
    let region = account.region().clone();
    unused(transaction, &region, record.key)?;
    let merged = tags::merged(transaction, &BTreeMap::new(), tags)?;
    check_count(transaction, account.account(), &region)?;

    let shared = transaction.get::<MultiRegionRecord>(RecordName::multi_region(&record.key))?;
    let mut shared = match shared {
        Some(shared) if shared.primary_elsewhere && is_alike(transaction, &shared, parcel)? => {
            MultiRegionRecord::clone(&shared)
        }
        Some(_) => return Err(already_there(&record.key, &region)),
        None => {
            unshared(transaction, record.key)?;
            MultiRegionRecord { primary_elsewhere: true, ..MultiRegionRecord::new(record.primary.clone()) }
        }
    };
    shared.replicas.push(region.clone());
    let mut replica = KeyRecord {
        id: record.key,
        account: account.account().clone(),
        region,
        created: transaction.now(),
        description: request.description.clone().unwrap_or_default(),
        spec: record.spec,
        usage: record.usage,
        origin: record.origin,
        manager: KeyManagerType::Customer,
        state: KeyState::Enabled,
        has_policy: request.policy.is_some(),
        grants: 0,
        tags: merged,
        current_material: shared.current_material,
        materials: shared.materials,
        aliases: BTreeSet::new(),
        on_demand_rotations: shared.on_demand_rotations,
        rotation: None,
        deletion: None,
        imported: None,
        multi_region: Some(Arc::new(shared)),
        primary_state: None,
        custom_key_store: None,
        is_detached: false,
        cloud_hsm_cluster: None,
        external_key: None,
    };
    if let Some(document) = &request.policy {
        let guard = registry::guard(transaction, caller, Some(&replica.account))?;
        let policy = policies::checked(transaction, &question, &replica, &guard, document, bypass)?;
        policies::put(transaction, &replica, &policy)?;
    }
    let new = follow(transaction, &mut replica, parcel)?;
    transaction.put(RecordName::account_key(&replica.account, &replica.region, replica.id.as_bytes()), &())?;
    transaction.put(RecordName::key(&replica.region, replica.id.as_bytes()), &*replica.own_part())?;
    put_shared(transaction, &replica)?;
    Ok((replica, new))
}

/// Whether the replicas that the vault has of the key already are of the same key: the same account's, of the same kind, and, where each
/// has materials of its own, with these. Those that share their materials compare them as they follow.
fn is_alike(transaction: &mut Transaction<'_>, shared: &MultiRegionRecord, parcel: &Parcel) -> Result<bool> {
    let record = &parcel.record;
    for region in &shared.replicas {
        let other = transaction.get_key(RecordName::key(region, record.key.as_bytes()))?;
        let Some(other) = other.filter(|other| other.account == record.account) else { return Ok(false) };
        if kind(&other) != (record.spec, record.usage, record.origin) {
            return Ok(false);
        }
        if record.origin == OriginType::External {
            for number in 0..other.materials {
                let known = imported::get(transaction, &other, number)?.material;
                if parcel.rotation(number as usize).map(|rotation| rotation.material) != Some(known) {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

fn kind(key: &KeyRecord) -> (KeySpec, KeyUsageType, OriginType) {
    (key.spec, key.usage, key.origin)
}

/// Gives the replica what came after what it has, and says how many materials that were.
fn refresh(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    request: &OpenParcelRequest,
    parcel: &Parcel,
) -> Result<(KeyRecord, u32)> {
    let record = &parcel.record;
    let question = Question::new(caller, Operation::ImportKeyMaterial);
    let permit = permit(transaction, &question, &record.key.to_string())?;
    let before = permit.key();
    let is_its_replica = before.multi_region.as_ref().is_some_and(|shared| shared.primary_elsewhere)
        && kind(before) == (record.spec, record.usage, record.origin);
    if !is_its_replica {
        return Err(already_there(&record.key, caller.region()));
    }
    if request.policy.is_some() || request.description.is_some() || request.tags.is_some() {
        return Err(invalid("Policy, Description and Tags are for a new replica, and this one is there already."));
    }
    // Anyone can seal to the parcel key, and what there is of imported key material are its ids, which are no secret: a person has to say
    // that the parcel is the right one.
    if record.origin == OriginType::External && request.fingerprint.is_none() {
        return Err(invalid("The Fingerprint of the parcel is needed: the replica key has imported key material."));
    }
    let mut replica = before.clone();
    let new = follow(transaction, &mut replica, parcel)?;
    if let Some(shared) = &mut replica.multi_region {
        Arc::make_mut(shared).primary = record.primary.clone();
    }
    if before.own_part() != replica.own_part() {
        transaction.put(RecordName::key(&replica.region, replica.id.as_bytes()), &*replica.own_part())?;
    }
    put_shared(transaction, &replica)?;
    Ok((replica, new))
}

/// Writes what the replicas of this vault share.
fn put_shared(transaction: &mut Transaction<'_>, replica: &KeyRecord) -> Result<()> {
    match replica.shared_part() {
        Some(shared) => transaction.put_shared(replica, &shared),
        None => Ok(()),
    }
}

/// Takes the materials that come after those of the replica. They must be its own: a parcel that was sealed before another one that was
/// opened already takes nothing back.
fn follow(transaction: &mut Transaction<'_>, replica: &mut KeyRecord, parcel: &Parcel) -> Result<u32> {
    let (known, count) = (replica.materials, parcel.count());
    // A primary key has its place in the other vault, and this one no second.
    if replica.multi_region.as_ref().is_some_and(|shared| shared.replicas.contains(&parcel.record.primary)) {
        return Err(already_there(&parcel.record.key, &parcel.record.primary));
    }
    for number in 0..known.min(count) {
        let there = imported::get(transaction, replica, number)?;
        if parcel.rotation(number as usize).map(|rotation| rotation.material) != Some(there.material) {
            return Err(Error::new(
                ErrorKind::IncorrectKeyMaterial,
                "The parcel has another key material than the replica key.",
            )
            .explain(
                "it is of a key with the same id that is not the same: there is nothing in common to go on from",
            ));
        }
    }
    if count < known {
        return Err(Error::new(ErrorKind::IncorrectKeyMaterial, "The parcel is older than the replica key.")
            .explain("the replica has key materials that the primary key came to after the parcel was sealed"));
    }
    parcel.put_from(transaction, replica, known)?;
    replica.materials = count;
    replica.current_material = parcel.last();
    replica.on_demand_rotations = parcel.record.on_demand_rotations;
    if replica.origin == OriginType::External {
        let added = parcel.record.materials.iter().skip(known as usize).map(|material| material.id);
        imports_everywhere::await_materials(replica, added.collect());
    }
    Ok(count.saturating_sub(known))
}
