//! A copy of the file while it is in use.

use crate::{SqliteStore, failure::failed, place::Place, vault_file::not_in_a_file};
use pocketkms::{DamagedRecord, Result, Vault};
use std::path::Path;

/// Copies of vaults in files: what [`Vault`] can do when this crate is there.
pub trait Backup {
    /// Copies the vault, as it is at one moment, to another file, while it is in use. Before the copy gets its name it is on
    /// the disk, and it was read whole: every record of it opens, but for those that are returned; they are damaged in the vault
    /// itself. It opens with the root key that the vault has now, like any vault.
    ///
    /// To go back to a copy, open it where it is, or give it the place of the vault while no process has that open; the files
    /// `-wal` and `-shm` beside the old vault go with it.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`](pocketkms::ErrorKind::AlreadyExists) if there is a file of that name,
    /// [`ErrorKind::UnsupportedOperation`](pocketkms::ErrorKind::UnsupportedOperation) if the vault is in no file.
    fn backup(&self, path: impl AsRef<Path>) -> Result<Vec<DamagedRecord>>;
}

impl Backup for Vault {
    fn backup(&self, path: impl AsRef<Path>) -> Result<Vec<DamagedRecord>> {
        let store = self.with_store(SqliteStore::clone)?.ok_or_else(not_in_a_file)?;
        let to = Place::of(path.as_ref())?;
        to.refuse_leftovers()?;
        let copy = Unfinished::beside(&to)?;
        store.pool().read(|reader| {
            let path = copy.0.path().to_str();
            reader.connection.execute("VACUUM INTO ?1", [path]).map_err(failed)
        })?;
        let damaged = {
            // A store of its own, whose connections are closed before the process is forked.
            let check = SqliteStore::open_by(copy.0.path(), store.pool().vfs())?;
            let sql = "PRAGMA integrity_check(1)";
            let whole: String =
                check.pool().read(|reader| reader.connection.query_row(sql, (), |row| row.get(0)).map_err(failed))?;
            if whole != "ok" {
                return Err(pocketkms::StoreError::new(pocketkms::StoreErrorKind::Damaged, whole).into());
            }
            self.verify_copy(&check)?
        };
        // SQLite leaves that to its caller here.
        copy.0.sync()?;
        copy.0.rename(&to)?;
        Ok(damaged)
    }
}

/// A copy that has not its name yet. It goes with its maker.
struct Unfinished(Place);

impl Unfinished {
    fn beside(to: &Place) -> Result<Self> {
        for number in 0_u32.. {
            let place = to.beside(&format!(".pocketkms-{}-{number}", std::process::id()));
            if place.make()? {
                return Ok(Self(place));
            }
        }
        Err(to.is_taken())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.0.remove();
    }
}
