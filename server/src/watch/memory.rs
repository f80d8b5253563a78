//! What the sampler remembers from one sample to the next, so that only what changed is told.

use crate::clock;
use crate::metrics::tally::Counts;
use crate::watch::alerts::Alerts;
use crate::watch::process::Process;
use crate::watch::sent::Sent;
use inflight_domain::system::ServerRow;
use inflight_domain::{Epoch, UnixMillis};
use inflight_engine::Input;
use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

/// What it remembers from one sample to the next.
pub(super) struct Memory {
    pub(super) process: Process,
    pub(super) started_at: UnixMillis,
    pub(super) at: Instant,
    pub(super) sent: Sent,
    pub(super) counts: VecDeque<Counts>,
    pub(super) alerts: Alerts,
    told: BTreeMap<String, ServerRow>,
    epoch: Epoch,
}

/// Samples in a minute.
const MINUTE: usize = 12;

impl Memory {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self {
            process: Process::new(),
            started_at: clock::now(),
            at: Instant::now(),
            sent: Sent::default(),
            counts: VecDeque::from([Counts::default()]),
            alerts: Alerts::default(),
            told: BTreeMap::new(),
            epoch: Epoch(0),
        }
    }

    /// Tells every row again in an epoch that began without them.
    pub(super) fn anew(&mut self, epoch: Epoch) -> Vec<Input> {
        if core::mem::replace(&mut self.epoch, epoch) == epoch {
            return Vec::new();
        }
        self.told.values().cloned().map(Input::Server).collect()
    }

    /// What the hub does not know yet.
    pub(super) fn differences(&mut self, rows: Vec<ServerRow>) -> Vec<Input> {
        let mut before = core::mem::take(&mut self.told);
        let mut inputs = Vec::new();
        for row in rows {
            let key = row.key();
            if before.remove(&key).as_ref() != Some(&row) {
                inputs.push(Input::Server(row.clone()));
            }
            self.told.insert(key, row);
        }
        inputs.extend(before.into_keys().map(Input::ServerGone));
        inputs
    }
}

/// What was counted in the last minute.
pub(super) fn minute(counts: &mut VecDeque<Counts>) -> Counts {
    while counts.len() > MINUTE + 1 {
        counts.pop_front();
    }
    let (first, last) =
        (counts.front().copied().unwrap_or_default(), counts.back().copied().unwrap_or_default());
    Counts {
        received: last.received.saturating_sub(first.received),
        errors: last.errors.saturating_sub(first.errors),
        broken: last.broken.saturating_sub(first.broken),
        rate_limited: last.rate_limited.saturating_sub(first.rate_limited),
        mismatches: last.mismatches.saturating_sub(first.mismatches),
        history_dropped: last.history_dropped.saturating_sub(first.history_dropped),
        panics: last.panics.saturating_sub(first.panics),
        agent_failures: last.agent_failures.saturating_sub(first.agent_failures),
        agent_doubts: last.agent_doubts.saturating_sub(first.agent_doubts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_domain::system::{LimitsRow, ProcessRow};

    #[test]
    fn only_what_changed_is_told_and_all_of_it_in_a_new_epoch() {
        let mut memory = Memory::new();
        assert!(memory.anew(Epoch(1)).is_empty());
        let limits = |rate_limited| ServerRow::Limits(LimitsRow { rate_limited, ..LimitsRow::default() });
        let process = ServerRow::Process(process_row_for_test());
        assert_eq!(memory.differences(vec![limits(0), process.clone()]).len(), 2);
        assert_eq!(memory.differences(vec![limits(1), process.clone()]).len(), 1);
        assert!(memory.anew(Epoch(1)).is_empty());
        assert_eq!(memory.anew(Epoch(2)).len(), 2);
        let gone = memory.differences(vec![process]);
        assert!(matches!(&gone[..], [Input::ServerGone(key)] if key == "limits"), "{gone:?}");
    }

    fn process_row_for_test() -> ProcessRow {
        ProcessRow {
            version: String::new(),
            started_at: UnixMillis(0),
            cpu_pct: None,
            memory_bytes: None,
            open_files: None,
            tasks: 0,
            tick_p95_ms: None,
        }
    }

    #[test]
    fn a_minute_is_counted() {
        let count = |received| Counts { received, ..Counts::default() };
        let mut counts: VecDeque<Counts> = (0..40).map(|number| count(number * 10)).collect();
        assert_eq!((minute(&mut counts).received, counts.len()), (120, MINUTE + 1));
    }
}
