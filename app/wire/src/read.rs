//! Frames and rows from MessagePack.
//!
//! Members may come in any order, unknown ones are read over, and a frame of an unknown type is no error.

mod client;
mod disruption;
mod rows;
mod told;

pub use client::decode_client;
pub use rows::{RowsFrame, decode_rows};

use crate::bin::Bin;
use crate::frame::{
    AlertNote, Digest, ErrorBody, Header, Hello, Segment, ServerFrame, SnapshotHeader, TickHeader,
};
use crate::unpack::{UnpackError, Value, unpack};
use inflight_domain::system::{DeadLetterRow, DropsRow, HistoryRow, ReplayRow};
use inflight_domain::{
    Cut, DeadLetter, DropReason, Epoch, SourceRow, SourceState, SystemRow, TrailPoint, UnixMillis, math,
};

/// Why a message is no frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Not MessagePack as the protocol uses it.
    #[error(transparent)]
    Unpack(#[from] UnpackError),
    /// Not an array that begins with a map.
    #[error("a frame is an array of a header and segments, each a map")]
    Shape,
    /// A member is absent or of the wrong type.
    #[error("`{0}` is absent or of the wrong type")]
    Member(&'static str),
    /// A client's message is a map.
    #[error("a message is a map")]
    NoMap,
    /// A member is none of the texts that it may be.
    #[error("`{0}`: expected {1}")]
    Choice(&'static str, &'static str),
    /// Some other member, or one of these twice.
    #[error("expected only {0}, each once")]
    Extra(String),
}

/// Reads what a server sent in MessagePack.
///
/// # Errors
/// When the bytes are no frame.
pub fn decode_server(bytes: &[u8]) -> Result<ServerFrame, ReadError> {
    let Value::Array(parts) = unpack(bytes)? else { return Err(ReadError::Shape) };
    let (header, segments) = parts.split_first().ok_or(ReadError::Shape)?;
    let header = read_header(Map::of(header).ok_or(ReadError::Shape)?)?;
    // What a later version adds is not known here, so its segments are not either.
    let known = if header == Header::Unknown { &[] } else { segments };
    let mut segments = Vec::with_capacity(known.len());
    for segment in known {
        let map = Map::of(segment).ok_or(ReadError::Shape)?;
        segments.push(read_segment(map)?);
        segments.extend(alerts(map).map(Segment::Alerts));
    }
    Ok(ServerFrame { header, segments })
}

/// A map's members, found by name.
#[derive(Clone, Copy)]
struct Map<'a>(&'a [(&'a str, Value<'a>)]);

impl<'a> Map<'a> {
    fn of(value: &'a Value<'a>) -> Option<Self> {
        if let Value::Map(members) = value { Some(Self(members)) } else { None }
    }

    fn get(self, name: &'static str) -> &'a Value<'a> {
        self.0.iter().find(|(key, _)| *key == name).map_or(&Value::Nil, |(_, value)| value)
    }

    /// Turns away what has other members than these, or one of them twice.
    fn only(self, names: &[&'static str]) -> Result<(), ReadError> {
        let is_extra = |at: usize, key: &str| {
            !names.contains(&key) || self.0[..at].iter().any(|(before, _)| *before == key)
        };
        if self.0.iter().enumerate().any(|(at, (key, _))| is_extra(at, key)) {
            return Err(ReadError::Extra(format!("\"{}\"", names.join("\", \""))));
        }
        Ok(())
    }

    fn integer(self, name: &'static str) -> Result<i64, ReadError> {
        if let Value::Integer(number) = self.get(name) { Ok(*number) } else { Err(ReadError::Member(name)) }
    }

    fn unsigned(self, name: &'static str) -> Result<u64, ReadError> {
        u64::try_from(self.integer(name)?).map_err(|_| ReadError::Member(name))
    }

    fn small(self, name: &'static str) -> Result<u32, ReadError> {
        u32::try_from(self.integer(name)?).map_err(|_| ReadError::Member(name))
    }

    fn float(self, name: &'static str) -> Result<f64, ReadError> {
        float(self.get(name)).ok_or(ReadError::Member(name))
    }

    fn time(self, name: &'static str) -> Result<UnixMillis, ReadError> {
        Ok(UnixMillis(math::scaled(self.float(name)?, 1000.0)))
    }

    fn optional_time(self, name: &'static str) -> Result<Option<UnixMillis>, ReadError> {
        if *self.get(name) == Value::Nil { Ok(None) } else { self.time(name).map(Some) }
    }

    fn bool(self, name: &'static str) -> Result<bool, ReadError> {
        if let Value::Bool(truth) = self.get(name) { Ok(*truth) } else { Err(ReadError::Member(name)) }
    }

    fn str(self, name: &'static str) -> Result<&'a str, ReadError> {
        if let Value::Text(text) = self.get(name) { Ok(text) } else { Err(ReadError::Member(name)) }
    }

    fn text(self, name: &'static str) -> Result<String, ReadError> {
        self.str(name).map(str::to_owned)
    }

    fn array(self, name: &'static str) -> Result<&'a [Value<'a>], ReadError> {
        if let Value::Array(values) = self.get(name) { Ok(values) } else { Err(ReadError::Member(name)) }
    }

    fn map(self, name: &'static str) -> Result<Map<'a>, ReadError> {
        Map::of(self.get(name)).ok_or(ReadError::Member(name))
    }

    fn texts(self, name: &'static str) -> Result<Vec<String>, ReadError> {
        let text =
            |value: &Value<'_>| if let Value::Text(text) = value { Some((*text).to_owned()) } else { None };
        self.array(name)?.iter().map(|value| text(value).ok_or(ReadError::Member(name))).collect()
    }

    fn epoch(self) -> Result<Epoch, ReadError> {
        self.unsigned("epoch").map(Epoch)
    }

    fn cut(self, name: &'static str) -> Result<Cut, ReadError> {
        self.unsigned(name).map(Cut)
    }
}

fn float(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        Value::Integer(number) => Some(*number as f64),
        _ => None,
    }
}

fn read_header(map: Map<'_>) -> Result<Header, ReadError> {
    Ok(match map.str("type")? {
        "hello" => Header::Hello(Hello {
            protocol: map.text("protocol")?,
            schema: map.text("schema")?,
            epoch: map.epoch()?,
            tick_ms: map.unsigned("tick_ms")?,
            message_bytes: map.small("message_bytes")? as usize,
            topics: map.texts("topics")?,
        }),
        "snapshot" => Header::Snapshot(SnapshotHeader {
            epoch: map.epoch()?,
            cut: map.cut("cut")?,
            part: map.small("part")?,
            parts: map.small("parts")?,
            stream_ms: map.integer("stream_ms")?,
            rate: map.float("rate")?,
        }),
        "tick" => Header::Tick(TickHeader {
            epoch: map.epoch()?,
            base: map.cut("base")?,
            cut: map.cut("cut")?,
            stream_ms: map.integer("stream_ms")?,
            rate: map.float("rate")?,
        }),
        "digest" => Header::Digest(Digest {
            epoch: map.epoch()?,
            cut: map.cut("cut")?,
            flights: map.text("flights")?,
        }),
        "done" => Header::Done { id: map.unsigned("id")? },
        "pong" => Header::Pong { id: map.unsigned("id")? },
        "trail" => Header::Trail {
            id: map.unsigned("id")?,
            icao24: map.text("icao24")?,
            points: map
                .array("points")?
                .iter()
                .map(read_point)
                .collect::<Option<_>>()
                .ok_or(ReadError::Member("points"))?,
        },
        "error" => Header::Error(ErrorBody {
            code: map.text("code")?,
            message: map.text("message")?,
            id: map.unsigned("id").ok(),
        }),
        "bye" => Header::Bye { reason: map.text("reason")?, retry_ms: map.unsigned("retry_ms")? },
        _ => Header::Unknown,
    })
}

fn read_point(value: &Value<'_>) -> Option<TrailPoint> {
    let Value::Array(members) = value else { return None };
    let [Value::Integer(at), Value::Integer(latitude), Value::Integer(longitude), altitude, ground] =
        &members[..]
    else {
        return None;
    };
    Some(TrailPoint {
        at: UnixMillis(*at),
        latitude_e6: *latitude as i32,
        longitude_e6: *longitude as i32,
        altitude_cm: if let Value::Integer(altitude) = altitude { Some(*altitude as i32) } else { None },
        on_ground: *ground == Value::Bool(true),
    })
}

fn read_segment(map: Map<'_>) -> Result<Segment, ReadError> {
    match map.str("topic")? {
        "flights" => {
            let Value::Bytes(rows) = map.get("rows") else { return Err(ReadError::Member("rows")) };
            let slot = |value: &Value<'_>| match value {
                Value::Integer(slot) => u32::try_from(*slot).map_err(|_| ReadError::Member("removed")),
                _ => Err(ReadError::Member("removed")),
            };
            // Most ticks take nothing away, and say nothing of it.
            let removed = match map.get("removed") {
                Value::Nil => Vec::new(),
                _ => map.array("removed")?.iter().map(slot).collect::<Result<_, _>>()?,
            };
            Ok(Segment::Flights { rows: Bin(rows.to_vec()), removed })
        }
        "system" => {
            let mut updated = Vec::new();
            for row in map.array("updated")? {
                updated.extend(read_row(Map::of(row).ok_or(ReadError::Member("updated"))?)?);
            }
            Ok(Segment::System { updated, removed: map.texts("removed")? })
        }
        "disruptions" => {
            let mut updated = Vec::new();
            for row in map.array("updated")? {
                updated.extend(disruption::read(Map::of(row).ok_or(ReadError::Member("updated"))?)?);
            }
            Ok(Segment::Disruptions { updated, removed: map.texts("removed")? })
        }
        "events" => {
            let entries = map.array("entries")?.iter();
            let entries =
                entries.map(|entry| told::read(Map::of(entry).ok_or(ReadError::Member("entries"))?));
            let lost = map.unsigned("lost").unwrap_or_default();
            Ok(Segment::Events { entries: entries.collect::<Result<_, _>>()?, lost })
        }
        _ => Err(ReadError::Member("topic")),
    }
}

/// The row; none if it is of a kind that only other readers know ([`rows`] reads them all).
fn read_row(map: Map<'_>) -> Result<Option<SystemRow>, ReadError> {
    Ok(Some(match map.str("kind")? {
        "source" => SystemRow::Source(read_source(map)?),
        "drops" => SystemRow::Drops(DropsRow { reason: read_reason(map)?, count: map.unsigned("count")? }),
        "dead_letter" => SystemRow::DeadLetter(DeadLetterRow {
            place: map.small("place")?,
            letter: read_letter(map.map("letter")?)?,
        }),
        "history" => SystemRow::History(HistoryRow {
            from: map.time("from")?,
            to: map.time("to")?,
            raw_bytes: map.unsigned("raw_bytes")?,
        }),
        _ => return Ok(None),
    }))
}

/// The alerts among the rows of `system`; none where there are none.
fn alerts(map: Map<'_>) -> Option<Vec<AlertNote>> {
    let rows = map.array("updated").ok()?.iter().filter_map(Map::of);
    let rows = rows.filter(|row| row.str("kind") == Ok("alert"));
    let alerts: Vec<AlertNote> = rows
        .map(|row| AlertNote {
            code: row.text("code").unwrap_or_default(),
            text: row.text("text").unwrap_or_default(),
            open: *row.get("ended") == Value::Nil,
        })
        .collect();
    (!alerts.is_empty()).then_some(alerts)
}

fn read_source(map: Map<'_>) -> Result<SourceRow, ReadError> {
    let state = map.str("state")?;
    let state = SourceState::ALL.into_iter().find(|known| known.name() == state);
    Ok(SourceRow {
        name: map.text("name")?,
        number: map.small("number")? as u8,
        state: state.ok_or(ReadError::Member("state"))?,
        code: map.text("code")?,
        retry_at: map.optional_time("retry_at")?,
        newest_poll: map.optional_time("newest_poll")?,
        poll_interval_s: map.float("poll_interval_s")?,
        polls: map.unsigned("polls")?,
        credits_remaining: map.unsigned("credits_remaining").ok(),
        replay: Map::of(map.get("replay")).map(read_replay).transpose()?,
    })
}

fn read_replay(map: Map<'_>) -> Result<ReplayRow, ReadError> {
    Ok(ReplayRow {
        recording: map.text("recording")?,
        start: map.time("start")?,
        end: map.time("end")?,
        speed: map.float("speed")?,
        paused: map.bool("paused")?,
        looped: map.bool("looped")?,
        controllable: map.bool("controllable")?,
    })
}

fn read_reason(map: Map<'_>) -> Result<DropReason, ReadError> {
    let name = map.str("reason")?;
    DropReason::ALL.into_iter().find(|reason| reason.name() == name).ok_or(ReadError::Member("reason"))
}

fn read_letter(map: Map<'_>) -> Result<DeadLetter, ReadError> {
    Ok(DeadLetter {
        at: map.time("at")?,
        source: map.text("source")?,
        reason: read_reason(map)?,
        detail: map.text("detail")?,
        line: map.unsigned("line")?,
        excerpt: map.text("excerpt")?,
    })
}
