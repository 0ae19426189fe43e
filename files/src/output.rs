//! A file that is whole or is not there.
//!
//! While it is written it has a temporary name, and a lock that ends with the process: by that, what a killed process left
//! is told apart from what another one is writing.

use crate::error::{Error, Result};
use std::{
    ffi::OsStr,
    fs::{self, File, Metadata, TryLockError},
    path::{Path, PathBuf},
};
use tempfile::{Builder, NamedTempFile};

/// What is written.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// A message: read by whom the process's mask allows.
    Message,
    /// A plaintext: on Unix read by its owner alone.
    Plaintext,
    /// A message or sidecar, which then takes the permissions of what it replaces or goes with.
    Rewrapped,
}

/// How temporary names begin and end. A dot first, so that no listing shows them.
const PREFIX: &str = ".pocketkms-";
const SUFFIX: &str = ".tmp";
const RANDOM: usize = 16;

/// A file being written under a temporary name. Dropped before it is [committed](Self::commit), it is gone.
pub(crate) struct Output {
    file: NamedTempFile,
    destination: PathBuf,
}

impl Output {
    /// In the directory of the destination, so that renaming moves no bytes.
    pub(crate) fn create(destination: &Path, kind: Kind) -> Result<Self> {
        let mut builder = Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX).rand_bytes(RANDOM);
        #[cfg(unix)]
        if kind == Kind::Message {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        loop {
            let file = builder.tempfile_in(directory(destination)).map_err(Error::at(destination))?;
            // Between its making and its lock it looks abandoned: then another name is tried.
            if lock(file.as_file()) != Lock::Another && file.path().exists() {
                return Ok(Self { file, destination: destination.to_owned() });
            }
        }
    }

    pub(crate) fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Gives it the permissions, and on Unix the owner, of a file that it replaces or goes with.
    pub(crate) fn permissions_of(&mut self, other: &Metadata) -> Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt, fchown};
            let own = self.file.as_file().metadata().map_err(Error::at(&self.destination))?;
            if (own.uid(), own.gid()) != (other.uid(), other.gid()) {
                fchown(self.file.as_file(), Some(other.uid()), Some(other.gid()))
                    .map_err(Error::at(&self.destination))?;
            }
        }
        self.file.as_file().set_permissions(other.permissions()).map_err(Error::at(&self.destination))
    }

    /// Brings it to the disk and gives it its name, in place of what had it. From then on it survives a crash.
    pub(crate) fn commit(self) -> Result<()> {
        let Self { file, destination } = self;
        file.as_file().sync_all().map_err(Error::at(&destination))?;
        file.persist(&destination).map_err(|failed| Error::at(&destination)(failed.error))?;
        sync_directory(&destination)
    }
}

/// The directory that holds a file.
pub(crate) fn directory(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A new name is on the disk when its directory is. Windows has no such call, and needs none.
fn sync_directory(file: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(directory(file)).and_then(|directory| directory.sync_all()).map_err(Error::at(file))?;
    }
    Ok(())
}

/// Who has a file.
#[derive(PartialEq)]
enum Lock {
    /// This process, from now on.
    Own,
    /// Another one.
    Another,
    /// The file system does not tell.
    Unknown,
}

fn lock(file: &File) -> Lock {
    match file.try_lock() {
        Ok(()) => Lock::Own,
        Err(TryLockError::WouldBlock) => Lock::Another,
        Err(TryLockError::Error(_)) => Lock::Unknown,
    }
}

/// Whether a file name is a temporary one.
pub(crate) fn is_temporary(name: &OsStr) -> bool {
    let between = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
    between.is_some_and(|random| random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Removes the temporary files that killed processes left in a directory, and tells how many: a killed
/// [`decrypt_file`](crate::decrypt_file) leaves plaintext. Those that a living process writes stay; so do all on a file
/// system without locks. A [`RewrapBatch`](crate::RewrapBatch) does this by itself.
pub fn remove_abandoned(directory: &Path) -> Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(directory).map_err(Error::at(directory))? {
        let entry = entry.map_err(Error::at(directory))?;
        if !is_temporary(&entry.file_name()) || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        // Another process may be faster.
        let abandoned = File::open(entry.path()).is_ok_and(|file| {
            let abandoned = lock(&file) == Lock::Own;
            abandoned && fs::remove_file(entry.path()).is_ok()
        });
        removed += usize::from(abandoned);
    }
    Ok(removed)
}
