//! The engine: takes inputs, closes a cut, and writes the frames of that cut.

mod frames;

use crate::disruptions::DisruptionsTable;
use crate::flights::FlightsTable;
use crate::system::SystemTable;
use inflight_domain::aircraft::FEED_MAX;
use inflight_domain::system::HistoryRow;
#[cfg(not(target_family = "wasm"))]
use inflight_domain::system::ServerRow;
use inflight_domain::{Cut, DisruptionKind, DropReason, Epoch, SmallMap, SourceRow, SystemRow, UnixMillis};
use inflight_sky::disruption::Watch;
use inflight_sky::{Dropped, Poll, Tracker, freshness, tracker};
use inflight_wire::Resume;
use inflight_wire::frame::StreamClock;

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
    /// The last cut in which a table changed, and the one before it.
    state_cut: Cut,
    base: Cut,
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
            state_cut: Cut(0),
            base: Cut(0),
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
            self.close();
        }
        out
    }

    /// Epoch and cut.
    #[must_use]
    pub fn position(&self) -> Resume {
        Resume { epoch: self.epoch, cut: self.cut }
    }

    /// The last cut in which a table changed.
    #[must_use]
    pub fn state_cut(&self) -> Cut {
        self.state_cut
    }

    /// The last cut before it in which a table changed: a tick takes clients on that are there, or between.
    #[must_use]
    pub fn base(&self) -> Cut {
        self.base
    }

    /// Closes a cut for what changed beside the tables.
    pub(crate) fn close(&mut self) {
        self.cut = self.cut.next();
        (self.base, self.state_cut) = (self.state_cut, self.cut);
    }

    /// Goes to a later cut without any change of a table.
    pub(crate) fn pass(&mut self, cut: Cut) {
        self.cut = self.cut.max(cut);
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
}
