//! Rows of the board as instances of the scene; each continues where it is drawn, so that nothing jumps.

use crate::stage::area::area_of;
use crate::state::board::{Board, is_alarm};
use inflight_domain::{BoundingBox, Icao24, UnixMillis};
use inflight_globe::{AircraftInstance, Now};
use inflight_sky::freshness::is_ghost;
use inflight_sky::uncertainty::uncertainty;
use inflight_wire::mirror::MirrorRow;
use rustc_hash::FxHashMap;

/// How long the growth of a ghost's ellipse is taken to be even, in milliseconds.
const DOUBT_MS: i64 = 10_000;

/// What is in the scene, in its order.
#[derive(Default)]
pub struct Instances {
    entries: Vec<Entry>,
    indices: FxHashMap<Icao24, usize>,
    doubt_slot: i64,
}

#[derive(Clone, Copy)]
struct Entry {
    icao24: Icao24,
    revision: u64,
    instance: AircraftInstance,
}

impl Instances {
    /// Brings itself in line with the board; the instances, if anything changed. A still picture has no easing.
    pub fn take(&mut self, board: &Board, now: Now, still: bool) -> Option<Vec<AircraftInstance>> {
        let stream_now = UnixMillis(now.stream_ms as i64);
        // All at once and seldom, because each time all aircraft are sent to the graphics card.
        let slot = stream_now.0 / DOUBT_MS;
        let renewed = core::mem::replace(&mut self.doubt_slot, slot) != slot;
        let mut changed = false;
        let entries: Vec<Entry> = board
            .shown()
            .map(|row| {
                let old = self.indices.get(&row.aircraft.icao24).map(|index| &self.entries[*index]);
                let ghost = is_ghost(&row.aircraft, stream_now);
                let entry = match old {
                    Some(old)
                        if old.revision == row.revision
                            && old.instance.ghost == ghost
                            && !(ghost && renewed) =>
                    {
                        *old
                    }
                    Some(old) if old.revision == row.revision => {
                        let doubt = if ghost { doubt(row, stream_now) } else { [0.0; 4] };
                        Entry { instance: AircraftInstance { ghost, doubt, ..old.instance }, ..*old }
                    }
                    _ => fresh(row, ghost, old.filter(|_| !still), now),
                };
                changed |= old.is_none_or(|old| old.instance != entry.instance);
                entry
            })
            .collect();
        if !changed && entries.len() == self.entries.len() {
            return None;
        }
        // Most polls change values and not who is there.
        if !entries.iter().map(|entry| entry.icao24).eq(self.entries.iter().map(|entry| entry.icao24)) {
            self.indices = entries.iter().enumerate().map(|(index, entry)| (entry.icao24, index)).collect();
        }
        self.entries = entries;
        Some(self.entries.iter().map(|entry| entry.instance).collect())
    }

    /// The aircraft at an index of the scene.
    #[must_use]
    pub fn icao24(&self, index: usize) -> Option<Icao24> {
        self.entries.get(index).map(|entry| entry.icao24)
    }

    /// The index in the scene of an aircraft.
    #[must_use]
    pub fn index(&self, icao24: Icao24) -> Option<usize> {
        self.indices.get(&icao24).copied()
    }

    /// A box around the traffic; none if it spans the world.
    #[must_use]
    pub fn area(&self) -> Option<BoundingBox> {
        area_of(&mut self.entries.iter().map(|entry| entry.instance.position))
    }
}

/// Where a ghost may be: the curve of the model as a line over the next seconds.
fn doubt(row: &MirrorRow, now: UnixMillis) -> [f32; 4] {
    // Parked ones fall silent and stay where they are.
    if row.aircraft.on_ground() {
        return [0.0; 4];
    }
    let at = |ms: i64| uncertainty(&row.aircraft, &row.motion, UnixMillis(now.0 + ms));
    let (first, last) = (at(0), at(DOUBT_MS));
    let age_s = now.since(row.motion.at) as f64 / 1000.0;
    let line = |first_m: f64, last_m: f64| {
        let rate_mps = (last_m - first_m) / (DOUBT_MS as f64 / 1000.0);
        [(first_m - rate_mps * age_s) as f32, rate_mps as f32]
    };
    let ([along_m, along_mps], [across_m, across_mps]) =
        (line(first.along_m, last.along_m), line(first.across_m, last.across_m));
    [along_m, along_mps, across_m, across_mps]
}

fn fresh(row: &MirrorRow, ghost: bool, old: Option<&Entry>, now: Now) -> Entry {
    let stream_now = UnixMillis(now.stream_ms as i64);
    let (aircraft, motion) = (&row.aircraft, &row.motion);
    let hundredths = |value: i32| f64::from(value) / 100.0;
    let mut instance = AircraftInstance {
        speed_mps: hundredths(motion.speed_cmps),
        track_deg: hundredths(motion.track_cdeg),
        vertical_rate_mps: hundredths(motion.vertical_rate_cmps),
        turn_rate_dps: f64::from(motion.turn_rate_mdps) / 1000.0,
        acceleration_mps2: f64::from(motion.acceleration_mmps2) / 1000.0,
        on_ground: aircraft.on_ground(),
        ghost,
        doubt: if ghost { doubt(row, stream_now) } else { [0.0; 4] },
        emergency: is_alarm(aircraft),
        altitude_known: aircraft.altitude_m().or(aircraft.geo_altitude_m()).is_some(),
        ..AircraftInstance::at(motion.position(), hundredths(motion.altitude_cm), motion.at.0 as f64)
    };
    if let Some(old) = old {
        instance.continue_from(&old.instance, now);
    }
    Entry { icao24: aircraft.icao24, revision: row.revision, instance }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use inflight_domain::aircraft::FLAG_ON_GROUND;
    use inflight_domain::{Field, MotionState};
    use inflight_globe::drawn;
    use inflight_sky::motion::predict;

    /// The picture's formulas and the model's agree to half a metre for as long as the model leads on.
    fn check(motion: MotionState, flags: i64) {
        let aircraft = testing::aircraft("a13f1c", None, 0.0, 0.0).with(Field::Flags, flags).build();
        let row = MirrorRow { aircraft, motion, revision: 1, digest: 0 };
        let instance = fresh(&row, false, None, Now::default()).instance;
        for seconds in [0, 1, 3, 7, 10, 16, 20, 25, 40, 60, 75] {
            let at = UnixMillis(motion.at.0 + seconds * 1000);
            let picture = drawn(&instance, Now { stream_ms: at.0 as f64, wall_ms: 1e9 });
            let model = predict(&motion, at);
            let (off_m, high_m) =
                (picture.position.distance_m(model.position), picture.altitude_m - model.altitude_m);
            assert!(
                off_m < 0.5 && high_m.abs() < 0.01,
                "{off_m} m, {high_m} m after {seconds} s: {motion:?}"
            );
        }
    }

    #[test]
    fn the_picture_moves_as_the_model_foresees() {
        let at = UnixMillis(testing::SEEN_MS);
        for latitude_e7 in [-830_000_000, -452_000_000, 0, 407_000_000, 600_000_001, 660_000_000] {
            for track_cdeg in [0, 4_500, 9_000, 20_000, 31_000] {
                for (speed_cmps, turn_mdps, mmps2) in
                    [(28_000, 0, 0), (25_000, 500, 150), (12_000, -2_900, -1_500), (1_000, 0, -2_000)]
                {
                    let numbers = [
                        latitude_e7,
                        1_799_990_000,
                        910_000,
                        speed_cmps,
                        track_cdeg,
                        -1_100,
                        turn_mdps,
                        mmps2,
                    ];
                    check(MotionState::from_numbers(at, numbers, 30), 0);
                    let mut taxiing = numbers;
                    (taxiing[2], taxiing[5]) = (0, 0);
                    check(MotionState::from_numbers(at, taxiing, 10), FLAG_ON_GROUND);
                }
            }
        }
    }
}
