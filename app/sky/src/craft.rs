//! One object of an `aircraft.json`: the members that are read, each as a cell, whatever else it holds.

use crate::cell::{Cell, Fault};
use inflight_domain::DropReason;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Members that are read; the last three are the names of old dump1090.
pub(crate) const NAMES: [&str; 26] = [
    "hex",
    "flight",
    "lat",
    "lon",
    "seen",
    "seen_pos",
    "alt_baro",
    "alt_geom",
    "gs",
    "track",
    "true_heading",
    "calc_track",
    "baro_rate",
    "geom_rate",
    "squawk",
    "spi",
    "emergency",
    "category",
    "track_rate",
    "t",
    "r",
    "dbFlags",
    "type",
    "altitude",
    "speed",
    "vert_rate",
];

/// Places of the members.
pub(crate) mod key {
    pub(crate) const HEX: usize = 0;
    pub(crate) const FLIGHT: usize = 1;
    pub(crate) const LAT: usize = 2;
    pub(crate) const LON: usize = 3;
    pub(crate) const SEEN: usize = 4;
    pub(crate) const SEEN_POS: usize = 5;
    pub(crate) const ALT_BARO: usize = 6;
    pub(crate) const ALT_GEOM: usize = 7;
    pub(crate) const GS: usize = 8;
    pub(crate) const TRACK: usize = 9;
    pub(crate) const TRUE_HEADING: usize = 10;
    pub(crate) const CALC_TRACK: usize = 11;
    pub(crate) const BARO_RATE: usize = 12;
    pub(crate) const GEOM_RATE: usize = 13;
    pub(crate) const SQUAWK: usize = 14;
    pub(crate) const SPI: usize = 15;
    pub(crate) const EMERGENCY: usize = 16;
    pub(crate) const CATEGORY: usize = 17;
    pub(crate) const TRACK_RATE: usize = 18;
    pub(crate) const TYPE_CODE: usize = 19;
    pub(crate) const REGISTRATION: usize = 20;
    pub(crate) const DB_FLAGS: usize = 21;
    pub(crate) const TYPE: usize = 22;
    pub(crate) const ALTITUDE: usize = 23;
    pub(crate) const SPEED: usize = 24;
    pub(crate) const VERT_RATE: usize = 25;
}

/// The object.
#[derive(Default)]
pub(crate) struct Craft<'a> {
    cells: [Cell<'a>; NAMES.len()],
    /// Where it was when it last told, if it no longer does.
    pub(crate) last_position: Option<Box<Self>>,
    /// Whether its position came by multilateration.
    pub(crate) mlat: bool,
}

impl<'a> Craft<'a> {
    /// Reads one object; its text is JSON, else the answer had not been read.
    pub(crate) fn read(text: &'a str) -> Result<Self, Fault> {
        serde_json::from_str(text).map_err(|error| {
            if error.is_data() {
                let detail = format!("expected an aircraft as an object: {error}");
                return Fault { reason: DropReason::WrongShape, detail };
            }
            Fault { reason: DropReason::NotFinite, detail: format!("expected finite numbers: {error}") }
        })
    }

    /// A member.
    pub(crate) fn cell(&self, at: usize) -> &Cell<'a> {
        &self.cells[at]
    }

    /// The first of these members that is told.
    pub(crate) fn first(&self, places: &[usize]) -> &Cell<'a> {
        let told = places.iter().map(|at| &self.cells[*at]).find(|cell| **cell != Cell::Null);
        told.unwrap_or(&Cell::Null)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Craft<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(CraftVisitor)
    }
}

struct CraftVisitor;

impl<'de> Visitor<'de> for CraftVisitor {
    type Value = Craft<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut craft = Craft::default();
        while let Some(name) = entries.next_key::<Cow<'de, str>>()? {
            if let Some(at) = NAMES.iter().position(|known| *known == name) {
                craft.cells[at] = entries.next_value()?;
            } else if name == "lastPosition" {
                craft.last_position = entries.next_value()?;
            } else if name == "mlat" {
                craft.mlat = entries.next_value::<&RawValue>()?.get().contains("\"lat\"");
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok(craft)
    }
}
