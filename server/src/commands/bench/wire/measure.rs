//! The same engine, frames and codec as the server's, a poll at a time, with a client that checks each frame.

use super::readsb;
use crate::hub::form::deflate;
use inflight_domain::system::HistoryRow;
use inflight_domain::{Aircraft, Epoch, Icao24, SourceRow, SourceState, UnixMillis};
use inflight_engine::{Engine, Input, Now, Topics};
use inflight_sky::freshness::STALE_AFTER_MS;
use inflight_sky::{Recording, motion};
use inflight_wire::frame::StreamClock;
use inflight_wire::{Format, Mirror, Resume, decode_server};
use std::collections::BTreeMap;

/// What all recordings came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measured {
    /// Frames in which an aircraft changed; the first poll of a recording is a snapshot and no such frame.
    pub frames: u64,
    /// Aircraft of which a field changed, poll by poll.
    pub updates: u64,
    /// Aircraft in the table, frame by frame.
    pub listed: u64,
    /// A client of `flights`.
    pub flights: Sums,
    /// A client of `flights` and `system`, in which the rows of the source and of the history change at each poll.
    pub with_system: Sums,
    /// Specification 003's JSON, changed aircraft only.
    pub json: Sums,
    /// readsb's records.
    pub readsb: Sums,
}

/// Bytes on the wire.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums {
    /// As written.
    pub raw: u64,
    /// Each frame compressed by itself.
    pub compressed: u64,
}

const FLIGHTS: Topics = Topics { flights: true, system: false, disruptions: false };

/// The level that readsb's own web server and most others use.
const ZSTD_LEVEL: i32 = 3;

impl Sums {
    fn add(&mut self, raw: &[u8], compressed: &[u8]) {
        self.raw += enveloped(raw);
        self.compressed += enveloped(compressed);
    }
}

impl Measured {
    /// Plays a recording and adds its frames.
    ///
    /// # Errors
    /// A client in step could not rebuild the table: the measurement would be of nothing.
    pub fn add(&mut self, recording: &Recording) -> Result<(), String> {
        let mut engine = Engine::new(Epoch(1_760_000_000_000), STALE_AFTER_MS);
        let mut mirror = Mirror::new(motion::advance);
        let mut before: BTreeMap<Icao24, Aircraft> = BTreeMap::new();
        for index in 0..recording.len() {
            let Some(poll) = recording.poll(index) else { continue };
            let at = poll.time;
            let now = Now { wall_ms: at.0, stream: StreamClock { stream_ms: at.0, rate: 1.0 } };
            let from = engine.position();
            let source = Input::Source(source_row(at, index as u64 + 1));
            let poll = Input::Poll { source: "opensky".to_owned(), poll };
            // The hub says with each poll how far back the past goes that it keeps.
            let history = Input::History(HistoryRow {
                from: recording.start(),
                to: at,
                raw_bytes: recording.lines_before(index + 1).len() as u64,
            });
            if !engine.advance(now, [poll, source, history]).cut {
                continue;
            }
            let rows: BTreeMap<Icao24, Aircraft> =
                engine.flights().rows().map(|(_, row)| (row.aircraft.icao24, row.aircraft)).collect();
            if mirror.position().is_none() {
                for frame in engine.snapshot(Format::Msgpack, FLIGHTS) {
                    take(&mut mirror, &frame)?;
                }
            } else {
                self.add_cut(&engine, from, &mut mirror)?;
                let changed = rows.iter().filter(|(icao24, row)| before.get(icao24) != Some(row)).count();
                self.updates += changed as u64;
            }
            before = rows;
        }
        Ok(())
    }

    fn add_cut(&mut self, engine: &Engine, from: Resume, mirror: &mut Mirror) -> Result<(), String> {
        let frame = engine.tick(Format::Msgpack, FLIGHTS);
        take(mirror, &frame)?;
        let (here, there) = (mirror.digest(), format!("{:016x}", engine.flights().digest()));
        if here != there {
            return Err(format!("the client's table is {here}, the server's {there}"));
        }
        if !engine.flights().is_changed() {
            return Ok(());
        }
        self.frames += 1;
        self.flights.add(&frame, &deflate(&frame));
        let whole = engine.tick(Format::Msgpack, Topics::ALL);
        self.with_system.add(&whole, &deflate(&whole));
        let json = engine.flights_delta(from, Format::Json).unwrap_or_default();
        self.json.add(&json, &zstd(&json)?);
        let page = readsb::page(engine);
        self.readsb.add(&page, &zstd(&page)?);
        self.listed += engine.flights().len() as u64;
        Ok(())
    }
}

/// Length of a WebSocket message from a server: its header and its bytes.
fn enveloped(message: &[u8]) -> u64 {
    let header = match message.len() {
        ..=125 => 2,
        126..=65_535 => 4,
        _ => 10,
    };
    message.len() as u64 + header
}

fn take(mirror: &mut Mirror, frame: &[u8]) -> Result<(), String> {
    let frame = decode_server(frame).map_err(|error| error.to_string())?;
    mirror.apply(&frame).map_err(|error| error.to_string())?;
    Ok(())
}

fn zstd(bytes: &[u8]) -> Result<Vec<u8>, String> {
    zstd::bulk::compress(bytes, ZSTD_LEVEL).map_err(|error| error.to_string())
}

/// What a live source says of itself at each poll.
fn source_row(at: UnixMillis, polls: u64) -> SourceRow {
    SourceRow {
        name: "opensky".to_owned(),
        number: 0,
        state: SourceState::Live,
        code: String::new(),
        retry_at: None,
        newest_poll: Some(at),
        poll_interval_s: 10.0,
        polls,
        credits_remaining: Some(4000_u64.saturating_sub(polls)),
        replay: None,
    }
}
