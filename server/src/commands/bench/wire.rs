//! `inflight bench wire`: bytes of an aircraft's update, as a client in step gets it.

mod measure;
mod readsb;

use crate::commands::bench::options::BenchWireArgs;
use crate::exit::AppError;
use crate::sources::replay;
use measure::Measured;
use serde::Serialize;

/// Plays the recordings, each from its start, and prints what their updates cost, pooled by update.
///
/// # Errors
/// A file cannot be read or is no recording, or a client would not have rebuilt the table.
pub fn run(args: &BenchWireArgs) -> Result<(), AppError> {
    let mut pooled = Measured::default();
    for path in &args.recordings {
        let recording = replay::open(path)?;
        pooled
            .add(&recording)
            .map_err(|problem| AppError::Other(format!("{}: {problem}", path.display())))?;
    }
    let report = Report::new(&pooled, args.recordings.len());
    if args.json {
        let text = serde_json::to_string(&report).map_err(|error| AppError::Other(error.to_string()))?;
        println!("{text}");
    } else {
        print!("{}", table(&report));
    }
    Ok(())
}

#[derive(Serialize)]
struct Report {
    raw_bytes_per_update: f64,
    compressed_bytes_per_update: f64,
    codec: &'static str,
    recordings: usize,
    frames: u64,
    updates: u64,
    updates_per_frame: f64,
    /// As the two above, for a client that also holds the topic `system`.
    with_system: Pair,
    spec_003_json: Compared,
    readsb_bincraft: Compared,
}

#[derive(Serialize)]
struct Pair {
    raw_bytes_per_update: f64,
    compressed_bytes_per_update: f64,
}

#[derive(Serialize)]
struct Compared {
    raw_bytes_per_update: f64,
    compressed_bytes_per_update: f64,
    codec: &'static str,
    /// Aircraft that were sent; readsb sends all that there are, changed or not.
    aircraft: u64,
    raw_bytes_per_aircraft: f64,
    compressed_bytes_per_aircraft: f64,
}

impl Report {
    fn new(pooled: &Measured, recordings: usize) -> Self {
        let each = |bytes: u64, count: u64| (bytes as f64 / count.max(1) as f64 * 1000.0).round() / 1000.0;
        let per = |bytes: u64| each(bytes, pooled.updates);
        let compared = |sums: measure::Sums, codec, aircraft| Compared {
            raw_bytes_per_update: per(sums.raw),
            compressed_bytes_per_update: per(sums.compressed),
            codec,
            aircraft,
            raw_bytes_per_aircraft: each(sums.raw, aircraft),
            compressed_bytes_per_aircraft: each(sums.compressed, aircraft),
        };
        Self {
            raw_bytes_per_update: per(pooled.flights.raw),
            compressed_bytes_per_update: per(pooled.flights.compressed),
            codec: "deflate level 6 with the protocol's dictionary, per frame",
            recordings,
            frames: pooled.frames,
            updates: pooled.updates,
            updates_per_frame: each(pooled.updates, pooled.frames),
            with_system: Pair {
                raw_bytes_per_update: per(pooled.with_system.raw),
                compressed_bytes_per_update: per(pooled.with_system.compressed),
            },
            spec_003_json: compared(pooled.json, "zstd level 3, per frame", pooled.updates),
            readsb_bincraft: compared(pooled.readsb, "zstd level 3, per frame", pooled.listed),
        }
    }
}

fn table(report: &Report) -> String {
    let mut text = format!(
        "{} recordings, {} frames, {} updates ({:.1} a frame); bytes per update, frame included\n\n{:34}{:>10}{:>13}\n",
        report.recordings, report.frames, report.updates, report.updates_per_frame, "", "raw", "compressed"
    );
    for (name, raw, compressed) in [
        ("inflight.v1, flights", report.raw_bytes_per_update, report.compressed_bytes_per_update),
        (
            "inflight.v1, flights and system",
            report.with_system.raw_bytes_per_update,
            report.with_system.compressed_bytes_per_update,
        ),
        (
            "specification 003, JSON",
            report.spec_003_json.raw_bytes_per_update,
            report.spec_003_json.compressed_bytes_per_update,
        ),
        (
            "readsb, 112 bytes an aircraft",
            report.readsb_bincraft.raw_bytes_per_update,
            report.readsb_bincraft.compressed_bytes_per_update,
        ),
    ] {
        text.push_str(&format!("{name:34}{raw:>10.2}{compressed:>13.2}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_bundled_recording_keeps_the_promise() {
        let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/opensky_nyc_sample.jsonl");
        let mut pooled = Measured::default();
        pooled.add(&replay::open(&bundled).unwrap()).unwrap();
        let report = Report::new(&pooled, 1);
        assert!(report.updates > 1000, "{}", report.updates);
        assert!(report.raw_bytes_per_update <= 10.0, "{}", table(&report));
        assert!(report.compressed_bytes_per_update <= 9.0, "{}", table(&report));
        assert!(report.spec_003_json.raw_bytes_per_update > 180.0, "{}", table(&report));
        assert!(report.readsb_bincraft.raw_bytes_per_aircraft > 112.0, "{}", table(&report));
    }
}
