//! R10: clients come and go, for as long as one likes; neither memory nor tasks grow with their number.

use crate::commands::check::args::CheckArgs;
use crate::commands::check::follower::Follower;
use crate::commands::check::http;
use crate::commands::check::report::Report;
use crate::commands::check::{joined, served, spread, traffic};
use crate::exit::AppError;
use core::time::Duration;
use inflight_wire::limits::TOMBSTONE_MS;
use serde_json::Value;
use std::net::SocketAddr;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

/// Connections in a second.
const PER_SECOND: u64 = 50;

/// A client stays this long at most, in milliseconds.
const STAYS_MS: u64 = 2000;

/// Part of the time that the server is given to find its size: this at least, and up to twice as much where it is so
/// long until aircraft that have gone are forgotten, for until then the table grows, whoever comes.
const WARM_UP: f64 = 0.2;

const WAIT: Duration = Duration::from_secs(60);

/// Runs the check.
///
/// # Errors
/// A promise was not kept, or the server could not be run.
pub async fn run(args: &CheckArgs) -> Result<(), AppError> {
    let (rows, clients) = (args.rows.unwrap_or(200), args.clients.unwrap_or(20));
    let seconds = f64::from(args.seconds.unwrap_or(1800));
    let mut report = Report::new(
        "soak",
        "memory grows by less than 1 KB for 1,000 connections, and tasks by none",
        args.seed,
    );
    let (mut server, fleet) = served(args.seed, rows)?;
    server.start().await?;
    let flying = traffic(fleet, 0.1);
    let (address, stop) = (server.address, CancellationToken::new());
    let staying = tokio::spawn(spread(clients, {
        let stop = stop.clone();
        move |number| stay(address, u64::from(number), stop.clone())
    }));
    let tasks_before = tasks(address, clients).await?;
    let (mut random, mut visits) = (fastrand::Rng::with_seed(args.seed), JoinSet::new());
    let mut pace = interval(Duration::from_millis(1000 / PER_SECOND));
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (begun, mut samples, mut count, mut failed) = (Instant::now(), Vec::new(), 0_u64, 0_u64);
    let warm_up = (TOMBSTONE_MS as f64 / 1000.0 + 60.0).clamp(seconds * WARM_UP, seconds * WARM_UP * 2.0);
    while begun.elapsed().as_secs_f64() < seconds {
        pace.tick().await;
        let (seed, stays) = (random.u64(..), Duration::from_millis(random.u64(0..STAYS_MS)));
        visits.spawn(visit(address, seed, stays));
        count += 1;
        while let Some(done) = visits.try_join_next() {
            failed += u64::from(!joined(done)?);
        }
        if count.is_multiple_of(PER_SECOND) && begun.elapsed().as_secs_f64() > warm_up {
            samples.extend(server.resident_bytes().map(|bytes| (count as f64, bytes as f64)));
        }
    }
    while let Some(done) = visits.join_next().await {
        failed += u64::from(!joined(done)?);
    }
    let tasks_after = tasks(address, clients).await?;
    stop.cancel();
    joined(staying.await)??;
    flying.stop().await?;
    report.tell("warm_up_s", warm_up);
    report.tell("connections", count as f64);
    report.exactly("connections_failed", failed as f64, 0.0);
    report.tell("memory_mb", samples.last().map_or(0.0, |(_, bytes)| bytes / 1e6));
    // A short run sees mostly how an allocator breathes.
    let limit = if seconds < 300.0 { 1024.0 * 1000.0 * args.patience } else { 1024.0 };
    report.at_most("memory_bytes_per_1000_connections", slope(&samples) * 1000.0, limit);
    report.tell("tasks_before", tasks_before);
    report.at_most("tasks_more_than_before", tasks_after - tasks_before, 2.0);
    report.exactly("server_panics", server.panics() as f64, 0.0);
    report.finish(args.json)
}

/// Comes, takes the tables, stays a little, and goes in one of the ways that there are; whether it got its tables.
async fn visit(address: SocketAddr, seed: u64, stays: Duration) -> bool {
    let mut follower = Follower::new(address, &["flights", "system"], seed);
    if !follower.connect().await {
        return false;
    }
    let whole = follower.until(WAIT, |_| true).await.is_some();
    let _ = follower.until(stays, |_| false).await;
    if seed.is_multiple_of(2) {
        follower.break_off();
    }
    whole
}

async fn stay(address: SocketAddr, seed: u64, stop: CancellationToken) {
    let mut follower = Follower::new(address, &["flights", "system"], seed);
    let _ = stop.run_until_cancelled(follower.until(Duration::MAX, |_| false)).await;
}

/// Tasks of the server once just so many are connected.
async fn tasks(address: SocketAddr, connections: u32) -> Result<f64, AppError> {
    let begun = Instant::now();
    let mut open = 0.0;
    while begun.elapsed() < WAIT {
        let rows = http::get(address, "/api/v1/system", "").await?;
        let rows: Value = serde_json::from_str(&rows.body).unwrap_or_default();
        open = number(&rows, "connections", "open").unwrap_or(-1.0);
        if let (true, Some(tasks)) = (open == f64::from(connections), number(&rows, "process", "tasks")) {
            return Ok(tasks);
        }
        sleep(Duration::from_millis(500)).await;
    }
    Err(AppError::Other(format!("{connections} clients should be connected, the server tells of {open}")))
}

/// A number of the row of this kind.
fn number(answer: &Value, kind: &str, name: &str) -> Option<f64> {
    let rows = answer.as_array().or_else(|| answer["rows"].as_array())?;
    rows.iter().find(|row| row["kind"] == kind)?[name].as_f64()
}

/// The slope of the line through these points that misses them the least.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len().max(1) as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let (over, under) = points.iter().fold((0.0, 0.0), |(over, under), point| {
        (over + (point.0 - x) * (point.1 - y), under + (point.0 - x) * (point.0 - x))
    });
    if under > 0.0 { over / under } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_found() {
        for (points, expected) in [
            (&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)][..], 2.0),
            (&[(0.0, 1.0), (1.0, 0.0), (2.0, 1.0), (3.0, 0.0)], -0.2),
            (&[(4.0, 4.0)], 0.0),
            (&[], 0.0),
        ] {
            assert!((slope(points) - expected).abs() < 1e-9, "{points:?}: {}", slope(points));
        }
    }
}
