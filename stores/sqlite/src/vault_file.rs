//! Making and opening a vault in a file.

use crate::{SqliteStore, flushing::remember};
use pocketkms::{Error, ErrorKind, Result, RootKey, Store, Vault, VaultBuilder};
use std::path::Path;

/// Vaults in files: what [`VaultBuilder`] can do when this crate is there.
pub trait VaultFile: Sized {
    /// Makes a new vault in a file, which only its owner may read and write (mode 0600).
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] if there is such a file, unless it is empty.
    fn create_file(self, path: impl AsRef<Path>, root: &RootKey) -> Result<Vault>;

    /// Opens the vault in a file.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is no such file or no vault in it, [`ErrorKind::WrongRootKey`],
    /// [`ErrorKind::UnsupportedVersion`] if a newer version of PocketKMS wrote it, [`ErrorKind::StoreDamaged`],
    /// [`ErrorKind::Store`] for what a vault is not kept in: a link, a directory, a file on a network file system.
    fn open_file(self, path: impl AsRef<Path>, root: &RootKey) -> Result<Vault>;

    /// Opens the vault in a file, or makes it where there is no such file. Of several processes that do so at the same time
    /// one makes it, and the others open it.
    ///
    /// # Errors
    /// As [`open_file`](Self::open_file), but for [`ErrorKind::NotFound`].
    fn open_or_create_file(self, path: impl AsRef<Path>, root: &RootKey) -> Result<Vault>;
}

impl VaultFile for VaultBuilder {
    fn create_file(self, path: impl AsRef<Path>, root: &RootKey) -> Result<Vault> {
        let store = SqliteStore::create(path)?;
        made(&store, self.create_in(store.clone(), root))
    }

    fn open_file(self, path: impl AsRef<Path>, root: &RootKey) -> Result<Vault> {
        self.open(SqliteStore::open(path)?, root).inspect(remember)
    }

    fn open_or_create_file(self, path: impl AsRef<Path>, root: &RootKey) -> Result<Vault> {
        let store = SqliteStore::open_or_create(path)?;
        if !store.scan("", None, 1)?.is_empty() {
            return self.open(store, root).inspect(remember);
        }
        match self.clone().create_in(store.clone(), root) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => self.open(store, root).inspect(remember),
            vault => made(&store, vault),
        }
    }
}

/// What came of a new vault. Where there is none, neither is a file.
fn made(store: &SqliteStore, vault: Result<Vault>) -> Result<Vault> {
    match &vault {
        Ok(vault) => {
            store.copy_log();
            remember(vault);
        }
        Err(_) => store.remove_unused(),
    }
    vault
}

/// The error of a call that only a vault in a file can carry out.
pub(crate) fn not_in_a_file() -> Error {
    Error::new(ErrorKind::UnsupportedOperation, "the vault is in no file: take a snapshot")
}
