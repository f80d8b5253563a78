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

/// Truth from a file, with what could not be used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TruthFile {
    /// The points of each aircraft.
    pub truth: Truth,
    /// Points in all.
    pub points: usize,
    /// Rows without a usable address, time or position.
    pub skipped: usize,
}

/// Truth from CSV. Its head names the columns, of which icao24, time_position (seconds), lat and lon (degrees)
/// are needed and baro_altitude_m is used; rows without a position or time are skipped and counted.
///
/// # Errors
/// A column is missing, or no row can be used; then what was expected of the first.
pub fn truth_from_csv(text: &str) -> Result<TruthFile, String> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let head: Vec<&str> = lines.next().unwrap_or_default().split(',').map(str::trim).collect();
    let place = |name: &str| head.iter().position(|column| column.eq_ignore_ascii_case(name));
    let needed = |name: &str| {
        place(name).ok_or_else(|| {
            let found = head.join(",").chars().take(80).collect::<String>();
            format!("line 1: expected a head with the columns icao24, time_position, lat, lon; {name} is missing in {found:?}")
        })
    };
    let columns = [needed("icao24")?, needed("time_position")?, needed("lat")?, needed("lon")?];
    let altitude = place("baro_altitude_m");
    let mut file = TruthFile::default();
    let mut first_bad = None;
    for (row, line) in lines.zip(2_u64..).filter(|(row, _)| !row.trim().is_empty()) {
        let cells: Vec<&str> = row.split(',').map(str::trim).collect();
        match true_point(&cells, columns, altitude) {
            Some((icao24, point)) => {
                file.truth.entry(icao24).or_default().push(point);
                file.points += 1;
            }
            None => {
                first_bad.get_or_insert_with(|| {
                    format!("line {line}: {:?}", row.chars().take(80).collect::<String>())
                });
                file.skipped += 1;
            }
        }
    }
    if file.points == 0 {
        let found = first_bad.map_or_else(|| "there is none".to_owned(), |bad| format!("the first, {bad}"));
        return Err(format!("no row has an address, a time in seconds and a position in degrees; {found}"));
    }
    file.truth.values_mut().for_each(|points| points.sort_by_key(|point| point.at));
    Ok(file)
}

/// Truth from the recording itself: what its later polls say of an earlier moment, each moment once.
#[must_use]
pub fn truth_from_recording(recording: &Recording) -> Truth {
    let mut truth = Truth::new();
    for poll in (0..recording.len()).filter_map(|index| recording.poll(index)) {
        for observation in poll.observations {
            let at = observation.time_position.unwrap_or(observation.last_contact);
            let point = TruePoint { at, position: observation.position, altitude_m: observation.altitude_m };
            truth.entry(observation.icao24).or_default().push(point);
        }
    }
    for points in truth.values_mut() {
        points.sort_by_key(|point| point.at);
        points.dedup_by_key(|point| point.at);
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
        for aircraft in tracker.accept(0, from, poll).observations {
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

fn true_point(
    cells: &[&str],
    [icao24, time, latitude, longitude]: [usize; 4],
    altitude: Option<usize>,
) -> Option<(Icao24, TruePoint)> {
    let number = |at: usize| cells.get(at)?.parse::<f64>().ok().filter(|number| number.is_finite());
    let at = UnixMillis::from_seconds(number(time)?)?;
    let position = Position::new(number(latitude)?, number(longitude)?)?;
    Some((
        Icao24::parse(cells.get(icao24)?)?,
        TruePoint { at, position, altitude_m: altitude.and_then(number) },
    ))
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
