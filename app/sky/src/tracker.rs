//! Plausibility against what is already known: regressions, duplicates, impossible jumps; and which of several
//! sources speaks for an aircraft.

use crate::disruption::Jump;
use crate::merge::{self, Airframe, Voice};
use crate::poll::{Dropped, Poll};
use inflight_domain::{Aircraft, DropReason, Icao24, Observation, Position, SmallMap, UnixMillis};
use rustc_hash::FxHashMap;

/// Mach 2.5 in metres per second, faster than anything that sends its position.
pub const FASTEST_MPS: f64 = 850.7;

/// How far beyond its poll's time an observation may lie; sources round, and their clocks differ.
pub const FUTURE_MS: i64 = 60_000;

/// Stamps are whole seconds: two of them may be a second further apart than they say.
const STAMP_S: f64 = 1.0;

/// Positions are rounded to 1e-4 degree, about 11 m, at either end.
const ROUNDING_M: f64 = 25.0;

/// Fixes in a row that must agree with each other before a place that is out of reach is believed.
const FIXES_TO_MOVE: u8 = 3;

/// Silence after which an aircraft is forgotten: longer than it may stay in the table.
const FORGET_AFTER_MS: i64 = 600_000;

/// What is remembered of each aircraft to judge its next observation.
#[derive(Clone, Debug, Default)]
pub struct Tracker {
    /// Time of the newest poll of each source.
    newest: SmallMap<u8, UnixMillis>,
    polls: u64,
    /// Boxed: boxes of one poll lie side by side in the order of the source, places in a map do not.
    known: FxHashMap<Icao24, Box<Known>>,
    /// Room for the next poll's observations: to ask for a megabyte anew costs as much as to judge what goes in.
    spare: Vec<Aircraft>,
}

/// What remains of a poll.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Accepted {
    /// The aircraft to put into the table, each once, in the order of the source.
    pub observations: Vec<Aircraft>,
    /// The entries turned away, those of the reader included.
    pub dropped: Vec<Dropped>,
    /// The positions that were turned away because they are out of reach.
    pub jumps: Vec<(Icao24, Jump)>,
    /// Every aircraft that the poll named, sorted; as [`Poll::listed`].
    pub listed: Vec<Icao24>,
    /// The poll was older than its predecessor and dropped whole: it tells nothing, not even who is listed.
    pub regressed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    /// Number of the poll that named it last.
    poll: u64,
    last_contact: UnixMillis,
    fix: Fix,
    /// Who said so.
    voice: Voice,
    /// What was ever said of the airframe, by whomever.
    airframe: Airframe,
    /// Where it seems to be instead, and how many fixes said so.
    elsewhere: Option<(Fix, u8)>,
}

#[derive(Clone, Copy, Debug)]
struct Fix {
    position: Position,
    at: UnixMillis,
}

impl Tracker {
    /// Judges a poll of the source with number `feed`; `poll_time` is when it was made, in the time of the
    /// stream (usually `poll.time`).
    ///
    /// - A poll older than its source's predecessor is dropped whole.
    /// - Of an aircraft named twice the first entry counts.
    /// - An entry whose last contact is older than what is known is dropped; one whose last contact is newer,
    ///   but whose position is older, goes on with the position that is known.
    /// - Of several sources one speaks for an aircraft until another one is clearly better, see [`merge`].
    /// - A position out of reach is dropped, until three new fixes in a row agree on the new place: else one
    ///   bad first fix would hide the aircraft for ever.
    pub fn accept(&mut self, feed: u8, poll_time: UnixMillis, poll: Poll) -> Accepted {
        let mut accepted = Accepted { dropped: poll.dropped, ..Accepted::default() };
        if let Some(newest) = self.newest.get(&feed).copied().filter(|newest| poll_time < *newest) {
            let fault = Fault::regression(format!("the poll of {poll_time} is older than that of {newest}"));
            accepted
                .dropped
                .extend(poll.observations.iter().map(|observation| fault.clone().on(observation)));
            accepted.regressed = true;
            return accepted;
        }
        self.newest.insert(feed, poll_time);
        self.polls += 1;
        accepted.listed = poll.listed;
        accepted.observations = core::mem::take(&mut self.spare);
        accepted.observations.reserve(poll.observations.len());
        for observation in poll.observations {
            match self.judge(feed, poll_time, observation) {
                Ok(aircraft) => accepted.observations.push(aircraft),
                Err(fault) => {
                    accepted.jumps.extend(self.jump(&fault, &observation));
                    accepted.dropped.push(fault.on(&observation));
                }
            }
        }
        self.known.retain(|_, known| poll_time.since(known.last_contact) <= FORGET_AFTER_MS);
        accepted
    }

    /// Takes back the room of [`Accepted::observations`] when they are no longer needed.
    pub fn give_back(&mut self, mut observations: Vec<Aircraft>) {
        observations.clear();
        self.spare = observations;
    }

    fn jump(&self, fault: &Fault, observation: &Observation) -> Option<(Icao24, Jump)> {
        let known =
            self.known.get(&observation.icao24).filter(|_| fault.reason == DropReason::ImplausibleJump)?;
        let at = observation.time_position.unwrap_or(observation.last_contact);
        let (from, to) = (known.fix.position, observation.position);
        let seconds = at.since(known.fix.at).max(0) as f64 / 1000.0;
        Some((observation.icao24, Jump { at, from, to, seconds }))
    }

    fn judge(
        &mut self,
        feed: u8,
        poll_time: UnixMillis,
        mut observation: Observation,
    ) -> Result<Aircraft, Fault> {
        let limit = UnixMillis(poll_time.0 + FUTURE_MS);
        let latest =
            observation.time_position.map_or(observation.last_contact, |at| at.max(observation.last_contact));
        if latest > limit {
            let detail = format!("time {latest}: expected at most {limit}, a minute after the poll");
            return Err(Fault { reason: DropReason::OutOfRange, detail });
        }
        let voice = Voice::of(feed, &observation);
        let mut airframe = Airframe::default();
        let mut place = self.known.get_mut(&observation.icao24);
        if let Some(known) = &mut place {
            known.airframe.learn(&observation);
            known.judge(self.polls, voice, &mut observation)?;
            airframe = known.airframe;
        }
        airframe.learn(&observation);
        airframe.tell(&mut observation);
        let aircraft = observation.to_aircraft().map_err(|field| Fault {
            reason: DropReason::OutOfRange,
            detail: format!("{field:?}: outside its range"),
        })?;
        let fix = Fix { position: observation.position, at: aircraft.position_time() };
        let last_contact = observation.last_contact;
        let known = Known { poll: self.polls, last_contact, fix, voice, airframe, elsewhere: None };
        match place {
            Some(place) => **place = known,
            None => drop(self.known.insert(observation.icao24, Box::new(known))),
        }
        Ok(aircraft)
    }
}

impl Known {
    /// Whether the observation may follow; a position that is older than the known one is replaced by it.
    fn judge(&mut self, poll: u64, voice: Voice, observation: &mut Observation) -> Result<(), Fault> {
        if self.poll == poll {
            let detail = "a second entry of this aircraft in one poll".to_owned();
            return Err(Fault { reason: DropReason::Duplicate, detail });
        }
        self.poll = poll;
        let at = observation.time_position.unwrap_or(observation.last_contact);
        if voice.feed != self.voice.feed {
            if !merge::takes_over(self.voice, self.fix.at, voice, at) {
                let detail = "another source knows the aircraft better".to_owned();
                return Err(Fault { reason: DropReason::Superseded, detail });
            }
            // Clocks of sources differ: contacts are compared within one only.
            self.last_contact = observation.last_contact;
        }
        if merge::is_jitter(self.last_contact, observation.last_contact) {
            observation.last_contact = observation.last_contact.max(self.last_contact);
        }
        if observation.last_contact < self.last_contact {
            let (came, known) = (observation.last_contact, self.last_contact);
            return Err(Fault::regression(format!(
                "last contact {came} is older than {known}, which is known"
            )));
        }
        let fix = Fix { position: observation.position, at };
        if at < self.fix.at || merge::is_same_fix(self.fix.position, self.fix.at, observation.position, at) {
            observation.position = self.fix.position;
            observation.time_position = Some(self.fix.at);
            return Ok(());
        }
        if self.fix.reaches(fix) {
            return Ok(());
        }
        let agreeing = match self.elsewhere {
            Some((other, count)) if other.reaches(fix) => count + u8::from(fix.at > other.at),
            _ => 1,
        };
        self.elsewhere = Some((fix, agreeing));
        if agreeing >= FIXES_TO_MOVE {
            return Ok(());
        }
        let (km, seconds) =
            (self.fix.position.distance_m(fix.position) / 1000.0, fix.at.since(self.fix.at) / 1000);
        Err(Fault {
            reason: DropReason::ImplausibleJump,
            detail: format!(
                "position {km:.1} km from the last within {seconds} s, faster than {FASTEST_MPS} m/s"
            ),
        })
    }
}

impl Fix {
    /// Whether an aircraft can have flown from here to there.
    fn reaches(self, later: Self) -> bool {
        let seconds = later.at.since(self.at).max(0) as f64 / 1000.0 + STAMP_S;
        let reach_m = seconds * FASTEST_MPS + ROUNDING_M;
        // A degree of latitude or longitude is at most 111.3 km: most moves need no trigonometry.
        let degrees = (later.position.latitude_deg() - self.position.latitude_deg()).abs()
            + (later.position.longitude_deg() - self.position.longitude_deg()).abs();
        degrees * 111_300.0 <= reach_m || self.position.distance_m(later.position) <= reach_m
    }
}

#[derive(Clone, Debug)]
struct Fault {
    reason: DropReason,
    detail: String,
}

impl Fault {
    fn regression(detail: String) -> Self {
        Self { reason: DropReason::TimeRegression, detail }
    }

    /// The dropped entry; its text is gone by now, so what was read stands in for it.
    fn on(self, observation: &Observation) -> Dropped {
        let Observation { icao24, position, last_contact, time_position, .. } = observation;
        let position_time = time_position.map_or_else(|| "unknown".to_owned(), |at| at.to_string());
        let (latitude, longitude) = (position.latitude_deg(), position.longitude_deg());
        let excerpt = format!(
            "{icao24} at {latitude}, {longitude}; position of {position_time}, last contact {last_contact}"
        );
        Dropped::new(self.reason, format!("{icao24}: {}", self.detail), 0, &excerpt)
    }
}
