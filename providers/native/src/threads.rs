//! Independent work, shared between processors.
//!
//! Each run has threads of its own, which end with it. There is no pool that a forked process would find without its
//! threads, and nothing to shut down. Starting a thread takes some 20 µs, so pieces should be few and large.

use std::{
    num::NonZero,
    sync::{Mutex, OnceLock, PoisonError},
    thread,
};

/// One piece of work, independent of the others.
pub type Work<'a> = Box<dyn FnOnce() + Send + 'a>;

/// How many pieces can run at once: what the operating system grants this process, or 1 if it does not tell.
pub fn width() -> usize {
    // Asking takes longer than a short message.
    static WIDTH: OnceLock<usize> = OnceLock::new();
    *WIDTH.get_or_init(|| thread::available_parallelism().map_or(1, NonZero::get))
}

/// Runs all pieces, in the calling thread and as many others as are of use, and returns when the last has ended. If a
/// piece panics, so does this, when all others have ended.
pub fn run(work: Vec<Work<'_>>) {
    let others = work.len().min(width()).saturating_sub(1);
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
