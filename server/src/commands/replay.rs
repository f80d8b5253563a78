//! `inflight replay`: a whole recording through the engine as fast as possible.

use crate::cli::ReplayArgs;
use crate::exit::AppError;
use crate::sources::replay;
use inflight_engine::summary::{Summary, summarise};
use inflight_sky::freshness::STALE_AFTER_MS;
use std::time::Instant;

/// Plays the recording and prints what came of it.
///
/// # Errors
/// The file cannot be read, or is no recording.
pub fn run(args: &ReplayArgs) -> Result<(), AppError> {
    let started = Instant::now();
    let recording = replay::open(&args.file)?;
    let summary = summarise(&recording, STALE_AFTER_MS);
    let seconds = started.elapsed().as_secs_f64();
    if args.json {
        println!("{}", summary.to_json(&format!(",\"seconds\":{seconds:.3}")));
    } else {
        print!("{}", table(&summary, seconds));
    }
    Ok(())
}

fn table(summary: &Summary, seconds: f64) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| text.push_str(&format!("{name:22} {value:>16}\n"));
    line("polls", summary.polls.to_string());
    line("observations", summary.observations.to_string());
    line("aircraft seen", summary.aircraft_seen.to_string());
    line("accepted", summary.accepted.to_string());
    for (reason, count) in summary.dropped.iter() {
        line(&format!("dropped {}", reason.name()), count.to_string());
    }
    line("aircraft at the end", summary.aircraft_now.to_string());
    line("state hash", summary.state_hash.clone());
    line("seconds", format!("{seconds:.3}"));
    text
}
