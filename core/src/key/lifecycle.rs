//! What time does to a key. Nothing runs in the background: each operation first brings its key up to the present.

use super::{KeyRecord, KeyState, RotationSchedule};
use crate::clock::{DAY_MILLIS, Timestamp};
use alloc::vec::Vec;

/// How many missed rotations are caught up with at most; of more, the latest. A clock that was turned by centuries
/// then costs milliseconds, not hours.
const MAX_MISSED_ROTATIONS: i64 = 1000;
/// How many rotations are done in one commit, so that commits stay small whatever was missed.
const MAX_ROTATIONS_AT_ONCE: i64 = 30;

/// What is due at a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing.
    Nothing,
    /// The waiting period is over: the key must go.
    Deletion,
    /// Imported material expired: it must go.
    Expiry,
    /// Automatic rotations, at these dates, and the date of the one after them, which may be due as well.
    Rotations(Vec<Timestamp>, Timestamp),
}

impl KeyRecord {
    /// What is due now.
    pub(crate) fn due(&self, now: Timestamp) -> Due {
        if self.deletion.as_ref().and_then(|deletion| deletion.date).is_some_and(|date| date <= now) {
            return Due::Deletion;
        }
        if self.next_expiry().is_some_and(|date| date <= now) {
            return Due::Expiry;
        }
        match &self.rotation {
            // A disabled key, or one that waits for its deletion, does not rotate (GetKeyRotationStatus, "Disabled").
            // Of a multi-Region key the primary's state decides, and whoever meets a key of it does it for all of them.
            Some(schedule) if self.rotating_state() == Some(KeyState::Enabled) && schedule.next <= now => {
                let period = i64::from(schedule.period_days.max(1)) * DAY_MILLIS;
                let first = schedule.next.as_millis();
                // Periods that passed since the first date that is due; computed, since a clock may jump far.
                let passed = now.as_millis().saturating_sub(first) / period;
                let date = |number: i64| Timestamp::from_millis(first.saturating_add(number.saturating_mul(period)));
                let skipped = passed.saturating_sub(MAX_MISSED_ROTATIONS - 1).max(0);
                let end = passed.min(skipped + MAX_ROTATIONS_AT_ONCE - 1) + 1;
                Due::Rotations((skipped..end).map(date).collect(), date(end))
            }
            _ => Due::Nothing,
        }
    }
    /// Where the next rotation is beyond its period, no rotation, and a date within the period.
    pub(crate) fn due_repair(&self, now: Timestamp) -> Due {
        match &self.rotation {
            Some(schedule)
                if self.rotating_state() == Some(KeyState::Enabled) && schedule.is_beyond_its_period(now) =>
            {
                Due::Rotations(Vec::new(), now.plus_days(schedule.period_days))
            }
            _ => Due::Nothing,
        }
    }
}

impl RotationSchedule {
    /// Whether the next rotation is further ahead than it can be, because the clock was wrong when it was set. A day more
    /// is nothing to worry about: clocks are put right a little all the time.
    pub(crate) fn is_beyond_its_period(&self, now: Timestamp) -> bool {
        self.next > now.plus_days(self.period_days.saturating_add(1))
    }
}
