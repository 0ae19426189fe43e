//! What a handle remembers of when something is to be done next, so that most operations look nowhere.

use crate::{
    clock::{DAY_MILLIS, Timestamp},
    sync::RwLock,
};

/// How often a handle looks at what other processes scheduled. The shortest waiting period is seven times as long, so
/// that no deletion falls due unseen.
const LOOK_EVERY: i64 = DAY_MILLIS;

/// The earliest scheduled deletion that is known of, and when it was looked up.
#[derive(Default)]
pub(super) struct Schedule(RwLock<Known>);

#[derive(Clone, Copy, Default)]
struct Known {
    next_deletion: Option<Timestamp>,
    /// Whether something is left of a key that was deleted.
    removals: bool,
    looked: Option<Timestamp>,
    /// How many deletions were noted: by it a look into the store knows whether one was scheduled meanwhile.
    notes: u64,
}

impl Schedule {
    /// The time, if the earliest deletion that is known of is due; asked for only where one is scheduled at all.
    pub(super) fn due(&self, now: impl FnOnce() -> Timestamp) -> Option<Timestamp> {
        let next = self.0.read().next_deletion?;
        Some(now()).filter(|now| next <= *now)
    }

    /// Whether something is left of a deleted key, as far as is known.
    pub(super) fn has_removals(&self) -> bool {
        self.0.read().removals
    }

    /// A key was deleted, and something is left of it.
    pub(super) fn note_removal(&self) {
        let mut known = self.0.write();
        known.removals = true;
        known.notes = known.notes.wrapping_add(1);
    }

    /// Whether it is time to look at the store, also where the clock was turned back since.
    pub(super) fn wants_a_look(&self, now: Timestamp) -> bool {
        let looked = self.0.read().looked;
        looked.is_none_or(|looked| now.as_millis().abs_diff(looked.as_millis()) >= LOOK_EVERY.unsigned_abs())
    }

    /// A deletion was scheduled. One that is cancelled is left noted: looking for it in vain does no harm.
    pub(super) fn note(&self, date: Timestamp) {
        let mut known = self.0.write();
        known.next_deletion = earlier(known.next_deletion, Some(date));
        known.notes = known.notes.wrapping_add(1);
    }

    /// Takes over what a look into the store, `first`, finds to be the earliest deletion, and whether something is left of
    /// deleted keys.
    pub(super) fn look<E>(
        &self,
        now: Timestamp,
        first: impl FnOnce() -> Result<(Option<Timestamp>, bool), E>,
    ) -> Result<(), E> {
        let notes = self.0.read().notes;
        let (first, removals) = first()?;
        let mut known = self.0.write();
        // What was noted since the look is kept, too.
        let is_outdated = known.notes != notes;
        known.next_deletion = if is_outdated { earlier(known.next_deletion, first) } else { first };
        known.removals = removals || (is_outdated && known.removals);
        known.looked = Some(now);
        Ok(())
    }
}

/// The earlier of two dates, where there are any.
fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}
