//! What a look at the trail has to say.

use crate::error::{Error, ErrorKind};
use alloc::{string::String, vec::Vec};
use core::{fmt, str::FromStr};

/// In which order events are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuditOrder {
    /// As they were stored.
    OldestFirst,
    /// The other way round.
    NewestFirst,
}

/// A place in the trail, from which a list goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AuditPosition {
    /// The number of the entry.
    pub entry: u64,
    /// How many of its events come before, in the order of the list.
    pub index: u32,
    /// The last entry of the list: the newest one when it began, so that it comes to an end while others record.
    pub last: u64,
}

impl fmt::Display for AuditPosition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.entry, self.index, self.last)
    }
}

impl FromStr for AuditPosition {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = || Error::new(ErrorKind::InvalidMarker, ErrorKind::InvalidMarker.description());
        let mut numbers = text.split('.');
        let mut next = || numbers.next().and_then(|number| number.parse().ok()).ok_or_else(invalid);
        let (entry, index, last) = (next()?, next()?, next()?);
        let index = u32::try_from(index).map_err(|_| invalid())?;
        numbers.next().map_or(Ok(Self { entry, index, last }), |_| Err(invalid()))
    }
}

/// A part of the trail.
pub(crate) struct AuditPage<T> {
    /// The events, as they were read.
    pub events: Vec<T>,
    /// Where the next page begins, if there may be more. A page may have no events and be followed by one that has.
    pub next: Option<AuditPosition>,
}

/// What [`Vault::verify_audit`](crate::Vault::verify_audit) found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditReport {
    /// How many events were checked.
    pub events: u64,
    /// What is wrong with the trail, in its order; at most 1,000 gaps and 1,000 other problems.
    pub problems: Vec<AuditProblem>,
}

/// Something that is wrong with the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditProblem {
    /// What it is.
    pub kind: AuditProblemKind,
    /// The number of the entry, which is in the record `audit/<number>`.
    pub entry: u64,
    /// More about it.
    pub explanation: String,
}

/// What may be wrong with the trail.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditProblemKind {
    /// The entry is gone, and its events with it.
    Removed,
    /// The entry was altered.
    Edited,
    /// The entry has the place of another.
    Reordered,
    /// The entry does not belong there: it is from before, or from another copy of the vault.
    Inserted,
    /// The generation record, which names the end of the trail, was damaged or gone when this entry was written: entries before it may be
    /// gone, too.
    Restarted,
    /// No one touched the trail, but the store did not take all events in time: so many are missing.
    Gap,
}
