//! Tests of the camera.

use super::*;
use proptest::prelude::*;

fn camera(lat: f64, lon: f64, height_m: f64, heading_deg: f64, tilt_deg: f64) -> Camera {
    let mut camera = Camera::new(Viewport::new(1440.0, 900.0, 1.0));
    camera.set_pose(pose(lat, lon, height_m, heading_deg, tilt_deg));
    camera
}

fn pose(lat: f64, lon: f64, height_m: f64, heading_deg: f64, tilt_deg: f64) -> Pose {
    Pose {
        target: Position::new(lat, lon).unwrap(),
        target_altitude_m: 0.0,
        height_m,
        heading_deg,
        tilt_deg,
        roll_deg: 0.0,
    }
}

fn settle(camera: &mut Camera) -> usize {
    (0..1000).find(|_| !camera.step(16.0)).expect("the camera comes to rest")
}

/// Pixels between where a place is drawn and where it should be.
fn miss_px(camera: &Camera, place: Position, point: ScreenPoint) -> f64 {
    camera.project(place, 0.0).map_or(f64::INFINITY, |drawn| drawn.distance_px(point))
}

prop_compose! {
    fn any_camera()(
        lat in -70.0..70.0_f64, lon in -180.0..180.0_f64, log_height in 5.9..16.5_f64,
        heading_deg in 0.0..360.0_f64, tilt_deg in 0.0..80.0_f64,
    ) -> Camera {
        camera(lat, lon, log_height.exp(), heading_deg, tilt_deg)
    }
}

prop_compose! {
    /// Where a pole is near the picture, there may be no target that keeps both the ground and the heading.
    fn camera_far_from_poles()(
        lat in -40.0..40.0_f64, lon in -180.0..180.0_f64, log_height in 5.9..15.4_f64,
        heading_deg in 0.0..360.0_f64, tilt_deg in 0.0..80.0_f64,
    ) -> Camera {
        camera(lat, lon, log_height.exp(), heading_deg, tilt_deg)
    }
}

prop_compose! {
    fn any_point()(x in 0.0..1440.0_f64, y in 0.0..900.0_f64) -> ScreenPoint {
        ScreenPoint::new(x, y)
    }
}

proptest! {
    #[test]
    fn target_is_in_the_middle(camera in any_camera()) {
        prop_assert!(miss_px(&camera, camera.pose().target, ScreenPoint::new(720.0, 450.0)) < 1e-3);
    }

    #[test]
    fn ground_and_picture_agree(camera in any_camera(), point in any_point()) {
        if let Some(place) = camera.ground_at(point) {
            let projection = camera.projection();
            // At the very limb the ground is edge on, and its own rounding hides it.
            if projection.steepness(Vec3::up_at(place)) > 1e-4 {
                prop_assert!(miss_px(&camera, place, point) < 0.01, "{} px", miss_px(&camera, place, point));
            }
        }
    }

    #[test]
    fn clip_matrix_agrees_with_project(camera in any_camera(), east in -1.0..1.0_f64, north in -1.0..1.0_f64) {
        let projection = camera.projection();
        let pose = camera.pose();
        let place = pose.target.destination(90.0, east * pose.height_m.min(2e6) * 0.2).destination(0.0, north * pose.height_m.min(2e6) * 0.2);
        let offset = Vec3::at(place, 0.0) - projection.eye;
        let columns = projection.clip_from_eye();
        let row = |nth: usize| columns[0][nth] * offset.x + columns[1][nth] * offset.y + columns[2][nth] * offset.z;
        if let Some(point) = projection.project(Vec3::at(place, 0.0)) {
            prop_assert!((row(0) / row(3) - (point.x / 720.0 - 1.0)).abs() < 1e-9);
            prop_assert!((row(1) / row(3) - (1.0 - point.y / 450.0)).abs() < 1e-9);
        }
    }

    #[test]
    fn dragged_ground_stays_under_the_pointer(mut camera in camera_far_from_poles(), from in any_point(), right in -120.0..120.0_f64, down in -120.0..120.0_f64) {
        let to = ScreenPoint::new(from.x + right, from.y + down);
        let steep = |camera: &Camera, point| camera.ground_at(point).map_or(0.0, |place| camera.projection().steepness(Vec3::up_at(place)));
        prop_assume!(steep(&camera, from) > 0.35 && steep(&camera, to) > 0.35);
        let far_from_poles = |place: Position| place.latitude_deg().abs() < 60.0;
        prop_assume!([camera.ground_at(from).unwrap(), camera.ground_at(to).unwrap()].into_iter().all(far_from_poles));
        let place = camera.ground_at(from).unwrap();
        let heading_deg = camera.pose().heading_deg;
        camera.grab(from);
        for step in 1..=4 {
            let part = f64::from(step) / 4.0;
            camera.drag(ScreenPoint::new(from.x + right * part, from.y + down * part));
        }
        prop_assert_eq!(camera.pose().heading_deg, heading_deg);
        prop_assert!(miss_px(&camera, place, to) < 0.5, "{} px", miss_px(&camera, place, to));
    }

    #[test]
    fn zoom_keeps_the_ground_under_the_pointer(mut camera in camera_far_from_poles(), point in any_point(), factor in 0.4..1.0_f64) {
        let place = camera.ground_at(point);
        prop_assume!(place.is_some_and(|place| camera.projection().steepness(Vec3::up_at(place)) > 0.4));
        let before_m = camera.pose().height_m;
        camera.zoom_at(point, factor);
        settle(&mut camera);
        prop_assert!((camera.pose().height_m / (before_m * factor).max(MIN_HEIGHT_M) - 1.0).abs() < 1e-6);
        prop_assert!(miss_px(&camera, place.unwrap(), point) < 0.5);
    }

    #[test]
    fn visible_box_holds_the_picture(camera in any_camera(), point in any_point()) {
        let area = camera.visible_box();
        if let Some(place) = camera.ground_at(point) {
            let near = BoundingBox {
                lat_min: area.lat_min - 0.6, lat_max: area.lat_max + 0.6, lon_min: area.lon_min - 0.6, lon_max: area.lon_max + 0.6,
            };
            prop_assert!(near.contains(place), "{place:?} {area:?}");
        }
    }

    #[test]
    fn fitted_boxes_are_in_the_picture(lat in -60.0..50.0_f64, lon in -170.0..120.0_f64, height in 0.05..12.0_f64, width in 0.05..40.0_f64) {
        let mut camera = camera(0.0, 0.0, 1e7, 30.0, 20.0);
        let area = BoundingBox::new(lat, lat + height, lon, lon + width).unwrap();
        camera.fit(area);
        settle(&mut camera);
        let mut nearest_px = f64::INFINITY;
        for (lat, lon) in [(area.lat_min, area.lon_min), (area.lat_min, area.lon_max), (area.lat_max, area.lon_min), (area.lat_max, area.lon_max)] {
            let point = camera.project(Position::new(lat, lon).unwrap(), 0.0).expect("in view");
            prop_assert!(camera.viewport().contains(point, 0.0));
            nearest_px = nearest_px.min(point.x.min(1440.0 - point.x).min(point.y).min(900.0 - point.y));
        }
        prop_assert!(nearest_px < 150.0, "no nearer than it must be: {nearest_px}");
    }

    #[test]
    fn frame_rate_does_not_change_where_coasting_ends(step_ms in 4.0..60.0_f64) {
        let end = |step_ms: f64| {
            let mut camera = camera(40.0, -74.0, 500_000.0, 0.0, 0.0);
            camera.grab(ScreenPoint::new(700.0, 450.0));
            for step in 1..=20 {
                camera.drag(ScreenPoint::new(700.0 + 8.0 * f64::from(step), 450.0));
                camera.step(10.0);
            }
            camera.release();
            for _ in 0..2000 {
                camera.step(step_ms);
            }
            camera.pose().target
        };
        let (a, b) = (end(step_ms), end(16.0));
        prop_assert!(a.distance_m(b) < 1500.0, "{} m", a.distance_m(b));
    }
}

#[test]
fn behind_the_earth_is_nowhere() {
    let camera = camera(0.0, 0.0, 20_000_000.0, 0.0, 0.0);
    for (lat, lon, altitude_m, seen) in [
        (0.0, 0.0, 0.0, true),
        (0.0, 70.0, 0.0, true),
        (0.0, 80.0, 0.0, false),
        (0.0, 180.0, 0.0, false),
        (0.0, 180.0, 12_000.0, false),
        (0.0, 78.0, 800_000.0, true),
    ] {
        let place = Position::new(lat, lon).unwrap();
        assert_eq!(camera.project(place, altitude_m).is_some(), seen, "{lat} {lon} {altitude_m}");
    }
}

#[test]
fn aircraft_above_the_eye_are_not_hidden() {
    let camera = camera(40.6, -73.8, 3_000.0, 0.0, 80.0);
    let ahead = camera.pose().target.destination(0.0, 40_000.0);
    let point = camera.project(ahead, 11_000.0).expect("over the horizon");
    assert!(point.y < camera.project(ahead, 0.0).unwrap().y);
}

#[test]
fn releasing_after_a_rest_does_not_coast() {
    for (rests, reduced, coasts) in [(0, false, true), (30, false, false), (0, true, false)] {
        let mut camera = camera(40.0, -74.0, 500_000.0, 0.0, 0.0);
        camera.set_reduced_motion(reduced);
        camera.grab(ScreenPoint::new(400.0, 450.0));
        for step in 1..=10 {
            camera.drag(ScreenPoint::new(400.0 + 10.0 * f64::from(step), 450.0));
            camera.step(16.0);
        }
        for _ in 0..rests {
            camera.step(16.0);
        }
        let before = camera.pose();
        camera.release();
        camera.step(16.0);
        assert_eq!(camera.pose() != before, coasts, "{rests} {reduced}");
    }
}

#[test]
fn flights_take_their_time_and_arrive() {
    let to = pose(51.5, -0.1, 50_000.0, 350.0, 30.0);
    for (from, least_ms, most_ms) in [
        (pose(51.52, -0.1, 52_000.0, 350.0, 30.0), 200.0, 300.0),
        (pose(-33.0, 151.0, 20_000.0, 10.0, 60.0), 800.0, 950.0),
    ] {
        let mut camera = camera(0.0, 0.0, 1e6, 0.0, 0.0);
        camera.set_pose(from);
        camera.fly_to(to);
        let mut elapsed_ms = 0.0;
        while camera.is_moving() {
            let before = camera.pose();
            camera.step(8.0);
            elapsed_ms += 8.0;
            assert!(camera.pose().height_m > 0.0 && camera.pose() != before);
        }
        assert_eq!(camera.pose(), to);
        assert!((least_ms..=most_ms).contains(&elapsed_ms), "{elapsed_ms} ms");
    }
}

#[test]
fn reduced_motion_jumps() {
    let mut camera = camera(0.0, 0.0, 1e6, 0.0, 0.0);
    camera.set_reduced_motion(true);
    camera.press(Key::ZoomIn);
    assert_eq!(camera.pose().height_m, 1e6 / 1.6);
    camera.zoom_at(ScreenPoint::new(10.0, 10.0), 0.5);
    assert!((camera.pose().height_m - 1e6 / 3.2).abs() < 1e-6 && !camera.is_moving());
}

#[test]
fn keys_add_up_while_they_repeat() {
    let mut camera = camera(10.0, 20.0, 1e6, 0.0, 0.0);
    camera.press(Key::TurnRight);
    camera.step(16.0);
    camera.press(Key::TurnRight);
    camera.press(Key::Up);
    settle(&mut camera);
    assert!((camera.pose().heading_deg - 30.0).abs() < 1e-9);
    assert!(camera.pose().target.latitude_deg() > 11.0);
    camera.press(Key::Home);
    settle(&mut camera);
    assert!(camera.pose().height_m > 1e7 && camera.pose().heading_deg == 0.0);
}

#[test]
fn poses_from_links_are_made_legal() {
    for (given, expected) in [
        (pose(90.0, 10.0, 1.0, 725.0, 95.0), pose(88.0, 10.0, 300.0, 5.0, 80.0)),
        (pose(0.0, 0.0, f64::NAN, f64::NAN, -4.0), pose(0.0, 0.0, 30_000_000.0, 0.0, 0.0)),
    ] {
        let mut camera = camera(0.0, 0.0, 1e6, 0.0, 0.0);
        camera.set_pose(given);
        assert_eq!(camera.pose(), expected);
    }
}

#[test]
fn fingers_side_by_side_tilt_and_others_zoom_and_turn() {
    let point = ScreenPoint::new;
    let start = [point(600.0, 500.0), point(800.0, 500.0)];
    let mut tilting = camera(40.0, -74.0, 100_000.0, 0.0, 20.0);
    tilting.pinch_start(start);
    for step in 1..=10 {
        let y = 500.0 - 10.0 * f64::from(step);
        tilting.pinch_move([point(600.0, y), point(800.0, y + 2.0)]);
    }
    assert!(tilting.pose().tilt_deg > 35.0 && tilting.pose().height_m == 100_000.0);

    let mut zooming = camera(40.0, -74.0, 100_000.0, 0.0, 0.0);
    let between = zooming.ground_at(point(700.0, 500.0)).unwrap();
    zooming.pinch_start(start);
    zooming.pinch_move([point(550.0, 500.0), point(850.0, 500.0)]);
    zooming.pinch_move([point(500.0, 500.0), point(900.0, 500.0)]);
    zooming.pinch_end();
    assert!((zooming.pose().height_m - 50_000.0).abs() < 1.0, "{}", zooming.pose().height_m);
    assert!(miss_px(&zooming, between, point(700.0, 500.0)) < 0.5);

    let mut turning = camera(40.0, -74.0, 100_000.0, 0.0, 0.0);
    turning.pinch_start(start);
    turning.pinch_move([point(600.0, 400.0), point(800.0, 600.0)]);
    assert!((turning.pose().heading_deg - 315.0).abs() < 1e-6, "{}", turning.pose().heading_deg);
}

#[test]
fn following_keeps_the_aircraft_in_the_middle() {
    let mut camera = camera(40.0, -74.0, 30_000.0, 0.0, 60.0);
    let aircraft = Position::new(40.3, -74.2).unwrap();
    camera.fly_to(Pose { target: aircraft, target_altitude_m: 9_000.0, ..camera.pose() });
    let mut place = aircraft;
    for _ in 0..80 {
        place = place.destination(45.0, 4.0);
        camera.follow(place, 9_000.0);
        camera.step(16.0);
    }
    let point = camera.project(place, 9_000.0).unwrap();
    assert!(point.distance_px(ScreenPoint::new(720.0, 450.0)) < 1e-3);
}

#[test]
fn a_ride_is_entered_and_left_without_a_cut() {
    let mut camera = Camera::new(Viewport::new(800.0, 600.0, 1.0));
    camera.set_pose(pose(40.0, -74.0, 200_000.0, 0.0, 0.0));
    let before = camera.pose();
    let seat = Pose {
        target_altitude_m: 9_000.0,
        height_m: 1.0,
        tilt_deg: 92.0,
        roll_deg: 20.0,
        ..pose(41.0, -73.0, 1.0, 60.0, 0.0)
    };
    let smooth = |from: Pose, to: Pose| (from.height_m / to.height_m).ln().abs() < 2.5;
    let run = |camera: &mut Camera| {
        for _ in 0..200 {
            let last = camera.pose();
            camera.step(16.0);
            assert!(smooth(last, camera.pose()), "{last:?} {:?}", camera.pose());
        }
    };
    camera.ride(seat);
    assert_eq!(camera.pose(), before);
    run(&mut camera);
    assert_eq!(camera.pose(), seat);
    camera.leave(before);
    run(&mut camera);
    assert_eq!(camera.pose(), before);
    camera.ride(seat);
    camera.step(100.0);
    camera.leave(before);
    camera.step(100.0);
    camera.grab(ScreenPoint::new(400.0, 300.0));
    assert!(camera.pose().tilt_deg <= MAX_TILT_DEG && camera.pose().height_m >= MIN_HEIGHT_M);
}

#[test]
fn a_flat_camera_never_tilts() {
    let mut camera = Camera::new(Viewport::new(800.0, 600.0, 1.0));
    camera.flatten();
    camera.set_pose(pose(40.0, -74.0, 200_000.0, 0.0, 40.0));
    camera.turn(0.0, -100.0);
    assert_eq!(camera.pose().tilt_deg, 0.0);
}
