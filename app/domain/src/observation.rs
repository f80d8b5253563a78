//! What a source says of one aircraft at one moment, in SI units, before it becomes a canonical row.

use crate::aircraft::{
    Aircraft, FIELD_COUNT, FLAG_EMERGENCY_SHIFT, FLAG_MILITARY, FLAG_ON_GROUND, FLAG_SPI, Field, UNKNOWN,
};
use crate::geo::Position;
use crate::ids::{Callsign, Icao24, ShortText, Squawk};
use crate::math::{scaled, wrap};
use crate::time::UnixMillis;

/// One aircraft as a source reported it; `None` where the source did not tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// Who it is.
    pub icao24: Icao24,
    /// Callsign.
    pub callsign: Option<Callsign>,
    /// Where it was at `time_position`.
    pub position: Position,
    /// When the position was received.
    pub time_position: Option<UnixMillis>,
    /// When anything was last received.
    pub last_contact: UnixMillis,
    /// Barometric altitude.
    pub altitude_m: Option<f64>,
    /// Geometric altitude.
    pub geo_altitude_m: Option<f64>,
    /// Speed over ground.
    pub speed_mps: Option<f64>,
    /// Track over ground, degrees from north.
    pub track_deg: Option<f64>,
    /// Vertical rate, climb positive.
    pub vertical_rate_mps: Option<f64>,
    /// On the ground.
    pub on_ground: bool,
    /// Transponder code.
    pub squawk: Option<Squawk>,
    /// Special position identification.
    pub spi: bool,
    /// Origin of the position, OpenSky's numbers.
    pub position_source: Option<u8>,
    /// Aircraft category, OpenSky's numbers.
    pub category: Option<u8>,
    /// What only some sources tell.
    pub extras: Extras,
}

/// What only some sources tell of an aircraft.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extras {
    /// Turn rate in degrees per second, right positive.
    pub turn_rate_dps: Option<f64>,
    /// ICAO type designator.
    pub type_code: Option<ShortText>,
    /// Registration.
    pub registration: Option<ShortText>,
    /// Emergency status, numbered as in [`Aircraft::emergency`].
    pub emergency: u8,
    /// Whether the source's data base calls it military.
    pub military: bool,
}

impl Observation {
    /// The canonical row.
    ///
    /// # Errors
    /// The first field that is out of its legal range.
    pub fn to_aircraft(&self) -> Result<Aircraft, Field> {
        let hundredths = |value: Option<f64>| value.map_or(UNKNOWN, |value| scaled(value, 100.0));
        let mut columns = [UNKNOWN; FIELD_COUNT];
        let mut set = |field: Field, value: i64| columns[field.index()] = value;
        set(Field::Latitude, scaled(self.position.latitude_deg(), 1e6));
        set(Field::Longitude, scaled(self.position.longitude_deg(), 1e6));
        set(Field::TimePosition, self.time_position.map_or(UNKNOWN, |time| time.0));
        set(Field::LastContact, self.last_contact.0);
        set(Field::Altitude, hundredths(self.altitude_m));
        set(Field::GeoAltitude, hundredths(self.geo_altitude_m));
        set(Field::Speed, hundredths(self.speed_mps));
        set(Field::Track, self.track_deg.map_or(UNKNOWN, |deg| scaled(wrap(deg, 360.0), 100.0) % 36_000));
        set(Field::VerticalRate, hundredths(self.vertical_rate_mps));
        set(Field::Callsign, self.callsign.map_or(UNKNOWN, Callsign::to_number));
        set(Field::Squawk, self.squawk.map_or(UNKNOWN, |squawk| i64::from(squawk.get())));
        let on_ground = if self.on_ground { FLAG_ON_GROUND } else { 0 };
        let spi = if self.spi { FLAG_SPI } else { 0 };
        let extras = self.extras;
        let military = if extras.military { FLAG_MILITARY } else { 0 };
        let emergency = i64::from(extras.emergency & 7) << FLAG_EMERGENCY_SHIFT;
        set(Field::Flags, on_ground | spi | military | emergency);
        set(Field::TurnRate, hundredths(extras.turn_rate_dps));
        set(Field::TypeCode, extras.type_code.map_or(UNKNOWN, ShortText::to_number));
        set(Field::Registration, extras.registration.map_or(UNKNOWN, ShortText::to_number));
        set(Field::PositionSource, self.position_source.map_or(UNKNOWN, i64::from));
        set(Field::Category, self.category.map_or(UNKNOWN, i64::from));
        Aircraft::from_columns(self.icao24, columns)
    }
}
