//! The uncertainty against real recordings: how many true positions lie within the ellipse.

mod common;

use inflight_domain::geo::EARTH_RADIUS_M;
use inflight_domain::math::{cos, hypot, sin};
use inflight_domain::{Aircraft, Icao24, MotionState, Position};
use inflight_sky::accuracy::{Truth, truth_from_csv, truth_from_recording};
use inflight_sky::uncertainty::{Uncertainty, uncertainty, uncertainty_m};
use inflight_sky::{Recording, Tracker, motion};
use std::collections::BTreeMap;

/// Ages in seconds at which the share inside is looked at.
const AGES_S: [i64; 6] = [15, 30, 60, 120, 200, 300];

#[test]
fn about_as_many_lie_within_as_it_says() {
    let Some(folder) = common::folder() else { return };
    let recording =
        Recording::open(common::read(&folder.join("midatlantic_20230317.states.jsonl.gz"))).unwrap();
    let truth = String::from_utf8(common::read(&folder.join("midatlantic_20230317.truth.csv.gz"))).unwrap();
    check("mid-Atlantic", &recording, &truth_from_csv(&truth).unwrap().truth);
    let recording = Recording::open(common::read(&folder.join("paris_20211007.states.jsonl.gz"))).unwrap();
    check("Paris", &recording, &truth_from_recording(&recording));
}

fn check(name: &str, recording: &Recording, truth: &Truth) {
    let mut counts: BTreeMap<(&str, usize), (u32, u32)> = BTreeMap::new();
    let mut tracker = Tracker::default();
    let mut sky: BTreeMap<Icao24, (Aircraft, MotionState)> = BTreeMap::new();
    for poll in (0..recording.len()).filter_map(|index| recording.poll(index)) {
        for aircraft in tracker.accept(0, poll.time, poll).observations {
            let previous = sky.get(&aircraft.icao24).copied();
            let state = motion::advance(previous.as_ref().map(|(row, state)| (state, row)), &aircraft);
            sky.insert(aircraft.icao24, (aircraft, state));
            if previous.is_some_and(|(_, before)| before.at == state.at) {
                continue;
            }
            let class = if aircraft.on_ground() { "ground" } else { "airborne" };
            for point in truth.get(&aircraft.icao24).into_iter().flatten().filter(|point| point.at > state.at)
            {
                let age_s = point.at.since(state.at) / 1000;
                let bin = AGES_S.partition_point(|limit_s| *limit_s < age_s);
                if bin == AGES_S.len() {
                    break;
                }
                let drawn = motion::predict(&state, point.at);
                let ellipse = uncertainty(&aircraft, &state, point.at);
                assert!(uncertainty_m(&aircraft, &state, point.at) >= ellipse.along_m);
                let count = counts.entry((class, bin)).or_default();
                count.0 += 1;
                count.1 += u32::from(within(ellipse, drawn.position, drawn.track_deg, point.position));
            }
        }
    }
    let mut bad = false;
    for ((class, bin), (all, inside)) in counts {
        let share = f64::from(inside) / f64::from(all);
        println!("{name}, {class}, up to {} s: {share:.3} of {all}", AGES_S[bin]);
        bad |= !(0.90..=0.99).contains(&share);
    }
    assert!(!bad, "{name}: expected about 0.95, at least 0.90 and at most 0.99");
}

fn within(ellipse: Uncertainty, drawn: Position, track_deg: f64, truth: Position) -> bool {
    let (way_m, off) = (drawn.distance_m(truth), (drawn.bearing_deg(truth) - track_deg).to_radians());
    assert!(way_m <= EARTH_RADIUS_M * 3.2);
    let (along_m, across_m) = (way_m * cos(off), way_m * sin(off));
    hypot(along_m / ellipse.along_m, across_m / ellipse.across_m) <= 1.0
}
