//! `inflight check`: the delivery's promises held against faults; one room per promise, the server as its own process.

pub mod account;
pub mod args;
pub mod child;
pub mod conflate;
pub mod decide;
mod decide_child;
pub mod fleet;
pub mod flood;
pub mod follower;
pub mod frames;
pub mod http;
pub mod kill;
pub mod observers;
pub mod oracle;
pub mod parity;
pub mod port;
pub mod proxy;
pub mod publisher;
pub mod queue;
pub mod report;
pub mod resume;
pub mod shutdown;
pub mod soak;
pub mod socket;
pub mod sse;
pub mod storm;
pub mod tables;
pub mod toxic;

pub use args::{CheckArgs, CheckCommand};

use crate::commands::check::child::Served;
use crate::commands::check::fleet::{Fleet, STALE_S};
use crate::exit::AppError;
use core::time::Duration;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

/// Runs one check and prints what it found.
///
/// # Errors
/// A promise was not kept, or the check could not be run.
pub async fn run(command: &CheckCommand) -> Result<(), AppError> {
    match command {
        CheckCommand::Resume(args) => resume::run(args).await,
        CheckCommand::Kill(args) => kill::run(args).await,
        CheckCommand::Toxic(args) => toxic::run(args).await,
        CheckCommand::Conflate(args) => conflate::run(args).await,
        CheckCommand::Storm(args) => storm::run(args).await,
        CheckCommand::Shutdown(args) => shutdown::run(args).await,
        CheckCommand::Flood(args) => flood::run(args).await,
        CheckCommand::Frames(args) => frames::run(args).await,
        CheckCommand::Soak(args) => soak::run(args).await,
        CheckCommand::Parity(args) => parity::run(args).await,
        CheckCommand::Decide(args) => decide::run(args).await,
    }
}

/// Settings of a server that nothing feeds yet.
const TABLES: &[(&str, &str)] = &[("WS_DELTA_INTERVAL_MS", "200"), ("WS_STALE_THRESHOLD_SECONDS", "5")];

/// Time between the server's ticks.
const TICK: Duration = Duration::from_millis(200);

/// A server that is told of a fleet, not started yet.
pub(in crate::commands) fn served(seed: u64, rows: u32) -> Result<(Served, Fleet), AppError> {
    let mut server = Served::prepare(TABLES)?;
    let fleet = Fleet::new(seed, rows, server.file("aircraft.json"))?;
    server.set("SOURCES", format!("readsb={}", fleet.file().display()));
    server.set("READSB_INTERVAL_SECONDS", "0.2");
    server.set("WS_STALE_THRESHOLD_SECONDS", STALE_S.to_string());
    Ok((server, fleet))
}

/// A fleet that flies by itself.
pub(in crate::commands) struct Flying {
    stop: CancellationToken,
    task: JoinHandle<Result<Fleet, AppError>>,
}

/// Lets this share of the fleet go on with every tick.
pub(in crate::commands) fn traffic(mut fleet: Fleet, share: f64) -> Flying {
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let task = tokio::spawn(async move {
        let mut ticks = tokio::time::interval(TICK);
        while stopped.run_until_cancelled(ticks.tick()).await.is_some() {
            fleet.fly(share)?;
        }
        Ok(fleet)
    });
    Flying { stop, task }
}

impl Flying {
    /// Lets the fleet stand, so that everybody can come to the same.
    pub(in crate::commands) async fn stop(self) -> Result<Fleet, AppError> {
        self.stop.cancel();
        joined(self.task.await)?
    }
}

/// Runs so many at once and gathers what each of them returns.
pub(in crate::commands) async fn spread<F, T>(count: u32, one: impl Fn(u32) -> F) -> Result<Vec<T>, AppError>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let mut tasks: JoinSet<T> = (0..count).map(one).collect();
    let mut all = Vec::new();
    while let Some(done) = tasks.join_next().await {
        all.push(joined(done)?);
    }
    Ok(all)
}

fn joined<T>(done: Result<T, tokio::task::JoinError>) -> Result<T, AppError> {
    done.map_err(|error| AppError::Other(format!("a part of the check ended early: {error}")))
}
