//! Locking a vault that stays open: its secrets go, the handles stay, and a root key brings it back.

use super::{
    OpenVault, RootKey,
    name::VAULT,
    root_key::not_this_vaults,
    vault::gone,
    vault_key::{Slot, VaultKey, rolled_back},
};
use crate::error::Result;
use alloc::sync::Arc;

impl OpenVault {
    /// Wipes the vault key, and what was opened by it. Calls under way that have the key come to their end; what they would ask for
    /// after this fails.
    pub(crate) fn lock(&self) {
        let mut slot = self.key.write();
        let Slot::Open(key) = &*slot else { return };
        let locked = Slot::Locked { vault_id: key.header.vault_id, revision: key.revision };
        let wiped = core::mem::replace(&mut *slot, locked);
        // In this order: what is put into the cache from now on, by a call that has the key, is not kept.
        self.cache.close();
        drop(slot);
        drop(wiped);
    }

    pub(crate) fn is_locked(&self) -> bool {
        matches!(&*self.key.read(), Slot::Locked { .. })
    }

    /// Opens the vault's header again, whatever was done to it meanwhile. Of a vault that is not locked, says whether the root key would
    /// open it.
    pub(crate) fn unlock_again(&self, root: &RootKey) -> Result<()> {
        self.once(|| {
            self.fetched.iter().for_each(super::Fetched::forget);
            Ok(())
        })?;
        // A passphrase is hashed once, however often the run is begun again.
        let key = self.once(|| {
            let header = self.store.get(VAULT)?.ok_or_else(gone)?;
            VaultKey::open(&self.provider, root, header.value.as_bytes(), header.revision)
        })?;
        if !self.put_back(key)? {
            return Ok(());
        }
        self.refresh();
        let taken_up = self.check_header().and_then(|()| {
            self.confirm_opener();
            self.look()
        });
        // Not before all of it is as it should be.
        taken_up.and_then(|()| self.unless_waiting(())).inspect_err(|_| self.lock())
    }

    /// Takes the key that opens the vault. Says whether it was locked.
    fn put_back(&self, key: Arc<VaultKey>) -> Result<bool> {
        let mut slot = self.key.write();
        let (vault_id, known, was_locked) = match &*slot {
            Slot::Open(open) => (open.header.vault_id, open.revision, false),
            Slot::Locked { vault_id, revision } => (*vault_id, *revision, true),
        };
        if key.header.vault_id != vault_id {
            return Err(not_this_vaults());
        }
        // A host that is waited for has fetched the header since: all that was read before is forgotten.
        if key.revision < known {
            return Err(rolled_back(VAULT, key.revision, known));
        }
        if was_locked {
            *slot = Slot::Open(key);
            self.cache.open();
        }
        Ok(was_locked)
    }
}
