//! What became of the files of a batch.

use crate::error::{Error, Result};
use std::{
    fmt,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

/// What became of a file.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// It uses the destination's keys now.
    Rewrapped,
    /// It used them already.
    AlreadyDone,
    /// There is nothing to rewrap.
    Skipped(Skipped),
    /// It is as it was, for this reason; or as another writer left it, where that is the reason.
    Failed(Error),
}

/// Why there is nothing to rewrap: in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped(pub(crate) &'static str);

impl Skipped {
    /// It does not begin as a message does.
    pub(crate) const NO_MESSAGE: Self = Self("not a message");

    /// `not a message`, or what it is in place of a regular file: `a symbolic link`.
    pub const fn reason(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A file of a batch, and what became of it.
#[derive(Debug)]
pub struct FileProgress<'a> {
    /// The file.
    pub path: &'a Path,
    /// What became of it.
    pub outcome: &'a Outcome,
    /// How many files are done, this one included.
    pub done: u64,
}

/// A file that was not rewrapped.
#[derive(Debug)]
pub struct Failure {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub error: Error,
}

/// What a batch did.
#[derive(Debug, Default)]
pub struct Report {
    /// How many files use the destination's keys now, and did not before.
    pub rewrapped: u64,
    /// How many used them already.
    pub already_done: u64,
    /// In how many there was nothing to rewrap: other files than messages.
    pub skipped: u64,
    /// How many are as they were.
    pub failed: u64,
    /// Which those are, and why: the first 10,000.
    pub failures: Vec<Failure>,
    /// Whether the progress callback ended the batch before its end.
    pub cancelled: bool,
}

/// How many failures a report keeps.
const MAX_FAILURES: usize = 10_000;

impl Report {
    /// Counts a file, and reports it.
    pub(crate) fn count(
        &mut self,
        path: PathBuf,
        done: Result<Outcome>,
        progress: &mut dyn FnMut(FileProgress<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let outcome = done.unwrap_or_else(Outcome::Failed);
        match &outcome {
            Outcome::Rewrapped => self.rewrapped += 1,
            Outcome::AlreadyDone => self.already_done += 1,
            Outcome::Skipped(_) => self.skipped += 1,
            Outcome::Failed(_) => self.failed += 1,
        }
        let done = self.rewrapped + self.already_done + self.skipped + self.failed;
        let flow = progress(FileProgress { path: &path, outcome: &outcome, done });
        if let Outcome::Failed(error) = outcome
            && self.failures.len() < MAX_FAILURES
        {
            self.failures.push(Failure { path, error });
        }
        self.cancelled = flow.is_break();
        flow
    }
}
