//! What can go wrong with a file.

use pocketkms::{ErrorKind, Untrusted};
use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// The result of every fallible call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a file was not written.
///
/// Its text names no path: that is in the member, or in the core error's explanation.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The message, its keys or its options; `ValidationException` for a name that cannot be used, `ConflictException` for a
    /// file that was changed meanwhile.
    Message(pocketkms::Error),
    /// The operating system, at this file; or the file is no regular one, and the error says what it is.
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
    pub(crate) fn at<E: Into<io::Error>>(path: &Path) -> impl FnOnce(E) -> Self {
        let path = path.to_owned();
        |error| Self::Io { path, error: error.into() }
    }

    /// The file is no regular file, but this.
    pub(crate) fn special(path: &Path, found: &str) -> Self {
        Self::at(path)(io::Error::new(io::ErrorKind::InvalidInput, format!("not a regular file: {found}")))
    }

    /// The name of the file cannot be used.
    pub(crate) fn refused(path: &Path, reason: &str) -> Self {
        pocketkms::Error::new(ErrorKind::Validation, reason)
            .explain(Untrusted(&path.to_string_lossy()).to_string())
            .into()
    }

    /// Another writer was faster.
    pub(crate) fn changed(path: &Path) -> Self {
        let message = "the file was changed meanwhile, and is as the other writer left it";
        pocketkms::Error::new(ErrorKind::Conflict, message)
            .explain(Untrusted(&path.to_string_lossy()).to_string())
            .into()
    }

    /// Another writer does not come to an end.
    pub(crate) fn busy(path: &Path) -> Self {
        let message = "another process holds the lock of the directory";
        pocketkms::Error::new(ErrorKind::Conflict, message)
            .explain(Untrusted(&path.to_string_lossy()).to_string())
            .into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(error) => error.fmt(f),
            Self::Io { error, .. } => write!(f, "FileException: {error}"),
            Self::Cancelled => f.write_str("CancelledException: the progress callback ended the work"),
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
