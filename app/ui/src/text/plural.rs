//! Counts with their noun; Romanian has three forms and a preposition from twenty on.

use crate::text::{Locale, integer};

/// What can be counted on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// Aircraft.
    Aircraft,
    /// Search results.
    Result,
}

/// `1 aeronavă`, `2 aeronave`, `20 de aeronave`.
#[must_use]
pub fn counted(locale: Locale, count: u64, noun: Noun) -> String {
    let (one, few) = forms(locale, noun);
    let number = integer(locale, i64::try_from(count).unwrap_or(i64::MAX));
    let needs_de = locale == Locale::Ro && count != 0 && !(1..20).contains(&(count % 100));
    match (count, needs_de) {
        (1, _) => format!("{number} {one}"),
        (_, true) => format!("{number} de {few}"),
        _ => format!("{number} {few}"),
    }
}

fn forms(locale: Locale, noun: Noun) -> (&'static str, &'static str) {
    match (locale, noun) {
        (Locale::En, Noun::Aircraft) => ("aircraft", "aircraft"),
        (Locale::En, Noun::Result) => ("result", "results"),
        (Locale::Ro, Noun::Aircraft) => ("aeronavă", "aeronave"),
        (Locale::Ro, Noun::Result) => ("rezultat", "rezultate"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn romanian_counts_in_three_forms() {
        for (count, expected) in [
            (0, "0 aeronave"),
            (1, "1 aeronavă"),
            (2, "2 aeronave"),
            (19, "19 aeronave"),
            (20, "20 de aeronave"),
            (100, "100 de aeronave"),
            (101, "101 aeronave"),
            (119, "119 aeronave"),
            (1120, "1.120 de aeronave"),
        ] {
            assert_eq!(counted(Locale::Ro, count, Noun::Aircraft), expected);
        }
        assert_eq!(counted(Locale::En, 1, Noun::Result), "1 result");
        assert_eq!(counted(Locale::En, 1200, Noun::Result), "1,200 results");
    }
}
