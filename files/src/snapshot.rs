//! A snapshot of a vault as a file.

use crate::{
    error::{Error, Result},
    output::{Output, Readers, is_temporary},
    place::Place,
};
use pocketkms::Vault;
use std::{io::Write, path::Path};

/// Writes a [snapshot](Vault::snapshot) of a vault to a file, which is replaced if it is there, and says so to the vault
/// ([`Vault::mark_saved`]). The file is the new snapshot or what it was before, whenever the process or the machine stops: the snapshot is
/// written under a temporary name, brought to the disk, and renamed. Its owner alone may read it (mode 0600).
///
/// Where that is interrupted, a temporary file may be left, which is as well protected as the snapshot:
/// [`remove_abandoned`](crate::remove_abandoned).
///
/// # Errors
/// Those of [`Vault::snapshot`]; [`Error::Io`] for what the system refuses, and for a destination that is no regular file (a link, a
/// directory). The file is as it was then, and [`Vault::needs_saving`], too.
pub fn save_snapshot(vault: &Vault, path: &Path) -> Result<()> {
    let place = Place::of(path)?;
    if is_temporary(&place.name) {
        return Err(Error::refused(path, "the name is that of a temporary file"));
    }
    place.look_for_file()?;
    let snapshot = vault.snapshot()?;
    let mut output = Output::create(&place, Readers::Owner)?;
    output.file().write_all(&snapshot).map_err(Error::at(path))?;
    output.commit(None, || Ok(()), || ())?;
    // Closed meanwhile, it needs no saving.
    let _ = vault.mark_saved(&snapshot);
    Ok(())
}
