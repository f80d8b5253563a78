//! From the cells of one entry to an observation: required fields, types, physical ranges.

use crate::cell::{Cell, Fault};
use inflight_domain::{
    Callsign, DropReason, Extras, Field, Icao24, Observation, Position, Squawk, UnixMillis,
};

/// Columns of an entry, numbered as in OpenSky's rows.
pub(crate) const COLUMN_COUNT: usize = 18;

/// Places of the columns that are read.
pub(crate) mod column {
    pub(crate) const ICAO24: usize = 0;
    pub(crate) const CALLSIGN: usize = 1;
    pub(crate) const TIME_POSITION: usize = 3;
    pub(crate) const LAST_CONTACT: usize = 4;
    pub(crate) const LONGITUDE: usize = 5;
    pub(crate) const LATITUDE: usize = 6;
    pub(crate) const ALTITUDE: usize = 7;
    pub(crate) const ON_GROUND: usize = 8;
    pub(crate) const SPEED: usize = 9;
    pub(crate) const TRACK: usize = 10;
    pub(crate) const VERTICAL_RATE: usize = 11;
    pub(crate) const GEO_ALTITUDE: usize = 13;
    pub(crate) const SQUAWK: usize = 14;
    pub(crate) const SPI: usize = 15;
    pub(crate) const POSITION_SOURCE: usize = 16;
    pub(crate) const CATEGORY: usize = 17;
}

/// One entry: its values, and what its source calls them.
pub(crate) struct Entry<'a> {
    pub(crate) cells: [Cell<'a>; COLUMN_COUNT],
    pub(crate) names: &'static [&'static str; COLUMN_COUNT],
}

impl Entry<'_> {
    /// The observation, or the first thing that is wrong with the entry.
    ///
    /// Callsign, squawk, position source and category are decoration: if unreadable, they are unknown.
    pub(crate) fn observation(&self) -> Result<Observation, Fault> {
        let icao24 = self.icao24()?;
        let position = self.position()?;
        let time_position = self.time(column::TIME_POSITION)?;
        let last_contact = self.time(column::LAST_CONTACT)?.or(time_position).ok_or_else(|| {
            let problem =
                format_args!("missing, and so is {}", self.names[column::TIME_POSITION]).to_string();
            Fault::of(DropReason::MissingField, self.names[column::LAST_CONTACT], problem)
        })?;
        let (callsign, squawk) = (self.text(column::CALLSIGN)?, self.text(column::SQUAWK)?);
        Ok(Observation {
            icao24,
            callsign: callsign.and_then(Callsign::parse),
            position,
            time_position,
            last_contact,
            altitude_m: self.hundredths(column::ALTITUDE, Field::Altitude)?,
            geo_altitude_m: self.hundredths(column::GEO_ALTITUDE, Field::GeoAltitude)?,
            speed_mps: self.hundredths(column::SPEED, Field::Speed)?,
            track_deg: self.within(column::TRACK, -360.0, 360.0)?,
            vertical_rate_mps: self.hundredths(column::VERTICAL_RATE, Field::VerticalRate)?,
            on_ground: self.flag(column::ON_GROUND)?,
            squawk: squawk.and_then(Squawk::parse),
            spi: self.flag(column::SPI)?,
            position_source: self.code(column::POSITION_SOURCE, Field::PositionSource)?,
            category: self.code(column::CATEGORY, Field::Category)?,
            extras: Extras::default(),
        })
    }

    /// The address, or why there is none.
    pub(crate) fn icao24(&self) -> Result<Icao24, Fault> {
        let name = self.names[column::ICAO24];
        let Some(text) = self.cells[column::ICAO24].text(name)? else {
            return Err(Fault::of(DropReason::MissingField, name, "missing"));
        };
        Icao24::parse(text).ok_or_else(|| {
            let problem = format!("expected six hex digits, got {}", self.cells[column::ICAO24]);
            Fault::of(DropReason::BadIcao24, name, problem)
        })
    }

    fn position(&self) -> Result<Position, Fault> {
        let latitude = self.within(column::LATITUDE, -90.0, 90.0)?;
        let longitude = self.within(column::LONGITUDE, -180.0, 180.0)?;
        let missing = if latitude.is_none() { column::LATITUDE } else { column::LONGITUDE };
        latitude
            .zip(longitude)
            .and_then(|(latitude, longitude)| Position::new(latitude, longitude))
            .ok_or_else(|| Fault::of(DropReason::MissingPosition, self.names[missing], "missing"))
    }

    fn time(&self, at: usize) -> Result<Option<UnixMillis>, Fault> {
        let Some(seconds) = self.cells[at].number(self.names[at])? else { return Ok(None) };
        UnixMillis::from_seconds(seconds).map(Some).ok_or_else(|| {
            let problem = format!("expected seconds since 1970 between 1990 and 2100, got {seconds}");
            Fault::of(DropReason::OutOfRange, self.names[at], problem)
        })
    }

    /// A number that the row keeps in hundredths, checked against the range of its column.
    fn hundredths(&self, at: usize, field: Field) -> Result<Option<f64>, Fault> {
        let range = field.range();
        self.within(at, *range.start() as f64 / 100.0, *range.end() as f64 / 100.0)
    }

    fn within(&self, at: usize, low: f64, high: f64) -> Result<Option<f64>, Fault> {
        let value = self.cells[at].number(self.names[at])?;
        match value {
            Some(value) if !(low..=high).contains(&value) => {
                let problem = format!("expected {low} to {high}, got {value}");
                Err(Fault::of(DropReason::OutOfRange, self.names[at], problem))
            }
            _ => Ok(value),
        }
    }

    fn flag(&self, at: usize) -> Result<bool, Fault> {
        Ok(self.cells[at].boolean(self.names[at])?.unwrap_or(false))
    }

    fn text(&self, at: usize) -> Result<Option<&str>, Fault> {
        match self.cells[at].finite(self.names[at])? {
            Cell::Text(text) => Ok(Some(text)),
            _ => Ok(None),
        }
    }

    fn code(&self, at: usize, field: Field) -> Result<Option<u8>, Fault> {
        match self.cells[at].finite(self.names[at])? {
            Cell::Number(value) if field.range().contains(&(*value as i64)) => Ok(Some(*value as u8)),
            _ => Ok(None),
        }
    }
}
