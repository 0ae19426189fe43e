//! Keys as they are: with what those of several Regions share, which stands in a record of its own.

use super::{RecordName, Transaction, unless_damaged, vault::missing};
use crate::{
    error::Result,
    key::{KeyRecord, MultiRegionRecord},
    key_store::KeyStoreRecord,
};
use alloc::sync::Arc;

/// The custom key store that a key is in.
fn key_store_of(key: &KeyRecord) -> Option<RecordName> {
    let id = key.custom_key_store.as_deref()?;
    Some(RecordName::key_store(&key.account, &key.region, id))
}

impl Transaction<'_> {
    /// The key of a record's name. Where what it shares with others is damaged or gone, so is each of them.
    pub(crate) fn get_key(&mut self, name: RecordName) -> Result<Option<Arc<KeyRecord>>> {
        let Some(key) = self.get::<KeyRecord>(name)? else { return Ok(None) };
        if key.custom_key_store.is_some() {
            return self.with_key_store(&key).map(Some);
        }
        if !key.id.is_multi_region() {
            return Ok(Some(key));
        }
        let name = RecordName::multi_region(&key.id);
        let shared = self.get::<MultiRegionRecord>(name.clone())?.ok_or_else(|| missing(name.as_str()))?;
        let mut key = key.joined(shared);
        if key.is_replica() && key.rotation.is_some() {
            key.primary_state = self.primary_of(&key)?.map(|primary| primary.state);
        }
        Ok(Some(Arc::new(key)))
    }

    /// A key of a custom key store. Where the record of that is damaged or gone, the key is there, and cannot be used.
    fn with_key_store(&mut self, key: &Arc<KeyRecord>) -> Result<Arc<KeyRecord>> {
        let Some(name) = key_store_of(key) else { return Ok(Arc::clone(key)) };
        let store = unless_damaged(self.get::<KeyStoreRecord>(name))?.flatten();
        let is_detached = !store.as_ref().is_some_and(|store| store.is_connected());
        // The store may be of another cluster by now.
        let cluster = store.as_ref().and_then(|store| store.cluster()).or(key.cloud_hsm_cluster.as_deref());
        if !is_detached && cluster == key.cloud_hsm_cluster.as_deref() {
            return Ok(Arc::clone(key));
        }
        let cloud_hsm_cluster = cluster.map(Into::into);
        Ok(Arc::new(KeyRecord { is_detached, cloud_hsm_cluster, ..KeyRecord::clone(key) }))
    }

    /// The own part of a key's primary; `None` where that does not open, and so does not rotate.
    pub(crate) fn primary_of(&mut self, key: &KeyRecord) -> Result<Option<Arc<KeyRecord>>> {
        let Some(shared) = &key.multi_region else { return Ok(None) };
        let primary = self.get::<KeyRecord>(RecordName::key(&shared.primary, key.id.as_bytes()));
        Ok(unless_damaged(primary)?.flatten())
    }

    /// Writes a key, and what it shares with others if that changed.
    pub(crate) fn put_key(&mut self, key: &KeyRecord) -> Result<()> {
        self.put(RecordName::key(&key.region, key.id.as_bytes()), &*key.own_part())?;
        self.put_shared_part(key)
    }

    /// Writes what changed of a key.
    pub(crate) fn put_changed(&mut self, before: &KeyRecord, key: &KeyRecord) -> Result<()> {
        if before.own_part() != key.own_part() {
            self.put(RecordName::key(&key.region, key.id.as_bytes()), &*key.own_part())?;
        }
        self.put_shared_part(key)
    }

    fn put_shared_part(&mut self, key: &KeyRecord) -> Result<()> {
        match key.shared_part() {
            Some(shared) if key.multi_region.as_deref() != Some(&shared) => self.put_shared(key, &shared),
            _ => Ok(()),
        }
    }

    /// Writes what the keys of a multi-Region key share.
    pub(crate) fn put_shared(&mut self, key: &KeyRecord, shared: &MultiRegionRecord) -> Result<()> {
        self.put(RecordName::multi_region(&key.id), shared)
    }

    /// Forgets that a key was read, to read it again as it is after another commit.
    pub(crate) fn forget_key(&mut self, key: &KeyRecord) {
        self.forget(&RecordName::key(&key.region, key.id.as_bytes()));
        self.forget(&RecordName::policy(&key.region, &key.id));
        if let Some(store) = key_store_of(key) {
            self.forget(&store);
        }
        if let Some(shared) = &key.multi_region {
            self.forget(&RecordName::multi_region(&key.id));
            self.forget(&RecordName::key(&shared.primary, key.id.as_bytes()));
        }
    }
}
