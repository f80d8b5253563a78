//! What `/metrics` shows: counters of our own recorder, so that two servers in one process stay apart.

pub mod names;
pub mod tally;

use crate::metrics::names::{HISTOGRAMS, HISTORY_DROPPED, describe, empty_histogram};
use crate::metrics::tally::{Tally, TickTimes};
use core::time::Duration;
use inflight_domain::{DisruptionKind, DropReason};
use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder, SharedString};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use metrics_util::MetricKindMask;
use std::sync::Arc;

/// All metrics of one server; clones share their values.
#[derive(Clone)]
pub struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
    /// What the watch counts.
    pub tally: Arc<Tally>,
    /// Seconds that each request for states took.
    pub poll_latency: Histogram,
    /// Aircraft in the last poll.
    pub current_flights: Gauge,
    /// Entries that were turned away.
    pub dead_letters: Counter,
    /// Accepted observations, by the name of the state and of the updates topic.
    pub published: [Counter; 2],
    /// Cuts that changed something.
    pub ticks: Counter,
    /// Seconds that it took to advance the World and encode what changed.
    pub tick_seconds: TickTimes,
    /// New epochs: restart, seek or loop of a recording.
    pub resets: Counter,
    /// Aircraft in the table.
    pub aircraft: Gauge,
    /// Messages from clients.
    pub received: Counter,
    /// Seconds from a client's message to its answer.
    pub message_latency: Histogram,
}

/// Counters of one endpoint of connections.
#[derive(Clone)]
pub struct EndpointMetrics {
    /// Open connections.
    pub open: Gauge,
    /// Messages sent.
    pub messages: Counter,
    /// Bytes of those messages, without WebSocket headers.
    pub bytes: Counter,
}

/// What is kept of the past.
#[derive(Clone)]
pub struct HistoryMetrics {
    recorder: Arc<PrometheusRecorder>,
    tally: Arc<Tally>,
    /// Bytes on the disk.
    pub bytes: Gauge,
    /// Files.
    pub segments: Gauge,
}

impl HistoryMetrics {
    /// A poll did not get there: `behind` (the disk is slow), `disk` (it refused), `old` (out of order).
    pub fn dropped(&self, reason: &'static str) {
        self.recorder
            .register_counter(&key(HISTORY_DROPPED, vec![Label::new("reason", reason)]), &META)
            .increment(1);
        // What comes out of order is the source's affair, not the disk's.
        if reason != "old" {
            Tally::add(&self.tally.history_dropped);
        }
    }
}

impl core::fmt::Debug for HistoryMetrics {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("HistoryMetrics")
    }
}

const META: Metadata<'static> = Metadata::new("inflight", Level::INFO, None);

/// Labels that are known before anything happens.
const BEFORE_ANYTHING: [(&str, &str, &[&str]); 8] = [
    ("websocket_message_rate", "type", &["subscribe", "ping"]),
    ("ws_messages_total", "type", &["subscribe", "ping"]),
    ("websocket_errors", "type", CLIENT_ERRORS),
    ("ws_errors_total", "type", CLIENT_ERRORS),
    ("inflight_digest_mismatches_total", "topic", &["flights"]),
    ("inflight_panics_total", "part", &["hub", "request"]),
    ("inflight_alerts_total", "level", &["info", "attention", "alarm"]),
    ("inflight_audit_lost_total", "reason", &["behind", "disk"]),
];

/// Mistakes of clients: those of inflight.v1, then those that are answered in the words of specification 004.
const CLIENT_ERRORS: &[&str] =
    &["bad_message", "rate_limited", "validation_error", "processing_error", "auth_failed"];

/// A gauge that nobody touched for this long ends; the watch touches those of what is there.
const IDLE_AFTER: Duration = Duration::from_secs(300);

impl Metrics {
    /// Fresh metrics; `topics` are the names of the state and of the updates topic.
    #[must_use]
    pub fn new(topics: &[String; 2]) -> Self {
        let builder = PrometheusBuilder::new().idle_timeout(MetricKindMask::GAUGE, Some(IDLE_AFTER));
        let builder = HISTOGRAMS.iter().fold(builder, |builder, (name, _, bounds)| {
            // Only an empty list of bounds is refused.
            builder.set_buckets_for_metric(Matcher::Full((*name).to_owned()), bounds).unwrap_or_default()
        });
        let recorder = Arc::new(builder.build_recorder());
        describe(&recorder);
        let counter = |name: &'static str, labels| recorder.register_counter(&key(name, labels), &META);
        let histogram = |name: &'static str| recorder.register_histogram(&Key::from_name(name), &META);
        let gauge = |name: &'static str| recorder.register_gauge(&Key::from_name(name), &META);
        let topic = |name: &String| {
            counter("producer_flights_published_total", vec![Label::new("topic", name.clone())])
        };
        let metrics = Self {
            poll_latency: histogram("producer_poll_latency_seconds"),
            current_flights: gauge("producer_current_flights"),
            dead_letters: counter("producer_deadletter_total", vec![]),
            published: topics.each_ref().map(topic),
            ticks: counter("inflight_ticks_total", vec![]),
            tick_seconds: TickTimes::new(histogram("inflight_tick_seconds")),
            resets: counter("inflight_resets_total", vec![]),
            aircraft: gauge("inflight_aircraft"),
            received: counter("inflight_messages_received_total", vec![]),
            message_latency: histogram("ws_message_latency_seconds"),
            tally: Arc::default(),
            handle: recorder.handle(),
            recorder,
        };
        metrics.show_from_the_start();
        metrics
    }

    /// A poll ended; `status` in the words of specification 003.
    pub fn poll(&self, status: &'static str) {
        self.count("producer_polls_total", "status", status, 1);
    }

    /// A poll of one source ended; for SBS a second in which something came, or a connection that did not hold.
    pub fn source_poll(&self, source: &str, status: &'static str) {
        let labels = vec![Label::new("source", source.to_owned()), Label::new("status", status)];
        self.recorder.register_counter(&key("inflight_source_polls_total", labels), &META).increment(1);
    }

    /// Observations of one source that went into the table or were turned away.
    pub fn source_entries(&self, source: &str, count: u64) {
        self.count("inflight_source_entries_total", "source", source.to_owned(), count);
    }

    /// A request failed.
    pub fn api_error(&self, error_type: impl Into<SharedString>) {
        self.count("producer_api_errors_total", "error_type", error_type, 1);
    }

    /// Entries were turned away.
    pub fn dropped(&self, reason: DropReason, count: u64) {
        // What another source knows better is no error of this one.
        if !reason.is_ordinary() {
            self.dead_letters.increment(count);
        }
        self.count("inflight_dropped_total", "reason", reason.name(), count);
    }

    /// Disruptions were found.
    pub fn disrupted(&self, kind: DisruptionKind, count: u64) {
        self.count("inflight_disruptions_total", "kind", kind.name(), count);
    }

    /// A connection ended.
    pub fn closed(&self, reason: &'static str) {
        self.count("inflight_closes_total", "reason", reason, 1);
        match reason {
            "by_client" | "going_away" => {}
            "gone" => Tally::add(&self.tally.broken),
            _ => {
                Tally::add(&self.tally.broken);
                self.client_error(reason);
            }
        }
    }

    /// A WebSocket opened.
    pub fn websocket_opened(&self) {
        self.count_plain("ws_connections_total", 1);
        self.gauge("websocket_connected_clients").increment(1.0);
    }

    /// A WebSocket closed.
    pub fn websocket_closed(&self) {
        self.gauge("websocket_connected_clients").decrement(1.0);
    }

    /// A message of a client was understood as one of this type.
    pub fn client_message(&self, kind: &'static str) {
        for name in ["websocket_message_rate", "ws_messages_total"] {
            self.count(name, "type", kind, 1);
        }
    }

    /// A client did something that is not possible, or its connection ended badly.
    pub fn client_error(&self, kind: &'static str) {
        Tally::add(&self.tally.errors);
        for name in ["websocket_errors", "ws_errors_total"] {
            self.count(name, "type", kind, 1);
        }
    }

    /// A request was refused.
    pub fn http_error(&self, code: &'static str) {
        self.count("inflight_http_errors_total", "code", code, 1);
    }

    /// A client's table of this topic was not ours.
    pub fn digest_mismatch(&self, topic: &'static str) {
        Tally::add(&self.tally.mismatches);
        self.count("inflight_digest_mismatches_total", "topic", topic, 1);
    }

    /// A message or a connection went over a limit.
    pub fn rate_limited(&self) {
        Tally::add(&self.tally.rate_limited);
        self.count_plain("inflight_rate_limited_total", 1);
    }

    /// A defect was survived.
    pub fn survived(&self, part: &'static str) {
        Tally::add(&self.tally.panics);
        self.count("inflight_panics_total", "part", part, 1);
    }

    /// An alert of this level began.
    pub fn alerted(&self, level: &'static str) {
        self.count("inflight_alerts_total", "level", level, 1);
    }

    /// Entries got into the audit trail.
    pub fn audited(&self, count: u64) {
        self.count_plain("inflight_audit_entries_total", count);
    }

    /// Entries did not: `behind` (the disk is slow), `disk` (it refused).
    pub fn audit_lost(&self, reason: &'static str, count: u64) {
        self.count("inflight_audit_lost_total", "reason", reason, count);
    }

    /// Sets what is measured at each sample; one label at most.
    pub fn set(&self, name: &'static str, label: Option<(&'static str, String)>, value: f64) {
        let labels = label.into_iter().map(|(name, value)| Label::new(name, value)).collect();
        self.recorder.register_gauge(&key(name, labels), &META).set(value);
    }

    /// Processor time since the start, in whole seconds.
    pub fn processor_time(&self, seconds: f64) {
        let key = key("process_cpu_seconds_total", vec![]);
        self.recorder.register_counter(&key, &META).absolute(seconds as u64);
    }

    /// Says of gauges that change seldom that they still hold.
    pub fn touch(&self) {
        let seldom = ["inflight_history_bytes", "inflight_history_segments", "websocket_connected_clients"];
        seldom.into_iter().for_each(|name| self.gauge(name).increment(0.0));
        [&self.current_flights, &self.aircraft].into_iter().for_each(|gauge| gauge.increment(0.0));
    }

    /// A client was brought up to date by itself: `snapshot` or `changes`.
    pub fn catch_up(&self, kind: &'static str) {
        self.count("inflight_catchups_total", "kind", kind, 1);
    }

    /// Counters of one kind of connection.
    #[must_use]
    pub fn endpoint(&self, endpoint: &'static str, format: &'static str) -> EndpointMetrics {
        let labels = || vec![Label::new("endpoint", endpoint), Label::new("format", format)];
        EndpointMetrics {
            open: self.recorder.register_gauge(&key("inflight_connections", labels()), &META),
            messages: self.recorder.register_counter(&key("inflight_messages_sent_total", labels()), &META),
            bytes: self.recorder.register_counter(&key("inflight_bytes_sent_total", labels()), &META),
        }
    }

    /// What is kept of the past.
    #[must_use]
    pub fn history(&self) -> HistoryMetrics {
        for reason in ["behind", "disk", "old"] {
            self.count(HISTORY_DROPPED, "reason", reason, 0);
        }
        HistoryMetrics {
            recorder: Arc::clone(&self.recorder),
            tally: Arc::clone(&self.tally),
            bytes: self.gauge("inflight_history_bytes"),
            segments: self.gauge("inflight_history_segments"),
        }
    }

    /// Puts what histograms were told into their buckets; until then each value is kept, and a server that nobody
    /// scrapes would grow.
    pub fn settle(&self) {
        self.handle.run_upkeep();
    }

    /// The text of `/metrics`.
    #[must_use]
    pub fn render(&self) -> String {
        self.settle();
        let mut text = self.handle.render();
        for (name, help, bounds) in HISTOGRAMS {
            if !text.contains(name) {
                text.push_str(&empty_histogram(name, help, bounds));
            }
        }
        text
    }

    /// Counters whose labels are known stand at zero before anything happens, so that rates can be taken.
    fn show_from_the_start(&self) {
        for reason in DropReason::ALL {
            self.dropped(reason, 0);
        }
        for kind in DisruptionKind::ALL {
            self.disrupted(kind, 0);
        }
        for status in ["success", "rate_limited", "auth_failed", "timeout", "connection_error", "error"] {
            self.count("producer_polls_total", "status", status, 0);
        }
        for error in ["rate_limited", "auth_failed", "timeout", "connection"] {
            self.count("producer_api_errors_total", "error_type", error, 0);
        }
        for name in ["ws_connections_total", "inflight_rate_limited_total", "inflight_audit_entries_total"] {
            self.count_plain(name, 0);
        }
        for (name, label, values) in BEFORE_ANYTHING {
            values.iter().for_each(|value| self.count(name, label, *value, 0));
        }
        self.gauge("websocket_connected_clients").set(0.0);
    }

    fn gauge(&self, name: &'static str) -> Gauge {
        self.recorder.register_gauge(&Key::from_name(name), &META)
    }

    fn count_plain(&self, name: &'static str, count: u64) {
        self.recorder.register_counter(&Key::from_name(name), &META).increment(count);
    }

    fn count(&self, name: &'static str, label: &'static str, value: impl Into<SharedString>, count: u64) {
        let label = Label::new(label, value);
        self.recorder.register_counter(&key(name, vec![label]), &META).increment(count);
    }
}

fn key(name: &'static str, labels: Vec<Label>) -> Key {
    Key::from_parts(name, labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_specification_003_are_there() {
        let metrics = Metrics::new(&["flights.state".to_owned(), "flights.updates".to_owned()]);
        assert!(metrics.render().contains("producer_poll_latency_seconds_bucket{le=\"0.5\"} 0"));
        metrics.poll_latency.record(0.3);
        metrics.api_error("http_503");
        let text = metrics.render();
        for expected in [
            "# TYPE producer_polls_total counter",
            "producer_polls_total{status=\"success\"} 0",
            "producer_poll_latency_seconds_bucket{le=\"0.5\"} 1",
            "producer_flights_published_total{topic=\"flights.state\"} 0",
            "producer_flights_published_total{topic=\"flights.updates\"} 0",
            "producer_api_errors_total{error_type=\"http_503\"} 1",
            "producer_deadletter_total 0",
            "producer_current_flights 0",
            "inflight_dropped_total{reason=\"not_json\"} 0",
        ] {
            assert!(text.contains(expected), "{expected} in\n{text}");
        }
    }
}
