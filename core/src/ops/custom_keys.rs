//! KMS keys in custom key stores: how they are made.

use super::{
    cluster_keys::{self, Link},
    external_keys, materials,
    own_key_stores::{find, not_connected},
    validate::{invalid, missing},
};
use crate::{
    access::{AccountPermit, Caller},
    api::CreateKeyRequest,
    error::{Error, ErrorKind, Result},
    key::{KeyRecord, KeySpec, KeyUsageType, MaterialId, OriginType},
    key_store::{Backing, ClusterError, ClusterErrorKind, ClusterRecord, KeyStoreRecord},
    store::{RecordName, Transaction},
};
use alloc::{
    format,
    string::{String, ToString},
    sync::Arc,
};

impl CreateKeyRequest {
    /// What the request may say of a custom key store, whether or not there is one.
    pub(super) fn check_key_store(&self, spec: KeySpec, usage: KeyUsageType, origin: OriginType) -> Result<()> {
        let is_external = origin == OriginType::ExternalKeyStore;
        if self.xks_key_id.is_some() && !is_external {
            return Err(invalid("XksKeyId is valid only for a key with the origin EXTERNAL_KEY_STORE."));
        }
        if matches!(origin, OriginType::AwsCloudhsm | OriginType::ExternalKeyStore)
            && self.custom_key_store_id.is_none()
        {
            return Err(invalid(format!("You must specify a CustomKeyStoreId for the origin {origin}.")));
        }
        if self.custom_key_store_id.is_none() {
            return Ok(());
        }
        let is_symmetric = spec == KeySpec::SymmetricDefault && usage == KeyUsageType::EncryptDecrypt;
        // "This parameter is valid only for symmetric encryption KMS keys in a single Region" (CustomKeyStoreId).
        if !is_symmetric || self.multi_region == Some(true) {
            return Err(Error::new(
                ErrorKind::UnsupportedOperation,
                "A custom key store takes only symmetric encryption KMS keys of a single Region.",
            ));
        }
        if is_external && self.xks_key_id.is_none() {
            return Err(missing("xksKeyId"));
        }
        Ok(())
    }

    /// The custom key store that the request names: it is connected, and of the type that the origin says.
    pub(super) fn key_store(
        &self,
        transaction: &mut Transaction<'_>,
        permit: &AccountPermit<'_>,
        origin: OriginType,
    ) -> Result<Option<Arc<KeyStoreRecord>>> {
        let Some(id) = &self.custom_key_store_id else { return Ok(None) };
        let store = find(transaction, permit, id)?;
        let expected = match store.backing {
            Backing::Cluster(_) => OriginType::AwsCloudhsm,
            Backing::Proxy(_) => OriginType::ExternalKeyStore,
        };
        if origin != expected {
            return Err(invalid(format!(
                "The origin {origin} is not valid for the custom key store {id}: its keys have the origin {expected}."
            )));
        }
        if store.is_connected() { Ok(Some(store)) } else { Err(not_connected(&store)) }
    }
}

/// What a key is made with, in a custom key store.
pub(super) struct Place<'a> {
    pub(super) store: &'a KeyStoreRecord,
    pub(super) xks_key_id: Option<&'a str>,
}

/// Makes what is behind a new key in a custom key store. The key's record is the caller's to write.
pub(super) fn create(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    permit: &AccountPermit<'_>,
    key: &mut KeyRecord,
    place: &Place<'_>,
) -> Result<()> {
    let store = place.store;
    let id = match &store.backing {
        Backing::Cluster(behind) => in_cluster(transaction, key, store, behind)?,
        Backing::Proxy(proxy) => {
            let id = place.xks_key_id.ok_or_else(|| missing("xksKeyId"))?;
            if transaction.note(&RecordName::key_store_key(&store.id, id))? {
                return Err(Error::new(
                    ErrorKind::XksKeyAlreadyInUse,
                    format!("The external key {id} is associated with another KMS key of the custom key store."),
                ));
            }
            // "Each KMS key in an external key store is associated two backing keys. One is key material that KMS generates. The
            // other is the external key" (XksKeyId).
            external_keys::check_key(transaction, caller, store, proxy, id)?;
            materials::create(transaction, permit, key, None)?;
            id.to_string()
        }
    };
    key.custom_key_store = Some(store.id.clone());
    transaction.put(RecordName::key_store_key(&store.id, &id), &key.id.to_string())?;
    key.external_key = Some(id);
    Ok(())
}

fn in_cluster(
    transaction: &mut Transaction<'_>,
    key: &mut KeyRecord,
    store: &KeyStoreRecord,
    behind: &ClusterRecord,
) -> Result<String> {
    let link = Link::of(transaction, store, behind)?.map_err(|error| not_made(store, &error))?;
    let id = cluster_keys::create(transaction, &link, store, key)?.map_err(|error| not_made(store, &error))?;
    key.current_material = Some(MaterialId::in_cluster(transaction.provider(), &key.id, &id));
    key.cloud_hsm_cluster = Some(behind.id.clone());
    Ok(id)
}

/// What `CreateKey` answers where the cluster makes no key.
fn not_made(store: &KeyStoreRecord, error: &ClusterError) -> Error {
    let (kind, store) = (error.kind(), &store.id);
    let because = kind.text();
    let (kind, message) = match kind {
        ClusterErrorKind::Unreachable => (
            ErrorKind::DependencyTimeout,
            format!("The AWS CloudHSM cluster of the custom key store {store} did not answer."),
        ),
        _ => (
            ErrorKind::CloudHsmClusterInvalidConfiguration,
            format!("The AWS CloudHSM cluster of the custom key store {store} made no key: {because}."),
        ),
    };
    error.answer(kind, message)
}
