//! Aircraft for tests: plausible, and changed field by field.

use inflight_domain::aircraft::{Aircraft, FIELD_COUNT, Field, UNKNOWN};
use inflight_domain::ids::{Callsign, Icao24};

/// Stream time at which test aircraft were last seen.
pub const SEEN_MS: i64 = 1_700_000_000_000;

/// An aircraft in the making.
pub struct Draft {
    icao24: Icao24,
    columns: [i64; FIELD_COUNT],
}

/// An aircraft at 35,000 ft that flies east with 450 kt.
pub fn aircraft(hex: &str, callsign: Option<&str>, latitude_deg: f64, longitude_deg: f64) -> Draft {
    let mut columns = [UNKNOWN; FIELD_COUNT];
    let callsign = callsign.and_then(Callsign::parse).map_or(UNKNOWN, Callsign::to_number);
    for (field, value) in [
        (Field::Latitude, (latitude_deg * 1e6).round() as i64),
        (Field::Longitude, (longitude_deg * 1e6).round() as i64),
        (Field::TimePosition, SEEN_MS),
        (Field::LastContact, SEEN_MS + 500),
        (Field::Altitude, 1_066_800),
        (Field::Speed, 23_150),
        (Field::Track, 9_000),
        (Field::VerticalRate, -33),
        (Field::Callsign, callsign),
        (Field::Squawk, 0o1200),
        (Field::Flags, 0),
        (Field::PositionSource, 0),
    ] {
        columns[field.index()] = value;
    }
    Draft { icao24: Icao24::parse(hex).unwrap(), columns }
}

impl Draft {
    /// With another value in a column.
    pub fn with(mut self, field: Field, value: i64) -> Self {
        self.columns[field.index()] = value;
        self
    }

    /// The row.
    pub fn build(self) -> Aircraft {
        Aircraft::from_columns(self.icao24, self.columns).unwrap()
    }
}
