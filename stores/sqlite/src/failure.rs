//! What SQLite says when it fails, in the words of a store and of a vault.

use pocketkms::{Error, ErrorKind, StoreError, StoreErrorKind};
use rusqlite::{ErrorCode, ffi};
use std::{io, path::Path};

/// SQLite's error as a store's.
pub(crate) fn failed(error: rusqlite::Error) -> StoreError {
    StoreError::new(kind(&error), error)
}

/// What of it decides what a caller can do.
fn kind(error: &rusqlite::Error) -> StoreErrorKind {
    let Some(failure) = error.sqlite_error() else {
        // A column that holds something else than what was written there.
        return StoreErrorKind::Damaged;
    };
    match (failure.code, failure.extended_code) {
        (ErrorCode::DiskFull, _)
        // The file of shared memory could not grow.
        | (_, ffi::SQLITE_IOERR_SHMSIZE) => StoreErrorKind::Full,
        (ErrorCode::ReadOnly, _) => StoreErrorKind::ReadOnly,
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => StoreErrorKind::Busy,
        (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _)
        | (_, ffi::SQLITE_IOERR_CORRUPTFS | ffi::SQLITE_IOERR_DATA | ffi::SQLITE_IOERR_SHORT_READ) => {
            StoreErrorKind::Damaged
        }
        _ => StoreErrorKind::Other,
    }
}

/// Whether a commit that ended so may have happened. Its frames may all be in the log, where the next opening finds them,
/// although the log was not synced; without room the last frame is not, and while others write none is. Room for the shared
/// memory is a different matter: SQLite asks for it when the frames are in the log.
pub(crate) fn may_have_happened(error: &rusqlite::Error) -> bool {
    let is_about_memory =
        error.sqlite_error().is_some_and(|failure| failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE);
    is_about_memory || !matches!(kind(error), StoreErrorKind::Full | StoreErrorKind::Busy | StoreErrorKind::ReadOnly)
}

/// A failure of the system's at a file.
pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> Error {
    move |error| {
        let kind = match error.kind() {
            io::ErrorKind::NotFound => ErrorKind::NotFound,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorKind::StoreFull,
            io::ErrorKind::ReadOnlyFilesystem => ErrorKind::StoreReadOnly,
            _ => ErrorKind::Store,
        };
        refused(kind, "the vault's file cannot be opened", path, &error.to_string())
    }
}

/// An error about a file. Its path is for the developer of this process alone.
pub(crate) fn refused(kind: ErrorKind, message: &str, path: &Path, why: &str) -> Error {
    Error::new(kind, message).explain(format!("'{}': {why}", path.display()))
}

/// A child has the memory of its parent, but neither its locks nor its threads.
pub(crate) fn forked() -> StoreError {
    StoreError::other(Error::new(
        ErrorKind::VaultClosed,
        "the vault was opened before this process was forked: open it again in this process",
    ))
}

/// What is written to a file that lost its name is gone with the last process that has it open.
pub(crate) fn replaced() -> StoreError {
    StoreError::other(Error::new(
        ErrorKind::Store,
        "the vault's file was moved, removed or replaced while it was open; nothing was changed: open it again",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: i32) -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
    }

    #[test]
    fn only_what_stopped_a_commit_before_its_last_frame_says_that_nothing_was_changed() {
        for code in [ffi::SQLITE_FULL, ffi::SQLITE_BUSY, ffi::SQLITE_BUSY_SNAPSHOT, ffi::SQLITE_READONLY] {
            assert!(!may_have_happened(&error(code)), "{code}");
        }
        for code in
            [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_IOERR_SHMSIZE, ffi::SQLITE_IOERR_SHMMAP]
        {
            assert!(may_have_happened(&error(code)), "{code}");
        }
        assert_eq!(failed(error(ffi::SQLITE_IOERR_SHMSIZE)).kind(), StoreErrorKind::Full);
    }
}
