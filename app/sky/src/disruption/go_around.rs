//! Go-around: an approach that came low over a runway's end and went up again without touching it.

use crate::disruption::step::{Finding, Step, Verdict};
use inflight_domain::{Evidence, Measure, Position, Severity, UnixMillis};

/// An approach is watched from this height above the airport.
const LOW_M: f64 = 750.0;

/// And within this distance.
const NEAR_M: f64 = 14_000.0;

/// It must have come down by so much to be an approach.
const DESCENT_M: f64 = 450.0;

/// Climb after which it is a go-around.
const CLIMB_M: f64 = 240.0;

/// It must be climbed within this time of the lowest point.
const CLIMB_WITHIN_MS: i64 = 240_000;

/// Helicopters and light aircraft come slower; they practise, and go round for the sake of it.
const SLOWEST_MPS: f64 = 47.0;

/// Track at most so far off the airport while it comes down, degrees, beyond three kilometres.
const OFF_DEG: f64 = 35.0;

/// When nothing more is told of it.
const LASTS_MS: i64 = 600_000;

/// The approach so far.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    approach: Option<Approach>,
    open_since: Option<UnixMillis>,
    blocked_until: Option<UnixMillis>,
}

#[derive(Clone, Copy, Debug)]
struct Approach {
    airport: u16,
    /// Altitude from which it came down without a break.
    from_m: f64,
    low_m: f64,
    low_height_m: f64,
    low_at: UnixMillis,
    low_place: Position,
    low_distance_m: f64,
    slow: bool,
    aimed: bool,
    /// Longest time between fixes around the lowest point: a touchdown may hide in it.
    hidden_s: f64,
}

impl State {
    pub(super) fn watch(&mut self, step: &Step<'_>) -> Verdict {
        let now = step.now;
        if now.on_ground || step.seconds > 120.0 {
            *self = Self { blocked_until: Some(UnixMillis(now.at.0 + 180_000)), ..Self::default() };
            return Verdict::Over;
        }
        let over = self.open_since.is_some_and(|since| now.at.since(since) > LASTS_MS);
        if over {
            self.open_since = None;
        }
        let verdict = self.approach(step);
        if over && matches!(verdict, Verdict::Same) { Verdict::Over } else { verdict }
    }

    pub(super) fn reset(&mut self) {
        self.approach = None;
    }

    fn approach(&mut self, step: &Step<'_>) -> Verdict {
        let Some(altitude_m) = step.now.altitude_m else { return Verdict::Same };
        let near = step.near.filter(|near| near.distance_m <= NEAR_M && near.height_m <= LOW_M);
        match (&mut self.approach, near) {
            (None, Some(near)) if self.blocked_until.is_none_or(|until| step.now.at > until) => {
                self.approach = Approach::begin(step, altitude_m, near.index, near.height_m, near.distance_m);
            }
            (Some(approach), near) => {
                if let Some(near) = near.filter(|_| altitude_m <= approach.low_m) {
                    approach.deepen(step, altitude_m, near.index, near.height_m, near.distance_m);
                } else if step.now.at.since(approach.low_at) < 40_000 {
                    approach.hidden_s = approach.hidden_s.max(step.seconds);
                }
                let climb_m = altitude_m - approach.low_m;
                if climb_m >= CLIMB_M {
                    let approach = *approach;
                    self.approach = None;
                    return self.judge(step, &approach, climb_m);
                }
                if step.now.at.since(approach.low_at) > CLIMB_WITHIN_MS {
                    self.approach = None;
                }
            }
            _ => {}
        }
        Verdict::Same
    }

    fn judge(&mut self, step: &Step<'_>, approach: &Approach, climb_m: f64) -> Verdict {
        let descent_m = approach.from_m - approach.low_m;
        // Fixes too far apart near the ground may hide a touch-and-go.
        let touched = approach.low_height_m < 60.0 && approach.hidden_s > 45.0;
        let is_one = descent_m >= DESCENT_M && approach.aimed && !approach.slow && !touched;
        if !is_one {
            return Verdict::Same;
        }
        self.open_since = Some(step.now.at);
        let evidence = Evidence::default()
            .with(Measure::LowestHeightM, approach.low_height_m)
            .with(Measure::AirportClosestM, approach.low_distance_m)
            .with(Measure::ClimbM, climb_m)
            .with(Measure::DescentM, descent_m);
        let low = 1.0 - (approach.low_height_m / LOW_M).clamp(0.0, 1.0);
        Verdict::Holds(Finding {
            began: approach.low_at,
            place: approach.low_place,
            severity: Severity::Notice,
            confidence_pct: 60.0 + 35.0 * low,
            airport: Some(approach.airport),
            evidence,
        })
    }
}

impl Approach {
    fn begin(step: &Step<'_>, altitude_m: f64, airport: u16, height_m: f64, distance_m: f64) -> Option<Self> {
        let comes_down = step.climbing_mps() < -1.0;
        comes_down.then(|| {
            let mut approach = Self {
                airport,
                // What it has descended before is known from the flight's highest point.
                from_m: step.flight.highest_m,
                low_m: altitude_m,
                low_height_m: height_m,
                low_at: step.now.at,
                low_place: step.now.position,
                low_distance_m: distance_m,
                slow: false,
                aimed: false,
                hidden_s: step.seconds,
            };
            approach.deepen(step, altitude_m, airport, height_m, distance_m);
            approach
        })
    }

    fn deepen(&mut self, step: &Step<'_>, altitude_m: f64, airport: u16, height_m: f64, distance_m: f64) {
        // Which airport of a city it comes down to shows only when it is near.
        self.aimed &= airport == self.airport;
        self.airport = airport;
        self.low_m = altitude_m;
        self.low_height_m = height_m;
        self.low_at = step.now.at;
        self.low_place = step.now.position;
        self.low_distance_m = distance_m;
        self.hidden_s = step.seconds;
        self.slow = step.speed_mps() < SLOWEST_MPS;
        let airport = step.airports.get(self.airport);
        let off_deg = airport.map_or(180.0, |airport| step.off_deg(airport.position));
        self.aimed |=
            (distance_m > 3_000.0 && off_deg <= OFF_DEG) || (distance_m <= 3_000.0 && off_deg <= 60.0);
    }
}
