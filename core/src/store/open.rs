//! Making and opening a vault.

use super::{
    Change, Effect, Host, OpenVault, RootKey, Store,
    fetched::waiting,
    generation::{CommitId, Generation},
    header::Header,
    name::{CALLER, GENERATION, VAULT},
    outcome,
    sealing::Sealed,
    unless_damaged,
    vault::missing,
    vault_key::{VaultKey, rolled_back},
    wraps::new_wrap,
};
use crate::{
    error::{Error, ErrorKind, Result},
    key::CallerRecord,
    secret::SecretArray,
};
use alloc::{boxed::Box, string::ToString, sync::Arc, vec::Vec};

/// A vault that is being made, and the commit that makes it.
pub(crate) struct Creation {
    pub(crate) vault: OpenVault,
    changes: Vec<Change>,
}

impl Creation {
    /// Makes the commit.
    pub(crate) fn make(&self) -> Result<()> {
        let Self { vault, changes } = self;
        let header = changes.iter().find_map(|change| match &change.effect {
            Effect::Put(value) if change.name == VAULT => Some(value),
            _ => None,
        });
        let is_ours = || Ok(vault.store.get(VAULT)?.as_ref().map(|stored| &stored.value) == header);
        let create = || outcome::create(vault, changes, is_ours);
        let created = match &vault.fetched {
            Some(fetched) => fetched.journaled(create)?.ok_or_else(waiting)?,
            None => create()?,
        };
        if !created {
            return Err(Error::new(ErrorKind::AlreadyExists, "the store holds a vault already: open it"));
        }
        vault.saved.note();
        Ok(())
    }
}

impl OpenVault {
    /// Makes a vault in a store that has none, for the caller that it is to remember.
    pub(crate) fn create(store: Box<dyn Store>, host: Host, root: &RootKey, caller: &CallerRecord) -> Result<Self> {
        let creation = Self::prepare(store, host, root, caller)?;
        creation.make()?;
        Ok(creation.vault)
    }

    /// As [`create`](Self::create), but for the commit.
    pub(crate) fn prepare(
        store: Box<dyn Store>,
        host: Host,
        root: &RootKey,
        caller: &CallerRecord,
    ) -> Result<Creation> {
        if host.expected_head.is_some() {
            return Err(Error::new(
                ErrorKind::RolledBack,
                "the vault is gone: no new one has the state that is expected",
            ));
        }
        let key = first_key(&host, root)?;
        let header = Sealed::from_stored(&key.header_bytes(&host.provider));
        let vault = Self::new(store, host, key);
        vault.watch.confirm(vault.now());
        let id = CommitId::random(&vault.provider)?;
        let caller = serde_json::to_vec(caller).map_err(|error| {
            Error::new(ErrorKind::KmsInternal, "a record cannot be written").explain(error.to_string())
        })?;
        let key = vault.key()?;
        let put = |name: &str, value: &[u8]| {
            Ok::<_, Error>(Change {
                name: name.to_string(),
                expected: None,
                effect: Effect::Put(key.sealer.seal(&vault.provider, name, 1, value)?),
            })
        };
        let mut changes = Vec::from([
            Change { name: VAULT.to_string(), expected: None, effect: Effect::Put(header.clone()) },
            put(CALLER, &caller)?,
        ]);
        let (entry, trail) = vault.first_entry(&key, &changes)?.unzip();
        changes.extend(entry);
        let generation = Generation::first(id, vault.now(), trail);
        changes.push(put(GENERATION, &generation.to_bytes()?)?);
        Ok(Creation { vault, changes })
    }

    /// Opens the vault that a store holds.
    pub(crate) fn open(store: Box<dyn Store>, host: Host, root: &RootKey) -> Result<Self> {
        let vault = Self::unlock(store, host, root)?;
        vault.take_up()?;
        Ok(vault)
    }

    /// Opens the header of the vault that a store holds. Before anything else it is to be [taken up](Self::take_up).
    pub(crate) fn unlock(store: Box<dyn Store>, host: Host, root: &RootKey) -> Result<Self> {
        let header = store
            .get(VAULT)?
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "the store holds no vault: create one first"))?;
        let key = VaultKey::open(&host.provider, root, header.value.as_bytes(), header.revision)?;
        Ok(Self::new(store, host, key))
    }

    /// Looks at what is due, and notes that the vault is used.
    pub(crate) fn take_up(&self) -> Result<()> {
        self.check_header()?;
        self.check_expected_head()?;
        self.confirm_opener();
        self.look()?;
        self.keep_time();
        Ok(())
    }

    /// Refuses a header that was put back: the generation was written beside a later one.
    pub(super) fn check_header(&self) -> Result<()> {
        let Some(current) = unless_damaged(self.read(|transaction| transaction.generation()))? else {
            // Damage there is reported to anyone who changes something, and stops no one from reading.
            return Ok(());
        };
        // Another process may have changed both meanwhile.
        let found = self.store.get(VAULT)?.map_or(0, |record| record.revision);
        let known = current.generation.header();
        if found < known { Err(rolled_back(VAULT, found, known)) } else { Ok(()) }
    }

    /// The caller that the vault was made for.
    pub(crate) fn remembered_caller(&self) -> Result<Arc<CallerRecord>> {
        self.read(|transaction| transaction.get::<CallerRecord>(CALLER.into())?.ok_or_else(|| missing(CALLER)))
    }
}

/// The vault key of a new vault, and the first wrap of it. The header is written after it was opened by that wrap.
fn first_key(host: &Host, root: &RootKey) -> Result<VaultKey> {
    let provider = &host.provider;
    let mut id = [0; 16];
    provider.fill_random(&mut id)?;
    let mut key = SecretArray::zeroed();
    provider.fill_random(key.expose_mut())?;
    let mut header = Header::new(id);
    let (mut wrap, opener) = new_wrap(provider, root, header.opening(), &key, "", host.clock.now())?;
    wrap.opened = true;
    header.wraps.push(wrap);
    Ok(VaultKey::new(provider, header, 1, key, None, Some(opener)))
}
