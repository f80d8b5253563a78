//! `inflight bench echo`: what the product's socket makes of each message, for suites that check WebSocket itself.

use crate::commands::bench::options::BenchEchoArgs;
use crate::commands::bench::{listen_and_serve, runtime};
use crate::exit::AppError;
use crate::ws::close::End;
use crate::ws::link::farewell;
use crate::ws::socket::handshake::{Handshake, HttpSocket};
use crate::ws::transport::{Incoming, Outgoing, Transport};
use axum::Router;
use axum::response::Response;
use axum::routing::get;

/// Suites send messages of 16 MiB.
const MESSAGE_BYTES: usize = 64 << 20;

/// Answers each message with itself until it is interrupted.
///
/// # Errors
/// The port is taken.
pub fn run(args: &BenchEchoArgs) -> Result<(), AppError> {
    runtime()?.block_on(listen_and_serve(args.port, Router::new().fallback(get(upgrade))))
}

async fn upgrade(handshake: Handshake) -> Response {
    handshake.message_bytes(MESSAGE_BYTES).then(echo)
}

async fn echo(mut socket: HttpSocket) {
    let end = loop {
        match socket.receive().await {
            Incoming::Message(body) => {
                if let Err(end) = socket.send(Outgoing::Message(body)).await {
                    break end;
                }
            }
            Incoming::Ping | Incoming::Pong => {}
            Incoming::End(end) => break end,
        }
    };
    if end != End::Gone {
        farewell(&mut socket, end, None).await;
    }
}
