//! A bulkhead as a state machine: so many calls at once to one dependency, so many waiting, the rest turned away.

use inflight_domain::UnixMillis;
use std::collections::VecDeque;

/// How many at once, and how many may wait for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkheadLimits {
    /// At once.
    pub at_once: usize,
    /// Waiting.
    pub waiting: usize,
    /// Milliseconds that one may wait.
    pub wait_ms: i64,
}

impl Default for BulkheadLimits {
    fn default() -> Self {
        Self { at_once: 8, waiting: 64, wait_ms: 10_000 }
    }
}

/// What becomes of a call that wants in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It goes now; tell [`Bulkhead::leave`] when it ends.
    In,
    /// It waits for its turn, which [`Bulkhead::next`] gives.
    Waits,
    /// There is no room.
    Full,
}

/// One dependency's bulkhead. Calls have numbers of the caller's choosing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bulkhead {
    limits: BulkheadLimits,
    inside: usize,
    waiting: VecDeque<(u64, UnixMillis)>,
}

impl Bulkhead {
    /// An empty one.
    #[must_use]
    pub fn new(limits: BulkheadLimits) -> Self {
        Self { limits, inside: 0, waiting: VecDeque::new() }
    }

    /// Calls that are under way, and calls that wait.
    #[must_use]
    pub fn load(&self) -> (usize, usize) {
        (self.inside, self.waiting.len())
    }

    /// A call wants in.
    pub fn enter(&mut self, call: u64, now: UnixMillis) -> Entry {
        if self.inside < self.limits.at_once && self.waiting.is_empty() {
            self.inside += 1;
            Entry::In
        } else if self.waiting.len() < self.limits.waiting {
            self.waiting.push_back((call, UnixMillis(now.0 + self.limits.wait_ms)));
            Entry::Waits
        } else {
            Entry::Full
        }
    }

    /// A call that was in ended.
    pub fn leave(&mut self) {
        self.inside = self.inside.saturating_sub(1);
    }

    /// The next that waited and is in now; call until none comes.
    pub fn next(&mut self, now: UnixMillis) -> Option<u64> {
        if self.inside >= self.limits.at_once {
            return None;
        }
        while let Some((call, until)) = self.waiting.pop_front() {
            if until > now {
                self.inside += 1;
                return Some(call);
            }
        }
        None
    }

    /// Calls that have waited too long and are turned away.
    pub fn expire(&mut self, now: UnixMillis) -> Vec<u64> {
        let mut gone = Vec::new();
        self.waiting.retain(|(call, until)| {
            let stays = *until > now;
            if !stays {
                gone.push(*call);
            }
            stays
        });
        gone
    }
}
