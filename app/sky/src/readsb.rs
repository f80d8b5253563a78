//! readsb's, tar1090's and dump1090's `aircraft.json`, and the ADSBx-v2 form of the same.
//!
//! Units there are feet, knots and feet per minute, times are ages; here everything becomes SI and a moment.

use crate::cell::{Cell, Fault, read_object, tolerate_not_finite, trimmed, unmark};
use crate::craft::{Craft, NAMES, key};
use crate::entry::{COLUMN_COUNT, Entry, column};
use crate::freshness::REMOVE_AFTER_MS;
use crate::poll::{Dropped, Poll};
use inflight_domain::{DropReason, Extras, Icao24, Observation, ShortText, UnixMillis};
use serde_json::value::RawValue;

/// The shape that an answer must have, for messages.
pub const EXPECTED: &str = r#"an aircraft.json {"now":1679015330.1,"aircraft":[{...},...]}"#;

/// Metres in a foot.
pub(crate) const FOOT_M: f64 = 0.3048;

/// Metres per second in a knot.
pub(crate) const KNOT_MPS: f64 = 1852.0 / 3600.0;

/// Metres per second in a foot per minute.
pub(crate) const FOOT_PER_MINUTE_MPS: f64 = FOOT_M / 60.0;

/// `now` counts milliseconds where it is larger than this: as seconds it would be the year 5138.
const MILLISECONDS_FROM: f64 = 1e11;

/// Under what names the columns of [`Entry`] come here, for messages.
const COLUMN_NAMES: [&str; COLUMN_COUNT] = [
    "hex",
    "flight",
    "",
    "seen_pos",
    "seen",
    "lon",
    "lat",
    "alt_baro",
    "alt_baro",
    "gs",
    "track",
    "baro_rate",
    "",
    "alt_geom",
    "squawk",
    "spi",
    "type",
    "category",
];

const EMERGENCIES: [&str; 8] =
    ["none", "general", "lifeguard", "minfuel", "nordo", "unlawful", "downed", "reserved"];

/// The head of an answer; entries stay text until they are read one by one.
#[derive(serde::Deserialize)]
pub(crate) struct Answer<'a> {
    #[serde(borrow, default)]
    now: Cell<'a>,
    #[serde(borrow, default)]
    aircraft: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    ac: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    msg: Cell<'a>,
}

/// Reads one answer; `line` is its line in a recording, 1 for a live answer.
///
/// Old names (`altitude`, `speed`, `vert_rate`) are understood, a stale `lastPosition` is used where there is
/// no other, and addresses that are not ICAO's (`~...`) are turned away, as is who sends no position.
///
/// # Errors
/// The text as a whole is no such answer; a bad entry is dropped alone and found in [`Poll::dropped`].
pub fn parse_response(text: &str, line: u64) -> Result<Poll, Dropped> {
    let text = trimmed(text);
    tolerate_not_finite(text, |text| read_answer(text, line))
        .map_err(|fault| Dropped::new(fault.reason, fault.detail, line, text))
}

impl<'a> Answer<'a> {
    /// Reads the head.
    pub(crate) fn read(text: &'a str) -> Result<Self, Fault> {
        let answer: Self = read_object(text, EXPECTED)?;
        // A point query over an empty sky brings `ac: null`, which is told from a stranger by its `msg`.
        if answer.aircraft.is_none() && answer.ac.is_none() && answer.msg == Cell::Null {
            let detail = format!("expected {EXPECTED}, found neither aircraft nor ac");
            return Err(Fault { reason: DropReason::WrongShape, detail });
        }
        Ok(answer)
    }

    /// When the source answered.
    pub(crate) fn time(&self) -> Result<UnixMillis, Fault> {
        let Some(now) = self.now.number("now")? else {
            return Err(Fault::of(DropReason::MissingField, "now", "missing"));
        };
        let seconds = if now > MILLISECONDS_FROM { now / 1000.0 } else { now };
        UnixMillis::from_seconds(seconds).ok_or_else(|| {
            let problem = format!("expected a time between 1990 and 2100, got {now}");
            Fault::of(DropReason::OutOfRange, "now", problem)
        })
    }

    /// The text of each entry.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &'a RawValue> {
        self.aircraft.iter().chain(&self.ac).flatten().copied()
    }
}

/// The address as it stands in an entry.
pub(crate) fn address_of(row: &RawValue) -> Option<String> {
    let craft = Craft::read(row.get()).ok()?;
    match craft.cell(key::HEX) {
        Cell::Text(text) => Some(text.trim().to_ascii_lowercase()),
        _ => None,
    }
}

fn read_answer(text: &str, line: u64) -> Result<Poll, Fault> {
    let answer = Answer::read(text)?;
    let mut poll = Poll { time: answer.time()?, ..Poll::default() };
    for row in answer.rows() {
        poll.entries += 1;
        let read = Craft::read(row.get()).and_then(|craft| {
            let icao24 = address(&craft)?;
            poll.listed.push(icao24);
            observation(&craft, poll.time)
        });
        match read {
            Ok(observation) => poll.observations.push(observation),
            Err(fault) => {
                poll.dropped.push(Dropped::new(fault.reason, fault.detail, line, &unmark(row.get())));
            }
        }
    }
    poll.listed.sort_unstable();
    poll.listed.dedup();
    Ok(poll)
}

fn address(craft: &Craft<'_>) -> Result<Icao24, Fault> {
    let name = NAMES[key::HEX];
    let Some(text) = craft.cell(key::HEX).text(name)? else {
        return Err(Fault::of(DropReason::MissingField, name, "missing"));
    };
    if text.starts_with('~') {
        let problem = format_args!("{text} is no ICAO address");
        return Err(Fault::of(DropReason::NonIcao, name, problem));
    }
    Icao24::parse(text).ok_or_else(|| {
        let problem = format_args!("expected six hex digits, got {}", craft.cell(key::HEX));
        Fault::of(DropReason::BadIcao24, name, problem)
    })
}

fn observation(craft: &Craft<'_>, now: UnixMillis) -> Result<Observation, Fault> {
    let seen_ms = age_ms(craft.cell(key::SEEN), key::SEEN)?.unwrap_or(0);
    let (place, seen_pos_ms) = place(craft)?;
    let [latitude, longitude] = place;
    let on_ground = *craft.first(&[key::ALT_BARO, key::ALTITUDE]) == Cell::Text("ground".into());
    let altitude = if on_ground { &Cell::Null } else { craft.first(&[key::ALT_BARO, key::ALTITUDE]) };
    let scaled = |at: &[usize], unit: f64| times(craft.first(at), NAMES[at[0]], unit);
    let at = |age_ms: i64| Cell::Number((now.0 - age_ms) as f64 / 1000.0);
    let track = craft.first(&[key::TRACK, key::TRUE_HEADING, key::CALC_TRACK]);
    let rates = [key::BARO_RATE, key::GEOM_RATE, key::VERT_RATE];
    let mut cells: [Cell<'_>; COLUMN_COUNT] = Default::default();
    for (place, cell) in [
        (column::ICAO24, craft.cell(key::HEX).clone()),
        (column::CALLSIGN, craft.cell(key::FLIGHT).clone()),
        (column::TIME_POSITION, at(seen_pos_ms.unwrap_or(seen_ms))),
        (column::LAST_CONTACT, at(seen_ms)),
        (column::LONGITUDE, longitude),
        (column::LATITUDE, latitude),
        (column::ALTITUDE, times(altitude, "alt_baro", FOOT_M)?),
        (column::ON_GROUND, Cell::Bool(on_ground)),
        (column::SPEED, scaled(&[key::GS, key::SPEED], KNOT_MPS)?),
        (column::TRACK, track.clone()),
        (column::VERTICAL_RATE, scaled(&rates, FOOT_PER_MINUTE_MPS)?),
        (column::GEO_ALTITUDE, scaled(&[key::ALT_GEOM], FOOT_M)?),
        (column::SQUAWK, craft.cell(key::SQUAWK).clone()),
        (column::SPI, Cell::Bool(is_set(craft.cell(key::SPI)))),
        (column::POSITION_SOURCE, Cell::Number(origin(craft))),
        (column::CATEGORY, category(craft.cell(key::CATEGORY))),
    ] {
        cells[place] = cell;
    }
    let mut observation = Entry { cells, names: &COLUMN_NAMES }.observation()?;
    observation.extras = extras(craft);
    Ok(observation)
}

/// Latitude and longitude, and the age of the position in milliseconds, if told.
fn place<'a>(craft: &Craft<'a>) -> Result<([Cell<'a>; 2], Option<i64>), Fault> {
    let here = |craft: &Craft<'a>| [craft.cell(key::LAT).clone(), craft.cell(key::LON).clone()];
    let age = age_ms(craft.cell(key::SEEN_POS), key::SEEN_POS)?;
    match &craft.last_position {
        Some(last) if *craft.cell(key::LAT) == Cell::Null => {
            let age = age_ms(last.cell(key::SEEN_POS), key::SEEN_POS)?;
            // Older than an aircraft may stay, it is no news.
            let recent = age.is_some_and(|age_ms| age_ms <= REMOVE_AFTER_MS);
            Ok(if recent { (here(last), age) } else { Default::default() })
        }
        _ => Ok((here(craft), age)),
    }
}

fn extras(craft: &Craft<'_>) -> Extras {
    let text = |at: usize| match craft.cell(at) {
        Cell::Text(text) => ShortText::parse(text),
        _ => None,
    };
    let emergency = match craft.cell(key::EMERGENCY) {
        Cell::Text(said) => EMERGENCIES.iter().position(|name| name == said).unwrap_or(0),
        _ => 0,
    };
    let turn_rate = match craft.cell(key::TRACK_RATE) {
        Cell::Number(rate) if (-90.0..=90.0).contains(rate) => Some(*rate),
        _ => None,
    };
    Extras {
        turn_rate_dps: turn_rate,
        type_code: text(key::TYPE_CODE),
        registration: text(key::REGISTRATION),
        emergency: emergency as u8,
        military: matches!(craft.cell(key::DB_FLAGS), Cell::Number(flags) if *flags as i64 & 1 != 0),
    }
}

/// An age in seconds as milliseconds.
fn age_ms(cell: &Cell<'_>, at: usize) -> Result<Option<i64>, Fault> {
    match cell.number(NAMES[at])? {
        Some(seconds) if !(0.0..=1e9).contains(&seconds) => {
            let problem = format_args!("expected seconds since then, got {seconds}");
            Err(Fault::of(DropReason::OutOfRange, NAMES[at], problem))
        }
        seconds => Ok(seconds.map(|seconds| inflight_domain::math::scaled(seconds, 1000.0))),
    }
}

/// A number in another unit; null stays null.
fn times(cell: &Cell<'_>, name: &str, unit: f64) -> Result<Cell<'static>, Fault> {
    Ok(cell.number(name)?.map_or(Cell::Null, |value| Cell::Number(value * unit)))
}

fn is_set(cell: &Cell<'_>) -> bool {
    matches!(cell, Cell::Bool(true)) || matches!(cell, Cell::Number(value) if *value != 0.0)
}

/// Where the position comes from, in the numbers of [`inflight_domain::Field::PositionSource`].
fn origin(craft: &Craft<'_>) -> f64 {
    let Cell::Text(kind) = craft.cell(key::TYPE) else {
        // Programs without `type` list the fields that came by multilateration.
        return if craft.mlat { 2.0 } else { 0.0 };
    };
    let known = [("adsb", 0.0), ("mlat", 2.0), ("tisb", 4.0), ("adsc", 5.0), ("adsr", 6.0)];
    known.iter().find(|(begins, _)| kind.starts_with(begins)).map_or(7.0, |(_, number)| *number)
}

/// Emitter categories `A3` as OpenSky numbers them: letters A, B and C follow one another, with gaps.
fn category(cell: &Cell<'_>) -> Cell<'static> {
    let Cell::Text(text) = cell else { return Cell::Null };
    let number = match text.as_bytes() {
        [b'A', digit @ b'1'..=b'7'] => digit - b'0' + 1,
        [b'B', digit @ b'1'..=b'7'] => digit - b'0' + 8,
        [b'C', digit @ b'1'..=b'5'] => digit - b'0' + 15,
        [b'A'..=b'D', b'0'..=b'7'] => 1,
        _ => return Cell::Null,
    };
    Cell::Number(f64::from(number))
}
