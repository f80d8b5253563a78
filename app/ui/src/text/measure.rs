//! Measures of a machine and the words of its alerts, as the System desk tells them.

use crate::state::system::alerts::Alert;
use crate::text::{DASH, Locale, Word, fixed, integer};

/// Bytes in the largest unit of a thousand that leaves a digit before the point: `340 B`, `12.3 kB`, `1.2 GB`.
#[must_use]
pub fn bytes(locale: Locale, bytes: f64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (bytes.max(0.0), 0);
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    let number = if unit == 0 || value >= 99.95 {
        integer(locale, value.round() as i64)
    } else {
        fixed(locale, (value * 10.0).round() as i64, 1)
    };
    format!("{number}\u{a0}{}", units[unit])
}

/// A span given in milliseconds, in seconds where it is as long as one: `250 ms`, `15 s`.
#[must_use]
pub fn milliseconds(locale: Locale, ms: f64) -> String {
    if ms < 1000.0 {
        return format!("{}\u{a0}ms", short(locale, ms));
    }
    format!("{}\u{a0}s", short(locale, ms / 1000.0))
}

/// A measure by the name of its series.
#[must_use]
pub fn measure(locale: Locale, name: &str, value: f64) -> String {
    match name {
        "cpu_pct" => format!("{}\u{a0}%", fixed(locale, (value * 10.0).round() as i64, 1)),
        "memory_bytes" => bytes(locale, value),
        "bytes_per_s" => format!("{}/s", bytes(locale, value)),
        "messages_per_s" => format!("{}/s", short(locale, value)),
        "tick_p95_ms" => format!("{}\u{a0}ms", fixed(locale, (value * 10.0).round() as i64, 1)),
        _ => short(locale, value),
    }
}

/// What an alert says, in the language of the page where its code is known.
#[must_use]
pub fn alert_text(locale: Locale, alert: &Alert) -> String {
    let known = match alert.code.as_str() {
        "tick_slow" => Word::AlertTick,
        "cpu_high" => Word::AlertCpu,
        "memory_high" => Word::AlertMemory,
        "disk_low" | "disk_full" => Word::AlertDisk,
        "disconnects" => Word::AlertBroken,
        "rate_limiting" => Word::AlertLimited,
        "digest_mismatch" => Word::AlertDigest,
        "history_dropping" => Word::AlertHistory,
        "defect" => Word::AlertDefect,
        _ => return of_a_part(locale, alert),
    };
    let value =
        alert.measured.map_or_else(|| DASH.to_owned(), |(value, _)| measure(locale, alert.unit(), value));
    known.of(locale).replace("{}", &value)
}

/// An alert whose code names the part that it is about; any other speaks in the server's words.
fn of_a_part(locale: Locale, alert: &Alert) -> String {
    let source = alert.code.strip_prefix("source_degraded/").map(|name| (Word::AlertSource, name));
    let known =
        source.or_else(|| alert.code.strip_suffix("_failed").map(|name| (Word::AlertDependency, name)));
    match known {
        // In English the server says more: how it fails.
        Some((word, name)) if locale != Locale::En || alert.text.is_empty() => {
            word.of(locale).replace("{}", name)
        }
        _ if alert.text.is_empty() => alert.code.clone(),
        _ => alert.text.clone(),
    }
}

/// A whole number where it is one, else one decimal.
fn short(locale: Locale, value: f64) -> String {
    let tenths = (value * 10.0).round() as i64;
    if tenths % 10 == 0 { integer(locale, tenths / 10) } else { fixed(locale, tenths, 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, text: &str, english: &str, romanian: &str) {
        let alert = Alert {
            code: code.to_owned(),
            level: crate::state::system::alerts::Level::Attention,
            text: text.to_owned(),
            measured: Some((150.0, 100.0)),
            since: None,
            ended: None,
        };
        assert_eq!(alert_text(Locale::En, &alert), english);
        assert_eq!(alert_text(Locale::Ro, &alert), romanian);
    }

    #[test]
    fn alerts_speak_the_language_of_the_page() {
        check("tick_slow", "x", "Ticks take 150.0\u{a0}ms", "Ciclurile durează 150,0\u{a0}ms");
        check(
            "source_degraded/a",
            "The source a is down",
            "The source a is down",
            "Sursa a nu livrează date",
        );
        check(
            "journal_failed",
            "",
            "journal does not work as it should",
            "journal nu funcționează cum trebuie",
        );
        check("later", "Something", "Something", "Something");
    }

    #[test]
    fn measures_have_their_units() {
        for (name, value, english, romanian) in [
            ("memory_bytes", 0.0, "0\u{a0}B", "0\u{a0}B"),
            ("memory_bytes", 12_345.0, "12.3\u{a0}kB", "12,3\u{a0}kB"),
            ("memory_bytes", 999_700.0, "1.0\u{a0}MB", "1,0\u{a0}MB"),
            ("bytes_per_s", 345_678_000.0, "346\u{a0}MB/s", "346\u{a0}MB/s"),
            ("cpu_pct", 12.34, "12.3\u{a0}%", "12,3\u{a0}%"),
            ("messages_per_s", 1500.0, "1,500/s", "1.500/s"),
            ("connections", 3.0, "3", "3"),
        ] {
            assert_eq!(measure(Locale::En, name, value), english);
            assert_eq!(measure(Locale::Ro, name, value), romanian);
        }
        assert_eq!(milliseconds(Locale::En, 15_000.0), "15\u{a0}s");
        assert_eq!(milliseconds(Locale::Ro, 2500.0), "2,5\u{a0}s");
    }
}
