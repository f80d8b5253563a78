//! Tests of the motion, among them one against the vertex shader's formulas in the shader's precision.

use super::*;
use proptest::prelude::*;

const BASE_MS: f64 = 1.7e12;

fn at(seconds: f64) -> Now {
    Now { stream_ms: BASE_MS + seconds * 1000.0, wall_ms: BASE_MS + seconds * 1000.0 }
}

prop_compose! {
    fn aircraft()(
        lat in -80.0..80.0_f64, lon in -180.0..180.0_f64, altitude_m in 0.0..13_000.0_f64,
        speed_mps in 0.0..300.0_f64, track_deg in 0.0..360.0_f64, vertical_rate_mps in -20.0..20.0_f64,
        turn_rate_dps in -3.5..3.5_f64, acceleration_mps2 in -2.0..2.0_f64,
        ease in (-300.0..300.0_f64, -300.0..300.0_f64, -100.0..100.0_f64),
    ) -> AircraftInstance {
        AircraftInstance {
            speed_mps, track_deg, vertical_rate_mps, turn_rate_dps, acceleration_mps2,
            ease_east_m: ease.0, ease_north_m: ease.1, ease_up_m: ease.2, ease_from_ms: BASE_MS,
            ..AircraftInstance::at(Position::new(lat, lon).unwrap(), altitude_m, BASE_MS)
        }
    }
}

/// `aircraft.vert` from `base_high` to `offset`, in f32.
fn shader(one: &AircraftInstance, now: Now, eye: Vec3) -> [f32; 3] {
    let (high, low) = Vec3::at(one.position, one.altitude_m).split();
    let (eye_high, eye_low) = eye.split();
    let earth = EARTH_RADIUS_M as f32;
    let dot = |a: [f32; 3], b: [f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let sum = |a: [f32; 3], b: [f32; 3], part: f32| [0, 1, 2].map(|axis| a[axis] + b[axis] * part);
    let length = dot(high, high).sqrt();
    let up = high.map(|value| value / length);
    let flat = up[0].hypot(up[1]);
    let east = [-up[1] / flat, up[0] / flat, 0.0];
    let north = [
        up[1] * east[2] - up[2] * east[1],
        up[2] * east[0] - up[0] * east[2],
        up[0] * east[1] - up[1] * east[0],
    ];
    let [speed, track, turn, acceleration] =
        [one.speed_mps, one.track_deg.to_radians(), one.turn_rate_dps.to_radians(), one.acceleration_mps2]
            .map(|value| value as f32);
    let sinc = |angle: f32| if angle.abs() < 0.01 { 1.0 - angle * angle / 6.0 } else { angle.sin() / angle };
    let ahead = (((now.stream_ms - one.at_ms) / 1000.0) as f32).clamp(-LEAD_BACK_S as f32, HORIZON_S as f32);
    let stop = speed / acceleration.abs();
    let moving = if acceleration * ahead < 0.0 { ahead.clamp(-stop, stop) } else { ahead };
    let chord = (speed + acceleration * moving * 0.5) * moving * sinc(turn * ahead * 0.5);
    let bearing = track + turn * ahead * 0.5;
    let ease = [one.ease_east_m, one.ease_north_m, one.ease_up_m].map(|value| value as f32);
    let lasts = (2.0 * ease[0].hypot(ease[1]) / speed.max(EASE_SLOWEST_MPS as f32))
        .clamp(EASE_S as f32, EASE_LONGEST_S as f32);
    let done = (((now.wall_ms - one.ease_from_ms) / 1000.0) as f32 / lasts).clamp(0.0, 1.0);
    let left = 1.0 - done * done * (3.0 - 2.0 * done);
    let step = sum([0.0; 3], east, chord * bearing.sin() + left * ease[0]);
    let step = sum(step, north, chord * bearing.cos() + left * ease[1]);
    let climb = one.vertical_rate_mps as f32 * ahead + left * ease[2];
    let angle = dot(step, step).sqrt() / earth;
    let half_sin = (angle * 0.5).sin();
    let swing = sum(step.map(|value| value * (sinc(angle) / earth)), up, -2.0 * half_sin * half_sin);
    let relative = [0, 1, 2].map(|axis| (high[axis] - eye_high[axis]) + (low[axis] - eye_low[axis]));
    sum(sum(relative, swing, earth + one.altitude_m as f32 + climb), up, climb)
}

proptest! {
    #[test]
    fn shader_and_processor_agree(one in aircraft(), seconds in -20.0..70.0_f64, away in (-5_000.0..5_000.0_f64, -5_000.0..5_000.0_f64)) {
        let point = drawn_point(&one, at(seconds)).point;
        let eye = point + Vec3::new(away.0, away.1, 2_000.0);
        let painted = shader(&one, at(seconds), eye);
        let offset = point - eye;
        let error = Vec3::new(f64::from(painted[0]) - offset.x, f64::from(painted[1]) - offset.y, f64::from(painted[2]) - offset.z);
        // A tenth of a pixel at three kilometres is 0.2 m.
        prop_assert!(error.length() < 0.2, "{} m", error.length());
    }

    #[test]
    fn straight_flight_is_a_great_circle(one in aircraft(), seconds in 0.0..60.0_f64) {
        let straight = AircraftInstance {
            turn_rate_dps: 0.0, acceleration_mps2: 0.0, ease_east_m: 0.0, ease_north_m: 0.0, ease_up_m: 0.0, ..one
        };
        let now = drawn(&straight, at(seconds));
        let expected = straight.position.destination(straight.track_deg, straight.speed_mps * seconds);
        prop_assert!(now.position.distance_m(expected) < 0.01);
        prop_assert!((now.altitude_m - straight.altitude_m - straight.vertical_rate_mps * seconds).abs() < 1e-3);
        if straight.speed_mps * seconds > 100.0 {
            let back = inflight_domain::math::turn_deg(now.track_deg, now.position.bearing_deg(straight.position) + 180.0);
            prop_assert!(back.abs() < 1e-3, "{back}");
        }
    }

    #[test]
    fn updates_do_not_jump(old in aircraft(), east_m in -400.0..400.0_f64, north_m in -400.0..400.0_f64, seconds in 0.0..15.0_f64, track_deg in 0.0..360.0_f64) {
        let now = at(seconds);
        let before = drawn(&old, now);
        let moved = before.position.destination(90.0, east_m).destination(0.0, north_m);
        let mut new = AircraftInstance { track_deg, speed_mps: 200.0, ..AircraftInstance::at(moved, before.altitude_m + 50.0, now.stream_ms - 2_000.0) };
        new.continue_from(&old, now);
        let after = drawn(&new, now);
        prop_assert!(after.position.distance_m(before.position) < 0.05, "{}", after.position.distance_m(before.position));
        prop_assert!((after.altitude_m - before.altitude_m).abs() < 1e-6);
        let plain = AircraftInstance { ease_east_m: 0.0, ease_north_m: 0.0, ease_up_m: 0.0, ..new };
        let later = at(seconds + EASE_LONGEST_S);
        prop_assert_eq!(drawn(&new, later).position, drawn(&plain, later).position);
    }

    #[test]
    fn easing_never_moves_backwards(ahead_m in -600.0..600.0_f64, speed_mps in 120.0..260.0_f64) {
        let place = Position::new(45.0, 10.0).unwrap();
        let old = AircraftInstance { speed_mps, track_deg: 90.0, ..AircraftInstance::at(place.destination(90.0, ahead_m), 9_000.0, BASE_MS) };
        let mut new = AircraftInstance { speed_mps, track_deg: 90.0, ..AircraftInstance::at(place, 9_000.0, BASE_MS) };
        new.continue_from(&old, at(0.0));
        let mut last = drawn(&new, at(0.0)).position.longitude_deg();
        for frame in 1..500 {
            let now = drawn(&new, at(f64::from(frame) * 0.016)).position.longitude_deg();
            prop_assert!(now > last, "frame {frame}");
            last = now;
        }
    }
}

#[test]
fn a_full_circle_comes_back() {
    let place = Position::new(52.0, 4.0).unwrap();
    // Rate that turns once within the horizon.
    let one = AircraftInstance {
        speed_mps: 100.0,
        turn_rate_dps: 9.0,
        ..AircraftInstance::at(place, 1_000.0, BASE_MS)
    };
    assert!(drawn(&one, at(40.0)).position.distance_m(place) < 1.0);
    let radius_m = 100.0 / 9.0_f64.to_radians();
    assert!((drawn(&one, at(20.0)).position.distance_m(place) - 2.0 * radius_m).abs() < 1.0);
    assert!(inflight_domain::math::turn_deg(drawn(&one, at(10.0)).track_deg, 90.0).abs() < 0.1);
}

#[test]
fn stands_after_the_horizon_and_after_braking() {
    let place = Position::new(52.0, 4.0).unwrap();
    let cruising = AircraftInstance { speed_mps: 250.0, ..AircraftInstance::at(place, 10_000.0, BASE_MS) };
    assert_eq!(drawn(&cruising, at(60.0)), drawn(&cruising, at(600.0)));
    let braking = AircraftInstance {
        speed_mps: 50.0,
        acceleration_mps2: -2.0,
        on_ground: true,
        ..AircraftInstance::at(place, 0.0, BASE_MS)
    };
    let stop_m = drawn(&braking, at(25.0)).position.distance_m(place);
    assert!((stop_m - 625.0).abs() < 0.1, "{stop_m}");
    assert!((drawn(&braking, at(40.0)).position.distance_m(place) - stop_m).abs() < 1e-6);
}

#[test]
fn a_jump_across_the_world_is_shown_as_it_is() {
    let old = AircraftInstance::at(Position::new(0.0, 0.0).unwrap(), 0.0, BASE_MS);
    let mut new = AircraftInstance::at(Position::new(10.0, 0.0).unwrap(), 0.0, BASE_MS);
    new.continue_from(&old, at(1.0));
    assert_eq!((new.ease_east_m, new.ease_north_m), (0.0, 0.0));
}
