//! What all who use one vault share, so that closing it closes it for all of them.

use crate::{
    clock::{Clock, Timestamp},
    error::{Error, ErrorKind, Result},
    store::Vault,
    sync::RwLock,
};
use alloc::sync::Arc;

/// A vault while it is open.
pub(super) struct Handle {
    vault: RwLock<Option<Arc<Vault>>>,
    clock: Arc<dyn Clock>,
}

impl Handle {
    pub(super) fn new(vault: Vault, clock: Arc<dyn Clock>) -> Self {
        Self { vault: RwLock::new(Some(Arc::new(vault))), clock }
    }

    /// The vault, if it is open. Closed meanwhile, it is wiped when the call that has it ends.
    pub(super) fn vault(&self) -> Result<Arc<Vault>> {
        let closed = || Error::new(ErrorKind::VaultClosed, "the vault is closed");
        self.vault.read().clone().ok_or_else(closed)
    }

    pub(super) fn close(&self) {
        // Dropped when the lock is given back: dropping a store may take a while.
        let vault = self.vault.write().take();
        drop(vault);
    }

    /// The time, also of a closed vault.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
