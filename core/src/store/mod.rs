//! Where a vault's records live: any store of named bytes with revisions and an atomic commit.
//!
//! A [`Store`] sees sealed bytes alone. [`Vault`] holds the key that seals them, and is the only way to an open
//! record; a [`Transaction`] collects what an operation reads and changes, and commits it as one.

mod cache;
mod commit;
mod damage;
mod generation;
mod marker;
mod memory;
mod name;
mod outcome;
mod reseal;
mod root_key;
mod saved;
mod schedule;
mod sealing;
mod snapshot;
mod transaction;
mod vault;
mod watch;

use cache::Cache;
use damage::Damage;
pub(crate) use marker::MARKER_TAG_LENGTH;
use marker::MarkerKey;

pub use damage::DamagedRecord;
pub(crate) use damage::{is_damage, unless_damaged};
pub use memory::MemoryStore;
pub(crate) use name::{DELETIONS, RecordName};
pub use root_key::RootKey;
pub use sealing::Sealed;
pub(crate) use transaction::{Cause, Transaction};
pub(crate) use vault::{Host, Vault, missing};

use alloc::{boxed::Box, string::String, vec::Vec};

/// A record as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its name: at most 400 bytes of printable ASCII.
    pub name: String,
    /// 1 when it was created, one more at each change.
    pub revision: u64,
    /// Its sealed value.
    pub value: Sealed,
}

/// What a commit asks of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The record's name.
    pub name: String,
    /// The revision that it must have for the commit to happen; `None`: it must not exist.
    pub expected: Option<u64>,
    /// What to do with it then.
    pub effect: Effect,
}

/// What a commit does to one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: the operation read it, and its answer holds only while it stays the same.
    Keep,
    /// Writes it. The new revision is one more than the expected one, or 1; it is sealed into the value.
    Put(Sealed),
    /// Removes it for good: the store must not keep the bytes.
    Delete,
}

/// Why a commit did not happen, or may not have.
#[derive(Debug)]
pub enum CommitError {
    /// A record has not the expected revision, and nothing was changed. The operation runs again on what is there now.
    Conflict,
    /// The store failed, and nothing was changed.
    Failed(StoreError),
    /// The store failed, and whether all was changed or nothing is not known: the connection broke before the answer came.
    /// It may also still happen. The vault finds out by another commit (docs/architecture.md, "Unknown outcomes").
    Unknown(StoreError),
}

/// A store's failure, in its own words.
#[derive(Debug)]
pub struct StoreError(pub Box<dyn core::error::Error + Send + Sync>);

impl From<StoreError> for crate::error::Error {
    fn from(StoreError(cause): StoreError) -> Self {
        Self::new(crate::error::ErrorKind::Store, "the store failed; nothing was changed")
            .explain(alloc::format!("{cause}"))
    }
}

/// A store of sealed records.
///
/// An implementation needs no cryptography and no knowledge of KMS. It may be shared by many vaults and processes.
pub trait Store: Send + Sync {
    /// The record of that name.
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError>;

    /// At most `limit` records whose names begin with `prefix` and come after `after`, in the byte order of their
    /// names, all of one moment.
    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError>;

    /// Makes all changes, or none. When it answers `Ok`, they outlast a crash, as far as the store promises that. A store
    /// that cannot tell whether they were made says so ([`CommitError::Unknown`]), and never that they were not.
    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError>;

    /// Whether what was committed is there when the process is gone. Where it is not, the vault lives in its snapshots:
    /// it says when one should be taken (`Kms::needs_saving`), and all copies of a snapshot rotate keys alike.
    fn is_durable(&self) -> bool {
        true
    }
}
