//! What every connection needs: bounded writes, signs of life, a limit on messages, counting, a clean end.

use crate::auth::{Pass, Spent};
use crate::hub::pulse::Body;
use crate::metrics::tally::Tally;
use crate::metrics::{EndpointMetrics, Metrics};
use crate::watch::roster::{Connection, Guest, Roster};
use crate::ws::close::End;
use crate::ws::transport::{Incoming, Outgoing, Transport};
use core::time::Duration;
use inflight_domain::Cut;
use inflight_wire::CloseCode;
use inflight_wire::limits::STALL_MS;
use tokio::time::{Instant, sleep_until, timeout};

/// A connection.
pub struct Link<T> {
    transport: T,
    metrics: Metrics,
    endpoint: EndpointMetrics,
    heard_at: Instant,
    pinged_at: Instant,
    pass: Pass,
    refusal: Option<Refusal>,
    connection: Option<Connection>,
    /// When the message came that is being answered.
    asked_at: Option<Instant>,
}

/// Says in the words of the endpoint that there are too many messages.
pub type Refusal = Box<dyn Fn() -> Body + Send + Sync>;

/// A client that says nothing for this long is asked whether it lives.
const PING_AFTER: Duration = Duration::from_secs(20);

/// A client that says nothing for this long, not even a pong, is taken for dead.
const SILENT_AFTER: Duration = Duration::from_secs(45);

/// How long a client may take to answer a close; a stalled one that reads again in time learns why.
const FAREWELL: Duration = Duration::from_secs(5);

impl<T: Transport> Link<T> {
    /// A fresh connection with its papers.
    pub fn new(transport: T, metrics: Metrics, endpoint: EndpointMetrics, pass: Pass) -> Self {
        endpoint.open.increment(1.0);
        let now = Instant::now();
        Self {
            transport,
            metrics,
            endpoint,
            heard_at: now,
            pinged_at: now,
            pass,
            refusal: None,
            connection: None,
            asked_at: None,
        }
    }

    /// What the client is told when it sends too much, before it is closed for going on.
    #[must_use]
    pub fn refusing(mut self, refusal: Refusal) -> Self {
        self.refusal = Some(refusal);
        self
    }

    /// Who the client is and what it may do.
    #[must_use]
    pub fn pass(&self) -> &Pass {
        &self.pass
    }

    /// The last message was one that costs nothing, such as a move of the box.
    pub fn refund(&mut self) {
        self.pass.refund();
    }

    /// Puts the connection into the roster, for as long as it is open.
    #[must_use]
    pub fn known(mut self, roster: &Roster, guest: Guest) -> Self {
        if guest.endpoint != "sse" {
            self.metrics.websocket_opened();
        }
        self.connection = Some(roster.enter(guest));
        self
    }

    /// The client's message was understood as one of this type.
    pub fn took(&self, kind: &'static str) {
        self.metrics.client_message(kind);
    }

    /// The client's table of aircraft was not ours.
    pub fn mismatched(&self) {
        self.metrics.digest_mismatch("flights");
    }

    /// The client asked for these topics.
    pub fn subscribed(&self, topics: Vec<String>) {
        if let Some(connection) = &self.connection {
            connection.subscribed(topics);
        }
    }

    /// The client was told everything up to this cut.
    pub fn reached(&self, cut: Cut) {
        if let Some(connection) = &self.connection {
            connection.reached(cut.0);
        }
    }

    /// Waits for the next message; answers and sends signs of life meanwhile. May be dropped and called again.
    ///
    /// # Errors
    /// The connection ends.
    pub async fn receive(&mut self) -> Result<Body, End> {
        // Who asks for the next message is done with the one before.
        if let Some(asked_at) = self.asked_at.take() {
            self.metrics.message_latency.record(asked_at.elapsed());
        }
        loop {
            let silent_at = self.heard_at + SILENT_AFTER;
            let ping_at = self.heard_at.max(self.pinged_at) + PING_AFTER;
            let incoming = tokio::select! {
                biased;
                () = self.pass.session().over() => return Err(End::Close(CloseCode::Unauthorised)),
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
                    Tally::add(&self.metrics.tally.received);
                    self.asked_at = Some(self.heard_at);
                    if self.spend().await? {
                        return Ok(body);
                    }
                }
                Incoming::Ping => {
                    self.spend().await?;
                }
                Incoming::Pong => {}
                Incoming::End(end) => return Err(end),
            }
        }
    }

    /// Counts a message; whether it may be read.
    async fn spend(&mut self) -> Result<bool, End> {
        match self.pass.spend() {
            Spent::Taken => Ok(true),
            Spent::Refused { tell } => {
                self.metrics.rate_limited();
                if let (true, Some(refusal)) = (tell, &self.refusal) {
                    let body = refusal();
                    self.send(body).await?;
                }
                Ok(false)
            }
            Spent::Flood => {
                self.metrics.rate_limited();
                Err(End::Close(CloseCode::RateLimited))
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
        if let Some(connection) = &self.connection {
            connection.sent(body.len());
        }
        let session = self.pass.session().clone();
        tokio::select! {
            biased;
            sent = self.put(Outgoing::Message(body)) => sent,
            () = session.over() => Err(End::Close(CloseCode::Unauthorised)),
        }
    }

    /// Says why and ends. `last` goes out before the close frame, if the client still takes it.
    pub async fn close(mut self, end: End, last: Option<Body>) {
        if let Some((code, reason)) = end.frame() {
            let farewell = async {
                if let Some(body) = last {
                    self.put(Outgoing::Message(body)).await?;
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
        if self.connection.as_ref().is_some_and(|connection| connection.guest().endpoint != "sse") {
            self.metrics.websocket_closed();
        }
    }
}
