//! `inflight bench search`: how good the search of decisions is on a labelled set, beside what LIKE finds.

use crate::commands::bench::options::BenchSearchArgs;
use crate::exit::AppError;
use inflight_agents::search::quality::{self, Labelled, Quality};
use inflight_agents::spec::DecisionModel;
use serde::de::DeserializeOwned;
use std::path::Path;

/// Asks every question of the set in every way, and prints what came of it.
///
/// # Errors
/// A file of the set cannot be read.
pub fn run(args: &BenchSearchArgs) -> Result<(), AppError> {
    let decisions: Vec<DecisionModel> = lines(&args.folder.join("decisions.jsonl"))?;
    let queries: Vec<Labelled> = lines(&args.folder.join("queries.jsonl"))?;
    let report = quality::report(&decisions, &queries);
    if args.json {
        let text = serde_json::to_string(&report).map_err(|error| AppError::Other(error.to_string()))?;
        println!("{text}");
        return Ok(());
    }
    println!("{} decisions, {} questions", report.decisions, report.queries);
    println!("{:<32} {:>9} {:>9} {:>9}", "", "recall@5", "1/rank", "nothing");
    for (name, quality) in [
        ("BM25", report.bm25),
        ("BM25, held out", report.bm25_held_out),
        ("BM25 without glossary", report.bm25_stem),
        ("BM25 without glossary and stems", report.bm25_plain),
        ("LIKE of each word", report.like_words),
        ("LIKE of each word, held out", report.like_words_held_out),
        ("LIKE of the whole", report.like_phrase),
    ] {
        let Quality { recall_at_5, reciprocal_rank, empty_handed } = quality;
        println!("{name:<32} {recall_at_5:>9.3} {reciprocal_rank:>9.3} {empty_handed:>9.3}");
    }
    Ok(())
}

fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, AppError> {
    let named = |error: String| AppError::Other(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| named(error.to_string()))?;
    let numbered = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(index, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| named(format!("line {}: {error}", index + 1)))
    };
    numbered.map(read).collect()
}
