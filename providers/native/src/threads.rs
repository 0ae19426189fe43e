//! Independent work, shared between processors.
//!
//! Each run has threads of its own, which end with it. There is no pool that a forked process would find without its
//! threads, and nothing to shut down. Starting a thread takes some 20 µs, so pieces should be few and large.

use crate::Native;
use pocketkms_primitives::{Executor, Work};
use std::{
    num::NonZero,
    sync::{Mutex, OnceLock, PoisonError},
    thread,
};

/// If a piece panics, so does the run, when all others have ended.
impl Executor for Native {
    /// What the operating system grants this process, or 1 if it does not say.
    fn width(&self) -> usize {
        // Asking takes longer than a short message.
        static WIDTH: OnceLock<usize> = OnceLock::new();
        *WIDTH.get_or_init(|| thread::available_parallelism().map_or(1, NonZero::get))
    }

    /// In the calling thread and as many others as are of use.
    fn run(&self, work: Vec<Work<'_>>) {
        run(work, self.width());
    }
}

fn run(work: Vec<Work<'_>>, width: usize) {
    let others = work.len().min(width).saturating_sub(1);
    let queue = Mutex::new(work.into_iter());
    let take_turns = || {
        loop {
            // Nothing that holds the lock can panic.
            let piece = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(piece) = piece else { break };
            piece();
        }
    };
    thread::scope(|scope| {
        for _ in 0..others {
            // Where no more threads are to be had, those that there are do the work.
            if thread::Builder::new().spawn_scoped(scope, take_turns).is_err() {
                break;
            }
        }
        take_turns();
    });
}
