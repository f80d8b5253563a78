//! The engine: takes inputs, closes a cut, and writes the frames of that cut.

use crate::disruptions::DisruptionsTable;
use crate::flights::FlightsTable;
use crate::system::SystemTable;
use crate::topics::Topics;
use inflight_domain::aircraft::FEED_MAX;
use inflight_domain::system::HistoryRow;
#[cfg(not(target_family = "wasm"))]
use inflight_domain::system::ServerRow;
use inflight_domain::{Cut, DisruptionKind, DropReason, Epoch, SmallMap, SourceRow, SystemRow, UnixMillis};
use inflight_sky::disruption::Watch;
use inflight_sky::{Dropped, Poll, Tracker, freshness, tracker};
use inflight_wire::bin::Bin;
use inflight_wire::flights::{FlightsMessage, FlightsSegment, SCHEMA_VERSION};
use inflight_wire::frame::{Digest, SnapshotHeader, StreamClock, TickHeader};
use inflight_wire::{Format, Header, Resume, Segment, TOPIC_FLIGHTS};

/// A snapshot's segment aims at this many bytes, so that with its header it stays below the message limit.
const PIECE_BYTES: usize = 56 * 1024;

/// Payloads in one piece of a JSON snapshot; each is at most about 350 bytes.
const PIECE_PAYLOADS: usize = 160;

/// Disruptions in one piece of a snapshot; each is at most about 600 bytes.
const PIECE_DISRUPTIONS: usize = 80;

/// What moves the engine.
#[derive(Clone, Debug)]
pub enum Input {
    /// A source answered.
    Poll {
        /// Name of the source, for dead letters.
        source: String,
        /// What it said.
        poll: Poll,
    },
    /// A source's state.
    Source(SourceRow),
    /// An entry that could not even be read as part of a poll.
    Dropped {
        /// Name of the source.
        source: String,
        /// What was turned away.
        dropped: Dropped,
    },
    /// What can be looked back at.
    History(HistoryRow),
    /// What the server tells of itself.
    #[cfg(not(target_family = "wasm"))]
    Server(ServerRow),
    /// The row of this key is no longer told.
    #[cfg(not(target_family = "wasm"))]
    ServerGone(String),
    /// The stream starts anew: after a seek or a loop, nothing that was known holds.
    Restart,
}

/// The time of an advance.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Monotonic wall time in milliseconds, for how long removals are remembered.
    pub wall_ms: i64,
    /// Time of what is shown.
    pub stream: StreamClock,
}

/// What an advance did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outputs {
    /// A cut was closed; its frames can be taken.
    pub cut: bool,
    /// The epoch is new; every client needs a snapshot.
    pub restarted: bool,
    /// Observations that went into the table.
    pub accepted: u64,
    /// Entries that were turned away, by reason.
    pub dropped: SmallMap<DropReason, u64>,
    /// Disruptions that were found, by kind.
    pub disrupted: SmallMap<DisruptionKind, u64>,
}

/// The World of one process: its tables, and the cut that they are at.
#[derive(Clone, Debug)]
pub struct Engine {
    epoch: Epoch,
    cut: Cut,
    stream: StreamClock,
    stale_after_ms: i64,
    tracker: Tracker,
    flights: FlightsTable,
    system: SystemTable,
    /// Names of the sources; the place is the number in rows.
    sources: Vec<String>,
    watch: Watch,
    disruptions: DisruptionsTable,
}

impl Engine {
    /// An empty World; an aircraft that its source no longer lists goes after `stale_after_ms`.
    #[must_use]
    pub fn new(epoch: Epoch, stale_after_ms: i64) -> Self {
        Self {
            epoch,
            cut: Cut(0),
            stream: StreamClock::default(),
            stale_after_ms,
            tracker: Tracker::default(),
            flights: FlightsTable::default(),
            system: SystemTable::default(),
            sources: Vec::new(),
            watch: Watch::default(),
            disruptions: DisruptionsTable::default(),
        }
    }

    /// Takes inputs in and closes a cut if anything changed.
    pub fn advance(&mut self, now: Now, inputs: impl IntoIterator<Item = Input>) -> Outputs {
        let mut out = Outputs::default();
        self.begin(now);
        for input in inputs {
            match input {
                Input::Poll { source, poll } => self.take_poll(&source, poll, &mut out),
                Input::Source(mut row) => {
                    row.number = self.number_of(&row.name);
                    self.system.put(SystemRow::Source(row));
                }
                Input::History(row) => self.system.put(SystemRow::History(row)),
                #[cfg(not(target_family = "wasm"))]
                Input::Server(row) => self.system.put(SystemRow::Server(Box::new(row))),
                #[cfg(not(target_family = "wasm"))]
                Input::ServerGone(key) => self.system.remove(&key, now.wall_ms),
                Input::Dropped { source, dropped } => self.take_dropped(&source, dropped, &mut out),
                Input::Restart => {
                    *self = Self::new(Epoch(self.epoch.0 + 1), self.stale_after_ms);
                    self.begin(now);
                    out.restarted = true;
                }
            }
        }
        let (at, stale_after_ms) = (UnixMillis(self.stream.stream_ms), self.stale_after_ms);
        self.flights.remove_if(now.wall_ms, |aircraft, listed| {
            freshness::is_gone(aircraft, at, listed, stale_after_ms)
        });
        self.disruptions.tidy(at, now.wall_ms);
        let changed = self.flights.is_changed() || self.system.is_changed() || self.disruptions.is_changed();
        out.cut = changed || out.restarted;
        if out.cut {
            self.cut = self.cut.next();
        }
        out
    }

    /// Epoch and cut.
    #[must_use]
    pub fn position(&self) -> Resume {
        Resume { epoch: self.epoch, cut: self.cut }
    }

    /// The clock as of the last advance.
    #[must_use]
    pub fn clock(&self) -> StreamClock {
        self.stream
    }

    /// The table of aircraft.
    #[must_use]
    pub fn flights(&self) -> &FlightsTable {
        &self.flights
    }

    /// The table of sources, drops and dead letters.
    #[must_use]
    pub fn system(&self) -> &SystemTable {
        &self.system
    }

    /// The table of disruptions.
    #[must_use]
    pub fn disruptions(&self) -> &DisruptionsTable {
        &self.disruptions
    }

    /// Sixteen hex digits over everything observed and derived; the same on every machine.
    #[must_use]
    pub fn state_hash(&self) -> String {
        format!("{:016x}", self.flights.state_hash())
    }

    /// The frame of the newest cut for clients that are at the cut before it.
    #[must_use]
    pub fn tick(&self, format: Format, topics: Topics) -> Vec<u8> {
        let base = Cut(self.cut.0.saturating_sub(1));
        let flights = (topics.flights && self.flights.is_changed()).then(|| match format {
            Format::Msgpack => {
                let changes = self.flights.differences();
                packed_segment(changes.rows, changes.removed)
            }
            Format::Json => self.plain_segment(base).unwrap_or_default(),
        });
        let system = (topics.system && self.system.is_changed()).then(|| self.system_segment(format, base));
        let disruptions = (topics.disruptions && self.disruptions.is_changed())
            .then(|| self.disruptions_segment(format, base));
        self.tick_frame(format, base, &[flights, system.flatten(), disruptions.flatten()])
    }

    /// A frame without changes: a sign of life that carries the clock.
    #[must_use]
    pub fn heartbeat(&self, format: Format) -> Vec<u8> {
        self.tick_frame(format, self.cut, &[])
    }

    /// The frame that brings a client from where it is to the newest cut; none if it needs a snapshot.
    #[must_use]
    pub fn changes_since(&self, from: Resume, format: Format, topics: Topics) -> Option<Vec<u8>> {
        if from.epoch != self.epoch || from.cut > self.cut {
            return None;
        }
        let flights = match (topics.flights, format) {
            (false, _) => None,
            (true, Format::Json) => Some(self.plain_segment(from.cut)?),
            (true, Format::Msgpack) => {
                let changes = self.flights.changes_since(from.cut)?;
                Some(packed_segment(changes.rows, changes.removed))
            }
        };
        let system = if topics.system { Some(self.system_segment(format, from.cut)?) } else { None };
        let disruptions =
            if topics.disruptions { Some(self.disruptions_segment(format, from.cut)?) } else { None };
        Some(self.tick_frame(format, from.cut, &[flights, system, disruptions]))
    }

    /// The frames of a snapshot of the newest cut, each at most about 64 KiB.
    #[must_use]
    pub fn snapshot(&self, format: Format, topics: Topics) -> Vec<Vec<u8>> {
        let mut segments = Vec::new();
        if topics.system {
            segments.extend(self.system_segment(format, Cut(0)));
        }
        if topics.disruptions {
            segments.extend(self.disruptions_pieces(format));
        }
        if topics.flights {
            segments.extend(match format {
                Format::Msgpack => {
                    let pieces = self.flights.pieces(PIECE_BYTES).into_iter();
                    pieces.map(|rows| packed_segment(rows, Vec::new())).collect::<Vec<_>>()
                }
                Format::Json => self.plain_pieces(),
            });
        }
        let parts = segments.len() as u32;
        let frame = |(part, segment): (usize, &Vec<u8>)| {
            let header = SnapshotHeader {
                epoch: self.epoch,
                cut: self.cut,
                part: part as u32,
                parts,
                stream_ms: self.stream.stream_ms,
                rate: self.stream.rate,
            };
            format.assemble(&Header::Snapshot(header), &[segment])
        };
        segments.iter().enumerate().map(frame).collect()
    }

    /// The proof of the newest cut.
    #[must_use]
    pub fn digest(&self, format: Format) -> Vec<u8> {
        let flights = format!("{:016x}", self.flights.digest());
        format.assemble(&Header::Digest(Digest { epoch: self.epoch, cut: self.cut, flights }), &[])
    }

    /// The snapshot message of `/ws/flights`.
    #[must_use]
    pub fn flights_snapshot(&self, format: Format) -> Vec<u8> {
        format.encode(&FlightsMessage::Snapshot {
            schema_version: SCHEMA_VERSION,
            epoch: self.epoch,
            cut: self.cut,
            flights: self.flights.rows().map(|(_, row)| row.aircraft.payload()).collect(),
        })
    }

    /// The delta message of `/ws/flights` from a cut to the newest; none if a snapshot is needed.
    #[must_use]
    pub fn flights_delta(&self, from: Resume, format: Format) -> Option<Vec<u8>> {
        let known = from.epoch == self.epoch && from.cut <= self.cut;
        let changes = known.then(|| self.flights.plain_changes_since(from.cut)).flatten()?;
        let (updated, removed) = (changes.updated, changes.removed);
        Some(format.encode(&FlightsMessage::Delta { base: from.cut, cut: self.cut, updated, removed }))
    }

    fn begin(&mut self, now: Now) {
        self.stream = now.stream;
        self.flights.begin(self.cut.next(), now.wall_ms);
        self.system.begin(self.cut.next(), now.wall_ms);
        self.disruptions.begin(self.cut.next(), now.wall_ms);
    }

    fn take_poll(&mut self, source: &str, poll: Poll, out: &mut Outputs) {
        // A source whose clock ran ahead once must not make every later poll look old.
        let poll_time = poll.time.min(UnixMillis(self.stream.stream_ms + tracker::FUTURE_MS));
        let feed = self.number_of(source);
        let accepted = self.tracker.accept(feed, poll_time, poll);
        if !accepted.regressed {
            self.flights.begin_poll(feed, &accepted.listed);
        }
        for row in self.watch.take(feed, poll_time, &accepted) {
            let kind = row.kind;
            if self.disruptions.put(row) {
                *out.disrupted.get_or_insert_with(kind, || 0) += 1;
            }
        }
        out.accepted += accepted.observations.len() as u64;
        accepted.observations.iter().for_each(|aircraft| self.flights.put(aircraft.said_by(feed)));
        self.tracker.give_back(accepted.observations);
        accepted.dropped.into_iter().for_each(|dropped| self.take_dropped(source, dropped, out));
    }

    /// The number under which rows name a source, by first appearance.
    fn number_of(&mut self, name: &str) -> u8 {
        let known = self.sources.iter().position(|source| source == name);
        let place = known.unwrap_or_else(|| {
            self.sources.push(name.to_owned());
            self.sources.len() - 1
        });
        u8::try_from(place).unwrap_or(FEED_MAX).min(FEED_MAX)
    }

    fn take_dropped(&mut self, source: &str, dropped: Dropped, out: &mut Outputs) {
        *out.dropped.get_or_insert_with(dropped.reason, || 0) += 1;
        self.system.drop_entry(dropped.into_letter(UnixMillis(self.stream.stream_ms), source));
    }

    fn tick_frame(&self, format: Format, base: Cut, segments: &[Option<Vec<u8>>]) -> Vec<u8> {
        let header = TickHeader {
            epoch: self.epoch,
            base,
            cut: self.cut,
            stream_ms: self.stream.stream_ms,
            rate: self.stream.rate,
        };
        let segments: Vec<&[u8]> = segments.iter().flatten().map(Vec::as_slice).collect();
        format.assemble(&Header::Tick(header), &segments)
    }

    fn plain_segment(&self, since: Cut) -> Option<Vec<u8>> {
        let changes = self.flights.plain_changes_since(since)?;
        let segment =
            FlightsSegment { topic: TOPIC_FLIGHTS, updated: changes.updated, removed: changes.removed };
        Some(Format::Json.encode(&segment))
    }

    fn plain_pieces(&self) -> Vec<Vec<u8>> {
        let payloads: Vec<_> = self.flights.rows().map(|(_, row)| row.aircraft.payload()).collect();
        let segment = |updated: &[_]| {
            let segment =
                FlightsSegment { topic: TOPIC_FLIGHTS, updated: updated.to_vec(), removed: Vec::new() };
            Format::Json.encode(&segment)
        };
        if payloads.is_empty() {
            vec![segment(&[])]
        } else {
            payloads.chunks(PIECE_PAYLOADS).map(segment).collect()
        }
    }

    fn system_segment(&self, format: Format, since: Cut) -> Option<Vec<u8>> {
        let changes = self.system.changes_since(since)?;
        Some(format.encode(&Segment::System { updated: changes.updated, removed: changes.removed }))
    }

    fn disruptions_segment(&self, format: Format, since: Cut) -> Option<Vec<u8>> {
        let changes = self.disruptions.changes_since(since)?;
        Some(format.encode(&Segment::Disruptions { updated: changes.updated, removed: changes.removed }))
    }

    fn disruptions_pieces(&self, format: Format) -> Vec<Vec<u8>> {
        let rows: Vec<_> = self.disruptions.rows().cloned().collect();
        let pieces = rows.chunks(PIECE_DISRUPTIONS).map(<[_]>::to_vec);
        let segment = |updated| format.encode(&Segment::Disruptions { updated, removed: Vec::new() });
        pieces.map(segment).collect()
    }
}

fn packed_segment(rows: Vec<u8>, removed: Vec<u32>) -> Vec<u8> {
    Format::Msgpack.encode(&Segment::Flights { rows: Bin(rows), removed })
}
