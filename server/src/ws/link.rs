//! What every connection needs: bounded writes, signs of life, a limit on messages, counting, a clean end.

use crate::hub::pulse::Body;
use crate::metrics::{EndpointMetrics, Metrics};
use crate::ws::close::End;
use crate::ws::transport::{Incoming, Outgoing, Transport};
use core::time::Duration;
use inflight_wire::CloseCode;
use inflight_wire::limits::{MESSAGES_PER_MINUTE, STALL_MS};
use tokio::time::{Instant, sleep_until, timeout};

/// A connection.
pub struct Link<T> {
    transport: T,
    metrics: Metrics,
    endpoint: EndpointMetrics,
    heard_at: Instant,
    pinged_at: Instant,
    allowance: Allowance,
}

/// A token bucket: a burst of a minute's messages, refilled steadily.
#[derive(Debug)]
struct Allowance {
    messages: f64,
    at: Instant,
}

/// A client that says nothing for this long is asked whether it lives.
const PING_AFTER: Duration = Duration::from_secs(20);

/// A client that says nothing for this long, not even a pong, is taken for dead.
const SILENT_AFTER: Duration = Duration::from_secs(45);

/// How long a client may take to answer a close; a stalled one that reads again in time learns why.
const FAREWELL: Duration = Duration::from_secs(5);

impl<T: Transport> Link<T> {
    /// A fresh connection.
    pub fn new(transport: T, metrics: Metrics, endpoint: EndpointMetrics) -> Self {
        endpoint.open.increment(1.0);
        let now = Instant::now();
        let allowance = Allowance { messages: f64::from(MESSAGES_PER_MINUTE), at: now };
        Self { transport, metrics, endpoint, heard_at: now, pinged_at: now, allowance }
    }

    /// Waits for the next message; answers and sends signs of life meanwhile. May be dropped and called again.
    ///
    /// # Errors
    /// The connection ends.
    pub async fn receive(&mut self) -> Result<Body, End> {
        loop {
            let silent_at = self.heard_at + SILENT_AFTER;
            let ping_at = self.heard_at.max(self.pinged_at) + PING_AFTER;
            let incoming = tokio::select! {
                incoming = self.transport.receive() => incoming,
                () = sleep_until(ping_at.min(silent_at)) => {
                    if Instant::now() >= silent_at {
                        return Err(End::Close(CloseCode::Silent));
                    }
                    self.pinged_at = Instant::now();
                    self.put(Outgoing::Ping).await?;
                    continue;
                }
            };
            self.heard_at = Instant::now();
            match incoming {
                Incoming::Message(body) => {
                    self.metrics.received.increment(1);
                    self.allowance.spend()?;
                    return Ok(body);
                }
                Incoming::Ping => self.allowance.spend()?,
                Incoming::Pong => {}
                Incoming::End(end) => return Err(end),
            }
        }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// The client took nothing for too long, or is gone.
    pub async fn send(&mut self, body: Body) -> Result<(), End> {
        self.endpoint.messages.increment(1);
        self.endpoint.bytes.increment(body.len() as u64);
        self.put(Outgoing::Message(body)).await
    }

    /// Says why and ends. `last` goes out before the close frame, if the client still takes it.
    pub async fn close(mut self, end: End, last: Option<Body>) {
        if let Some((code, reason)) = end.frame() {
            let farewell = async {
                if let Some(body) = last {
                    self.send(body).await?;
                }
                self.put(Outgoing::Close(code, reason)).await?;
                while !matches!(self.transport.receive().await, Incoming::End(_)) {}
                Ok::<(), End>(())
            };
            // Whoever does not answer in time is cut off.
            drop(timeout(FAREWELL, farewell).await);
        }
        self.metrics.closed(end.reason());
    }

    async fn put(&mut self, out: Outgoing) -> Result<(), End> {
        let sent = timeout(Duration::from_millis(STALL_MS), self.transport.send(out)).await;
        sent.unwrap_or(Err(End::Close(CloseCode::Slow)))
    }
}

impl<T> Drop for Link<T> {
    fn drop(&mut self) {
        self.endpoint.open.decrement(1.0);
    }
}

impl Allowance {
    fn spend(&mut self) -> Result<(), End> {
        let now = Instant::now();
        let most = f64::from(MESSAGES_PER_MINUTE);
        let refilled = now.duration_since(self.at).as_secs_f64() * most / 60.0;
        self.messages = (self.messages + refilled).min(most);
        self.at = now;
        if self.messages < 1.0 {
            return Err(End::Close(CloseCode::RateLimited));
        }
        self.messages -= 1.0;
        Ok(())
    }
}
