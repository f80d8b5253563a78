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
    let (turn_lasts, acceleration_lasts) = (TURN_LASTS_S as f32, ACCELERATION_LASTS_S as f32);
    let stop = speed / acceleration.abs();
    let travelled = |seconds: f32| {
        let during = seconds.clamp(-acceleration_lasts, acceleration_lasts);
        let during = if acceleration * during < 0.0 { during.clamp(-stop, stop) } else { during };
        let gained = acceleration * during;
        (speed + gained * 0.5) * during + (speed + gained) * (seconds - during)
    };
    let turning = ahead.clamp(-turn_lasts, turn_lasts);
    let arc = travelled(turning);
    let (chord, straight) = (arc * sinc(turn * turning * 0.5), travelled(ahead) - arc);
    let (bearing, track) = (track + turn * turning * 0.5, track + turn * turning);
    let ease = [one.ease_east_m, one.ease_north_m, one.ease_up_m].map(|value| value as f32);
    let lasts = (2.0 * ease[0].hypot(ease[1]) / speed.max(EASE_SLOWEST_MPS as f32))
        .clamp(EASE_S as f32, EASE_LONGEST_S as f32);
    let done = (((now.wall_ms - one.ease_from_ms) / 1000.0) as f32 / lasts).clamp(0.0, 1.0);
    let left = 1.0 - done * done * (3.0 - 2.0 * done);
    let step = sum([0.0; 3], east, chord * bearing.sin() + straight * track.sin() + left * ease[0]);
    let step = sum(step, north, chord * bearing.cos() + straight * track.cos() + left * ease[1]);
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

    /// An update that corrects by up to a second of flight and 15 m along and 100 m across, at any course, in any
    /// turn: what the model lets pass is rarely more.
    #[test]
    fn easing_never_moves_backwards(
        one in aircraft(), speed_mps in 60.0..280.0_f64, turn_rate_dps in -3.0..3.0_f64,
        acceleration_mps2 in -1.0..1.0_f64, along in -1.0..1.0_f64, across_m in -100.0..100.0_f64,
    ) {
        let old = AircraftInstance {
            speed_mps, turn_rate_dps, acceleration_mps2,
            ease_east_m: 0.0, ease_north_m: 0.0, ease_up_m: 0.0, ..one
        };
        let meets = drawn(&old, at(10.0));
        let along_m = along * (speed_mps + 15.0);
        let corrected = meets.position.destination(meets.track_deg, along_m).destination(meets.track_deg + 90.0, across_m);
        let mut new = AircraftInstance { position: corrected, track_deg: meets.track_deg, at_ms: at(10.0).stream_ms, ..old };
        new.continue_from(&old, at(10.0));
        let mut last = drawn_point(&new, at(10.0));
        for frame in 1..250 {
            let now = drawn_point(&new, at(10.0 + f64::from(frame) * 0.016));
            let ahead_m = (now.point - last.point).dot(last.forward);
            prop_assert!(ahead_m > 0.0, "frame {frame}: {ahead_m} m");
            last = now;
        }
    }

    #[test]
    fn usual_corrections_are_eased_within_two_seconds(seconds_of_flight in 0.0..1.0_f64, speed_mps in 20.0..280.0_f64) {
        let east_m = seconds_of_flight * speed_mps;
        let one = AircraftInstance { speed_mps, ease_east_m: east_m, ease_from_ms: BASE_MS, ..AircraftInstance::at(Position::new(1.0, 2.0).unwrap(), 0.0, BASE_MS) };
        prop_assert_eq!(ease_left(&one, BASE_MS + 2_000.0), 0.0);
        prop_assert!(ease_left(&one, BASE_MS + 400.0) > 0.3);
    }
}

#[test]
fn a_full_circle_comes_back_and_goes_on_straight() {
    let place = Position::new(52.0, 4.0).unwrap();
    // Turns once while a turn lasts.
    let turn_rate_dps = 360.0 / TURN_LASTS_S;
    let one =
        AircraftInstance { speed_mps: 100.0, turn_rate_dps, ..AircraftInstance::at(place, 1_000.0, BASE_MS) };
    assert!(drawn(&one, at(TURN_LASTS_S)).position.distance_m(place) < 1.0);
    let radius_m = 100.0 / turn_rate_dps.to_radians();
    let half = drawn(&one, at(TURN_LASTS_S / 2.0));
    assert!((half.position.distance_m(place) - 2.0 * radius_m).abs() < 1.0);
    assert!(inflight_domain::math::turn_deg(half.track_deg, 180.0).abs() < 0.1);
    assert!((drawn(&one, at(TURN_LASTS_S + 10.0)).position.distance_m(place) - 1_000.0).abs() < 1.0);
}

#[test]
fn stands_after_the_horizon_and_after_braking() {
    let place = Position::new(52.0, 4.0).unwrap();
    let cruising = AircraftInstance { speed_mps: 250.0, ..AircraftInstance::at(place, 10_000.0, BASE_MS) };
    assert_eq!(drawn(&cruising, at(60.0)), drawn(&cruising, at(600.0)));
    let braking = |speed_mps: f64| AircraftInstance {
        speed_mps,
        acceleration_mps2: -2.0,
        on_ground: true,
        ..AircraftInstance::at(place, 0.0, BASE_MS)
    };
    let way_m =
        |speed_mps: f64, seconds: f64| drawn(&braking(speed_mps), at(seconds)).position.distance_m(place);
    assert!((way_m(12.0, 6.0) - 36.0).abs() < 0.01 && (way_m(12.0, 40.0) - 36.0).abs() < 0.01);
    // Nobody knows for how long it brakes: the speed stays.
    assert!((way_m(50.0, 17.0) - (50.0 * 7.0 - 49.0 + 36.0 * 10.0)).abs() < 0.1, "{}", way_m(50.0, 17.0));
}

#[test]
fn a_jump_across_the_world_is_shown_as_it_is() {
    let old = AircraftInstance::at(Position::new(0.0, 0.0).unwrap(), 0.0, BASE_MS);
    let mut new = AircraftInstance::at(Position::new(10.0, 0.0).unwrap(), 0.0, BASE_MS);
    new.continue_from(&old, at(1.0));
    assert_eq!((new.ease_east_m, new.ease_north_m), (0.0, 0.0));
}
