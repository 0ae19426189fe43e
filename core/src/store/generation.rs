//! The generation record: which state of the vault this is. Every commit that changes anything writes it.
//!
//! Its revision counts the changes of the vault. Since each commit expects the revision before, commits queue up at it,
//! and whether one of them happened can be found out afterwards (`outcome`).

use crate::{
    audit::Trail,
    clock::Timestamp,
    crypto::Provider,
    error::{Error, ErrorKind, Result},
};
use alloc::{
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// How many commits are remembered: more than other processes make while one finds out about its own.
const REMEMBERED: usize = 32;

/// The record's content, JSON as that of any other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Generation {
    /// The latest commits, that of this very revision last.
    commits: Vec<CommitId>,
    /// The latest time at which the vault is known to have been used, in milliseconds.
    time: i64,
    /// The revision of the record `vault` that belongs to this one: a header that was put back is older.
    header: u64,
    /// The trail up to this commit, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    audit: Option<Trail>,
}

/// What distinguishes one commit from all others: 128 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CommitId([u8; 16]);

/// 32 hexadecimal digits.
impl Serialize for CommitId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = [0; 32];
        hex::encode_to_slice(self.0, &mut digits).map_err(ser::Error::custom)?;
        serializer.serialize_str(str::from_utf8(&digits).map_err(ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for CommitId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut id = [0; 16];
        hex::decode_to_slice(String::deserialize(deserializer)?, &mut id).map_err(de::Error::custom)?;
        Ok(Self(id))
    }
}

impl CommitId {
    pub(super) fn random(provider: &Provider) -> Result<Self> {
        let mut id = [0; 16];
        provider.fill_random(&mut id)?;
        Ok(Self(id))
    }

    pub(super) fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

/// The generation as the store has it now.
#[derive(Clone)]
pub(super) struct Current {
    pub(super) revision: u64,
    pub(super) generation: Arc<Generation>,
}

impl Generation {
    /// That of a new vault.
    pub(super) fn first(id: CommitId, time: Timestamp, audit: Option<Trail>) -> Self {
        Self { commits: [id].into(), time: time.as_millis(), header: 1, audit }
    }

    /// In the place of one that is lost: no one knows which commits it was made by. The trail is as what is left of it says.
    pub(super) fn lost(time: Timestamp, audit: Option<Trail>) -> Self {
        Self { commits: Vec::new(), time: time.as_millis(), header: 0, audit }
    }

    /// The one that the commit `id` makes of this one, beside a header of that revision.
    pub(super) fn followed_by(&self, id: CommitId, time: Timestamp, header: u64, audit: Option<Trail>) -> Self {
        let forgotten = (self.commits.len() + 1).saturating_sub(REMEMBERED);
        let commits = self.commits.iter().skip(forgotten).copied().chain([id]).collect();
        Self { commits, time: time.as_millis(), header, audit }
    }

    /// The trail up to here, where there is one.
    pub(super) fn audit(&self) -> Option<Trail> {
        self.audit
    }

    /// Whether that commit is among the latest.
    pub(super) fn has(&self, id: [u8; 16]) -> bool {
        self.commits.contains(&CommitId(id))
    }

    pub(super) fn time(&self) -> Timestamp {
        Timestamp::from_millis(self.time)
    }

    /// The revision of the header that belongs to it.
    pub(super) fn header(&self) -> u64 {
        self.header
    }

    pub(super) fn to_bytes(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|error| {
            Error::new(ErrorKind::KmsInternal, "a record cannot be written").explain(error.to_string())
        })
    }
}

impl Current {
    /// The commit that made that revision of the record; `None` where it is too long ago, or still to come.
    pub(super) fn commit_at(&self, revision: u64) -> Option<CommitId> {
        let back = usize::try_from(self.revision.checked_sub(revision)?).ok()?;
        self.generation.commits.iter().nth_back(back).copied()
    }
}
