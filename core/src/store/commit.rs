//! Computing until what the answer rests on is committed.

use super::{
    Change, CommitError, Effect, OpenVault, RecordName, Sealed, Store, Transaction,
    answers::Outside,
    fetched::waiting,
    generation::{CommitId, Current, Generation},
    group::{Commit, Entry, Members},
    name::{GENERATION, VAULT},
    outcome,
    transaction::{Cause, Time, Write},
};
use crate::{
    audit::{Batch, Event, Trail},
    clock::{DAY_MILLIS, Timestamp},
    error::{Error, ErrorKind, Result},
    sync::{Backoff, Turn},
};
use alloc::{boxed::Box, collections::BTreeSet, string::ToString, sync::Arc, vec, vec::Vec};
use core::{
    any::{Any, TypeId},
    cell::RefCell,
};

/// How often changes are tried again as they are, where another process made others at the same time.
const MAX_ATTEMPTS: usize = 4;

/// How a commit knows that what it rests on has not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reads {
    /// It expects the revision of each record that was read, and does not mind other changes.
    OneByOne,
    /// More were read than one commit may expect, or it matters what is not there: the vault must be as it was when the operation began.
    AsOfStart,
}

/// An answer, whichever it is: what makes commits is compiled once, and not for the answer of each operation.
pub(crate) type Answer = Box<dyn Any + Send + Sync>;

type Work<'w> = &'w dyn Fn(&mut Transaction<'_>) -> Result<Answer>;

/// How an attempt ended.
enum Attempt {
    /// Its answer, and whether it is time to store the events that wait.
    Done(Answer, bool),
    /// Its changes were not made, since what it had read has changed.
    Conflict,
    /// It could not be computed, since the vault key was replaced meanwhile.
    Outdated,
    /// It could not be computed, since somebody outside has to be asked for that, and others were kept from writing.
    MustAsk,
}

/// While others are kept from writing.
struct Reserved<'s>(&'s dyn Store);

impl<'s> Reserved<'s> {
    fn of(store: &'s dyn Store) -> Result<Self> {
        store.reserve()?;
        Ok(Self(store))
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        self.0.release();
    }
}

/// The answer of work that was asked for that.
pub(crate) fn known<T: Any>(answer: Answer) -> Result<T> {
    answer
        .downcast()
        .map(|answer| *answer)
        .map_err(|_| Error::new(ErrorKind::KmsInternal, "an answer is another call's"))
}

impl OpenVault {
    /// Computes an answer, and again as long as others change what it rests on. Nothing of the answer is seen before its
    /// changes are stored. `held` is the turn of an operation that needs this change first.
    ///
    /// The first attempt computes beside others. After a conflict it waits for its turn and keeps it, so that no one of
    /// this process can come between again; for other processes it waits longer each time.
    pub(crate) fn transact<T: Any + Send + Sync>(
        &self,
        cause: Cause,
        held: Option<&Turn<'_>>,
        work: impl Fn(&mut Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        let work = |transaction: &mut Transaction<'_>| Ok(Box::new(work(transaction)?) as Answer);
        known(self.transact_any(cause, held, TypeId::of::<T>(), &work)?)
    }

    pub(crate) fn transact_any(
        &self,
        cause: Cause,
        held: Option<&Turn<'_>>,
        kind: TypeId,
        work: Work<'_>,
    ) -> Result<Answer> {
        let done = self.transact_any_until_done(cause, held, kind, work);
        if held.is_none() {
            self.delete_outside();
        }
        let (answer, is_due) = done?;
        // Without a turn, which a flush would wait for; and it changes nothing of what the call came to.
        if is_due && held.is_none() {
            self.flush_waiting();
        }
        if held.is_none() {
            self.show_stored();
        }
        Ok(answer)
    }

    pub(super) fn transact_until_done<T: Any + Send + Sync>(
        &self,
        cause: Cause,
        held: Option<&Turn<'_>>,
        work: impl Fn(&mut Transaction<'_>) -> Result<T>,
    ) -> Result<(T, bool)> {
        let work = |transaction: &mut Transaction<'_>| Ok(Box::new(work(transaction)?) as Answer);
        let (answer, is_due) = self.transact_any_until_done(cause, held, TypeId::of::<T>(), &work)?;
        Ok((known(answer)?, is_due))
    }

    fn transact_any_until_done(
        &self,
        cause: Cause,
        held: Option<&Turn<'_>>,
        kind: TypeId,
        work: Work<'_>,
    ) -> Result<(Answer, bool)> {
        let outside = RefCell::new(self.outside_so_far(cause));
        let result = self.transact_with(&outside, cause, held, kind, work);
        self.settle_outside(cause, &outside, result)
    }

    fn transact_with(
        &self,
        outside: &RefCell<Outside>,
        cause: Cause,
        held: Option<&Turn<'_>>,
        kind: TypeId,
        work: Work<'_>,
    ) -> Result<(Answer, bool)> {
        let attempt = |turn: Option<&Turn<'_>>| self.attempt(outside, cause, turn, kind, work);
        let mut ended = attempt(held)?;
        // What it rested on has changed, whatever the lease says.
        self.refresh_after(&ended);
        if matches!(ended, Attempt::Outdated) {
            // Once more at once: reading waits for no one.
            ended = attempt(held)?;
            self.refresh_after(&ended);
        }
        let (mut own, mut backoff) = (None, Backoff::default());
        loop {
            match ended {
                Attempt::Done(answer, is_due) => return Ok((answer, is_due)),
                // Beside others once more: what is answered then is known when its turn comes.
                Attempt::MustAsk if held.is_none() => own = None,
                Attempt::MustAsk => return Err(Error::new(ErrorKind::KmsInternal, "others are kept from writing")),
                Attempt::Conflict | Attempt::Outdated if held.is_none() && own.is_none() => {
                    own = Some(self.writers.wait());
                }
                Attempt::Conflict | Attempt::Outdated => {}
            }
            // Only what has something to commit keeps others out.
            let reserved = if matches!(ended, Attempt::Conflict) { Some(Reserved::of(&*self.store)?) } else { None };
            ended = attempt(held.or(own.as_ref()))?;
            drop(reserved);
            if matches!(ended, Attempt::Conflict | Attempt::Outdated) && !self.pause(&mut backoff) {
                return Err(outcome::timeout());
            }
            self.refresh_after(&ended);
        }
    }

    fn refresh_after(&self, ended: &Attempt) {
        if !matches!(ended, Attempt::Done(..)) {
            self.refresh();
        }
    }

    /// Computes an answer that changes nothing.
    pub(crate) fn read<T: Any + Send + Sync>(&self, work: impl Fn(&mut Transaction<'_>) -> Result<T>) -> Result<T> {
        self.transact(Cause::Time, None, work)
    }

    fn attempt(
        &self,
        outside: &RefCell<Outside>,
        cause: Cause,
        turn: Option<&Turn<'_>>,
        kind: TypeId,
        work: Work<'_>,
    ) -> Result<Attempt> {
        if let Some(answer) = self.committed_answer(cause, kind) {
            return answer.map(|answer| Attempt::Done(answer, false));
        }
        let mut transaction = Transaction::begin(self, cause, turn, outside)?;
        // It may rest on what a primitive that is not there did not say.
        let lacks = || self.provider.runs.lacks();
        let answer = work(&mut transaction).and_then(|answer| if lacks() { Err(waiting()) } else { Ok(answer) });
        match answer {
            _ if transaction.must_ask => Ok(Attempt::MustAsk),
            Ok(answer) if let Some(fetched) = &self.fetched => {
                let answer = Self::park(fetched, transaction, answer)?;
                Ok(answer.map_or(Attempt::Conflict, |answer| Attempt::Done(answer, false)))
            }
            Ok(answer) => Ok(match transaction.commit()? {
                Commit::Done => Attempt::Done(answer, transaction.is_due),
                Commit::Conflict => Attempt::Conflict,
            }),
            Err(_) if transaction.is_outdated() => Ok(Attempt::Outdated),
            Err(error) => Err(error),
        }
    }
}

impl Transaction<'_> {
    /// The time is right, says the host.
    pub(crate) fn confirm_time(&mut self) {
        self.time = Time::Confirm;
        if self.generation().is_err_and(|error| error.kind() == ErrorKind::RecordCorrupted) {
            self.events.push(Event::restarted(self.now));
        }
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
                let trail = self.vault.recovered_trail(&self.key)?;
                Ok(Current { revision, generation: Arc::new(Generation::lost(self.now, trail)) })
            }
            generation => generation,
        }
    }

    /// Whether there is nothing to commit.
    pub(super) fn changes_nothing(&self) -> bool {
        let is_durable_first = self.vault.stores_first() && !self.events.is_empty();
        !self.writes() && self.time == Time::Beside && self.batch.is_none() && !is_durable_first
    }

    /// Seals the changes and makes them, if everything that was read is still as it was.
    pub(super) fn commit(&mut self) -> Result<Commit> {
        self.stake_made();
        let outcome = self.commit_what_there_is();
        self.look_after_made(&outcome);
        outcome
    }

    fn commit_what_there_is(&mut self) -> Result<Commit> {
        if self.changes_nothing() {
            self.pass_on_events()?;
            return Ok(Commit::Done);
        }
        let outcome = self.commit_changes()?;
        if outcome == Commit::Done {
            self.batch.iter().for_each(Batch::is_stored);
            // Where a vault lives in memory, the call that finds its trail long has it shortened.
            self.is_due = self.cut.is_none()
                && !self.vault.store.is_durable()
                && self.generation().is_ok_and(|now| self.vault.is_trail_too_long(now.generation.audit()));
        }
        Ok(outcome)
    }

    fn commit_changes(&self) -> Result<Commit> {
        let (changes, reads) = self.sealed_changes()?;
        let Self { vault, key, now, cause, .. } = self;
        let traces = self.traces(&changes)?;
        let is_asked_for = *cause == Cause::Caller && (self.writes() || self.time != Time::Beside);
        let own = Arc::new(Entry::new(changes, key.revision, *now, is_asked_for, traces));
        // What all others rest on is changed by one alone, and a host that is waited for runs one operation at a time.
        let is_alone = reads == Reads::AsOfStart
            || self.header.is_some()
            || self.time == Time::Confirm
            || self.cut.is_some()
            || vault.fetched.is_some();
        let is_offered = self.turn.is_none() && !is_alone;
        if is_offered {
            vault.group.offer(&own);
        }
        let turn = self.turn.is_none().then(|| vault.writers.wait());
        if is_offered && let Some(outcome) = vault.group.withdraw(&own) {
            return outcome;
        }
        if let Some(turn) = turn.as_ref().filter(|_| !is_alone) {
            vault.group.pace.gather(turn);
        }
        // Under one's turn no one of this process changes the vault key any more.
        if self.is_outdated() {
            return Ok(Commit::Conflict);
        }
        let mut members = if is_alone { Members::alone(&own) } else { vault.group.join(&own) };
        // Once for all of them: each that waited for the lock by itself would wait as long as it is allowed to.
        let outcome = match Reserved::of(&*vault.store) {
            Ok(_reserved) => self.commit_together(&mut members, reads),
            Err(error) => Err(error),
        };
        members.conclude(outcome)
    }

    /// Makes the changes of all members in one commit of the store.
    fn commit_together(&self, members: &mut Members, reads: Reads) -> Result<Commit> {
        let Self { vault, .. } = self;
        let mut planted = None;
        for _ in 0..MAX_ATTEMPTS {
            let before = match self.before() {
                // Another process has replaced the vault key since.
                Err(_) if self.is_outdated() => return Ok(Commit::Conflict),
                before => before?,
            };
            // The events were stored after all, by a commit of which that was not known.
            if self.batch.as_ref().and_then(Batch::doubtful).is_some_and(|id| before.generation.has(id)) {
                return Ok(Commit::Conflict);
            }
            if reads == Reads::AsOfStart && before.revision != self.sight.generation {
                return Ok(Commit::Conflict);
            }
            let (id, next) = (vault.commit_id()?, before.revision.saturating_add(1));
            let now = members.entries().iter().map(|entry| entry.now).fold(self.now, Timestamp::max);
            let mut changes = members.changes();
            let trail = match self.entry(&before, members, now, planted)? {
                Some((entry, trail)) => {
                    changes.push(entry);
                    Some(trail)
                }
                None => before.generation.audit(),
            };
            changes.push(self.next_generation(&before, id, now, trail)?);
            Change::check_bounds(&changes)?;
            // One that does not open is another vault key's, which another process put there.
            let opened = |record| vault.open_generation(self.sealing_key(), record).ok();
            let maker = |record| opened(record)?.commit_at(next);
            match vault.group.pace.measure(members.entries().len(), || vault.store.commit(changes)) {
                Ok(()) => {}
                Err(CommitError::Conflict) => {
                    let now = vault.store.get(GENERATION)?;
                    let revision = now.as_ref().map_or(0, |record| record.revision);
                    // A driver that repeats a request by itself meets the change that it made the first time.
                    if now.and_then(maker) != Some(id) {
                        vault.check_key(&self.key)?;
                        if self.is_outdated() {
                            return Ok(Commit::Conflict);
                        }
                        let (has_moved, is_alone) = (revision != before.revision, members.entries().len() == 1);
                        let is_less = !is_alone && members.sift(&*vault.store)?;
                        if members.entries().is_empty() {
                            return Ok(Commit::Conflict);
                        }
                        if !(has_moved || is_less) {
                            // Somebody may have put a record in the place of the entry, which is no reason to give up.
                            planted = vault.planted_entry(&before)?.filter(|found| planted != Some(*found));
                            if planted.is_none() {
                                return Ok(Commit::Conflict);
                            }
                        }
                        continue;
                    }
                }
                Err(CommitError::Failed(error)) => return Err(error.into()),
                Err(CommitError::Unknown(error)) => {
                    let is_ours = |record| Ok(maker(record).map(|maker| maker == id));
                    vault.resolve_outcome(&self.key, &before, error, is_ours).inspect_err(|error| {
                        if error.kind() == ErrorKind::OutcomeUnknown {
                            self.batch.iter().for_each(|batch| batch.note_doubt(id.to_bytes()));
                        }
                    })?;
                }
            }
            self.remember(before.revision, members.entries());
            members.entries().iter().for_each(|entry| vault.note_stored(&entry.traces));
            return Ok(Commit::Done);
        }
        Ok(Commit::Conflict)
    }

    /// The generation that the members' commit makes of the one before. There is one for all of them, as there is one entry.
    fn next_generation(&self, before: &Current, id: CommitId, now: Timestamp, trail: Option<Trail>) -> Result<Change> {
        let key = self.sealing_key();
        let after = before.generation.followed_by(id, self.time_after(before, now), key.revision, trail);
        self.vault.seal_generation(key, before.revision, &after)
    }

    /// All but that of the generation, and how the commit knows that what was read is as it was.
    fn sealed_changes(&self) -> Result<(Vec<Change>, Reads)> {
        let Self { vault, reads, writes, header, .. } = self;
        let key = self.sealing_key();
        let effect = match header {
            Some(new) => Effect::Put(Sealed::from_stored(&new.header_bytes(&vault.provider))),
            None => Effect::Keep,
        };
        let mut changes = vec![Change { name: VAULT.to_string(), expected: Some(self.key.revision), effect }];
        for (name, write) in writes {
            let expected = reads.iter().find(|(read, _)| read == name).and_then(|(_, revision)| *revision);
            let effect = match write {
                Write::Delete => Effect::Delete,
                Write::PutSealed(value) => Effect::Put(value.clone()),
                Write::Put(value) => {
                    let revision = expected.unwrap_or(0) + 1;
                    Effect::Put(key.sealer.seal(&vault.provider, name.as_str(), revision, value.expose())?)
                }
            };
            changes.push(Change { name: name.as_str().to_string(), expected, effect });
        }
        let written: BTreeSet<_> = writes.iter().map(|(name, _)| name).collect();
        // Each once, however often it was read.
        let only_read: BTreeSet<_> = reads
            .iter()
            .filter(|(name, _)| !written.contains(name))
            .map(|(name, revision)| (name, *revision))
            .collect();
        // The generation and the entry of the trail come on top.
        if self.rests_on_everything || changes.len() + only_read.len() + 2 > Change::MAX_PER_COMMIT {
            return Ok((changes, Reads::AsOfStart));
        }
        for (name, expected) in only_read {
            changes.push(Change { name: name.clone().into(), expected, effect: Effect::Keep });
        }
        Ok((changes, Reads::OneByOne))
    }

    /// The latest time, as a commit of that time writes it down.
    fn time_after(&self, before: &Current, now: Timestamp) -> Timestamp {
        match self.time {
            Time::Confirm => now,
            Time::Beside | Time::Keep => self.vault.watch.record(before.generation.time(), now),
        }
    }

    /// What the handle remembers of a commit that happened.
    fn remember(&self, before: u64, entries: &[Arc<Entry>]) {
        let Self { vault, .. } = self;
        if let Some(key) = &self.header {
            vault.set_key(Arc::clone(key));
        }
        // A copy that is older still has what was deleted, until it is opened and deletes it, too.
        let mut deletes = false;
        for Change { name, expected, effect } in entries.iter().flat_map(|entry| &entry.changes) {
            if *effect == Effect::Keep {
                continue;
            }
            let name = RecordName::from(&**name);
            deletes |= name.removed_key().is_some() || (*effect == Effect::Delete && name.is_material());
            vault.cache.forget(&name);
            let generation = before.saturating_add(1);
            if *effect == Effect::Delete {
                vault.seen.note_gone(name.as_str(), generation);
                continue;
            }
            vault.seen.note_written(name.as_str(), expected.unwrap_or(0).saturating_add(1), generation);
            if let Some(date) = name.deletion_date() {
                vault.schedule.note(date);
            }
            if name.removed_key().is_some() {
                vault.schedule.note_removal();
            }
        }
        // After what was changed is forgotten: what is left in the cache is as it was.
        vault.freshness.moved(before);
        if self.time == Time::Confirm {
            vault.watch.confirm(self.now);
        }
        entries.iter().filter(|entry| entry.is_asked_for).for_each(|_| vault.saved.note());
        if deletes {
            vault.saved.note();
        }
    }
}
