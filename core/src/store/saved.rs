//! Whether what was changed is anywhere but in memory.
//!
//! That a snapshot was made says nothing: its write may fail. So the host says which one it has saved, by the snapshot itself. A
//! revision would not do, since one that is read beside the snapshot may count a change that came in between.

use crate::sync::RwLock;
use alloc::collections::VecDeque;
use core::sync::atomic::{AtomicUsize, Ordering};

/// How many snapshots are remembered: more than an app has under way to its disk.
const REMEMBERED: usize = 64;

/// Counts the changes that a copy of the vault does not come to by itself, and how many of them the latest saved snapshot has.
#[derive(Default)]
pub(super) struct Saved {
    changes: AtomicUsize,
    stored: AtomicUsize,
    snapshots: RwLock<VecDeque<(Digest, Mark)>>,
}

/// What distinguishes one snapshot from all others.
type Digest = [u8; 32];

/// The changes that a snapshot, begun after this was taken, has for certain.
#[derive(Clone, Copy)]
pub(super) struct Mark(usize);

impl Saved {
    /// Something was changed; called when that is in the store.
    pub(super) fn note(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn mark(&self) -> Mark {
        Mark(self.changes.load(Ordering::Acquire))
    }

    /// A snapshot was made.
    pub(super) fn remember(&self, snapshot: Digest, mark: Mark) {
        let mut snapshots = self.snapshots.write();
        snapshots.truncate(REMEMBERED - 1);
        snapshots.push_front((snapshot, mark));
    }

    /// It was saved. Says whether it is one that is remembered.
    pub(super) fn save(&self, snapshot: &Digest) -> bool {
        let snapshots = self.snapshots.read();
        let Some((_, Mark(changes))) = snapshots.iter().find(|(made, _)| made == snapshot) else { return false };
        // The writes of two snapshots may end in the other order.
        self.stored.fetch_max(*changes, Ordering::AcqRel);
        true
    }

    pub(super) fn is_complete(&self) -> bool {
        self.stored.load(Ordering::Acquire) == self.changes.load(Ordering::Acquire)
    }
}
