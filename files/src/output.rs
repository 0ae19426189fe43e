//! A file that is whole or is not there.

use crate::error::{Error, Result};
use std::{
    ffi::OsStr,
    fs::{self, File, Metadata},
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
    /// A message or sidecar of a batch.
    Rewrapped,
}

impl Kind {
    /// What temporary names begin with. A dot first, so that no listing shows them. Those of a batch are told apart,
    /// since the next batch removes what a killed one left.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Message | Self::Plaintext => ".pocketkms-file-",
            Self::Rewrapped => ".pocketkms-rewrap-",
        }
    }
}

/// What temporary names end with.
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
        builder.prefix(kind.prefix()).suffix(SUFFIX).rand_bytes(RANDOM);
        #[cfg(unix)]
        if kind == Kind::Message {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(directory(destination)).map_err(Error::at(destination))?;
        Ok(Self { file, destination: destination.to_owned() })
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

/// Whether a file name is a temporary one of a batch.
pub(crate) fn is_temporary(name: &OsStr) -> bool {
    let between = name.to_str().and_then(|name| name.strip_prefix(Kind::Rewrapped.prefix())?.strip_suffix(SUFFIX));
    between.is_some_and(|random| random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Removes the temporary files that a killed batch left in a directory.
pub(crate) fn remove_temporaries(directory: &Path) -> Result<()> {
    for entry in fs::read_dir(directory).map_err(Error::at(directory))? {
        let entry = entry.map_err(Error::at(directory))?;
        if is_temporary(&entry.file_name()) {
            // Another process may have been faster.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}
