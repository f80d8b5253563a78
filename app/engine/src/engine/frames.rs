//! What an engine says to its clients: frames of the newest cut, what changed since another, and whole tables.

use crate::engine::Engine;
use crate::flights::PlainChanges;
use crate::flights::area::Area;
use crate::topics::Topics;
use inflight_domain::Cut;
use inflight_domain::envelope::FlightPayload;
use inflight_wire::bin::Bin;
use inflight_wire::flights::{FlightsMessage, FlightsSegment, SCHEMA_VERSION};
use inflight_wire::frame::{Digest, SnapshotHeader, TickHeader};
use inflight_wire::{Format, Header, Resume, Segment, TOPIC_FLIGHTS};

/// A snapshot's segment aims at this many bytes, so that with its header it stays below the message limit.
const PIECE_BYTES: usize = 56 * 1024;

/// Payloads in one piece of a JSON snapshot; each is at most about 350 bytes.
const PIECE_PAYLOADS: usize = 160;

/// Disruptions in one piece of a snapshot; each is at most about 600 bytes.
const PIECE_DISRUPTIONS: usize = 80;

impl Engine {
    /// The frame of the newest cut for clients that are at the cut before it.
    #[must_use]
    pub fn tick(&self, format: Format, topics: Topics) -> Vec<u8> {
        self.frame(format, self.base, self.cut, &self.tick_segments(format, topics))
    }

    /// What changed in the newest cut, as differences.
    #[must_use]
    pub fn tick_segments(&self, format: Format, topics: Topics) -> Vec<Vec<u8>> {
        let base = self.base;
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
        [flights, system.flatten(), disruptions.flatten()].into_iter().flatten().collect()
    }

    /// A frame without changes: a sign of life that carries the clock.
    #[must_use]
    pub fn heartbeat(&self, format: Format) -> Vec<u8> {
        self.frame(format, self.cut, self.cut, &[])
    }

    /// The frame that brings a client from where it is to the newest cut; none if it needs a snapshot.
    #[must_use]
    pub fn changes_since(&self, from: Resume, format: Format, topics: Topics) -> Option<Vec<u8>> {
        let segments = self.segments_since(from, format, topics)?;
        Some(self.frame(format, from.cut, self.cut, &segments))
    }

    /// What changed since a position, as whole values; none if a snapshot is needed.
    #[must_use]
    pub fn segments_since(&self, from: Resume, format: Format, topics: Topics) -> Option<Vec<Vec<u8>>> {
        if from.epoch != self.epoch || from.cut > self.cut {
            return None;
        }
        let mut segments = Vec::new();
        if topics.flights {
            segments.push(match format {
                Format::Json => self.plain_segment(from.cut)?,
                Format::Msgpack => {
                    let changes = self.flights.changes_since(from.cut)?;
                    packed_segment(changes.rows, changes.removed)
                }
            });
        }
        if topics.system {
            segments.push(self.system_segment(format, from.cut)?);
        }
        if topics.disruptions {
            segments.push(self.disruptions_segment(format, from.cut)?);
        }
        Some(segments)
    }

    /// A tick's frame from one cut to another.
    #[must_use]
    pub fn frame(&self, format: Format, base: Cut, cut: Cut, segments: &[Vec<u8>]) -> Vec<u8> {
        let header = TickHeader {
            epoch: self.epoch,
            base,
            cut,
            stream_ms: self.stream.stream_ms,
            rate: self.stream.rate,
        };
        let segments: Vec<&[u8]> = segments.iter().map(Vec::as_slice).collect();
        format.assemble(&Header::Tick(header), &segments)
    }

    /// The frames of a snapshot of the last cut that changed a table, each at most about 64 KiB; at least one.
    #[must_use]
    pub fn snapshot(&self, format: Format, topics: Topics) -> Vec<Vec<u8>> {
        self.snapshot_with(format, topics, Vec::new())
    }

    /// The same with segments of the caller's own at the end.
    #[must_use]
    pub fn snapshot_with(&self, format: Format, topics: Topics, own: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
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
        segments.extend(own);
        let parts = segments.len().max(1) as u32;
        let frame = |part: u32| {
            let header = SnapshotHeader {
                epoch: self.epoch,
                cut: self.state_cut,
                part,
                parts,
                stream_ms: self.stream.stream_ms,
                rate: self.stream.rate,
            };
            let segment = segments.get(part as usize).map(Vec::as_slice);
            format.assemble(&Header::Snapshot(header), segment.as_slice())
        };
        (0..parts).map(frame).collect()
    }

    /// The proof of the last cut that changed a table.
    #[must_use]
    pub fn digest(&self, format: Format) -> Vec<u8> {
        self.digest_of(format, format!("{:016x}", self.flights.digest()))
    }

    /// The same with a digest of the caller's own.
    #[must_use]
    pub fn digest_of(&self, format: Format, flights: String) -> Vec<u8> {
        let (epoch, cut) = (self.epoch, self.state_cut);
        format.assemble(&Header::Digest(Digest { epoch, cut, flights }), &[])
    }

    /// The snapshot message of `/ws/flights`.
    #[must_use]
    pub fn flights_snapshot(&self, format: Format) -> Vec<u8> {
        format.encode(&FlightsMessage::Snapshot {
            schema_version: SCHEMA_VERSION,
            epoch: self.epoch,
            cut: self.state_cut,
            flights: self.flights.rows().map(|(_, row)| row.aircraft.payload()).collect(),
        })
    }

    /// The delta message of `/ws/flights` from a cut to the newest; none if a snapshot is needed.
    #[must_use]
    pub fn flights_delta(&self, from: Resume, format: Format) -> Option<Vec<u8>> {
        let known = from.epoch == self.epoch && from.cut <= self.cut;
        let changes = known.then(|| self.flights.plain_changes_since(from.cut)).flatten()?;
        let (updated, removed) = (changes.updated, changes.removed);
        Some(format.encode(&FlightsMessage::Delta { base: from.cut, cut: self.state_cut, updated, removed }))
    }

    /// What changed on tiles since a cut, as whole values; none if a snapshot is needed.
    #[must_use]
    pub fn area_segment(&self, format: Format, area: &Area, since: Cut) -> Option<Vec<u8>> {
        Some(match format {
            Format::Msgpack => {
                let changes = area.changes_since(&self.flights, since)?;
                packed_segment(changes.rows, changes.removed)
            }
            Format::Json => payload_segment(area.plain_changes_since(&self.flights, since)?),
        })
    }

    /// What changes for who was up to date on the tiles of `before` and looks at those of `area` now.
    #[must_use]
    pub fn moved_segment(&self, format: Format, before: &Area, area: &Area) -> Vec<u8> {
        match format {
            Format::Msgpack => {
                let changes = area.changes_from(before, &self.flights);
                packed_segment(changes.rows, changes.removed)
            }
            Format::Json => payload_segment(area.plain_changes_from(before, &self.flights)),
        }
    }

    /// All that is on tiles, as segments of a snapshot.
    #[must_use]
    pub fn area_pieces(&self, format: Format, area: &Area) -> Vec<Vec<u8>> {
        match format {
            Format::Msgpack => {
                let pieces = area.pieces(&self.flights, PIECE_BYTES).into_iter();
                pieces.map(|rows| packed_segment(rows, Vec::new())).collect()
            }
            Format::Json => payload_pieces(&area.payloads(&self.flights)),
        }
    }

    fn plain_segment(&self, since: Cut) -> Option<Vec<u8>> {
        self.flights.plain_changes_since(since).map(payload_segment)
    }

    fn plain_pieces(&self) -> Vec<Vec<u8>> {
        let payloads: Vec<_> = self.flights.rows().map(|(_, row)| row.aircraft.payload()).collect();
        payload_pieces(&payloads)
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

fn payload_segment(changes: PlainChanges) -> Vec<u8> {
    let segment = FlightsSegment { topic: TOPIC_FLIGHTS, updated: changes.updated, removed: changes.removed };
    Format::Json.encode(&segment)
}

fn payload_pieces(payloads: &[FlightPayload]) -> Vec<Vec<u8>> {
    let segment =
        |updated: &[_]| payload_segment(PlainChanges { updated: updated.to_vec(), removed: Vec::new() });
    if payloads.is_empty() {
        vec![segment(&[])]
    } else {
        payloads.chunks(PIECE_PAYLOADS).map(segment).collect()
    }
}

fn packed_segment(rows: Vec<u8>, removed: Vec<u32>) -> Vec<u8> {
    Format::Msgpack.encode(&Segment::Flights { rows: Bin(rows), removed })
}
