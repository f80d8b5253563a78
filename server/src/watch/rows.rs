//! What a sample becomes: rows of the `system` topic, and the figures that alerts are judged by.

use crate::hub::status::Status;
use crate::metrics::tally::Counts;
use crate::watch::memory::Memory;
use crate::watch::process::{Reading, free_bytes};
use crate::watch::rules::Figures;
use crate::watch::sampler::Sampler;
use inflight_domain::UnixMillis;
use inflight_domain::system::{ConnectionsRow, LimitsRow, ProcessRow, ServerRow, TopicForm, TopicRow};
use inflight_wire::limits::{MESSAGE_BYTES, STALL_MS};
use inflight_wire::{TOPIC_DISRUPTIONS, TOPIC_FLIGHTS, TOPIC_SYSTEM};

impl Sampler {
    /// All rows of a sample.
    pub(super) fn rows(
        &self,
        memory: &Memory,
        status: &Status,
        process: ProcessRow,
        connections: ConnectionsRow,
        mismatches: u64,
    ) -> Vec<ServerRow> {
        let mut rows = vec![ServerRow::Process(process), ServerRow::Connections(connections)];
        rows.extend(self.topics(status, mismatches));
        rows.push(ServerRow::Limits(self.limits()));
        rows.extend(memory.alerts.rows().cloned().map(ServerRow::Alert));
        rows.extend(self.watch.dependencies().into_iter().map(ServerRow::Dependency));
        rows
    }

    pub(super) fn figures(
        &self,
        status: &Status,
        reading: &Reading,
        tick_p95_ms: Option<f64>,
        open: u64,
        minute: Counts,
    ) -> Figures {
        let cores = std::thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64);
        let share = |used: u64, most: u64| used as f64 / most as f64;
        Figures {
            tick_p95_ms,
            tick_ms: self.hub.tick_ms as f64,
            cpu_pct: reading.cpu_pct.map(|pct| pct / cores),
            memory_share: reading.memory_bytes.zip(reading.memory_most).map(|(used, most)| share(used, most)),
            disk_free: free_bytes(&self.folder),
            open,
            minute,
            sources: status
                .sources
                .iter()
                .map(|row| (row.name.clone(), row.state, row.code.clone()))
                .collect(),
            dependencies: self.watch.dependencies(),
        }
    }

    fn limits(&self) -> LimitsRow {
        let limits = *self.auth.limits().borrow();
        LimitsRow {
            messages_per_minute: limits.messages_per_minute.into(),
            burst: limits.message_burst.into(),
            connections: limits.connections_max.into(),
            connections_per_user: limits.connections_per_user.into(),
            message_bytes: MESSAGE_BYTES as u64,
            sign_in_ms: u64::try_from(limits.sign_in.as_millis()).unwrap_or(u64::MAX),
            stall_ms: STALL_MS,
            rate_limited: self.auth.counts().rate_limited(),
            features: self.features.borrow().rows(),
        }
    }

    fn topics(&self, status: &Status, mismatches: u64) -> Vec<ServerRow> {
        let subscribers = self.watch.roster().subscribers();
        let system =
            status.sources.len() + status.drops.len() + status.dead_letters.len() + status.server.len();
        let row = |name: &str, form, rows: Option<usize>, digest_mismatches| {
            ServerRow::Topic(TopicRow {
                name: name.to_owned(),
                form,
                rows: rows.map(|rows| rows as u64),
                subscribers: subscribers.get(name).copied().unwrap_or(0),
                digest_mismatches,
            })
        };
        let state = TopicForm::State;
        let mut rows = vec![
            row(TOPIC_FLIGHTS, state, Some(status.aircraft), Some(mismatches)),
            row(TOPIC_SYSTEM, state, Some(system), None),
            row(TOPIC_DISRUPTIONS, state, Some(status.disruptions.len()), None),
        ];
        let entries = status.entries.iter();
        rows.extend(entries.map(|(kind, count)| row(kind.name(), TopicForm::Event, Some(*count), None)));
        rows
    }
}

/// The row of the process.
#[must_use]
pub(super) fn process_row(started_at: UnixMillis, reading: &Reading, tick_p95_ms: Option<f64>) -> ProcessRow {
    ProcessRow {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at,
        cpu_pct: reading.cpu_pct,
        memory_bytes: reading.memory_bytes,
        open_files: reading.open_files,
        tasks: tasks(),
        tick_p95_ms,
    }
}

pub(super) fn tasks() -> u64 {
    tokio::runtime::Handle::current().metrics().num_alive_tasks() as u64
}
