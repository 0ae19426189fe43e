//! Finding out what became of a commit whose answer was lost.
//!
//! A look alone does not decide: the commit may still be on its way, and happen after the look. So a write decides. It
//! expects the revision of the generation record that the lost commit expected, too, so that only one of them can ever
//! happen. If the write succeeds, the commit did not happen and never can. If it conflicts, the commits that the
//! generation record remembers say whose write made the revision in question.

use super::{
    Change, CommitError, Effect, OpenVault, Record, StoreError,
    failure::unknown,
    generation::{CommitId, Current},
    name::{GENERATION, VAULT},
    vault_key::VaultKey,
};
use crate::{
    error::{Error, ErrorKind, Result},
    sync::Backoff,
};
use alloc::{string::ToString, vec};

impl OpenVault {
    /// `Ok` if the commit that expected the generation `before` did happen; an error that says that nothing was changed if
    /// it did not, and another one if that cannot be learnt. `is_ours` says whether the commit made the generation after
    /// `before`, of which it sees the record as it is now; nothing where that cannot be learnt any more.
    pub(super) fn resolve_outcome(
        &self,
        key: &VaultKey,
        before: &Current,
        lost: StoreError,
        is_ours: impl Fn(Record) -> Result<Option<bool>, StoreError>,
    ) -> Result<()> {
        let mut backoff = Backoff::default();
        loop {
            if self.overtake(key, before)? {
                return Err(lost.into());
            }
            // Not only after a conflict: this write's answer may have been lost, too. While the store does not answer, or
            // no one has made the next generation, both may still happen.
            let next = self.store.get(GENERATION).map(|record| record.filter(|now| now.revision > before.revision));
            if let Ok(Some(verdict)) = next.and_then(|next| next.map(&is_ours).transpose()) {
                return match verdict {
                    Some(true) => Ok(()),
                    Some(false) => Err(lost.into()),
                    None => Err(unknown(&lost)),
                };
            }
            if !self.pause(&mut backoff) {
                return Err(unknown(&lost));
            }
        }
    }

    /// Writes a generation that changes nothing in the place of the lost commit. Says whether that surely succeeded.
    fn overtake(&self, key: &VaultKey, before: &Current) -> Result<bool> {
        let Current { generation, .. } = before;
        let id = CommitId::random(&self.provider)?;
        let generation = generation.followed_by(id, generation.time(), key.revision, generation.audit());
        let header = Change { name: VAULT.to_string(), expected: Some(key.revision), effect: Effect::Keep };
        let change = self.seal_generation(key, before.revision, &generation)?;
        Ok(self.store.commit(vec![header, change]).is_ok())
    }

    /// Waits for others; `false` when that took too long.
    pub(super) fn pause(&self, backoff: &mut Backoff) -> bool {
        if let Some(fetched) = &self.fetched {
            // The host waits.
            return fetched.pause();
        }
        let mut random = [0; 4];
        // Without randomness the pauses are regular, which is no reason to fail.
        let _ = self.provider.fill_random(&mut random);
        backoff.pause(u32::from_le_bytes(random))
    }
}

/// The error for a vault that others keep changing.
pub(super) fn timeout() -> Error {
    Error::new(ErrorKind::DependencyTimeout, "the vault is being changed too often: retry the request")
}

/// Makes changes of which one creates a record that no one else can make the same; `is_ours` looks for it.
pub(super) fn create(
    vault: &OpenVault,
    changes: &[Change],
    is_ours: impl Fn() -> Result<bool, StoreError>,
) -> Result<bool> {
    let (mut backoff, mut lost) = (Backoff::default(), None);
    loop {
        let error = match vault.store.commit(changes.to_vec()) {
            Ok(()) => return Ok(true),
            Err(CommitError::Conflict) => match is_ours() {
                Ok(is_ours) => return Ok(is_ours),
                Err(error) => error,
            },
            Err(CommitError::Failed(error)) if lost.is_none() => return Err(error.into()),
            Err(CommitError::Failed(error) | CommitError::Unknown(error)) => error,
        };
        let lost = lost.get_or_insert(error);
        if !vault.pause(&mut backoff) {
            return Err(unknown(lost));
        }
    }
}
