//! Which process this is, of those that forked from each other.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many forks led to this process. Asking the system for its number would cost a call of it for each read.
static FORKS: AtomicU64 = AtomicU64::new(0);

pub(crate) fn current() -> u64 {
    FORKS.load(Ordering::Relaxed)
}

/// In a child, before anything else.
#[cfg(unix)]
pub(crate) fn is_forked() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}
