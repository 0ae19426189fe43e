//! Sharing work between processors.

use alloc::{boxed::Box, vec::Vec};

/// One piece of work, independent of the others.
pub type Work<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Runs independent pieces of work. Threads are a matter of the host.
pub trait Executor: Send + Sync {
    /// How many pieces can run at once.
    fn width(&self) -> usize;

    /// Runs all pieces, and returns when the last has ended.
    fn run(&self, work: Vec<Work<'_>>);
}

/// One piece after the other, in the calling thread: for hosts without threads.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sequential;

impl Executor for Sequential {
    fn width(&self) -> usize {
        1
    }

    fn run(&self, work: Vec<Work<'_>>) {
        for piece in work {
            piece();
        }
    }
}
