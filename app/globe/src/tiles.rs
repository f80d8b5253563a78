//! Which squares of land have to stand ready for a camera, and when one that is there will do.

use crate::camera::{Camera, Pose};
use crate::shore::Plane;
use crate::vector::Vec3;
use inflight_domain::geo::EARTH_RADIUS_M;

/// Number of squares, from fine to coarse.
pub const TILE_COUNT: usize = 3;

/// How much larger than needed a square is made, so that it lasts while the camera moves.
const SPARE: f64 = 1.35;

/// The next coarser square is this much larger.
const STEP: f64 = 7.0;

/// A square that is this much larger than needed is too coarse.
const TOO_COARSE: f64 = 2.3;

/// Spare angle of the coarsest square, which holds everything up to the horizon.
const SPARE_RAD: f64 = 0.2;

/// Above this size of a device pixel the first, coarse outlines are calmer than the fine ones.
const COARSE_PX_M: f64 = 7_500.0;

/// A round area of the ground that must be covered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Need {
    /// Its middle, a unit vector.
    pub up: Vec3,
    /// Its radius as an angle.
    pub half_rad: f64,
    /// The radius with which a square is made for it.
    pub made_rad: f64,
    /// Whether the fine outlines are wanted.
    pub fine: bool,
}

/// A square that was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Made {
    need: Need,
}

/// What a camera needs, from fine to coarse; the last one reaches to the horizon.
#[must_use]
pub fn needs(camera: &Camera) -> Vec<Need> {
    let (pose, viewport, projection) = (camera.pose(), camera.viewport(), camera.projection());
    let fine = camera.metres_per_px() / viewport.pixel_ratio.min(2.0) < COARSE_PX_M;
    let horizon_rad = (EARTH_RADIUS_M / projection.eye.length()).clamp(-1.0, 1.0).acos();
    let coarsest = Need {
        up: projection.eye.unit(),
        half_rad: horizon_rad,
        made_rad: (horizon_rad * SPARE).min(horizon_rad + SPARE_RAD),
        fine,
    };
    let half_px = viewport.width_px.hypot(viewport.height_px) / 2.0;
    let half_rad = camera.metres_per_px() * half_px * stretch(pose) / EARTH_RADIUS_M;
    let mut needs = Vec::with_capacity(TILE_COUNT);
    for level in 0..TILE_COUNT - 1 {
        let half_rad = half_rad * STEP.powi(level as i32);
        if half_rad * SPARE > coarsest.made_rad * 0.6 {
            break;
        }
        needs.push(Need { up: Vec3::up_at(pose.target), half_rad, made_rad: half_rad * SPARE, fine });
    }
    needs.push(coarsest);
    needs
}

impl Made {
    /// The square for a need.
    #[must_use]
    pub fn new(need: Need) -> Self {
        Self { need }
    }

    /// The square's plane.
    #[must_use]
    pub fn plane(&self) -> Plane {
        Plane::around(self.need.up, self.need.made_rad)
    }

    /// Radius of the round area that the square covers.
    #[must_use]
    pub fn reach_rad(&self) -> f64 {
        self.need.made_rad
    }

    /// Middle of the square.
    #[must_use]
    pub fn up(&self) -> Vec3 {
        self.need.up
    }

    /// Whether the square will do for a need.
    #[must_use]
    pub fn serves(&self, need: &Need) -> bool {
        let away = self.need.up.cross(need.up).length().atan2(self.need.up.dot(need.up));
        self.need.fine == need.fine
            && away + need.half_rad <= self.need.made_rad
            && self.need.made_rad <= need.made_rad * TOO_COARSE
    }
}

/// How much farther than without tilt the ground in the picture reaches; beyond it the coarser square serves.
fn stretch(pose: Pose) -> f64 {
    1.0 + pose.tilt_deg / 80.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::Viewport;
    use inflight_domain::Position;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_made_serves(lat in -85.0..85.0_f64, lon in -180.0..180.0_f64, log_height in 5.8..17.2_f64, tilt_deg in 0.0..80.0_f64) {
            let mut camera = Camera::new(Viewport::new(1440.0, 900.0, 1.0));
            let target = Position::new(lat, lon).unwrap();
            camera.set_pose(Pose { target, target_altitude_m: 0.0, height_m: log_height.exp(), heading_deg: 0.0, tilt_deg, roll_deg: 0.0 });
            let needs = needs(&camera);
            prop_assert!((1..=TILE_COUNT).contains(&needs.len()));
            for need in &needs {
                prop_assert!(Made::new(*need).serves(need));
                prop_assert!(need.made_rad < 2.0, "{}", need.made_rad);
            }
            // Looking straight down, the finest square holds the corners of the picture.
            if camera.pose().tilt_deg == 0.0 {
                for (x, y) in [(0.0, 0.0), (1440.0, 900.0)] {
                    let Some(place) = camera.ground_at(crate::ScreenPoint::new(x, y)) else { continue };
                    let [px, py] = Made::new(needs[0]).plane().map(Vec3::up_at(place));
                    prop_assert!(px.abs() <= 1.0 && py.abs() <= 1.0);
                }
            }
        }
    }

    #[test]
    fn a_square_is_kept_while_the_camera_moves_a_little() {
        let mut camera = Camera::new(Viewport::new(1440.0, 900.0, 1.0));
        let at = |lon, height_m| Pose {
            target: Position::new(40.7, lon).unwrap(),
            target_altitude_m: 0.0,
            height_m,
            heading_deg: 0.0,
            tilt_deg: 0.0,
            roll_deg: 0.0,
        };
        camera.set_pose(at(-73.8, 60_000.0));
        let made = Made::new(needs(&camera)[0]);
        for (lon, height_m, expected) in [
            (-73.75, 60_000.0, true),
            (-73.8, 45_000.0, true),
            (-73.8, 20_000.0, false),
            (-73.8, 90_000.0, false),
            (-73.0, 60_000.0, false),
        ] {
            camera.set_pose(at(lon, height_m));
            assert_eq!(made.serves(&needs(&camera)[0]), expected, "{lon} {height_m}");
        }
    }
}
