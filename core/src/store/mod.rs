//! Where a vault's records live: any store of named bytes with revisions and an atomic commit.
//!
//! A [`Store`] sees sealed bytes alone. [`OpenVault`] holds the key that seals them, and is the only way to an open
//! record; a [`Transaction`] collects what an operation reads and changes, and commits it as one.

mod allowance;
mod answers;
mod cache;
mod clock_trust;
mod commit;
mod copy;
mod damage;
mod encoded;
mod failure;
mod fetched;
mod freshness;
mod generation;
mod group;
mod header;
mod keys;
mod lock;
mod look;
mod marker;
mod memory;
mod name;
mod names;
mod once;
mod open;
mod outcome;
mod outside;
mod pages;
mod parked;
mod recovery;
mod root_key;
mod root_key_info;
mod rotate;
mod saved;
mod schedule;
mod sealing;
mod seen;
mod snapshot;
mod trail;
mod transaction;
mod vault;
mod vault_key;
mod verify;
mod watch;
mod wrap;
mod wraps;

pub(crate) use answers::ClusterKey;
use cache::Cache;
pub(crate) use commit::{Answer, known};
use damage::Damage;
pub(crate) use marker::MARKER_TAG_LENGTH;
use marker::MarkerKey;

pub use clock_trust::ClockTrust;
pub use damage::DamagedRecord;
pub(crate) use damage::{is_damage, unless_damaged};
pub use failure::{StoreError, StoreErrorKind};
pub(crate) use fetched::waiting;
pub use fetched::{Fetched, ReadRequest, Step, Steps};
pub use memory::MemoryStore;
use name::GENERATION;
pub(crate) use name::{DELETIONS, KEYS, REMOVALS, RecordName};
pub(crate) use open::Creation;
pub use root_key::{KeyWrapper, RootKey};
pub use root_key_info::{RecoveryKey, RootKeyInfo, RootKeyKind};
pub use sealing::Sealed;
pub(crate) use transaction::{Cause, Transaction};
pub(crate) use vault::{Host, OpenVault, locked, missing};

use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use core::{any::Any, time::Duration};

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

impl Change {
    /// The most changes of one commit, those that only expect something included: every database that PocketKMS is to run on
    /// takes as many in one transaction (etcd's limit is 128).
    pub const MAX_PER_COMMIT: usize = 100;
    /// The most bytes of one commit, names and values together: 1 MiB (etcd's limit is 1.5 MiB).
    pub const MAX_COMMIT_BYTES: usize = 1024 * 1024;

    /// Whether these are as few and as small as one commit may have. A store asks this first, and refuses the commit with
    /// [`CommitError::Failed`] if they are not.
    pub fn check_bounds(changes: &[Self]) -> Result<(), StoreError> {
        let bytes: usize = changes.iter().map(Self::length).sum();
        if changes.len() <= Self::MAX_PER_COMMIT && bytes <= Self::MAX_COMMIT_BYTES {
            return Ok(());
        }
        let (most, most_bytes) = (Self::MAX_PER_COMMIT, Self::MAX_COMMIT_BYTES);
        let text = alloc::format!(
            "a commit of {} changes and {bytes} bytes; a store takes {most} changes and {most_bytes} bytes",
            changes.len()
        );
        Err(StoreError::new(StoreErrorKind::TooLarge, text))
    }

    /// The bytes that count.
    fn length(&self) -> usize {
        let value = match &self.effect {
            Effect::Put(value) => value.as_bytes().len(),
            Effect::Keep | Effect::Delete => 0,
        };
        self.name.len().saturating_add(value)
    }
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

/// A store of sealed records.
///
/// An implementation needs no cryptography and no knowledge of KMS. It may be shared by many vaults and processes.
pub trait Store: Any + Send + Sync {
    /// The record of that name.
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError>;

    /// At most `limit` records whose names begin with `prefix` and come after `after`, in the byte order of their
    /// names, all of one moment.
    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError>;

    /// Makes all changes, or none. When it answers `Ok`, they outlast a crash, as far as the store promises that. A store
    /// that does not know whether they were made says so ([`CommitError::Unknown`]), and never that they were not.
    ///
    /// More than [`Change::check_bounds`] allows is refused.
    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError>;

    /// Keeps other processes from writing until [`release`](Self::release), as far as the store can: a vault asks for it before
    /// it reads what its commit will expect. Without it, a handle that waits for a store that others write all the time reads
    /// while they do, and finds what it read outdated when it is let in. It is a help and no promise: a store that loses it
    /// takes commits as ever. A second call, and a commit, are no errors. The default does nothing.
    fn reserve(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Ends what [`reserve`](Self::reserve) began, if no commit has ended it.
    fn release(&self) {}

    /// Whether what was committed is there when the process is gone. Where it is not, the vault lives in its snapshots:
    /// it says when one should be taken (`Vault::needs_saving`), and all copies of a snapshot rotate keys alike.
    fn is_durable(&self) -> bool {
        true
    }

    /// The revision of the record `generation`, 0 where there is none. Every commit of a vault writes that record, so a handle
    /// asks for this alone to know whether what it has cached still holds. A store that knows a cheaper way than reading the
    /// record may take it, as long as it sees what others committed before the call.
    fn generation(&self) -> Result<u64, StoreError> {
        Ok(self.get(GENERATION)?.map_or(0, |record| record.revision))
    }

    /// How long a handle may go on with what it has checked, without another look at [`generation`](Self::generation): how late
    /// it may see what another process changed. Zero, the default, is a look at each call; more than a second counts as one.
    fn lease(&self) -> Duration {
        Duration::ZERO
    }
}

macro_rules! store_behind_a_pointer {
    ($($pointer:ident)*) => {
        $(impl<S: Store + ?Sized> Store for $pointer<S> {
            fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
                (**self).get(name)
            }

            fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
                (**self).scan(prefix, after, limit)
            }

            fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
                (**self).commit(changes)
            }

            fn reserve(&self) -> Result<(), StoreError> {
                (**self).reserve()
            }

            fn release(&self) {
                (**self).release();
            }

            fn is_durable(&self) -> bool {
                (**self).is_durable()
            }

            fn generation(&self) -> Result<u64, StoreError> {
                (**self).generation()
            }

            fn lease(&self) -> Duration {
                (**self).lease()
            }
        })*
    };
}
store_behind_a_pointer!(Arc Box);
