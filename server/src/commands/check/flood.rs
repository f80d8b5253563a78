//! S6: one client sends ten thousand messages a second; it is told, then closed, and the others do not notice.

use crate::commands::check::args::CheckArgs;
use crate::commands::check::observers::{self, Late, Observers, apart};
use crate::commands::check::report::{Report, quantile};
use crate::commands::check::socket::{Dial, FIN, Received, Socket, frame, opcode};
use crate::commands::check::{served, traffic};
use crate::exit::AppError;
use core::time::Duration;
use inflight_wire::limits::MESSAGES_PER_MINUTE;
use inflight_wire::{ClientFrame, Format, Header, SUBPROTOCOL_MSGPACK, decode_server};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use tokio::time::{Instant, interval, sleep, sleep_until};

/// Messages of one write of the flood, and the time between two: ten thousand a second.
const AT_ONCE: usize = 100;
const EVERY: Duration = Duration::from_millis(10);

/// Time between messages of the client that always asks for a little more than it may: 120 a minute.
const A_LITTLE_TOO_OFTEN: Duration = Duration::from_millis(500);

const MINUTE: Duration = Duration::from_secs(60);

/// What floods met.
#[derive(Debug, Default)]
struct Flood {
    sent: usize,
    connections: usize,
    /// Answers of one connection, the most.
    accepted_most: usize,
    told: usize,
    closes: BTreeMap<u16, usize>,
}

/// Runs the check.
///
/// # Errors
/// A promise was not kept, or the server could not be run.
pub async fn run(args: &CheckArgs) -> Result<(), AppError> {
    let (rows, clients) = (args.rows.unwrap_or(500), args.clients.unwrap_or(50));
    let half = Duration::from_secs(u64::from(args.seconds.unwrap_or(140))) / 2;
    let mut report = Report::new(
        "flood",
        "who sends too much is told, then closed; at most the burst and 100 a minute are taken; others do not notice",
        args.seed,
    );
    let (mut server, fleet) = served(args.seed, rows)?;
    server.start().await?;
    let flying = traffic(fleet, 0.2);
    let address = server.address;
    let healthy = Observers::of(address, clients);
    // Connecting is no part of either half.
    sleep(Duration::from_secs(2)).await;
    let (flood_from, end) = (Instant::now() + half, Instant::now() + 2 * half);
    let often = apart(move || a_little_too_often(address, end));
    sleep_until(flood_from).await;
    let flood = observers::joined(apart(move || flood(address, end))).await?;
    let times = healthy.finish().await?;
    flying.stop().await?;
    let (taken, told) = observers::joined(often).await?;
    judge(&mut report, &flood, (&times, flood_from), args.patience);
    let burst = f64::from(MESSAGES_PER_MINUTE);
    report.at_most("taken_in_any_minute_most", most_in_a_minute(&taken) as f64, 2.0 * burst);
    report.at_least(
        "taken_of_a_patient_sender",
        taken.len() as f64,
        burst.min(half.as_secs_f64() * 4.0 - 8.0),
    );
    report.tell("patient_sender_told", told as f64);
    report.exactly("server_panics", server.panics() as f64, 0.0);
    report.finish(args.json)
}

fn judge(report: &mut Report, flood: &Flood, (times, from): (&[Late], Instant), patience: f64) {
    let p99 = |during: bool| {
        let times = times.iter().filter(|late| (late.at >= from) == during);
        let times: Vec<f64> = times.map(|late| late.late_ms).collect();
        (times.len(), quantile(&times, 0.99))
    };
    let ((frames_before, before), (frames_during, during)) = (p99(false), p99(true));
    report.tell("flood_messages", flood.sent as f64);
    report.at_least("flood_connections", flood.connections as f64, 1.0);
    // The burst, and what comes back while it is sent.
    let (taken, burst) = (flood.accepted_most as f64, f64::from(MESSAGES_PER_MINUTE));
    report.at_least("flood_taken_of_a_connection_most", taken, burst);
    report.at_most("flood_taken_beyond_the_burst", taken - burst, burst / 6.0);
    report.exactly("flood_told", flood.told as f64, flood.connections as f64);
    let closed = flood.closes.get(&4029).copied().unwrap_or_default();
    report.exactly("flood_closed_with_4029", closed as f64, flood.connections as f64);
    report.at_least("healthy_frames", frames_before.min(frames_during) as f64, 1.0);
    report.tell("healthy_p99_before_ms", before);
    // The stream's clock is told in whole milliseconds.
    report.at_most("healthy_p99_during_ms", during, (before * 1.1 + 1.0) * patience);
}

/// Floods until the end, with a new connection whenever one is closed.
async fn flood(address: SocketAddr, end: Instant) -> Flood {
    let mut flood = Flood::default();
    while Instant::now() < end {
        let Ok(mut socket) = connect(address).await else { continue };
        let mut ticks = interval(EVERY);
        let (mut accepted, mut told, mut closed) = (0, 0, None);
        let mut alive = true;
        while alive && closed.is_none() {
            tokio::select! {
                biased;
                received = socket.next() => match received {
                    Received::Message(message) => match answer(&message) {
                        Some(true) => accepted += 1,
                        Some(false) => told += 1,
                        None => {}
                    },
                    Received::Close(code, _) => closed = Some(code),
                    Received::Ended => alive = false,
                },
                _ = ticks.tick() => {
                    // Who is closed for flooding may find the line broken while it still floods.
                    if socket.send_raw(&pings(flood.sent as u64)).await.is_ok() {
                        flood.sent += AT_ONCE;
                    }
                }
            }
        }
        flood.connections += 1;
        flood.accepted_most = flood.accepted_most.max(accepted);
        flood.told += told;
        flood
            .closes
            .extend(closed.map(|code| (code, flood.closes.get(&code).copied().unwrap_or_default() + 1)));
    }
    flood
}

/// Sends a little more than it may for as long as it may; when each was answered, and how often it was told.
async fn a_little_too_often(address: SocketAddr, end: Instant) -> (Vec<Instant>, usize) {
    let (mut taken, mut told) = (Vec::new(), 0);
    let Ok(mut socket) = connect(address).await else { return (taken, told) };
    let (mut ticks, mut id) = (interval(A_LITTLE_TOO_OFTEN), 0);
    loop {
        tokio::select! {
            () = sleep_until(end) => return (taken, told),
            received = socket.next() => match received {
                Received::Message(message) => match answer(&message) {
                    Some(true) => taken.push(Instant::now()),
                    Some(false) => told += 1,
                    None => {}
                },
                Received::Close(..) | Received::Ended => return (taken, told),
            },
            _ = ticks.tick() => {
                id += 1;
                let ping = Format::Msgpack.encode(&ClientFrame::Ping { id });
                if socket.send(opcode::BINARY, &ping).await.is_err() {
                    return (taken, told);
                }
            }
        }
    }
}

/// Whether a message was taken or refused; none if it is neither answer.
fn answer(message: &[u8]) -> Option<bool> {
    match decode_server(message).ok()?.header {
        Header::Pong { .. } => Some(true),
        Header::Error(error) if error.code == "rate_limited" => Some(false),
        _ => None,
    }
}

fn pings(first: u64) -> Vec<u8> {
    let ping = |id| frame(FIN | opcode::BINARY, &Format::Msgpack.encode(&ClientFrame::Ping { id }));
    (first..first + AT_ONCE as u64).flat_map(ping).collect()
}

/// The most moments that lie within a minute.
fn most_in_a_minute(moments: &[Instant]) -> usize {
    let within = |(place, first): (usize, &Instant)| {
        moments[place..].iter().take_while(|moment| moment.duration_since(*first) < MINUTE).count()
    };
    moments.iter().enumerate().map(within).max().unwrap_or_default()
}

async fn connect(address: SocketAddr) -> io::Result<Socket> {
    let dial = Dial { subprotocol: SUBPROTOCOL_MSGPACK, ..Dial::default() };
    Socket::connect(address, "/stream/ws", &dial).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_counted_wherever_it_begins() {
        let start = Instant::now();
        let at =
            |seconds: &[u64]| seconds.iter().map(|s| start + Duration::from_secs(*s)).collect::<Vec<_>>();
        assert_eq!(most_in_a_minute(&at(&[0, 30, 59, 60, 61, 200])), 4);
        assert_eq!(most_in_a_minute(&at(&[0, 60, 120])), 1);
        assert_eq!(most_in_a_minute(&[]), 0);
    }
}
