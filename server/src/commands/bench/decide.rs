//! `inflight bench decide`: from an input to its recorded decision with the Local reasoner, in memory and on disk.

use crate::agents::db::Db;
use crate::agents::store::SqliteStore;
use crate::agents::tell::Tell;
use crate::commands::bench::options::BenchDecideArgs;
use crate::exit::AppError;
use inflight_agents::clerk::Clerk;
use inflight_agents::conformance::{World, commit, start};
use inflight_agents::{Memory, Run, Status, Store, Typed, Want};
use inflight_domain::UnixMillis;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

/// Runs before the clock is started.
const WARM_UP: usize = 50;

/// Inputs that come at once where decisions a second are counted.
const AT_ONCE: usize = 16;

/// Minutes late: enough for the clerk to be sure, so that its policy lets it act without a person.
const MINUTES: f64 = 200.0;

/// Decides on so many inputs, one after the other and then at once, and prints what each took.
///
/// # Errors
/// A store refuses, or a run does not come to its decision.
pub fn run(args: &BenchDecideArgs) -> Result<(), AppError> {
    let report = measure(args.runs as usize)?;
    if args.json {
        let text = serde_json::to_string(&report).map_err(|error| AppError::Other(error.to_string()))?;
        println!("{text}");
    } else {
        println!("{} decisions in each, {AT_ONCE} at once for those a second", report.runs);
        println!("{:8} {:>9} {:>9} {:>9} {:>10}", "", "p50 ms", "p99 ms", "p99.9 ms", "a second");
        for (name, of) in [("memory", &report.memory), ("sqlite", &report.sqlite)] {
            println!(
                "{name:8} {:9.3} {:9.3} {:9.3} {:10.0}",
                of.p50_ms, of.p99_ms, of.p999_ms, of.per_second
            );
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Report {
    runs: usize,
    memory: Figures,
    /// Each of the three appends of a run is on the disk before the next step.
    sqlite: Figures,
    /// Optimised builds only tell something.
    debug_build: bool,
}

#[derive(Serialize)]
struct Figures {
    /// From the input to the stored decision, with everything that it brings about stored too.
    p50_ms: f64,
    p99_ms: f64,
    p999_ms: f64,
    /// With several inputs at once.
    per_second: f64,
}

fn measure(runs: usize) -> Result<Report, AppError> {
    let memory = figures(&Memory::default(), runs)?;
    let folder = Folder(std::env::temp_dir().join(format!("inflight-decide-{}", std::process::id())));
    let db = Db::open(&folder.0).map_err(|error| AppError::Other(error.to_string()))?;
    let sqlite = figures(&SqliteStore::new(db.clone(), Tell::default()), runs);
    db.close();
    let sqlite = sqlite?;
    Ok(Report { runs, memory, sqlite, debug_build: cfg!(debug_assertions) })
}

/// Where the store on disk is for as long as it is measured.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn figures(store: &dyn Store, runs: usize) -> Result<Figures, AppError> {
    let agent = agent()?;
    let mut took_ms = Vec::with_capacity(runs);
    for number in 0..WARM_UP + runs {
        let id = format!("one_{number}");
        let begun = Instant::now();
        decide(store, &agent, &id)?;
        if number >= WARM_UP {
            took_ms.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
    }
    took_ms.sort_unstable_by(f64::total_cmp);
    let begun = Instant::now();
    at_once(store, runs)?;
    Ok(Figures {
        p50_ms: quantile(&took_ms, 0.5),
        p99_ms: quantile(&took_ms, 0.99),
        p999_ms: quantile(&took_ms, 0.999),
        per_second: (runs as f64 / begun.elapsed().as_secs_f64()).round(),
    })
}

fn at_once(store: &dyn Store, runs: usize) -> Result<(), AppError> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<(), AppError> {
        let agent = agent()?;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= runs {
                return Ok(());
            }
            decide(store, &agent, &format!("many_{number}"))?;
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(done) => done,
            Err(_) => Err(AppError::Other("a worker panicked".to_owned())),
        })
    })
}

/// Input, question, answer, policy, effects, the hook's answer, output: each step stored before the next.
fn decide(store: &dyn Store, agent: &Typed<Clerk>, id: &str) -> Result<(), AppError> {
    let failed = |why: String| AppError::Other(format!("run {id}: {why}"));
    let mut world = World { now: UnixMillis(1_790_000_000_000), ..World::default() };
    let (mut run, events) = Run::start(agent, start(id, MINUTES, 0.0), world.now);
    commit(store, &run, &events).map_err(|error| failed(error.to_string()))?;
    while !run.status().is_over() {
        let want = run.wants().into_iter().find(|want| !is_put_off(want, world.now));
        let input = world.input(want.ok_or_else(|| failed("it wants nothing".to_owned()))?);
        let events = run.advance(agent, input, world.now).map_err(|error| failed(error.to_string()))?;
        commit(store, &run, &events).map_err(|error| failed(error.to_string()))?;
    }
    if run.status() == Status::Done { Ok(()) } else { Err(failed(format!("{:?}", run.end()))) }
}

/// An effect for later, which nobody waits for.
fn is_put_off(want: &Want, now: UnixMillis) -> bool {
    matches!(want, Want::Deliver { effect, .. } if effect.execute_at.is_some_and(|at| at > now))
}

fn agent() -> Result<Typed<Clerk>, AppError> {
    Clerk::new().map(Typed).map_err(|error| AppError::Other(error.to_string()))
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = ((sorted.len().saturating_sub(1)) as f64 * share).ceil() as usize;
    sorted.get(at).map_or(0.0, |value| (value * 10_000.0).round() / 10_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_store_decides() {
        let report = measure(5).unwrap();
        for of in [report.memory, report.sqlite] {
            assert!(of.p50_ms > 0.0 && of.p50_ms <= of.p99_ms && of.p99_ms <= of.p999_ms);
            assert!(of.per_second > 0.0);
        }
    }

    #[test]
    fn quantiles_are_values() {
        let sorted: Vec<f64> = (0..=1000).map(f64::from).collect();
        assert_eq!([0.5, 0.99, 0.999].map(|share| quantile(&sorted, share)), [500.0, 990.0, 999.0]);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
