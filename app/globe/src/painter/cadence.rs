//! When the next picture is worth drawing: at once if something changed, otherwise when something has visibly moved.

use crate::camera::{Camera, Pose, Viewport};
use crate::motion::{EASE_LONGEST_S, HORIZON_S, Now};
use crate::scene::{Revisions, Scene};

/// Movement in device pixels that is worth a picture.
const VISIBLE_PX: f64 = 0.2;

/// What the last picture showed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Painted {
    pose: Pose,
    viewport: Viewport,
    revisions: Revisions,
    now: Now,
    fastest_mps: f64,
    /// Stream time until which aircraft move.
    moving_until_ms: f64,
    /// Wall time until which corrections decay.
    easing_until_ms: f64,
}

impl Painted {
    /// Notes what a picture shows.
    #[must_use]
    pub fn of(scene: &Scene, camera: &Camera, now: Now) -> Self {
        let mut painted = Self {
            pose: camera.pose(),
            viewport: camera.viewport(),
            revisions: scene.revisions(),
            now,
            fastest_mps: 0.0,
            moving_until_ms: 0.0,
            easing_until_ms: 0.0,
        };
        for one in scene.aircraft() {
            if one.speed_mps > 0.5 {
                painted.moving_until_ms = painted.moving_until_ms.max(one.at_ms + HORIZON_S * 1000.0);
            }
            painted.fastest_mps = painted.fastest_mps.max(one.speed_mps);
            if one.ease_east_m != 0.0 || one.ease_north_m != 0.0 || one.ease_up_m != 0.0 {
                painted.easing_until_ms =
                    painted.easing_until_ms.max(one.ease_from_ms + EASE_LONGEST_S * 1000.0);
            }
        }
        painted
    }

    /// The same picture at another time, for a scene that did not change; spares the walk over all aircraft.
    #[must_use]
    pub fn again(self, camera: &Camera, now: Now) -> Self {
        Self { pose: camera.pose(), viewport: camera.viewport(), now, ..self }
    }

    /// Whether the camera has moved or this picture has stood for a while.
    #[must_use]
    pub fn rested(&self, camera: &Camera, now: Now, rest_ms: f64) -> bool {
        self.pose != camera.pose() || (now.wall_ms - self.now.wall_ms).abs() >= rest_ms
    }

    /// The scene's counters at the picture.
    #[must_use]
    pub fn revisions(&self) -> Revisions {
        self.revisions
    }

    /// Whether a picture drawn now would differ from this one.
    #[must_use]
    pub fn outdated(&self, scene: &Scene, camera: &Camera, now: Now) -> bool {
        if self.pose != camera.pose()
            || self.viewport != camera.viewport()
            || self.revisions != scene.revisions()
        {
            return true;
        }
        let device_px_m = camera.metres_per_px() / self.viewport.pixel_ratio.min(2.0);
        let stream_s = (now.stream_ms - self.now.stream_ms).abs() / 1000.0;
        let moving = self.now.stream_ms < self.moving_until_ms;
        let moved_m = if moving { self.fastest_mps * stream_s } else { 0.0 };
        // A correction is the leftover of a whole poll; at 60 frames per second it is always worth drawing.
        let easing = self.now.wall_ms < self.easing_until_ms && device_px_m < 2_000.0;
        moved_m > VISIBLE_PX * device_px_m || (easing && now.wall_ms > self.now.wall_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{AircraftInstance, Palette};
    use inflight_domain::Position;

    fn at(ms: f64) -> Now {
        Now { stream_ms: 1.7e12 + ms, wall_ms: 1.7e12 + ms }
    }

    fn camera(height_m: f64) -> Camera {
        let mut camera = Camera::new(Viewport::new(1440.0, 900.0, 1.0));
        camera.set_pose(Pose { height_m, ..camera.pose() });
        camera
    }

    #[test]
    fn draws_as_often_as_something_moves_visibly() {
        let mut scene = Scene::new(Palette::dark());
        let place = Position::new(30.0, -45.0).unwrap();
        for (height_m, speed_mps, after_ms, expected) in [
            (60_000.0, 250.0, 50.0, true),
            (60_000.0, 0.0, 5_000.0, false),
            (20_000_000.0, 250.0, 1_000.0, false),
            (20_000_000.0, 250.0, 20_000.0, true),
        ] {
            scene.set_aircraft(vec![AircraftInstance {
                speed_mps,
                ..AircraftInstance::at(place, 9_000.0, 1.7e12)
            }]);
            let painted = Painted::of(&scene, &camera(height_m), at(0.0));
            assert_eq!(
                painted.outdated(&scene, &camera(height_m), at(after_ms)),
                expected,
                "{height_m} {after_ms}"
            );
        }
    }

    #[test]
    fn draws_at_once_when_something_changed() {
        let mut scene = Scene::new(Palette::dark());
        let painted = Painted::of(&scene, &camera(1e6), at(0.0));
        assert!(!painted.outdated(&scene, &camera(1e6), at(9_000.0)));
        assert!(painted.outdated(&scene, &camera(1.1e6), at(0.0)));
        scene.set_selected(Some(0));
        assert!(painted.outdated(&scene, &camera(1e6), at(0.0)));
    }

    #[test]
    fn stops_when_all_have_reached_the_horizon() {
        let mut scene = Scene::new(Palette::dark());
        let place = Position::new(30.0, -45.0).unwrap();
        scene.set_aircraft(vec![AircraftInstance {
            speed_mps: 250.0,
            ..AircraftInstance::at(place, 9_000.0, 1.7e12)
        }]);
        let painted = Painted::of(&scene, &camera(60_000.0), at(70_000.0));
        assert!(!painted.outdated(&scene, &camera(60_000.0), at(80_000.0)));
    }
}
