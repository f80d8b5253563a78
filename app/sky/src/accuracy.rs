//! How far the drawn aircraft is from the true one: the motion model measured against a recording.
//!
//! For each poll at t0 whose successor at t1 comes within [`LONGEST_CYCLE_MS`], the model knows the polls up to
//! t0. For each aircraft whose position is then at most [`OLDEST_BASE_MS`] old, every true position in (t0, t1]
//! that is newer than the last used one is compared with the prediction for its time. The jump at a poll is the
//! way between the predictions for t0 before and after that poll's update.

use crate::motion;
use crate::recording::Recording;
use crate::tracker::Tracker;
use inflight_domain::{Aircraft, Icao24, MotionState, Position, UnixMillis};
use std::collections::BTreeMap;

/// Longest time between two polls that is measured, in milliseconds.
pub const LONGEST_CYCLE_MS: i64 = 16_000;

/// Oldest position at its poll that is measured, in milliseconds.
pub const OLDEST_BASE_MS: i64 = 15_000;

/// Turn rate in thousandths of a degree per second from which an aircraft counts as turning.
pub const TURNING_FROM_MDPS: i32 = 500;

/// Where an aircraft truly was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TruePoint {
    /// When.
    pub at: UnixMillis,
    /// Where.
    pub position: Position,
    /// Barometric altitude in metres.
    pub altitude_m: Option<f64>,
}

/// True points of each aircraft, in order of time.
pub type Truth = BTreeMap<Icao24, Vec<TruePoint>>;

/// Middle and tail of a set of errors.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// Half of the errors are at most this many metres.
    pub median_m: f64,
    /// 95 % of the errors are at most this many metres.
    pub p95_m: f64,
    /// Number of errors.
    pub n: usize,
}

/// What was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Error of the drawn position in flight.
    pub airborne: Spread,
    /// The same, for aircraft that the model held to be turning.
    pub turning: Spread,
    /// Error of the drawn position on the ground.
    pub ground: Spread,
    /// Jump at a poll in flight, before it is eased.
    pub jump: Spread,
    /// Error of the drawn altitude in flight.
    pub altitude: Spread,
}

/// Truth from CSV with the columns icao24, time_position, last_contact, lat, lon, baro_altitude_m.
///
/// # Errors
/// The first line that cannot be read, and what was expected.
pub fn truth_from_csv(text: &str) -> Result<Truth, String> {
    let mut truth = Truth::new();
    for (line, row) in text.lines().zip(1_u64..).skip(1).map(|(row, line)| (line, row)) {
        let cells: Vec<&str> = row.split(',').collect();
        let number = |at: usize| cells.get(at).and_then(|cell| cell.parse::<f64>().ok());
        let point = || {
            let icao24 = Icao24::parse(cells.first()?)?;
            let at = UnixMillis::from_seconds(number(1)?)?;
            let position = Position::new(number(3)?, number(4)?)?;
            Some((icao24, TruePoint { at, position, altitude_m: number(5) }))
        };
        let (icao24, point) = point().ok_or_else(|| {
            format!("line {line}: expected icao24,time_position,last_contact,lat,lon,..., got {row:?}")
        })?;
        truth.entry(icao24).or_default().push(point);
    }
    truth.values_mut().for_each(|points| points.sort_by_key(|point| point.at));
    Ok(truth)
}

/// Truth from the recording itself: what its later polls say of an earlier moment.
#[must_use]
pub fn truth_from_recording(recording: &Recording) -> Truth {
    let mut truth = Truth::new();
    let mut tracker = Tracker::default();
    for poll in (0..recording.len()).filter_map(|index| recording.poll(index)) {
        for aircraft in tracker.accept(poll.time, poll).observations {
            let points = truth.entry(aircraft.icao24).or_default();
            let at = aircraft.position_time();
            if points.last().is_none_or(|last| last.at < at) {
                points.push(TruePoint {
                    at,
                    position: aircraft.position(),
                    altitude_m: aircraft.altitude_m(),
                });
            }
        }
    }
    truth
}

/// Runs the model over the recording.
#[must_use]
pub fn measure(recording: &Recording, truth: &Truth) -> Figures {
    let mut errors = Errors::default();
    let mut tracker = Tracker::default();
    let mut sky: BTreeMap<Icao24, (Aircraft, MotionState)> = BTreeMap::new();
    let mut previous_poll = None;
    for index in 0..recording.len() {
        let Some(poll) = recording.poll(index) else { continue };
        let from = poll.time;
        for aircraft in tracker.accept(from, poll).observations {
            let previous = sky.get(&aircraft.icao24).copied();
            let state = motion::advance(previous.as_ref().map(|(row, state)| (state, row)), &aircraft);
            let drawn_since = previous_poll.filter(|since| from.since(*since) <= LONGEST_CYCLE_MS);
            if let (Some((_, before)), Some(since)) = (previous, drawn_since)
                && is_young(&before, since)
                && is_young(&state, from)
            {
                errors.jump(&aircraft, &before, &state, from);
            }
            sky.insert(aircraft.icao24, (aircraft, state));
        }
        previous_poll = Some(from);
        let next = recording.time_of(index + 1);
        let Some(until) = next.filter(|next| (1..=LONGEST_CYCLE_MS).contains(&next.since(from))) else {
            continue;
        };
        for (icao24, (aircraft, state)) in sky.iter().filter(|(_, (_, state))| is_young(state, from)) {
            let points = truth.get(icao24).map_or(&[][..], Vec::as_slice);
            let first = points.partition_point(|point| point.at <= from.max(state.at));
            let points = points[first..].iter().take_while(|point| point.at <= until);
            points.for_each(|point| errors.point(aircraft, state, point));
        }
    }
    errors.figures()
}

fn is_young(state: &MotionState, at: UnixMillis) -> bool {
    at.since(state.at) <= OLDEST_BASE_MS
}

#[derive(Default)]
struct Errors {
    airborne: Vec<f64>,
    turning: Vec<f64>,
    ground: Vec<f64>,
    jump: Vec<f64>,
    altitude: Vec<f64>,
}

impl Errors {
    fn jump(&mut self, aircraft: &Aircraft, before: &MotionState, after: &MotionState, at: UnixMillis) {
        if !aircraft.on_ground() && after.at > before.at {
            let (old, new) = (motion::predict(before, at), motion::predict(after, at));
            self.jump.push(old.position.distance_m(new.position));
        }
    }

    fn point(&mut self, aircraft: &Aircraft, state: &MotionState, point: &TruePoint) {
        let drawn = motion::predict(state, point.at);
        let error_m = drawn.position.distance_m(point.position);
        if aircraft.on_ground() {
            self.ground.push(error_m);
            return;
        }
        self.airborne.push(error_m);
        if state.turn_rate_mdps.abs() >= TURNING_FROM_MDPS {
            self.turning.push(error_m);
        }
        if let (Some(altitude_m), Some(_)) = (point.altitude_m, aircraft.altitude_m()) {
            self.altitude.push((drawn.altitude_m - altitude_m).abs());
        }
    }

    fn figures(self) -> Figures {
        Figures {
            airborne: Spread::of(self.airborne),
            turning: Spread::of(self.turning),
            ground: Spread::of(self.ground),
            jump: Spread::of(self.jump),
            altitude: Spread::of(self.altitude),
        }
    }
}

impl Spread {
    fn of(mut errors_m: Vec<f64>) -> Self {
        errors_m.sort_by(f64::total_cmp);
        let n = errors_m.len();
        let at = |share: usize| {
            errors_m.get((n * share / 100).min(n.saturating_sub(1))).copied().unwrap_or_default()
        };
        Self { median_m: at(50), p95_m: at(95), n }
    }
}
