//! OpenSky's `/states/all` response: `{time, states}` with rows of 17 or more columns.

use crate::cell::{Cell, Fault, read_object, tolerate_not_finite, trimmed, unmark};
use crate::entry::{COLUMN_COUNT, Entry};
use crate::poll::{Dropped, Poll};
use inflight_domain::{DropReason, Extras, Icao24, Observation, ShortText, UnixMillis};
use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The shape that a response must have, for messages.
pub const EXPECTED: &str = r#"an OpenSky response {"time":1679015330,"states":[[...],...]}"#;

/// Fewest columns of a row; an eighteenth, the category, comes when it was asked for.
const COLUMNS_MIN: usize = 17;

/// Columns that rows of the history have beyond those, all or none.
const EXTRA_COUNT: usize = 5;

const NAMES: [&str; COLUMN_COUNT] = [
    "icao24",
    "callsign",
    "origin_country",
    "time_position",
    "last_contact",
    "longitude",
    "latitude",
    "baro_altitude",
    "on_ground",
    "velocity",
    "true_track",
    "vertical_rate",
    "sensors",
    "geo_altitude",
    "squawk",
    "spi",
    "position_source",
    "category",
];

/// Reads one response; `line` is its line in a recording, 1 for a live answer.
///
/// `states` may be null (nobody there). Rows may be longer than 18; what follows is ignored. Bare NaN and
/// Infinity, which are no JSON, cost only the row that they stand in.
///
/// # Errors
/// The text as a whole is not a response; a bad row is dropped alone and found in [`Poll::dropped`].
pub fn parse_response(text: &str, line: u64) -> Result<Poll, Dropped> {
    let text = trimmed(text);
    tolerate_not_finite(text, |text| read_response(text, line))
        .map_err(|fault| Dropped::new(fault.reason, fault.detail, line, text))
}

/// The head of a response; rows stay text until they are read one by one.
#[derive(serde::Deserialize)]
pub(crate) struct Response<'a> {
    #[serde(borrow, default)]
    time: Cell<'a>,
    #[serde(borrow, default, deserialize_with = "present")]
    states: Option<&'a RawValue>,
    /// Addresses of aircraft that were named without a usable row, as [`crate::history`] writes them.
    #[serde(borrow, default)]
    listed: Vec<Cell<'a>>,
}

impl<'a> Response<'a> {
    /// Reads the head.
    pub(crate) fn read(text: &'a str) -> Result<Self, Fault> {
        let response: Self = read_object(text, EXPECTED)?;
        if response.states.is_none() {
            let detail = format!("expected {EXPECTED}, found no states");
            return Err(Fault { reason: DropReason::WrongShape, detail });
        }
        Ok(response)
    }

    /// When the source answered.
    pub(crate) fn time(&self) -> Result<UnixMillis, Fault> {
        let Some(seconds) = self.time.number("time")? else {
            return Err(Fault::of(DropReason::MissingField, "time", "missing"));
        };
        UnixMillis::from_seconds(seconds).ok_or_else(|| {
            let problem = format!("expected seconds since 1970 between 1990 and 2100, got {seconds}");
            Fault::of(DropReason::OutOfRange, "time", problem)
        })
    }

    /// The text of each row.
    pub(crate) fn rows(&self) -> Result<Vec<&'a RawValue>, Fault> {
        let text = self.states.map_or("null", RawValue::get);
        let rows: Option<Vec<&RawValue>> = serde_json::from_str(text)
            .map_err(|_| Fault::of(DropReason::WrongType, "states", "expected an array of rows or null"))?;
        Ok(rows.unwrap_or_default())
    }
}

/// The address as it stands in a row, if it is text.
pub(crate) fn address_of(row: &RawValue) -> Option<String> {
    match serde_json::from_str(row.get()) {
        Ok(FirstCell(Cell::Text(text))) => Some(text.trim().to_ascii_lowercase()),
        _ => None,
    }
}

fn read_response(text: &str, line: u64) -> Result<Poll, Fault> {
    let response = Response::read(text)?;
    let rows = response.rows()?;
    let mut poll = Poll { time: response.time()?, entries: rows.len() as u64, ..Poll::default() };
    poll.observations.reserve(rows.len());
    poll.listed.reserve(rows.len());
    for row in rows {
        let (icao24, result) = read_row(row.get());
        poll.listed.extend(icao24);
        match result {
            Ok(observation) => poll.observations.push(observation),
            Err(fault) => {
                poll.dropped.push(Dropped::new(fault.reason, fault.detail, line, &unmark(row.get())));
            }
        }
    }
    poll.listed.extend(response.listed.iter().filter_map(|cell| Icao24::parse(cell.text("listed").ok()??)));
    poll.listed.sort_unstable();
    poll.listed.dedup();
    Ok(poll)
}

/// The row's address, if it has a valid one, and what else can be made of it.
pub(crate) fn read_row(text: &str) -> (Option<Icao24>, Result<Observation, Fault>) {
    let row: Row<'_> = match serde_json::from_str(text) {
        Ok(row) => row,
        Err(error) => return (None, Err(unreadable_row(&error))),
    };
    let entry = Entry { cells: row.cells, names: &NAMES };
    let icao24 = entry.icao24().ok();
    if row.length < COLUMNS_MIN {
        let detail = format!("expected a row of at least {COLUMNS_MIN} columns, got {}", row.length);
        return (icao24, Err(Fault { reason: DropReason::WrongShape, detail }));
    }
    let extras =
        if row.length == COLUMN_COUNT + EXTRA_COUNT { read_extras(&row.extras) } else { Extras::default() };
    (icao24, entry.observation().map(|observation| Observation { extras, ..observation }))
}

/// What [`crate::history`] writes behind a row of OpenSky's; there is nothing in it that a row could fail on.
fn read_extras(cells: &[Cell<'_>; EXTRA_COUNT]) -> Extras {
    let text = |cell: &Cell<'_>| cell.text("").ok().flatten().and_then(ShortText::parse);
    let number = |cell: &Cell<'_>| cell.number("").ok().flatten();
    let [turn_rate, type_code, registration, emergency, military] = cells;
    Extras {
        turn_rate_dps: number(turn_rate).filter(|rate| rate.abs() <= 90.0),
        type_code: text(type_code),
        registration: text(registration),
        emergency: number(emergency).map_or(0, |emergency| emergency as u8 & 7),
        military: *military == Cell::Bool(true),
    }
}

/// The row is JSON, else the response had not been read: it is no array, or has a number beyond all floats.
fn unreadable_row(error: &serde_json::Error) -> Fault {
    if error.is_data() {
        return Fault { reason: DropReason::WrongShape, detail: "expected a row as an array".to_owned() };
    }
    Fault { reason: DropReason::NotFinite, detail: format!("expected finite numbers: {error}") }
}

/// Tells a null value (`Some`) from an absent one.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

struct Row<'a> {
    cells: [Cell<'a>; COLUMN_COUNT],
    extras: [Cell<'a>; EXTRA_COUNT],
    length: usize,
}

struct FirstCell<'a>(Cell<'a>);

struct RowVisitor;

struct FirstCellVisitor;

impl<'de> Deserialize<'de> for Row<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(RowVisitor)
    }
}

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row as an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut row = Row { cells: Default::default(), extras: Default::default(), length: 0 };
        while let Some(cell) = row.cells.iter_mut().chain(&mut row.extras).nth(row.length) {
            let Some(value) = items.next_element()? else { return Ok(row) };
            *cell = value;
            row.length += 1;
        }
        while items.next_element::<IgnoredAny>()?.is_some() {
            row.length += 1;
        }
        Ok(row)
    }
}

impl<'de> Deserialize<'de> for FirstCell<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(FirstCellVisitor)
    }
}

impl<'de> Visitor<'de> for FirstCellVisitor {
    type Value = FirstCell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row as an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let first = items.next_element()?.unwrap_or_default();
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(FirstCell(first))
    }
}
