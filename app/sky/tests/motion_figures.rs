//! The motion model against real recordings: about the figures of the method that it implements.

mod common;

use inflight_sky::Recording;
use inflight_sky::accuracy::{Figures, Spread, measure, truth_from_csv, truth_from_recording};

#[test]
fn mid_atlantic() {
    let Some(folder) = common::folder() else { return };
    let recording =
        Recording::open(common::read(&folder.join("midatlantic_20230317.states.jsonl.gz"))).unwrap();
    let truth = String::from_utf8(common::read(&folder.join("midatlantic_20230317.truth.csv.gz"))).unwrap();
    let figures = measure(&recording, &truth_from_csv(&truth).unwrap().truth);
    print("mid-Atlantic", &figures);
    within("airborne", figures.airborne, 47.0, 153.0, 16_000);
    within("turning", figures.turning, 80.0, 230.0, 1_200);
    within("ground", figures.ground, 12.0, 70.0, 1_800);
    within("jump", figures.jump, 19.0, 110.0, 15_000);
    within("altitude", figures.altitude, 4.0, 28.0, 15_000);
}

#[test]
fn paris() {
    let Some(folder) = common::folder() else { return };
    let recording = Recording::open(common::read(&folder.join("paris_20211007.states.jsonl.gz"))).unwrap();
    let figures = measure(&recording, &truth_from_recording(&recording));
    print("Paris", &figures);
    within("airborne", figures.airborne, 31.0, 125.0, 8_000);
    within("turning", figures.turning, 70.0, 185.0, 1_000);
    within("jump", figures.jump, 13.0, 105.0, 8_000);
    within("altitude", figures.altitude, 6.0, 33.0, 8_000);
}

fn within(what: &str, spread: Spread, median_m: f64, p95_m: f64, n: usize) {
    let good = spread.median_m <= median_m && spread.p95_m <= p95_m && spread.n >= n;
    assert!(good, "{what}: {spread:?}, expected at most {median_m} m and {p95_m} m over at least {n}");
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
