//! `inflight bench motion`: drawn positions against true ones, over a recording.

use crate::commands::bench::options::BenchMotionArgs;
use crate::exit::AppError;
use crate::sources::replay;
use inflight_sky::accuracy::{Figures, Spread, TruthFile, measure, truth_from_csv, truth_from_recording};
use serde::Serialize;
use std::path::Path;

/// Runs the motion model over the recording and prints its errors.
///
/// # Errors
/// A file cannot be read, or is no recording or no truth.
pub fn run(args: &BenchMotionArgs) -> Result<(), AppError> {
    let recording = replay::open(&args.recording)?;
    let file = args.truth.as_deref().map(open_truth).transpose()?;
    let figures = match &file {
        Some(file) => measure(&recording, &file.truth),
        None => measure(&recording, &truth_from_recording(&recording)),
    };
    if args.json {
        let report = Report::new(&figures, recording.len(), file.as_ref());
        let text = serde_json::to_string(&report).map_err(|error| AppError::Other(error.to_string()))?;
        println!("{text}");
    } else {
        print!("{}", table(&figures, recording.len(), file.as_ref()));
    }
    Ok(())
}

fn open_truth(path: &Path) -> Result<TruthFile, AppError> {
    let bytes = replay::read(path).map_err(|cause| AppError::file(path, &cause))?;
    let problem = |problem: String| AppError::File { path: path.to_owned(), problem };
    let text = core::str::from_utf8(&bytes).map_err(|error| problem(format!("no CSV: {error}")))?;
    truth_from_csv(text).map_err(problem)
}

#[derive(Serialize)]
struct Report {
    airborne: Row,
    turning: Row,
    ground: Row,
    jump: Row,
    altitude: Row,
    polls: usize,
    truth: Source,
}

/// Nothing is told of an empty set.
#[derive(Serialize)]
struct Row {
    median_m: Option<f64>,
    p95_m: Option<f64>,
    n: usize,
}

#[derive(Serialize)]
struct Source {
    from: &'static str,
    points: Option<usize>,
    skipped: Option<usize>,
}

impl Report {
    fn new(figures: &Figures, polls: usize, file: Option<&TruthFile>) -> Self {
        Self {
            airborne: Row::new(figures.airborne),
            turning: Row::new(figures.turning),
            ground: Row::new(figures.ground),
            jump: Row::new(figures.jump),
            altitude: Row::new(figures.altitude),
            polls,
            truth: Source {
                from: if file.is_some() { "csv" } else { "later polls" },
                points: file.map(|file| file.points),
                skipped: file.map(|file| file.skipped),
            },
        }
    }
}

impl Row {
    fn new(spread: Spread) -> Self {
        let told = |metres: f64| (spread.n > 0).then(|| (metres * 100.0).round() / 100.0);
        Self { median_m: told(spread.median_m), p95_m: told(spread.p95_m), n: spread.n }
    }
}

fn table(figures: &Figures, polls: usize, file: Option<&TruthFile>) -> String {
    let truth = file.map_or_else(
        || "the later polls are the truth".to_owned(),
        |file| format!("{} true points, {} rows skipped", file.points, file.skipped),
    );
    let mut text =
        format!("{polls} polls; {truth}\n\n{:22}{:>10}{:>10}{:>10}\n", "", "median m", "p95 m", "n");
    for (name, spread) in [
        ("drawn, airborne", figures.airborne),
        ("drawn, turning", figures.turning),
        ("drawn, on the ground", figures.ground),
        ("jump at a poll", figures.jump),
        ("altitude", figures.altitude),
    ] {
        let cell = |metres: f64| if spread.n > 0 { format!("{metres:.1}") } else { "-".to_owned() };
        let (median, p95) = (cell(spread.median_m), cell(spread.p95_m));
        text.push_str(&format!("{name:22}{median:>10}{p95:>10}{:>10}\n", spread.n));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "icao24,time_position,last_contact,lat,lon,baro_altitude_m\n";

    fn check(truth: &str, expected: Result<(usize, usize), &str>) {
        let name = format!("inflight-bench-{}-{}.csv", std::process::id(), truth.len());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, truth).unwrap();
        match (open_truth(&path), expected) {
            (Ok(file), Ok(counts)) => assert_eq!((file.points, file.skipped), counts),
            (Err(error), Err(expected)) => {
                assert!(error.to_string().contains(expected), "{error}");
                assert_eq!(error.code(), 3);
            }
            (found, expected) => panic!("{found:?}, expected {expected:?}"),
        }
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn truth_is_read_or_refused_with_a_reason() {
        check(&format!("{HEAD}a13f1c,1679015330,1679015331,40.6,-73.8,3000.0\n"), Ok((1, 0)));
        check("lat,lon,time_position,icao24\r\n40.6,-73.8,1679015330.5,a13f1c\r\n,,1,a13f1c\r\n", Ok((1, 1)));
        check("", Err("icao24 is missing"));
        check("icao24,time_position,lat\n", Err("lon is missing"));
        check(HEAD, Err("there is none"));
        check(&format!("{HEAD}a13f1c,soon,1,40.6,-73.8,\n"), Err("line 2: \"a13f1c,soon"));
    }

    #[test]
    fn the_report_has_the_promised_shape() {
        let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/opensky_nyc_sample.jsonl");
        let recording = replay::open(&bundled).unwrap();
        let figures = measure(&recording, &truth_from_recording(&recording));
        let report = serde_json::to_value(Report::new(&figures, recording.len(), None)).unwrap();
        for name in ["airborne", "turning", "ground", "jump", "altitude"] {
            let row = &report[name];
            assert!(row["median_m"].as_f64().unwrap() <= row["p95_m"].as_f64().unwrap(), "{name}: {row}");
            assert!(row["n"].as_u64().unwrap() > 100, "{name}: {row}");
        }
        assert_eq!(
            serde_json::to_value(Row::new(Spread::default())).unwrap()["p95_m"],
            serde_json::Value::Null
        );
    }
}
