//! Spans of time and places in texts, in few words, for desks where people wait rather than aircraft fly.

use crate::state::agents::parse::{Mistake, Wrong};
use crate::text::time::moment_at;
use crate::text::{Locale, fixed};
use core::cell::Cell;
use inflight_domain::UnixMillis;

/// By how many minutes clocks of a zone are ahead of UTC at a moment; none if there is no such zone.
pub type Zones = fn(zone: &str, unix_ms: i64) -> Option<i64>;

thread_local! {
    static ZONES: Cell<Option<Zones>> = const { Cell::new(None) };
}

/// Lets time zones be known; without it only UTC is.
pub fn set_zones(zones: Zones) {
    ZONES.set(Some(zones));
}

/// By how many minutes clocks of a zone are ahead of UTC at a moment; none if there is no such zone.
#[must_use]
pub fn zone_offset(zone: &str, unix_ms: i64) -> Option<i64> {
    match (zone, ZONES.get()) {
        ("UTC", _) => Some(0),
        (zone, Some(zones)) => zones(zone, unix_ms),
        (_, None) => None,
    }
}

/// Date and time of day in a zone; in UTC where there is no such zone.
#[must_use]
pub fn zone_moment(unix_ms: i64, zone: &str) -> String {
    let ahead_min = zone_offset(zone, unix_ms).filter(|_| zone != "UTC");
    let text = moment_at(UnixMillis(unix_ms), ahead_min);
    // Nobody schedules by the second.
    text.replacen(":00Z", "Z", 1).replacen(":00+", "+", 1).replacen(":00\u{2212}", "\u{2212}", 1)
}

/// A span in its largest unit: `12 s`, `3 min`, `2 h`, `4 d`.
#[must_use]
pub fn ago(locale: Locale, span_ms: i64) -> String {
    let seconds = span_ms.max(0) / 1000;
    let day = if locale == Locale::Ro { "z" } else { "d" };
    match seconds {
        0..60 => format!("{seconds}\u{a0}s"),
        60..3600 => format!("{}\u{a0}min", seconds / 60),
        3600..172_800 => format!("{}\u{a0}h", seconds / 3600),
        _ => format!("{}\u{a0}{day}", seconds / 86_400),
    }
}

/// How long something took: `12 ms`, `1.4 s`, `3 min`.
#[must_use]
pub fn took(locale: Locale, span_ms: i64) -> String {
    match span_ms.max(0) {
        ms @ 0..1000 => format!("{ms}\u{a0}ms"),
        ms @ 1000..60_000 => [&fixed(locale, ms / 100, 1), "\u{a0}s"].concat(),
        ms => ago(locale, ms),
    }
}

/// `1 step`, `3 steps`.
#[must_use]
pub fn counted_steps(locale: Locale, count: usize) -> String {
    match (locale, count) {
        (Locale::En, 1) => "1 step".to_owned(),
        (Locale::En, _) => format!("{count} steps"),
        (Locale::Ro, 1) => "1 pas".to_owned(),
        (Locale::Ro, 2..20) => format!("{count} pași"),
        (Locale::Ro, _) => format!("{count} de pași"),
    }
}

/// What is wrong with JSON, and where.
#[must_use]
pub fn mistake(locale: Locale, mistake: Mistake) -> String {
    let words = match (mistake.wrong, locale) {
        (Wrong::Value, Locale::En) => "A value is expected",
        (Wrong::Value, Locale::Ro) => "Se așteaptă o valoare",
        (Wrong::Name, Locale::En) => "A name in double quotes is expected",
        (Wrong::Name, Locale::Ro) => "Se așteaptă un nume între ghilimele drepte",
        (Wrong::Colon, Locale::En) => "A colon is expected",
        (Wrong::Colon, Locale::Ro) => "Se așteaptă două puncte",
        (Wrong::Comma, Locale::En) => "A comma or the end is expected",
        (Wrong::Comma, Locale::Ro) => "Se așteaptă o virgulă sau sfârșitul",
        (Wrong::Text, Locale::En) => "The text in quotes does not end, or holds what must be escaped",
        (Wrong::Text, Locale::Ro) => {
            "Textul dintre ghilimele nu se încheie sau conține ceva ce trebuie marcat"
        }
        (Wrong::End, Locale::En) => "There is more after the value",
        (Wrong::End, Locale::Ro) => "Mai este ceva după valoare",
        (Wrong::Deep, Locale::En) => "Too many values within values",
        (Wrong::Deep, Locale::Ro) => "Prea multe valori una în alta",
    };
    let (line, column) = (mistake.line, mistake.column);
    match locale {
        Locale::En => format!("{words}: line {line}, column {column}"),
        Locale::Ro => format!("{words}: rândul {line}, coloana {column}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_their_largest_unit() {
        for (ms, expected) in [
            (-5, "0\u{a0}s"),
            (59_999, "59\u{a0}s"),
            (61_000, "1\u{a0}min"),
            (7_300_000, "2\u{a0}h"),
            (200_000_000, "2\u{a0}d"),
        ] {
            assert_eq!(ago(Locale::En, ms), expected);
        }
        for (ms, expected) in [(12, "12\u{a0}ms"), (1450, "1,4\u{a0}s"), (61_000, "1\u{a0}min")] {
            assert_eq!(took(Locale::Ro, ms), expected);
        }
        assert_eq!(
            [1, 3, 20].map(|count| counted_steps(Locale::Ro, count)),
            ["1 pas", "3 pași", "20 de pași"]
        );
    }

    #[test]
    fn moments_are_told_in_their_zone() {
        assert_eq!(zone_moment(1_700_000_040_000, "UTC"), "2023-11-14 22:14Z");
        assert_eq!(zone_offset("Europe/Bucharest", 0), None);
        set_zones(|zone, _| (zone == "Europe/Bucharest").then_some(120));
        assert_eq!(zone_moment(1_700_000_040_000, "Europe/Bucharest"), "2023-11-15 00:14+02:00");
        assert_eq!(zone_moment(1_700_000_040_000, "No/Where"), "2023-11-14 22:14Z");
    }
}
