//! Which aircraft is meant: by a pointer, or by the keyboard.

use crate::camera::{Camera, ScreenPoint};
use crate::motion::{Now, drawn_point};
use crate::order;
use crate::scene::Scene;
use crate::vector::Vec3;

/// How far a mouse may miss, in CSS pixels.
pub const MOUSE_PX: f64 = 20.0;

/// How far a finger may miss, in CSS pixels.
pub const TOUCH_PX: f64 = 30.0;

/// An aircraft is drawn at most this far from its base state, in metres: as far as the fastest flies while it is led
/// on, and a correction.
const REACH_M: f64 = 120_000.0;

/// An aircraft that is in the picture and not behind the Earth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Visible {
    /// Its index in the scene.
    pub index: usize,
    /// Where it is drawn.
    pub point: ScreenPoint,
}

/// The aircraft that may be in the picture, or at most `margin_px` outside it, in the order of the scene: all that
/// are, and a few more. Looks at base states only, so it is cheap.
pub fn near(scene: &Scene, camera: &Camera, margin_px: f64) -> impl Iterator<Item = usize> {
    let projection = camera.projection();
    let near = move |place: &Vec3| projection.may_show(*place, REACH_M, margin_px);
    scene.places().iter().enumerate().filter(move |(_, place)| near(place)).map(|(index, _)| index)
}

/// Those of the aircraft with these indices that are in the picture, or at most `margin_px` outside it.
#[must_use]
pub fn seen(
    scene: &Scene,
    camera: &Camera,
    now: Now,
    margin_px: f64,
    indices: impl Iterator<Item = usize>,
) -> Vec<Visible> {
    let (projection, viewport) = (camera.projection(), camera.viewport());
    let of = |index: usize| {
        let point = projection.project(drawn_point(scene.aircraft().get(index)?, now).point)?;
        viewport.contains(point, margin_px).then_some(Visible { index, point })
    };
    indices.filter_map(of).collect()
}

/// All aircraft in the picture, or at most `margin_px` outside it, in the order of the scene.
#[must_use]
pub fn visible(scene: &Scene, camera: &Camera, now: Now, margin_px: f64) -> Vec<Visible> {
    seen(scene, camera, now, margin_px, near(scene, camera, margin_px))
}

/// The aircraft nearest to a point of the picture, if it is within `tolerance_px`. Of aircraft that lie on each
/// other the later one in the scene is meant, which is drawn above.
#[must_use]
pub fn nearest(
    scene: &Scene,
    camera: &Camera,
    now: Now,
    point: ScreenPoint,
    tolerance_px: f64,
) -> Option<usize> {
    let mut best: Option<(f64, usize)> = None;
    for seen in visible(scene, camera, now, tolerance_px) {
        let distance_px = seen.point.distance_px(point);
        if distance_px <= tolerance_px && best.is_none_or(|(least, _)| distance_px <= least) {
            best = Some((distance_px, seen.index));
        }
    }
    best.map(|(_, index)| index)
}

/// The aircraft after the selected one (or before it) in reading order of the picture; wraps round at the ends. Of a
/// camera on its way the picture at the end of it is meant: on the way all may lie beside it.
#[must_use]
pub fn neighbour(scene: &Scene, camera: &Camera, now: Now, backwards: bool) -> Option<usize> {
    let unordered = visible(scene, &camera.arrived(), now, 0.0);
    // Rows of this height are read from left to right.
    let reading = |point: ScreenPoint| (point.y / 48.0).floor() * 1e6 + point.x;
    let places = order::rising(unordered.iter().map(|one| order::key(reading(one.point))));
    let mut seen: Vec<_> = places.into_iter().map(|place| unordered[place as usize]).collect();
    if backwards {
        seen.reverse();
    }
    let place = scene.selected().and_then(|selected| seen.iter().position(|one| one.index == selected));
    let next = place.map_or(0, |place| (place + 1) % seen.len());
    seen.get(next).map(|one| one.index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::{Pose, Viewport};
    use crate::scene::{AircraftInstance, Palette};
    use inflight_domain::{BoundingBox, Position};
    use proptest::prelude::*;

    const NOW: Now = Now { stream_ms: 1.7e12, wall_ms: 1.7e12 };

    fn camera() -> Camera {
        let mut camera = Camera::new(Viewport::new(1000.0, 800.0, 1.0));
        let target = Position::new(40.0, -74.0).unwrap();
        camera.set_pose(Pose {
            target,
            target_altitude_m: 0.0,
            height_m: 200_000.0,
            heading_deg: 0.0,
            tilt_deg: 0.0,
            roll_deg: 0.0,
        });
        camera
    }

    fn scene(places: &[(f64, f64)]) -> Scene {
        let mut scene = Scene::new(Palette::dark());
        let at = |(lat, lon): &(f64, f64)| {
            AircraftInstance::at(Position::new(*lat, *lon).unwrap(), 0.0, NOW.stream_ms)
        };
        scene.set_aircraft(places.iter().map(at).collect());
        scene
    }

    #[test]
    fn a_key_on_the_way_means_who_is_seen_at_its_end() {
        let places = [(40.5, -74.2), (40.9, -73.6), (41.1, -74.4)];
        let scene = scene(&places);
        let area = BoundingBox::new(40.4, 41.2, -74.5, -73.5).unwrap();
        let phone = Viewport::new(412.0, 839.0, 2.6);
        let flat = |mut camera: Camera| {
            camera.flatten();
            camera
        };
        for mut camera in [Camera::new(phone), flat(Camera::new(phone))] {
            camera.fit(area);
            let mut frames = 0;
            while camera.is_moving() {
                camera.step(16.0);
                assert_eq!(neighbour(&scene, &camera, NOW, false), Some(2), "frame {frames}: {camera:?}");
                frames += 1;
            }
            assert!(frames > 10);
        }
    }

    proptest! {
        #[test]
        fn the_nearest_is_picked(places in prop::collection::vec((39.5..40.5_f64, -75.0..-73.0_f64), 1..60), x in 0.0..1000.0_f64, y in 0.0..800.0_f64) {
            let (scene, camera, point) = (scene(&places), camera(), ScreenPoint::new(x, y));
            let distance = |index: usize| {
                let one = &scene.aircraft()[index];
                camera.project(one.position, 0.0).unwrap().distance_px(point)
            };
            let least = (0..places.len()).map(distance).fold(f64::INFINITY, f64::min);
            match nearest(&scene, &camera, NOW, point, MOUSE_PX) {
                Some(index) => prop_assert!((distance(index) - least).abs() < 1e-9),
                None => prop_assert!(least > MOUSE_PX - 1e-9),
            }
        }

        #[test]
        fn the_keyboard_visits_each_once(places in prop::collection::vec((39.8..40.2_f64, -74.4..-73.6_f64), 1..40)) {
            let (mut scene, camera) = (scene(&places), camera());
            let seen = visible(&scene, &camera, NOW, 0.0).len();
            let mut visited = std::collections::BTreeSet::new();
            for _ in 0..seen {
                let next = neighbour(&scene, &camera, NOW, false).unwrap();
                prop_assert!(visited.insert(next));
                scene.set_selected(Some(next));
            }
            let last = scene.selected();
            scene.set_selected(neighbour(&scene, &camera, NOW, false));
            prop_assert_eq!(neighbour(&scene, &camera, NOW, true), last);
        }
    }

    proptest! {
        #[test]
        fn a_quick_look_misses_nobody(lat in -85.0..85.0_f64, lon in -180.0..180.0_f64, track_deg in 0.0..360.0_f64, speed_mps in 0.0..900.0_f64, altitude_m in 0.0..20_000.0_f64, height_m in 500.0..3e7_f64, tilt_deg in 0.0..80.0_f64) {
            let mut scene = scene(&[]);
            let at = Position::new(lat, lon).unwrap();
            let flying = AircraftInstance { speed_mps, track_deg, ..AircraftInstance::at(at, altitude_m, NOW.stream_ms - 60_000.0) };
            scene.set_aircraft(vec![flying]);
            let mut camera = camera();
            let place = at.destination(track_deg, 50_000.0);
            camera.set_pose(Pose { target: place, height_m, tilt_deg, ..camera.pose() });
            if !seen(&scene, &camera, NOW, 0.0, 0..1).is_empty() {
                prop_assert_eq!(near(&scene, &camera, 0.0).count(), 1);
            }
        }
    }

    #[test]
    fn what_is_behind_the_earth_is_not_picked() {
        let (scene, mut camera) = (scene(&[(-40.0, 106.0)]), camera());
        camera.set_pose(Pose { height_m: 2e7, ..camera.pose() });
        assert_eq!(nearest(&scene, &camera, NOW, ScreenPoint::new(500.0, 400.0), TOUCH_PX), None);
        assert_eq!(neighbour(&scene, &camera, NOW, false), None);
    }

    #[test]
    fn of_two_on_each_other_the_upper_is_meant() {
        let scene = scene(&[(40.0, -74.0), (40.0, -74.0)]);
        assert_eq!(nearest(&scene, &camera(), NOW, ScreenPoint::new(505.0, 400.0), MOUSE_PX), Some(1));
    }
}
