//! `inflight bench snapshot`: how soon a newcomer sees the whole table, and what that costs those who are there.

use crate::clock;
use crate::commands::bench::options::BenchSnapshotArgs;
use crate::commands::check::report::{Report, quantile};
use crate::commands::check::socket::{Dial, Received, Socket, opcode};
use crate::commands::check::{served, spread, traffic};
use crate::exit::AppError;
use core::time::Duration;
use inflight_wire::{ClientFrame, Format, Header, SUBPROTOCOL_MSGPACK, Subscribe, decode_server};
use std::io;
use std::net::SocketAddr;
use tokio::time::{Instant, sleep, timeout_at};

/// Clients that are there already.
const OTHERS: u32 = 20;

/// A newcomer so often.
const EVERY: Duration = Duration::from_millis(250);

/// Until the others are in step.
const SETTLE: Duration = Duration::from_secs(3);

/// Runs a server of its own, lets newcomers in, and prints.
///
/// # Errors
/// A promise was not kept, or the server could not be run.
pub async fn run(args: &BenchSnapshotArgs) -> Result<(), AppError> {
    let (mut server, fleet) = served(1, args.aircraft)?;
    server.start().await?;
    let address = server.address;
    let flying = traffic(fleet, 0.02);
    let length = Duration::from_secs(u64::from(args.seconds));
    let quiet_from = Instant::now() + SETTLE;
    let (busy_from, end) = (quiet_from + length, quiet_from + 2 * length);
    let newcomers = tokio::spawn(newcomers(address, busy_from, end));
    let late = spread(OTHERS, |_| lateness(address, end)).await?.concat();
    let met = newcomers.await.map_err(|error| AppError::Other(error.to_string()))?;
    drop(flying.stop().await?);
    let p99_within = |from: Instant, until: Instant| {
        let within = late.iter().filter(|(at, _)| (from..until).contains(at));
        quantile(&within.map(|(_, late_ms)| *late_ms).collect::<Vec<_>>(), 0.99)
    };
    let (quiet_ms, busy_ms) = (p99_within(quiet_from, busy_from), p99_within(busy_from, end));
    let of = |figure: fn(&(f64, f64)) -> f64| met.iter().map(figure).collect::<Vec<_>>();
    let (first, complete) = (of(|met| met.0), of(|met| met.1));
    let promise =
        "the first piece of a snapshot within 50 ms, all of it within 500, and others hardly notice";
    let mut report = Report::new("snapshot", promise, 1);
    report.tell("rows", f64::from(args.aircraft));
    report.at_least("snapshots", met.len() as f64, 1.0);
    report.tell("first_piece_ms_median", quantile(&first, 0.5));
    report.at_most("first_piece_ms_p95", quantile(&first, 0.95), 50.0);
    report.tell("complete_ms_median", quantile(&complete, 0.5));
    report.at_most("complete_ms_p95", quantile(&complete, 0.95), 500.0);
    report.tell("others_p99_ms_quiet", quiet_ms);
    report.tell("others_p99_ms_meanwhile", busy_ms);
    // A millisecond is what the stamps tell.
    report.at_most("others_p99_ms_above_quiet", busy_ms - quiet_ms, (quiet_ms * 0.2).max(1.0));
    report.finish(args.json)
}

async fn subscribed(address: SocketAddr) -> io::Result<Socket> {
    let dial = Dial { subprotocol: SUBPROTOCOL_MSGPACK, ..Dial::default() };
    let mut socket = Socket::connect(address, "/stream/ws", &dial).await?;
    let wish = ClientFrame::Subscribe(Subscribe::to(&["flights"], None));
    socket.send(opcode::BINARY, &Format::Msgpack.encode(&wish)).await?;
    Ok(socket)
}

/// When each tick came, and how long after it was begun, in milliseconds.
async fn lateness(address: SocketAddr, end: Instant) -> Vec<(Instant, f64)> {
    let mut late = Vec::new();
    let Ok(mut socket) = subscribed(address).await else { return late };
    while let Ok(Received::Message(message)) = timeout_at(end, socket.next()).await {
        let (at, now) = (Instant::now(), clock::now());
        if let Ok(Header::Tick(tick)) = decode_server(&message).map(|frame| frame.header) {
            late.push((at, (now.0 - tick.stream_ms) as f64));
        }
    }
    late
}

/// Milliseconds from each newcomer's wish to the first piece and to the last.
async fn newcomers(address: SocketAddr, from: Instant, end: Instant) -> Vec<(f64, f64)> {
    let mut met = Vec::new();
    tokio::time::sleep_until(from).await;
    while Instant::now() < end {
        let begun = Instant::now();
        met.extend(newcomer(address, end).await);
        sleep(EVERY.saturating_sub(begun.elapsed())).await;
    }
    met
}

async fn newcomer(address: SocketAddr, end: Instant) -> Option<(f64, f64)> {
    let begun = Instant::now();
    let mut socket = subscribed(address).await.ok()?;
    let mut first = None;
    while let Ok(Received::Message(message)) = timeout_at(end, socket.next()).await {
        let passed_ms = begun.elapsed().as_secs_f64() * 1000.0;
        if let Ok(Header::Snapshot(piece)) = decode_server(&message).map(|frame| frame.header) {
            let first = *first.get_or_insert(passed_ms);
            if piece.part + 1 == piece.parts {
                return Some((first, passed_ms));
            }
        }
    }
    None
}
