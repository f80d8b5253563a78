//! Names of all metrics with what they say, and what of them stands there before anything happens.

use metrics::{Recorder, Unit};
use metrics_exporter_prometheus::PrometheusRecorder;

/// Polls that did not get into the history.
pub const HISTORY_DROPPED: &str = "inflight_history_dropped_total";

/// Upper bounds in seconds; a poll takes longer than a tick.
const POLL_BUCKETS: [f64; 11] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0];

const TICK_BUCKETS: [f64; 11] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1];

/// Name, what it says, upper bounds in seconds.
pub const HISTOGRAMS: [(&str, &str, &[f64]); 5] = [
    ("producer_poll_latency_seconds", "Seconds that a request for states took", &POLL_BUCKETS),
    ("inflight_tick_seconds", "Seconds to advance the World and encode what changed", &TICK_BUCKETS),
    ("ws_message_latency_seconds", "Seconds from a client's message to its answer", &TICK_BUCKETS),
    ("inflight_reasoner_seconds", "Seconds from a question of an agent to its answer", &POLL_BUCKETS),
    ("inflight_agent_question_seconds", "Seconds until a question of a run was answered", &POLL_BUCKETS),
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
    ("inflight_digest_mismatches_total", "Times that a client's table was not ours, by topic"),
    ("inflight_rate_limited_total", "Messages and connections over a limit"),
    ("inflight_http_errors_total", "Requests that were refused, by code"),
    ("inflight_audit_entries_total", "Entries of the audit trail"),
    ("inflight_audit_lost_total", "Entries that did not get into the audit trail, by reason"),
    ("inflight_telemetry_exported_total", "Logs and spans that reached the collector"),
    ("inflight_telemetry_lost_total", "Logs and spans that did not, by reason"),
    ("inflight_reasoner_answers_total", "Questions of agents, by who answered and how it ended"),
    ("inflight_panics_total", "Defects that were survived, by part"),
    ("inflight_alerts_total", "Alerts that began, by level"),
    ("inflight_agent_events_total", "Events of runs of agents"),
    ("inflight_agent_inputs_total", "Inputs for agents, by source and what became of them"),
    (
        "inflight_agent_stream_lost_total",
        "Times that agents may have missed entries, which the journal had no more",
    ),
    ("inflight_agent_runs_total", "Runs of agents that ended, by how"),
    ("inflight_agent_questions_total", "Questions of runs, by kind and how they were answered"),
    ("inflight_agent_effects_total", "Deliveries of effects, by how they ended"),
    ("inflight_agent_edits_total", "Writes into what agents go by, by table and what became of them"),
    ("inflight_agent_service_calls_total", "Calls of services of other systems, by service and outcome"),
    ("inflight_agent_reviews_total", "Items of the review queue that were decided, by how"),
    ("process_cpu_seconds_total", "Processor time of the process"),
    ("websocket_message_rate", "Number of WebSocket messages processed"),
    ("websocket_errors", "Number of WebSocket errors"),
    ("ws_connections_total", "WebSocket connections since the start"),
    ("ws_messages_total", "WebSocket messages from clients, by type"),
    ("ws_errors_total", "WebSocket errors, by type"),
];

const GAUGES: &[(&str, &str)] = &[
    ("producer_current_flights", "Aircraft in the last poll"),
    ("inflight_aircraft", "Aircraft in the table"),
    ("inflight_connections", "Open connections"),
    ("inflight_history_bytes", "Bytes of the history on the disk"),
    ("inflight_history_segments", "Files of the history"),
    ("inflight_lag_cuts", "Cuts that the slowest connection is behind"),
    ("inflight_subscribers", "Connections by kind of topic"),
    ("inflight_alerts", "Alerts that stand, by level"),
    ("inflight_agent_stream_waiting", "Entries of event topics that wait for the agents"),
    ("inflight_tasks", "Tasks of the runtime"),
    ("inflight_disk_free_bytes", "Free bytes where the data is kept"),
    ("process_resident_memory_bytes", "Resident memory"),
    ("process_open_fds", "Open files and sockets"),
    ("process_start_time_seconds", "When the process started, in seconds since 1970"),
    ("websocket_connected_clients", "Number of connected WebSocket clients"),
];

/// Tells the recorder what each name says.
pub fn describe(recorder: &PrometheusRecorder) {
    for (name, text) in COUNTERS {
        recorder.describe_counter((*name).into(), Some(Unit::Count), (*text).into());
    }
    for (name, text) in GAUGES {
        recorder.describe_gauge((*name).into(), Some(Unit::Count), (*text).into());
    }
    for (name, text, _) in HISTOGRAMS {
        recorder.describe_histogram(name.into(), Some(Unit::Seconds), text.into());
    }
}

/// The exporter leaves a histogram out until its first value; a name that comes and goes breaks dashboards.
#[must_use]
pub fn empty_histogram(name: &str, help: &str, bounds: &[f64]) -> String {
    let buckets: String = bounds.iter().map(|bound| format!("{name}_bucket{{le=\"{bound}\"}} 0\n")).collect();
    format!(
        "# HELP {name} {help}\n# TYPE {name} histogram\n{buckets}{name}_bucket{{le=\"+Inf\"}} 0\n{name}_sum 0\n{name}_count 0\n\n"
    )
}
