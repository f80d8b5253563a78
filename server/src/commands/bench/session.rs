//! `inflight bench session`: memory of a connection that holds three topics and nothing to do.

use crate::commands::bench::options::BenchSessionArgs;
use crate::commands::check::report::Report;
use crate::commands::check::socket::{Dial, Received, Socket, opcode};
use crate::commands::check::{served, spread};
use crate::exit::AppError;
use core::time::Duration;
use inflight_wire::{ClientFrame, Format, Header, SUBPROTOCOL_MSGPACK, Subscribe, decode_server};
use std::net::SocketAddr;
use tokio::time::{sleep, timeout};

/// A table of state, that of the server itself, and a topic of events.
const TOPICS: [&str; 3] = ["flights", "system", "signal"];

/// Aircraft in the table.
const ROWS: u32 = 100;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Until what a start left behind is given back.
const SETTLE: Duration = Duration::from_secs(3);

/// Runs a server of its own, opens sessions and prints.
///
/// # Errors
/// The promise was not kept, or the server could not be run.
pub async fn run(args: &BenchSessionArgs) -> Result<(), AppError> {
    let (mut server, _fleet) = served(1, ROWS)?;
    server.start().await?;
    let address = server.address;
    // The first few bring what all of them share.
    drop(spread(20, |_| session(address)).await?);
    sleep(SETTLE).await;
    let before = server.resident_bytes().unwrap_or_default();
    let sessions: Vec<Socket> =
        spread(args.clients, |_| session(address)).await?.into_iter().flatten().collect();
    sleep(SETTLE).await;
    let after = server.resident_bytes().unwrap_or_default();
    let mut report = Report::new("session", "an idle session with three topics costs at most 10 KB", 1);
    report.exactly("sessions", sessions.len() as f64, f64::from(args.clients));
    report.tell("resident_mb_before", before as f64 / 1e6);
    report.tell("resident_mb_after", after as f64 / 1e6);
    let each = after.saturating_sub(before) as f64 / f64::from(args.clients) / 1000.0;
    report.at_most("kb_per_session", each, 10.0);
    report.finish(args.json)
}

/// A session that has its tables.
async fn session(address: SocketAddr) -> Option<Socket> {
    let dial = Dial { subprotocol: SUBPROTOCOL_MSGPACK, ..Dial::default() };
    let mut socket = Socket::connect(address, "/stream/ws", &dial).await.ok()?;
    let wish = ClientFrame::Subscribe(Subscribe::to(&TOPICS, None));
    socket.send(opcode::BINARY, &Format::Msgpack.encode(&wish)).await.ok()?;
    while let Ok(Received::Message(message)) = timeout(PATIENCE, socket.next()).await {
        match decode_server(&message).ok()?.header {
            Header::Snapshot(piece) if piece.part + 1 == piece.parts => return Some(socket),
            _ => {}
        }
    }
    None
}
