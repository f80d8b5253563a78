//! Properties of the motion model.

use inflight_domain::{Aircraft, Extras, Icao24, MotionState, Observation, Position, UnixMillis};
use inflight_sky::motion::{HOLD_AFTER_MS, advance, predict};
use proptest::prelude::*;

const T0: i64 = 1_679_015_330_000;

fn row(
    position: Position,
    at_ms: i64,
    speed_mps: Option<f64>,
    track_deg: Option<f64>,
    on_ground: bool,
) -> Aircraft {
    let observation = Observation {
        icao24: Icao24::parse("a13f1c").unwrap(),
        callsign: None,
        position,
        time_position: Some(UnixMillis(T0 + at_ms)),
        last_contact: UnixMillis(T0 + at_ms),
        altitude_m: Some(3000.0),
        geo_altitude_m: None,
        speed_mps,
        track_deg,
        vertical_rate_mps: Some(-5.0),
        on_ground,
        squawk: None,
        spi: false,
        position_source: None,
        category: None,
        extras: Extras::default(),
    };
    observation.to_aircraft().unwrap()
}

fn replay(rows: &[Aircraft]) -> MotionState {
    let mut previous: Option<(MotionState, Aircraft)> = None;
    for aircraft in rows {
        previous = Some((advance(previous.as_ref().map(|(state, row)| (state, row)), aircraft), *aircraft));
    }
    previous.unwrap().0
}

/// Flies a circle (or straight on) from a place, one row every ten seconds.
fn flight(from: Position, speed_mps: f64, turn_dps: f64, rows: i64) -> Vec<Aircraft> {
    let (mut position, mut track_deg) = (from, 40.0);
    let mut flown = Vec::new();
    for second in 0..rows * 10 {
        if second % 10 == 0 {
            flown.push(row(position, second * 1000, Some(speed_mps), Some(track_deg), false));
        }
        position = position.destination(track_deg + turn_dps / 2.0, speed_mps);
        track_deg += turn_dps;
    }
    flown
}

fn check_flight(turn_dps: f64, within_m: f64) {
    let from = Position::new(40.6, -73.8).unwrap();
    let flown = flight(from, 200.0, turn_dps, 6);
    let state = replay(&flown[..5]);
    let error_m = predict(&state, flown[5].position_time()).position.distance_m(flown[5].position());
    assert!(error_m < within_m, "{turn_dps} degrees/s: {error_m} m off");
    // Turns end: a little less than what was seen is held to go on.
    let share = f64::from(state.turn_rate_mdps) / 1000.0 / turn_dps;
    assert!(turn_dps == 0.0 || (0.75..=1.05).contains(&share), "{state:?}");
    assert!(state.samples >= 15, "{state:?}");
}

#[test]
fn straight_flight_and_turns_are_foreseen() {
    check_flight(0.0, 7.0);
    check_flight(1.0, 45.0);
    check_flight(-3.0, 110.0);
}

#[test]
fn rounded_stamps_are_smoothed() {
    // True motion of 200 m/s east; every second stamp is half a second off, as by rounding.
    let start = Position::new(40.0, -73.0).unwrap();
    let rows: Vec<Aircraft> = (0..12)
        .map(|step| {
            let seconds = step as f64 * 10.0 + if step % 2 == 0 { 0.5 } else { 0.0 };
            row(start.destination(90.0, 200.0 * seconds), step * 10_000, Some(200.0), Some(90.0), false)
        })
        .collect();
    let (before, after) = (replay(&rows[..11]), replay(&rows));
    let at = rows[11].position_time();
    let jump_m = predict(&before, at).position.distance_m(predict(&after, at).position);
    assert!(jump_m < 40.0, "{jump_m} m; plain reckoning jumps 100 m");
}

#[test]
fn a_frozen_ground_speed_is_not_believed() {
    let gate = Position::new(48.96, 2.43).unwrap();
    let rows: Vec<Aircraft> = (0..4)
        .map(|step| {
            row(gate.destination(270.0, 50.0 * step as f64), step * 10_000, Some(70.0), Some(270.0), true)
        })
        .collect();
    assert!((predict(&replay(&rows), rows[3].position_time()).speed_mps - 5.0).abs() < 0.4);
    let untold: Vec<Aircraft> = (0..4)
        .map(|step| row(gate.destination(270.0, 50.0 * step as f64), step * 10_000, None, None, true))
        .collect();
    let state = replay(&untold);
    assert!((state.speed_cmps - 500).abs() < 40 && (state.track_cdeg - 27_000).abs() < 300, "{state:?}");
}

#[test]
fn nothing_goes_on_for_ever() {
    let start = Position::new(40.0, -73.0).unwrap();
    let state = replay(&[row(start, 0, Some(200.0), Some(0.0), false)]);
    let at = |ms: i64| predict(&state, UnixMillis(T0 + ms));
    assert_eq!(at(HOLD_AFTER_MS), at(HOLD_AFTER_MS + 1));
    assert_eq!(at(-5000).position, at(0).position);
    assert!((at(10_000).altitude_m - 2950.0).abs() < 1e-6);
    assert!((at(10_000).position.distance_m(start) - 2000.0).abs() < 6.0);
}

prop_compose! {
    fn any_row()(
        latitude in -90.0..=90.0_f64,
        longitude in -180.0..=180.0_f64,
        at_ms in 0..200_000_i64,
        speed_mps in prop::option::of(0.0..1200.0_f64),
        track_deg in prop::option::of(0.0..360.0_f64),
        on_ground in any::<bool>(),
    ) -> Aircraft {
        row(Position::new(latitude, longitude).unwrap(), at_ms, speed_mps, track_deg, on_ground)
    }
}

/// Rows of one aircraft that stays near a place, in any order of time.
fn any_walk() -> impl Strategy<Value = Vec<Aircraft>> {
    let step =
        (0.0..360.0_f64, 0.0..3000.0_f64, 0..60_000_i64, prop::option::of(0.0..350.0_f64), any::<bool>());
    (-89.0..89.0_f64, prop::collection::vec(step, 1..12)).prop_map(|(latitude, steps)| {
        let mut position = Position::new(latitude, 179.9).unwrap();
        let mut at_ms = 0;
        let walk = steps.into_iter().map(|(bearing_deg, way_m, later_ms, speed_mps, on_ground)| {
            position = position.destination(bearing_deg, way_m);
            at_ms += later_ms;
            row(position, at_ms, speed_mps, speed_mps.map(|_| bearing_deg), on_ground)
        });
        walk.collect()
    })
}

proptest! {
    #[test]
    fn any_rows_give_a_sane_state(rows in prop::collection::vec(any_row(), 1..6), after_ms in -10_000..400_000_i64) {
        let state = replay(&rows);
        let predicted = predict(&state, UnixMillis(state.at.0 + after_ms));
        let place = Position::new(predicted.position.latitude_deg(), predicted.position.longitude_deg());
        prop_assert!(place.is_some(), "{:?}", predicted);
        prop_assert!((0.0..360.0).contains(&predicted.track_deg), "{:?}", predicted);
        prop_assert!(predicted.speed_mps.is_finite() && predicted.speed_mps >= 0.0, "{:?}", predicted);
        prop_assert!(predicted.altitude_m.is_finite());
    }

    #[test]
    fn speed_stays_sane(walk in any_walk(), after_ms in 0..100_000_i64) {
        let state = replay(&walk);
        let speed_mps = predict(&state, UnixMillis(state.at.0 + after_ms)).speed_mps;
        // Told or travelled speed is at most 1500 m/s here, and gains at most 2 m/s2 for 15 s per step.
        prop_assert!(speed_mps <= 1530.0 + 30.0 * walk.len() as f64, "{} m/s", speed_mps);
    }

    #[test]
    fn the_same_row_again_changes_nothing(walk in any_walk(), again in 1..4_usize) {
        let state = replay(&walk);
        let last = walk[walk.len() - 1];
        let mut repeated = walk;
        repeated.extend(std::iter::repeat_n(last, again));
        prop_assert_eq!(replay(&repeated), state);
    }

    #[test]
    fn prediction_is_continuous(walk in any_walk(), after_ms in -2_000..70_000_i64) {
        let state = replay(&walk);
        let (now, next) = (UnixMillis(state.at.0 + after_ms), UnixMillis(state.at.0 + after_ms + 1));
        let (a, b) = (predict(&state, now), predict(&state, next));
        let limit_m = a.speed_mps.max(b.speed_mps) * 0.0011 * 1.05 + 0.02;
        let way_m = a.position.distance_m(b.position);
        prop_assert!(way_m <= limit_m, "{} m in a millisecond at {} m/s", way_m, a.speed_mps);
        prop_assert!((a.altitude_m - b.altitude_m).abs() <= 0.21);
        prop_assert!((a.speed_mps - b.speed_mps).abs() <= 0.0026);
    }

    #[test]
    fn a_state_from_the_wire_goes_on_the_same(walk in any_walk()) {
        let mut previous: Option<(MotionState, Aircraft)> = None;
        for aircraft in &walk {
            let sent = previous.map(|(state, row)| {
                (MotionState::from_numbers(state.at, state.numbers(), state.samples), row)
            });
            let here = advance(previous.as_ref().map(|(state, row)| (state, row)), aircraft);
            let there = advance(sent.as_ref().map(|(state, row)| (state, row)), aircraft);
            prop_assert_eq!(here, there);
            previous = Some((here, *aircraft));
        }
    }
}
