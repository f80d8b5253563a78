//! Detectors on a few aircraft of several sources: what is a disruption, and what is none.

use inflight_domain::{Callsign, Disruption, DisruptionKind, Extras, Measure, Squawk, UnixMillis};
use inflight_domain::{Icao24, Observation, Position};
use inflight_sky::disruption::Watch;
use inflight_sky::{Poll, Tracker};

const BEGAN_S: i64 = 1_700_000_000;

/// Sources, each with a tracker in common, and the detectors behind them.
#[derive(Default)]
struct Desk {
    tracker: Tracker,
    watch: Watch,
    rows: Vec<Disruption>,
}

impl Desk {
    /// A poll of one source.
    fn poll(&mut self, feed: u8, second: i64, observations: Vec<Observation>) {
        let time = at(second);
        let accepted = self.tracker.accept(feed, time, Poll { time, observations, ..Poll::default() });
        self.rows.extend(self.watch.take(feed, time, &accepted));
    }

    fn kinds(&self, kind: DisruptionKind) -> Vec<&Disruption> {
        self.rows.iter().filter(|row| row.kind == kind).collect()
    }
}

fn at(second: i64) -> UnixMillis {
    UnixMillis((BEGAN_S + second) * 1000)
}

/// An aircraft that flies east, `lead_km` ahead of the first.
fn cruising(number: u32, second: i64, lead_km: f64) -> Observation {
    let east_m = 220.0 * second as f64 + lead_km * 1000.0;
    let start = Position::new(45.0, 20.0 + f64::from(number % 3) * 0.001).unwrap();
    Observation {
        icao24: Icao24::new(0x4a_0000 + number).unwrap(),
        callsign: Callsign::parse("ROT1"),
        position: start.destination(90.0, east_m),
        time_position: Some(at(second)),
        last_contact: at(second),
        altitude_m: Some(10_000.0),
        geo_altitude_m: None,
        speed_mps: Some(220.0),
        track_deg: Some(90.0),
        vertical_rate_mps: Some(0.0),
        squawk: Squawk::parse("1200"),
        on_ground: false,
        spi: false,
        position_source: Some(0),
        category: None,
        extras: Extras::default(),
    }
}

/// The first is heard by source 0 until 200 s, four others ahead of it for longer, by `others`; each is heard
/// every `step_s` seconds.
fn check_lost(others: u8, begin_s: i64, expected: usize) {
    let mut desk = Desk::default();
    for second in (0..=520).step_by(5) {
        if second <= 200 {
            desk.poll(0, second, vec![cruising(0, second, 0.0)]);
        }
        if second >= begin_s {
            desk.poll(others, second, (1..=4).map(|n| cruising(n, second, 4.0 * f64::from(n))).collect());
        }
    }
    let found = desk.kinds(DisruptionKind::SignalLost);
    assert_eq!(found.len(), expected, "{found:?}");
}

#[test]
fn who_falls_silent_where_its_source_hears_on_is_lost() {
    check_lost(0, 0, 1);
}

#[test]
fn neighbours_may_be_heard_only_later() {
    // At the first look, 135 s after the last contact, nobody is there.
    check_lost(0, 345, 1);
}

#[test]
fn a_source_that_fails_loses_nobody() {
    check_lost(1, 0, 0);
}

/// What an aircraft says, from second to second; the squawk and state of the rows found, and how many ended.
fn check_emergency(
    said: impl Fn(i64) -> (&'static str, u8),
    expected: &[(Option<f64>, Option<f64>)],
    ended: usize,
) {
    let mut desk = Desk::default();
    for second in 0..120 {
        let (squawk, emergency) = said(second);
        let extras = Extras { emergency, ..Extras::default() };
        let squawk = Squawk::parse(squawk);
        desk.poll(0, second, vec![Observation { squawk, extras, ..cruising(0, second, 0.0) }]);
    }
    let rows = desk.kinds(DisruptionKind::Emergency);
    let measures =
        |row: &&Disruption| (row.evidence.get(Measure::Squawk), row.evidence.get(Measure::EmergencyState));
    let mut found: Vec<_> = rows.iter().map(measures).collect();
    found.dedup();
    assert_eq!(found, expected);
    assert_eq!(rows.iter().filter(|row| row.ended.is_some()).count(), ended);
}

#[test]
fn an_emergency_is_one_by_code_or_by_what_the_aircraft_says() {
    check_emergency(|_| ("1200", 0), &[], 0);
    check_emergency(|_| ("7700", 0), &[(Some(7700.0), None)], 0);
    check_emergency(|_| ("1200", 2), &[(None, Some(2.0))], 0);
    check_emergency(|_| ("", 1), &[(None, Some(1.0))], 0);
    // Ten seconds of it may be a mistake.
    check_emergency(|second| ("1200", if second < 10 { 2 } else { 0 }), &[], 0);
    check_emergency(|second| ("", if second < 60 { 2 } else { 0 }), &[(None, Some(2.0))], 1);
    // The code comes later and stays longer: one emergency.
    check_emergency(
        |second| (if second < 40 { "1200" } else { "7600" }, if second < 60 { 4 } else { 0 }),
        &[(None, Some(4.0)), (Some(7600.0), Some(4.0)), (Some(7600.0), None)],
        0,
    );
    // Another code is another one.
    check_emergency(
        |second| (if second < 60 { "7600" } else { "7700" }, 0),
        &[(Some(7600.0), None), (Some(7700.0), None)],
        1,
    );
}
