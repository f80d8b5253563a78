//! Holding pattern: turn after turn in one direction, each bringing the aircraft back to where it was.

use crate::disruption::step::{Finding, Step, Verdict};
use inflight_domain::{Evidence, Measure, Position, Severity, UnixMillis};

/// Slowest mean speed of what holds; below it are helicopters and light aircraft that circle for other reasons.
const SLOWEST_MPS: f64 = 75.0;

/// A leg longer than this, straight, ends it: legs take a minute, a minute and a half when high.
const LONGEST_LEG_S: f64 = 200.0;

/// Fixes further apart than this may hide half a turn.
const LONGEST_STEP_S: f64 = 75.0;

/// Below this turn rate a leg counts as straight, degrees per second.
const STRAIGHT_DPS: f64 = 0.4;

/// Quarters of a turn after which it is a pattern: a full turn for spacing is none.
const QUARTERS: usize = 5;

/// How near the same quarter of the next turn must come to that of the last one.
const RETURN_M: f64 = 9_000.0;

/// Extent of all of it.
const WIDEST_M: f64 = 45_000.0;

/// Circuits around an airport are flown below this height, or altitude where no airport is near.
const LOWEST_M: f64 = 900.0;

/// Turns so far.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    run: Option<Run>,
}

#[derive(Clone, Debug)]
struct Run {
    began: UnixMillis,
    place: Position,
    turned_deg: f64,
    furthest_deg: f64,
    straight_s: f64,
    path_m: f64,
    flown_s: f64,
    low_m: f64,
    high_m: f64,
    /// South, north, west, east.
    edges_deg: [f64; 4],
    quarters: Vec<Position>,
    returned: bool,
}

impl State {
    /// Whether it turns so much that other detectors should leave it alone.
    pub(super) fn is_turning(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.furthest_deg.abs() >= 330.0)
    }

    pub(super) fn watch(&mut self, step: &Step<'_>) -> Verdict {
        let Some(altitude_m) = step.now.altitude_m.filter(|_| !step.now.on_ground) else {
            self.run = None;
            return Verdict::Over;
        };
        let height_m = step.near.map_or(altitude_m, |near| near.height_m);
        if step.seconds > LONGEST_STEP_S || height_m < LOWEST_M {
            self.run = None;
            return Verdict::Over;
        }
        let run = self.run.get_or_insert_with(|| Run::new(step, altitude_m));
        run.take(step, altitude_m);
        if run.is_over() {
            self.run = None;
            return Verdict::Over;
        }
        match run.finding() {
            Some(finding) => Verdict::Holds(finding),
            None => Verdict::Same,
        }
    }

    pub(super) fn reset(&mut self) {
        self.run = None;
    }
}

impl Run {
    fn new(step: &Step<'_>, altitude_m: f64) -> Self {
        let position = step.before.position;
        let (lat, lon) = (position.latitude_deg(), position.longitude_deg());
        Self {
            began: step.before.at,
            place: position,
            turned_deg: 0.0,
            furthest_deg: 0.0,
            straight_s: 0.0,
            path_m: 0.0,
            flown_s: 0.0,
            low_m: altitude_m,
            high_m: altitude_m,
            edges_deg: [lat, lat, lon, lon],
            quarters: Vec::new(),
            returned: false,
        }
    }

    fn take(&mut self, step: &Step<'_>, altitude_m: f64) {
        let turn = step.turn_deg();
        self.straight_s = if turn.abs() / step.seconds.max(1.0) < STRAIGHT_DPS {
            self.straight_s + step.seconds
        } else {
            0.0
        };
        self.turned_deg += turn;
        self.path_m += step.distance_m;
        self.flown_s += step.seconds;
        self.low_m = self.low_m.min(altitude_m);
        self.high_m = self.high_m.max(altitude_m);
        if self.straight_s < LONGEST_LEG_S / 2.0 {
            let (lat, lon) = (step.now.position.latitude_deg(), step.now.position.longitude_deg());
            let [south, north, west, east] = self.edges_deg;
            self.edges_deg = [south.min(lat), north.max(lat), west.min(lon), east.max(lon)];
        }
        if self.turned_deg.abs() > self.furthest_deg.abs() {
            self.furthest_deg = self.turned_deg;
        }
        while self.furthest_deg.abs() >= (self.quarters.len() + 1) as f64 * 90.0 && self.quarters.len() < 64 {
            let before = self.quarters.len().checked_sub(4).map(|place| self.quarters[place]);
            self.quarters.push(step.now.position);
            if let Some(before) = before {
                self.returned = before.distance_m(step.now.position) <= RETURN_M;
            }
        }
    }

    fn is_over(&self) -> bool {
        // A run that has not turned yet starts with the turn itself.
        let idle = self.furthest_deg.abs() < 45.0 && self.straight_s > 30.0;
        let turned_back = (self.furthest_deg - self.turned_deg).abs() > 100.0;
        idle || turned_back || self.straight_s > LONGEST_LEG_S || self.extent_m() > WIDEST_M
    }

    fn extent_m(&self) -> f64 {
        let [south, north, west, east] = self.edges_deg;
        let corner = |lat, lon| Position::new(lat, lon).unwrap_or(self.place);
        corner(south, west).distance_m(corner(north, east))
    }

    fn finding(&self) -> Option<Finding> {
        let speed_mps = self.path_m / self.flown_s.max(1.0);
        let is_pattern = self.quarters.len() >= QUARTERS && self.returned && speed_mps >= SLOWEST_MPS;
        is_pattern.then(|| {
            let turns = self.furthest_deg.abs() / 360.0;
            let evidence = Evidence::default()
                .with(Measure::TurnsFlown, turns)
                .with(Measure::DurationS, self.flown_s)
                .with(Measure::LowestAltitudeM, self.low_m)
                .with(Measure::HighestAltitudeM, self.high_m)
                .with(Measure::RadiusM, self.extent_m() / 2.0);
            Finding {
                began: self.began,
                place: self.place,
                severity: Severity::Notice,
                confidence_pct: 65.0 + 20.0 * (turns - 1.25).min(1.5),
                airport: None,
                evidence,
            }
        })
    }
}
