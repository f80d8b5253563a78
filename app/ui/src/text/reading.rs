//! An aircraft as the words and numbers of the inspector, the tooltip and the table.

use crate::text::{
    Locale, Text, Units, age, altitude, country_text, fixed, position_source, speed, track, vertical_rate,
};
use inflight_domain::aircraft::Field;
use inflight_domain::{Aircraft, Squawk, UnixMillis, country};
use inflight_sky::freshness::{contact_age_ms, is_ghost, position_age_ms};

/// What stands where a source told nothing.
pub const DASH: &str = "\u{2013}";

/// Everything of one aircraft as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Address in hex.
    pub hex: String,
    /// Callsign, none where it sends none.
    pub callsign: Option<String>,
    /// Whether what is drawn is a guess.
    pub ghost: bool,
    /// Whether it stands or rolls.
    pub on_ground: bool,
    /// What an emergency code means.
    pub emergency: Option<&'static str>,
    /// Barometric altitude, or the word for ground.
    pub altitude: Measure,
    /// Geometric altitude.
    pub geo_altitude: Measure,
    /// Speed over ground.
    pub speed: Measure,
    /// Vertical rate.
    pub vertical_rate: Measure,
    /// Track over ground.
    pub track: String,
    /// Latitude and longitude.
    pub position: String,
    /// Transponder code.
    pub squawk: String,
    /// Type designator.
    pub kind: String,
    /// Registration.
    pub registration: String,
    /// Name and code of the state that the address belongs to.
    pub country: String,
    /// Origin of the position; who said so follows where that is known.
    pub position_source: String,
    /// Age of the position.
    pub position_age: String,
    /// Time since the last contact.
    pub contact_age: String,
}

/// A number as text, and its unit; a dash or a word has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// The number.
    pub value: String,
    /// The unit.
    pub unit: &'static str,
}

impl Measure {
    /// Number and unit.
    #[must_use]
    pub fn text(&self) -> String {
        if self.unit.is_empty() { self.value.clone() } else { format!("{}\u{a0}{}", self.value, self.unit) }
    }

    fn of(value: Option<String>, unit: &'static str) -> Self {
        match value {
            Some(value) => Self { value, unit },
            None => Self { value: DASH.to_owned(), unit: "" },
        }
    }
}

impl Reading {
    /// Callsign, or address where there is none.
    #[must_use]
    pub fn name(&self) -> &str {
        self.callsign.as_deref().unwrap_or(&self.hex)
    }
}

/// Reads an aircraft at a moment of stream time.
#[must_use]
pub fn read(locale: Locale, units: Units, aircraft: &Aircraft, now: UnixMillis) -> Reading {
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| DASH.to_owned());
    let height = |metres: f64| altitude(locale, units, metres);
    let rate = |value: f64| vertical_rate(locale, units, value);
    let on_ground = aircraft.on_ground();
    let text = |field: Field| aircraft.text(field).map(|text| text.as_str().to_owned());
    let barometric = Measure::of(aircraft.altitude_m().map(height), units.altitude_unit());
    let ground = Measure { value: Text::Ground.of(locale).to_owned(), unit: "" };
    Reading {
        hex: aircraft.icao24.to_string(),
        callsign: aircraft.callsign().map(|callsign| callsign.as_str().to_owned()),
        ghost: is_ghost(aircraft, now),
        on_ground,
        emergency: emergency(aircraft).map(|text| text.of(locale)),
        altitude: if on_ground { ground } else { barometric },
        geo_altitude: Measure::of(aircraft.geo_altitude_m().map(height), units.altitude_unit()),
        speed: Measure::of(aircraft.speed_mps().map(|value| speed(locale, units, value)), units.speed_unit()),
        vertical_rate: Measure::of(aircraft.vertical_rate_mps().map(rate), units.vertical_rate_unit()),
        track: or_dash(aircraft.track_deg().map(track)),
        position: place(locale, aircraft),
        squawk: or_dash(aircraft.squawk().map(|squawk| squawk.to_string())),
        kind: or_dash(text(Field::TypeCode)),
        registration: or_dash(text(Field::Registration)),
        country: or_dash(country(aircraft.icao24).map(|code| country_text(locale, code))),
        position_source: position_source(aircraft.get(Field::PositionSource)).of(locale).to_owned(),
        position_age: age(locale, position_age_ms(aircraft, now)),
        contact_age: age(locale, contact_age_ms(aircraft, now)),
    }
}

/// What an emergency code means, or else what the aircraft itself says.
fn emergency(aircraft: &Aircraft) -> Option<Text> {
    let by_code = match aircraft.squawk().map(Squawk::get) {
        Some(0o7500) => 5,
        Some(0o7600) => 4,
        Some(0o7700) => 1,
        _ => 0,
    };
    let said = if by_code == 0 || by_code == 1 && aircraft.emergency() != 0 {
        aircraft.emergency()
    } else {
        by_code
    };
    emergency_state(said)
}

/// What an aircraft says of an emergency, by the numbers of [`Aircraft::emergency`]; none for 0.
#[must_use]
pub fn emergency_state(said: u8) -> Option<Text> {
    let words = [
        Text::SquawkEmergency,
        Text::EmergencyMedical,
        Text::EmergencyFuel,
        Text::SquawkRadio,
        Text::SquawkHijack,
        Text::EmergencyDowned,
    ];
    let place = usize::from(said).checked_sub(1)?;
    Some(words.get(place).copied().unwrap_or(Text::SquawkEmergency))
}

fn place(locale: Locale, aircraft: &Aircraft) -> String {
    let axis = |field: Field, positive: char, negative: char| {
        let micro = aircraft.get(field).unwrap_or(0);
        let letter = if micro < 0 { negative } else { positive };
        format!("{}\u{b0}\u{a0}{letter}", fixed(locale, (micro.abs() + 50) / 100, 4))
    };
    format!("{}, {}", axis(Field::Latitude, 'N', 'S'), axis(Field::Longitude, 'E', 'W'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{SEEN_MS, aircraft};
    use inflight_domain::aircraft::UNKNOWN;

    #[test]
    fn a_plain_aircraft_reads_well() {
        let row = aircraft("a13f1c", Some("UAL123"), 40.71284, -74.00601).build();
        let reading = read(Locale::En, Units::Aviation, &row, UnixMillis(SEEN_MS + 2500));
        assert_eq!((reading.name(), reading.ghost, reading.emergency), ("UAL123", false, None));
        assert_eq!(
            (reading.altitude.text().as_str(), reading.speed.text().as_str()),
            ("35,000\u{a0}ft", "450\u{a0}kt")
        );
        assert_eq!(reading.position, "40.7128\u{b0}\u{a0}N, 74.0060\u{b0}\u{a0}W");
        assert_eq!(
            (reading.position_age.as_str(), reading.contact_age.as_str()),
            ("2.5\u{a0}s", "2.0\u{a0}s")
        );
        let reading = read(Locale::Ro, Units::Metric, &row, UnixMillis(SEEN_MS + 16_000));
        assert_eq!((reading.altitude.text().as_str(), reading.ghost), ("10.668\u{a0}m", true));
        assert_eq!(reading.position, "40,7128\u{b0}\u{a0}N, 74,0060\u{b0}\u{a0}W");
    }

    #[test]
    fn what_is_not_known_is_a_dash() {
        let row = aircraft("a13f1c", None, 0.0, 0.0)
            .with(Field::Altitude, UNKNOWN)
            .with(Field::Track, UNKNOWN)
            .with(Field::PositionSource, UNKNOWN)
            .with(Field::Squawk, 0o7600)
            .build();
        let reading = read(Locale::En, Units::Aviation, &row, UnixMillis(SEEN_MS));
        assert_eq!(
            (reading.name(), reading.altitude.text().as_str(), reading.track.as_str()),
            ("a13f1c", DASH, DASH)
        );
        assert_eq!(
            (reading.position_source.as_str(), reading.emergency),
            ("not known", Some("radio failure"))
        );
        let rolling = aircraft("a13f1c", None, 0.0, 0.0).with(Field::Flags, 1).build();
        assert_eq!(read(Locale::Ro, Units::Aviation, &rolling, UnixMillis(SEEN_MS)).altitude.text(), "Sol");
    }
}
