//! A socket as connections see it, so that tests need no network.

use crate::hub::pulse::Body;
use crate::ws::close::End;
use core::time::Duration;
use inflight_wire::limits::STALL_MS;

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

/// How long a client may take nothing. What is left of the promised time is for who reads again, to learn why.
pub const PATIENCE: Duration = Duration::from_millis(STALL_MS).saturating_sub(Duration::from_secs(3));

/// A socket. Both futures may be dropped before they end without losing what they received; what was half
/// sent goes out with the next send.
pub trait Transport: Send {
    /// Waits for what comes next.
    fn receive(&mut self) -> impl Future<Output = Incoming> + Send;

    /// Sends and waits until the system has taken it; ends as slow once it has taken nothing for [`PATIENCE`].
    fn send(&mut self, out: Outgoing) -> impl Future<Output = Result<(), End>> + Send;

    /// Sends several messages, together where the socket can, and waits until the system has taken them.
    fn send_all(&mut self, bodies: Vec<Body>) -> impl Future<Output = Result<(), End>> + Send {
        async {
            for body in bodies {
                self.send(Outgoing::Message(body)).await?;
            }
            Ok(())
        }
    }
}
