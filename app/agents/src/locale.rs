//! What English and Romanian do differently with numbers, counts, lists and dates.

use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};

/// A language that agents write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Romanian.
    Ro,
}

/// Which form of a noun a count takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PluralForm {
    /// One.
    One,
    /// Romanian: none, two to nineteen, and their like above a hundred.
    Few,
    /// Everything else; Romanian puts `de` before the noun.
    Other,
}

const MONTHS_EN: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTHS_RO: [&str; 12] =
    ["ian.", "feb.", "mar.", "apr.", "mai", "iun.", "iul.", "aug.", "sept.", "oct.", "nov.", "dec."];

impl Locale {
    /// `en` or `ro`, with or without a region.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "en" => Some(Self::En),
            "ro" => Some(Self::Ro),
            _ => None,
        }
    }

    /// One of two texts.
    #[must_use]
    pub fn pick<T>(self, english: T, romanian: T) -> T {
        match self {
            Self::En => english,
            Self::Ro => romanian,
        }
    }

    /// The form for a decimal number as [`Self::number`] takes it.
    #[must_use]
    pub fn plural(self, number: &str) -> PluralForm {
        let digits = number.strip_prefix('-').unwrap_or(number);
        if digits == "1" {
            return PluralForm::One;
        }
        if self == Self::En {
            return PluralForm::Other;
        }
        let last: String = digits.chars().rev().take(2).collect::<Vec<_>>().into_iter().rev().collect();
        let last: u32 = last.parse().unwrap_or(0);
        let few = digits.contains('.') || digits == "0" || (1..20).contains(&last);
        if few { PluralForm::Few } else { PluralForm::Other }
    }

    /// A count with its noun: `counted(3, ["case", "cases"], ["caz", "cazuri"])`.
    #[must_use]
    pub fn counted(self, count: usize, english: [&str; 2], romanian: [&str; 2]) -> String {
        let [one, more] = self.pick(english, romanian);
        let number = self.number(&count.to_string());
        match (self, self.plural(&count.to_string())) {
            (_, PluralForm::One) => format!("{number} {one}"),
            (Self::Ro, PluralForm::Other) => format!("{number} de {more}"),
            _ => format!("{number} {more}"),
        }
    }

    /// A decimal number (`-1234.5`) with thousands apart.
    #[must_use]
    pub fn number(self, number: &str) -> String {
        let (group, point) = self.pick((',', '.'), ('.', ','));
        let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("\u{2212}", digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut text = String::from(sign);
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index) % 3 == 0 {
                text.push(group);
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push(point);
            text.push_str(fraction);
        }
        text
    }

    /// `a, b and c`.
    #[must_use]
    pub fn list(self, items: &[String]) -> String {
        let and = self.pick("and", "și");
        match items {
            [] => "\u{2013}".to_owned(),
            [only] => only.clone(),
            [head @ .., last] => format!("{} {and} {last}", head.join(", ")),
        }
    }

    /// `21 Nov 2026`, in the zone that is `ahead_min` minutes ahead of UTC.
    #[must_use]
    pub fn date(self, at: UnixMillis, ahead_min: i64) -> String {
        let [year, month, day, ..] = UnixMillis(at.0.saturating_add(ahead_min * 60_000)).civil();
        let months = self.pick(MONTHS_EN, MONTHS_RO);
        let name = usize::try_from(month - 1).ok().and_then(|index| months.get(index)).unwrap_or(&"?");
        format!("{day} {name} {year}")
    }

    /// `20:30 UTC` or `20:30 (UTC+02:00)`.
    #[must_use]
    pub fn clock(self, at: UnixMillis, ahead_min: i64) -> String {
        let [_, _, _, hour, minute, ..] = UnixMillis(at.0.saturating_add(ahead_min * 60_000)).civil();
        if ahead_min == 0 {
            return format!("{hour:02}:{minute:02} UTC");
        }
        let sign = if ahead_min < 0 { '\u{2212}' } else { '+' };
        let ahead_min = ahead_min.abs();
        format!("{hour:02}:{minute:02} (UTC{sign}{:02}:{:02})", ahead_min / 60, ahead_min % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_numbers_follow_the_language() {
        for (count, english, romanian) in [
            (0, "0 cases", "0 cazuri"),
            (1, "1 case", "1 caz"),
            (19, "19 cases", "19 cazuri"),
            (20, "20 cases", "20 de cazuri"),
            (101, "101 cases", "101 cazuri"),
            (1200, "1,200 cases", "1.200 de cazuri"),
        ] {
            let counted = |locale: Locale| locale.counted(count, ["case", "cases"], ["caz", "cazuri"]);
            assert_eq!([counted(Locale::En), counted(Locale::Ro)], [english, romanian]);
        }
        assert_eq!(Locale::Ro.number("-1234567.50"), "\u{2212}1.234.567,50");
        assert_eq!(Locale::Ro.plural("1.5"), PluralForm::Few);
    }

    #[test]
    fn dates_are_told_with_their_zone() {
        let at = UnixMillis::parse_rfc3339("2026-11-21T23:10:00Z").unwrap();
        assert_eq!(Locale::En.date(at, 120), "22 Nov 2026");
        assert_eq!(Locale::Ro.date(at, 0), "21 nov. 2026");
        assert_eq!(Locale::En.clock(at, 0), "23:10 UTC");
        assert_eq!(Locale::En.clock(at, -210), "19:40 (UTC\u{2212}03:30)");
    }
}
