//! Where the file of a vault is, and what may be there.
//!
//! SQLite's locks belong to the process: closing any descriptor of the file gives up those of all connections that it has
//! in this process. So nothing here opens a file that may be in use, but for the moment in which it is made.

use crate::failure::{at, refused};
use pocketkms::{Error, ErrorKind, Result};
use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// A file's place: its directory, whose path has no links in it, and its name there.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    folder: PathBuf,
    path: PathBuf,
}

/// Which file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity(u64, u64);

impl Place {
    /// The place of that path. Its directory must be there, on a file system of this machine.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let Some(name) = path.file_name() else {
            return Err(refused(ErrorKind::Store, "the vault's file cannot be opened", path, "the path names no file"));
        };
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = fs::canonicalize(parent).map_err(at(path))?;
        let place = Self { path: folder.join(name), folder };
        // SQLite takes paths as text.
        if place.path.to_str().is_none() {
            return Err(refused(ErrorKind::Store, "the vault's file cannot be opened", path, "the path is no Unicode"));
        }
        place.refuse_network()?;
        Ok(place)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Another file in the same directory.
    pub(crate) fn beside(&self, name: &str) -> Self {
        Self { path: self.folder.join(name), folder: self.folder.clone() }
    }

    /// What is there, if anything is; anything but a regular file is refused.
    pub(crate) fn look(&self) -> Result<Option<Identity>> {
        let refuse = |what| Err(refused(ErrorKind::Store, "a vault is kept in a regular file", &self.path, what));
        match fs::symlink_metadata(&self.path) {
            Ok(found) if found.is_file() && has_other_names(&found) => {
                refuse("it has other names (hard links), and SQLite finds the log of a file by its name: remove them")
            }
            Ok(found) if found.is_file() => Ok(Some(Identity::of(&found))),
            Ok(found) if found.is_symlink() => refuse("it is a symbolic link: give the path of the file itself"),
            Ok(found) if found.is_dir() => refuse("it is a directory"),
            Ok(_) => refuse("it is neither a file nor a directory"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(at(&self.path)(error)),
        }
    }

    /// Whether that very file is still there.
    pub(crate) fn is_still(&self, identity: Identity) -> bool {
        fs::symlink_metadata(&self.path).is_ok_and(|found| Identity::of(&found) == identity)
    }

    /// Makes an empty file, which its owner alone may read and write; `false` if something is there. SQLite gives the files
    /// that it makes beside it the same mode. No one may open the file until this returns.
    pub(crate) fn make(&self) -> Result<bool> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&self.path) {
            Ok(file) => {
                drop(file);
                self.sync_folder()?;
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(at(&self.path)(error)),
        }
    }

    /// Gives the file another name in its directory, if nothing has that name.
    pub(crate) fn rename(&self, to: &Self) -> Result<()> {
        // Unlike `rename`, a link replaces nothing.
        match fs::hard_link(&self.path, &to.path) {
            Ok(()) => fs::remove_file(&self.path).map_err(at(&self.path))?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(to.is_taken()),
            // A file system without links.
            Err(_) if to.look()?.is_some() => return Err(to.is_taken()),
            Err(_) => fs::rename(&self.path, &to.path).map_err(at(&to.path))?,
        }
        self.sync_folder()
    }

    /// Refuses a place where there is a file, or a log of one that is gone, which SQLite would apply to the next of that name.
    pub(crate) fn refuse_leftovers(&self) -> Result<()> {
        match self.files().iter().find(|place| fs::symlink_metadata(&place.path).is_ok()) {
            Some(place) => Err(place.is_taken()),
            None => Ok(()),
        }
    }

    /// The file and what SQLite has beside it.
    fn files(&self) -> [Self; 4] {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        ["", "-wal", "-shm", "-journal"].map(|suffix| self.beside(&format!("{name}{suffix}")))
    }

    /// Makes an empty file that was there already as private as one that is made here.
    pub(crate) fn make_private(&self) -> Result<()> {
        #[cfg(unix)]
        if fs::symlink_metadata(&self.path).is_ok_and(|found| found.is_file() && found.len() == 0) {
            let mode = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o600);
            fs::set_permissions(&self.path, mode).map_err(at(&self.path))?;
        }
        Ok(())
    }

    /// That there is something already.
    pub(crate) fn is_taken(&self) -> Error {
        refused(ErrorKind::AlreadyExists, "there is a file of that name already", &self.path, "nothing was changed")
    }

    /// Brings the content of a file that no one has open to the disk.
    pub(crate) fn sync(&self) -> Result<()> {
        OpenOptions::new().write(true).open(&self.path).and_then(|file| file.sync_all()).map_err(at(&self.path))
    }

    /// Whether the file, or the medium that it is on, takes no changes.
    pub(crate) fn is_read_only(&self) -> bool {
        #[cfg(unix)]
        if rustix::fs::statvfs(&self.folder)
            .is_ok_and(|medium| medium.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY))
        {
            return true;
        }
        fs::symlink_metadata(&self.path).is_ok_and(|found| found.permissions().readonly())
    }

    pub(crate) fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }

    /// Removes the file and what SQLite has beside it, the file first: no one opens it any more.
    pub(crate) fn remove_with_log(&self) {
        self.files().iter().for_each(Self::remove);
    }

    /// Removes a file in which nothing is, also not in a log.
    pub(crate) fn remove_if_empty(&self) {
        let is_there = |place: &Self| fs::symlink_metadata(&place.path).is_ok();
        let is_empty = fs::symlink_metadata(&self.path).is_ok_and(|found| found.is_file() && found.len() == 0);
        if is_empty && !self.files().iter().skip(1).any(is_there) {
            self.remove();
        }
    }

    /// A name is on the disk when its directory is. Not every system or file system can be asked for it.
    fn sync_folder(&self) -> Result<()> {
        if cfg!(not(unix)) {
            return Ok(());
        }
        match File::open(&self.folder).and_then(|folder| folder.sync_all()) {
            Err(error) if !matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
                Err(at(&self.path)(error))
            }
            _ => Ok(()),
        }
    }

    /// SQLite's log needs memory that all processes share, and locks that hold: a file system of another machine has
    /// neither, and two machines that write would destroy the file.
    fn refuse_network(&self) -> Result<()> {
        match network(&self.folder) {
            Some(name) => {
                let why = format!("it is on a network file system ({name}), where SQLite's locks do not hold");
                Err(refused(ErrorKind::Store, "a vault is kept on a disk of this machine", &self.path, &why))
            }
            None => Ok(()),
        }
    }
}

impl Identity {
    #[cfg(unix)]
    fn of(found: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self(found.dev(), found.ino())
    }

    /// Where a file in use can neither be replaced nor removed.
    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Self {
        Self(0, 0)
    }
}

#[cfg(unix)]
fn has_other_names(found: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(found) > 1
}

/// Where it cannot be asked.
#[cfg(not(unix))]
fn has_other_names(_: &Metadata) -> bool {
    false
}

/// The name of the network file system that a directory is on, if it is on one.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn network(folder: &Path) -> Option<&'static str> {
    /// From linux/magic.h and the file systems' own headers.
    const NETWORK: [(u32, &str); 11] = [
        (0x6969, "NFS"),
        (0x517B, "SMB"),
        (0xFF53_4D42, "CIFS"),
        (0xFE53_4D42, "SMB2"),
        (0x0102_1997, "9P"),
        (0x5346_414F, "AFS"),
        (0x6B41_4653, "AFS"),
        (0x7375_7245, "Coda"),
        (0x00C3_6400, "Ceph"),
        (0x0BD0_0BD0, "Lustre"),
        (0x4750_4653, "GPFS"),
    ];
    let system = rustix::fs::statfs(folder).ok()?;
    // The type of the number is the platform's; the number has 32 bits.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::unnecessary_cast)]
    let number = system.f_type as u32;
    NETWORK.iter().find(|(magic, _)| *magic == number).map(|(_, name)| *name)
}

#[cfg(target_vendor = "apple")]
fn network(folder: &Path) -> Option<&'static str> {
    #[allow(clippy::cast_sign_loss, clippy::unnecessary_cast)]
    const LOCAL: u32 = libc::MNT_LOCAL as u32;
    (rustix::fs::statfs(folder).ok()?.f_flags & LOCAL == 0).then_some("not a local volume")
}

#[cfg(windows)]
fn network(folder: &Path) -> Option<&'static str> {
    use std::path::{Component, Prefix};
    match folder.components().next() {
        Some(Component::Prefix(prefix)) if matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..)) => {
            Some("a share of another machine")
        }
        _ => None,
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple", windows)))]
fn network(_: &Path) -> Option<&'static str> {
    None
}
