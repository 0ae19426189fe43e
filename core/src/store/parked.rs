//! Answers that wait for their commit, where the store has to be waited for (`fetched`).

use super::{
    OpenVault, RecordName, Transaction,
    answers::ClusterKey,
    commit::Answer,
    fetched::{Fetched, waiting},
    freshness::Sight,
    generation::CommitId,
    group::Commit,
    outcome,
    trail::Cut,
    transaction::{Cause, Time, Write},
    vault_key::VaultKey,
};
use crate::{
    audit::{self, Batch, Event, Lines, Touched},
    clock::Timestamp,
    error::Result,
    sync::RwLock,
};
use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use core::any::{Any, TypeId};

/// A transaction without its vault, and the answer that its changes are for.
pub(super) struct Parked {
    key: Arc<VaultKey>,
    now: Timestamp,
    sight: Sight,
    cause: Cause,
    reads: Vec<(RecordName, Option<u64>)>,
    writes: Vec<(RecordName, Write)>,
    header: Option<Arc<VaultKey>>,
    time: Time,
    events: Vec<Event>,
    batch: Option<Batch>,
    cut: Option<Cut>,
    lines: RwLock<Option<Lines>>,
    ended: Vec<ClusterKey>,
    rests_on_everything: bool,
    answer: Box<dyn Any + Send + Sync>,
}

impl Parked {
    fn new(transaction: Transaction<'_>, answer: Box<dyn Any + Send + Sync>) -> Self {
        let Transaction {
            vault: _,
            turn: _,
            key,
            now,
            sight,
            cause,
            reads,
            writes,
            header,
            time,
            events,
            batch,
            cut,
            lines,
            is_due: _,
            // Is with the steps.
            outside: _,
            must_ask: _,
            ended,
            rests_on_everything,
            touched: _,
            is_uncounted: _,
        } = transaction;
        Self {
            key,
            now,
            sight,
            cause,
            reads,
            writes,
            header,
            time,
            events,
            batch,
            cut,
            lines,
            ended,
            rests_on_everything,
            answer,
        }
    }

    fn resume(self, vault: &OpenVault) -> (Transaction<'_>, Box<dyn Any + Send + Sync>) {
        let Self {
            key,
            now,
            sight,
            cause,
            reads,
            writes,
            header,
            time,
            events,
            batch,
            cut,
            lines,
            ended,
            rests_on_everything,
            answer,
        } = self;
        let turn = None;
        let transaction = Transaction {
            vault,
            turn,
            key,
            now,
            sight,
            cause,
            reads,
            writes,
            header,
            time,
            events,
            batch,
            cut,
            lines,
            is_due: false,
            outside: None,
            must_ask: false,
            ended,
            rests_on_everything,
            touched: Touched::default(),
            is_uncounted: false,
        };
        (transaction, answer)
    }
}

impl OpenVault {
    /// What a caller's operation came to before its commit was made, now that it is. First it goes on with the commit that waits, if
    /// one does.
    pub(crate) fn committed_answer(&self, cause: Cause, kind: TypeId) -> Option<Result<Answer>> {
        let fetched = self.fetched.as_ref()?;
        if self.provider.runs.lacks() {
            // This run is given up: the answer is taken once, by one that is not.
            return Some(Err(waiting()));
        }
        if let Err(error) = self.resume(fetched) {
            return Some(Err(error));
        }
        if cause == Cause::Caller { fetched.take_answer(kind) } else { None }
    }

    /// The answer of a transaction, if there is nothing to commit. If there is, it is put aside, and the run ends.
    pub(super) fn park(fetched: &Fetched, mut transaction: Transaction<'_>, answer: Answer) -> Result<Option<Answer>> {
        if transaction.changes_nothing() {
            transaction.pass_on_events()?;
            return Ok(Some(answer));
        }
        if let Some(failure) = fetched.time_failure().filter(|_| transaction.cause == Cause::Time) {
            return Err(failure);
        }
        Err(fetched.park(Parked::new(transaction, answer)))
    }

    /// Goes on with a commit, as far as there are answers.
    fn resume(&self, fetched: &Fetched) -> Result<()> {
        let Some(parked) = fetched.take_parked::<Parked>() else { return Ok(()) };
        let (mut transaction, answer) = parked.resume(self);
        let cause = transaction.cause;
        let outcome = match fetched.journaled(|| transaction.commit()) {
            Ok(None) => {
                fetched.put_back(Parked::new(transaction, answer));
                return Err(waiting());
            }
            Ok(Some(Commit::Done)) => Ok(answer),
            Ok(Some(Commit::Conflict)) if fetched.conflicts() => return Ok(()),
            Ok(Some(Commit::Conflict)) => Err(outcome::timeout()),
            Err(error) => Err(error),
        };
        match cause {
            Cause::Caller => fetched.conclude(outcome),
            Cause::Time => fetched.conclude_due(outcome.map(drop)),
        }
        Ok(())
    }

    /// How far an operation of several commits was when its run ended.
    pub(crate) fn progress<T: Any + Send + Sync + Default>(&self) -> T {
        self.fetched.as_ref().and_then(Fetched::take_progress).map(|progress| *progress).unwrap_or_default()
    }

    /// Keeps how far it is, for the next run.
    pub(crate) fn keep_progress<T: Any + Send + Sync>(&self, progress: T) {
        if let Some(fetched) = &self.fetched {
            fetched.keep_progress(progress);
        }
    }

    /// Whether something is to be counted now: once for an operation, however often it runs, and only when all that it has looked at is
    /// there.
    pub(crate) fn counts(&self) -> Result<bool> {
        self.unless_waiting(())?;
        Ok(self.fetched.as_ref().map_or_else(|| self.provider.runs.counts(), Fetched::counts))
    }

    /// An id for a commit.
    pub(super) fn commit_id(&self) -> Result<CommitId> {
        let draw = || CommitId::random(&self.provider);
        self.fetched.as_ref().map_or_else(draw, |fetched| fetched.commit_id(draw))
    }
}

impl Transaction<'_> {
    /// The id of the request, which its event will have.
    pub(crate) fn request_id(&mut self) -> Result<String> {
        let bytes = if let Some(bytes) = self.touched.told {
            bytes
        } else {
            let mut bytes = [0; 16];
            self.draw_id(&mut bytes)?;
            *self.touched.told.insert(bytes)
        };
        Ok(audit::request_id(bytes))
    }
}
