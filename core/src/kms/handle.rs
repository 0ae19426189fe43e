//! What all who use one vault share, so that closing it closes it for all of them.

use crate::{
    clock::{Clock, Timestamp},
    envelope::Retire,
    error::{Error, ErrorKind, Result},
    store::OpenVault,
    sync::RwLock,
};
use alloc::{
    sync::{Arc, Weak},
    vec::Vec,
};

/// A vault while it is open.
pub(super) struct Handle {
    vault: RwLock<Option<Arc<OpenVault>>>,
    clock: Arc<dyn Clock>,
    /// What keeps secrets of the vault outside of it.
    caches: RwLock<Vec<Weak<dyn Retire>>>,
}

impl Handle {
    pub(super) fn new(vault: OpenVault, clock: Arc<dyn Clock>) -> Self {
        Self { vault: RwLock::new(Some(Arc::new(vault))), clock, caches: RwLock::new(Vec::new()) }
    }

    /// The vault, if it is open. Closed meanwhile, it is wiped when the call that has it ends.
    pub(super) fn vault(&self) -> Result<Arc<OpenVault>> {
        let closed = || Error::new(ErrorKind::VaultClosed, "the vault is closed");
        self.vault.read().clone().ok_or_else(closed)
    }

    pub(super) fn close(&self) {
        // Those of calls under way are stored when the last of them ends.
        if let Ok(vault) = self.vault() {
            vault.flush_last();
        }
        // Dropped when the lock is given back: dropping a store may take a while.
        let vault = self.vault.write().take();
        drop(vault);
        let caches = core::mem::take(&mut *self.caches.write());
        caches.iter().filter_map(Weak::upgrade).for_each(|cache| cache.retire());
    }

    /// A cache that is to be retired when the vault is closed, or at once if it is.
    pub(super) fn on_close(&self, cache: &Weak<dyn Retire>) {
        let mut caches = self.caches.write();
        if self.vault.read().is_some() {
            // Those of keyrings that are gone go when the list would grow.
            if caches.len() == caches.capacity() {
                caches.retain(|cache| cache.strong_count() > 0);
            }
            caches.push(Weak::clone(cache));
            return;
        }
        drop(caches);
        if let Some(cache) = cache.upgrade() {
            cache.retire();
        }
    }

    /// The time, also of a closed vault.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
