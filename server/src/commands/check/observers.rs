//! Clients that note when each tick came, in a thread of their own and without looking into it: what the check does
//! besides must not be what is measured.

use crate::clock;
use crate::commands::check::socket::{Dial, Received, Socket, opcode};
use crate::exit::AppError;
use bytes::Bytes;
use core::time::Duration;
use inflight_wire::{ClientFrame, Format, Header, SUBPROTOCOL_MSGPACK, Subscribe, decode_server};
use std::io;
use std::net::SocketAddr;
use std::thread::JoinHandle;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The clients, until they are asked what they saw.
#[derive(Debug)]
pub struct Observers {
    stop: CancellationToken,
    thread: JoinHandle<Vec<Seen>>,
}

/// A tick that brought something.
#[derive(Clone, Copy, Debug)]
pub struct Late {
    /// When it came.
    pub at: Instant,
    /// Milliseconds since the server began it.
    pub late_ms: f64,
}

#[derive(Debug)]
struct Seen {
    at: Instant,
    at_ms: i64,
    message: Bytes,
}

/// The first messages are the snapshot and what came meanwhile.
const SETTLE: Duration = Duration::from_secs(1);

impl Observers {
    /// So many clients that follow the aircraft of this server.
    #[must_use]
    pub fn of(address: SocketAddr, count: u32) -> Self {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let thread = apart(move || async move {
            let mut clients: JoinSet<_> = (0..count).map(|_| observe(address, stopped.clone())).collect();
            let mut all = Vec::new();
            while let Some(seen) = clients.join_next().await {
                all.extend(seen.unwrap_or_default());
            }
            all
        });
        Self { stop, thread }
    }

    /// Ends them; what they saw, by client and in order.
    ///
    /// # Errors
    /// They ended early.
    pub async fn finish(self) -> Result<Vec<Late>, AppError> {
        self.stop.cancel();
        let seen = joined(self.thread).await?;
        Ok(seen.iter().filter_map(Seen::late).collect())
    }
}

/// Does something in a thread of its own.
pub fn apart<F>(act: impl FnOnce() -> F + Send + 'static) -> JoinHandle<F::Output>
where
    F: Future<Output: Send + Default + 'static>,
{
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Without threads or files left the check fails anyway, because nothing was seen.
        runtime.map(|runtime| runtime.block_on(act())).unwrap_or_default()
    })
}

/// What a thread found.
///
/// # Errors
/// It ended early.
pub async fn joined<T: Send + 'static>(thread: JoinHandle<T>) -> Result<T, AppError> {
    let found = tokio::task::spawn_blocking(move || thread.join()).await.ok().and_then(Result::ok);
    found.ok_or_else(|| AppError::Other("a part of the check ended early".to_owned()))
}

/// A client that has asked for the aircraft.
///
/// # Errors
/// It cannot connect.
pub async fn subscribed(address: SocketAddr, dial: &Dial) -> io::Result<Socket> {
    let dial = Dial { subprotocol: SUBPROTOCOL_MSGPACK, ..dial.clone() };
    let mut socket = Socket::connect(address, "/stream/ws", &dial).await?;
    let wish = ClientFrame::Subscribe(Subscribe::to(&["flights"], None));
    socket.send(opcode::BINARY, &Format::Msgpack.encode(&wish)).await?;
    Ok(socket)
}

async fn observe(address: SocketAddr, stop: CancellationToken) -> Vec<Seen> {
    let mut all = Vec::new();
    let Ok(mut socket) = subscribed(address, &Dial::default()).await else { return all };
    let from = Instant::now() + SETTLE;
    while let Some(Received::Message(message)) = stop.run_until_cancelled(socket.next()).await {
        let (at, at_ms) = (Instant::now(), clock::now().0);
        if at > from {
            all.push(Seen { at, at_ms, message });
        }
    }
    all
}

impl Seen {
    fn late(&self) -> Option<Late> {
        let frame = decode_server(&self.message).ok()?;
        let Header::Tick(tick) = frame.header else { return None };
        let late_ms = (self.at_ms - tick.stream_ms) as f64;
        (!frame.segments.is_empty()).then_some(Late { at: self.at, late_ms })
    }
}
