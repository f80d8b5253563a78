//! What a detector is shown: one aircraft's newest fix, the one before it, and the flight so far.

use crate::airports::Airports;
use inflight_domain::math::turn_deg;
use inflight_domain::{Aircraft, AirportCode, Disruption, Evidence, Position, Severity, UnixMillis};

/// One fix of an aircraft.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fix {
    pub(super) at: UnixMillis,
    pub(super) position: Position,
    /// Barometric altitude, or geometric where that is unknown; the last known one while airborne.
    pub(super) altitude_m: Option<f64>,
    pub(super) speed_mps: Option<f64>,
    pub(super) track_deg: Option<f64>,
    pub(super) vertical_rate_mps: Option<f64>,
    pub(super) on_ground: bool,
}

/// A flight from when it was first seen, or from its takeoff.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    /// When it was first seen, or took off.
    pub(super) since: UnixMillis,
    /// The airport that it took off from, if that was seen.
    pub(super) origin: Option<u16>,
    /// Highest altitude, metres.
    pub(super) highest_m: f64,
    /// Fastest reported speed, metres per second.
    pub(super) fastest_mps: f64,
}

/// The step from one fix to the next.
#[derive(Clone, Copy)]
pub(super) struct Step<'a> {
    pub(super) before: &'a Fix,
    pub(super) now: &'a Fix,
    pub(super) seconds: f64,
    pub(super) distance_m: f64,
    pub(super) flight: &'a Flight,
    pub(super) airports: &'static Airports,
    /// The nearest airport, for aircraft that are low.
    pub(super) near: Option<Near>,
}

/// The airport that an aircraft is near to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Near {
    pub(super) index: u16,
    pub(super) distance_m: f64,
    pub(super) height_m: f64,
}

/// What a detector found.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) began: UnixMillis,
    pub(super) place: Position,
    pub(super) severity: Severity,
    pub(super) confidence_pct: f64,
    pub(super) airport: Option<u16>,
    pub(super) evidence: Evidence,
}

/// What a detector says of a step.
pub(super) enum Verdict {
    /// Nothing new: what is open stays open.
    Same,
    /// It is so: opens a row or brings the open one up to date.
    Holds(Finding),
    /// It is over.
    Over,
}

impl Fix {
    /// What a row says.
    pub(super) fn of(aircraft: &Aircraft) -> Self {
        Self {
            at: aircraft.position_time(),
            position: aircraft.position(),
            altitude_m: aircraft.altitude_m().or_else(|| aircraft.geo_altitude_m()),
            speed_mps: aircraft.speed_mps(),
            track_deg: aircraft.track_deg(),
            vertical_rate_mps: aircraft.vertical_rate_mps(),
            on_ground: aircraft.on_ground(),
        }
    }
}

impl Step<'_> {
    /// Turn since the fix before, right positive, degrees.
    pub(super) fn turn_deg(&self) -> f64 {
        match (self.before.track_deg, self.now.track_deg) {
            (Some(from), Some(to)) => turn_deg(from, to),
            _ => 0.0,
        }
    }

    /// Speed over ground: as reported, or as travelled.
    pub(super) fn speed_mps(&self) -> f64 {
        self.now.speed_mps.unwrap_or_else(|| self.distance_m / self.seconds.max(1.0))
    }

    /// Altitude change since the fix before, metres; none where unknown.
    pub(super) fn climb_m(&self) -> Option<f64> {
        Some(self.now.altitude_m? - self.before.altitude_m?)
    }

    /// Vertical speed, climb positive: as travelled between the fixes, or as reported.
    pub(super) fn climbing_mps(&self) -> f64 {
        let travelled = self.climb_m().map(|climb_m| climb_m / self.seconds.max(1.0));
        self.now.vertical_rate_mps.or(travelled).unwrap_or(0.0)
    }

    /// How far the track is off the way to a place, degrees in [0, 180].
    pub(super) fn off_deg(&self, place: Position) -> f64 {
        let track_deg =
            self.now.track_deg.unwrap_or_else(|| self.before.position.bearing_deg(self.now.position));
        turn_deg(track_deg, self.now.position.bearing_deg(place)).abs()
    }
}

impl Finding {
    /// The row's changeable part.
    pub(super) fn write(self, row: &mut Disruption, code: impl Fn(u16) -> Option<AirportCode>) {
        row.severity = self.severity;
        row.confidence_pct = self.confidence_pct.clamp(0.0, 99.0) as u8;
        row.airport = self.airport.and_then(code);
        row.evidence = self.evidence;
    }
}
