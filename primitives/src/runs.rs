//! Hosts that bring primitives, and answers, later.

use alloc::boxed::Box;
use core::any::Any;

/// How a host has operations run. One whose primitives are not all there from the beginning, or that has to wait for whom an operation
/// asks, runs the operation again, once it has brought what was missing: what it came to before says nothing then, and has to leave
/// nothing behind.
pub trait Runs: Send + Sync {
    /// Whether this run has asked for a primitive, or an answer, that is not there yet.
    fn lacks(&self) -> bool;

    /// Whether what is to be counted now is counted for the first time, and not in an earlier run of the same operation already.
    fn counts(&self) -> bool;

    /// Keeps what an operation has got so far, for the rest of this run and for its next one.
    fn keep(&self, got: Box<dyn Any + Send + Sync>) {
        drop(got);
    }

    /// Hands out what was kept.
    fn take(&self) -> Option<Box<dyn Any + Send + Sync>> {
        None
    }
}

/// All is there: an operation is run once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Once;

impl Runs for Once {
    fn lacks(&self) -> bool {
        false
    }

    fn counts(&self) -> bool {
        true
    }
}
