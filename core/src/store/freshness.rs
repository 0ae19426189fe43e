//! How old what a handle knows of its store may be.
//!
//! Every commit of a vault moves its generation on. So a record that was read while the handle knew a generation is as it was
//! as long as the generation is the same, and needs no reading again. How often a handle looks whether it is the same, the
//! store says: at each call, or when its lease is over, counted from the start of the last look. What the handle itself
//! commits it knows, and forgets no more than that.

use super::Store;
use crate::{clock::Monotonic, sync::RwLock};
use alloc::sync::Arc;
use core::time::Duration;

/// The longest lease.
const LONGEST: Duration = Duration::from_secs(1);

/// What a handle knows of the generation, and since when.
pub(super) struct Freshness {
    /// Without a clock of this kind there is no lease, and each call looks.
    clock: Option<Arc<dyn Monotonic>>,
    lease: Duration,
    known: RwLock<Known>,
}

#[derive(Clone, Copy, Default)]
struct Known {
    sight: Sight,
    /// When the last look began.
    looked: Option<Duration>,
}

/// The state of the vault that an operation sees.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sight {
    /// The generation.
    pub(super) generation: u64,
    /// Records that were read at this generation, or later, are still as they were.
    pub(super) since: u64,
    /// What was seen of records before the operation began (`seen`).
    pub(super) moment: u64,
}

/// What a look has to say.
pub(super) enum Look {
    /// What was known may be relied on.
    Known(Sight),
    /// The store has to be asked.
    Due(Begun),
}

/// A look that has begun.
#[derive(Clone, Copy)]
pub(super) struct Begun {
    at: Option<Duration>,
    known: u64,
}

impl Begun {
    /// Whether another handle has changed the vault, as far as is known before the answer is taken over.
    pub(super) fn finds_changes(self, generation: u64) -> bool {
        generation != self.known
    }

    /// The generation that was known, where the store is at an earlier one by now.
    pub(super) fn finds_earlier(self, generation: u64) -> Option<u64> {
        (generation < self.known).then_some(self.known)
    }
}

impl Freshness {
    pub(super) fn new(store: &dyn Store, clock: Option<Arc<dyn Monotonic>>) -> Self {
        Self { clock, lease: store.lease().min(LONGEST), known: RwLock::default() }
    }

    /// Whether the store has to be asked for its generation.
    pub(super) fn look(&self) -> Look {
        let known = *self.known.read();
        // Taken first, since the lease counts from the start of the look.
        let at = self.clock.as_ref().filter(|_| !self.lease.is_zero()).map(|clock| clock.elapsed());
        if let (Some(at), Some(looked)) = (at, known.looked)
            && at.saturating_sub(looked) < self.lease
        {
            return Look::Known(known.sight);
        }
        Look::Due(Begun { at, known: known.sight.generation })
    }

    /// Takes over what the store answered. `None`: it is at an earlier generation than before, and nothing that is known of it
    /// holds any more.
    pub(super) fn found(&self, begun: Begun, generation: u64) -> Option<Sight> {
        let mut known = self.known.write();
        let went_back = generation < begun.known;
        if went_back || generation > known.sight.generation {
            known.sight = Sight { generation, since: generation, moment: 0 };
        }
        known.looked = known.looked.max(begun.at);
        (!went_back).then_some(known.sight)
    }

    /// This handle has moved the generation on from `before`. No one else came between, if that was the one that is known.
    pub(super) fn moved(&self, before: u64) {
        let mut known = self.known.write();
        if known.sight.generation == before {
            known.sight.generation = before.saturating_add(1);
        }
    }

    /// The next call looks, however short ago the last look was.
    pub(super) fn expire(&self) {
        self.known.write().looked = None;
    }
}
