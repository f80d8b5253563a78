//! R4 and R5: readers that stop, that read a byte a second, and that read a tenth of what is sent. The server keeps
//! next to nothing for them, the others do not notice, and who reads again has the newest table at once.

use crate::commands::check::args::CheckArgs;
use crate::commands::check::child::Served;
use crate::commands::check::follower::Follower;
use crate::commands::check::observers::{Late, Observers, subscribed};
use crate::commands::check::oracle::Oracle;
use crate::commands::check::queue::queues;
use crate::commands::check::report::{Report, quantile};
use crate::commands::check::socket::{Dial, Socket};
use crate::commands::check::{TICK, served, traffic};
use crate::exit::AppError;
use core::time::Duration;
use inflight_wire::limits::STALL_MS;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// Of so many clients...
const OF: u32 = 7;

/// ...so many stall, half of them altogether and half with a byte a second.
const STALL: u32 = 2;

/// Bytes that the system of a slow reader takes before it stops taking.
const UNREAD_BYTES: u32 = 8192;

const WAIT: Duration = Duration::from_secs(60);

/// Runs the check.
///
/// # Errors
/// A promise was not kept, or the server could not be run.
pub async fn run(args: &CheckArgs) -> Result<(), AppError> {
    let (rows, clients) = (args.rows.unwrap_or(1000), args.clients.unwrap_or(70));
    let seconds = Duration::from_secs(u64::from(args.seconds.unwrap_or(60)));
    let mut report = Report::new(
        "conflate",
        "stalled readers cost nothing and are closed, others do not notice, and a slow one is never behind by more \
         than it can take at once",
        args.seed,
    );
    let (mut server, fleet) = served(args.seed, rows)?;
    server.start().await?;
    // All aircraft go on in every poll, as in the worst of skies.
    let flying = traffic(fleet, 1.0);
    let oracle = Oracle::of(server.address);
    stalled(&server, clients, seconds, args.patience, &mut report).await?;
    tenth(&server, &oracle, seconds, args.patience, &mut report).await?;
    flying.stop().await?;
    report.exactly("server_panics", server.panics() as f64, 0.0);
    report.finish(args.json)
}

/// R4.
async fn stalled(
    server: &Served,
    clients: u32,
    seconds: Duration,
    patience: f64,
    report: &mut Report,
) -> Result<(), AppError> {
    let (address, stop) = (server.address, CancellationToken::new());
    let count = clients * STALL / OF;
    let healthy = Observers::of(address, clients - count);
    sleep(Duration::from_secs(2)).await;
    let before = server.resident_bytes().unwrap_or_default();
    let closes = server.metric("inflight_closes_total", "slow_resume").await?;
    let (mut readers, mut ports) = (JoinSet::new(), Vec::new());
    for number in 0..count {
        let dial = Dial { unread_bytes: UNREAD_BYTES, ..Dial::default() };
        let failed = |error| AppError::Other(format!("a reader cannot connect: {error}"));
        let socket = subscribed(address, &dial).await.map_err(failed)?;
        ports.push(socket.port());
        readers.spawn(barely(socket, number % 2 == 0, stop.clone()));
    }
    let begun = Instant::now();
    let (mut most, mut unsent, mut closed_at) = (before, 0, None);
    while begun.elapsed() < seconds {
        sleep(TICK).await;
        most = most.max(server.resident_bytes().unwrap_or_default());
        let queues = queues(address);
        let ours = || ports.iter().filter_map(|port| queues.get(port));
        unsent = ours().map(|queue| queue.unsent).fold(unsent, u64::max);
        if !ours().any(|queue| queue.is_open) {
            closed_at.get_or_insert(begun.elapsed().as_secs_f64());
        }
    }
    let closed = server.metric("inflight_closes_total", "slow_resume").await? - closes;
    stop.cancel();
    while readers.join_next().await.is_some() {}
    let times: Vec<f64> = healthy.finish().await?.iter().map(|Late { late_ms, .. }| *late_ms).collect();
    report.tell("healthy_readers", f64::from(clients - count));
    report.tell("stalled_readers", f64::from(count));
    report.at_most("stalled_memory_growth_mb", (most - before) as f64 / 1e6, 10.0);
    report.at_most("stalled_unsent_bytes_each_most", unsent as f64, 262_144.0);
    let limit = STALL_MS as f64 / 1000.0;
    if seconds.as_secs_f64() > limit + 1.0 {
        report.exactly("stalled_closed_as_slow", closed, f64::from(count));
        report.at_most("stalled_gone_after_s", closed_at.unwrap_or(seconds.as_secs_f64() * 10.0), limit);
    }
    report.at_least("healthy_frames", times.len() as f64, f64::from(clients - count));
    report.tell("healthy_median_ms", quantile(&times, 0.5));
    report.at_most("healthy_p99_ms", quantile(&times, 0.99), 3.0 * patience);
    Ok(())
}

/// R5.
async fn tenth(
    server: &Served,
    oracle: &Oracle,
    seconds: Duration,
    patience: f64,
    report: &mut Report,
) -> Result<(), AppError> {
    let mut follower = Follower::new(server.address, &["flights"], 1);
    follower.until(WAIT, |_| true).await;
    // What is sent in a second to somebody in step.
    let before = follower.tally.bytes;
    let measured = Duration::from_secs(2);
    let _ = follower.until(measured, |_| false).await;
    let rate = (follower.tally.bytes - before) as f64 / measured.as_secs_f64();
    follower.break_off();
    follower.dial(|dial| dial.unread_bytes = UNREAD_BYTES);
    follower.return_().await;
    follower.until(WAIT, |_| true).await;
    let (begun, mut most, mut taken) = (Instant::now(), 0, 0_usize);
    while begun.elapsed() < seconds {
        let due = (rate / 10.0 * begun.elapsed().as_secs_f64()) as usize;
        let Some(socket) = follower.socket() else { break };
        if due > taken
            && let Ok(sip) = timeout(TICK, socket.sip(due - taken)).await
        {
            let Some(sip) = sip else { break };
            taken += sip;
        }
        let port = socket.port();
        most = queues(server.address).get(&port).map_or(0, |queue| queue.unsent).max(most);
        sleep(TICK / 4).await;
    }
    let (at, goal) = (Instant::now(), oracle.newest());
    let newest = |follower: &Follower| {
        follower.place().is_some_and(|here| (here.epoch, here.cut) >= (goal.epoch, goal.cut))
    };
    let back = follower.until(WAIT, newest).await;
    let ticks = at.elapsed().as_secs_f64() / TICK.as_secs_f64();
    let here = follower.place().unwrap_or_default();
    drop(timeout(WAIT, oracle.reached(here)).await);
    let equal = oracle.agrees(here, &follower.mirror.digest());
    report.tell("tenth_bytes_per_second_sent_to_others", rate);
    report.at_least("tenth_bytes_taken", taken as f64, 1.0);
    report.at_most("tenth_unsent_bytes_most", most as f64, 262_144.0);
    report.exactly("tenth_connections", f64::from(follower.tally.connections), 2.0);
    for code in follower.tally.closes.keys() {
        report.tell("tenth_close_code", f64::from(*code));
    }
    report.exactly("tenth_equal_in_the_end", f64::from(u8::from(equal == Some(true))), 1.0);
    report.exactly("tenth_faults", follower.tally.faults.len() as f64, 0.0);
    report.at_most("tenth_ticks_to_newest", if back.is_some() { ticks } else { 1e6 }, 2.0 * patience);
    Ok(())
}

/// Reads nothing, or a byte a second, until it is closed or the time is over.
async fn barely(mut socket: Socket, nothing: bool, stop: CancellationToken) {
    loop {
        let second = sleep(Duration::from_secs(1));
        if stop.run_until_cancelled(second).await.is_none() {
            return socket.break_off();
        }
        if !nothing && timeout(TICK, socket.sip(1)).await == Ok(None) {
            return;
        }
    }
}
