//! Points in time as CloudTrail writes them, in UTC.

use crate::clock::{Civil, Timestamp};
use alloc::{format, string::String};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

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
