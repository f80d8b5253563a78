//! The sieve: counts and verdicts follow rows, filters and isolation; a bad pattern leaves the last good one.

use super::*;
use crate::state::board::Board;
use crate::state::stream_time::StreamTime;
use crate::testing::{aircraft, snapshot, tick};
use inflight_domain::Field;

fn compile(pattern: &str) -> Result<Matcher, String> {
    if pattern.contains('(') { Err("Unterminated group".to_owned()) } else { Ok(Box::new(|_| false)) }
}

fn callsign(pattern: &str) -> Filter {
    let mut filter = Filter::default();
    filter.take("filterCallSign", pattern);
    filter
}

#[test]
fn rows_are_judged_when_they_change() {
    let low = aircraft("a00001", Some("UAL1"), 40.0, -74.0).with(Field::Altitude, 100_000).build();
    let high = aircraft("a00001", Some("UAL1"), 40.0, -74.0).with(Field::Altitude, 900_000).build();
    let other = aircraft("a00002", Some("DAL2"), 41.0, -74.0).build();
    let mut board = Board::new(StreamTime::default());
    board.take(&snapshot(1, 1, &[low, other]), 0.0);
    let shown = |board: &mut Board, filter: Filter, only: Option<Vec<Icao24>>| {
        board.sieve.set(filter, only, compile);
        board.sieve.sift(&board.mirror);
        (board.sieve.shown(), board.shown().map(|row| row.aircraft.icao24).collect::<Vec<_>>())
    };
    let (one, two) = (low.icao24, other.icao24);
    assert_eq!(shown(&mut board, Filter::default(), None), (2, vec![one, two]));
    assert_eq!(shown(&mut board, callsign("dal"), None), (1, vec![two]));
    assert_eq!(shown(&mut board, Filter::default(), Some(vec![one])), (1, vec![one]));
    let above = Filter { low_ft: Some(20_000), ..Filter::default() };
    assert_eq!(shown(&mut board, above, None), (1, vec![two]));
    board.take(&tick(1, 1, &low, &high), 100.0);
    board.sieve.sift(&board.mirror);
    assert_eq!(board.sieve.shown(), 2);
}

#[test]
fn a_bad_pattern_leaves_the_last_good_one() {
    let mut form = FilterForm::default();
    form.set(callsign("UAL"), compile);
    form.set(callsign("UAL("), compile);
    assert_eq!(form.errors[0].as_deref(), Some("Unterminated group"));
    assert_eq!((form.applied.clone(), form.draft.clone()), (callsign("UAL"), callsign("UAL(")));
    form.set(Filter::default(), compile);
    assert_eq!(form, FilterForm::default());
}
