//! Rows of the board as instances of the scene; each continues where it is drawn, so that nothing jumps.

use crate::stage::area::area_of;
use crate::state::board::Board;
use inflight_domain::{BoundingBox, Icao24, UnixMillis};
use inflight_globe::{AircraftInstance, Now};
use inflight_sky::freshness::is_ghost;
use inflight_wire::mirror::MirrorRow;
use rustc_hash::FxHashMap;

/// What is in the scene, in its order.
#[derive(Default)]
pub struct Instances {
    entries: Vec<Entry>,
    indices: FxHashMap<Icao24, usize>,
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
        let mut changed = board.mirror.flight_count() != self.entries.len();
        let entries: Vec<Entry> = board
            .mirror
            .flights()
            .map(|row| {
                let old = self.indices.get(&row.aircraft.icao24).map(|index| &self.entries[*index]);
                let ghost = is_ghost(&row.aircraft, stream_now);
                let entry = match old {
                    Some(old) if old.revision == row.revision && old.instance.ghost == ghost => *old,
                    Some(old) if old.revision == row.revision => {
                        Entry { instance: AircraftInstance { ghost, ..old.instance }, ..*old }
                    }
                    _ => fresh(row, ghost, old.filter(|_| !still), now),
                };
                changed |= old.is_none_or(|old| old.instance != entry.instance);
                entry
            })
            .collect();
        if !changed {
            return None;
        }
        // Most polls change values and not who is there.
        if !entries.iter().map(|entry| entry.icao24).eq(self.entries.iter().map(|entry| entry.icao24)) {
            self.indices = entries.iter().enumerate().map(|(index, entry)| (entry.icao24, index)).collect();
        }
        self.entries = entries;
        Some(self.entries.iter().map(|entry| entry.instance).collect())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
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
        area_of(self.entries.iter().map(|entry| entry.instance.position))
    }
}

fn fresh(row: &MirrorRow, ghost: bool, old: Option<&Entry>, now: Now) -> Entry {
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
        emergency: aircraft.squawk().is_some_and(inflight_domain::Squawk::is_emergency),
        altitude_known: aircraft.altitude_m().or(aircraft.geo_altitude_m()).is_some(),
        ..AircraftInstance::at(motion.position(), hundredths(motion.altitude_cm), motion.at.0 as f64)
    };
    if let Some(old) = old {
        instance.continue_from(&old.instance, now);
    }
    Entry { icao24: aircraft.icao24, revision: row.revision, instance }
}
