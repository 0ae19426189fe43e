//! What can go wrong with a file.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// The result of every fallible call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a file was not written.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The message, its keys or its options.
    Message(pocketkms::Error),
    /// The operating system, at this file.
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
    /// The progress callback wanted no more.
    Cancelled,
}

impl Error {
    /// Names the file at which the operating system failed.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |error| Self::Io { path, error }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(error) => error.fmt(f),
            Self::Io { path, error } => write!(f, "{}: {error}", path.display()),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Message(error) => Some(error),
            Self::Io { error, .. } => Some(error),
            Self::Cancelled => None,
        }
    }
}

impl From<pocketkms::Error> for Error {
    fn from(error: pocketkms::Error) -> Self {
        Self::Message(error)
    }
}
