//! Words, numbers and times of the screen in English and Romanian.

mod agents;
mod cases;
mod country;
mod cron;
mod csv;
mod dictionary;
mod disruption;
mod geo;
mod json;
mod letters;
mod measure;
mod more;
mod number;
mod plural;
mod reading;
mod reasons;
mod spans;
mod system;
mod time;
mod units;
mod words;

pub use agents::Term;
pub use cases::{CaseWord, number_words, rule_words, step_word};
pub use country::{Namer, countries_named, country_text, set_country_names};
pub use cron::{cron_error, cron_words};
pub use csv::aircraft_csv;
pub use dictionary::Text;
pub use disruption::{disruption_kind, evidence};
pub use geo::{aircraft_geojson, aircraft_kml};
pub use json::aircraft_json;
pub use letters::{capitalised, lower};
pub use measure::{alert_text, bytes, measure, milliseconds};
pub use more::More;
pub use number::{decimal, fixed, integer, parse_decimal};
pub use plural::{Noun, counted};
pub use reading::{DASH, Measure, Reading, emergency_state, read};
pub use reasons::{drop_reason, position_source, source_state};
pub use spans::{ago, counted_steps, mistake, set_zones, took, zone_moment, zone_offset};
pub use system::Word;
pub use time::{age, clock, moment, set_local_time, span, stamp};
pub use units::{Units, altitude, speed, track, vertical_rate};

/// A form in which aircraft leave the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, in the units of the screen.
    Csv,
    /// Points and trails for maps on the web.
    GeoJson,
    /// Points and trails for globes.
    Kml,
}

/// A language of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locale {
    /// English; what the server renders.
    #[default]
    En,
    /// Romanian.
    Ro,
}

impl Locale {
    /// The language that a tag such as `ro-RO` asks for.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_']).next().unwrap_or_default();
        match language {
            "en" => Some(Self::En),
            "ro" => Some(Self::Ro),
            _ => None,
        }
    }

    /// The tag for the `lang` attribute.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ro => "ro",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read() {
        for (tag, expected) in
            [("ro", Some(Locale::Ro)), ("ro-RO", Some(Locale::Ro)), ("en_GB", Some(Locale::En)), ("de", None)]
        {
            assert_eq!(Locale::parse(tag), expected, "{tag}");
        }
    }
}
