//! The ride in the picture: who is ridden with, where the camera came from, and what drags and keys do meanwhile.

use crate::stage::Stage;
use crate::stage::hud::Hud;
use inflight_domain::Icao24;
use inflight_globe::{AircraftInstance, Key, Now, Pose, Ride, Seat};

/// One press of an arrow looks this far.
const KEY_DEG: f64 = 10.0;

/// A ride under way.
pub struct Riding {
    ride: Ride,
    with: Icao24,
    came_from: Pose,
}

impl Stage {
    /// The instruments of the ride, or none when they are gone.
    pub fn set_hud(&mut self, hud: Option<Hud>) {
        self.hud = hud;
    }

    /// Whether somebody rides.
    #[must_use]
    pub fn is_riding(&self) -> bool {
        self.riding.is_some()
    }

    /// Where the camera was before the ride.
    #[must_use]
    pub(super) fn came_from(&self) -> Option<Pose> {
        self.riding.as_ref().map(|riding| riding.came_from)
    }

    /// Takes a seat with the selected aircraft, changes it, or leaves.
    pub fn take_seat(&mut self, seat: Option<Seat>, now: Now) {
        self.pointers.rides = seat.is_some();
        match (seat, &mut self.riding) {
            (None, Some(riding)) => {
                let at = riding.ride.at.position;
                self.camera.leave(Pose { target: at, target_altitude_m: 0.0, ..riding.came_from });
                self.riding = None;
            }
            (Some(seat), Some(riding)) => {
                (riding.ride.seat, riding.ride.look_deg, riding.ride.reach) = (seat, (0.0, 0.0), 1.0);
                self.camera.change_seat(riding.ride.pose());
            }
            (Some(seat), None) => {
                let Some(with) = self.focus.selected else { return };
                let Some(instance) = self.instance(with) else { return };
                let ride = Ride::new(seat, instance, now);
                self.riding = Some(Riding { ride, with, came_from: self.camera.destination() });
            }
            (None, None) => {}
        }
    }

    /// Who is selected is ridden with.
    pub(super) fn change_aircraft(&mut self, now: Now) {
        let Some(with) = self.focus.selected else { return };
        let Some(instance) = self.instance(with).copied() else { return };
        if let Some(riding) = self.riding.as_mut().filter(|riding| riding.with != with) {
            riding.with = with;
            riding.ride = Ride::new(riding.ride.seat, &instance, now);
            self.camera.change_seat(riding.ride.pose());
        }
    }

    /// Brings camera and instruments to where the aircraft is; without news of it they stay.
    pub(super) fn ride_on(&mut self, since_ms: f64, now: Now) {
        let looked = self.pointers.take_look();
        let degree_px = self.camera.projection().focal_px() / 57.3;
        let Some(riding) = &self.riding else { return };
        let instance = self.instance(riding.with).copied();
        let Some(riding) = &mut self.riding else { return };
        if let Some(instance) = &instance {
            riding.ride.step(instance, now, since_ms);
        }
        riding.ride.look(-looked.right_px / degree_px, looked.down_px / degree_px);
        riding.ride.zoom(looked.zoom);
        self.camera.ride(riding.ride.pose());
        if let (Some(hud), Some(instance)) = (&mut self.hud, &instance) {
            hud.show(&riding.ride, instance);
        }
    }

    /// Keys of the camera look around on a ride; whether there is one.
    pub fn press_on_ride(&mut self, key: Key) -> bool {
        let Some(riding) = &mut self.riding else { return false };
        match key {
            Key::Left | Key::TurnLeft => riding.ride.look(-KEY_DEG, 0.0),
            Key::Right | Key::TurnRight => riding.ride.look(KEY_DEG, 0.0),
            Key::Up | Key::TiltUp => riding.ride.look(0.0, KEY_DEG),
            Key::Down | Key::TiltDown => riding.ride.look(0.0, -KEY_DEG),
            Key::ZoomIn => riding.ride.zoom(1.0 / 1.3),
            Key::ZoomOut => riding.ride.zoom(1.3),
            Key::North | Key::Home => riding.ride.look_deg = (0.0, 0.0),
        }
        true
    }

    /// The wheel comes nearer or goes away on a ride; whether there is one.
    pub fn zoom_on_ride(&mut self, factor: f64) -> bool {
        self.riding.as_mut().map(|riding| riding.ride.zoom(factor)).is_some()
    }

    fn instance(&self, icao24: Icao24) -> Option<&AircraftInstance> {
        self.scene.aircraft().get(self.instances.index(icao24)?)
    }
}
