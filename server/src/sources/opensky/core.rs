//! What to ask a source, and when: a state machine whose only clock is its input.

use crate::sources::opensky::failure::{Failure, Request};
use crate::sources::opensky::pacing::{self, Pace};
use core::time::Duration;
use inflight_domain::{SourceRow, SourceState, UnixMillis};

/// How the machine behaves.
#[derive(Clone, Debug)]
pub struct CoreConfig {
    /// What the source is called.
    pub name: String,
    /// Shortest time between polls.
    pub poll_interval: Duration,
    /// Credits that one poll costs.
    pub poll_credits: u64,
    /// Whether there is a client to ask tokens for.
    pub authenticated: bool,
    /// Age from which the newest answer counts as late.
    pub late_after: Duration,
    /// Waiting times after failures.
    pub retry: RetryConfig,
}

/// Waiting times after failures.
#[derive(Clone, Debug)]
pub struct RetryConfig {
    /// Shortest wait after a failure.
    pub floor: Duration,
    /// Longest wait after a failure.
    pub ceiling: Duration,
    /// Wait while the credentials are refused.
    pub unauthorised: Duration,
    /// Wait after 429 when the answer does not tell how long.
    pub rate_limited: Duration,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing before this time.
    Wait(UnixMillis),
    /// Send this request now; only one is ever under way.
    Send(Request),
}

/// A request that succeeded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// A token.
    Token {
        /// How long it lasts.
        lifetime: Duration,
    },
    /// States.
    States {
        /// The answer's own time; none if it could not be read.
        time: Option<UnixMillis>,
        /// Credits left today.
        credits_remaining: Option<u64>,
    },
}

/// The machine.
#[derive(Clone, Debug)]
pub struct Core {
    config: CoreConfig,
    row: SourceRow,
    refresh_token_at: Option<UnixMillis>,
    refreshed_after_401: bool,
    failures: u32,
    polled_at: UnixMillis,
    next_at: UnixMillis,
    resting: bool,
}

/// A token is renewed this long before it ends.
const REFRESH_EARLY_MS: i64 = 30_000;

/// A token counts as living at least this long, or there would be nothing but renewals; if it does end
/// earlier, a 401 renews it.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(60);

/// The longest time that a server may tell us to wait: a day, after which credits are renewed.
const LONGEST_WAIT: Duration = Duration::from_secs(86_400);

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            floor: Duration::from_secs(1),
            ceiling: Duration::from_secs(60),
            unauthorised: Duration::from_secs(300),
            rate_limited: Duration::from_secs(60),
        }
    }
}

impl Core {
    /// A machine that starts at once.
    #[must_use]
    pub fn new(config: CoreConfig) -> Self {
        let row = SourceRow {
            name: config.name.clone(),
            number: 0,
            state: SourceState::Starting,
            code: String::new(),
            retry_at: None,
            newest_poll: None,
            poll_interval_s: config.poll_interval.as_secs_f64(),
            polls: 0,
            credits_remaining: None,
            replay: None,
        };
        Self {
            config,
            row,
            refresh_token_at: None,
            refreshed_after_401: false,
            failures: 0,
            polled_at: UnixMillis(0),
            next_at: UnixMillis(0),
            resting: false,
        }
    }

    /// The source's row of the `system` topic.
    #[must_use]
    pub fn row(&self) -> &SourceRow {
        &self.row
    }

    /// What to do at `now`. After [`Step::Send`], call [`Core::finish`] before asking again.
    pub fn next(&mut self, now: UnixMillis) -> Step {
        if now < self.next_at {
            return Step::Wait(self.next_at);
        }
        if self.config.authenticated && self.refresh_token_at.is_none_or(|at| at <= now) {
            return Step::Send(Request::Token);
        }
        self.polled_at = now;
        Step::Send(Request::States)
    }

    /// Asks for nothing until [`Core::wake`]; a wait that the source asked for, or that an error needs, goes on.
    /// Whether it rests from now on.
    pub fn rest(&mut self) -> bool {
        if self.resting || self.row.retry_at.is_some() {
            return false;
        }
        self.resting = true;
        self.tell(SourceState::Idle, String::new(), None);
        true
    }

    /// Whether it rests.
    #[must_use]
    pub fn is_resting(&self) -> bool {
        self.resting
    }

    /// Goes on as soon as the shortest interval allows: credits that a long pace was to save were not used.
    pub fn wake(&mut self) {
        self.resting = false;
        self.next_at = UnixMillis(self.polled_at.0 + millis(self.config.poll_interval));
    }

    /// Takes in how a request ended; `random` is uniform in [0, 1).
    pub fn finish(
        &mut self,
        now: UnixMillis,
        request: Request,
        result: Result<Answer, Failure>,
        random: f64,
    ) {
        match result {
            Ok(Answer::Token { lifetime }) => {
                let lifetime_ms = millis(lifetime.max(SHORTEST_LIFETIME));
                self.refresh_token_at = Some(UnixMillis(now.0 + lifetime_ms - REFRESH_EARLY_MS));
                self.next_at = now;
            }
            Ok(Answer::States { time, credits_remaining }) => {
                self.polled(now, time, credits_remaining, random);
            }
            Err(failure) => self.failed(now, request, failure, random),
        }
    }

    fn polled(
        &mut self,
        now: UnixMillis,
        time: Option<UnixMillis>,
        credits_remaining: Option<u64>,
        random: f64,
    ) {
        self.failures = 0;
        self.refreshed_after_401 = false;
        self.row.polls += 1;
        self.row.newest_poll = self.row.newest_poll.max(time);
        self.row.credits_remaining = credits_remaining;
        let pace = pacing::pace(now, self.config.poll_interval, self.config.poll_credits, credits_remaining);
        match pace {
            Pace::Every(interval) => {
                self.row.poll_interval_s = interval.as_secs_f64();
                self.next_at = UnixMillis(self.polled_at.0 + millis(interval)).max(now);
                let late =
                    self.row.newest_poll.is_some_and(|at| now.since(at) > millis(self.config.late_after));
                let (state, code) =
                    if late { (SourceState::Degraded, "late_data") } else { (SourceState::Live, "") };
                self.tell(state, code.to_owned(), None);
            }
            Pace::Until(renewal) => {
                self.next_at = UnixMillis(renewal.0 + (random * 60_000.0) as i64);
                self.tell(SourceState::RateLimited, "credits_spent".to_owned(), Some(self.next_at));
            }
        }
    }

    fn failed(&mut self, now: UnixMillis, request: Request, failure: Failure, random: f64) {
        let retry = &self.config.retry;
        let (state, wait) = match failure {
            Failure::Status { code: 401, .. } if request == Request::States && self.may_refresh() => {
                self.refreshed_after_401 = true;
                self.refresh_token_at = None;
                self.next_at = now;
                return;
            }
            Failure::Status { code: 429, retry_after } => {
                let told = retry_after.unwrap_or(retry.rate_limited).min(LONGEST_WAIT);
                (SourceState::RateLimited, told.max(self.config.poll_interval))
            }
            Failure::Status { code: 401 | 403, .. } => (SourceState::Unauthorised, retry.unauthorised),
            Failure::Status { code: 400, .. } if request == Request::Token => {
                (SourceState::Unauthorised, retry.unauthorised)
            }
            Failure::Status { code: 300..=499, .. } => (SourceState::Degraded, retry.ceiling),
            Failure::Status { .. } | Failure::Timeout | Failure::Connection | Failure::Body(_) => {
                let told = failure.retry_after().unwrap_or_default().min(LONGEST_WAIT);
                (SourceState::Degraded, told.max(self.backoff(random)))
            }
        };
        if state == SourceState::Unauthorised {
            self.refresh_token_at = None;
        }
        self.failures = self.failures.saturating_add(1);
        self.next_at = UnixMillis(now.0 + millis(wait));
        self.tell(state, failure.code(request), Some(self.next_at));
    }

    fn may_refresh(&self) -> bool {
        self.config.authenticated && !self.refreshed_after_401
    }

    /// Full jitter: uniform between the floor and a ceiling that doubles with each failure.
    fn backoff(&self, random: f64) -> Duration {
        let RetryConfig { floor, ceiling, .. } = self.config.retry;
        let doubled = floor.saturating_mul(2_u32.saturating_pow(self.failures.saturating_add(1)));
        floor + doubled.min(ceiling).saturating_sub(floor).mul_f64(random.clamp(0.0, 1.0))
    }

    fn tell(&mut self, state: SourceState, code: String, retry_at: Option<UnixMillis>) {
        self.row.state = state;
        self.row.code = code;
        self.row.retry_at = retry_at;
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

#[cfg(test)]
#[path = "core_tests.rs"]
mod tests;
