//! The rows of the `system` topic and the size of the table, for health checks and the plain interface.

use inflight_domain::system::{DeadLetterRow, DropsRow, HistoryRow, ServerRow};
use inflight_domain::{Cut, Disruption, Epoch, SourceRow, SourceState, SystemRow, TopicKind, UnixMillis};
use inflight_engine::{EventLog, World};

/// What the hub knows, as of a cut.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Epoch of the cut.
    pub epoch: Epoch,
    /// Which cut.
    pub cut: Cut,
    /// Time of what is shown.
    pub stream: UnixMillis,
    /// Aircraft in the table.
    pub aircraft: usize,
    /// Sources by name.
    pub sources: Vec<SourceRow>,
    /// Counts of entries that were turned away, by reason.
    pub drops: Vec<DropsRow>,
    /// The newest of these entries, newest first.
    pub dead_letters: Vec<DeadLetterRow>,
    /// What can be looked back at.
    pub history: Option<HistoryRow>,
    /// What the server tells of itself.
    pub server: Vec<ServerRow>,
    /// Disruptions, the newest first.
    pub disruptions: Vec<Disruption>,
    /// Entries at hand of the event topics that are no rooms.
    pub entries: Vec<(TopicKind, usize)>,
}

impl Status {
    /// The state of a World.
    #[must_use]
    pub fn of(world: &World) -> Self {
        let (engine, position) = (world.engine(), world.position());
        let mut status = Self {
            epoch: position.epoch,
            cut: position.cut,
            stream: UnixMillis(engine.clock().stream_ms),
            aircraft: engine.flights().len(),
            entries: entries(world.log()),
            ..Self::default()
        };
        for row in engine.system().rows() {
            match row {
                SystemRow::Source(row) => status.sources.push(row.clone()),
                SystemRow::Drops(row) => status.drops.push(row.clone()),
                SystemRow::History(row) => status.history = Some(*row),
                SystemRow::Server(row) => status.server.push(row.as_ref().clone()),
                SystemRow::DeadLetter(row) => status.dead_letters.push(row.clone()),
            }
        }
        status.disruptions = engine.disruptions().rows().cloned().collect();
        status.disruptions.sort_by_key(|row| core::cmp::Reverse(row.began));
        status
            .dead_letters
            .sort_by_key(|row| (core::cmp::Reverse(row.letter.at), core::cmp::Reverse(row.place)));
        status
    }

    /// Whether the state of every source is known, so that what is shown can be labelled honestly.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.sources.is_empty() && self.sources.iter().all(|row| row.state != SourceState::Starting)
    }
}

/// Entries at hand of the event topics that are no rooms.
#[must_use]
pub fn entries(log: &EventLog) -> Vec<(TopicKind, usize)> {
    let kinds = TopicKind::ALL.into_iter().filter(|kind| !kind.is_room());
    kinds.map(|kind| (kind, log.count(kind))).collect()
}
