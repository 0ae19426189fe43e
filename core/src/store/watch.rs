//! Keeping an eye on the clock: what cannot be undone is not done at a time that may be wrong.

use super::ClockTrust;
use crate::{
    clock::{DAY_MILLIS, Timestamp},
    sync::RwLock,
};

/// How far a clock may be ahead of the latest known time: a vault that is not used over a long weekend notices nothing,
/// and the shortest waiting period of a deletion, 7 days, cannot be cut by half.
const LONGEST_STEP: i64 = 3 * DAY_MILLIS;

/// The latest time that is believed, moved on by each use of the vault.
pub(super) struct Watch {
    trust: ClockTrust,
    /// Nothing where the vault could not say it: then any time is in doubt.
    latest: RwLock<Option<Timestamp>>,
}

impl Watch {
    pub(super) fn new(trust: ClockTrust) -> Self {
        Self { trust, latest: RwLock::new(None) }
    }

    /// Whether deletions that are due at `now` may be carried out.
    pub(super) fn believes(&self, now: Timestamp) -> bool {
        if self.trust == ClockTrust::Trusted {
            return true;
        }
        let latest = *self.latest.read();
        match latest {
            Some(latest) if now <= latest => true,
            Some(latest) if now.as_millis().saturating_sub(latest.as_millis()) <= LONGEST_STEP => {
                let mut latest = self.latest.write();
                *latest = latest.max(Some(now));
                true
            }
            _ => false,
        }
    }

    /// What a commit at `now` writes down, where `known` was written before.
    pub(super) fn record(&self, known: Timestamp, now: Timestamp) -> Timestamp {
        match self.trust {
            // It may have been turned back, and is right all the same.
            ClockTrust::Trusted => now,
            ClockTrust::System => {
                let believed = if self.believes(now) { now } else { known };
                known.max(believed)
            }
        }
    }

    /// Others used the vault at that time.
    pub(super) fn learn(&self, time: Timestamp) {
        let mut latest = self.latest.write();
        *latest = (*latest).max(Some(time));
    }

    /// The latest time is `now`, whatever was believed before.
    pub(super) fn confirm(&self, now: Timestamp) {
        *self.latest.write() = Some(now);
    }

    /// Whether the time is kept although nothing else changes.
    pub(super) fn keeps_time(&self) -> bool {
        self.trust == ClockTrust::System
    }
}
