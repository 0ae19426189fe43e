//! The root keys of a vault, and its vault key: for the host alone.

use super::Vault;
use crate::{
    error::{Error, ErrorKind, Result},
    ops,
    store::{RecoveryKey, RootKey, RootKeyInfo},
};
use alloc::{string::String, vec::Vec};

/// Several root keys may open one vault: a passphrase, a recovery key on paper, a key of AWS KMS. Each wraps the vault key, which
/// seals the records. To add, remove or replace one is one small commit, whatever the vault holds.
impl Vault {
    /// The root keys that open the vault, in the order in which they were added.
    pub fn root_keys(&self) -> Result<Vec<RootKeyInfo>> {
        self.handle.vault()?.root_keys()
    }

    /// The vault's header, as the store has it now: what [`RootKey::derive`] and [`RootKey::wrapped_by`] take for this vault. Nothing of it is
    /// secret that the root keys do not protect. A vault that is locked has it, too, for the root key that unlocks it.
    pub fn header(&self) -> Result<Vec<u8>> {
        self.handle.open_vault()?.header()
    }

    /// Adds a root key beside those that there are, and returns its id. The label is for people: where the key is kept.
    ///
    /// It is opened as it stands in the store before it counts: one that cannot be opened again is taken out, with an error.
    ///
    /// # Errors
    /// [`LimitExceeded`](crate::ErrorKind::LimitExceeded) with 16 root keys; [`Conflict`](crate::ErrorKind::Conflict) while the vault key is
    /// being rotated.
    pub fn add_root_key(&self, root: &RootKey, label: &str) -> Result<String> {
        self.handle.vault()?.add_root_key(root, label)
    }

    /// Adds a new recovery key, for a person to write down: it is shown this once, and opens the vault by
    /// [`RootKey::from_recovery_key`].
    pub fn add_recovery_key(&self, label: &str) -> Result<RecoveryKey> {
        self.handle.vault()?.add_recovery_key(label)
    }

    /// Removes a root key. It opens the vault no more, and handles that were opened by it, in other processes, end with
    /// [`WrongRootKey`](crate::ErrorKind::WrongRootKey).
    ///
    /// Anyone who has the key and an earlier copy of the vault still has the vault key in it: [`shred`](Self::shred) ends that.
    ///
    /// # Errors
    /// [`LastRootKey`](crate::ErrorKind::LastRootKey) if no root key were left that a person can keep: bytes, a passphrase or a recovery
    /// key.
    pub fn remove_root_key(&self, id: &str) -> Result<()> {
        self.handle.vault()?.remove_root_key(id)
    }

    /// Puts a root key in the place of another, in one commit, and returns its id. It keeps the label.
    ///
    /// # Errors
    /// As [`add_root_key`](Self::add_root_key) and [`remove_root_key`](Self::remove_root_key).
    pub fn replace_root_key(&self, id: &str, root: &RootKey) -> Result<String> {
        self.handle.vault()?.replace_root_key(id, root)
    }

    /// Makes a new vault key and seals every record again under it, in pages, while the vault is used; then the old vault key is
    /// destroyed. A process that ends meanwhile leaves a vault that works, and that [`finish_rotation`](Self::finish_rotation) goes on
    /// with.
    ///
    /// All root keys of the vault have to be given, since each wraps the new vault key. Remove those that are lost before. A
    /// [`shred`](Self::shred) that another process did not come to the end of is taken back by this: the vault keeps the root keys
    /// that are given.
    ///
    /// An earlier copy of the vault still opens with these root keys: [`shred`](Self::shred) ends that. A record that is damaged stays so,
    /// and no copy of it from before fits any more: [`verify`](Self::verify) first, and put damaged records back.
    pub fn rotate_vault_key(&self, root_keys: &[&RootKey]) -> Result<()> {
        self.handle.vault()?.rotate_vault_key(root_keys)
    }

    /// Goes on with a rotation of the vault key that another process did not come to the end of. Says whether there was one.
    ///
    /// # Errors
    /// [`Conflict`](crate::ErrorKind::Conflict) for a [`shred`](Self::shred) of another process: it would leave this one outside if the new
    /// root key is lost. `shred` with that root key goes on with it, and [`rotate_vault_key`](Self::rotate_vault_key) takes it back.
    pub fn finish_rotation(&self) -> Result<bool> {
        self.handle.vault()?.finish_rotation()
    }

    /// Makes deletion final: deletes what is due, makes a new vault key, seals every record again under it, and takes away every root
    /// key but this new one. Then no earlier copy of the vault, in a backup, a log of the store or a block of flash memory, opens with a
    /// root key that remains. Destroy the former ones, and add a recovery key: there is one root key now.
    ///
    /// Keep the new root key where it lasts before this call: without it no one opens the vault afterwards. Until it has returned, the
    /// vault opens with its former root keys only. After a process that ended meanwhile, open it with one of those and call this
    /// again with the same new root key. If that is lost, [`rotate_vault_key`](Self::rotate_vault_key) takes the shredding back. Take a
    /// root key that was never used with this vault before, not even in a shredding that came to nothing: copies from then open with it.
    ///
    /// # Errors
    /// [`Validation`](crate::ErrorKind::Validation) for a root key that opens the vault already;
    /// [`LastRootKey`](crate::ErrorKind::LastRootKey) for a callback; [`Conflict`](crate::ErrorKind::Conflict) while the vault is being
    /// shredded for another root key, or if that was taken back meanwhile; [`KmsInvalidState`](crate::ErrorKind::KmsInvalidState) while a
    /// deletion is due by a clock that is in doubt: see [`confirm_time`](Self::confirm_time).
    pub fn shred(&self, root: &RootKey) -> Result<()> {
        let vault = self.handle.vault()?;
        ops::delete_expired(&vault)?;
        if vault.has_doubtful_deletion() {
            let words =
                "a deletion is due by a time that is in doubt: call confirm_time, or mend the clock, and shred then";
            return Err(Error::new(ErrorKind::KmsInvalidState, words));
        }
        vault.shred(root)
    }
}
