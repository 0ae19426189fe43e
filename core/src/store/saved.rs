//! Whether what the caller changed is anywhere but in memory.

use core::sync::atomic::{AtomicUsize, Ordering};

/// Counts the caller's changes, and how many of them the latest snapshot has.
#[derive(Default)]
pub(super) struct Saved {
    changes: AtomicUsize,
    saved: AtomicUsize,
}

/// The changes that a snapshot, begun after this was taken, has for certain.
pub(super) struct Mark(usize);

impl Saved {
    /// The caller changed something; called when that is in the store.
    pub(super) fn note(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn mark(&self) -> Mark {
        Mark(self.changes.load(Ordering::Acquire))
    }

    /// A snapshot was made.
    pub(super) fn save(&self, Mark(changes): Mark) {
        self.saved.fetch_max(changes, Ordering::AcqRel);
    }

    pub(super) fn is_complete(&self) -> bool {
        self.saved.load(Ordering::Acquire) == self.changes.load(Ordering::Acquire)
    }
}
