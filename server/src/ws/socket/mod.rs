//! The real socket: a mature parser for what comes, a writer of our own for what leaves.
//!
//! A server's frames are not masked, so that their payloads are the shared bytes of the hub. The parser's own
//! pongs and closes go through the same outbox.

pub mod handshake;
mod outbox;
mod tap;

use crate::hub::pulse::Body;
use crate::ws::close::End;
use crate::ws::transport::{Incoming, Outgoing, PATIENCE, Transport};
use bytes::Bytes;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use inflight_wire::CloseCode;
use outbox::{Opcode, Outbox};
use std::io;
use tap::Tap;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep, sleep};
use tungstenite::error::{CapacityError, Error as WsError};
use tungstenite::protocol::{CloseFrame, Role, WebSocket, WebSocketConfig};
use tungstenite::{Message, Utf8Bytes};

/// A WebSocket on a connection.
#[derive(Debug)]
pub struct Socket<S> {
    /// On the heap, as the socket is handed on many times while a connection begins.
    parser: Box<WebSocket<Tap<S>>>,
    outbox: Outbox,
    /// The bytes that come are not understood any more.
    is_lost: bool,
    /// Nothing is sent any more.
    is_ended: bool,
}

/// The parser keeps this for each connection, and its default is 128 KiB; clients say little, and for a long message it
/// makes room at once.
const READ_BUFFER_BYTES: usize = 512;

/// While so many bytes of pongs wait for a client that does not read, it is not heard either.
const UNSAID_BYTES: usize = 1024;

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    /// The server's end of a connection that has been upgraded; `message_bytes` is the most that a message of
    /// the client may hold.
    pub fn server(io: S, message_bytes: usize) -> Self {
        Self::new(io, Role::Server, message_bytes)
    }

    fn new(io: S, role: Role, message_bytes: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(message_bytes))
            .max_frame_size(Some(message_bytes));
        let parser = Box::new(WebSocket::from_raw_socket(Tap::new(io), role, Some(config)));
        Self { parser, outbox: Outbox::default(), is_lost: false, is_ended: false }
    }

    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Incoming> {
        loop {
            let written = self.poll_flush(context);
            if matches!(written, Poll::Ready(Err(_))) {
                return Poll::Ready(Incoming::End(End::Gone));
            }
            if self.is_lost {
                ready!(self.parser.get_mut().poll_drain(context));
                return Poll::Ready(Incoming::End(End::Gone));
            }
            if self.parser.get_ref().unsaid() >= UNSAID_BYTES {
                return Poll::Pending;
            }
            self.parser.get_mut().wake(context.waker());
            match self.parser.read() {
                Ok(message) => {
                    if let Some(incoming) = self.taken(message, context) {
                        return Poll::Ready(incoming);
                    }
                }
                Err(WsError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    if written.is_pending() || self.parser.get_ref().unsaid() == 0 {
                        return Poll::Pending;
                    }
                }
                Err(error) => {
                    let end = end_of(&error);
                    self.is_lost = end != End::Gone;
                    return Poll::Ready(Incoming::End(end));
                }
            }
        }
    }

    /// Answers what asks for an answer at once, where the system takes it.
    fn taken(&mut self, message: Message, context: &mut Context<'_>) -> Option<Incoming> {
        let incoming = match message {
            Message::Text(text) => return Some(Incoming::Message(Body::Text(text))),
            Message::Binary(bytes) => return Some(Incoming::Message(Body::Binary(bytes))),
            Message::Pong(_) => return Some(Incoming::Pong),
            Message::Ping(_) => Incoming::Ping,
            Message::Close(_) => Incoming::End(End::ByClient),
            Message::Frame(_) => return None,
        };
        // The answer waits in the parser until it is asked; it says so when that was the last one.
        let _ = self.parser.flush();
        let _ = self.poll_flush(context);
        Some(incoming)
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let tap = self.parser.get_mut();
            ready!(self.outbox.poll_write(&mut tap.io, context))?;
            if tap.unsaid() == 0 {
                break;
            }
            self.outbox.framed(tap.take());
        }
        if self.is_ended && self.is_lost {
            // The client learns the reason before its own bytes, which nobody reads, break the connection.
            let tap = self.parser.get_mut();
            ready!(Pin::new(&mut tap.io).poll_shutdown(context))?;
        }
        Poll::Ready(Ok(()))
    }

    fn queue(&mut self, out: Outgoing) {
        match out {
            Outgoing::Message(Body::Text(text)) => self.outbox.frame(Opcode::Text, text.into()),
            Outgoing::Message(Body::Binary(bytes)) => self.outbox.frame(Opcode::Binary, bytes),
            Outgoing::Ping => self.outbox.frame(Opcode::Ping, Bytes::new()),
            Outgoing::Close(code, reason) => {
                let frame = CloseFrame { code: code.into(), reason: Utf8Bytes::from_static(reason) };
                // The parser has to know, or it would answer the client's close with another; it writes into
                // the tap and so cannot fail.
                let _ = self.parser.close(Some(frame));
                self.is_ended = true;
            }
        }
    }

    /// Waits until all is written. Time is only taken once something is in the way, and begins anew with each byte.
    async fn flush(&mut self) -> Result<(), End> {
        let mut patience: Option<Pin<Box<Sleep>>> = None;
        poll_fn(|context| {
            let before = self.outbox.taken();
            if let Poll::Ready(flushed) = self.poll_flush(context) {
                return Poll::Ready(flushed.map_err(|_| End::Gone));
            }
            let clock = patience.get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
            if self.outbox.taken() > before {
                clock.as_mut().reset(Instant::now() + PATIENCE);
            }
            clock.as_mut().poll(context).map(|()| Err(End::Close(CloseCode::Slow)))
        })
        .await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Transport for Socket<S> {
    async fn receive(&mut self) -> Incoming {
        poll_fn(|context| self.poll_receive(context)).await
    }

    async fn send(&mut self, out: Outgoing) -> Result<(), End> {
        self.queue(out);
        self.flush().await
    }

    async fn send_all(&mut self, bodies: Vec<Body>) -> Result<(), End> {
        for body in bodies {
            self.queue(Outgoing::Message(body));
        }
        self.flush().await
    }
}

fn end_of(error: &WsError) -> End {
    match error {
        WsError::Capacity(CapacityError::MessageTooLong { .. }) => End::Close(CloseCode::TooLarge),
        WsError::Utf8(_) => End::NotUtf8,
        WsError::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => End::Gone,
        WsError::Protocol(_) | WsError::Capacity(_) => End::Protocol,
        _ => End::Gone,
    }
}

#[cfg(test)]
mod tests;
