//! A socket as connections see it, so that the writer can be swapped and tests need no network.

use crate::hub::pulse::Body;
use crate::ws::close::End;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use bytes::Bytes;
use core::error::Error;
use tungstenite::error::{CapacityError, Error as WsError, ProtocolError};

/// What comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A message.
    Message(Body),
    /// The client asks whether we live; the transport answers by itself.
    Ping,
    /// The client lives.
    Pong,
    /// The connection is over, or must be.
    End(End),
}

/// What goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A message.
    Message(Body),
    /// Ask whether the client lives.
    Ping,
    /// Close with code and reason.
    Close(u16, &'static str),
}

/// The connection broke while writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

/// A socket. Both futures may be dropped before they end without losing what they received; what was half
/// sent goes out with the next send.
pub trait Transport: Send {
    /// Waits for what comes next.
    fn receive(&mut self) -> impl Future<Output = Incoming> + Send;

    /// Sends and waits until the system has taken it.
    fn send(&mut self, out: Outgoing) -> impl Future<Output = Result<(), Gone>> + Send;
}

impl Transport for WebSocket {
    async fn receive(&mut self) -> Incoming {
        match self.recv().await {
            Some(Ok(Message::Text(text))) => Incoming::Message(Body::Text(text)),
            Some(Ok(Message::Binary(bytes))) => Incoming::Message(Body::Binary(bytes)),
            Some(Ok(Message::Ping(_))) => Incoming::Ping,
            Some(Ok(Message::Pong(_))) => Incoming::Pong,
            Some(Ok(Message::Close(_))) => Incoming::End(End::ByClient),
            Some(Err(error)) => Incoming::End(end_of(&error)),
            None => Incoming::End(End::Gone),
        }
    }

    async fn send(&mut self, out: Outgoing) -> Result<(), Gone> {
        let message = match out {
            Outgoing::Message(Body::Text(text)) => Message::Text(text),
            Outgoing::Message(Body::Binary(bytes)) => Message::Binary(bytes),
            Outgoing::Ping => Message::Ping(Bytes::new()),
            Outgoing::Close(code, reason) => Message::Close(Some(CloseFrame { code, reason: reason.into() })),
        };
        Self::send(self, message).await.map_err(|_| Gone)
    }
}

fn end_of(error: &axum::Error) -> End {
    let mut cause = error.source();
    while let Some(inner) = cause {
        match inner.downcast_ref::<WsError>() {
            Some(WsError::Capacity(CapacityError::MessageTooLong { .. })) => {
                return End::Close(inflight_wire::CloseCode::TooLarge);
            }
            Some(WsError::Utf8(_)) => return End::NotUtf8,
            Some(WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => return End::Gone,
            Some(WsError::Protocol(_) | WsError::Capacity(_)) => return End::Protocol,
            Some(_) => return End::Gone,
            None => cause = inner.source(),
        }
    }
    End::Gone
}
