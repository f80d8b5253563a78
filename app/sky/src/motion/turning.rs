//! How fast an aircraft turns now, from how far it turned and where it came out.

/// Turns of fewer degrees than this tell nothing of when they happened.
pub(super) const TURN_TOLD_FROM_DEG: f64 = 0.7;

/// Most of the time between two observations that an aircraft is held to have flown straight before its turn.
const LATEST_ONSET: f64 = 0.67;

/// How readily a turn is held to be over: at small mean rates it ended, at large ones the fix was off.
const ROLL_OUT: f64 = 1.2;
const ROLL_OUT_BELOW_DPS: f64 = 0.75;

/// Share of the turn rate before that is taken off in ten seconds: the longer a turn lasts, the nearer is its end.
const WEARS_OFF: f64 = 0.2;
const WEARS_OFF_IN_S: f64 = 10.0;

/// What the last two observations tell of a turn.
pub(super) struct Turned {
    /// From track to track in degrees, right positive.
    pub(super) track_deg: f64,
    /// In seconds.
    pub(super) during_s: f64,
    /// From the middle of the two tracks to the way between the two places, in degrees; none if too short.
    pub(super) off_middle_deg: Option<f64>,
    /// Turn rate before, in degrees per second.
    pub(super) before_dps: f64,
}

impl Turned {
    /// Turn rate in degrees per second that is likely from here on.
    ///
    /// An aircraft that turned evenly has flown along the middle of its tracks. One that began late has flown
    /// nearer to its old track: for the part x of the time it went straight, and turns now at 1/(1-x) of the mean
    /// rate. One that ended early has flown nearer to its new track, and turns no more.
    pub(super) fn rate_dps(&self) -> f64 {
        let mean_dps = self.track_deg / self.during_s;
        let mut dps = mean_dps * self.off_middle_deg.map_or(1.0, |off_deg| self.growth(mean_dps, off_deg));
        if self.before_dps * dps > 0.0 {
            dps -= WEARS_OFF * (self.during_s / WEARS_OFF_IN_S).min(1.0) * self.before_dps;
        }
        if dps * mean_dps < 0.0 { 0.0 } else { dps }
    }

    fn growth(&self, mean_dps: f64, off_deg: f64) -> f64 {
        if self.track_deg.abs() < TURN_TOLD_FROM_DEG {
            return 1.0;
        }
        let straight = -2.0 * off_deg / self.track_deg;
        if straight >= 0.0 {
            return 1.0 / (1.0 - straight.min(LATEST_ONSET));
        }
        let steadiness = mean_dps / ROLL_OUT_BELOW_DPS;
        (1.0 + straight * ROLL_OUT / (1.0 + steadiness * steadiness)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(track_deg: f64, off_middle_deg: Option<f64>, before_dps: f64, expected_dps: f64) {
        let turned = Turned { track_deg, during_s: 10.0, off_middle_deg, before_dps };
        let dps = turned.rate_dps();
        assert!((dps - expected_dps).abs() < 0.01, "{track_deg} {off_middle_deg:?} {before_dps}: {dps}");
    }

    #[test]
    fn the_way_tells_when_the_turn_happened() {
        check(10.0, Some(0.0), 0.0, 1.0);
        check(10.0, None, 0.0, 1.0);
        // Half of the time straight, then ten degrees in five seconds.
        check(10.0, Some(-2.5), 0.0, 2.0);
        check(-10.0, Some(2.5), 0.0, -2.0);
        check(5.0, Some(-2.4), 0.0, 1.515);
        // Over early.
        check(4.0, Some(2.0), 0.0, 0.026);
        check(0.5, Some(3.0), 0.0, 0.05);
        // It wears off, and never turns round.
        check(10.0, Some(0.0), 1.0, 0.8);
        check(1.0, Some(0.0), 3.0, 0.0);
        check(10.0, Some(0.0), -1.0, 1.0);
    }
}
