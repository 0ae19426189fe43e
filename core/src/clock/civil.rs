//! Dates of the proleptic Gregorian calendar, in UTC (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").

use super::{DAY_MILLIS, Timestamp};
use core::{fmt, str::FromStr};

/// The days from 1 March of the year 0 to 1 January 1970: from there a leap day is the last of its year.
const DAYS_TO_1970: i64 = 719_468;

/// A moment of the calendar.
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    /// The second of the day.
    pub(crate) second: i64,
}

impl Civil {
    /// `civil_from_days`.
    pub(crate) fn of(time: Timestamp) -> Self {
        let millis = time.as_millis();
        let second = millis.rem_euclid(DAY_MILLIS) / 1000;
        let days = millis.div_euclid(DAY_MILLIS) + DAYS_TO_1970;
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

/// A month of the years 1 to 9999, in UTC. As text `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Month {
    year: u16,
    month: u8,
}

impl Month {
    /// The month that a moment is in.
    pub(crate) fn of(time: Timestamp) -> Self {
        let Civil { year, month, .. } = Civil::of(time);
        // A timestamp is within these years.
        Self { year: u16::try_from(year).unwrap_or(9999), month: u8::try_from(month).unwrap_or(12) }
    }

    /// Its first moment.
    pub(crate) fn start(self) -> Timestamp {
        Timestamp::from_millis(self.first_day().saturating_mul(DAY_MILLIS))
    }

    /// The first moment after it.
    pub(crate) fn end(self) -> Timestamp {
        Timestamp::from_millis(self.day_after().saturating_mul(DAY_MILLIS))
    }

    /// How many hours it has.
    pub(crate) fn hours(self) -> u32 {
        u32::try_from((self.day_after() - self.first_day()) * 24).unwrap_or(0)
    }

    /// Its first day, in days since 1970.
    fn first_day(self) -> i64 {
        days_since_1970(i64::from(self.year), i64::from(self.month), 1)
    }

    /// The first day after it.
    fn day_after(self) -> i64 {
        let (year, month) = (i64::from(self.year), i64::from(self.month));
        if month == 12 { days_since_1970(year + 1, 1, 1) } else { days_since_1970(year, month + 1, 1) }
    }
}

/// `days_from_civil`.
pub(crate) fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - DAYS_TO_1970
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let is_form = text.len() == 7 && text.bytes().enumerate().all(|(at, byte)| (at == 4) || byte.is_ascii_digit());
        let (year, month) = text.split_once('-').filter(|_| is_form).ok_or(())?;
        let (year, month) = (year.parse().map_err(drop)?, month.parse().map_err(drop)?);
        if year == 0 || !(1..=12).contains(&month) {
            return Err(());
        }
        Ok(Self { year, month })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn months_follow_each_other_without_a_gap() {
        let mut month: Month = "0001-01".parse().unwrap();
        assert_eq!(month.start(), Timestamp::MIN);
        let mut hours = 0_u64;
        while month != (Month { year: 9999, month: 12 }) {
            let next = Month::of(month.end());
            assert!(next > month && next.start() == month.end(), "{month}");
            assert_eq!(Month::of(Timestamp::from_millis(month.end().as_millis() - 1)), month);
            hours += u64::from(month.hours());
            month = next;
        }
        // The years 1 to 9999 have 3,652,059 days.
        assert_eq!(hours + u64::from(month.hours()), 3_652_059 * 24);
    }

    #[test]
    fn a_month_is_read_as_it_is_written() {
        assert_eq!("2026-11".parse::<Month>().unwrap().to_string(), "2026-11");
        assert_eq!("2024-02".parse::<Month>().unwrap().hours(), 29 * 24);
        assert_eq!("2100-02".parse::<Month>().unwrap().hours(), 28 * 24);
        for wrong in
            ["", "2026-1", "2026-13", "2026-00", "0000-01", "2026/11", "+026-11", "2026-+1", "2026-1é", "2026-011"]
        {
            assert_eq!(wrong.parse::<Month>(), Err(()), "{wrong}");
        }
    }
}
