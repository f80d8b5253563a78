//! The client's copy of the tables: takes frames in, refuses what does not fit, proves itself by digest.

use crate::frame::{AlertNote, Header, Segment, ServerFrame, StreamClock, Told};
use crate::packed::{PackedError, Rows};
use inflight_domain::{Aircraft, Cut, Disruption, Epoch, Icao24, MotionState, Slot, SystemRow};
use std::collections::BTreeMap;

/// How a motion state follows from the one before and the newest row; `sky::motion::advance` in the product.
pub type AdvanceMotion = fn(Option<(&MotionState, &Aircraft)>, &Aircraft) -> MotionState;

/// One aircraft as the client knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct MirrorRow {
    /// The row.
    pub aircraft: Aircraft,
    /// How it moves.
    pub motion: MotionState,
    /// Rises whenever the row changes, so that a view knows what to draw anew.
    pub revision: u64,
    /// The aircraft's share of the table's digest.
    pub digest: u64,
}

/// The tables of the subscribed topics at one cut.
#[derive(Clone, Debug)]
pub struct Mirror {
    advance_motion: AdvanceMotion,
    position: Option<(Epoch, Cut)>,
    filling: Option<(Epoch, Cut, u32)>,
    clock: StreamClock,
    flights: Vec<Option<MirrorRow>>,
    slots: BTreeMap<Icao24, Slot>,
    digest: u64,
    system: BTreeMap<String, SystemRow>,
    disruptions: BTreeMap<String, Disruption>,
    told: Vec<Told>,
    alerts: Vec<AlertNote>,
    revision: u64,
}

/// Entries of event topics that a mirror keeps.
const MOST_TOLD: usize = 100;

/// What a frame did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Tables changed.
    Changed,
    /// Only the clock moved.
    Clock,
    /// Nothing of the tables; the caller may look at the header itself.
    Other,
}

/// Why a frame does not fit; the answer is to subscribe anew.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MirrorError {
    /// A tick for another cut than the client's.
    #[error("tick is based on {epoch:?} {base:?}, the mirror is at {here:?}")]
    NotMyCut {
        /// The tick's epoch.
        epoch: Epoch,
        /// The tick's base.
        base: Cut,
        /// Where the mirror is.
        here: Option<(Epoch, Cut)>,
    },
    /// A snapshot piece out of order.
    #[error("snapshot part {0} is out of order")]
    PartOutOfOrder(u32),
    /// Rows that cannot be read.
    #[error(transparent)]
    Packed(#[from] PackedError),
    /// The table is not the server's.
    #[error("digest of {cut:?} is {here} here and {there} there")]
    DigestDiffers {
        /// The cut.
        cut: Cut,
        /// Ours.
        here: String,
        /// The server's.
        there: String,
    },
}

impl Mirror {
    /// An empty mirror.
    #[must_use]
    pub fn new(advance_motion: AdvanceMotion) -> Self {
        Self {
            advance_motion,
            position: None,
            filling: None,
            clock: StreamClock::default(),
            flights: Vec::new(),
            slots: BTreeMap::new(),
            digest: 0,
            system: BTreeMap::new(),
            disruptions: BTreeMap::new(),
            told: Vec::new(),
            alerts: Vec::new(),
            revision: 0,
        }
    }

    /// Takes a frame in.
    ///
    /// # Errors
    /// When the frame does not follow from what the mirror holds. The mirror then counts as lost: it keeps its
    /// rows to be shown, and takes nothing but a new snapshot or a tick from its own cut.
    pub fn apply(&mut self, frame: &ServerFrame) -> Result<Applied, MirrorError> {
        match &frame.header {
            Header::Snapshot(header) => {
                let (epoch, cut) = (header.epoch, header.cut);
                if header.part == 0 {
                    self.clear();
                } else if self.filling != Some((epoch, cut, header.part)) {
                    return Err(MirrorError::PartOutOfOrder(header.part));
                }
                self.clock = StreamClock { stream_ms: header.stream_ms, rate: header.rate };
                self.take_segments(&frame.segments)?;
                let last = header.part + 1 >= header.parts;
                self.filling = (!last).then_some((epoch, cut, header.part + 1));
                self.position = last.then_some((epoch, cut));
                Ok(Applied::Changed)
            }
            Header::Tick(header) => {
                if self.position != Some((header.epoch, header.base)) {
                    let here = self.position;
                    return Err(MirrorError::NotMyCut { epoch: header.epoch, base: header.base, here });
                }
                self.clock = StreamClock { stream_ms: header.stream_ms, rate: header.rate };
                if let Err(error) = self.take_segments(&frame.segments) {
                    self.position = None;
                    return Err(error.into());
                }
                self.position = Some((header.epoch, header.cut));
                Ok(if frame.segments.is_empty() { Applied::Clock } else { Applied::Changed })
            }
            Header::Digest(digest) if self.position == Some((digest.epoch, digest.cut)) => {
                let here = self.digest();
                if here == digest.flights {
                    return Ok(Applied::Other);
                }
                self.position = None;
                Err(MirrorError::DigestDiffers { cut: digest.cut, here, there: digest.flights.clone() })
            }
            _ => Ok(Applied::Other),
        }
    }

    /// Where the mirror is; none before the first snapshot and after an error.
    #[must_use]
    pub fn position(&self) -> Option<(Epoch, Cut)> {
        self.position
    }

    /// The clock as of the newest frame.
    #[must_use]
    pub fn clock(&self) -> StreamClock {
        self.clock
    }

    /// All aircraft in the order of their slots.
    pub fn flights(&self) -> impl Iterator<Item = &MirrorRow> {
        self.flights.iter().flatten()
    }

    /// How many aircraft there are.
    #[must_use]
    pub fn flight_count(&self) -> usize {
        self.slots.len()
    }

    /// One aircraft.
    #[must_use]
    pub fn flight(&self, icao24: Icao24) -> Option<&MirrorRow> {
        let slot = self.slots.get(&icao24)?;
        self.flights.get(slot.0 as usize)?.as_ref()
    }

    /// All rows of the `system` topic by key.
    #[must_use]
    pub fn system(&self) -> &BTreeMap<String, SystemRow> {
        &self.system
    }

    /// All rows of the `disruptions` topic by key.
    #[must_use]
    pub fn disruptions(&self) -> &BTreeMap<String, Disruption> {
        &self.disruptions
    }

    /// The alerts of the server.
    #[must_use]
    pub fn alerts(&self) -> &[AlertNote] {
        &self.alerts
    }

    /// The newest entries of the event topics, oldest first. They stay when tables come anew.
    #[must_use]
    pub fn told(&self) -> &[Told] {
        &self.told
    }

    /// The table's digest, sixteen hex digits.
    #[must_use]
    pub fn digest(&self) -> String {
        format!("{:016x}", self.digest)
    }

    /// Rises with every row that changes.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    fn clear(&mut self) {
        self.position = None;
        self.filling = None;
        self.flights.clear();
        self.slots.clear();
        self.system.clear();
        self.alerts.clear();
        self.disruptions.clear();
        self.digest = 0;
        self.revision += 1;
    }

    fn take_segments(&mut self, segments: &[Segment]) -> Result<(), PackedError> {
        for segment in segments {
            match segment {
                Segment::Flights { rows, removed } => {
                    removed.iter().for_each(|slot| self.remove(Slot(*slot)));
                    self.take_rows(&rows.0)?;
                }
                Segment::System { updated, removed } => {
                    self.revision += 1;
                    removed.iter().for_each(|key| self.forget(key));
                    self.system.extend(updated.iter().map(|row| (row.key(), row.clone())));
                }
                Segment::Disruptions { updated, removed } => {
                    self.revision += 1;
                    removed.iter().for_each(|id| drop(self.disruptions.remove(id)));
                    self.disruptions.extend(updated.iter().map(|row| (row.id(), row.clone())));
                }
                Segment::Alerts(alerts) => {
                    for alert in alerts {
                        self.alerts.retain(|known| known.code != alert.code);
                        self.alerts.push(alert.clone());
                    }
                }
                Segment::Events { entries, .. } => {
                    self.revision += 1;
                    // A snapshot repeats what a client may know already.
                    let newest = self.told.last().map_or(0, |told| told.offset);
                    self.told.extend(entries.iter().filter(|told| told.offset > newest).cloned());
                    self.told.drain(..self.told.len().saturating_sub(MOST_TOLD));
                }
            }
        }
        Ok(())
    }

    fn forget(&mut self, key: &str) {
        self.system.remove(key);
        if let Some(code) = key.strip_prefix("alert/") {
            self.alerts.retain(|known| known.code != code);
        }
    }

    fn take_rows(&mut self, bytes: &[u8]) -> Result<(), PackedError> {
        let mut rows = Rows::of(bytes)?;
        while let Some(packed) = rows.take()? {
            let index = packed.slot.0 as usize;
            // A slot far beyond the table can only be an error; growing to it would take the memory. The first one
            // of a snapshot may lie behind all removals that are remembered, and behind those of the newest cuts.
            if index > self.flights.len() + 2 * crate::limits::TOMBSTONES {
                return Err(PackedError::UnknownSlot(packed.slot));
            }
            let old = self.flights.get(index).and_then(Option::as_ref);
            let aircraft = packed.apply(old.map(|row| &row.aircraft))?;
            let motion = packed.motion_of(&aircraft).unwrap_or_else(|| {
                (self.advance_motion)(old.map(|row| (&row.motion, &row.aircraft)), &aircraft)
            });
            // Most rows go on: then who is where does not change.
            if old.is_none_or(|row| row.aircraft.icao24 != aircraft.icao24) {
                self.remove(packed.slot);
                self.slots.insert(aircraft.icao24, packed.slot);
            }
            self.put(index, aircraft, motion);
        }
        Ok(())
    }

    fn put(&mut self, index: usize, aircraft: Aircraft, motion: MotionState) {
        if index >= self.flights.len() {
            self.flights.resize(index + 1, None);
        }
        self.revision += 1;
        let row = MirrorRow { digest: aircraft.digest(), aircraft, motion, revision: self.revision };
        self.digest = self.digest.wrapping_add(row.digest);
        if let Some(old) = self.flights[index].replace(row) {
            self.digest = self.digest.wrapping_sub(old.digest);
        }
    }

    fn remove(&mut self, slot: Slot) {
        let Some(row) = self.flights.get_mut(slot.0 as usize).and_then(Option::take) else { return };
        self.revision += 1;
        self.digest = self.digest.wrapping_sub(row.digest);
        if self.slots.get(&row.aircraft.icao24) == Some(&slot) {
            self.slots.remove(&row.aircraft.icao24);
        }
    }
}
