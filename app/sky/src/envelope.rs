//! Specification 003's flight envelopes, one aircraft per line.

use crate::cell::{Cell, Fault, read_object, tolerate_not_finite, trimmed};
use crate::entry::{COLUMN_COUNT, Entry, column};
use crate::poll::Dropped;
use inflight_domain::{DropReason, Icao24, Observation, UnixMillis};
use serde_json::value::RawValue;

/// The shape that an envelope must have, for messages.
pub const EXPECTED: &str =
    r#"a flight envelope {"schema_version":1,"type":"flight_state","produced_at":"...","payload":{...}}"#;

const NAMES: [&str; COLUMN_COUNT] = [
    "payload.icao24",
    "payload.callsign",
    "",
    "payload.time_position_unix",
    "payload.last_contact_unix",
    "payload.position.lon",
    "payload.position.lat",
    "payload.altitude_m",
    "payload.on_ground",
    "payload.velocity_mps",
    "payload.heading_deg",
    "payload.vertical_rate_mps",
    "",
    "payload.geo_altitude_m",
    "payload.squawk",
    "payload.spi",
    "payload.position_source",
    "payload.category",
];

/// Reads one envelope: when its poll was made, and the aircraft. Optional fields may be null or absent.
///
/// # Errors
/// The line cannot be used.
pub fn parse_line(text: &str, line: u64) -> Result<(UnixMillis, Observation), Dropped> {
    let text = trimmed(text);
    read_line(text)
        .and_then(|line| Ok((line.time?, line.observation?)))
        .map_err(|fault| Dropped::new(fault.reason, fault.detail, line, text))
}

/// What can be made of a line, part by part.
pub(crate) struct Line {
    /// When the poll was made.
    pub(crate) time: Result<UnixMillis, Fault>,
    /// The address, if it is valid.
    pub(crate) icao24: Option<Icao24>,
    /// The address as it stands there, in lower case.
    pub(crate) address: Option<String>,
    /// The aircraft.
    pub(crate) observation: Result<Observation, Fault>,
}

/// Reads a line.
///
/// # Errors
/// It is not JSON, or no object.
pub(crate) fn read_line(text: &str) -> Result<Line, Fault> {
    tolerate_not_finite(trimmed(text), read_json)
}

#[derive(serde::Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    schema_version: Cell<'a>,
    #[serde(borrow, default, rename = "type")]
    kind: Cell<'a>,
    #[serde(borrow, default)]
    produced_at: Cell<'a>,
    #[serde(borrow, default)]
    payload: Option<&'a RawValue>,
}

#[derive(serde::Deserialize)]
struct Payload<'a> {
    #[serde(borrow, default)]
    icao24: Cell<'a>,
    #[serde(borrow, default)]
    callsign: Cell<'a>,
    #[serde(borrow, default)]
    position: Option<&'a RawValue>,
    #[serde(borrow, default)]
    altitude_m: Cell<'a>,
    #[serde(borrow, default)]
    geo_altitude_m: Cell<'a>,
    #[serde(borrow, default)]
    velocity_mps: Cell<'a>,
    #[serde(borrow, default)]
    heading_deg: Cell<'a>,
    #[serde(borrow, default)]
    vertical_rate_mps: Cell<'a>,
    #[serde(borrow, default)]
    on_ground: Cell<'a>,
    #[serde(borrow, default)]
    squawk: Cell<'a>,
    #[serde(borrow, default)]
    spi: Cell<'a>,
    #[serde(borrow, default)]
    position_source: Cell<'a>,
    #[serde(borrow, default)]
    category: Cell<'a>,
    #[serde(borrow, default)]
    time_position_unix: Cell<'a>,
    #[serde(borrow, default)]
    last_contact_unix: Cell<'a>,
}

#[derive(Default, serde::Deserialize)]
struct Place<'a> {
    #[serde(borrow, default)]
    lat: Cell<'a>,
    #[serde(borrow, default)]
    lon: Cell<'a>,
}

impl Envelope<'_> {
    /// Version and type are known.
    fn check(&self) -> Result<(), Fault> {
        if self.schema_version != Cell::Number(1.0) {
            let problem = format!("expected 1, got {}", self.schema_version);
            return Err(Fault::of(DropReason::WrongShape, "schema_version", problem));
        }
        if !matches!(&self.kind, Cell::Text(kind) if matches!(&**kind, "flight_state" | "flight_update")) {
            let problem = format!(r#"expected "flight_state" or "flight_update", got {}"#, self.kind);
            return Err(Fault::of(DropReason::WrongShape, "type", problem));
        }
        Ok(())
    }

    fn time(&self) -> Result<UnixMillis, Fault> {
        self.check()?;
        let Some(text) = self.produced_at.text("produced_at")? else {
            return Err(Fault::of(DropReason::MissingField, "produced_at", "missing"));
        };
        let time = UnixMillis::parse_rfc3339(text)
            .ok_or_else(|| self.produced_at.unexpected("produced_at", "an RFC 3339 time"))?;
        UnixMillis::from_seconds(time.seconds()).ok_or_else(|| {
            let problem = format!("expected a time between 1990 and 2100, got {time}");
            Fault::of(DropReason::OutOfRange, "produced_at", problem)
        })
    }
}

impl<'a> Payload<'a> {
    fn into_entry(self) -> Result<Entry<'a>, Fault> {
        let place: Option<Place<'_>> = match self.position {
            Some(position) => read_part(position, "payload.position", "an object with lat and lon")?,
            None => None,
        };
        let place = place.unwrap_or_default();
        let mut cells: [Cell<'_>; COLUMN_COUNT] = Default::default();
        for (at, cell) in [
            (column::ICAO24, self.icao24),
            (column::CALLSIGN, self.callsign),
            (column::TIME_POSITION, self.time_position_unix),
            (column::LAST_CONTACT, self.last_contact_unix),
            (column::LONGITUDE, place.lon),
            (column::LATITUDE, place.lat),
            (column::ALTITUDE, self.altitude_m),
            (column::ON_GROUND, self.on_ground),
            (column::SPEED, self.velocity_mps),
            (column::TRACK, self.heading_deg),
            (column::VERTICAL_RATE, self.vertical_rate_mps),
            (column::GEO_ALTITUDE, self.geo_altitude_m),
            (column::SQUAWK, self.squawk),
            (column::SPI, self.spi),
            (column::POSITION_SOURCE, self.position_source),
            (column::CATEGORY, self.category),
        ] {
            cells[at] = cell;
        }
        Ok(Entry { cells, names: &NAMES })
    }
}

fn read_json(text: &str) -> Result<Line, Fault> {
    let envelope: Envelope<'_> = read_object(text, EXPECTED)?;
    let mut line =
        Line { time: envelope.time(), icao24: None, address: None, observation: Err(no_payload()) };
    let Some(payload) = envelope.payload else { return Ok(line) };
    let payload: Payload<'_> = match read_part(payload, "payload", "an object") {
        Ok(payload) => payload,
        Err(fault) => {
            line.observation = Err(fault);
            return Ok(line);
        }
    };
    if let Cell::Text(text) = &payload.icao24 {
        line.address = Some(text.trim().to_ascii_lowercase());
        line.icao24 = Icao24::parse(text);
    }
    line.observation = payload.into_entry().and_then(|entry| entry.observation());
    Ok(line)
}

fn no_payload() -> Fault {
    Fault::of(DropReason::MissingField, "payload", "missing")
}

/// Reads an object within the envelope, which is JSON, but may hold a number beyond all floats.
fn read_part<'a, T: serde::Deserialize<'a>>(
    part: &'a RawValue,
    field: &str,
    expected: &str,
) -> Result<T, Fault> {
    let reason_of = |error: &serde_json::Error| {
        if error.is_data() { DropReason::WrongType } else { DropReason::NotFinite }
    };
    if !part.get().starts_with('{') {
        return Err(Fault::of(DropReason::WrongType, field, format_args!("expected {expected}")));
    }
    serde_json::from_str(part.get())
        .map_err(|error| Fault::of(reason_of(&error), field, format_args!("expected {expected}: {error}")))
}
