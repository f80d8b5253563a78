//! SBS ("BaseStation", port 30003): one line per message, each with a part of the state, put together here.

use crate::cell::Fault;
use crate::freshness::{REMOVE_AFTER_MS, STALE_AFTER_MS};
use crate::poll::{Dropped, Poll};
use crate::readsb::{FOOT_M, FOOT_PER_MINUTE_MPS, KNOT_MPS};
use inflight_domain::{
    Callsign, DropReason, Extras, Field, Icao24, Observation, Position, Squawk, UnixMillis,
};
use std::collections::BTreeMap;

/// The shape that a line must have, for messages.
pub const EXPECTED: &str = "an SBS line MSG,3,1,1,A13F1C,1,2023/03/17,01:08:50.000,...";

/// A line's own time is believed where it is this near to the time of its arrival: some receivers write
/// their local time, or have no clock.
const CLOCK_MS: i64 = 120_000;

/// Fewest fields of a message; programs leave out empty ones at the end.
const FIELDS_MIN: usize = 10;

/// Kinds of lines that say nothing of where an aircraft is.
const OTHER_KINDS: [&str; 5] = ["SEL", "ID", "AIR", "STA", "CLK"];

/// Places of the fields, from 0.
mod at {
    pub(super) const KIND: usize = 0;
    pub(super) const HEX: usize = 4;
    pub(super) const DATE: usize = 6;
    pub(super) const TIME: usize = 7;
    pub(super) const CALLSIGN: usize = 10;
    pub(super) const ALTITUDE: usize = 11;
    pub(super) const SPEED: usize = 12;
    pub(super) const TRACK: usize = 13;
    pub(super) const LATITUDE: usize = 14;
    pub(super) const LONGITUDE: usize = 15;
    pub(super) const VERTICAL_RATE: usize = 16;
    pub(super) const SQUAWK: usize = 17;
    pub(super) const EMERGENCY: usize = 19;
    pub(super) const SPI: usize = 20;
    pub(super) const ON_GROUND: usize = 21;
}

/// Puts messages together and hands out polls.
#[derive(Clone, Debug, Default)]
pub struct Sbs {
    heard: BTreeMap<Icao24, Heard>,
    entries: u64,
    dropped: Vec<Dropped>,
}

#[derive(Clone, Copy, Debug)]
struct Heard {
    said: Observation,
    /// Where it is, once it told.
    placed: bool,
    /// Something came since the last poll.
    fresh: bool,
}

impl Sbs {
    /// Takes a line in that arrived at `received`; without that, its own time counts as UTC.
    ///
    /// Lines that say nothing of an aircraft's state are read over. What is wrong with a line is in the next
    /// poll; `number` is its line in a recording, 1 for a live one.
    pub fn take(&mut self, line: &str, received: Option<UnixMillis>, number: u64) {
        let line = line.trim();
        let kind = line.split(',').next().unwrap_or_default();
        if line.is_empty() || OTHER_KINDS.contains(&kind) {
            return;
        }
        if let Err(fault) = self.read(line, received) {
            self.entries += 1;
            self.dropped.push(Dropped::new(fault.reason, fault.detail, number, line));
        }
    }

    /// All that was heard since the last poll; aircraft that did not tell where they are count as dropped
    /// once, when they fall silent.
    pub fn poll(&mut self, now: UnixMillis) -> Poll {
        let mut poll = Poll {
            time: now,
            dropped: std::mem::take(&mut self.dropped),
            entries: self.entries,
            ..Poll::default()
        };
        self.entries = 0;
        self.heard.retain(|icao24, heard| {
            let silent_ms = now.since(heard.said.last_contact);
            if silent_ms > REMOVE_AFTER_MS {
                if !heard.placed {
                    poll.entries += 1;
                    let detail = "latitude: no message told where it is";
                    poll.dropped.push(Dropped::new(
                        DropReason::MissingPosition,
                        detail,
                        0,
                        &icao24.to_string(),
                    ));
                }
                return false;
            }
            if silent_ms <= STALE_AFTER_MS {
                poll.listed.push(*icao24);
            }
            if heard.placed && std::mem::take(&mut heard.fresh) {
                poll.entries += 1;
                poll.observations.push(heard.said);
            }
            true
        });
        poll
    }

    fn read(&mut self, line: &str, received: Option<UnixMillis>) -> Result<(), Fault> {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        let fields = Fields(&fields);
        if fields.text(at::KIND) != "MSG" || fields.0.len() < FIELDS_MIN {
            return Err(Fault { reason: DropReason::WrongShape, detail: format!("expected {EXPECTED}") });
        }
        let icao24 = fields.icao24()?;
        let time = time_of(&fields, received)?;
        let place = fields.place()?;
        let heard = self.heard.entry(icao24).or_insert_with(|| Heard::of(icao24, time));
        heard.update(&fields, time, place)
    }
}

/// Whether a line begins as one of SBS.
#[must_use]
pub fn is_line(text: &str) -> bool {
    let kind = text.split(',').next().unwrap_or_default();
    text.contains(',') && (kind == "MSG" || OTHER_KINDS.contains(&kind))
}

/// Time of a line that was recorded without the time of its arrival.
#[must_use]
pub fn own_time(line: &str) -> Option<UnixMillis> {
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    Fields(&fields).own_time()
}

fn time_of(fields: &Fields<'_>, received: Option<UnixMillis>) -> Result<UnixMillis, Fault> {
    match (fields.own_time(), received) {
        (Some(own), Some(received)) if own.since(received).abs() <= CLOCK_MS => Ok(own.min(received)),
        (_, Some(received)) => Ok(received),
        (Some(own), None) => Ok(own),
        (None, None) => Err(Fault::of(
            DropReason::WrongType,
            "date and time",
            format_args!(
                "expected 2023/03/17,01:08:50.000, got {},{}",
                fields.text(at::DATE),
                fields.text(at::TIME)
            ),
        )),
    }
}

impl Heard {
    fn of(icao24: Icao24, time: UnixMillis) -> Self {
        let said = Observation {
            icao24,
            callsign: None,
            position: Position::from_e7(0, 0),
            time_position: None,
            last_contact: time,
            altitude_m: None,
            geo_altitude_m: None,
            speed_mps: None,
            track_deg: None,
            vertical_rate_mps: None,
            on_ground: false,
            squawk: None,
            spi: false,
            // A receiver that multilaterates writes the same lines; they do not tell.
            position_source: None,
            category: None,
            extras: Extras::default(),
        };
        Self { said, placed: false, fresh: false }
    }

    /// A line that is wrong in one field changes nothing.
    fn update(
        &mut self,
        fields: &Fields<'_>,
        time: UnixMillis,
        place: Option<Position>,
    ) -> Result<(), Fault> {
        let mut said = self.said;
        said.last_contact = said.last_contact.max(time);
        let altitude = fields.text(at::ALTITUDE);
        if let Some(geometric) = altitude.strip_suffix(['H', 'h']) {
            set(&mut said.geo_altitude_m, number("altitude", geometric, FOOT_M, Field::GeoAltitude)?);
        } else {
            set(&mut said.altitude_m, number("altitude", altitude, FOOT_M, Field::Altitude)?);
        }
        let speed = fields.text(at::SPEED);
        set(&mut said.speed_mps, number("ground speed", speed, KNOT_MPS, Field::Speed)?);
        set(&mut said.track_deg, number("track", fields.text(at::TRACK), 1.0, Field::Track)?);
        let rate = fields.text(at::VERTICAL_RATE);
        set(
            &mut said.vertical_rate_mps,
            number("vertical rate", rate, FOOT_PER_MINUTE_MPS, Field::VerticalRate)?,
        );
        set(&mut said.callsign, Callsign::parse(fields.text(at::CALLSIGN)));
        set(&mut said.squawk, Squawk::parse(fields.text(at::SQUAWK)));
        set_flag(&mut said.on_ground, fields.flag(at::ON_GROUND));
        set_flag(&mut said.spi, fields.flag(at::SPI));
        if let Some(emergency) = fields.flag(at::EMERGENCY) {
            said.extras.emergency = u8::from(emergency);
        }
        // Lines may arrive out of order: what is known of a later moment stays.
        if let Some(position) = place.filter(|_| said.time_position.is_none_or(|known| known <= time)) {
            (said.position, said.time_position) = (position, Some(time));
            self.placed = true;
        }
        (self.said, self.fresh) = (said, true);
        Ok(())
    }
}

/// The fields of one line; those that are left out are empty.
struct Fields<'a>(&'a [&'a str]);

impl<'a> Fields<'a> {
    fn text(&self, place: usize) -> &'a str {
        self.0.get(place).copied().unwrap_or_default()
    }

    fn icao24(&self) -> Result<Icao24, Fault> {
        let text = self.text(at::HEX);
        if text.starts_with('~') {
            return Err(Fault::of(DropReason::NonIcao, "hex", format_args!("{text} is no ICAO address")));
        }
        Icao24::parse(text).ok_or_else(|| {
            Fault::of(DropReason::BadIcao24, "hex", format_args!("expected six hex digits, got {text:?}"))
        })
    }

    fn own_time(&self) -> Option<UnixMillis> {
        let text = format!("{}T{}", self.text(at::DATE).replace('/', "-"), self.text(at::TIME));
        UnixMillis::parse_rfc3339(&text).and_then(|time| UnixMillis::from_seconds(time.seconds()))
    }

    fn place(&self) -> Result<Option<Position>, Fault> {
        let latitude = plain("latitude", self.text(at::LATITUDE))?;
        let longitude = plain("longitude", self.text(at::LONGITUDE))?;
        let Some((latitude, longitude)) = latitude.zip(longitude) else { return Ok(None) };
        Position::new(latitude, longitude).map(Some).ok_or_else(|| {
            let problem = format_args!("expected degrees, got {latitude}, {longitude}");
            Fault::of(DropReason::OutOfRange, "latitude, longitude", problem)
        })
    }

    /// `-1` or `1` is yes, `0` no, and nothing is nothing.
    fn flag(&self, place: usize) -> Option<bool> {
        match self.text(place) {
            "" => None,
            text => Some(text != "0"),
        }
    }
}

/// A number in SI units, within the range of its column; none for an empty field.
fn number(name: &str, text: &str, unit: f64, field: Field) -> Result<Option<f64>, Fault> {
    let Some(value) = plain(name, text)? else { return Ok(None) };
    let (low, high) = (*field.range().start() as f64 / 100.0, *field.range().end() as f64 / 100.0);
    let si = value * unit;
    // A track of 360 is one of 0.
    if !(low..=high + 0.01).contains(&si) {
        let problem = format_args!("expected {low} to {high} in SI units, got {si}");
        return Err(Fault::of(DropReason::OutOfRange, name, problem));
    }
    Ok(Some(si))
}

fn plain(name: &str, text: &str) -> Result<Option<f64>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let value: f64 = text.parse().map_err(|_| {
        Fault::of(DropReason::WrongType, name, format_args!("expected a number, got {text:?}"))
    })?;
    let finite = value.is_finite().then_some(value);
    finite.map(Some).ok_or_else(|| {
        Fault::of(DropReason::NotFinite, name, format_args!("expected a finite number, got {text}"))
    })
}

fn set<T>(place: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *place = value;
    }
}

fn set_flag(place: &mut bool, value: Option<bool>) {
    *place = value.unwrap_or(*place);
}
