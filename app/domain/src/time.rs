//! Points in time as milliseconds since 1970, with RFC 3339 text.
//!
//! A few lines instead of a calendar crate, because they travel to the browser.

use core::fmt;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(pub i64);

/// First and last second that is taken for a plausible time of an observation: 1990 and 2100.
const PLAUSIBLE_SECONDS: core::ops::Range<f64> = 631_152_000.0..4_102_444_800.0;

impl UnixMillis {
    /// From seconds as sources send them; none if not finite or not between 1990 and 2100.
    #[must_use]
    pub fn from_seconds(seconds: f64) -> Option<Self> {
        PLAUSIBLE_SECONDS.contains(&seconds).then(|| Self(crate::math::scaled(seconds, 1000.0)))
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// Milliseconds from `earlier` to this time, negative if it is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// Reads RFC 3339 (`2023-03-17T01:08:50Z`, with optional fraction and numeric offset); a time without
    /// an offset is taken as UTC.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let number = |range: core::ops::Range<usize>| -> Option<i64> {
            let digits = bytes.get(range)?;
            digits.iter().all(u8::is_ascii_digit).then_some(())?;
            core::str::from_utf8(digits).ok()?.parse().ok()
        };
        let separator = |at: usize, allowed: &[u8]| bytes.get(at).is_some_and(|byte| allowed.contains(byte));
        let shaped = separator(4, b"-")
            && separator(7, b"-")
            && separator(10, b"Tt ")
            && separator(13, b":")
            && separator(16, b":");
        shaped.then_some(())?;
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        let legal = (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second <= 60;
        legal.then_some(())?;
        let (fraction_ms, rest) = split_fraction(&text[19..])?;
        let offset_min = parse_offset_min(rest)?;
        let seconds =
            days_from_civil(year, month, day) * 86_400 + hour * 3600 + (minute - offset_min) * 60 + second;
        Some(Self(seconds * 1000 + fraction_ms))
    }

    /// Year, month, day, hour, minute, second, millisecond in UTC.
    #[must_use]
    pub fn civil(self) -> [i64; 7] {
        let days = self.0.div_euclid(86_400_000);
        let ms = self.0.rem_euclid(86_400_000);
        let (year, month, day) = civil_from_days(days);
        [year, month, day, ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000]
    }
}

impl fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [year, month, day, hour, minute, second, ms] = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if ms != 0 {
            write!(f, ".{ms:03}")?;
        }
        f.write_str("Z")
    }
}

/// On the wire a time is in seconds: a whole number where it is whole, a fraction otherwise.
impl Serialize for UnixMillis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 1000 == 0 {
            serializer.serialize_i64(self.0 / 1000)
        } else {
            serializer.serialize_f64(self.seconds())
        }
    }
}

impl<'de> Deserialize<'de> for UnixMillis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        Ok(Self(crate::math::scaled(seconds, 1000.0)))
    }
}

fn split_fraction(text: &str) -> Option<(i64, &str)> {
    let Some(digits) = text.strip_prefix('.') else { return Some((0, text)) };
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let milliseconds = digits.get(..count.min(3))?.parse::<i64>().ok()?;
    let scale = [100, 10, 1].get(count.min(3).checked_sub(1)?)?;
    Some((milliseconds * scale, &digits[count..]))
}

fn parse_offset_min(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z" | "") {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let legal = hours.len() == 2 && minutes.len() == 2;
    legal.then_some(())?;
    Some(sign * (hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar, counted in years from March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day_of_year - (153 * month_from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_rfc3339() {
        for (text, expected) in [
            ("2023-03-17T01:08:50+00:00", Some(1_679_015_330_000)),
            ("2023-03-17T01:08:50.123456+00:00", Some(1_679_015_330_123)),
            ("2023-03-17T03:08:50.5+02:00", Some(1_679_015_330_500)),
            ("2023-03-17T01:08:50", Some(1_679_015_330_000)),
            ("2024-02-29T00:00:00Z", Some(1_709_164_800_000)),
            ("2023-02-29T00:00:00Z", None),
            ("2023-03-17", None),
            ("2023-03-17T01:08:50 UTC", None),
            ("later", None),
        ] {
            assert_eq!(UnixMillis::parse_rfc3339(text).map(|time| time.0), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_round_trips(ms in -2_000_000_000_000..4_102_444_800_000_i64) {
            let time = UnixMillis(ms);
            prop_assert_eq!(UnixMillis::parse_rfc3339(&time.to_string()), Some(time));
        }
    }
}
