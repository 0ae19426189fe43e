//! What all who use one vault share, so that closing or locking it does so for all of them.

use crate::{
    clock::{Clock, Timestamp},
    envelope::Retire,
    error::{Error, ErrorKind, Result},
    store::{OpenVault, RootKey, locked},
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
    keepers: RwLock<Keepers>,
    /// Held while unlocking, so that no other thread takes the vault for unlocked before all checks have passed.
    unlocking: RwLock<()>,
}

/// What keeps secrets of the vault outside of it: caches and streams.
struct Keepers {
    list: Vec<Weak<dyn Retire>>,
    are_paused: bool,
}

/// Locks the vault in the end.
struct Locking<'a>(&'a Handle, &'a OpenVault);

impl Drop for Locking<'_> {
    fn drop(&mut self) {
        self.1.lock();
        // A thread that unlocked it before it was locked has resumed them.
        self.0.pause();
    }
}

impl Keepers {
    fn each(&self, tell: impl Fn(&dyn Retire)) {
        self.list.iter().filter_map(Weak::upgrade).for_each(|keeper| tell(&*keeper));
    }
}

impl Handle {
    pub(super) fn new(vault: OpenVault, clock: Arc<dyn Clock>) -> Self {
        let keepers = RwLock::new(Keepers { list: Vec::new(), are_paused: false });
        Self { vault: RwLock::new(Some(Arc::new(vault))), clock, keepers, unlocking: RwLock::new(()) }
    }

    /// The vault, if it is open and not locked. Closed meanwhile, it is wiped when the call that has it ends.
    pub(super) fn vault(&self) -> Result<Arc<OpenVault>> {
        self.open_vault().and_then(|vault| if vault.is_locked() { Err(locked()) } else { Ok(vault) })
    }

    /// The vault, if it is open, locked or not.
    pub(super) fn open_vault(&self) -> Result<Arc<OpenVault>> {
        let closed = || Error::new(ErrorKind::VaultClosed, "the vault is closed");
        self.vault.read().clone().ok_or_else(closed)
    }

    pub(super) fn lock(&self) {
        let Ok(vault) = self.vault() else { return };
        self.pause();
        // Whatever becomes of the events: the app's own code is told of them, and may panic.
        let locking = Locking(self, &vault);
        // While there is a key that seals them.
        vault.flush_last();
        drop(locking);
    }

    fn pause(&self) {
        let mut keepers = self.keepers.write();
        if !core::mem::replace(&mut keepers.are_paused, true) {
            keepers.each(|keeper| keeper.pause());
        }
    }

    pub(super) fn unlock(&self, root: &RootKey) -> Result<()> {
        let vault = self.open_vault()?;
        let _one_at_a_time = self.unlocking.write();
        vault.unlock_again(root)?;
        let mut keepers = self.keepers.write();
        // Another thread may have locked it again.
        if !vault.is_locked() && core::mem::replace(&mut keepers.are_paused, false) {
            keepers.each(|keeper| keeper.resume());
        }
        Ok(())
    }

    pub(super) fn close(&self) {
        // Those of calls under way are stored when the last of them ends.
        if let Ok(vault) = self.vault() {
            vault.flush_last();
        }
        // Dropped when the lock is given back: dropping a store may take a while.
        let vault = self.vault.write().take();
        drop(vault);
        let keepers = core::mem::take(&mut self.keepers.write().list);
        keepers.iter().filter_map(Weak::upgrade).for_each(|keeper| keeper.retire());
    }

    /// A cache or a stream that is to be told when the vault is closed or locked, or at once if it is.
    pub(super) fn on_close(&self, keeper: &Weak<dyn Retire>) {
        let mut keepers = self.keepers.write();
        if self.vault.read().is_some() {
            // Those that are gone go when the list would grow.
            if keepers.list.len() == keepers.list.capacity() {
                keepers.list.retain(|keeper| keeper.strong_count() > 0);
            }
            keepers.list.push(Weak::clone(keeper));
            if keepers.are_paused
                && let Some(keeper) = keeper.upgrade()
            {
                keeper.pause();
            }
            return;
        }
        drop(keepers);
        if let Some(keeper) = keeper.upgrade() {
            keeper.retire();
        }
    }

    /// The time, also of a closed vault.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
