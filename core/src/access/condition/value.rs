//! Values that are compared otherwise than as texts: numbers, dates, networks.

use crate::clock::days_since_1970;
use alloc::string::{String, ToString};
use core::{cmp::Ordering, net::IpAddr};

/// A decimal number, exact whatever its length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    /// Without leading zeros.
    whole: String,
    /// Without trailing zeros.
    fraction: String,
}

impl Decimal {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        let whole = whole.trim_start_matches('0').to_string();
        let fraction = fraction.trim_end_matches('0').to_string();
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self { negative: negative && !zero, whole, fraction })
    }

    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        let magnitude = |a: &Self, b: &Self| {
            a.whole
                .len()
                .cmp(&b.whole.len())
                .then_with(|| a.whole.cmp(&b.whole))
                .then_with(|| a.fraction.cmp(&b.fraction))
        };
        match (self.negative, other.negative) {
            (false, false) => magnitude(self, other),
            (true, true) => magnitude(other, self),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }
}

/// Milliseconds since 1970, of an ISO 8601 date or of seconds since 1970.
pub(crate) fn date(text: &str) -> Option<i64> {
    if let Some(millis) = seconds(text) {
        return Some(millis);
    }
    let number = |text: &str| -> Option<i64> {
        (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
    };
    let (day, time) = text.split_once(['T', 't', ' ']).map_or((text, None), |(day, time)| (day, Some(time)));
    let mut parts = day.split('-');
    let (year, month, day) = (number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?);
    let days_of_month = match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if parts.next().is_some() || year > 9999 || !(1..=12).contains(&month) || !(1..=days_of_month).contains(&day) {
        return None;
    }
    let midnight = days_since_1970(year, month, day) * 86_400_000;
    let Some(time) = time else { return Some(midnight) };

    let (time, offset) = match time.strip_suffix(['Z', 'z']) {
        Some(time) => (time, 0),
        None => match time.rfind(['+', '-']) {
            Some(at) => {
                let (time, offset) = time.split_at(at);
                let sign = if offset.starts_with('-') { -1 } else { 1 };
                let offset = offset.get(1..)?;
                let (hours, minutes) = offset.split_once(':').or_else(|| offset.split_at_checked(2))?;
                let (hours, minutes) = (number(hours)?, if minutes.is_empty() { 0 } else { number(minutes)? });
                (hours <= 23 && minutes <= 59).then_some(())?;
                (time, sign * (hours * 60 + minutes))
            }
            None => (time, 0),
        },
    };
    let mut parts = time.split(':');
    let (hours, minutes) = (number(parts.next()?)?, number(parts.next()?)?);
    let millis = match parts.next() {
        Some(seconds) if !seconds.starts_with(['-', '+']) => self::seconds(seconds)?,
        Some(_) => return None,
        None => 0,
    };
    if parts.next().is_some() || hours > 24 || minutes > 59 || millis > 60_999 {
        return None;
    }
    Some(midnight + (hours * 60 + minutes - offset) * 60_000 + millis)
}

/// Milliseconds of a number of seconds, with or without a fraction.
fn seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    if digits.is_empty()
        || digits.len() > 13
        || !digits.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let mut millis = 0;
    for (at, weight) in [100, 10, 1].into_iter().enumerate() {
        millis += fraction.as_bytes().get(at).map_or(0, |digit| i64::from(digit - b'0') * weight);
    }
    let whole = whole.parse::<i64>().ok()?.checked_mul(1000)?;
    Some(if text.starts_with('-') { whole - millis } else { whole + millis })
}

/// An address, or a network in CIDR notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().ok()?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) if prefix.bytes().all(|byte| byte.is_ascii_digit()) => prefix.parse().ok()?,
            Some(_) => return None,
            None => bits,
        };
        (prefix <= bits).then_some(Self { address, prefix })
    }

    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.checked_shr(32 - self.prefix).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), _) => {
                let address = match address {
                    IpAddr::V4(address) => address.to_ipv6_mapped(),
                    IpAddr::V6(address) => address,
                };
                let differing = network.to_bits() ^ address.to_bits();
                differing.checked_shr(128 - self.prefix).unwrap_or(0) == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-02", Some(86_400_000)),
            ("2020-02-29T12:30Z", Some(1_582_979_400_000)),
            ("2019-02-29T12:30Z", None),
            ("2026-11-28T19:11:44.5+01:00", Some(1_795_889_504_500)),
            ("1582979400", Some(1_582_979_400_000)),
            ("1582979400.25", Some(1_582_979_400_250)),
            ("-1.5", Some(-1500)),
            ("1969-12-31T23:59:59Z", Some(-1000)),
            ("2000-13-01", None),
            ("tomorrow", None),
            ("", None),
            ("2020-02-29T25:00Z", None),
            ("2020-02-29T12:30+99:00", None),
        ] {
            assert_eq!(date(text), expected, "{text}");
        }
    }

    #[test]
    fn decimals() {
        let compare = |a, b| Some(Decimal::parse(a)?.compare(&Decimal::parse(b)?));
        assert_eq!(compare("1.10", "01.1"), Some(Ordering::Equal));
        assert_eq!(compare("-0", "0.0"), Some(Ordering::Equal));
        assert_eq!(compare("9", "10"), Some(Ordering::Less));
        assert_eq!(compare("-9", "-10"), Some(Ordering::Greater));
        assert_eq!(compare("-9", "3"), Some(Ordering::Less));
        assert_eq!(compare("0.09", "0.1"), Some(Ordering::Less));
        assert_eq!(compare("9007199254740993", "9007199254740992"), Some(Ordering::Greater));
        for text in ["", ".", "-", "1e3", "0x1", "1,5", " 1"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn networks() {
        let contains = |network, address: &str| Some(Network::parse(network)?.contains(address.parse().ok()?));
        assert_eq!(contains("10.0.0.0/8", "10.255.0.1"), Some(true));
        assert_eq!(contains("10.0.0.0/8", "11.0.0.1"), Some(false));
        assert_eq!(contains("10.0.0.1", "10.0.0.1"), Some(true));
        assert_eq!(contains("0.0.0.0/0", "1.2.3.4"), Some(true));
        assert_eq!(contains("2001:db8::/32", "2001:db8:1::1"), Some(true));
        assert_eq!(contains("2001:db8::/32", "2001:db9::1"), Some(false));
        assert_eq!(contains("10.0.0.0/8", "::ffff:10.1.1.1"), Some(true));
        for text in ["10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.0/+8", "::/129", "x"] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
