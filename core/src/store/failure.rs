//! What a store says when it fails, and what the vault's callers hear of it.

use crate::error::{Error, ErrorKind};
use alloc::{boxed::Box, string::ToString};
use core::fmt;

/// A store's failure, in its own words.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    cause: Box<dyn core::error::Error + Send + Sync>,
}

/// What a store failed of, as far as it knows: it decides what the caller can do.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// There is no room for the change.
    Full,
    /// The store takes no changes: its file, or the medium, may only be read.
    ReadOnly,
    /// Others kept the store for too long.
    Busy,
    /// The store's own structures are damaged.
    Damaged,
    /// The commit has more changes or bytes than [`Change::check_bounds`](super::Change::check_bounds) allows.
    TooLarge,
    /// Anything else.
    Other,
}

impl StoreError {
    /// A failure of that kind, and what the store, or what it is built on, says about it.
    pub fn new(kind: StoreErrorKind, cause: impl Into<Box<dyn core::error::Error + Send + Sync>>) -> Self {
        Self { kind, cause: cause.into() }
    }

    /// A failure of no kind that anything more is known of.
    pub fn other(cause: impl Into<Box<dyn core::error::Error + Send + Sync>>) -> Self {
        Self::new(StoreErrorKind::Other, cause)
    }

    /// Its kind.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl core::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&*self.cause)
    }
}

/// An error of this crate's that a store failed with comes out as it was.
impl From<StoreError> for Error {
    fn from(failure: StoreError) -> Self {
        let failure = match failure.cause.downcast::<Self>() {
            Ok(error) => return *error,
            Err(cause) => StoreError { cause, ..failure },
        };
        let (kind, message) = match failure.kind {
            StoreErrorKind::Full => {
                (ErrorKind::StoreFull, "the store is full; nothing was changed. Make room, and try again")
            }
            StoreErrorKind::ReadOnly => {
                (ErrorKind::StoreReadOnly, "the store takes no changes; nothing was changed. Open it for writing")
            }
            StoreErrorKind::Busy => {
                (ErrorKind::DependencyTimeout, "the store is kept busy by others; nothing was changed. Try again")
            }
            StoreErrorKind::Damaged => {
                (ErrorKind::StoreDamaged, "the store is damaged; nothing was changed. Put a copy of it back")
            }
            StoreErrorKind::TooLarge => {
                (ErrorKind::Store, "the change is larger than a store takes at once; nothing was changed")
            }
            StoreErrorKind::Other => (ErrorKind::Store, "the store failed; nothing was changed"),
        };
        Self::new(kind, message).explain(failure.to_string())
    }
}

/// The error for a change that may have been made or not.
pub(super) fn unknown(lost: &StoreError) -> Error {
    Error::new(ErrorKind::OutcomeUnknown, "the store failed, and whether the change was made is not known")
        .explain(lost.to_string())
}
