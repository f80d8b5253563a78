//! What the watch counts beside the metrics: a recorder can be scraped, but not asked.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use metrics::Histogram;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts since the start of a server.
#[derive(Debug, Default)]
pub struct Tally {
    /// Messages from clients.
    pub received: AtomicU64,
    /// What clients did wrong, and what went wrong with them.
    pub errors: AtomicU64,
    /// Connections that broke, or that we had to end.
    pub broken: AtomicU64,
    /// Messages and connections over a limit.
    pub rate_limited: AtomicU64,
    /// Tables of clients that were not ours.
    pub mismatches: AtomicU64,
    /// Polls that the disk did not take.
    pub history_dropped: AtomicU64,
    /// Defects that were survived.
    pub panics: AtomicU64,
    /// Runs of agents that failed.
    pub agent_failures: AtomicU64,
    /// Decisions of agents below LOW_CONFIDENCE.
    pub agent_doubts: AtomicU64,
}

/// The counts at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages from clients.
    pub received: u64,
    /// What clients did wrong, and what went wrong with them.
    pub errors: u64,
    /// Connections that broke, or that we had to end.
    pub broken: u64,
    /// Messages and connections over a limit.
    pub rate_limited: u64,
    /// Tables of clients that were not ours.
    pub mismatches: u64,
    /// Polls that the disk did not take.
    pub history_dropped: u64,
    /// Defects that were survived.
    pub panics: u64,
    /// Runs of agents that failed.
    pub agent_failures: u64,
    /// Decisions of agents below LOW_CONFIDENCE.
    pub agent_doubts: u64,
}

/// How long ticks take: all of them as a histogram, the newest by themselves.
#[derive(Clone)]
pub struct TickTimes {
    histogram: Histogram,
    newest_ms: Arc<Mutex<Vec<f64>>>,
}

/// The newest ticks that are remembered, if nobody takes them.
const NEWEST: usize = 4096;

impl Tally {
    /// The counts now.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            received: count(&self.received),
            errors: count(&self.errors),
            broken: count(&self.broken),
            rate_limited: count(&self.rate_limited),
            mismatches: count(&self.mismatches),
            history_dropped: count(&self.history_dropped),
            panics: count(&self.panics),
            agent_failures: count(&self.agent_failures),
            agent_doubts: count(&self.agent_doubts),
        }
    }

    /// One more.
    pub fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl TickTimes {
    /// Ticks of this histogram.
    #[must_use]
    pub fn new(histogram: Histogram) -> Self {
        Self { histogram, newest_ms: Arc::default() }
    }

    /// A tick took so long.
    pub fn record(&self, took: Duration) {
        self.histogram.record(took);
        let mut newest = self.newest_ms.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.len() < NEWEST {
            newest.push(took.as_secs_f64() * 1000.0);
        }
    }

    /// Milliseconds below which 95 of 100 ticks stayed since the last time that this was asked.
    #[must_use]
    pub fn take_p95_ms(&self) -> Option<f64> {
        let mut newest = core::mem::take(&mut *self.newest_ms.lock().unwrap_or_else(PoisonError::into_inner));
        newest.sort_unstable_by(f64::total_cmp);
        let place = (newest.len() * 95).div_ceil(100).checked_sub(1)?;
        newest.get(place).map(|ms| (ms * 100.0).round() / 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ninety_five_of_a_hundred() {
        let ticks = TickTimes::new(Histogram::noop());
        assert_eq!(ticks.take_p95_ms(), None);
        (1..=100).rev().for_each(|ms| ticks.record(Duration::from_millis(ms)));
        assert_eq!(ticks.take_p95_ms(), Some(95.0));
        ticks.record(Duration::from_micros(1234));
        assert_eq!(ticks.take_p95_ms(), Some(1.23));
    }
}
