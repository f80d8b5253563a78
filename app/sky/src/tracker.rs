//! Plausibility against what is already known: time regressions, duplicates, impossible jumps.

use crate::{Dropped, Poll};
use inflight_domain::{Aircraft, Icao24, UnixMillis};

/// What is remembered of each aircraft to judge its next observation.
#[derive(Clone, Debug, Default)]
pub struct Tracker {
    newest: Option<UnixMillis>,
}

/// What remains of a poll.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Accepted {
    /// The aircraft to put into the table, each once, in the order of the source.
    pub observations: Vec<Aircraft>,
    /// The entries turned away, those of the reader included.
    pub dropped: Vec<Dropped>,
    /// Every aircraft that the poll named, sorted; as [`Poll::listed`].
    pub listed: Vec<Icao24>,
    /// The poll was older than its predecessor and dropped whole: it tells nothing, not even who is listed.
    pub regressed: bool,
}

impl Tracker {
    /// Judges a poll; `poll_time` is when it was made, in the time of the stream (usually `poll.time`).
    pub fn accept(&mut self, poll_time: UnixMillis, poll: Poll) -> Accepted {
        let _ = (self.newest, poll_time, poll);
        Accepted::default()
    }
}
