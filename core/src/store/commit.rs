//! Computing until what the answer rests on is committed.

use super::{
    Change, CommitError, Effect, Transaction, Vault,
    generation::{CommitId, Current, Generation},
    name::{GENERATION, VAULT},
    outcome,
    transaction::{Cause, Time, Write},
};
use crate::{
    clock::{DAY_MILLIS, Timestamp},
    error::{ErrorKind, Result},
    sync::{Backoff, Turn},
};
use alloc::{string::ToString, sync::Arc, vec, vec::Vec};

/// How often changes are tried again as they are, where another process made others at the same time.
const MAX_ATTEMPTS: usize = 4;

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Commit {
    /// All is stored.
    Done,
    /// Something that was read has changed since: compute again.
    Conflict,
}

impl Vault {
    /// Computes an answer, and again as long as others change what it rests on. Nothing of the answer is seen before its
    /// changes are stored. `held` is the turn of an operation that needs this change first.
    ///
    /// The first attempt computes beside others. After a conflict it waits for its turn and keeps it, so that nobody of
    /// this process can come between again; for other processes it waits longer each time.
    pub(crate) fn transact<T>(
        &self,
        cause: Cause,
        held: Option<&Turn<'_>>,
        work: impl Fn(&mut Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        if let Some(answer) = self.attempt(cause, held, &work)? {
            return Ok(answer);
        }
        let own = held.is_none().then(|| self.writers.wait());
        let turn = held.or(own.as_ref());
        let mut backoff = Backoff::default();
        loop {
            if let Some(answer) = self.attempt(cause, turn, &work)? {
                return Ok(answer);
            }
            if !self.pause(&mut backoff) {
                return Err(outcome::timeout());
            }
        }
    }

    /// Computes an answer that changes nothing.
    pub(crate) fn read<T>(&self, work: impl Fn(&mut Transaction<'_>) -> Result<T>) -> Result<T> {
        self.transact(Cause::Time, None, work)
    }

    fn attempt<T>(
        &self,
        cause: Cause,
        turn: Option<&Turn<'_>>,
        work: &impl Fn(&mut Transaction<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut transaction = Transaction::new(self, cause, turn);
        match work(&mut transaction) {
            Ok(answer) => Ok((transaction.commit()? == Commit::Done).then_some(answer)),
            Err(_) if transaction.is_outdated() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Transaction<'_> {
    /// The time is right, says the host.
    pub(crate) fn confirm_time(&mut self) {
        self.time = Time::Confirm;
    }

    /// Writes the time down, if that was not done for a day.
    pub(super) fn keep_time(&mut self) -> Result<()> {
        let known = self.generation()?.generation.time();
        let passed = self.vault.watch.record(known, self.now).as_millis().saturating_sub(known.as_millis());
        if passed >= DAY_MILLIS {
            self.time = Time::Keep;
        }
        Ok(())
    }

    /// The generation that a commit comes after. One whose record is damaged is lost; who confirms the time makes a new one,
    /// since the time is all that it had to say for good.
    fn before(&self) -> Result<Current> {
        match self.generation() {
            Err(error) if self.time == Time::Confirm && error.kind() == ErrorKind::RecordCorrupted => {
                // 0 where there is none at all.
                let revision = self.vault.store.get(GENERATION)?.map_or(0, |record| record.revision);
                Ok(Current { revision, generation: Arc::new(Generation::lost(self.now)) })
            }
            generation => generation,
        }
    }

    /// Seals the changes and makes them, if everything that was read is still as it was.
    fn commit(self) -> Result<Commit> {
        if self.writes.is_empty() && self.time == Time::Beside {
            return Ok(Commit::Done);
        }
        let changes = self.sealed_changes()?;
        let _turn = self.turn.is_none().then(|| self.vault.writers.wait());
        // Under one's turn nobody of this process replaces the vault key any more.
        if self.is_outdated() {
            return Ok(Commit::Conflict);
        }
        for _ in 0..MAX_ATTEMPTS {
            let before = self.before()?;
            let id = CommitId::random(self.provider())?;
            let after = before.generation.followed_by(id, self.time_after(&before));
            let change = self.vault.seal_generation(&self.key, before.revision, &after)?;
            match self.vault.store.commit([&*changes, &[change]].concat()) {
                Ok(()) => {}
                Err(CommitError::Conflict) => {
                    self.vault.check_key(&self.key)?;
                    let now = self.before()?;
                    if now.revision == before.revision {
                        return Ok(Commit::Conflict);
                    }
                    // A driver that repeats a request by itself meets the change that it made the first time.
                    if now.commit_at(before.revision.saturating_add(1)) != Some(id) {
                        continue;
                    }
                }
                Err(CommitError::Failed(error)) => return Err(error.into()),
                Err(CommitError::Unknown(error)) => {
                    let next = before.revision.saturating_add(1);
                    // One that does not open is another vault key's, which another process put there.
                    let maker = |record| self.vault.open_generation(&self.key, record).ok()?.commit_at(next);
                    let is_ours = |record| Ok(maker(record).map(|maker| maker == id));
                    self.vault.settle_outcome(&self.key, &before, error, is_ours)?;
                }
            }
            self.remember();
            return Ok(Commit::Done);
        }
        Ok(Commit::Conflict)
    }

    /// All but that of the generation.
    fn sealed_changes(&self) -> Result<Vec<Change>> {
        let Self { vault, key, reads, writes, .. } = self;
        let mut changes = vec![Change { name: VAULT.to_string(), expected: Some(key.revision), effect: Effect::Keep }];
        for (name, write) in writes {
            let expected = reads.iter().find(|(read, _)| read == name).and_then(|(_, revision)| *revision);
            let effect = match write {
                Write::Delete => Effect::Delete,
                Write::Put(value) => {
                    let revision = expected.unwrap_or(0) + 1;
                    Effect::Put(key.sealer.seal(&vault.provider, name.as_str(), revision, value.expose())?)
                }
            };
            changes.push(Change { name: name.as_str().to_string(), expected, effect });
        }
        for (name, revision) in reads {
            if !writes.iter().any(|(written, _)| written == name) {
                changes.push(Change { name: name.clone().into(), expected: *revision, effect: Effect::Keep });
            }
        }
        Ok(changes)
    }

    /// The latest time, as this commit writes it down.
    fn time_after(&self, before: &Current) -> Timestamp {
        match self.time {
            Time::Confirm => self.now,
            Time::Beside | Time::Keep => self.vault.watch.record(before.generation.time(), self.now),
        }
    }

    /// What the handle remembers of a commit that happened.
    fn remember(&self) {
        for (name, write) in &self.writes {
            self.vault.cache.forget(name);
            if let (Write::Put(_), Some(date)) = (write, name.deletion_date()) {
                self.vault.schedule.note(date);
            }
        }
        if self.time == Time::Confirm {
            self.vault.watch.confirm(self.now);
        }
        if self.cause == Cause::Caller {
            self.vault.saved.note();
        }
    }
}
