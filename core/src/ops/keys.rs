//! `CreateKey`, `DescribeKey`, `ListKeys`, `UpdateKeyDescription`, `EnableKey`, `DisableKey`.

use super::{
    Execute, materials,
    page::{List, Page},
    tags,
    target::{Named, permit, update},
    validate::invalid,
};
use crate::{
    access::Caller,
    api::{
        CreateKeyRequest, CreateKeyResponse, DescribeKeyRequest, DescribeKeyResponse, DisableKeyRequest,
        EnableKeyRequest, KeyListEntry, KeyMetadata, ListKeysRequest, ListKeysResponse, MultiRegionConfiguration,
        MultiRegionKey, Request, ResourceOwnerType, UpdateKeyDescriptionRequest, XksKeyConfigurationType,
    },
    error::{Error, ErrorKind, Result, Untrusted},
    key::{KeyId, KeyManagerType, KeyRecord, KeySpec, KeyState, KeyUsageType, MaterialOrigin, OriginType},
    store::{RecordName, Transaction},
};
use alloc::{collections::BTreeSet, format, string::ToString, vec::Vec};

impl Execute for CreateKeyRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<CreateKeyResponse> {
        let Self { description, tags, bypass_policy_lockout_safety_check: _, .. } = self;
        let description = description.clone().unwrap_or_default();
        let tags = tags.as_deref().unwrap_or_default();
        let (spec, usage, origin) = self.kind()?;
        let tags = tags::merged(&alloc::collections::BTreeMap::new(), tags)?;

        let mut id = [0; 16];
        transaction.provider().fill_random(&mut id)?;
        let mut key = KeyRecord {
            id: KeyId::from_random(id, false),
            account: caller.account().clone(),
            region: caller.region().clone(),
            created: transaction.now(),
            description,
            spec,
            usage,
            origin,
            manager: KeyManagerType::Customer,
            state: KeyState::Enabled,
            policy: None,
            tags,
            current_material: None,
            materials: 0,
            aliases: BTreeSet::new(),
            on_demand_rotations: 0,
            rotation: None,
            deletion: None,
            multi_region: None,
            custom_key_store: None,
            cloud_hsm_cluster: None,
            external_key: None,
        };
        let now = transaction.now();
        materials::rotate(transaction, &mut key, MaterialOrigin::Initial, now)?;
        transaction.put(RecordName::key(&key.region, key.id.as_bytes()), &key)?;
        Ok(CreateKeyResponse { key_metadata: metadata(&key) })
    }
}

impl CreateKeyRequest {
    /// What kind of key is asked for, and refusals in place of promises for what is not offered.
    fn kind(&self) -> Result<(KeySpec, KeyUsageType, OriginType)> {
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
        if let Some(id) = &self.custom_key_store_id {
            return Err(Error::new(
                ErrorKind::CustomKeyStoreNotFound,
                format!("Custom key store '{}' does not exist.", Untrusted(id)),
            ));
        }
        if self.xks_key_id.is_some() {
            return Err(invalid("XksKeyId is valid only for a key with the origin EXTERNAL_KEY_STORE."));
        }
        match origin {
            OriginType::AwsKms => {}
            OriginType::AwsCloudhsm | OriginType::ExternalKeyStore => {
                return Err(invalid(format!("You must specify a CustomKeyStoreId for the origin {origin}.")));
            }
            OriginType::External => return Err(not_offered("the origin EXTERNAL (imported key material)")),
        }
        if spec != KeySpec::SymmetricDefault {
            return Err(not_offered(&format!("the KeySpec {spec}")));
        }
        if self.multi_region == Some(true) {
            return Err(not_offered("MultiRegion"));
        }
        if self.policy.is_some() {
            // Storing a policy that nobody enforces would be a promise broken.
            return Err(not_offered("Policy (every key has the default key policy)"));
        }
        Ok((spec, usage, origin))
    }
}

fn not_offered(what: &str) -> Error {
    Error::new(ErrorKind::UnsupportedOperation, format!("This version of PocketKMS does not offer {what}."))
}

impl Execute for DescribeKeyRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<DescribeKeyResponse> {
        let tokens = self.grant_tokens.as_deref();
        let permit = permit(transaction, caller, Self::OPERATION, &self.key_id, Named::Any, tokens)?;
        Ok(DescribeKeyResponse { key_metadata: metadata(permit.key()) })
    }
}

/// What is known of a key, as `CreateKey` and `DescribeKey` tell it.
fn metadata(key: &KeyRecord) -> KeyMetadata {
    KeyMetadata {
        aws_account_id: key.account.to_string(),
        key_id: key.id.to_string(),
        arn: key.arn(),
        creation_date: key.created,
        enabled: key.state == KeyState::Enabled,
        description: key.description.clone(),
        key_usage: key.usage,
        key_state: key.state,
        deletion_date: key.deletion.as_ref().and_then(|deletion| deletion.date),
        valid_to: None,
        origin: key.origin,
        custom_key_store_id: key.custom_key_store.clone(),
        cloud_hsm_cluster_id: key.cloud_hsm_cluster.clone(),
        expiration_model: None,
        key_manager: key.manager,
        customer_master_key_spec: key.spec.customer_master_key_spec(),
        key_spec: key.spec,
        encryption_algorithms: listed(key.spec.encryption_algorithms(key.usage)),
        signing_algorithms: listed(key.spec.signing_algorithms(key.usage)),
        key_agreement_algorithms: listed(key.spec.key_agreement_algorithms(key.usage)),
        encapsulation_algorithms: listed(key.spec.encapsulation_algorithms(key.usage)),
        multi_region: key.id.is_multi_region(),
        multi_region_configuration: key.multi_region.as_ref().map(|regions| {
            let place = |region: &crate::key::Region| MultiRegionKey {
                arn: KeyRecord { region: region.clone(), ..key.clone() }.arn(),
                region: region.to_string(),
            };
            MultiRegionConfiguration {
                multi_region_key_type: regions.kind,
                primary_key: place(&regions.primary),
                replica_keys: regions.replicas.iter().map(place).collect(),
            }
        }),
        pending_deletion_window_in_days: key
            .deletion
            .as_ref()
            .filter(|deletion| deletion.date.is_none())
            .and_then(|deletion| i32::try_from(deletion.window_days).ok()),
        mac_algorithms: listed(key.spec.mac_algorithms(key.usage)),
        xks_key_configuration: key.external_key.clone().map(|id| XksKeyConfigurationType { id }),
        current_key_material_id: key.current_material.map(|id| id.to_string()),
    }
}

/// A list of algorithms is there only for the usage that it belongs to.
fn listed<T: Copy>(algorithms: &[T]) -> Option<Vec<T>> {
    (!algorithms.is_empty()).then(|| algorithms.to_vec())
}

impl Execute for ListKeysRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<ListKeysResponse> {
        let arguments: Vec<_> = self.resource_owners.iter().flatten().map(|owner| owner.as_str()).collect();
        let list = List {
            operation: Self::OPERATION.name(),
            arguments: &arguments,
            limit: self.limit,
            marker: self.marker.as_deref(),
            default: 100,
        };
        let page = Page::of(&list, transaction, caller)?;
        let owners = self.resource_owners.as_deref().unwrap_or(&[ResourceOwnerType::SelfOwned]);
        // Sharing through Resource Access Manager does not exist in a vault, so no key is shared with the caller.
        if !owners.contains(&ResourceOwnerType::SelfOwned) {
            return Ok(ListKeysResponse { keys: Vec::new(), next_marker: None, truncated: false });
        }
        let prefix = RecordName::keys(caller.region());
        let after = page.after.as_ref().map(|position| [prefix.as_str(), position].concat());
        let own = |key: &KeyRecord| key.account == *caller.account();
        let found = transaction.list(&prefix, after.as_deref(), page.wanted(), own)?;
        let (keys, next_marker) = page.cut(transaction, found, |(name, _)| name.after(&prefix).unwrap_or_default());
        let entry = |(_, key): (_, KeyRecord)| KeyListEntry { key_id: key.id.to_string(), key_arn: key.arn() };
        Ok(ListKeysResponse {
            keys: keys.into_iter().map(entry).collect(),
            truncated: next_marker.is_some(),
            next_marker,
        })
    }
}

impl Execute for UpdateKeyDescriptionRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let permit = permit(transaction, caller, Self::OPERATION, &self.key_id, Named::ById, None)?;
        update(transaction, &permit, |key| key.description.clone_from(&self.description))
    }
}

impl Execute for EnableKeyRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let permit = permit(transaction, caller, Self::OPERATION, &self.key_id, Named::ById, None)?;
        let now = transaction.now();
        update(transaction, &permit, |key| {
            key.state = KeyState::Enabled;
            // A rotation that was missed while disabled happens at once, and the schedule counts from then on
            // (GetKeyRotationStatus, "Disabled").
            if let Some(schedule) = key.rotation.as_mut().filter(|schedule| schedule.next < now) {
                schedule.next = now;
            }
        })
    }
}

impl Execute for DisableKeyRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let permit = permit(transaction, caller, Self::OPERATION, &self.key_id, Named::ById, None)?;
        update(transaction, &permit, |key| key.state = KeyState::Disabled)
    }
}
