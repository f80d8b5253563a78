//! Ways of the camera: to all traffic, to an aircraft, to a place, out from under a panel.

use crate::stage::Stage;
use inflight_domain::Icao24;
use inflight_globe::{Key, Now, Pose, ScreenPoint};

/// The height from which an aircraft is looked at when it was searched, in metres.
const VISIT_HEIGHT_M: f64 = 120_000.0;

/// Least distance from a panel's edge, in CSS pixels.
const CLEAR_PX: f64 = 24.0;

impl Stage {
    /// Shows all traffic.
    pub fn show_all(&mut self) {
        match self.instances.area() {
            Some(area) => self.camera.fit(area),
            None => self.camera.press(Key::Home),
        }
    }

    /// Flies to an aircraft, near enough to see it among others.
    pub fn visit(&mut self, icao24: Icao24, now: Now) {
        let Some(at) = self.drawn(icao24, now).filter(|_| !self.is_riding()) else { return };
        let from = self.camera.destination();
        self.camera.fly_to(Pose {
            target: at.position,
            target_altitude_m: 0.0,
            height_m: from.height_m.min(VISIT_HEIGHT_M),
            ..from
        });
    }

    /// Flies to a place and halves the height: the way without dragging.
    pub fn visit_point(&mut self, point: ScreenPoint) {
        if let Some(target) = self.camera.ground_at(point) {
            let from = self.camera.destination();
            self.camera.fly_to(Pose {
                target,
                target_altitude_m: 0.0,
                height_m: from.height_m / 2.0,
                ..from
            });
        }
    }

    /// Brings an aircraft out from under a panel that covers the picture's right or lower part.
    pub fn uncover(&mut self, icao24: Icao24, now: Now, covered: (f64, f64)) {
        let Some(at) = self.drawn(icao24, now) else { return };
        let viewport = self.camera.viewport();
        let free = (viewport.width_px - covered.0, viewport.height_px - covered.1);
        let hidden = self.camera.project(at.position, at.altitude_m).is_none_or(|point| {
            point.x < 0.0 || point.y < 0.0 || point.x > free.0 - CLEAR_PX || point.y > free.1 - CLEAR_PX
        });
        if hidden {
            let from = self.camera.destination();
            self.camera.fly_to(Pose { target: at.position, target_altitude_m: 0.0, ..from });
        }
    }
}
