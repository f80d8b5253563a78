//! Where each aircraft has been since the page was opened, in bounded memory.

use inflight_domain::{Icao24, MotionState};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// Points that are kept of one aircraft.
pub const POINTS: usize = 90;

/// Least stream time between two points, in milliseconds.
const SPACING_MS: i64 = 4000;

/// A point of a trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailPoint {
    /// Stream time in milliseconds since 1970.
    pub at_ms: i64,
    /// Latitude in 1e-7 degree.
    pub latitude_e7: i32,
    /// Longitude in 1e-7 degree.
    pub longitude_e7: i32,
    /// Altitude in centimetres.
    pub altitude_cm: i32,
}

/// Trails of all aircraft.
#[derive(Clone, Debug, Default)]
pub struct Trails {
    by_aircraft: FxHashMap<Icao24, VecDeque<TrailPoint>>,
}

impl Trails {
    /// Takes in where an aircraft is held to be; a state from before the newest point starts the trail anew,
    /// because the recording was moved back.
    pub fn record(&mut self, icao24: Icao24, motion: &MotionState) {
        let trail = self.by_aircraft.entry(icao24).or_default();
        if let Some(newest) = trail.back() {
            if motion.at.0 < newest.at_ms {
                trail.clear();
            } else if motion.at.0 - newest.at_ms < SPACING_MS {
                return;
            }
        }
        if trail.len() == POINTS {
            trail.pop_front();
        }
        trail.push_back(TrailPoint {
            at_ms: motion.at.0,
            latitude_e7: motion.latitude_e7,
            longitude_e7: motion.longitude_e7,
            altitude_cm: motion.altitude_cm,
        });
    }

    /// Points of one aircraft, oldest first.
    pub fn of(&self, icao24: Icao24) -> impl Iterator<Item = &TrailPoint> {
        self.by_aircraft.get(&icao24).into_iter().flatten()
    }

    /// The aircraft that have one.
    pub fn addresses(&self) -> impl Iterator<Item = Icao24> {
        self.by_aircraft.keys().copied()
    }

    /// How many aircraft have a trail.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_aircraft.len()
    }

    /// Forgets aircraft that are gone.
    pub fn retain(&mut self, mut is_there: impl FnMut(Icao24) -> bool) {
        self.by_aircraft.retain(|icao24, _| is_there(*icao24));
    }

    /// Forgets everything, as after a jump of the stream.
    pub fn clear(&mut self) {
        self.by_aircraft.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_domain::UnixMillis;

    fn at(seconds: i64) -> MotionState {
        MotionState { at: UnixMillis(seconds * 1000), latitude_e7: seconds as i32, ..MotionState::default() }
    }

    fn seconds(trails: &Trails, icao24: Icao24) -> Vec<i64> {
        trails.of(icao24).map(|point| point.at_ms / 1000).collect()
    }

    #[test]
    fn points_are_spaced_bounded_and_restarted() {
        let (one, two) = (Icao24::new(1).unwrap(), Icao24::new(2).unwrap());
        let mut trails = Trails::default();
        for second in [0, 1, 4, 7, 10] {
            trails.record(one, &at(second));
        }
        assert_eq!(seconds(&trails, one), [0, 4, 10]);
        for second in 0..1000 {
            trails.record(two, &at(second));
        }
        assert_eq!(trails.of(two).count(), POINTS);
        trails.record(two, &at(5));
        assert_eq!(seconds(&trails, two), [5]);
        trails.retain(|icao24| icao24 == two);
        assert_eq!(trails.of(one).count(), 0);
    }
}
