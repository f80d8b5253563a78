//! What the tracker lets through, and when an aircraft goes.

use inflight_domain::{DropReason, Extras, Icao24, Observation, Position, UnixMillis};
use inflight_sky::{Accepted, Poll, Tracker, freshness};

const T0: i64 = 1_679_015_330;

fn seen(seconds: i64, longitude: f64) -> Observation {
    Observation {
        icao24: Icao24::parse("a13f1c").unwrap(),
        callsign: None,
        position: Position::new(40.0, longitude).unwrap(),
        time_position: Some(at(seconds)),
        last_contact: at(seconds),
        altitude_m: None,
        geo_altitude_m: None,
        speed_mps: Some(200.0),
        track_deg: Some(90.0),
        vertical_rate_mps: None,
        on_ground: false,
        squawk: None,
        spi: false,
        position_source: None,
        category: None,
        extras: Extras::default(),
    }
}

fn at(seconds: i64) -> UnixMillis {
    UnixMillis((T0 + seconds) * 1000)
}

fn poll(tracker: &mut Tracker, seconds: i64, observations: &[Observation]) -> Accepted {
    let poll = Poll {
        time: at(seconds),
        entries: observations.len() as u64,
        observations: observations.to_vec(),
        ..Poll::default()
    };
    tracker.accept(0, poll.time, poll)
}

fn reasons(accepted: &Accepted) -> Vec<DropReason> {
    accepted.dropped.iter().map(|dropped| dropped.reason).collect()
}

#[test]
fn an_older_poll_is_dropped_whole() {
    let mut tracker = Tracker::default();
    poll(&mut tracker, 10, &[seen(9, -73.0)]);
    let late = poll(&mut tracker, 8, &[seen(10, -73.0), seen(10, -73.0)]);
    assert!(late.regressed);
    assert_eq!(reasons(&late), [DropReason::TimeRegression; 2]);
    let same = poll(&mut tracker, 10, &[seen(10, -73.0)]);
    assert_eq!((same.regressed, same.observations.len()), (false, 1));
}

#[test]
fn of_two_entries_the_first_counts() {
    let mut tracker = Tracker::default();
    let twice = poll(&mut tracker, 10, &[seen(9, -73.0), seen(10, -73.0)]);
    assert_eq!((twice.observations[0].last_contact(), reasons(&twice)), (at(9), vec![DropReason::Duplicate]));
}

#[test]
fn an_older_contact_is_dropped_and_an_older_position_replaced() {
    let mut tracker = Tracker::default();
    poll(&mut tracker, 10, &[seen(10, -73.0)]);
    assert_eq!(reasons(&poll(&mut tracker, 20, &[seen(9, -73.0)])), [DropReason::TimeRegression]);
    let older_position = Observation { last_contact: at(25), ..seen(8, -73.1) };
    let kept = poll(&mut tracker, 30, &[older_position]).observations[0];
    assert_eq!((kept.last_contact(), kept.position_time()), (at(25), at(10)));
    assert_eq!(kept.position(), Position::new(40.0, -73.0).unwrap());
}

#[test]
fn the_future_is_out_of_range() {
    let mut tracker = Tracker::default();
    assert_eq!(reasons(&poll(&mut tracker, 0, &[seen(61, -73.0)])), [DropReason::OutOfRange]);
    assert_eq!(poll(&mut tracker, 0, &[seen(60, -73.0)]).observations.len(), 1);
}

#[test]
fn a_jump_is_dropped_until_three_new_fixes_agree() {
    // Seconds, longitude, accepted. One degree of longitude is 85 km here.
    for (name, fixes) in [
        ("one bad fix", vec![(0, -73.0, true), (10, -70.0, false), (20, -72.95, true), (30, -72.92, true)]),
        (
            "a bad first fix",
            vec![
                (0, -60.0, true),
                (10, -73.0, false),
                (20, -72.98, false),
                (30, -72.96, true),
                (40, -72.94, true),
            ],
        ),
        (
            "the same bad fix again",
            vec![
                (0, -73.0, true),
                (10, -70.0, false),
                (10, -70.0, false),
                (10, -70.0, false),
                (11, -70.0, false),
            ],
        ),
        (
            "bad fixes that disagree",
            vec![
                (0, -73.0, true),
                (10, -70.0, false),
                (20, -60.0, false),
                (30, -50.0, false),
                (40, -40.0, false),
            ],
        ),
        ("Mach 2", vec![(0, -73.0, true), (10, -72.92, true)]),
        ("across the antimeridian", vec![(0, 179.99, true), (10, -179.99, true)]),
    ] {
        let mut tracker = Tracker::default();
        for (step, (seconds, longitude, accepted)) in fixes.into_iter().enumerate() {
            let judged = poll(&mut tracker, 10 * step as i64, &[seen(seconds, longitude)]);
            assert_eq!(
                judged.observations.len(),
                usize::from(accepted),
                "{name}, {step}: {:?}",
                judged.dropped
            );
            let expected = if accepted { vec![] } else { vec![DropReason::ImplausibleJump] };
            assert_eq!(reasons(&judged), expected, "{name}, {step}");
        }
    }
}

#[test]
fn ghosts_and_departures() {
    let airborne = seen(0, -73.0).to_aircraft().unwrap();
    let ground = Observation { on_ground: true, ..seen(0, -73.0) }.to_aircraft().unwrap();
    for (seconds, airborne_ghost, ground_ghost) in
        [(-5, false, false), (15, false, false), (16, true, false), (30, true, false), (31, true, true)]
    {
        let ghosts = (freshness::is_ghost(&airborne, at(seconds)), freshness::is_ghost(&ground, at(seconds)));
        assert_eq!(ghosts, (airborne_ghost, ground_ghost), "{seconds} s");
    }
    for (seconds, stale_after_ms, gone_unlisted, gone_listed) in [
        (60, freshness::STALE_AFTER_MS, false, false),
        (61, freshness::STALE_AFTER_MS, true, false),
        (300, freshness::STALE_AFTER_MS, true, false),
        (301, freshness::STALE_AFTER_MS, true, true),
        (400, 500_000, false, false),
    ] {
        let gone =
            [false, true].map(|listed| freshness::is_gone(&airborne, at(seconds), listed, stale_after_ms));
        assert_eq!(gone, [gone_unlisted, gone_listed], "{seconds} s");
    }
    // It still talks, but has not said for long where it is.
    for (on_ground, seconds, expected) in [(false, 300, false), (false, 301, true), (true, 301, false)] {
        let talking = Observation { on_ground, last_contact: at(seconds), ..seen(0, -73.0) };
        let gone =
            freshness::is_gone(&talking.to_aircraft().unwrap(), at(seconds), true, freshness::STALE_AFTER_MS);
        assert_eq!(gone, expected, "on the ground: {on_ground}, {seconds} s");
    }
}
