//! What is counted of agents.

use crate::metrics::{META, Metrics, key};
use core::time::Duration;
use metrics::{Key, Label, Recorder, SharedString};

impl Metrics {
    /// Runs of agents went on by so many events.
    pub fn agent_events(&self, count: u64) {
        self.count_plain("inflight_agent_events_total", count);
    }

    /// An input for agents came: `taken`, `repeated`, or why it was refused.
    pub fn agent_input(&self, source: &'static str, result: &'static str) {
        let labels = vec![Label::new("source", source), Label::new("result", result)];
        self.recorder.register_counter(&key("inflight_agent_inputs_total", labels), &META).increment(1);
    }

    /// So many times agents may have missed entries of event topics, because the journal had them no more.
    pub fn agent_stream_lost(&self, count: u64) {
        self.count_plain("inflight_agent_stream_lost_total", count);
    }

    /// So many entries of event topics wait for the agents.
    pub fn agent_stream_waiting(&self, count: usize) {
        self.set("inflight_agent_stream_waiting", None, count as f64);
    }

    /// A run of an agent ended: `done`, `failed` or `cancelled`.
    pub fn agent_run(&self, status: &'static str) {
        self.count("inflight_agent_runs_total", "status", status, 1);
    }

    /// A question of a run was answered, or not, after this long.
    pub fn agent_question(&self, kind: &'static str, result: impl Into<SharedString>, took: Duration) {
        let labels = vec![Label::new("kind", kind), Label::new("result", result.into())];
        self.recorder.register_counter(&key("inflight_agent_questions_total", labels), &META).increment(1);
        self.recorder
            .register_histogram(&Key::from_name("inflight_agent_question_seconds"), &META)
            .record(took);
    }

    /// A delivery ended: `done`, `again` or `failed`.
    pub fn agent_effect(&self, result: &'static str) {
        self.count("inflight_agent_effects_total", "result", result, 1);
    }

    /// Somebody wrote into a table of what agents go by: `done`, or the code of the refusal.
    pub fn agent_edit(&self, table: &'static str, result: &'static str) {
        let labels = vec![Label::new("table", table), Label::new("result", result)];
        self.recorder.register_counter(&key("inflight_agent_edits_total", labels), &META).increment(1);
    }

    /// A service of another system was asked: `answered`, `cached`, or the kind of failure.
    pub fn agent_service(&self, service: &'static str, result: impl Into<SharedString>) {
        let labels = vec![Label::new("service", service), Label::new("result", result.into())];
        self.recorder
            .register_counter(&key("inflight_agent_service_calls_total", labels), &META)
            .increment(1);
    }

    /// An item of the review queue was decided: `approve`, `reject`, `undo`, or `refused`.
    pub fn agent_review(&self, result: &'static str) {
        self.count("inflight_agent_reviews_total", "result", result, 1);
    }
}
