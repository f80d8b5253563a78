//! What connections were sent, by endpoint and form; the difference of two moments is a rate.

use crate::metrics::Metrics;
use crate::watch::roster::Kind;
use inflight_domain::system::EndpointRow;
use std::collections::BTreeMap;

/// What all connections were sent by now, by kind; the difference of two is a rate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent(pub(super) BTreeMap<Kind, (u64, u64, u64)>);

impl Sent {
    /// Rates by endpoint and form; kinds that nobody uses any more are left out.
    pub(super) fn rates(&self, before: &Self, elapsed_s: f64) -> Vec<EndpointRow> {
        let rate = |now: u64, then: u64| round(now.saturating_sub(then) as f64 / elapsed_s.max(0.001));
        let row = |(kind, (open, messages, bytes)): (&Kind, &(u64, u64, u64))| {
            let (_, messages_then, bytes_then) = before.0.get(kind).copied().unwrap_or_default();
            EndpointRow {
                endpoint: kind.0.to_owned(),
                form: kind.1.to_owned(),
                open: *open,
                messages_per_s: rate(*messages, messages_then),
                bytes_per_s: rate(*bytes, bytes_then),
            }
        };
        self.0.iter().map(row).filter(|row| row.open > 0 || row.messages_per_s > 0.0).collect()
    }

    /// Touches the gauge of each kind that is open, so that it does not end as idle.
    pub fn show(&self, metrics: &Metrics) {
        for ((endpoint, form), _) in self.0.iter().filter(|(_, (open, ..))| *open > 0) {
            metrics.endpoint(endpoint, form).open.increment(0.0);
        }
    }
}

/// One digit behind the point is enough for people, and keeps rows the same that are.
fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}
