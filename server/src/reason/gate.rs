//! Who may ask a provider now: so many at once, and nobody for a while after it failed again and again.

use crate::clock;
use crate::reason::failure::Failure;
use core::time::Duration;
use inflight_agents::breaker::{Breaker, BreakerLimits, BreakerState, Ticket};
use inflight_agents::bulkhead::{Bulkhead, BulkheadLimits, Entry};
use inflight_domain::UnixMillis;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

/// The gate of one provider; clones are the same one.
#[derive(Clone, Debug)]
pub struct Gate {
    state: Arc<Mutex<State>>,
    wait_ms: i64,
}

/// How it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether it lets questions through.
    pub breaker: BreakerState,
    /// Since when.
    pub since: UnixMillis,
    /// How the last question failed, where it did.
    pub failing: Option<String>,
    /// Something was heard of the provider, good or bad.
    pub is_known: bool,
}

/// Why a question did not come through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turned {
    /// Too many are asking.
    Busy,
    /// The provider failed too often, the last time so.
    Open(String),
}

/// A question that came through. It is inside until this goes.
#[derive(Debug)]
pub struct Pass {
    gate: Gate,
    ticket: Option<Ticket>,
}

#[derive(Debug)]
struct State {
    breaker: Breaker,
    bulkhead: Bulkhead,
    calls: u64,
    waiting: BTreeMap<u64, oneshot::Sender<()>>,
    failing: Option<String>,
    is_known: bool,
}

/// A question that waits; one that goes away while its turn comes gives it back.
struct Waiting<'a> {
    gate: &'a Gate,
    call: u64,
    is_in: bool,
}

impl Gate {
    /// An open gate that everybody may pass.
    #[must_use]
    pub fn new(breaker: BreakerLimits, bulkhead: BulkheadLimits) -> Self {
        let state = State {
            breaker: Breaker::new(breaker, clock::now()),
            bulkhead: Bulkhead::new(bulkhead),
            calls: 0,
            waiting: BTreeMap::new(),
            failing: None,
            is_known: false,
        };
        Self { state: Arc::new(Mutex::new(state)), wait_ms: bulkhead.wait_ms }
    }

    /// Comes through, perhaps after a wait.
    ///
    /// # Errors
    /// It is not let through.
    pub async fn enter(&self, deadline: Instant) -> Result<Pass, Turned> {
        self.take_turn(deadline).await?;
        let mut pass = Pass { gate: self.clone(), ticket: None };
        // Asked after the wait: much may have failed meanwhile.
        let mut state = self.lock();
        let admitted = state.breaker.admit(clock::now());
        let failing = state.failing.clone();
        drop(state);
        pass.ticket = Some(admitted.map_err(|_| Turned::Open(failing.unwrap_or_default()))?);
        Ok(pass)
    }

    /// How it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let state = self.lock();
        let (breaker, since) = state.breaker.state(clock::now());
        Standing { breaker, since, failing: state.failing.clone(), is_known: state.is_known }
    }

    /// What was heard of the provider without a question, as long as none was asked.
    pub fn heard(&self, failure: Option<&Failure>) {
        let mut state = self.lock();
        if !state.is_known {
            state.is_known = true;
            state.failing = failure.map(ToString::to_string);
        }
    }

    /// From when on one question is let through to see, while none is.
    #[must_use]
    pub fn trial_at(&self) -> Option<UnixMillis> {
        self.lock().breaker.trial_at(clock::now())
    }

    async fn take_turn(&self, deadline: Instant) -> Result<(), Turned> {
        let Some((call, turn)) = self.queue()? else { return Ok(()) };
        let mut waiting = Waiting { gate: self, call, is_in: false };
        let longest = Duration::from_millis(u64::try_from(self.wait_ms).unwrap_or_default());
        match timeout_at(deadline.min(Instant::now() + longest), turn).await {
            Ok(Ok(())) => {
                waiting.is_in = true;
                Ok(())
            }
            _ => Err(Turned::Busy),
        }
    }

    /// Who waits, and for what; none where there is room.
    fn queue(&self) -> Result<Option<(u64, oneshot::Receiver<()>)>, Turned> {
        let now = clock::now();
        let mut state = self.lock();
        if state.breaker.state(now).0 == BreakerState::Open {
            return Err(Turned::Open(state.failing.clone().unwrap_or_default()));
        }
        state.calls += 1;
        let call = state.calls;
        match state.bulkhead.enter(call, now) {
            Entry::In => Ok(None),
            Entry::Full => Err(Turned::Busy),
            Entry::Waits => {
                let (told, turn) = oneshot::channel();
                state.waiting.insert(call, told);
                Ok(Some((call, turn)))
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    /// How the question ended, as far as it speaks for or against the provider.
    pub fn settle(mut self, failure: Option<&Failure>) {
        let Some(ticket) = self.ticket.take() else { return };
        let against = failure.filter(|failure| failure.is_providers());
        let mut state = self.gate.lock();
        state.breaker.settle(ticket, against.is_none(), clock::now());
        state.failing = against.map(ToString::to_string);
        state.is_known = true;
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.gate.lock().leave();
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.lock();
        if !self.is_in && state.waiting.remove(&self.call).is_none() {
            state.leave();
        }
    }
}

impl State {
    fn leave(&mut self) {
        self.bulkhead.leave();
        while let Some(call) = self.bulkhead.next(clock::now()) {
            let is_there = self.waiting.remove(&call).is_some_and(|told| told.send(()).is_ok());
            if !is_there {
                self.bulkhead.leave();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(at_once: usize, waiting: usize) -> Gate {
        let breaker = BreakerLimits { failures: 2, open_ms: 60_000, trials: 1 };
        Gate::new(breaker, BulkheadLimits { at_once, waiting, wait_ms: 10_000 })
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    #[tokio::test(start_paused = true)]
    async fn so_many_at_once_and_so_many_waiting() {
        let gate = gate(1, 1);
        let first = gate.enter(soon()).await.unwrap();
        let other = gate.clone();
        let waiting = tokio::spawn(async move { other.enter(soon()).await.map(drop) });
        tokio::task::yield_now().await;
        assert_eq!(gate.enter(soon()).await.unwrap_err(), Turned::Busy, "no room to wait");
        drop(first);
        waiting.await.unwrap().unwrap();
        // Who goes away while it waits leaves nothing behind.
        let first = gate.enter(soon()).await.unwrap();
        assert_eq!(gate.enter(soon()).await.unwrap_err(), Turned::Busy, "nobody left in time");
        drop(first);
        gate.enter(soon()).await.unwrap().settle(None);
        assert_eq!(gate.lock().bulkhead.load(), (0, 0));
    }

    #[tokio::test]
    async fn who_failed_often_is_not_asked() {
        let gate = gate(4, 4);
        let down = Failure::Unavailable("http_503".to_owned());
        let wrong = Failure::Invalid("x".to_owned());
        for failure in [&down, &wrong, &down, &down] {
            gate.enter(soon()).await.unwrap().settle(Some(failure));
        }
        let turned = gate.enter(soon()).await.unwrap_err();
        assert_eq!(turned, Turned::Open("not available (http_503)".to_owned()));
        assert_eq!(gate.standing().breaker, BreakerState::Open);
        assert_eq!(gate.lock().bulkhead.load(), (0, 0));
    }
}
