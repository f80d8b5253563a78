//! `inflight bench disruptions`: what the detectors find on a recording, and how right that is where labels tell.

use crate::commands::bench::options::BenchDisruptionsArgs;
use crate::exit::AppError;
use crate::sources::replay;
use inflight_domain::{Disruption, DisruptionKind, Icao24, UnixMillis};
use inflight_sky::disruption::measure::{self, Label, Score};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The labels that `cargo xtask fixture` writes beside a recording; other kinds are read over.
#[derive(Deserialize)]
struct LabelFile {
    labels: Vec<LabelLine>,
}

#[derive(Deserialize)]
struct LabelLine {
    icao24: String,
    kind: String,
    from_unix: i64,
    to_unix: Option<i64>,
}

#[derive(Serialize)]
struct Report {
    polls: usize,
    kinds: Vec<KindReport>,
    found: Vec<Disruption>,
}

/// Precision and recall are told where labels are given.
#[derive(Serialize)]
struct KindReport {
    kind: &'static str,
    found: usize,
    labelled: Option<usize>,
    precision: Option<f64>,
    recall: Option<f64>,
}

/// Runs the detectors over the recording and prints what they found.
///
/// # Errors
/// A file cannot be read, or is no recording or no file of labels.
pub fn run(args: &BenchDisruptionsArgs) -> Result<(), AppError> {
    let recording = replay::open(&args.recording)?;
    let rows = measure::find(&recording);
    let labels = args.labels.as_deref().map(|path| open_labels(path, recording.end())).transpose()?;
    let scores = measure::score(rows.values(), labels.as_deref().unwrap_or_default());
    let is_labelled = labels.is_some();
    let kinds = scores.into_iter().map(|(kind, score)| KindReport::new(kind, score, is_labelled)).collect();
    let report = Report { polls: recording.len(), kinds, found: rows.into_values().collect() };
    if args.json {
        let text = serde_json::to_string(&report).map_err(|error| AppError::Other(error.to_string()))?;
        println!("{text}");
    } else {
        print!("{}", table(&report));
    }
    Ok(())
}

fn open_labels(path: &Path, end: UnixMillis) -> Result<Vec<Label>, AppError> {
    let bytes = replay::read(path).map_err(|cause| AppError::file(path, &cause))?;
    let file: LabelFile = serde_json::from_slice(&bytes).map_err(|error| AppError::File {
        path: path.to_owned(),
        problem: format!("no file of labels as `cargo xtask fixture` writes it: {error}"),
    })?;
    let label = |line: LabelLine| {
        Some(Label {
            icao24: Icao24::parse(&line.icao24)?,
            kind: DisruptionKind::ALL.into_iter().find(|kind| kind.name() == line.kind)?,
            from: UnixMillis(line.from_unix * 1000),
            to: line.to_unix.map_or(end, |to_unix| UnixMillis(to_unix * 1000)),
        })
    };
    Ok(file.labels.into_iter().filter_map(label).collect())
}

fn table(report: &Report) -> String {
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| format!("{share:.2}"));
    let mut text = format!("{} polls\nkind              found  precision  recall\n", report.polls);
    for row in &report.kinds {
        let (precision, recall) = (share(row.precision), share(row.recall));
        text.push_str(&format!("{:<17} {:>5}  {precision:>9}  {recall:>6}\n", row.kind, row.found));
    }
    for row in &report.found {
        let evidence: Vec<String> =
            row.evidence.iter().map(|(measure, value)| format!("{}={value}", measure.name())).collect();
        text.push_str(&format!("{} {}% {}\n", row.id(), row.confidence_pct, evidence.join(" ")));
    }
    text
}

impl KindReport {
    fn new(kind: DisruptionKind, score: Score, is_labelled: bool) -> Self {
        Self {
            kind: kind.name(),
            found: score.found,
            labelled: is_labelled.then_some(score.labelled),
            precision: score.precision().filter(|_| is_labelled),
            recall: score.recall().filter(|_| is_labelled),
        }
    }
}
