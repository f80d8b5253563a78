//! Several sources of one aircraft: the newest position wins, nobody moves it back, and it does not wobble.

use inflight_domain::{DropReason, Extras, Icao24, Observation, Position, ShortText, UnixMillis};
use inflight_sky::{Accepted, Poll, Tracker};
use proptest::prelude::*;

const T0: i64 = 1_679_015_330_000;

fn observation(at_ms: i64, offset_m: f64) -> Observation {
    let time = UnixMillis(T0 + at_ms);
    Observation {
        icao24: Icao24::parse("a13f1c").unwrap(),
        callsign: None,
        // 200 m/s to the north, and each source a little beside it.
        position: Position::new(40.0 + at_ms as f64 * 0.2 / 111_200.0, -73.0 + offset_m / 85_000.0).unwrap(),
        time_position: Some(time),
        last_contact: time,
        altitude_m: None,
        geo_altitude_m: None,
        speed_mps: None,
        track_deg: None,
        vertical_rate_mps: None,
        on_ground: false,
        squawk: None,
        spi: false,
        position_source: Some(0),
        category: None,
        extras: Extras::default(),
    }
}

/// A poll of source `feed` at `now_ms` that saw the aircraft at `at_ms`.
fn accept(tracker: &mut Tracker, feed: u8, now_ms: i64, said: Observation) -> Accepted {
    let listed = vec![said.icao24];
    let poll = Poll {
        time: UnixMillis(T0 + now_ms),
        entries: 1,
        observations: vec![said],
        listed,
        ..Poll::default()
    };
    tracker.accept(feed, poll.time, poll)
}

#[test]
fn the_one_who_speaks_goes_on_until_another_is_clearly_better() {
    let mut tracker = Tracker::default();
    let mut check = |feed: u8, now_ms: i64, at_ms: i64, speaks: bool| {
        let accepted = accept(&mut tracker, feed, now_ms, observation(at_ms, f64::from(feed) * 8.0));
        assert_eq!(accepted.observations.len() == 1, speaks, "source {feed} at {now_ms}");
        let reasons: Vec<_> = accepted.dropped.iter().map(|dropped| dropped.reason).collect();
        assert_eq!(reasons.is_empty(), speaks);
        assert!(reasons.iter().all(|reason| *reason == DropReason::Superseded));
    };
    check(0, 1_000, 0, true);
    check(1, 1_200, 1_000, false);
    check(0, 11_000, 10_000, true);
    check(1, 11_200, 11_000, false);
    check(1, 15_200, 15_000, false);
    check(1, 15_400, 15_100, true);
    check(0, 21_000, 20_000, false);
    check(1, 21_200, 21_000, true);
    check(0, 31_000, 27_000, true);
    check(1, 31_200, 26_000, false);
}

#[test]
fn a_reckoned_position_gives_way_at_once() {
    let mut tracker = Tracker::default();
    let reckoned = |at_ms| Observation { position_source: Some(2), ..observation(at_ms, 60.0) };
    let mut speaks = |feed, at_ms, said| accept(&mut tracker, feed, at_ms, said).observations.len() == 1;
    assert!(speaks(0, 1_000, reckoned(1_000)));
    assert!(speaks(1, 1_500, observation(1_500, 0.0)));
    assert!(!speaks(0, 10_000, reckoned(10_000)));
    assert!(speaks(0, 17_000, reckoned(17_000)));
}

#[test]
fn what_is_known_of_the_airframe_is_told_for_all() {
    let mut tracker = Tracker::default();
    let type_code = ShortText::parse("B738");
    let told = Extras { type_code, registration: ShortText::parse("N12345"), ..Extras::default() };
    accept(&mut tracker, 0, 0, observation(0, 0.0));
    let knowing = Observation { category: Some(4), extras: told, ..observation(500, 3.0) };
    assert!(accept(&mut tracker, 1, 500, knowing).observations.is_empty());
    let row = accept(&mut tracker, 0, 1_000, observation(1_000, 0.0)).observations[0];
    assert_eq!(
        (row.text(inflight_domain::Field::TypeCode), row.get(inflight_domain::Field::Category)),
        (type_code, Some(4))
    );
}

#[test]
fn the_same_fix_told_again_is_not_newer() {
    let mut tracker = Tracker::default();
    accept(&mut tracker, 0, 0, observation(0, 0.0));
    let again = Observation {
        last_contact: UnixMillis(T0 + 1_000),
        time_position: Some(UnixMillis(T0 + 100)),
        ..observation(0, 0.0)
    };
    let row = accept(&mut tracker, 0, 1_000, again).observations[0];
    assert_eq!((row.position_time().0, row.last_contact().0), (T0, T0 + 1_000));
    // Ages are rounded: what was heard last may seem to have been heard a little earlier.
    let rounded = Observation { last_contact: UnixMillis(T0 + 900), ..again };
    let row = accept(&mut tracker, 0, 2_000, rounded).observations[0];
    assert_eq!((row.position_time().0, row.last_contact().0), (T0, T0 + 1_000));
    let older = Observation { last_contact: UnixMillis(T0 + 700), ..again };
    assert_eq!(accept(&mut tracker, 0, 3_000, older).dropped[0].reason, DropReason::TimeRegression);
}

proptest! {
    /// Whatever sources say in whatever order: time never goes back, the picture follows the newest position
    /// within the hysteresis, and it changes hands at most once in that time.
    #[test]
    fn any_sources(said in prop::collection::vec((0_u8..3, 0_i64..3_000, 0_i64..20_000), 1..80)) {
        let (mut tracker, mut now_ms, mut newest_ms) = (Tracker::default(), 20_000, i64::MIN);
        let (mut shown, mut speaker, mut changed_at) = (UnixMillis(0), None, 0);
        for (feed, wait_ms, age_ms) in said {
            now_ms += wait_ms;
            let at_ms = now_ms - age_ms;
            newest_ms = newest_ms.max(at_ms);
            let accepted = accept(&mut tracker, feed, now_ms, observation(at_ms, f64::from(feed) * 8.0));
            if let Some(row) = accepted.observations.first() {
                prop_assert!(row.position_time() >= shown, "never back");
                if speaker != Some(feed) {
                    let since = row.position_time().0 - changed_at;
                    prop_assert!(speaker.is_none() || since > 5_000, "no taking turns: {since} ms");
                    (speaker, changed_at) = (Some(feed), row.position_time().0);
                }
                shown = row.position_time();
            }
            prop_assert!(T0 + newest_ms - shown.0 <= 5_000, "never far behind the newest");
        }
    }
}
