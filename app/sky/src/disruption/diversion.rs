//! Diversion: it was coming down to an airport, then turned away from it and left.
//!
//! Where an aircraft is bound for is not on the air. It is inferred: the large airport ahead that a usual descent
//! reaches. The evidence names it and says how near it came and how far it left.

use crate::disruption::step::{Finding, Step, Verdict};
use inflight_domain::math::turn_deg;
use inflight_domain::{Evidence, Measure, Position, Severity, UnixMillis};

/// A destination is inferred below this height above it.
const BELOW_M: f64 = 4_300.0;

/// And once so much was descended.
const DESCENT_M: f64 = 1_000.0;

/// How far ahead a destination may lie.
const REACH_M: f64 = 75_000.0;

/// And how far off the track, degrees.
const AHEAD_DEG: f64 = 30.0;

/// Seconds that it must come down towards the same airport.
const AIMED_S: f64 = 50.0;

/// Climb since the lowest point that shows a change of mind.
const CLIMB_M: f64 = 550.0;

/// How far it must have left again after such a climb.
const LEFT_M: f64 = 27_000.0;

/// A climb beyond any missed approach shows it sooner.
const STEEP_M: f64 = 1_300.0;
const STEEP_LEFT_M: f64 = 15_000.0;

/// And without one: vectors around a busy airport lead out to forty kilometres and back.
const LEFT_LEVEL_M: f64 = 75_000.0;

/// Track off the airport from which it counts as leaving, degrees.
const AWAY_DEG: f64 = 100.0;

/// Seconds that it must fly away.
const AWAY_S: f64 = 100.0;

/// Turn between coming and leaving, degrees: else it flew past to another airport ahead.
const TURN_DEG: f64 = 70.0;

/// Height below which an aircraft is at the airport that it is near to, metres.
const ELSEWHERE_M: f64 = 1_000.0;

/// The inference so far.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    aim: Option<Aim>,
    away_s: f64,
    open: bool,
}

#[derive(Clone, Copy, Debug)]
struct Aim {
    airport: u16,
    place: Position,
    aimed_s: f64,
    track_deg: f64,
    from_m: f64,
    low_m: f64,
    low_at: UnixMillis,
    low_place: Position,
    closest_m: f64,
}

impl State {
    pub(super) fn watch(&mut self, step: &Step<'_>) -> Verdict {
        if step.now.on_ground || step.seconds > 240.0 {
            let was_open = self.open;
            *self = Self::default();
            return if was_open { Verdict::Over } else { Verdict::Same };
        }
        let Some(altitude_m) = step.now.altitude_m else { return Verdict::Same };
        if !self.open {
            self.aim(step, altitude_m);
            // Low at another airport: that is where it was bound for.
            let elsewhere = |aim: &Aim| {
                step.near.is_some_and(|near| near.index != aim.airport && near.height_m < ELSEWHERE_M)
            };
            self.aim = self.aim.filter(|aim| !elsewhere(aim));
        }
        let Some(aim) = &mut self.aim else { return Verdict::Same };
        let distance_m = step.now.position.distance_m(aim.place);
        if altitude_m < aim.low_m && !self.open {
            (aim.low_m, aim.low_at, aim.low_place) = (altitude_m, step.now.at, step.now.position);
        }
        aim.closest_m = aim.closest_m.min(distance_m);
        let leaves = step.off_deg(aim.place) >= AWAY_DEG;
        self.away_s = if leaves { self.away_s + step.seconds } else { 0.0 };
        if self.open {
            return self.go_on(step, distance_m);
        }
        let aim = *aim;
        let climb_m = altitude_m - aim.low_m;
        let left_m = distance_m - aim.closest_m;
        let turned_deg = step.now.track_deg.map_or(0.0, |track| turn_deg(aim.track_deg, track).abs());
        let is_one = aim.aimed_s >= AIMED_S
            && self.away_s >= AWAY_S
            && turned_deg >= TURN_DEG
            && [(STEEP_M, STEEP_LEFT_M), (CLIMB_M, LEFT_M), (f64::MIN, LEFT_LEVEL_M)]
                .iter()
                .any(|(climbed_m, gone_m)| climb_m >= *climbed_m && left_m >= *gone_m);
        if !is_one {
            return Verdict::Same;
        }
        self.open = true;
        Verdict::Holds(aim.finding(step, distance_m, climb_m, altitude_m))
    }

    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// It is over when it comes back: then it was a long way round.
    fn go_on(&mut self, step: &Step<'_>, distance_m: f64) -> Verdict {
        let Some(aim) = self.aim else { return Verdict::Same };
        let back = distance_m < 25_000.0 && step.off_deg(aim.place) < 40.0;
        if back {
            *self = Self::default();
            return Verdict::Over;
        }
        Verdict::Same
    }

    /// Infers where it comes down to.
    fn aim(&mut self, step: &Step<'_>, altitude_m: f64) {
        let descent_m = step.flight.highest_m - altitude_m;
        if step.climbing_mps() > -1.5 || descent_m < DESCENT_M {
            return;
        }
        if let Some(aim) = &mut self.aim {
            if step.off_deg(aim.place) <= AHEAD_DEG {
                aim.aimed_s += step.seconds;
                aim.track_deg = step.now.track_deg.unwrap_or(aim.track_deg);
                return;
            }
            // One that was aimed at for long is kept until it is clear what becomes of it.
            let distance_m = step.now.position.distance_m(aim.place);
            if aim.aimed_s >= AIMED_S && distance_m < aim.closest_m + LEFT_LEVEL_M {
                return;
            }
        }
        let ahead = step.airports.within(step.now.position, REACH_M).filter(|(_, airport, distance_m)| {
            let height_m = altitude_m - airport.elevation_m;
            // Three degrees need 19 m for each metre of height; level legs on the way take some more.
            (0.0..=BELOW_M).contains(&height_m)
                && (height_m * 11.0..=height_m * 40.0 + 12_000.0).contains(distance_m)
                && step.off_deg(airport.position) <= AHEAD_DEG
        });
        let best = ahead.min_by(|one, other| {
            let cost =
                |(_, airport, _): &(u16, &crate::airports::Airport, f64)| step.off_deg(airport.position);
            cost(one).total_cmp(&cost(other))
        });
        self.aim = best.map(|(index, airport, distance_m)| Aim {
            airport: index,
            place: airport.position,
            aimed_s: 0.0,
            track_deg: step.now.track_deg.unwrap_or(0.0),
            from_m: step.flight.highest_m,
            low_m: altitude_m,
            low_at: step.now.at,
            low_place: step.now.position,
            closest_m: distance_m,
        });
    }
}

impl Aim {
    fn finding(&self, step: &Step<'_>, distance_m: f64, climb_m: f64, altitude_m: f64) -> Finding {
        let mut evidence = Evidence::default()
            .with(Measure::AirportClosestM, self.closest_m)
            .with(Measure::AirportDistanceM, distance_m)
            .with(Measure::AirportBearingDeg, step.now.position.bearing_deg(self.place))
            .with(Measure::DescentM, self.from_m - self.low_m)
            .with(Measure::ClimbM, climb_m.max(0.0))
            .with(Measure::AltitudeM, altitude_m);
        if let Some(track_deg) = step.now.track_deg {
            evidence = evidence.with(Measure::TrackDeg, track_deg);
        }
        let aimed = (self.aimed_s / 180.0).min(1.0);
        let climbed = (climb_m / 2_000.0).clamp(0.0, 1.0);
        Finding {
            began: self.low_at,
            place: self.low_place,
            severity: Severity::Attention,
            confidence_pct: 50.0 + 20.0 * aimed + 25.0 * climbed,
            airport: Some(self.airport),
            evidence,
        }
    }
}
