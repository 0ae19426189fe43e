//! What time does to a key. Nobody runs in the background: each operation first brings its key up to the present.

use super::{KeyRecord, KeyState};
use crate::clock::{DAY_MILLIS, Timestamp};
use alloc::vec::Vec;

/// How many missed rotations are caught up with at most; of more, the latest. A clock that was turned by centuries
/// then costs milliseconds, not hours.
pub(crate) const MAX_MISSED_ROTATIONS: i64 = 1000;

/// What is due at a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing.
    Nothing,
    /// The waiting period is over: the key must go.
    Deletion,
    /// Automatic rotations, at these dates, and the date of the one after them.
    Rotations(Vec<Timestamp>, Timestamp),
}

impl KeyRecord {
    /// What is due now.
    pub(crate) fn due(&self, now: Timestamp) -> Due {
        if self.deletion.as_ref().and_then(|deletion| deletion.date).is_some_and(|date| date <= now) {
            return Due::Deletion;
        }
        match &self.rotation {
            // A disabled key, or one that waits for its deletion, does not rotate (GetKeyRotationStatus, "Disabled").
            Some(schedule) if self.state == KeyState::Enabled && schedule.next <= now => {
                let period = i64::from(schedule.period_days.max(1)) * DAY_MILLIS;
                let first = schedule.next.as_millis();
                // Periods that passed since the first date that is due; computed, since a clock may jump far.
                let passed = now.as_millis().saturating_sub(first) / period;
                let date = |number: i64| Timestamp::from_millis(first.saturating_add(number.saturating_mul(period)));
                let next = date(passed.saturating_add(1));
                if next <= now {
                    // At the end of time there is no next date, and what is always due would never be done.
                    return Due::Nothing;
                }
                let dates = (passed.saturating_sub(MAX_MISSED_ROTATIONS - 1).max(0)..=passed).map(date).collect();
                Due::Rotations(dates, next)
            }
            _ => Due::Nothing,
        }
    }
}
