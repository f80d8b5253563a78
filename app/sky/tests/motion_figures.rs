//! The motion model against real recordings.

mod common;

use inflight_sky::Recording;
use inflight_sky::accuracy::{Figures, measure, truth_from_csv, truth_from_recording};

#[test]
fn mid_atlantic() {
    let Some(folder) = common::folder() else { return };
    let recording =
        Recording::open(common::read(&folder.join("midatlantic_20230317.states.jsonl.gz"))).unwrap();
    let truth = String::from_utf8(common::read(&folder.join("midatlantic_20230317.truth.csv.gz"))).unwrap();
    let figures = measure(&recording, &truth_from_csv(&truth).unwrap());
    print("mid-Atlantic", &figures);
}

#[test]
fn paris() {
    let Some(folder) = common::folder() else { return };
    let recording = Recording::open(common::read(&folder.join("paris_20211007.states.jsonl.gz"))).unwrap();
    let figures = measure(&recording, &truth_from_recording(&recording));
    print("Paris", &figures);
}

fn print(name: &str, figures: &Figures) {
    println!("{name}");
    let Figures { airborne, turning, ground, jump, altitude } = figures;
    for (what, spread) in [
        ("airborne", airborne),
        ("turning", turning),
        ("ground", ground),
        ("jump", jump),
        ("altitude", altitude),
    ] {
        println!("  {what:9} median {:6.1} m  p95 {:6.1} m  n {}", spread.median_m, spread.p95_m, spread.n);
    }
}
