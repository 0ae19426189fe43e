//! A clock that a test can turn.

use crate::KmsError;
use pocketkms::{Clock, Timestamp};

/// A clock that stands still until it is turned, so that no test waits a year to see a key rotate.
#[derive(uniffi::Object)]
pub struct ManualClock(pub(crate) pocketkms::ManualClock);

#[uniffi::export]
impl ManualClock {
    /// A clock that shows `now`.
    #[uniffi::constructor]
    pub fn new(now: Timestamp) -> Self {
        Self(pocketkms::ManualClock::new(now))
    }

    /// The time that it shows.
    pub fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// Sets the time.
    pub fn set(&self, now: Timestamp) {
        self.0.set(now);
    }

    /// Turns the time forward by so many seconds, in whole milliseconds.
    pub fn advance(&self, seconds: f64) -> Result<(), KmsError> {
        let millis = crate::seconds::duration("seconds", seconds)?.as_millis();
        let millis = i64::try_from(millis).unwrap_or(i64::MAX);
        self.0.set(Timestamp::from_millis(self.0.now().as_millis().saturating_add(millis)));
        Ok(())
    }

    /// Turns the time forward by so many days.
    pub fn advance_days(&self, days: u32) {
        self.0.advance_days(days);
    }
}
