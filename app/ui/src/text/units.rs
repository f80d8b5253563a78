//! Aviation and metric units of the numbers that an aircraft has.

use crate::text::{Locale, Text, integer};

/// Which units numbers are shown in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Units {
    /// Feet, knots, feet per minute.
    #[default]
    Aviation,
    /// Metres, kilometres per hour, metres per second.
    Metric,
}

impl Units {
    /// The unit of altitudes.
    #[must_use]
    pub fn altitude_unit(self) -> &'static str {
        match self {
            Self::Aviation => "ft",
            Self::Metric => "m",
        }
    }

    /// The unit of speeds.
    #[must_use]
    pub fn speed_unit(self) -> Text {
        match self {
            Self::Aviation => Text::UnitKnots,
            Self::Metric => Text::UnitKilometresPerHour,
        }
    }

    /// The unit of vertical rates.
    #[must_use]
    pub fn vertical_rate_unit(self) -> &'static str {
        match self {
            Self::Aviation => "ft/min",
            Self::Metric => "m/s",
        }
    }
}

/// An altitude without its unit.
#[must_use]
pub fn altitude(locale: Locale, units: Units, metres: f64) -> String {
    let value = match units {
        Units::Aviation => metres / 0.3048,
        Units::Metric => metres,
    };
    integer(locale, round_to(value, if units == Units::Aviation { 25.0 } else { 1.0 }))
}

/// A speed over ground without its unit.
#[must_use]
pub fn speed(locale: Locale, units: Units, metres_per_second: f64) -> String {
    let factor = match units {
        Units::Aviation => 3600.0 / 1852.0,
        Units::Metric => 3.6,
    };
    integer(locale, round_to(metres_per_second * factor, 1.0))
}

/// A vertical rate without its unit, with its sign.
#[must_use]
pub fn vertical_rate(locale: Locale, units: Units, metres_per_second: f64) -> String {
    let text = match units {
        Units::Aviation => integer(locale, round_to(metres_per_second * 60.0 / 0.3048, 64.0)),
        Units::Metric => crate::text::fixed(locale, round_to(metres_per_second * 10.0, 1.0), 1),
    };
    let climbs = !text.starts_with('\u{2212}') && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    if climbs { format!("+{text}") } else { text }
}

/// A track as three digits and a degree sign: `007°`.
#[must_use]
pub fn track(degrees: f64) -> String {
    format!("{:03}\u{b0}", round_to(degrees, 1.0).rem_euclid(360))
}

fn round_to(value: f64, step: f64) -> i64 {
    ((value / step).round() * step) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use Units::{Aviation, Metric};

    #[test]
    fn units_convert_and_round() {
        let en = Locale::En;
        assert_eq!(altitude(en, Aviation, 10_668.0), "35,000");
        assert_eq!(altitude(Locale::Ro, Metric, 10_668.0), "10.668");
        assert_eq!(speed(en, Aviation, 231.5), "450");
        assert_eq!(speed(en, Metric, 231.5), "833");
        assert_eq!(vertical_rate(en, Aviation, 9.75), "+1,920");
        assert_eq!(vertical_rate(en, Aviation, -0.1), "0");
        assert_eq!(vertical_rate(Locale::Ro, Metric, -3.25), "\u{2212}3,3");
        assert_eq!(vertical_rate(en, Metric, 0.0), "0.0");
        assert_eq!(track(7.2), "007\u{b0}");
        assert_eq!(track(359.9), "000\u{b0}");
    }
}
