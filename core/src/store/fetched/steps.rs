//! One operation under way.

use super::{
    WAITING,
    journal::{Failure, Journal},
};
use crate::{
    error::{Error, Result},
    store::{Change, Record, Store, StoreError, answers::Outside},
};
use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use core::any::Any;

/// How often others may come between before an operation gives up.
const MAX_CONFLICTS: usize = 100;

/// What an operation needs next.
pub enum Step<T> {
    /// To read these, together if the store can; [`Fetched::found`](super::Fetched::found) takes what is there.
    Read(Vec<ReadRequest>),
    /// To make these changes, all or none; [`Fetched::committed`](super::Fetched::committed) takes the result. What became of them
    /// is never to be guessed: [`CommitError::Unknown`](crate::CommitError::Unknown) has the vault find out. A host that is asked to
    /// commit often in one operation waits a little longer each time.
    Commit(Vec<Change>),
    /// Nothing: this is the answer.
    Done(T),
}

impl<T> Step<T> {
    /// The answer; or the step without its type.
    pub fn split(self) -> Result<T, Step<()>> {
        match self {
            Self::Read(wanted) => Err(Step::Read(wanted)),
            Self::Commit(changes) => Err(Step::Commit(changes)),
            Self::Done(answer) => Ok(answer),
        }
    }
}

/// What is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadRequest {
    /// The record of that name.
    Record(String),
    /// As [`Store::scan`].
    Scan {
        /// With which the names begin.
        prefix: String,
        /// The name that they come after.
        after: Option<String>,
        /// How many at most.
        limit: usize,
    },
}

impl ReadRequest {
    /// Reads it from a store that answers at once.
    pub fn read(self, store: &dyn Store) -> (Self, Result<Vec<Record>, StoreError>) {
        let found = match &self {
            Self::Record(name) => store.get(name).map(|record| record.into_iter().collect()),
            Self::Scan { prefix, after, limit } => store.scan(prefix, after.as_deref(), *limit),
        };
        (self, found)
    }
}

/// What is known of one operation under way, between its steps. One for each operation.
#[derive(Default)]
pub struct Steps {
    /// What was missing in this run.
    pub(super) wanted: Vec<ReadRequest>,
    pub(super) read_failure: Option<Failure>,
    pub(super) mode: Mode,
    pub(super) journal: Journal,
    /// The commit that the host is asked for.
    pub(super) outgoing: Option<Vec<Change>>,
    /// The same, until it has answered.
    pub(super) committing: Option<Vec<Change>>,
    /// The answer that waits for it (`store/parked.rs`).
    pub(super) parked: Option<Box<dyn Any + Send + Sync>>,
    /// The caller's answer, whose changes are made.
    pub(super) answer: Option<Result<Box<dyn Any + Send + Sync>>>,
    /// Why what fell due could not be done.
    pub(super) time_failure: Option<Error>,
    /// Something was decided, so that the operation can go on at once.
    pub(super) again: bool,
    /// The record that the commit under way asks for.
    pub(super) asked: Option<String>,
    /// How far an operation of several commits is.
    pub(super) progress: Option<Box<dyn Any + Send + Sync>>,
    /// What its parts came to, and how many of them this run has come to.
    parts: Vec<Arc<dyn Any + Send + Sync>>,
    parts_begun: usize,
    /// What it drew, and was answered by others than the host's store.
    pub(super) outside: Outside,
    /// How much the operation has counted, and how much of that it has come to in this run.
    counted: usize,
    counting: usize,
    conflicts: usize,
}

/// What the operation does.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Mode {
    #[default]
    Compute,
    Commit,
}

impl Steps {
    /// Those of an operation that has not begun.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn begin_run(&mut self) {
        self.wanted.clear();
        self.outgoing = None;
        self.asked = None;
        self.outside.begin_run();
        self.parts_begun = 0;
        self.counting = 0;
        self.again = false;
        self.mode = Mode::Compute;
    }

    /// Begins to run a commit again; not where the run is to be given up.
    pub(super) fn begin_commit(&mut self) -> bool {
        if !self.wanted.is_empty() || self.outgoing.is_some() {
            return false;
        }
        self.mode = Mode::Commit;
        self.journal.rewind();
        true
    }

    /// Says whether the commit waits for something. If not, its journal ends.
    pub(super) fn end_commit(&mut self) -> bool {
        self.mode = Mode::Compute;
        let waits = !self.wanted.is_empty() || self.outgoing.is_some();
        if !waits {
            self.journal = Journal::default();
        }
        waits
    }

    /// Notes that something is missing. What could not be read is not asked for again.
    pub(super) fn miss(&mut self, wanted: ReadRequest) -> StoreError {
        if let Some(failure) = &self.read_failure {
            return failure.clone().into();
        }
        if !self.wanted.contains(&wanted) {
            self.wanted.push(wanted);
        }
        StoreError::other(WAITING)
    }

    pub(super) fn wants(&self, name: &str) -> bool {
        self.wanted.iter().any(|wanted| matches!(wanted, ReadRequest::Record(wanted) if wanted == name))
    }

    /// The place of the part that begins.
    pub(super) fn next_part(&mut self) -> usize {
        self.parts_begun += 1;
        self.parts_begun - 1
    }

    pub(super) fn part_done(&self, place: usize) -> Option<Arc<dyn Any + Send + Sync>> {
        self.parts.get(place).map(Arc::clone)
    }

    pub(super) fn keep_part(&mut self, place: usize, result: Arc<dyn Any + Send + Sync>) {
        self.parts.truncate(place);
        self.parts.push(result);
        self.parts_begun = self.parts.len();
    }

    /// Whether this is to be counted, and was not in a run before.
    pub(super) fn counts(&mut self) -> bool {
        self.counting += 1;
        let is_first = self.counting > self.counted;
        self.counted = self.counted.max(self.counting);
        is_first
    }

    /// Says whether it is to be tried again.
    pub(super) fn count_conflict(&mut self) -> bool {
        self.conflicts += 1;
        self.outside.compute_again();
        self.again = true;
        self.conflicts < MAX_CONFLICTS
    }
}
