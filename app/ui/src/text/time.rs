//! Ages, clock times and dates; clock times are UTC and say so, unless the person chose local ones, which say by
//! how much they differ.

use crate::text::{Locale, fixed, integer};
use core::sync::atomic::{AtomicBool, Ordering};
use inflight_domain::time::UnixMillis;

/// Whether times of day are local. One page has one clock, and every place that writes a time follows it.
static LOCAL: AtomicBool = AtomicBool::new(false);

/// Chooses local times of day, or UTC.
pub fn set_local_time(local: bool) {
    LOCAL.store(local, Ordering::Relaxed);
}

/// How old something is: `0.3 s`, `42 s`, `3 min 05 s`, `2 h 10 min`, `3 d 4 h`.
#[must_use]
pub fn age(locale: Locale, age_ms: i64) -> String {
    let age_ms = age_ms.max(0);
    let seconds = age_ms / 1000;
    match seconds {
        0..10 => format!("{}\u{a0}s", fixed(locale, age_ms / 100, 1)),
        10..60 => format!("{seconds}\u{a0}s"),
        60..3600 => format!("{}\u{a0}min {:02}\u{a0}s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{}\u{a0}h {:02}\u{a0}min", seconds / 3600, seconds / 60 % 60),
        _ => {
            let day = if locale == Locale::Ro { "z" } else { "d" };
            format!("{}\u{a0}{day} {}\u{a0}h", integer(locale, seconds / 86_400), seconds / 3600 % 24)
        }
    }
}

/// A whole number of seconds to wait, at least one: `3 s`, `2 min`.
#[must_use]
pub fn span(wait_ms: i64) -> String {
    let seconds = wait_ms.max(0).div_euclid(1000) + i64::from(wait_ms.rem_euclid(1000) > 0);
    match seconds.max(1) {
        seconds @ 1..120 => format!("{seconds}\u{a0}s"),
        seconds => format!("{}\u{a0}min", (seconds + 30) / 60),
    }
}

/// Time of day: `14:32:10Z`, or `16:32:10+02:00` where it is local.
#[must_use]
pub fn clock(time: UnixMillis) -> String {
    let moment = moment(time);
    moment.split_once(' ').map(|(_, clock)| clock.to_owned()).unwrap_or_default()
}

/// Date and time of day: `2023-03-17 14:32:10Z`.
#[must_use]
pub fn moment(time: UnixMillis) -> String {
    let ahead_min = LOCAL.load(Ordering::Relaxed).then(|| crate::browser::minutes_ahead(time.0));
    moment_at(time, ahead_min)
}

/// A moment as a name of a file holds it: `20230317T143210Z`, always in UTC.
#[must_use]
pub fn stamp(time: UnixMillis) -> String {
    moment_at(time, None).replace(' ', "T").replace(['-', ':'], "")
}

/// Date and time of day where clocks are so many minutes ahead of UTC.
pub(crate) fn moment_at(time: UnixMillis, ahead_min: Option<i64>) -> String {
    let here = UnixMillis(time.0 + ahead_min.unwrap_or(0) * 60_000);
    let [year, month, day, hour, minute, second, _] = here.civil();
    let zone = ahead_min.map_or_else(
        || "Z".to_owned(),
        |ahead| {
            let sign = if ahead < 0 { '\u{2212}' } else { '+' };
            format!("{sign}{:02}:{:02}", ahead.abs() / 60, ahead.abs() % 60)
        },
    );
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{zone}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_grow_coarser() {
        for (ms, expected) in [
            (-5, "0.0\u{a0}s"),
            (300, "0.3\u{a0}s"),
            (9_999, "9.9\u{a0}s"),
            (42_700, "42\u{a0}s"),
            (185_000, "3\u{a0}min 05\u{a0}s"),
            (7_800_000, "2\u{a0}h 10\u{a0}min"),
            (273_600_000, "3\u{a0}d 4\u{a0}h"),
        ] {
            assert_eq!(age(Locale::En, ms), expected);
        }
        assert_eq!(age(Locale::Ro, 300), "0,3\u{a0}s");
        assert_eq!(age(Locale::Ro, 273_600_000), "3\u{a0}z 4\u{a0}h");
    }

    #[test]
    fn waits_round_up() {
        for (ms, expected) in [
            (0, "1\u{a0}s"),
            (1, "1\u{a0}s"),
            (2_001, "3\u{a0}s"),
            (119_000, "119\u{a0}s"),
            (150_000, "3\u{a0}min"),
        ] {
            assert_eq!(span(ms), expected);
        }
    }

    #[test]
    fn times_say_their_zone() {
        let time = UnixMillis(1_679_015_330_123);
        assert_eq!(clock(time), "01:08:50Z");
        assert_eq!(moment(time), "2023-03-17 01:08:50Z");
        assert_eq!(stamp(time), "20230317T010850Z");
        assert_eq!(moment_at(time, Some(330)), "2023-03-17 06:38:50+05:30");
        assert_eq!(moment_at(time, Some(-150)), "2023-03-16 22:38:50\u{2212}02:30");
    }
}
