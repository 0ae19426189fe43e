//! A commit under way. The code that makes it wants its answers at once; so it runs as far as there are answers, and runs
//! again with the next: it asks the same in the same order each time.

use crate::store::{CommitError, Record, StoreError, StoreErrorKind, generation::CommitId};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};

/// How often a commit is tried to find out what became of it. The host waits in between.
const PATIENCE: usize = 12;

/// What the store answered so far, in the order of the questions.
#[derive(Default)]
pub(super) struct Journal {
    answers: Vec<Answer>,
    /// Drawn once, so that a commit is known by its id afterwards.
    ids: Vec<CommitId>,
    /// How far this run is.
    at: usize,
    ids_drawn: usize,
    pauses: usize,
}

pub(super) enum Answer {
    Record(String, Result<Option<Record>, Failure>),
    Commit(Result<(), CommitFailure>),
}

/// A failure that can be reported several times.
#[derive(Clone)]
pub(super) struct Failure(StoreErrorKind, String);

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(error.kind(), error.to_string())
    }
}

impl From<Failure> for StoreError {
    fn from(Failure(kind, text): Failure) -> Self {
        Self::new(kind, text)
    }
}

#[derive(Clone)]
pub(super) enum CommitFailure {
    Conflict,
    Failed(Failure),
    Unknown(Failure),
}

impl From<CommitError> for CommitFailure {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict => Self::Conflict,
            CommitError::Failed(error) => Self::Failed(error.into()),
            CommitError::Unknown(error) => Self::Unknown(error.into()),
        }
    }
}

impl From<CommitFailure> for CommitError {
    fn from(failure: CommitFailure) -> Self {
        match failure {
            CommitFailure::Conflict => Self::Conflict,
            CommitFailure::Failed(failure) => Self::Failed(failure.into()),
            CommitFailure::Unknown(failure) => Self::Unknown(failure.into()),
        }
    }
}

impl Journal {
    /// Begins to run again.
    pub(super) fn rewind(&mut self) {
        (self.at, self.ids_drawn, self.pauses) = (0, 0, 0);
    }

    pub(super) fn push(&mut self, answer: Answer) {
        self.answers.push(answer);
    }

    /// Whether a commit was asked for already: from then on what was fetched before says nothing any more.
    pub(super) fn has_committed(&self) -> bool {
        self.answers.iter().any(|answer| matches!(answer, Answer::Commit(_)))
    }

    /// The next answer, which is that about a record; nothing where it has not come yet.
    pub(super) fn record(&mut self, asked: &str) -> Option<Result<Option<Record>, StoreError>> {
        let answer = match self.answers.get(self.at)? {
            Answer::Record(name, answer) if name == asked => answer.clone().map_err(StoreError::from),
            _ => Err(out_of_order()),
        };
        self.at += 1;
        Some(answer)
    }

    /// The next answer, which is that to a commit; nothing where it has not come yet.
    pub(super) fn commit(&mut self) -> Option<Result<(), CommitError>> {
        let answer = match self.answers.get(self.at)? {
            Answer::Commit(answer) => answer.clone().map_err(CommitError::from),
            // Whether something was changed is not known then.
            Answer::Record(..) => Err(CommitError::Unknown(out_of_order())),
        };
        self.at += 1;
        Some(answer)
    }

    /// The id that was drawn at this place, or a new one.
    pub(super) fn id<E>(&mut self, draw: impl Fn() -> Result<CommitId, E>) -> Result<CommitId, E> {
        if self.ids_drawn == self.ids.len() {
            self.ids.push(draw()?);
        }
        let id = self.ids.get(self.ids_drawn).copied();
        self.ids_drawn += 1;
        id.map_or_else(draw, Ok)
    }

    /// Whether it is to go on trying.
    pub(super) fn pause(&mut self) -> bool {
        self.pauses += 1;
        self.pauses < PATIENCE
    }
}

fn out_of_order() -> StoreError {
    StoreError::other("the vault's key was replaced while a commit was under way")
}
