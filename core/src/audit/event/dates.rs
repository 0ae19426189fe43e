//! Points in time as CloudTrail writes them, in UTC.

use crate::clock::{DAY_MILLIS, Timestamp};
use alloc::{format, string::String};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A moment of the proleptic Gregorian calendar.
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    second: i64,
}

impl Civil {
    /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": `civil_from_days`.
    fn of(time: Timestamp) -> Self {
        let millis = time.as_millis();
        let second = millis.rem_euclid(DAY_MILLIS) / 1000;
        // From 1 March of the year 0 on, so that a leap day is the last of its year.
        let days = millis.div_euclid(DAY_MILLIS) + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        Self { year: year_of_era + era * 400 + i64::from(month <= 2), month, day, second }
    }
}

/// As `eventTime` has it: `2026-11-29T15:04:05Z`.
pub(super) fn iso(time: Timestamp) -> String {
    let Civil { year, month, day, second } = Civil::of(time);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// As times in parameters and responses are written: `Nov 29, 2026, 3:04:05 PM`.
pub(super) fn spoken(time: Timestamp) -> String {
    let Civil { year, month, day, second } = Civil::of(time);
    let name = usize::try_from(month - 1).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or_default();
    let (hour, half) = (second / 3600 % 12, if second < 43_200 { "AM" } else { "PM" });
    let hour = if hour == 0 { 12 } else { hour };
    format!("{name} {day}, {year}, {hour}:{:02}:{:02} {half}", second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::{iso, spoken};
    use crate::clock::Timestamp;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (millis, expected, words) in [
            (0, "1970-01-01T00:00:00Z", "Jan 1, 1970, 12:00:00 AM"),
            (-1, "1969-12-31T23:59:59Z", "Dec 31, 1969, 11:59:59 PM"),
            (951_782_400_000, "2000-02-29T00:00:00Z", "Feb 29, 2000, 12:00:00 AM"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z", "Mar 1, 2100, 12:00:00 AM"),
            (1_795_964_645_999, "2026-11-29T15:04:05Z", "Nov 29, 2026, 3:04:05 PM"),
            (Timestamp::MIN.as_millis(), "0001-01-01T00:00:00Z", "Jan 1, 1, 12:00:00 AM"),
            (Timestamp::MAX.as_millis(), "9999-12-31T23:59:59Z", "Dec 31, 9999, 11:59:59 PM"),
        ] {
            assert_eq!(iso(Timestamp::from_millis(millis)), expected);
            assert_eq!(spoken(Timestamp::from_millis(millis)), words);
        }
    }
}
