//! The motion model against real recordings: about what `inflight bench motion` tells of them.

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
    within("airborne", figures.airborne, 44.0, 138.0, 16_000);
    within("turning", figures.turning, 70.0, 220.0, 1_200);
    within("ground", figures.ground, 10.0, 50.0, 1_800);
    within("jump", figures.jump, 11.0, 98.0, 15_000);
    within("altitude", figures.altitude, 4.0, 24.0, 15_000);
}

#[test]
fn paris() {
    let Some(folder) = common::folder() else { return };
    let recording = Recording::open(common::read(&folder.join("paris_20211007.states.jsonl.gz"))).unwrap();
    let figures = measure(&recording, &truth_from_recording(&recording));
    print("Paris", &figures);
    within("airborne", figures.airborne, 28.0, 112.0, 8_000);
    within("turning", figures.turning, 68.0, 175.0, 900);
    within("ground", figures.ground, 18.0, 125.0, 1_000);
    within("jump", figures.jump, 11.0, 100.0, 8_000);
    within("altitude", figures.altitude, 6.0, 28.0, 8_000);
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
