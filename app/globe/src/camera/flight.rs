//! The animation from one pose to another: along a great circle, rising on a long way.

use crate::camera::{Pose, turned};
use crate::vector::Vec3;
use inflight_domain::Position;
use inflight_domain::geo::EARTH_RADIUS_M;

/// Shortest animation.
const SHORTEST_MS: f64 = 240.0;

/// Longest animation.
const LONGEST_MS: f64 = 900.0;

/// An animation under way.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    from: Pose,
    to: Pose,
    elapsed_ms: f64,
    duration_ms: f64,
    /// How much higher than on the straight line the middle is, as a logarithm.
    rise: f64,
}

impl Flight {
    pub(super) fn new(from: Pose, to: Pose) -> Self {
        let way_m = from.target.distance_m(to.target);
        let highest_m = from.height_m.max(to.height_m);
        let screens = way_m / highest_m;
        let zoom = (from.height_m / to.height_m).ln().abs();
        let turn = turned(0.0, to.heading_deg - from.heading_deg, 1.0).abs() / 90.0;
        let effort = screens + zoom * 0.7 + turn + (to.tilt_deg - from.tilt_deg).abs() / 60.0;
        Self {
            from,
            to,
            elapsed_ms: 0.0,
            duration_ms: (SHORTEST_MS + 130.0 * (effort - 0.5).max(0.0)).min(LONGEST_MS),
            rise: (screens * 0.5).max(1.0).ln().min(3.0),
        }
    }

    pub(super) fn destination(&self) -> Pose {
        self.to
    }

    /// What is flown to has moved.
    pub(super) fn redirect(&mut self, to: Pose) {
        self.to = to;
    }

    pub(super) fn ended(&self) -> bool {
        self.elapsed_ms >= self.duration_ms
    }

    pub(super) fn step(&mut self, dt_ms: f64) -> Pose {
        self.elapsed_ms += dt_ms;
        if self.ended() {
            return self.to;
        }
        let part = self.elapsed_ms / self.duration_ms;
        // Short moves answer a key or a click: they start at full speed. Long ones also start gently.
        let out = 1.0 - (1.0 - part).powi(3);
        let in_out = part * part * part * (part * (part * 6.0 - 15.0) + 10.0);
        let gentle = ((self.duration_ms - SHORTEST_MS) / (LONGEST_MS - SHORTEST_MS)).clamp(0.0, 1.0);
        self.between(out + (in_out - out) * gentle)
    }

    fn between(&self, part: f64) -> Pose {
        let (from, to) = (&self.from, &self.to);
        let linear = |a: f64, b: f64| a + (b - a) * part;
        let rise = self.rise * 4.0 * part * (1.0 - part);
        Pose {
            target: along(from.target, to.target, part),
            target_altitude_m: linear(from.target_altitude_m, to.target_altitude_m),
            height_m: (linear(from.height_m.ln(), to.height_m.ln()) + rise).exp(),
            heading_deg: turned(from.heading_deg, to.heading_deg, part),
            tilt_deg: linear(from.tilt_deg, to.tilt_deg),
            roll_deg: linear(from.roll_deg, to.roll_deg),
        }
    }
}

/// The place part of the way along the great circle.
fn along(from: Position, to: Position, part: f64) -> Position {
    let (a, b) = (Vec3::up_at(from), Vec3::up_at(to));
    let angle = from.distance_m(to) / EARTH_RADIUS_M;
    if angle < 1e-9 {
        return to;
    }
    let sin = angle.sin();
    if sin < 1e-6 {
        // Opposite places: any great circle will do; take the one over the pole.
        return from.destination(0.0, angle * part * EARTH_RADIUS_M);
    }
    (a * (((1.0 - part) * angle).sin() / sin) + b * ((part * angle).sin() / sin)).position()
}
