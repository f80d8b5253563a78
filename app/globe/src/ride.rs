//! Riding with an aircraft: how it lies in the air, and where each seat looks from.

use crate::camera::Pose;
use crate::motion::{Drawn, Now, drawn};
use crate::scene::AircraftInstance;
use inflight_domain::math::turn_deg;

/// Standard gravity in metres per second squared.
const GRAVITY_MPS2: f64 = 9.806_65;

/// Banks and pitches beyond these are errors of measurement, in degrees.
const STEEPEST_BANK_DEG: f64 = 60.0;
const STEEPEST_PITCH_DEG: f64 = 25.0;

/// Below this speed nothing banks or climbs: it taxies.
const SLOWEST_MPS: f64 = 20.0;

/// Time in which attitude and track come to within 1/e of what the data says, in milliseconds.
const SETTLE_MS: f64 = 900.0;

/// The eye of who sits in the cockpit is this high over where the aircraft is drawn.
const EYE_M: f64 = 4.0;

/// The cockpit looks down by this angle, so that there is more ground than sky.
const LOOK_DOWN_DEG: f64 = 5.0;

/// From where the ride is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// From the aircraft, along its track.
    Cockpit,
    /// From behind and above.
    Chase,
    /// From straight above, its track up.
    Top,
}

/// How an aircraft lies in the air.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Attitude {
    /// Lean to the right in degrees.
    pub bank_deg: f64,
    /// Nose above the horizon in degrees.
    pub pitch_deg: f64,
}

/// A ride: where it is and where who rides looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ride {
    /// From where it is watched.
    pub seat: Seat,
    /// Where the aircraft is drawn; its track turns smoothly.
    pub at: Drawn,
    /// How it lies.
    pub attitude: Attitude,
    /// Look to the right of the nose and above it, in degrees.
    pub look_deg: (f64, f64),
    /// Distance from the aircraft relative to the usual.
    pub reach: f64,
}

impl Attitude {
    /// Bank as a turn at this speed needs it, pitch as the climb has it.
    #[must_use]
    pub fn of(instance: &AircraftInstance) -> Self {
        if instance.on_ground || instance.speed_mps < SLOWEST_MPS {
            return Self::default();
        }
        let bank_rad = (instance.speed_mps * instance.turn_rate_dps.to_radians() / GRAVITY_MPS2).atan();
        let pitch_rad = (instance.vertical_rate_mps / instance.speed_mps).atan();
        Self {
            bank_deg: bank_rad.to_degrees().clamp(-STEEPEST_BANK_DEG, STEEPEST_BANK_DEG),
            pitch_deg: pitch_rad.to_degrees().clamp(-STEEPEST_PITCH_DEG, STEEPEST_PITCH_DEG),
        }
    }
}

impl Ride {
    /// Takes a seat with an aircraft.
    #[must_use]
    pub fn new(seat: Seat, instance: &AircraftInstance, now: Now) -> Self {
        let (at, attitude) = (drawn(instance, now), Attitude::of(instance));
        Self { seat, at, attitude, look_deg: (0.0, 0.0), reach: 1.0 }
    }

    /// Lets time pass: the place is taken as it is, track and attitude settle.
    pub fn step(&mut self, instance: &AircraftInstance, now: Now, dt_ms: f64) {
        let part = 1.0 - (-dt_ms.clamp(0.0, 10_000.0) / SETTLE_MS).exp();
        let (at, attitude) = (drawn(instance, now), Attitude::of(instance));
        let track_deg = self.at.track_deg + turn_deg(self.at.track_deg, at.track_deg) * part;
        self.at = Drawn { track_deg: inflight_domain::math::wrap(track_deg, 360.0), ..at };
        self.attitude.bank_deg += (attitude.bank_deg - self.attitude.bank_deg) * part;
        self.attitude.pitch_deg += (attitude.pitch_deg - self.attitude.pitch_deg) * part;
    }

    /// Looks elsewhere, by degrees to the right and up.
    pub fn look(&mut self, right_deg: f64, up_deg: f64) {
        let (right, up) = self.look_deg;
        let (low, high) = if self.seat == Seat::Cockpit { (-70.0, 60.0) } else { (-13.0, 66.0) };
        let right = inflight_domain::math::wrap(right + right_deg + 180.0, 360.0) - 180.0;
        self.look_deg = (right, (up + up_deg).clamp(low, high));
    }

    /// Comes nearer by a factor below one; in the cockpit there is nothing nearer.
    pub fn zoom(&mut self, factor: f64) {
        self.reach = (self.reach * factor).clamp(0.4, 20.0);
    }

    /// Where the camera is.
    #[must_use]
    pub fn pose(&self) -> Pose {
        let Attitude { bank_deg, pitch_deg } = self.attitude;
        let (right_deg, up_deg) = self.look_deg;
        let (sin, cos) = right_deg.to_radians().sin_cos();
        let (tilt_deg, roll_deg, height_m, eye_m) = match self.seat {
            // Across the nose a bank is seen as a pitch, and a pitch as a lean.
            Seat::Cockpit => {
                let tilt_deg = 90.0 - LOOK_DOWN_DEG + pitch_deg * cos - bank_deg * sin + up_deg;
                (tilt_deg.clamp(5.0, 170.0), bank_deg * cos + pitch_deg * sin, 1.0, EYE_M)
            }
            Seat::Chase => (76.0 - up_deg, 0.0, 650.0 * self.reach, 0.0),
            Seat::Top => (0.0, 0.0, 14_000.0 * self.reach, 0.0),
        };
        Pose {
            target: self.at.position,
            target_altitude_m: self.at.altitude_m.max(0.0) + eye_m,
            height_m,
            heading_deg: inflight_domain::math::wrap(self.at.track_deg + right_deg, 360.0),
            tilt_deg,
            roll_deg,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_domain::Position;

    fn flying() -> AircraftInstance {
        AircraftInstance {
            speed_mps: 200.0,
            track_deg: 350.0,
            ..AircraftInstance::at(Position::new(40.0, -74.0).unwrap(), 5_000.0, 0.0)
        }
    }

    #[test]
    fn a_turn_banks_and_a_climb_pitches() {
        for (turn_rate_dps, vertical_rate_mps, on_ground, bank_deg, pitch_deg) in [
            (0.0, 0.0, false, 0.0, 0.0),
            (1.5, 0.0, false, 28.1, 0.0),
            (-3.0, 10.0, false, -46.9, 2.9),
            (9.0, 0.0, false, 60.0, 0.0),
            (1.5, 10.0, true, 0.0, 0.0),
        ] {
            let instance = AircraftInstance { turn_rate_dps, vertical_rate_mps, on_ground, ..flying() };
            let found = Attitude::of(&instance);
            assert!((found.bank_deg - bank_deg).abs() < 0.1, "{found:?}");
            assert!((found.pitch_deg - pitch_deg).abs() < 0.1, "{found:?}");
        }
    }

    #[test]
    fn the_track_settles_the_short_way_round() {
        let mut ride = Ride::new(Seat::Cockpit, &flying(), Now::default());
        let turned = AircraftInstance { track_deg: 10.0, ..flying() };
        ride.step(&turned, Now::default(), 500.0);
        assert!(ride.at.track_deg > 350.0 || ride.at.track_deg < 10.0, "{ride:?}");
        (0..20).for_each(|_| ride.step(&turned, Now::default(), 500.0));
        assert!((ride.at.track_deg - 10.0).abs() < 0.1);
    }

    #[test]
    fn each_seat_looks_where_it_should() {
        let mut ride = Ride::new(Seat::Cockpit, &flying(), Now::default());
        let cockpit = ride.pose();
        assert!((cockpit.tilt_deg - 85.0).abs() < 1e-9 && cockpit.target_altitude_m > 5_000.0);
        ride.look(90.0, 0.0);
        assert!((ride.pose().heading_deg - 80.0).abs() < 1e-9);
        ride.look(0.0, 500.0);
        assert!(ride.pose().tilt_deg <= 170.0);
        ride = Ride::new(Seat::Top, &flying(), Now::default());
        assert_eq!(ride.pose().tilt_deg, 0.0);
        ride.seat = Seat::Chase;
        assert!(ride.pose().height_m < 1_000.0 && ride.pose().tilt_deg > 60.0);
    }
}
