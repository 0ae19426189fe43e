//! Time is passed in. Rotation periods, deletion windows and expiry all run on the clock that the host gives.

mod civil;

pub(crate) use civil::{Civil, Month, days_since_1970};

use crate::sync::RwLock;
use alloc::sync::Arc;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Always within the years 1 to 9999, which every language that PocketKMS has can show. What lies outside becomes the
/// first or the last moment of that range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Milliseconds in a day, the unit of rotation periods and waiting periods.
pub(crate) const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;
/// Milliseconds in an hour, the unit in which keys are charged.
pub(crate) const HOUR_MILLIS: i64 = 60 * 60 * 1000;

impl Timestamp {
    /// 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self(-62_135_596_800_000);
    /// The last millisecond of the year 9999.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// From milliseconds since 1970-01-01T00:00:00Z; [`Timestamp::MIN`] or [`Timestamp::MAX`] where the years 1 to 9999
    /// do not hold it.
    pub const fn from_millis(millis: i64) -> Self {
        if millis < Self::MIN.0 {
            Self::MIN
        } else if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// So many days later, at most [`Timestamp::MAX`].
    #[must_use]
    pub const fn plus_days(self, days: u32) -> Self {
        // A u32 of days fits: 2^32 * 86,400,000 < 2^63.
        Self::from_millis(self.0.saturating_add(days as i64 * DAY_MILLIS))
    }
}

impl Timestamp {
    /// As AWS's JSON protocol writes it: seconds since 1970, with a fraction.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of these years are exact in a double")]
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// From seconds since 1970, to the nearest millisecond; [`Timestamp::MIN`] or [`Timestamp::MAX`] where the years 1 to 9999 do not
    /// hold them.
    pub fn from_seconds(seconds: f64) -> Self {
        // `as` saturates and turns NaN into 0, so no input can panic here. Half away from zero, without std's `round`.
        let half = if seconds < 0.0 { -0.5 } else { 0.5 };
        #[expect(clippy::cast_possible_truncation, reason = "saturating is what is wanted")]
        Self::from_millis((seconds * 1000.0 + half) as i64)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_seconds())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self::from_seconds)
    }
}

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The time now. It may jump, also backwards; PocketKMS never assumes that it is monotonic.
    fn now(&self) -> Timestamp;

    /// Whether it shows what someone sets it to, as in a test, so that years may pass at once.
    fn is_turned(&self) -> bool {
        false
    }
}

/// A clock that stands still until it is turned: "don't make me wait a year to test rotation".
///
/// Clones share the time, so keep one to turn what the vault sees.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<RwLock<Timestamp>>);

impl ManualClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(RwLock::new(now)))
    }

    /// Sets the time.
    pub fn set(&self, now: Timestamp) {
        *self.0.write() = now;
    }

    /// Turns the time forward by so many days.
    pub fn advance_days(&self, days: u32) {
        let mut now = self.0.write();
        *now = now.plus_days(days);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.read()
    }

    fn is_turned(&self) -> bool {
        true
    }
}

/// The operating system's clock.
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[cfg(feature = "std")]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// How long something takes. Never goes back, and no one turns it: the time of the day is [`Clock`]'s.
pub trait Monotonic: Send + Sync {
    /// The time since some moment, always the same one.
    fn elapsed(&self) -> core::time::Duration;
}

/// The operating system's monotonic clock. On some systems it stands still while the machine sleeps.
#[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
#[derive(Clone, Copy, Debug)]
pub struct SystemMonotonic(std::time::Instant);

#[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
impl Default for SystemMonotonic {
    fn default() -> Self {
        Self(std::time::Instant::now())
    }
}

#[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
impl Monotonic for SystemMonotonic {
    fn elapsed(&self) -> core::time::Duration {
        self.0.elapsed()
    }
}
