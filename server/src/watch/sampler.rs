//! The task that samples: reads process, connections and counts, tells rows to the hub, and keeps the last hour.

use crate::auth::Auth;
use crate::clock;
use crate::history::History;
use crate::hub::HubHandle;
use crate::hub::status::Status;
use crate::metrics::Metrics;
use crate::settings::features::Features;
use crate::watch::memory::{Memory, minute};
use crate::watch::process::Reading;
use crate::watch::rows::{process_row, tasks};
use crate::watch::rules::findings;
use crate::watch::{Vitals, Watch, locked, notice};
use core::time::Duration;
use inflight_domain::system::{AlertRow, DependencyState};
use inflight_engine::Input;
use std::collections::BTreeMap;
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

impl Sampler {
    /// Samples until the hub has ended.
    pub async fn run(self) {
        let mut memory = Memory::new();
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
        let rows = self.rows(memory, status, process, connections, counts.mismatches);
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

    fn tell_alert(&self, row: &AlertRow) {
        match row.ended {
            Some(_) => info!(code = row.code, "alert ended"),
            None => {
                self.metrics.alerted(row.level.name());
                warn!(code = row.code, level = row.level.name(), text = row.text, "alert");
            }
        }
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
