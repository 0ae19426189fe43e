//! `CreateKey`, `DescribeKey`, `ListKeys`, `UpdateKeyDescription`, `EnableKey`, `DisableKey`.

use super::{
    Execute,
    custom_keys::{self, Place},
    due::expired_keys,
    listed,
    managed_keys::RESERVED,
    materials,
    own_keys::own_keys,
    page::{List, Page},
    policies,
    quotas::quota,
    registry, removal, tags,
    target::{self, permit, update},
    validate::{in_region, invalid, not_offered},
};
use crate::{
    access::{Caller, NewKey, Question},
    api::{
        Action, CreateKeyRequest, CreateKeyResponse, DescribeKeyRequest, DescribeKeyResponse, DisableKeyRequest,
        EnableKeyRequest, KeyListEntry, KeyMetadata, ListKeysRequest, ListKeysResponse, MultiRegionConfiguration,
        MultiRegionKey, Request, ResourceOwnerType, UpdateKeyDescriptionRequest, XksKeyConfigurationType,
    },
    clock::Timestamp,
    error::{Error, ErrorKind, Result},
    key::{
        AccountId, ExpirationModelType, KeyId, KeyManagerType, KeyRecord, KeySpec, KeyState, KeyUsageType,
        MultiRegionKeyType, MultiRegionRecord, OriginType, Region,
    },
    secret::SecretArray,
    store::{RecordName, Transaction},
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::ToString,
    sync::Arc,
    vec::Vec,
};

impl Execute for CreateKeyRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<CreateKeyResponse> {
        self.create(transaction, caller, None, None)
    }
}

impl CreateKeyRequest {
    /// Creates a key. An id and material that are not given are random; only a host may give them.
    pub(crate) fn create(
        &self,
        transaction: &mut Transaction<'_>,
        caller: &Caller,
        id: Option<KeyId>,
        material: Option<&SecretArray<32>>,
    ) -> Result<CreateKeyResponse> {
        let description = self.description.clone().unwrap_or_default();
        let tags = self.tags.as_deref().unwrap_or_default();
        let (spec, usage, origin) = self.kind(caller.region())?;
        if material.is_some() && spec != KeySpec::SymmetricDefault {
            return Err(not_offered(&format!("material of one's choice for the KeySpec {spec}")));
        }
        let waits_for_material = origin == OriginType::External;
        if material.is_some() && origin != OriginType::AwsKms {
            return Err(invalid(format!("A key of the origin {origin} takes no material of one's choice here.")));
        }
        let bypass = self.bypass_policy_lockout_safety_check;
        // An id of the host's choice says it, too.
        let multi_region = self.multi_region.unwrap_or_else(|| id.is_some_and(|id| id.is_multi_region()));
        let kind = multi_region.then_some(MultiRegionKeyType::Primary);
        let new_key = Some(NewKey { spec, usage, origin, multi_region: kind });
        let question = Question {
            new_key,
            bypass_policy_lockout_safety_check: bypass,
            tags,
            ..Question::new(caller, Self::OPERATION)
        };
        let permit = target::account_permit(transaction, &question)?;
        if !tags.is_empty() {
            target::account_permit(transaction, &question.with_action(Action::TagResource))?;
        }
        let tags = tags::merged(transaction, &BTreeMap::new(), tags)?;
        let store = self.key_store(transaction, &permit, origin)?;
        check_count(transaction, permit.account(), permit.region())?;

        let id = if let Some(id) = id {
            if id.is_multi_region() != multi_region {
                let text = if multi_region { "begins with" } else { "does not begin with" };
                return Err(invalid(format!("The id of a key with MultiRegion {multi_region} {text} 'mrk-'.")));
            }
            if multi_region {
                unshared(transaction, id)?;
            }
            unused(transaction, permit.region(), id)?
        } else {
            let mut bytes = [0; 16];
            transaction.draw_id(&mut bytes)?;
            KeyId::from_random(bytes, multi_region)
        };
        let mut key = KeyRecord {
            id,
            account: permit.account().clone(),
            region: permit.region().clone(),
            created: transaction.now(),
            description,
            spec,
            usage,
            origin,
            manager: KeyManagerType::Customer,
            state: if waits_for_material { KeyState::PendingImport } else { KeyState::Enabled },
            has_policy: self.policy.is_some(),
            grants: 0,
            tags,
            current_material: None,
            materials: 0,
            aliases: BTreeSet::new(),
            on_demand_rotations: 0,
            rotation: None,
            deletion: None,
            imported: None,
            multi_region: multi_region.then(|| Arc::new(MultiRegionRecord::new(permit.region().clone()))),
            primary_state: None,
            custom_key_store: None,
            is_detached: false,
            cloud_hsm_cluster: None,
            external_key: None,
        };
        if let Some(document) = &self.policy {
            let policy = {
                let guard = registry::guard(transaction, caller, Some(&key.account))?;
                policies::checked(transaction, &question, &key, &guard, document, bypass)?
            };
            policies::put(transaction, &key, &policy)?;
        }
        if let Some(store) = &store {
            let place = Place { store, xks_key_id: self.xks_key_id.as_deref() };
            custom_keys::create(transaction, caller, &permit, &mut key, &place)?;
        } else if !waits_for_material {
            materials::create(transaction, &permit, &mut key, material)?;
        }
        transaction.put(RecordName::account_key(&key.account, &key.region, key.id.as_bytes()), &())?;
        transaction.put_key(&key)?;
        if let Some(shared) = key.multi_region.as_ref().filter(|_| waits_for_material) {
            // Nothing of it was changed by a material, with which it is written else.
            transaction.put_shared(&key, shared)?;
        }
        let key_metadata = metadata(&key);
        transaction.touched.key(&Arc::new(key));
        Ok(CreateKeyResponse { key_metadata })
    }
}

/// Refuses another key where the account has as many in the Region as the host lets it have. They are counted only where a number is set.
pub(super) fn check_count(transaction: &mut Transaction<'_>, account: &AccountId, region: &Region) -> Result<()> {
    let most = quota(transaction, |quotas| quotas.keys, u32::MAX);
    if most == u32::MAX {
        return Ok(());
    }
    transaction.rest_on_everything();
    // Those that AWS manages do not count: each has its alias.
    let managed = transaction.names(&(RecordName::aliases(account, region) + RESERVED));
    let mut count = 0_u32;
    for name in managed {
        name?;
        count = count.saturating_add(1);
    }
    let enough = most.saturating_add(count);
    let mut count = 0_u32;
    for name in transaction.names(&RecordName::account_keys(account, region)) {
        name?;
        count = count.saturating_add(1);
        if count >= enough {
            break;
        }
    }
    if count < enough {
        return Ok(());
    }
    Err(Error::new(ErrorKind::LimitExceeded, format!("The account can have at most {most} KMS keys in {region}."))
        .explain("keys whose deletion is pending count, too"))
}

/// An id that no key has in a Region, and of which nothing is left there.
pub(super) fn unused(transaction: &mut Transaction<'_>, region: &Region, id: KeyId) -> Result<KeyId> {
    clear(transaction, &RecordName::removal(region, &id))?;
    match transaction.get::<KeyRecord>(RecordName::key(region, id.as_bytes()))? {
        Some(_) => Err(already_exists(id)),
        None => Ok(id),
    }
}

/// The same of all Regions together.
pub(super) fn unshared(transaction: &mut Transaction<'_>, id: KeyId) -> Result<()> {
    clear(transaction, &RecordName::removal(&Region::shared_place(), &id))?;
    if transaction.note(&RecordName::multi_region(&id))? { Err(already_exists(id)) } else { Ok(()) }
}

/// What is left of a deleted key of that id would mix with the new one.
fn clear(transaction: &mut Transaction<'_>, removal: &RecordName) -> Result<()> {
    if transaction.note(removal)? {
        removal::finish(transaction.vault(), transaction.turn(), removal)?;
        transaction.forget(removal);
        transaction.note(removal)?;
    }
    Ok(())
}

fn already_exists(id: KeyId) -> Error {
    Error::new(ErrorKind::AlreadyExists, format!("A key with the id {id} already exists"))
}

impl CreateKeyRequest {
    /// What kind of key is asked for, and refusals in place of promises for what is not offered.
    fn kind(&self, region: &Region) -> Result<(KeySpec, KeyUsageType, OriginType)> {
        let spec = match (self.key_spec, self.customer_master_key_spec) {
            (Some(_), Some(_)) => {
                return Err(invalid("You cannot specify KeySpec and CustomerMasterKeySpec in the same request."));
            }
            (Some(spec), None) => spec,
            (None, Some(former)) => former.into(),
            (None, None) => KeySpec::SymmetricDefault,
        };
        let usage = match self.key_usage {
            Some(usage) => usage,
            None if spec == KeySpec::SymmetricDefault => KeyUsageType::EncryptDecrypt,
            None => {
                return Err(invalid(
                    "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
                ));
            }
        };
        if !spec.supports(usage) {
            return Err(invalid(format!("KeyUsage {usage} is not compatible with KeySpec {spec}")));
        }
        let origin = self.origin.unwrap_or(OriginType::AwsKms);
        self.check_key_store(spec, usage, origin)?;
        in_region(spec, region)?;
        Ok((spec, usage, origin))
    }
}

impl Execute for DescribeKeyRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<DescribeKeyResponse> {
        let grant_tokens = self.grant_tokens.as_deref().unwrap_or_default();
        let question = Question { grant_tokens, ..Question::new(caller, Self::OPERATION) };
        let permit = permit(transaction, &question, &self.key_id)?;
        Ok(DescribeKeyResponse { key_metadata: metadata(permit.key()) })
    }
}

/// What is known of a key, as `CreateKey`, `DescribeKey` and `ReplicateKey` return it.
pub(super) fn metadata(key: &KeyRecord) -> KeyMetadata {
    KeyMetadata {
        aws_account_id: key.account.to_string(),
        key_id: key.id.to_string(),
        arn: key.arn(),
        creation_date: key.created,
        enabled: key.shown_state() == KeyState::Enabled,
        description: key.description.clone(),
        key_usage: key.usage,
        key_state: key.shown_state(),
        deletion_date: key.deletion.as_ref().and_then(|deletion| deletion.date),
        valid_to: valid_to(key),
        origin: key.origin,
        custom_key_store_id: key.custom_key_store.clone(),
        cloud_hsm_cluster_id: key.cloud_hsm_cluster.clone(),
        expiration_model: key.has_imported().then(|| match valid_to(key) {
            Some(_) => ExpirationModelType::KeyMaterialExpires,
            None => ExpirationModelType::KeyMaterialDoesNotExpire,
        }),
        key_manager: key.manager,
        customer_master_key_spec: key.spec.customer_master_key_spec(),
        key_spec: key.spec,
        encryption_algorithms: listed(key.spec.encryption_algorithms(key.usage)),
        signing_algorithms: listed(key.spec.signing_algorithms(key.usage)),
        key_agreement_algorithms: listed(key.spec.key_agreement_algorithms(key.usage)),
        encapsulation_algorithms: listed(key.spec.encapsulation_algorithms(key.usage)),
        multi_region: key.id.is_multi_region(),
        multi_region_configuration: key.multi_region.as_ref().map(|shared| {
            let place = |region: &Region| MultiRegionKey { arn: key.arn_in(region), region: region.to_string() };
            MultiRegionConfiguration {
                multi_region_key_type: shared.kind(&key.region),
                primary_key: place(&shared.primary),
                replica_keys: shared.replicas.iter().map(place).collect(),
            }
        }),
        pending_deletion_window_in_days: key
            .deletion
            .as_ref()
            .filter(|deletion| deletion.date.is_none())
            .and_then(|deletion| i32::try_from(deletion.window_days).ok()),
        mac_algorithms: listed(key.spec.mac_algorithms(key.usage)),
        xks_key_configuration: key
            .external_key
            .clone()
            .filter(|_| key.origin == OriginType::ExternalKeyStore)
            .map(|id| XksKeyConfigurationType { id }),
        // "This value is present for symmetric encryption keys with AWS_KMS or EXTERNAL origin" (KeyMetadata): the others have one
        // material for good.
        current_key_material_id: key
            .current_material
            .filter(|_| key.spec == KeySpec::SymmetricDefault && key.custom_key_store.is_none())
            .map(|id| id.to_string()),
    }
}

/// When the first of the materials that belong to a key expires.
fn valid_to(key: &KeyRecord) -> Option<Timestamp> {
    key.imported.as_ref()?.valid_to
}

impl Execute for ListKeysRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<ListKeysResponse> {
        let permit = target::account_permit(transaction, &Question::new(caller, Self::OPERATION))?;
        let arguments: Vec<_> = self.resource_owners.iter().flatten().map(|owner| owner.as_str()).collect();
        let list =
            List { arguments: &arguments, ..List::of(Self::OPERATION.name(), self.limit, self.marker.as_deref()) };
        let page = Page::of(&list, transaction, caller)?;
        let owners = self.resource_owners.as_deref().unwrap_or(&[ResourceOwnerType::SelfOwned]);
        // Sharing through Resource Access Manager does not exist in a vault, so no key is shared with the caller.
        if !owners.contains(&ResourceOwnerType::SelfOwned) {
            return Ok(ListKeysResponse { keys: Vec::new(), next_marker: None, truncated: false });
        }
        let prefix = RecordName::account_keys(permit.account(), permit.region());
        let expired = expired_keys(transaction, permit.region())?;
        let after = page.after.as_ref().map(|position| [&*prefix, position].concat());
        let is_there = |key: &KeyRecord| !expired.contains(&key.id);
        let found = own_keys(transaction, (permit.account(), permit.region()), after, page.fetch_count(), is_there)?;
        let (keys, next_marker) = page.cut(transaction, found, |(entry, _)| entry.after(&prefix).unwrap_or_default());
        let entry = |(_, key): (_, Arc<KeyRecord>)| KeyListEntry { key_id: key.id.to_string(), key_arn: key.arn() };
        Ok(ListKeysResponse {
            keys: keys.into_iter().map(entry).collect(),
            truncated: next_marker.is_some(),
            next_marker,
        })
    }
}

impl Execute for UpdateKeyDescriptionRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let permit = permit(transaction, &Question::new(caller, Self::OPERATION), &self.key_id)?;
        update(transaction, &permit, |key| key.description.clone_from(&self.description))
    }
}

impl Execute for EnableKeyRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let permit = permit(transaction, &Question::new(caller, Self::OPERATION), &self.key_id)?;
        let now = transaction.now();
        update(transaction, &permit, |key| {
            key.state = KeyState::Enabled;
            // A rotation that was missed while disabled happens at once, and the schedule counts from then on
            // (GetKeyRotationStatus, "Disabled"). A replica does not decide that for the others.
            let is_replica = key.is_replica();
            if let Some(schedule) = key.rotation.as_mut().filter(|schedule| schedule.next < now && !is_replica) {
                schedule.next = now;
            }
        })
    }
}

impl Execute for DisableKeyRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let permit = permit(transaction, &Question::new(caller, Self::OPERATION), &self.key_id)?;
        update(transaction, &permit, |key| key.state = KeyState::Disabled)
    }
}
