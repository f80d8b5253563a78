//! The task that samples: reads process, connections and counts, tells rows to the hub, and keeps the last hour.

use crate::auth::Auth;
use crate::clock;
use crate::history::History;
use crate::hub::HubHandle;
use crate::hub::status::Status;
use crate::metrics::Metrics;
use crate::metrics::tally::Counts;
use crate::settings::features::Features;
use crate::watch::alerts::Alerts;
use crate::watch::process::{Process, Reading, free_bytes};
use crate::watch::roster::Sent;
use crate::watch::rules::{Figures, findings};
use crate::watch::{Vitals, Watch, locked, notice};
use core::time::Duration;
use inflight_domain::system::{
    AlertRow, DependencyState, LimitsRow, ProcessRow, ServerRow, TopicForm, TopicRow,
};
use inflight_domain::{Epoch, UnixMillis};
use inflight_engine::Input;
use inflight_wire::limits::{MESSAGE_BYTES, STALL_MS};
use inflight_wire::{EVENT_TOPICS, TOPIC_DISRUPTIONS, TOPIC_FLIGHTS, TOPIC_SYSTEM};
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::time::Instant;
use tokio::sync::watch;
use tracing::{info, warn};

/// What the sampler looks at.
pub struct Sampler {
    /// Where it leaves what it finds.
    pub watch: Watch,
    /// Who may do how much.
    pub auth: Auth,
    /// What is switched on.
    pub features: watch::Receiver<Features>,
    /// The way to the engine.
    pub hub: HubHandle,
    /// All metrics.
    pub metrics: Metrics,
    /// What is kept of the past.
    pub history: History,
    /// Where data is kept.
    pub folder: PathBuf,
    /// Time between samples.
    pub every: Duration,
}

/// What it remembers from one sample to the next.
struct Memory {
    process: Process,
    started_at: UnixMillis,
    at: Instant,
    sent: Sent,
    counts: VecDeque<Counts>,
    alerts: Alerts,
    told: BTreeMap<String, ServerRow>,
    epoch: Epoch,
}

/// Samples in a minute.
const MINUTE: usize = 12;

impl Sampler {
    /// Samples until the hub has ended.
    pub async fn run(self) {
        let mut memory = Memory {
            process: Process::new(),
            started_at: clock::now(),
            at: Instant::now(),
            sent: Sent::default(),
            counts: VecDeque::from([Counts::default()]),
            alerts: Alerts::default(),
            told: BTreeMap::new(),
            epoch: Epoch(0),
        };
        let mut status = self.hub.follow_status();
        let mut samples = tokio::time::interval(self.every);
        samples.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let inputs = tokio::select! {
                _ = samples.tick() => self.sample(&mut memory, &status.borrow().clone()),
                changed = status.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    memory.anew(status.borrow_and_update().epoch)
                }
            };
            if !inputs.is_empty() && self.hub.feed(inputs).await.is_err() {
                return;
            }
        }
    }

    fn sample(&self, memory: &mut Memory, status: &Status) -> Vec<Input> {
        let now = clock::now();
        let elapsed_s = memory.at.elapsed().as_secs_f64().max(0.001);
        memory.at = Instant::now();
        self.look_at_disks();
        self.metrics.settle();
        let reading = memory.process.read();
        let tick_p95_ms = self.metrics.tick_seconds.take_p95_ms();
        let counts = self.metrics.tally.counts();
        let before = memory.counts.back().copied().unwrap_or_default();
        memory.counts.push_back(counts);
        let roster = self.watch.roster();
        let sent = roster.sent();
        let connections = roster.row(&sent, &memory.sent, elapsed_s, self.auth.counts().refused());
        memory.sent = sent;

        let figures =
            self.figures(status, &reading, tick_p95_ms, connections.open, minute(&mut memory.counts));
        let changed = memory.alerts.step(now, findings(&figures));
        changed.iter().for_each(|row| self.tell_alert(row));

        let rate = |now: u64, then: u64| now.saturating_sub(then) as f64 / elapsed_s;
        let (messages_per_s, bytes_per_s) =
            connections.by.iter().fold((0.0, 0.0), |(messages, bytes), row| {
                (messages + row.messages_per_s, bytes + row.bytes_per_s)
            });
        *locked(&self.watch.0.vitals) = Vitals {
            messages_per_s: messages_per_s + rate(counts.received, before.received),
            errors_per_s: rate(counts.errors, before.errors),
            cpu_share: figures.cpu_pct.map(|pct| pct / 100.0),
            memory_share: figures.memory_share,
            tick_p95_ms,
            alerts: memory.alerts.standing().cloned().collect(),
        };
        // What a full disk refuses of others, it must not take of us, or it would seem to be well again.
        let journal_is_up = self.hub.follow_journal().is_none_or(|state| state.borrow().code.is_empty());
        if !changed.is_empty() && journal_is_up {
            notice::publish(&self.hub, notice::of(self.watch.health(), &self.watch.vitals(), &changed, now));
        }
        let memory_bytes = reading.memory_bytes.map(|bytes| bytes as f64);
        let point = [
            Some(connections.open as f64),
            Some(messages_per_s),
            Some(bytes_per_s),
            reading.cpu_pct,
            memory_bytes,
            tick_p95_ms,
            Some(status.aircraft as f64),
        ];
        locked(&self.watch.0.trend).push(now, point);
        self.show(memory, &reading, figures.disk_free, status);
        let process = process_row(memory.started_at, &reading, tick_p95_ms);
        let mut rows = vec![ServerRow::Process(process), ServerRow::Connections(connections)];
        rows.extend(self.topics(status, counts.mismatches));
        rows.push(ServerRow::Limits(self.limits()));
        rows.extend(memory.alerts.rows().cloned().map(ServerRow::Alert));
        rows.extend(self.watch.dependencies().into_iter().map(ServerRow::Dependency));
        let mut inputs = memory.anew(status.epoch);
        inputs.extend(memory.differences(rows));
        inputs
    }

    fn look_at_disks(&self) {
        use DependencyState::{Degraded, Up};
        if self.history.keep_min() > 0 {
            let fails = self.history.state().problem.is_some();
            let (state, code) = if fails { (Degraded, "unwritable") } else { (Up, "") };
            self.watch.tell("history", state, code);
        }
        if let Some(journal) = self.hub.follow_journal() {
            let (state, code) = journal.borrow().told();
            self.watch.tell("journal", state, code);
        }
    }

    fn figures(
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

    fn tell_alert(&self, row: &AlertRow) {
        match row.ended {
            Some(_) => info!(code = row.code, "alert ended"),
            None => {
                self.metrics.alerted(row.level.name());
                warn!(code = row.code, level = row.level.name(), text = row.text, "alert");
            }
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
        rows.extend(EVENT_TOPICS.iter().map(|name| row(name, TopicForm::Event, None, None)));
        rows
    }

    /// Sets the gauges of a sample.
    fn show(&self, memory: &Memory, reading: &Reading, disk_free: Option<u64>, status: &Status) {
        let metrics = &self.metrics;
        metrics.touch();
        memory.sent.show(metrics);
        let set = |name, value: Option<f64>| {
            if let Some(value) = value {
                metrics.set(name, None, value);
            }
        };
        set("process_resident_memory_bytes", reading.memory_bytes.map(|bytes| bytes as f64));
        set("process_open_fds", reading.open_files.map(|count| count as f64));
        set("process_start_time_seconds", Some(memory.started_at.seconds()));
        set("inflight_tasks", Some(tasks() as f64));
        set("inflight_disk_free_bytes", disk_free.map(|bytes| bytes as f64));
        set("inflight_lag_cuts", Some(self.watch.roster().lag_cuts(status.cut.0) as f64));
        if let Some(seconds) = reading.cpu_s {
            metrics.processor_time(seconds);
        }
        // Rooms are many: by kind, so that nobody can make series without end.
        let mut by_kind: BTreeMap<String, u64> = BTreeMap::new();
        for (topic, count) in self.watch.roster().subscribers() {
            let kind = topic.split_once('/').map_or(topic.as_str(), |(kind, _)| kind);
            *by_kind.entry(kind.to_owned()).or_default() += count;
        }
        for (kind, count) in by_kind {
            metrics.set("inflight_subscribers", Some(("topic", kind)), count as f64);
        }
        for level in inflight_domain::system::AlertLevel::ALL {
            let standing = memory.alerts.standing().filter(|row| row.level == level).count();
            metrics.set("inflight_alerts", Some(("level", level.name().to_owned())), standing as f64);
        }
    }
}

impl Memory {
    /// Tells every row again in an epoch that began without them.
    fn anew(&mut self, epoch: Epoch) -> Vec<Input> {
        if core::mem::replace(&mut self.epoch, epoch) == epoch {
            return Vec::new();
        }
        self.told.values().cloned().map(Input::Server).collect()
    }

    /// What the hub does not know yet.
    fn differences(&mut self, rows: Vec<ServerRow>) -> Vec<Input> {
        let mut before = core::mem::take(&mut self.told);
        let mut inputs = Vec::new();
        for row in rows {
            let key = row.key();
            if before.remove(&key).as_ref() != Some(&row) {
                inputs.push(Input::Server(row.clone()));
            }
            self.told.insert(key, row);
        }
        inputs.extend(before.into_keys().map(Input::ServerGone));
        inputs
    }
}

/// What was counted in the last minute.
fn minute(counts: &mut VecDeque<Counts>) -> Counts {
    while counts.len() > MINUTE + 1 {
        counts.pop_front();
    }
    let (first, last) =
        (counts.front().copied().unwrap_or_default(), counts.back().copied().unwrap_or_default());
    Counts {
        received: last.received.saturating_sub(first.received),
        errors: last.errors.saturating_sub(first.errors),
        broken: last.broken.saturating_sub(first.broken),
        rate_limited: last.rate_limited.saturating_sub(first.rate_limited),
        mismatches: last.mismatches.saturating_sub(first.mismatches),
        history_dropped: last.history_dropped.saturating_sub(first.history_dropped),
        panics: last.panics.saturating_sub(first.panics),
        agent_failures: last.agent_failures.saturating_sub(first.agent_failures),
        agent_doubts: last.agent_doubts.saturating_sub(first.agent_doubts),
    }
}

fn process_row(started_at: UnixMillis, reading: &Reading, tick_p95_ms: Option<f64>) -> ProcessRow {
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

fn tasks() -> u64 {
    tokio::runtime::Handle::current().metrics().num_alive_tasks() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_told_and_all_of_it_in_a_new_epoch() {
        let mut memory = Memory {
            process: Process::new(),
            started_at: UnixMillis(0),
            at: Instant::now(),
            sent: Sent::default(),
            counts: VecDeque::new(),
            alerts: Alerts::default(),
            told: BTreeMap::new(),
            epoch: Epoch(1),
        };
        let limits = |rate_limited| ServerRow::Limits(LimitsRow { rate_limited, ..LimitsRow::default() });
        let process = ServerRow::Process(process_row_for_test());
        assert_eq!(memory.differences(vec![limits(0), process.clone()]).len(), 2);
        assert_eq!(memory.differences(vec![limits(1), process.clone()]).len(), 1);
        assert!(memory.anew(Epoch(1)).is_empty());
        assert_eq!(memory.anew(Epoch(2)).len(), 2);
        let gone = memory.differences(vec![process]);
        assert!(matches!(&gone[..], [Input::ServerGone(key)] if key == "limits"), "{gone:?}");
    }

    fn process_row_for_test() -> ProcessRow {
        ProcessRow {
            version: String::new(),
            started_at: UnixMillis(0),
            cpu_pct: None,
            memory_bytes: None,
            open_files: None,
            tasks: 0,
            tick_p95_ms: None,
        }
    }

    #[test]
    fn a_minute_is_counted() {
        let count = |received| Counts { received, ..Counts::default() };
        let mut counts: VecDeque<Counts> = (0..40).map(|number| count(number * 10)).collect();
        assert_eq!((minute(&mut counts).received, counts.len()), (120, MINUTE + 1));
    }
}
