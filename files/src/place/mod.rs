//! Where a file is: a handle of its directory, and its name there.
//!
//! A path is resolved once, when its directory is opened. From then on everything goes through the handle: swapping
//! a directory for a link meanwhile leads nothing elsewhere. The name itself is never followed, and what is opened is
//! checked on its descriptor: a regular file, opened so that nothing blocks.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod unix_extended;

#[cfg(not(unix))]
use other as system;
#[cfg(unix)]
use unix as system;

pub(crate) use system::{Attributes, Folder, FolderLock, Identity, lock_of_process};

use crate::error::{Error, Result};
use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    rc::Rc,
};

/// What has a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    File,
    Directory,
    Link,
    /// In words.
    Special(&'static str),
}

impl Kind {
    /// What it is, for an error.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::File => "a regular file",
            Self::Directory => "a directory",
            Self::Link => "a symbolic link",
            Self::Special(words) => words,
        }
    }

    /// That it is no regular file.
    fn refuse(self, path: &Path) -> Error {
        match Error::special(path, self.words()) {
            // By which a caller knows one everywhere.
            Error::Io { path, error } if self == Self::Directory => {
                Error::Io { path, error: io::Error::new(io::ErrorKind::IsADirectory, error) }
            }
            error => error,
        }
    }
}

/// What was found under a name, itself and not what it leads to.
pub(crate) struct Found {
    pub(crate) kind: Kind,
    pub(crate) identity: Identity,
}

/// The place of a file, which may be there or not.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) folder: Rc<Folder>,
    pub(crate) name: OsString,
}

/// A regular file, open for reading.
pub(crate) struct Opened {
    pub(crate) file: File,
    /// What the file was when it was opened.
    pub(crate) identity: Identity,
}

impl Place {
    /// Opens the directory of a file.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let ends_in_separator = path.as_os_str().as_encoded_bytes().last().is_some_and(|last| is_separator(*last));
        let name = path.file_name().filter(|_| !ends_in_separator);
        let Some(name) = name else { return Err(Error::refused(path, "the path names no file")) };
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = Folder::open(parent).map_err(Error::at(path))?;
        Ok(Self { folder: Rc::new(folder), name: name.to_owned() })
    }

    /// As [`of`](Self::of), of the file that a symbolic link leads to, where the path is one.
    ///
    /// For sources that a caller names: what is read through a link is what anybody would read under that name, and mounted
    /// secrets, for one, are links. Nothing is written where a link leads.
    pub(crate) fn of_source(path: &Path) -> Result<Self> {
        let place = Self::of(path)?;
        if place.look()?.is_none_or(|found| found.kind != Kind::Link) {
            return Ok(place);
        }
        match fs::metadata(path) {
            Ok(_) => Self::of(&fs::canonicalize(path).map_err(|_| Error::special(path, "a symbolic link to no file"))?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(Error::special(path, "a symbolic link that leads nowhere"))
            }
            Err(error) => Err(Error::at(path)(error)),
        }
    }

    /// Another file in the same directory.
    pub(crate) fn beside(&self, name: OsString) -> Self {
        Self { folder: Rc::clone(&self.folder), name }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }

    /// What is there, if anything is.
    pub(crate) fn look(&self) -> Result<Option<Found>> {
        self.folder.look(&self.name).map_err(Error::at(&self.path()))
    }

    /// What is there, if anything is; anything but a regular file is refused.
    pub(crate) fn look_for_file(&self) -> Result<Option<Identity>> {
        self.folder.look_for_file(&self.name)
    }

    /// Opens the regular file that is there for reading.
    pub(crate) fn open(&self) -> Result<Opened> {
        self.folder.open_regular(&self.name)
    }
}

fn is_separator(byte: u8) -> bool {
    byte == b'/' || (cfg!(windows) && byte == b'\\')
}

impl Folder {
    /// What has a name, if anything has; anything but a regular file is refused.
    pub(crate) fn look_for_file(&self, name: &OsStr) -> Result<Option<Identity>> {
        match self.look(name).map_err(Error::at(&self.path().join(name)))? {
            None => Ok(None),
            Some(Found { kind: Kind::File, identity }) => Ok(Some(identity)),
            Some(Found { kind, .. }) => Err(kind.refuse(&self.path().join(name))),
        }
    }

    /// Opens the regular file of that name for reading.
    pub(crate) fn open_regular(&self, name: &OsStr) -> Result<Opened> {
        // A look first: opening a device may do something.
        self.look_for_file(name)?;
        let open = || {
            let file = self.open_file(name)?;
            Ok((Identity::of(&file)?, file))
        };
        match open().map_err(Error::at::<io::Error>(&self.path().join(name)))? {
            ((Kind::File, identity), file) => Ok(Opened { file, identity }),
            ((kind, _), _) => Err(kind.refuse(&self.path().join(name))),
        }
    }

    /// The names of what is in the directory, in order.
    pub(crate) fn sorted_names(&self) -> io::Result<Vec<OsString>> {
        let mut names = self.names()?;
        names.retain(|name| name != OsStr::new(".") && name != OsStr::new(".."));
        names.sort();
        Ok(names)
    }
}
