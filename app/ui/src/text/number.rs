//! Numbers as a locale writes them, from scaled integers: the float formatter would cost the page 10 KB.

use crate::text::Locale;

/// A whole number with thousands separated and a true minus sign.
#[must_use]
pub fn integer(locale: Locale, value: i64) -> String {
    fixed(locale, value, 0)
}

/// A number given in units of `10^-decimals`: `fixed(En, -1234, 1)` is `−123.4`.
#[must_use]
pub fn fixed(locale: Locale, scaled: i64, decimals: usize) -> String {
    let (group, point) = match locale {
        Locale::En => (',', '.'),
        Locale::Ro => ('.', ','),
    };
    let digits = format!("{:0width$}", scaled.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 4);
    if scaled < 0 {
        text.push('\u{2212}');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            text.push(group);
        }
        text.push(digit);
    }
    if decimals > 0 {
        text.push(point);
        text.push_str(fraction);
    }
    text
}

/// A scaled integer as the shortest decimal number that machines read: `decimal(-12500, 3)` is `-12.5`.
#[must_use]
pub fn decimal(scaled: i64, decimals: usize) -> String {
    let digits = format!("{:0width$}", scaled.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let sign = if scaled < 0 { "-" } else { "" };
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

/// Reads what [`decimal`] wrote, dropping digits beyond `decimals`.
#[must_use]
pub fn parse_decimal(text: &str, decimals: usize) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let legal =
        (1..=15).contains(&whole.len()) && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !legal || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let kept: String = fraction.chars().chain(core::iter::repeat('0')).take(decimals).collect();
    format!("{whole}{kept}").parse::<i64>().ok().map(|value| sign * value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_numbers_round_trip() {
        for (scaled, decimals, text) in
            [(-12_500, 3, "-12.5"), (0, 6, "0"), (40_712_800, 6, "40.7128"), (7, 0, "7"), (-5, 4, "-0.0005")]
        {
            assert_eq!(decimal(scaled, decimals), text);
            assert_eq!(parse_decimal(text, decimals), Some(scaled));
        }
        for text in ["", "-", ".5", "1e5", "1.2.3", "abc", "1-2", "9999999999999999"] {
            assert_eq!(parse_decimal(text, 3), None, "{text}");
        }
        assert_eq!(parse_decimal("1.23456", 2), Some(123));
    }

    #[test]
    fn numbers_follow_the_locale() {
        for (scaled, decimals, english, romanian) in [
            (0, 0, "0", "0"),
            (999, 0, "999", "999"),
            (35_000, 0, "35,000", "35.000"),
            (-1_234_567, 0, "\u{2212}1,234,567", "\u{2212}1.234.567"),
            (3, 1, "0.3", "0,3"),
            (-1234, 1, "\u{2212}123.4", "\u{2212}123,4"),
            (123_456, 2, "1,234.56", "1.234,56"),
        ] {
            assert_eq!(fixed(Locale::En, scaled, decimals), english);
            assert_eq!(fixed(Locale::Ro, scaled, decimals), romanian);
        }
    }
}
