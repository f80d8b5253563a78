//! A circuit breaker as a state machine: after several failures nobody is sent there for a while, then one to see.

use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};

/// When it opens and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerLimits {
    /// So many failures, one after the other, open it.
    pub failures: u32,
    /// Milliseconds that it stays open; doubles each time the trial fails, up to sixteen times.
    pub open_ms: i64,
    /// So many trials must do well to close it.
    pub trials: u32,
}

impl Default for BreakerLimits {
    fn default() -> Self {
        Self { failures: 5, open_ms: 10_000, trials: 1 }
    }
}

/// How it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Everything passes.
    #[default]
    Closed,
    /// Nothing passes.
    Open,
    /// One at a time passes, to see.
    HalfOpen,
}

/// One dependency's breaker. Ask [`Breaker::admit`] before a call and tell [`Breaker::settle`] after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breaker {
    limits: BreakerLimits,
    state: BreakerState,
    since: UnixMillis,
    until: UnixMillis,
    failures: u32,
    successes: u32,
    openings: u32,
    on_trial: Option<Ticket>,
    tickets: u64,
}

/// A call that was let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    number: u64,
    opening: u32,
}

impl Breaker {
    /// A closed one.
    #[must_use]
    pub fn new(limits: BreakerLimits, now: UnixMillis) -> Self {
        Self {
            limits,
            state: BreakerState::Closed,
            since: now,
            until: now,
            failures: 0,
            successes: 0,
            openings: 0,
            on_trial: None,
            tickets: 0,
        }
    }

    /// How it stands now, and since when.
    #[must_use]
    pub fn state(&self, now: UnixMillis) -> (BreakerState, UnixMillis) {
        match self.state {
            BreakerState::Open if now >= self.until => (BreakerState::HalfOpen, self.until),
            state => (state, self.since),
        }
    }

    /// From when on a trial may pass, while nothing does.
    #[must_use]
    pub fn trial_at(&self, now: UnixMillis) -> Option<UnixMillis> {
        (self.state(now).0 == BreakerState::Open).then_some(self.until)
    }

    /// Lets a call through, or says when to come again. A trial that is never settled is given up after as
    /// long as the breaker would stay open.
    ///
    /// # Errors
    /// It is open, or a trial is under way: until this time.
    pub fn admit(&mut self, now: UnixMillis) -> Result<Ticket, UnixMillis> {
        let (state, since) = self.state(now);
        if state != self.state {
            self.turn(state, since);
        }
        match state {
            BreakerState::Closed => Ok(self.ticket()),
            BreakerState::Open => Err(self.until),
            BreakerState::HalfOpen if self.on_trial.is_some() && now < self.until => Err(self.until),
            BreakerState::HalfOpen => {
                let ticket = self.ticket();
                self.on_trial = Some(ticket);
                self.until = UnixMillis(now.0 + self.limits.open_ms);
                Ok(ticket)
            }
        }
    }

    /// Tells how a call ended. Calls that began before the breaker last opened tell nothing any more.
    pub fn settle(&mut self, ticket: Ticket, is_well: bool, now: UnixMillis) {
        if ticket.opening != self.openings {
            return;
        }
        match self.state {
            BreakerState::Closed if is_well => self.failures = 0,
            BreakerState::Closed => {
                self.failures += 1;
                if self.failures >= self.limits.failures {
                    self.open(now, self.limits.open_ms);
                }
            }
            BreakerState::HalfOpen if self.on_trial == Some(ticket) => {
                self.on_trial = None;
                self.until = now;
                if is_well {
                    self.successes += 1;
                    if self.successes >= self.limits.trials {
                        self.failures = 0;
                        self.openings = 0;
                        self.turn(BreakerState::Closed, now);
                    }
                } else {
                    let times = 1 << self.openings.min(4);
                    self.open(now, self.limits.open_ms.saturating_mul(times));
                }
            }
            BreakerState::HalfOpen | BreakerState::Open => {}
        }
    }

    fn open(&mut self, now: UnixMillis, for_ms: i64) {
        self.openings += 1;
        self.until = UnixMillis(now.0.saturating_add(for_ms));
        self.turn(BreakerState::Open, now);
    }

    fn turn(&mut self, state: BreakerState, since: UnixMillis) {
        (self.state, self.since, self.successes, self.on_trial) = (state, since, 0, None);
    }

    fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket { number: self.tickets, opening: self.openings }
    }
}
