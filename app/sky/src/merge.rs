//! Which of several sources speaks for an aircraft, and what each may add.
//!
//! The one with the newest position does; but two good sources differ by a few metres and a few tenths of a
//! second, and a picture that follows now the one and now the other wobbles. So whoever speaks goes on until
//! another one is clearly better, and nobody ever moves an aircraft back in time.

use inflight_domain::{Observation, Position, ShortText, UnixMillis};

/// Another source takes over when its position is newer by this many milliseconds than the newest one of the
/// source that speaks.
pub const TAKE_OVER_MS: i64 = 5_000;

/// The same for a position that was reckoned by multilateration or relayed, over one that the aircraft sent.
pub const TAKE_OVER_WORSE_MS: i64 = 15_000;

/// Ages are sent in tenths of a second and counted back from a clock that runs on: the same fix seems to move in
/// time by this much from poll to poll.
const JITTER_MS: i64 = 250;

/// One source's word on one aircraft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voice {
    /// Number of the source.
    pub feed: u8,
    /// Whether the position was reckoned or relayed rather than sent by the aircraft.
    pub reckoned: bool,
}

/// What does not change while an aircraft flies; whoever knows it tells it for all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Airframe {
    category: Option<u8>,
    type_code: Option<ShortText>,
    registration: Option<ShortText>,
}

impl Voice {
    /// The voice of an observation.
    #[must_use]
    pub fn of(feed: u8, observation: &Observation) -> Self {
        Self { feed, reckoned: matches!(observation.position_source, Some(1 | 2 | 4 | 5)) }
    }
}

/// Whether `other`, whose position is of `at`, speaks from now on instead of `current`, whose is of `known`.
#[must_use]
pub fn takes_over(current: Voice, known: UnixMillis, other: Voice, at: UnixMillis) -> bool {
    let newer_ms = at.since(known);
    match (current.reckoned, other.reckoned) {
        (true, false) => newer_ms > 0,
        (false, true) => newer_ms > TAKE_OVER_WORSE_MS,
        _ => newer_ms > TAKE_OVER_MS,
    }
}

/// Whether two times of one source may be the same, told twice.
#[must_use]
pub fn is_jitter(known: UnixMillis, other: UnixMillis) -> bool {
    other.since(known).abs() <= JITTER_MS
}

/// Whether a source tells the fix that is known once more, with a time that only seems newer.
#[must_use]
pub fn is_same_fix(known: Position, known_at: UnixMillis, other: Position, at: UnixMillis) -> bool {
    known == other && is_jitter(known_at, at)
}

impl Airframe {
    /// Remembers what the observation tells; what is known already stays, so that two sources that differ do not
    /// take turns.
    pub fn learn(&mut self, observation: &Observation) {
        self.category = self.category.or(observation.category.filter(|category| *category > 1));
        self.type_code = self.type_code.or(observation.extras.type_code);
        self.registration = self.registration.or(observation.extras.registration);
    }

    /// Adds what the observation does not tell itself.
    pub fn tell(&self, observation: &mut Observation) {
        let told = observation.category.filter(|category| *category > 1);
        observation.category = told.or(self.category).or(observation.category);
        observation.extras.type_code = observation.extras.type_code.or(self.type_code);
        observation.extras.registration = observation.extras.registration.or(self.registration);
    }
}
