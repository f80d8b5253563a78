//! Cron expressions: read field by field, and when they come next. Five fields: minute, hour, day, month, weekday.

use inflight_domain::UnixMillis;

/// What a field of an expression may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// 1 to 31.
    Day,
    /// 1 to 12, or JAN to DEC.
    Month,
    /// 0 to 7, or SUN to SAT; 0 and 7 are Sunday.
    Weekday,
}

/// A field: what was written, as values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Which values, as bits.
    bits: u64,
    /// Whether it says `*`: any value.
    pub is_any: bool,
    /// Whether it begins with `*`, with a step or without, so that it restricts no day and follows time that passes.
    pub is_free: bool,
    /// The step of `*/n`.
    pub step: Option<u32>,
}

/// A whole expression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cron {
    /// The fields in order.
    pub fields: [Field; 5],
}

/// Why a text is no expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CronError {
    /// So many fields instead of five.
    Count(usize),
    /// This field is not understood or out of its range.
    Field(Unit),
    /// No day is ever like that.
    Never,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// Within so many milliseconds a change of the clocks may put moments out of order.
const MIXED_MS: i64 = 4 * HOUR_MS;

/// So many days ahead are looked at: the 29th of February on a weekday may be 28 years off, or 40 around 2100.
const DAYS_AHEAD: i64 = 366 * 41;

impl Unit {
    /// In the order of an expression.
    pub const ALL: [Self; 5] = [Self::Minute, Self::Hour, Self::Day, Self::Month, Self::Weekday];

    /// Least and greatest value.
    #[must_use]
    pub fn range(self) -> (u32, u32) {
        match self {
            Self::Minute => (0, 59),
            Self::Hour => (0, 23),
            Self::Day => (1, 31),
            Self::Month => (1, 12),
            Self::Weekday => (0, 7),
        }
    }

    fn value(self, text: &str) -> Option<u32> {
        let lower = text.to_ascii_lowercase();
        let named = |names: &[&str], first: u32| {
            names.iter().position(|name| *name == lower).map(|place| place as u32 + first)
        };
        let name = match self {
            Self::Month => named(&MONTHS, 1),
            Self::Weekday => named(&WEEKDAYS, 0),
            _ => None,
        };
        let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let (least, greatest) = self.range();
        name.or_else(|| text.parse().ok().filter(|_| is_digits))
            .filter(|value| (least..=greatest).contains(value))
    }

    fn field(self, text: &str) -> Option<Field> {
        let (least, greatest) = self.range();
        let mut field = Field {
            is_any: text == "*" || text == "?",
            is_free: text.starts_with(['*', '?']),
            ..Field::default()
        };
        for part in text.split(',') {
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => {
                    (range, Some(step.parse().ok().filter(|step| (1..=greatest).contains(step))?))
                }
                None => (part, None),
            };
            let (from, to) = match (range, range.split_once('-')) {
                ("*" | "?", _) => (least, if self == Self::Weekday { 6 } else { greatest }),
                (_, Some((from, to))) => (self.value(from)?, self.value(to)?),
                (one, None) => {
                    let value = self.value(one)?;
                    (value, if step.is_some() { greatest } else { value })
                }
            };
            if from > to {
                return None;
            }
            (from..=to).step_by(step.unwrap_or(1) as usize).for_each(|value| field.bits |= 1 << value);
            if text.starts_with("*/") && !text.contains(',') {
                field.step = step;
            }
        }
        if self == Self::Weekday && field.has(7) {
            field.bits = (field.bits | 1) & 0x7f;
        }
        field.is_any |= field.step == Some(1);
        Some(field)
    }
}

impl Field {
    /// Whether a value fits.
    #[must_use]
    pub fn has(&self, value: u32) -> bool {
        self.bits & (1 << value) != 0
    }

    /// The values that fit, rising.
    #[must_use]
    pub fn values(&self) -> Vec<u32> {
        (0..60).filter(|value| self.has(*value)).collect()
    }
}

impl Cron {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong first.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let text = match text.trim() {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" | "@annually" => "0 0 1 1 *",
            other => other,
        };
        let parts: Vec<&str> = text.split_whitespace().collect();
        if parts.len() != 5 {
            return Err(CronError::Count(parts.len()));
        }
        let mut cron = Self::default();
        for (place, (unit, part)) in Unit::ALL.into_iter().zip(parts).enumerate() {
            cron.fields[place] = unit.field(part).ok_or(CronError::Field(unit))?;
        }
        // 2024 has a 29th of February, and within 41 years each date falls on each weekday.
        let found = cron.next(UnixMillis(1_704_067_200_000), 1, &|_| 0);
        if found.is_empty() { Err(CronError::Never) } else { Ok(cron) }
    }

    /// The next moments after `from`, where clocks are `ahead_min` minutes ahead of UTC at a moment.
    ///
    /// As the server does it: with a free hour the expression follows the time that passes, through hours that come
    /// twice; a named hour that is left out in spring comes at the end of the gap, one that comes twice once.
    #[must_use]
    pub fn next(&self, from: UnixMillis, count: usize, ahead_min: &dyn Fn(i64) -> i64) -> Vec<UnixMillis> {
        let here = from.0 + ahead_min(from.0) * MINUTE_MS;
        let first_day = here.div_euclid(DAY_MS);
        let mut found: Vec<i64> = Vec::new();
        for day in (first_day..first_day + DAYS_AHEAD).filter(|day| self.is_on(*day)) {
            for hour in self.fields[1].values() {
                // Hours that come twice or not at all mix moments of a few hours.
                let start = day * DAY_MS + i64::from(hour) * HOUR_MS;
                if start < here - MIXED_MS {
                    continue;
                }
                let is_past = |at: &&i64| **at + ahead_min(**at) * MINUTE_MS + MIXED_MS < start;
                if found.iter().filter(is_past).count() >= count {
                    break;
                }
                for minute in self.fields[0].values() {
                    let local = start + i64::from(minute) * MINUTE_MS;
                    let moments = moments_of(local, self.fields[1].is_free, ahead_min);
                    found.extend(moments.into_iter().filter(|at| *at > from.0));
                }
            }
            if found.len() >= count {
                break;
            }
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().take(count).map(UnixMillis).collect()
    }

    /// Whether a day fits; if both day and weekday are said, one of them is enough.
    fn is_on(&self, day: i64) -> bool {
        let [_, month, date, ..] = UnixMillis(day * DAY_MS).civil();
        let weekday = (day + 4).rem_euclid(7) as u32;
        let [_, _, days, months, weekdays] = &self.fields;
        let (by_date, by_weekday) = (days.has(date as u32), weekdays.has(weekday));
        let fits =
            if days.is_free || weekdays.is_free { by_date && by_weekday } else { by_date || by_weekday };
        fits && months.has(month as u32)
    }
}

/// The moments at which clocks show a local time, given in milliseconds as if it were UTC.
fn moments_of(local: i64, is_free: bool, ahead_min: &dyn Fn(i64) -> i64) -> Vec<i64> {
    let (before, after) = (ahead_min(local - DAY_MS), ahead_min(local + DAY_MS));
    let shows = |at: &i64| at + ahead_min(*at) * MINUTE_MS == local;
    let mut moments: Vec<i64> =
        [before, after].into_iter().map(|ahead| local - ahead * MINUTE_MS).filter(shows).collect();
    moments.dedup();
    if moments.is_empty() && !is_free {
        // In a gap: the moment at which clocks jump lies between these two.
        let (mut early, mut late) = (local - after * MINUTE_MS, local - before * MINUTE_MS);
        while late - early > MINUTE_MS {
            let middle = (early + late).div_euclid(2 * MINUTE_MS) * MINUTE_MS;
            if ahead_min(middle) == before { early = middle } else { late = middle }
        }
        moments.push(late);
    } else if !is_free {
        moments.truncate(1);
    }
    moments
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Monday, 2023-11-20 12:34:00Z.
    const NOW: UnixMillis = UnixMillis(1_700_483_640_000);

    fn check(text: &str, expected: &[&str]) {
        let next = Cron::parse(text).unwrap().next(NOW, expected.len(), &|_| 0);
        let told: Vec<String> = next.iter().map(|at| crate::text::stamp(*at)).collect();
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn the_next_moments_are_found() {
        check("*/15 * * * *", &["20231120T124500Z", "20231120T130000Z"]);
        check("0 6 * * MON-FRI", &["20231121T060000Z", "20231122T060000Z"]);
        check("30 8,17 * * *", &["20231120T173000Z", "20231121T083000Z"]);
        check("0 0 1 * *", &["20231201T000000Z", "20240101T000000Z"]);
        check("0 0 29 2 *", &["20240229T000000Z", "20280229T000000Z"]);
        check("0 0 13 * 5", &["20231124T000000Z", "20231201T000000Z"]);
        check("0 12 * * 7", &["20231126T120000Z"]);
        check("@daily", &["20231121T000000Z"]);
    }

    #[test]
    fn what_is_none_is_told_by_its_field() {
        for (text, expected) in [
            ("", CronError::Count(0)),
            ("* * * *", CronError::Count(4)),
            ("60 * * * *", CronError::Field(Unit::Minute)),
            ("* 24 * * *", CronError::Field(Unit::Hour)),
            ("* * 0 * *", CronError::Field(Unit::Day)),
            ("* * * foo *", CronError::Field(Unit::Month)),
            ("* * * * 5-2", CronError::Field(Unit::Weekday)),
            ("*/0 * * * *", CronError::Field(Unit::Minute)),
            ("0 0 31 2 *", CronError::Never),
        ] {
            assert_eq!(Cron::parse(text), Err(expected), "{text}");
        }
    }

    fn check_zone(text: &str, from_ms: i64, ahead: &dyn Fn(i64) -> i64, expected: &[&str]) {
        let next = Cron::parse(text).unwrap().next(UnixMillis(from_ms), expected.len(), ahead);
        let told: Vec<String> = next.iter().map(|at| crate::text::stamp(*at)).collect();
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn hours_that_are_left_out_or_come_twice() {
        // Bucharest: on 2024-03-31 clocks go from 03:00 to 04:00 at 01:00Z, on 2024-10-27 back at 01:00Z.
        let spring = |ms: i64| if ms >= 1_711_846_800_000 { 180 } else { 120 };
        let from = 1_711_756_800_000;
        check_zone(
            "30 3 * * *",
            from,
            &spring,
            &["20240330T013000Z", "20240331T010000Z", "20240401T003000Z"],
        );
        check_zone(
            "30 */1 31 3 *",
            from,
            &spring,
            &["20240330T223000Z", "20240330T233000Z", "20240331T003000Z", "20240331T013000Z"],
        );
        let autumn = |ms: i64| if ms >= 1_729_990_800_000 { 120 } else { 180 };
        let from = 1_729_980_000_000;
        check_zone("30 3 * * *", from, &autumn, &["20241027T003000Z", "20241028T013000Z"]);
        check_zone(
            "30 * * * *",
            from,
            &autumn,
            &[
                "20241026T223000Z",
                "20241026T233000Z",
                "20241027T003000Z",
                "20241027T013000Z",
                "20241027T023000Z",
            ],
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic_and_moments_rise(text in "[0-9*/,A-Za-z -]{0,20}") {
            if let Ok(cron) = Cron::parse(&text) {
                let next = cron.next(NOW, 3, &|_| 120);
                prop_assert!(next.windows(2).all(|pair| pair[0] < pair[1]));
                prop_assert!(next.iter().all(|at| *at > NOW));
            }
        }
    }
}
