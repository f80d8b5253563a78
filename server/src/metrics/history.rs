//! Metrics of what is kept of the past.

use crate::metrics::names::HISTORY_DROPPED;
use crate::metrics::tally::Tally;
use crate::metrics::{META, Metrics, key};
use metrics::{Gauge, Label, Recorder};
use metrics_exporter_prometheus::PrometheusRecorder;
use std::sync::Arc;

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

impl Metrics {
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
}
