//! One session of the Realtime API, from its opening to its end.

use crate::reason::realtime::item::Session;
use inflight_domain::UnixMillis;

/// How far a session has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Its connection is being opened.
    Opening,
    /// It has not said yet what it is.
    Greeting,
    /// It has not taken yet what it is to be.
    Setting,
    /// Questions may be asked.
    Ready,
    /// It answers what was asked, and is asked no more.
    Draining,
}

/// One session.
#[derive(Clone, Debug)]
pub struct Line {
    /// How far it has come.
    pub phase: Phase,
    /// It names the question in what answers it.
    pub echoes: bool,
    /// It answers one question after the other.
    pub one_at_a_time: bool,
    /// From when on another one takes its place.
    pub renew_at: UnixMillis,
    /// Its model.
    pub model: String,
    opened_at: UnixMillis,
    expires_at: UnixMillis,
}

/// No session lasts longer.
const LONGEST_MS: i64 = 60 * 60 * 1000;

/// A session is asked no more this long before it ends, and answers what is left; a shorter one half of its time.
const DRAIN_MS: i64 = 5 * 60 * 1000;

/// As good as never.
const FAR: UnixMillis = UnixMillis(i64::MAX);

impl Line {
    /// A session whose connection is being opened.
    #[must_use]
    pub fn opening(now: UnixMillis) -> Self {
        Self {
            phase: Phase::Opening,
            echoes: false,
            one_at_a_time: false,
            renew_at: FAR,
            model: String::new(),
            opened_at: now,
            expires_at: FAR,
        }
    }

    /// Takes what the session says of itself.
    pub fn learn(&mut self, session: &Session, now: UnixMillis) {
        if let Some(model) = &session.model {
            self.model.clone_from(model);
        }
        // A time that has passed says that our clock is wrong, not that the session is over.
        let told_ms =
            session.expires_at.and_then(|seconds| seconds.checked_mul(1000)).filter(|ms| *ms > now.0);
        let expires_at = told_ms.unwrap_or(i64::MAX).min(self.opened_at.0 + LONGEST_MS);
        let left_ms = expires_at - now.0;
        self.expires_at = UnixMillis(expires_at);
        self.renew_at = UnixMillis(expires_at - DRAIN_MS.min(left_ms / 2));
    }

    /// Whether it has ended, or took too long to begin.
    #[must_use]
    pub fn is_over(&self, now: UnixMillis, greeting_ms: i64) -> bool {
        let is_new = matches!(self.phase, Phase::Opening | Phase::Greeting | Phase::Setting);
        self.expires_at <= now || (is_new && self.opened_at.0 + greeting_ms <= now.0)
    }

    /// When something about it is due; `idle_at` is when it is closed if nobody asks.
    #[must_use]
    pub fn wake_at(&self, idle_at: i64, greeting_ms: i64) -> UnixMillis {
        match self.phase {
            Phase::Opening | Phase::Greeting | Phase::Setting => {
                UnixMillis(self.opened_at.0 + greeting_ms).min(self.expires_at)
            }
            Phase::Ready => self.renew_at.min(UnixMillis(idle_at)),
            Phase::Draining => self.expires_at,
        }
    }
}
