//! Where each aircraft has been since the page was opened, in bounded memory.

use inflight_domain::{Icao24, MotionState};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;

/// Points that are kept of an aircraft.
pub const POINTS: usize = 90;

/// Points that are kept of an aircraft whose past was asked for.
pub const LONG_POINTS: usize = 1200;

/// Between two points further apart than this nobody saw the aircraft, in milliseconds.
const GAP_MS: i64 = 60_000;

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
    /// Those whose past is known.
    long: FxHashSet<Icao24>,
}

impl TrailPoint {
    /// Whether nobody saw the aircraft between this point and the next.
    #[must_use]
    pub fn is_before_gap(&self, next: &Self) -> bool {
        next.at_ms - self.at_ms > GAP_MS
    }
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
        if trail.len() >= if self.long.contains(&icao24) { LONG_POINTS } else { POINTS } {
            trail.pop_front();
        }
        trail.push_back(TrailPoint {
            at_ms: motion.at.0,
            latitude_e7: motion.latitude_e7,
            longitude_e7: motion.longitude_e7,
            altitude_cm: motion.altitude_cm,
        });
    }

    /// Puts what was kept of an aircraft's past before what is known; altitudes that are unknown stay as they were.
    pub fn fill(&mut self, icao24: Icao24, kept: &[inflight_domain::TrailPoint]) {
        self.long.insert(icao24);
        let trail = self.by_aircraft.entry(icao24).or_default();
        let until_ms = trail.front().map_or(i64::MAX, |oldest| oldest.at_ms - SPACING_MS);
        let mut past: Vec<TrailPoint> = Vec::new();
        let mut altitude_cm = kept.iter().find_map(|point| point.altitude_cm).unwrap_or_default();
        for point in kept.iter().take_while(|point| point.at.0 <= until_ms) {
            altitude_cm = point.altitude_cm.unwrap_or(altitude_cm);
            if past.last().is_none_or(|last| point.at.0 - last.at_ms >= SPACING_MS) {
                past.push(TrailPoint {
                    at_ms: point.at.0,
                    latitude_e7: point.latitude_e6 * 10,
                    longitude_e7: point.longitude_e6.saturating_mul(10),
                    altitude_cm,
                });
            }
        }
        let room = LONG_POINTS.saturating_sub(trail.len());
        past.into_iter().rev().take(room).for_each(|point| trail.push_front(point));
    }

    /// Points of one aircraft, oldest first.
    pub fn of(&self, icao24: Icao24) -> impl Iterator<Item = &TrailPoint> {
        self.by_aircraft.get(&icao24).into_iter().flatten()
    }

    /// Whether an aircraft's past was brought.
    #[must_use]
    pub fn is_whole(&self, icao24: Icao24) -> bool {
        self.long.contains(&icao24)
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

    /// Forgets aircraft that are gone, but for so many that were seen last.
    pub fn forget_gone(&mut self, most: usize, is_there: impl Fn(Icao24) -> bool) {
        let newest_ms = |trail: &VecDeque<TrailPoint>| trail.back().map_or(i64::MIN, |newest| newest.at_ms);
        let gone = self.by_aircraft.iter().filter(|(icao24, _)| !is_there(**icao24));
        let mut gone: Vec<(i64, Icao24)> = gone.map(|(icao24, trail)| (newest_ms(trail), *icao24)).collect();
        gone.sort_unstable();
        gone.truncate(gone.len().saturating_sub(most));
        for (_, icao24) in gone {
            self.by_aircraft.remove(&icao24);
        }
        let known = &self.by_aircraft;
        self.long.retain(|icao24| known.contains_key(icao24));
    }

    /// Forgets everything, as after a jump of the stream.
    pub fn clear(&mut self) {
        self.by_aircraft.clear();
        self.long.clear();
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
        let kept = |second: i64, altitude_cm| inflight_domain::TrailPoint {
            at: UnixMillis(second * 1000),
            latitude_e6: 1,
            longitude_e6: 2,
            altitude_cm,
            on_ground: false,
        };
        trails.fill(
            one,
            &[kept(-100, None), kept(-30, Some(5)), kept(-28, Some(6)), kept(-20, None), kept(8, None)],
        );
        assert_eq!(seconds(&trails, one), [-100, -30, -20, 0, 4, 10]);
        let points: Vec<&TrailPoint> = trails.of(one).collect();
        assert_eq!((points[0].altitude_cm, points[2].altitude_cm, points[0].longitude_e7), (5, 6, 20));
        assert!(points[0].is_before_gap(points[1]) && !points[1].is_before_gap(points[2]));
        trails.forget_gone(0, |icao24| icao24 == two);
        assert_eq!(trails.of(one).count(), 0);
    }

    #[test]
    fn who_left_first_is_forgotten_first() {
        let mut trails = Trails::default();
        let aircraft: Vec<Icao24> = (1..=6).filter_map(Icao24::new).collect();
        for (icao24, second) in aircraft.iter().zip([0, 50, 10, 40, 20, 30]) {
            trails.record(*icao24, &at(second));
        }
        // The first is still there, though nothing was heard of it for longest.
        trails.forget_gone(3, |icao24| icao24 == aircraft[0]);
        let kept: Vec<bool> = aircraft.iter().map(|icao24| trails.of(*icao24).count() > 0).collect();
        assert_eq!(kept, [true, true, false, true, false, true]);
    }
}
