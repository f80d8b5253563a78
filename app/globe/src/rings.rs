//! Range rings: circles on the ground at round distances around a place.

use crate::camera::Camera;
use crate::scene::{Line, LinePoint, Rgb};
use inflight_domain::Position;

/// Number of rings.
pub const RINGS: usize = 4;

/// Rings are at least this far apart, in CSS pixels.
const APART_PX: f64 = 70.0;

/// Points of a ring.
const POINTS: usize = 72;

/// The distance between two rings in a unit of so many metres: one, two or five times a power of ten of them.
#[must_use]
pub fn spacing(camera: &Camera, unit_m: f64) -> f64 {
    let least = (camera.metres_per_px() * APART_PX / unit_m).max(1.0);
    let power = 10_f64.powi(least.log10().floor() as i32);
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= least).unwrap_or(10.0);
    factor * power
}

/// A ring of a radius in metres.
#[must_use]
pub fn ring(centre: Position, radius_m: f64, colour: Rgb) -> Line {
    let point = |nth: usize| LinePoint {
        position: centre.destination(nth as f64 * 360.0 / POINTS as f64, radius_m),
        altitude_m: 0.0,
    };
    let points = (0..=POINTS).map(point).collect();
    Line { points, colour: Some(colour), width_px: 1.2, opacity: 0.55, fade_from: 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::{Pose, Viewport};

    #[test]
    fn rings_are_round_numbers_apart() {
        let place = Position::new(40.0, -74.0).unwrap();
        let mut camera = Camera::new(Viewport::new(1440.0, 900.0, 1.0));
        for (height_m, unit_m, expected) in
            [(2_000.0, 1852.0, 1.0), (100_000.0, 1852.0, 5.0), (100_000.0, 1000.0, 5.0), (2e6, 1000.0, 100.0)]
        {
            camera.set_pose(Pose::above(place, height_m));
            assert_eq!(spacing(&camera, unit_m), expected, "{height_m}");
        }
        let line = ring(place, 9_260.0, [1.0; 3]);
        assert!(line.points.iter().all(|point| (point.position.distance_m(place) - 9_260.0).abs() < 1.0));
        assert_eq!(line.points.first(), line.points.last());
    }
}
