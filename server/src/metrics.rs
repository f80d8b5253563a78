//! What `/metrics` shows: counters of our own recorder, so that two servers in one process stay apart.

use inflight_domain::{DisruptionKind, DropReason};
use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder, SharedString, Unit};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use std::sync::Arc;

/// All metrics of one server; clones share their values.
#[derive(Clone)]
pub struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
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
    pub tick_seconds: Histogram,
    /// New epochs: restart, seek or loop of a recording.
    pub resets: Counter,
    /// Aircraft in the table.
    pub aircraft: Gauge,
    /// Messages from clients.
    pub received: Counter,
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
    }
}

impl core::fmt::Debug for HistoryMetrics {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("HistoryMetrics")
    }
}

const HISTORY_DROPPED: &str = "inflight_history_dropped_total";

const META: Metadata<'static> = Metadata::new("inflight", Level::INFO, None);

/// Upper bounds in seconds; a poll takes longer than a tick.
const POLL_BUCKETS: [f64; 11] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0];

const TICK_BUCKETS: [f64; 11] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1];

const HISTOGRAMS: [(&str, &str, &[f64]); 2] = [
    ("producer_poll_latency_seconds", "Seconds that a request for states took", &POLL_BUCKETS),
    ("inflight_tick_seconds", "Seconds to advance the World and encode what changed", &TICK_BUCKETS),
];

const COUNTERS: &[(&str, &str)] = &[
    ("producer_polls_total", "Polls by how they ended"),
    ("producer_flights_published_total", "Accepted observations by topic"),
    ("producer_api_errors_total", "Failed requests by kind of error"),
    ("producer_deadletter_total", "Entries that were turned away"),
    ("inflight_source_polls_total", "Polls of each source by how they ended"),
    ("inflight_source_entries_total", "Entries that each source sent"),
    ("inflight_ticks_total", "Cuts that changed something"),
    ("inflight_resets_total", "New epochs: restart, seek or loop of a recording"),
    ("inflight_dropped_total", "Entries that were turned away, by reason"),
    ("inflight_disruptions_total", "Disruptions that were found, by kind"),
    ("inflight_messages_sent_total", "Messages sent to clients"),
    ("inflight_bytes_sent_total", "Bytes of messages sent to clients"),
    ("inflight_messages_received_total", "Messages from clients"),
    ("inflight_closes_total", "Connections that ended, by reason"),
    (HISTORY_DROPPED, "Polls that did not get into the history, by reason"),
    ("inflight_catchups_total", "Clients that were brought up to date by themselves, by kind"),
];

impl Metrics {
    /// Fresh metrics; `topics` are the names of the state and of the updates topic.
    #[must_use]
    pub fn new(topics: &[String; 2]) -> Self {
        let builder = HISTOGRAMS.iter().fold(PrometheusBuilder::new(), |builder, (name, _, bounds)| {
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
            tick_seconds: histogram("inflight_tick_seconds"),
            resets: counter("inflight_resets_total", vec![]),
            aircraft: gauge("inflight_aircraft"),
            received: counter("inflight_messages_received_total", vec![]),
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
        let gauge = |name: &'static str| self.recorder.register_gauge(&Key::from_name(name), &META);
        for reason in ["behind", "disk", "old"] {
            self.count(HISTORY_DROPPED, "reason", reason, 0);
        }
        HistoryMetrics {
            recorder: Arc::clone(&self.recorder),
            bytes: gauge("inflight_history_bytes"),
            segments: gauge("inflight_history_segments"),
        }
    }

    /// The text of `/metrics`.
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.run_upkeep();
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
    }

    fn count(&self, name: &'static str, label: &'static str, value: impl Into<SharedString>, count: u64) {
        let label = Label::new(label, value);
        self.recorder.register_counter(&key(name, vec![label]), &META).increment(count);
    }
}

fn key(name: &'static str, labels: Vec<Label>) -> Key {
    Key::from_parts(name, labels)
}

fn describe(recorder: &PrometheusRecorder) {
    for (name, text) in COUNTERS {
        recorder.describe_counter((*name).into(), Some(Unit::Count), (*text).into());
    }
    for (name, text) in [
        ("producer_current_flights", "Aircraft in the last poll"),
        ("inflight_aircraft", "Aircraft in the table"),
        ("inflight_connections", "Open connections"),
        ("inflight_history_bytes", "Bytes of the history on the disk"),
        ("inflight_history_segments", "Files of the history"),
    ] {
        recorder.describe_gauge(name.into(), Some(Unit::Count), text.into());
    }
    for (name, text, _) in HISTOGRAMS {
        recorder.describe_histogram(name.into(), Some(Unit::Seconds), text.into());
    }
}

/// The exporter leaves a histogram out until its first value; a name that comes and goes breaks dashboards.
fn empty_histogram(name: &str, help: &str, bounds: &[f64]) -> String {
    let buckets: String = bounds.iter().map(|bound| format!("{name}_bucket{{le=\"{bound}\"}} 0\n")).collect();
    format!(
        "# HELP {name} {help}\n# TYPE {name} histogram\n{buckets}{name}_bucket{{le=\"+Inf\"}} 0\n{name}_sum 0\n{name}_count 0\n\n"
    )
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
