//! Return to origin: it took off here, went away like a flight that goes somewhere, and comes down here again.

use crate::disruption::step::{Finding, Step, Verdict};
use inflight_domain::{Evidence, Measure, Severity, UnixMillis};

/// Longest time between takeoff and turning back that is looked at.
const WITHIN_MS: i64 = 75 * 60_000;

/// It must have gone so far away.
const GONE_M: f64 = 22_000.0;

/// Or climbed so high; training flights stay near and low.
const CLIMBED_M: f64 = 1_700.0;

/// And flown so fast, metres per second: sightseeing and training are slower.
const FASTEST_MPS: f64 = 105.0;

/// Share of the longest distance at which it counts as back.
const BACK_SHARE: f64 = 0.7;

/// It is back within this distance in any case.
const BACK_M: f64 = 45_000.0;

/// Height above the airport below which it is coming down to it.
const LOW_M: f64 = 2_600.0;

/// Track off the airport, degrees, and for how many seconds.
const AIMED_DEG: f64 = 40.0;
const AIMED_S: f64 = 50.0;

/// The way back so far.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    farthest_m: f64,
    farthest_at: UnixMillis,
    aimed_s: f64,
    low_s: f64,
    open: bool,
}

impl State {
    pub(super) fn watch(&mut self, step: &Step<'_>) -> Verdict {
        let airport = step.flight.origin.and_then(|origin| Some((origin, step.airports.get(origin)?)));
        let (Some((origin, airport)), Some(altitude_m)) = (airport, step.now.altitude_m) else {
            return self.end();
        };
        if step.now.on_ground || step.now.at.since(step.flight.since) > WITHIN_MS {
            return self.end();
        }
        let distance_m = step.now.position.distance_m(airport.position);
        if distance_m > self.farthest_m {
            (self.farthest_m, self.farthest_at) = (distance_m, step.now.at);
        }
        let off_deg = step.off_deg(airport.position);
        self.aimed_s = if off_deg <= AIMED_DEG { self.aimed_s + step.seconds } else { 0.0 };
        let height_m = altitude_m - airport.elevation_m;
        let descent_m = step.flight.highest_m - altitude_m;
        let climbing = step.climbing_mps() > 1.5;
        self.low_s = if height_m < LOW_M && !climbing { self.low_s + step.seconds } else { 0.0 };
        let away = self.farthest_m >= GONE_M
            && step.flight.highest_m - airport.elevation_m >= CLIMBED_M
            && step.flight.fastest_mps >= FASTEST_MPS;
        let back = distance_m <= self.farthest_m * BACK_SHARE && distance_m <= BACK_M;
        let down = self.low_s >= 30.0 && descent_m >= 400.0;
        // Another airport of the same city may lie nearer on this way.
        let nearer = step.near.is_some_and(|near| near.index != origin && near.distance_m < 9_000.0);
        if self.open || !(away && back && down && self.aimed_s >= AIMED_S) || nearer {
            return Verdict::Same;
        }
        self.open = true;
        let evidence = Evidence::default()
            .with(Measure::AirportDistanceM, distance_m)
            .with(Measure::AirportFarthestM, self.farthest_m)
            .with(Measure::AirportBearingDeg, step.now.position.bearing_deg(airport.position))
            .with(Measure::HighestAltitudeM, step.flight.highest_m)
            .with(Measure::DescentM, descent_m)
            .with(Measure::DurationS, step.now.at.since(step.flight.since) as f64 / 1000.0);
        Verdict::Holds(Finding {
            began: self.farthest_at,
            place: step.now.position,
            severity: Severity::Attention,
            confidence_pct: 60.0 + 30.0 * (1.0 - distance_m / BACK_M) + (self.aimed_s / 20.0).min(8.0),
            airport: Some(origin),
            evidence,
        })
    }

    fn end(&mut self) -> Verdict {
        let was_open = self.open;
        *self = Self::default();
        if was_open { Verdict::Over } else { Verdict::Same }
    }
}
