//! Nautical, metric and imperial units of the numbers that an aircraft has.

use crate::text::{Locale, integer};

/// Which units numbers are shown in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Units {
    /// Feet, knots, feet per minute.
    #[default]
    Aviation,
    /// Metres, kilometres per hour, metres per second.
    Metric,
    /// Feet, miles per hour, feet per minute.
    Imperial,
}

/// Feet of a metre.
const FEET: f64 = 1.0 / 0.3048;

/// Name, altitude unit, how many of them a metre is, how altitudes are rounded, speed unit and how many of them a
/// metre per second is.
const UNITS: [(&str, &str, f64, f64, &str, f64); 3] = [
    ("aviation", "ft", FEET, 25.0, "kt", 3600.0 / 1852.0),
    ("metric", "m", 1.0, 1.0, "km/h", 3.6),
    ("imperial", "ft", FEET, 25.0, "mph", 3600.0 / 1609.344),
];

impl Units {
    /// All units.
    pub const ALL: [Self; 3] = [Self::Aviation, Self::Metric, Self::Imperial];

    /// The name under which the choice is kept.
    #[must_use]
    pub fn name(self) -> &'static str {
        UNITS[self as usize].0
    }

    /// The units of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|units| units.name() == name)
    }

    /// The unit of altitudes.
    #[must_use]
    pub fn altitude_unit(self) -> &'static str {
        UNITS[self as usize].1
    }

    /// How many units of altitude a metre is.
    #[must_use]
    pub fn altitude_factor(self) -> f64 {
        UNITS[self as usize].2
    }

    /// The unit of speeds.
    #[must_use]
    pub fn speed_unit(self) -> &'static str {
        UNITS[self as usize].4
    }

    /// How many units of speed a metre per second is.
    #[must_use]
    pub fn speed_factor(self) -> f64 {
        UNITS[self as usize].5
    }

    /// The unit of distances on the ground, and its metres.
    #[must_use]
    pub fn distance_unit(self) -> (&'static str, f64) {
        match self {
            Self::Aviation => ("NM", 1852.0),
            Self::Metric => ("km", 1000.0),
            Self::Imperial => ("mi", 1609.344),
        }
    }

    /// The unit of vertical rates.
    #[must_use]
    pub fn vertical_rate_unit(self) -> &'static str {
        if self == Self::Metric { "m/s" } else { "ft/min" }
    }
}

/// An altitude without its unit.
#[must_use]
pub fn altitude(locale: Locale, units: Units, metres: f64) -> String {
    let step = UNITS[units as usize].3;
    integer(locale, round_to(metres * units.altitude_factor(), step))
}

/// A speed over ground without its unit.
#[must_use]
pub fn speed(locale: Locale, units: Units, metres_per_second: f64) -> String {
    integer(locale, round_to(metres_per_second * units.speed_factor(), 1.0))
}

/// A vertical rate without its unit, with its sign.
#[must_use]
pub fn vertical_rate(locale: Locale, units: Units, metres_per_second: f64) -> String {
    let text = if units == Units::Metric {
        crate::text::fixed(locale, round_to(metres_per_second * 10.0, 1.0), 1)
    } else {
        integer(locale, round_to(metres_per_second * 60.0 * FEET, 64.0))
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
    use Units::{Aviation, Imperial, Metric};

    #[test]
    fn units_convert_and_round() {
        let en = Locale::En;
        assert_eq!(altitude(en, Aviation, 10_668.0), "35,000");
        assert_eq!(altitude(Locale::Ro, Metric, 10_668.0), "10.668");
        assert_eq!(speed(en, Aviation, 231.5), "450");
        assert_eq!(speed(en, Metric, 231.5), "833");
        assert_eq!(Units::ALL.map(|units| units.distance_unit().0), ["NM", "km", "mi"]);
        assert_eq!(
            (altitude(en, Imperial, 10_668.0), speed(en, Imperial, 231.5)),
            ("35,000".into(), "518".into())
        );
        assert_eq!(vertical_rate(en, Aviation, 9.75), "+1,920");
        assert_eq!(vertical_rate(en, Aviation, -0.1), "0");
        assert_eq!(vertical_rate(Locale::Ro, Metric, -3.25), "\u{2212}3,3");
        assert_eq!(vertical_rate(en, Metric, 0.0), "0.0");
        assert_eq!(track(7.2), "007\u{b0}");
        assert_eq!(track(359.9), "000\u{b0}");
    }
}
