//! Cron expressions in time zones: what they mean, and when the next moment is.
//!
//! Five fields (minute, hour, day of month, month, day of week) or `@hourly` and its kin. Where both days are
//! restricted, either is enough. An expression whose hour is free follows the time that passes: it rests in a gap and
//! goes on through an hour that comes twice. One with named hours happens once a day: in a gap at its end, in an hour
//! that comes twice in the first of the two.

use core::fmt;
use inflight_domain::UnixMillis;
use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// A cron expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// The hour is free.
    flows: bool,
    /// A day of the month, or of the week, is enough; else both must fit.
    either_day: bool,
}

/// What is wrong with an expression or a time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CronError {
    /// The field, such as `minute`.
    pub field: &'static str,
    /// What belongs there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

struct Field {
    name: &'static str,
    least: u8,
    most: u8,
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", least: 0, most: 59, names: &[] },
    Field { name: "hour", least: 0, most: 23, names: &[] },
    Field { name: "day of month", least: 1, most: 31, names: &[] },
    Field { name: "month", least: 1, most: 12, names: &MONTHS },
    Field { name: "day of week", least: 0, most: 7, names: &WEEKDAYS },
];

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const ALIASES: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// A day that does not come within this many never comes: 29 February on one weekday comes every 40 years at most.
const LONGEST_DAYS: usize = 41 * 366;

/// The time zone of this IANA name.
///
/// # Errors
/// Nobody knows it.
pub fn zone(name: &str) -> Result<TimeZone, CronError> {
    let expected = || "the IANA name of a time zone, such as Europe/Bucharest or UTC".to_owned();
    let found = TimeZone::get(name);
    found.map_err(|_| CronError { field: "time_zone", expected: expected(), found: format!("{name:?}") })
}

/// Minutes that clocks of this zone are ahead of UTC at a moment, where somebody knows it.
#[must_use]
pub fn ahead_min(name: &str, at: UnixMillis) -> Option<i64> {
    let at = Timestamp::from_millisecond(at.0).ok()?;
    Some(i64::from(zone(name).ok()?.to_offset(at).seconds()) / 60)
}

impl Cron {
    /// Reads an expression.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let lower = text.trim().to_ascii_lowercase();
        let lower =
            ALIASES.iter().find(|(name, _)| *name == lower).map_or(lower.as_str(), |(_, meant)| meant);
        let words: Vec<&str> = lower.split_ascii_whitespace().collect();
        let &[minute, hour, day, month, weekday] = words.as_slice() else {
            let expected =
                "five fields (minute, hour, day of month, month, day of week) or @daily".to_owned();
            return Err(CronError { field: "cron", expected, found: format!("{text:?}") });
        };
        let [minutes, hours, days, months, mut weekdays] = [
            FIELDS[0].read(minute)?,
            FIELDS[1].read(hour)?,
            FIELDS[2].read(day)?,
            FIELDS[3].read(month)?,
            FIELDS[4].read(weekday)?,
        ];
        // Sunday is 0 and 7.
        weekdays |= weekdays >> 7 & 1;
        let free = |word: &str| word.starts_with(['*', '?']);
        let either_day = !free(day) && !free(weekday);
        Ok(Self { minutes, hours, days, months, weekdays, flows: free(hour), either_day })
    }

    /// The first moment after this one; none if there never is one.
    #[must_use]
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut day = zone.to_datetime(after).date();
        for _ in 0..LONGEST_DAYS {
            if self.covers(day)
                && let Some(moment) = self.first_on(day, after, zone)
            {
                return Some(moment);
            }
            day = day.tomorrow().ok()?;
        }
        None
    }

    /// The next moments, at most so many.
    #[must_use]
    pub fn upcoming(&self, after: Timestamp, zone: &TimeZone, count: usize) -> Vec<Timestamp> {
        core::iter::successors(self.next(after, zone), |moment| self.next(*moment, zone))
            .take(count)
            .collect()
    }

    fn covers(&self, day: Date) -> bool {
        let by_date = has(self.days, day.day());
        let by_week = has(self.weekdays, day.weekday().to_sunday_zero_offset());
        has(self.months, day.month()) && if self.either_day { by_date || by_week } else { by_date && by_week }
    }

    fn first_on(&self, day: Date, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        if self.flows { self.flowing(day, after, zone) } else { self.fixed(day, after, zone) }
    }

    /// Each minute that passes on this day.
    fn flowing(&self, day: Date, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let begins = day.to_zoned(zone.clone()).ok()?.timestamp();
        let whole_minute = after.as_second().div_euclid(60) * 60 + 60;
        let mut moment = begins.max(Timestamp::from_second(whole_minute).ok()?);
        loop {
            let civil = zone.to_datetime(moment);
            if civil.date() != day {
                return None;
            }
            if has(self.hours, civil.hour()) && has(self.minutes, civil.minute()) && civil.second() == 0 {
                return Some(moment);
            }
            // Some zones of the past were off by seconds.
            let step = 60 - i64::from(civil.second());
            moment = moment.checked_add(SignedDuration::from_secs(step)).ok()?;
        }
    }

    /// Each named time of this day, once.
    fn fixed(&self, day: Date, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let times = (0..24).filter(|hour| has(self.hours, *hour)).flat_map(|hour| {
            let minutes = (0..60).filter(|minute| has(self.minutes, *minute));
            minutes.map(move |minute| (hour, minute))
        });
        let moments = times.filter_map(|(hour, minute)| moment_of(day, hour, minute, zone));
        moments.filter(|moment| *moment > after).min()
    }
}

impl Field {
    fn read(&self, text: &str) -> Result<u64, CronError> {
        let bits = text.split(',').map(|part| self.part(part).ok_or_else(|| self.wrong(part)));
        bits.sum_bits()
    }

    fn part(&self, part: &str) -> Option<u64> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<u8>().ok().filter(|step| *step > 0)?)),
            None => (part, None),
        };
        // Seven is a second name of Sunday and no day more.
        let most = if self.names.len() == 7 && range == "*" { 6 } else { self.most };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" || (range == "?" && step.is_none()) => (self.least, most),
            Some((from, to)) => (self.value(from)?, self.value(to)?),
            None if step.is_some() => (self.value(range)?, self.most),
            None => (self.value(range)?, self.value(range)?),
        };
        let steps = (from..=to).step_by(usize::from(step.unwrap_or(1)));
        (from <= to).then(|| steps.fold(0, |bits, value| bits | 1 << value))
    }

    fn value(&self, text: &str) -> Option<u8> {
        let named = self.names.iter().position(|name| *name == text);
        let named = named.and_then(|place| u8::try_from(place).ok()).map(|place| place + self.least);
        let number = || text.parse().ok().filter(|value| (self.least..=self.most).contains(value));
        named.or_else(number)
    }

    fn wrong(&self, part: &str) -> CronError {
        let names = self.names.first().map_or(String::new(), |first| format!(", names such as {first}"));
        let expected = format!("{} to {}{names}, with , - / or *", self.least, self.most);
        CronError { field: self.name, expected, found: format!("{part:?}") }
    }
}

trait SumBits {
    fn sum_bits(self) -> Result<u64, CronError>;
}

impl<I: Iterator<Item = Result<u64, CronError>>> SumBits for I {
    fn sum_bits(mut self) -> Result<u64, CronError> {
        self.try_fold(0, |bits, more| Ok(bits | more?))
    }
}

impl fmt::Display for CronError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, got {}", self.field, self.expected, self.found)
    }
}

impl std::error::Error for CronError {}

fn has(bits: u64, value: i8) -> bool {
    bits >> value & 1 == 1
}

/// A time of the clock on the wall as a moment: the end of the gap that it falls into, or the first of two.
fn moment_of(day: Date, hour: i8, minute: i8, zone: &TimeZone) -> Option<Timestamp> {
    let civil = day.to_datetime(Time::new(hour, minute, 0, 0).ok()?);
    let found = zone.to_ambiguous_timestamp(civil);
    match found.offset() {
        AmbiguousOffset::Gap { after, .. } => {
            // Read with the later offset it lies before the gap, whose end is the next change.
            let before = after.to_timestamp(civil).ok()?;
            zone.following(before).next().map(|change| change.timestamp())
        }
        _ => found.earlier().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The moments after `after`, as the clock on the wall shows them.
    fn check(cron: &str, zone_name: &str, after: &str, expected: &[&str]) {
        let (cron_read, zone) = (Cron::parse(cron).unwrap(), zone(zone_name).unwrap());
        let after: Timestamp = after.parse().unwrap();
        let told = cron_read.upcoming(after, &zone, expected.len());
        let told: Vec<String> = told
            .iter()
            .map(|moment| moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %:z").to_string())
            .collect();
        assert_eq!(told, expected, "{cron} {zone_name}");
    }

    fn check_wrong(cron: &str, expected: &str) {
        assert_eq!(Cron::parse(cron).unwrap_err().to_string(), expected);
    }

    #[test]
    fn fields_names_steps_and_lists() {
        let at = "2026-11-21T10:07:30Z";
        check("*/15 * * * *", "UTC", at, &["2026-11-21 10:15 +00:00", "2026-11-21 10:30 +00:00"]);
        check(
            "5/20 9-11 * * *",
            "UTC",
            at,
            &["2026-11-21 10:25 +00:00", "2026-11-21 10:45 +00:00", "2026-11-21 11:05 +00:00"],
        );
        check(
            "0 6 * * mon-fri",
            "Europe/Bucharest",
            at,
            &["2026-11-23 06:00 +02:00", "2026-11-24 06:00 +02:00"],
        );
        check("0 0 * * 7", "UTC", at, &["2026-11-22 00:00 +00:00", "2026-11-29 00:00 +00:00"]);
        check("0 0 1 JAN ?", "UTC", at, &["2027-01-01 00:00 +00:00"]);
        check("@monthly", "UTC", at, &["2026-12-01 00:00 +00:00"]);
        check("0 0 29 2 *", "UTC", at, &["2028-02-29 00:00 +00:00", "2032-02-29 00:00 +00:00"]);
    }

    #[test]
    fn either_day_is_enough_where_both_are_named() {
        let at = "2026-11-21T00:00:00Z";
        check(
            "0 12 25 * sat",
            "UTC",
            at,
            &["2026-11-21 12:00 +00:00", "2026-11-25 12:00 +00:00", "2026-11-28 12:00 +00:00"],
        );
        check("0 12 */2 * sat", "UTC", at, &["2026-11-21 12:00 +00:00", "2026-12-05 12:00 +00:00"]);
    }

    #[test]
    fn what_falls_into_a_gap_happens_once_at_its_end() {
        // 2026-03-29 03:00 becomes 04:00 in Bucharest.
        let at = "2026-03-28T10:00:00Z";
        check("30 3 * * *", "Europe/Bucharest", at, &["2026-03-29 04:00 +03:00", "2026-03-30 03:30 +03:00"]);
        check(
            "*/20 3 * * *",
            "Europe/Bucharest",
            at,
            &["2026-03-29 04:00 +03:00", "2026-03-30 03:00 +03:00"],
        );
        check("0 3,4 * * *", "Europe/Bucharest", at, &["2026-03-29 04:00 +03:00", "2026-03-30 03:00 +03:00"]);
        let at = "2026-03-29T00:30:00Z";
        check(
            "*/30 * * * *",
            "Europe/Bucharest",
            at,
            &["2026-03-29 04:00 +03:00", "2026-03-29 04:30 +03:00"],
        );
    }

    #[test]
    fn an_hour_that_comes_twice_counts_once_for_named_hours() {
        // 2026-11-01 02:00 becomes 01:00 in New York.
        let at = "2026-11-01T04:30:00Z";
        check("30 1 * * *", "America/New_York", at, &["2026-11-01 01:30 -04:00", "2026-11-02 01:30 -05:00"]);
        check(
            "30 * * * *",
            "America/New_York",
            at,
            &["2026-11-01 01:30 -04:00", "2026-11-01 01:30 -05:00", "2026-11-01 02:30 -05:00"],
        );
        check("30 1 * * *", "America/New_York", "2026-11-01T06:10:00Z", &["2026-11-02 01:30 -05:00"]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        check_wrong(
            "* * * *",
            r#"cron: expected five fields (minute, hour, day of month, month, day of week) or @daily, got "* * * *""#,
        );
        check_wrong("60 * * * *", r#"minute: expected 0 to 59, with , - / or *, got "60""#);
        check_wrong("* 5-3 * * *", r#"hour: expected 0 to 23, with , - / or *, got "5-3""#);
        check_wrong("* * 0 * *", r#"day of month: expected 1 to 31, with , - / or *, got "0""#);
        check_wrong(
            "* * * june *",
            r#"month: expected 1 to 12, names such as jan, with , - / or *, got "june""#,
        );
        check_wrong(
            "* * * * */0",
            r#"day of week: expected 0 to 7, names such as sun, with , - / or *, got "*/0""#,
        );
        assert!(zone("Mars/Olympus").is_err());
        let never = Cron::parse("0 0 31 feb *").unwrap();
        assert_eq!(never.next(Timestamp::UNIX_EPOCH, &TimeZone::UTC), None);
    }

    proptest! {
        /// Every moment is later than the one before, on a whole minute, and nothing that is read panics.
        #[test]
        fn moments_only_go_forward(
            text in "[0-9*/,-]{1,6} [0-9*/,-]{1,5} [0-9*/,-]{1,5} [0-9*/,-]{1,4} [0-7*/,-]{1,4}",
            zone_name in prop::sample::select(vec!["UTC", "Europe/Bucharest", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]),
            seconds in 0_i64..2_000_000_000,
        ) {
            if let Ok(cron) = Cron::parse(&text) {
                let mut last = Timestamp::from_second(seconds).unwrap();
                for moment in cron.upcoming(last, &zone(zone_name).unwrap(), 4) {
                    prop_assert!(moment > last);
                    last = moment;
                }
            }
        }
    }
}
