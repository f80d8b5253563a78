//! What happened, counted by kind.

use crate::metrics::tally::Tally;
use crate::metrics::{META, Metrics, key};
use core::time::Duration;
use inflight_domain::{DisruptionKind, DropReason};
use metrics::{Key, Label, Recorder, SharedString};

impl Metrics {
    /// A poll ended; `status` in the words of specification 003.
    pub fn poll(&self, status: &'static str) {
        self.count("producer_polls_total", "status", status, 1);
    }

    /// A poll of one source ended; for SBS a second in which something came, or a connection that did not hold.
    pub fn source_poll(&self, source: &str, status: &'static str) {
        let labels = vec![Label::new("source", source.to_owned()), Label::new("status", status)];
        self.recorder.register_counter(&key("inflight_source_polls_total", labels), &META).increment(1);
    }

    /// A question of an agent was answered, or was not.
    pub fn reasoned(&self, by: &'static str, outcome: &'static str, took: Duration) {
        let labels = vec![Label::new("by", by), Label::new("outcome", outcome)];
        self.recorder.register_counter(&key("inflight_reasoner_answers_total", labels), &META).increment(1);
        self.recorder.register_histogram(&Key::from_name("inflight_reasoner_seconds"), &META).record(took);
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

    /// A client was brought up to date by itself: `snapshot` or `changes`.
    pub fn catch_up(&self, kind: &'static str) {
        self.count("inflight_catchups_total", "kind", kind, 1);
    }

    /// Logs or spans reached the collector.
    pub fn telemetry_exported(&self, signal: &'static str, count: u64) {
        self.count("inflight_telemetry_exported_total", "signal", signal, count);
    }

    /// Logs or spans did not: `behind` (too many waited), `refused` (the collector did not take them).
    pub fn telemetry_lost(&self, reason: &'static str, count: u64) {
        self.count("inflight_telemetry_lost_total", "reason", reason, count);
    }
}
