//! The root keys of a vault, and its vault key.

use crate::{KmsError, RootKey, Vault};
use pocketkms::{RecoveryKey, RootKeyInfo};
use std::sync::Arc;

#[allow(clippy::needless_pass_by_value, reason = "UniFFI hands these over")]
#[uniffi::export]
impl Vault {
    /// The root keys that open the vault, in the order in which they were added. Each wraps the vault key, which seals the records.
    pub fn root_keys(&self) -> Result<Vec<RootKeyInfo>, KmsError> {
        Ok(self.0.root_keys()?)
    }

    /// Adds a root key beside those that there are, and returns its id. The label is for people: where the key is kept. It is opened as it
    /// stands in the store before it counts: one that cannot be opened again is taken out, with an error.
    #[uniffi::method(default(label = ""))]
    pub fn add_root_key(&self, root_key: &RootKey, label: String) -> Result<String, KmsError> {
        Ok(self.0.add_root_key(&root_key.0, &label)?)
    }

    /// Adds a new recovery key, for a person to write down: it is shown this once, and opens the vault by `RootKey.fromRecoveryKey`.
    #[uniffi::method(default(label = ""))]
    pub fn add_recovery_key(&self, label: String) -> Result<RecoveryKey, KmsError> {
        Ok(self.0.add_recovery_key(&label)?)
    }

    /// Removes a root key. It opens the vault no more, and vaults that were opened by it elsewhere end with `WrongRootKeyException`. The last
    /// one that a person can keep stays: `LastRootKeyException`. Anyone who has the key and an earlier copy of the vault still has the
    /// vault key in it: `shred` ends that.
    pub fn remove_root_key(&self, id: String) -> Result<(), KmsError> {
        Ok(self.0.remove_root_key(&id)?)
    }

    /// Puts a root key in the place of another, in one commit, and returns its id. It keeps the label.
    pub fn replace_root_key(&self, id: String, root_key: &RootKey) -> Result<String, KmsError> {
        Ok(self.0.replace_root_key(&id, &root_key.0)?)
    }

    /// Makes a new vault key and seals every record again under it, in pages, while the vault is used; then the old vault key is
    /// destroyed. All root keys of the vault have to be given. A process that ends meanwhile leaves a vault that works, and that
    /// `finishRotation` goes on with. An earlier copy of the vault still opens with these root keys: `shred` ends that.
    pub fn rotate_vault_key(&self, root_keys: Vec<Arc<RootKey>>) -> Result<(), KmsError> {
        let root_keys: Vec<_> = root_keys.iter().map(|key| &key.0).collect();
        Ok(self.0.rotate_vault_key(&root_keys)?)
    }

    /// Goes on with a rotation of the vault key that another process did not come to the end of. Says whether there was one. A `shred` of
    /// another process is refused (`ConflictException`), since its new root key may be lost: `shred` with that root key goes on with
    /// it, and `rotateVaultKey` takes it back.
    pub fn finish_rotation(&self) -> Result<bool, KmsError> {
        Ok(self.0.finish_rotation()?)
    }

    /// Makes deletion final: deletes what is due, makes a new vault key, seals every record again under it, and takes away every root key
    /// but this new one. Then no earlier copy of the vault opens with a root key that remains. Destroy the former ones, and add a
    /// recovery key.
    ///
    /// Keep the new root key where it lasts before this call. Until it has returned, the vault opens with its former root keys
    /// only. Where a process ended meanwhile, call it again with the same new root key; if that is lost, `rotateVaultKey` takes it back.
    /// Take a root key that was never used with this vault before. While a deletion is due by a clock that is in doubt it is refused: see `confirmTime`.
    pub fn shred(&self, root_key: &RootKey) -> Result<(), KmsError> {
        Ok(self.0.shred(&root_key.0)?)
    }
}
