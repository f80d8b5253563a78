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

/// A socket. Both futures may be dropped before they end without losing what they received; what was half
/// sent goes out with the next send.
pub trait Transport: Send {
    /// Waits for what comes next.
    fn receive(&mut self) -> impl Future<Output = Incoming> + Send;

    /// Sends and waits until the system has taken it.
    fn send(&mut self, out: Outgoing) -> impl Future<Output = Result<(), End>> + Send;
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

    async fn send(&mut self, out: Outgoing) -> Result<(), End> {
        let message = match out {
            Outgoing::Message(Body::Text(text)) => Message::Text(text),
            Outgoing::Message(Body::Binary(bytes)) => Message::Binary(bytes),
            Outgoing::Ping => Message::Ping(Bytes::new()),
            Outgoing::Close(code, reason) => Message::Close(Some(CloseFrame { code, reason: reason.into() })),
        };
        Self::send(self, message).await.map_err(|error| end_of(&error))
    }
}

fn end_of(error: &axum::Error) -> End {
    let mut cause = error.source();
    while let Some(inner) = cause {
        match inner.downcast_ref::<WsError>() {
            Some(WsError::Capacity(CapacityError::MessageTooLong { .. })) => {
                return End::Close(inflight_wire::CloseCode::TooLarge);
            }
            // Too much is unsent already: nothing of the message was taken, and a close still fits.
            Some(WsError::WriteBufferFull(_)) => return End::Close(inflight_wire::CloseCode::Slow),
            Some(WsError::Utf8(_)) => return End::NotUtf8,
            Some(WsError::Protocol(
                ProtocolError::ResetWithoutClosingHandshake | ProtocolError::SendAfterClosing,
            )) => return End::Gone,
            Some(WsError::Protocol(_) | WsError::Capacity(_)) => return End::Protocol,
            Some(_) => return End::Gone,
            None => cause = inner.source(),
        }
    }
    End::Gone
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::extract::ws::WebSocketUpgrade;
    use axum::routing::get;
    use futures_util::StreamExt;
    use inflight_wire::CloseCode;
    use tokio::net::TcpListener;
    use tokio_tungstenite::connect_async;

    #[tokio::test]
    async fn more_than_may_be_unsent_is_closed_as_slow() {
        let serve = |upgrade: WebSocketUpgrade| async {
            let upgrade = upgrade.write_buffer_size(0).max_write_buffer_size(1000);
            upgrade.on_upgrade(async |mut socket| {
                let large = Outgoing::Message(Body::Text("x".repeat(2000).into()));
                let end = Transport::send(&mut socket, large).await.unwrap_err();
                let (code, reason) = end.frame().unwrap();
                Transport::send(&mut socket, Outgoing::Close(code, reason)).await.unwrap();
            })
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, Router::new().route("/", get(serve))).into_future());
        let (mut client, _) = connect_async(url).await.unwrap();
        let tungstenite::Message::Close(Some(frame)) = client.next().await.unwrap().unwrap() else {
            panic!("no close frame");
        };
        assert_eq!(
            (frame.code.into(), frame.reason.as_str()),
            (CloseCode::Slow.number(), CloseCode::Slow.reason())
        );
    }
}
