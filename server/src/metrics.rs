//! What `/metrics` shows: counters of our own recorder, so that two servers in one process stay apart.

mod agents;
mod counts;
pub mod history;
pub mod names;
pub mod tally;

pub use crate::metrics::history::HistoryMetrics;
use crate::metrics::names::{HISTOGRAMS, describe, empty_histogram};
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

const META: Metadata<'static> = Metadata::new("inflight", Level::INFO, None);

/// Labels that are known before anything happens.
const BEFORE_ANYTHING: [(&str, &str, &[&str]); 10] = [
    ("websocket_message_rate", "type", &["subscribe", "ping"]),
    ("ws_messages_total", "type", &["subscribe", "ping"]),
    ("websocket_errors", "type", CLIENT_ERRORS),
    ("ws_errors_total", "type", CLIENT_ERRORS),
    ("inflight_digest_mismatches_total", "topic", &["flights"]),
    ("inflight_panics_total", "part", &["hub", "request"]),
    ("inflight_alerts_total", "level", &["info", "attention", "alarm"]),
    ("inflight_audit_lost_total", "reason", &["behind", "disk"]),
    ("inflight_telemetry_exported_total", "signal", &["logs", "spans"]),
    ("inflight_telemetry_lost_total", "reason", &["behind", "refused"]),
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
