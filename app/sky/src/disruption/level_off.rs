//! Unexpected long level-off: a descent from cruise that stops half-way down and stays there.

use crate::disruption::step::{Finding, Step, Verdict};
use inflight_domain::{Evidence, Measure, Position, Severity, UnixMillis};

/// Step-downs and vectors keep an arrival level for this long at most, usually.
const EXPECTED_S: f64 = 240.0;

/// From here on it is out of the ordinary.
const LONG_S: f64 = 540.0;

/// Level within this much either way.
const BAND_M: f64 = 90.0;

/// It must have come down by so much before.
const DESCENT_M: f64 = 1_800.0;

/// Where descents are interrupted; above is cruise, below is the circuit.
const BETWEEN_M: core::ops::RangeInclusive<f64> = 1_200.0..=7_000.0;

/// Slowest aircraft that is looked at: turboprops and light aircraft cruise in that band.
const SLOWEST_MPS: f64 = 105.0;

/// Fixes further apart than this tell nothing of what was between them.
const LONGEST_STEP_S: f64 = 150.0;

/// The level so far.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Altitude from which the present descent began.
    from_m: Option<f64>,
    level: Option<Level>,
}

#[derive(Clone, Copy, Debug)]
struct Level {
    since: UnixMillis,
    altitude_m: f64,
    place: Position,
    open: bool,
}

impl State {
    pub(super) fn watch(&mut self, step: &Step<'_>, turning: bool) -> Verdict {
        let Some(altitude_m) = step.now.altitude_m.filter(|_| !step.now.on_ground) else {
            *self = Self::default();
            return Verdict::Over;
        };
        if step.seconds > LONGEST_STEP_S {
            *self = Self::default();
            return Verdict::Over;
        }
        let from_m = *self.from_m.get_or_insert(altitude_m);
        let stays = self.level.filter(|level| (altitude_m - level.altitude_m).abs() <= BAND_M);
        let Some(level) = stays else {
            let was_open = self.level.is_some_and(|level| level.open);
            let climbs = self.level.is_some_and(|level| altitude_m > level.altitude_m);
            // What goes up again, or was in cruise, starts its next descent there.
            self.from_m = Some(if climbs { altitude_m } else { from_m.max(altitude_m) });
            self.level =
                Some(Level { since: step.now.at, altitude_m, place: step.now.position, open: false });
            return if was_open { Verdict::Over } else { Verdict::Same };
        };
        // A hold is level too, and is told as one.
        let level = if turning { Level { since: step.now.at, ..level } } else { level };
        self.level = Some(level);
        let seconds = step.now.at.since(level.since) as f64 / 1000.0;
        let descent_m = from_m - level.altitude_m;
        let is_one = seconds >= LONG_S
            && descent_m >= DESCENT_M
            && BETWEEN_M.contains(&altitude_m)
            && step.speed_mps() >= SLOWEST_MPS
            && !turning;
        if !is_one && !level.open {
            return Verdict::Same;
        }
        self.level = Some(Level { open: true, ..level });
        let evidence = Evidence::default()
            .with(Measure::AltitudeM, level.altitude_m)
            // Told by the half minute: a row need not change with each fix.
            .with(Measure::DurationS, (seconds / 30.0).floor() * 30.0)
            .with(Measure::ExpectedDurationS, EXPECTED_S)
            .with(Measure::DescentM, descent_m);
        Verdict::Holds(Finding {
            began: level.since,
            place: level.place,
            severity: Severity::Notice,
            confidence_pct: 50.0 + (seconds - LONG_S) / 20.0,
            airport: None,
            evidence,
        })
    }

    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}
