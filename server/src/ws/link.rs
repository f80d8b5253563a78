//! What every connection needs: bounded writes, signs of life, a limit on messages, counting, a clean end.

use crate::auth::pass::SignInError;
use crate::auth::{Pass, Spent};
use crate::hub::pulse::Body;
use crate::metrics::tally::Tally;
use crate::metrics::{EndpointMetrics, Metrics};
use crate::watch::connection::{Connection, Guest};
use crate::watch::roster::Roster;
use crate::ws::authenticate::token_of;
use crate::ws::close::End;
use crate::ws::transport::{Incoming, Outgoing, Transport};
use core::pin::Pin;
use core::time::Duration;
use futures_util::FutureExt;
use inflight_domain::Cut;
use inflight_wire::CloseCode;
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{Span, info_span};

/// A connection.
pub struct Link<T> {
    transport: T,
    /// On the heap, as a link is handed on many times while a connection begins.
    metrics: Box<Metrics>,
    endpoint: EndpointMetrics,
    heard_at: Instant,
    /// When it was asked whether it lives, if it has said nothing since.
    pinged_at: Option<Instant>,
    /// When to look whether something was heard. It is set anew when it rings, never for each message.
    alarm: Pin<Box<Sleep>>,
    pass: Pass,
    /// Ends with the session. One for the whole connection: to wait anew at each wake takes turns with all others of
    /// the session.
    over: Over,
    words: Option<Words>,
    connection: Option<Connection>,
    /// When the message came that is being answered.
    asked_at: Option<Instant>,
}

type Over = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Says an error in the words of the endpoint: a code and a sentence.
pub type Words = Box<dyn Fn(&'static str, &str) -> Body + Send + Sync>;

/// What a client may say.
enum Heard {
    /// A message for the endpoint.
    Message(Body),
    /// Who it is; taken care of.
    SignedIn,
}

const SIGN_IN: &str =
    "say who you are first: {\"type\":\"authenticate\",\"token\":...} with a key or a token that is good";

const TOO_MANY: &str = "more messages than you may send in a minute; this one was dropped, go on later";

/// A client that says nothing for this long is asked whether it lives.
const PING_AFTER: Duration = Duration::from_secs(20);

/// And is taken for dead if it says nothing for this long then, not even a pong.
const ANSWER_WITHIN: Duration = Duration::from_secs(25);

/// How long a client may take to answer a close.
const FAREWELL: Duration = Duration::from_secs(5);

/// And one that has taken nothing for long: what is left of the time in which it must be gone.
const LAST_CHANCE: Duration = Duration::from_secs(2);

impl<T: Transport> Link<T> {
    /// A fresh connection with its papers.
    pub fn new(transport: T, metrics: Metrics, endpoint: EndpointMetrics, pass: Pass) -> Self {
        endpoint.open.increment(1.0);
        let now = Instant::now();
        let over = over(&pass);
        Self {
            transport,
            over,
            metrics: Box::new(metrics),
            endpoint,
            heard_at: now,
            pinged_at: None,
            alarm: Box::pin(sleep_until(now + PING_AFTER)),
            pass,
            words: None,
            connection: None,
            asked_at: None,
        }
    }

    /// How the client is told that it sends too much, or has to sign in, before it is closed.
    #[must_use]
    pub fn speaking(mut self, words: Words) -> Self {
        self.words = Some(words);
        self
    }

    /// Waits until the client has said who it is, where that is asked for; closes if it does not.
    pub async fn signed_in(mut self, stop: &CancellationToken) -> Option<Self> {
        if self.pass.is_signed_in() {
            return Some(self);
        }
        let patience = self.pass.patience();
        let heard = tokio::select! {
            biased;
            () = stop.cancelled() => Ok(Err(End::Close(CloseCode::GoingAway))),
            heard = timeout(patience, self.hear()) => heard,
        };
        let end = match heard {
            Ok(Ok(Heard::SignedIn)) => return Some(self),
            // Nothing else is taken before.
            Ok(Ok(Heard::Message(_))) | Err(_) => {
                self.note("sign_in_failed", "socket".to_owned(), CloseCode::Unauthorised.reason());
                End::Close(CloseCode::Unauthorised)
            }
            Ok(Err(end)) => end,
        };
        let words = self.words.as_ref().filter(|_| end == End::Close(CloseCode::Unauthorised));
        let last = words.map(|words| words(CloseCode::Unauthorised.reason(), SIGN_IN));
        self.close(end, last).await;
        None
    }

    /// Who the client is and what it may do.
    #[must_use]
    pub fn pass(&self) -> &Pass {
        &self.pass
    }

    /// When the client last gave a sign of life.
    #[must_use]
    pub fn heard_at(&self) -> Instant {
        self.heard_at
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

    /// The client's message had no effect, for a reason of this name.
    pub fn refused(&self, reason: &'static str) {
        self.metrics.client_error(reason);
    }

    /// Tells the audit trail what the client did.
    pub fn note(&self, action: &'static str, target: String, result: &str) {
        if let Some(connection) = &self.connection {
            connection.note(action, target, result);
        }
    }

    /// A span for what the client's newest message brings about, so that its logs can be found.
    #[must_use]
    pub fn span(&self) -> Span {
        let id = self.connection.as_ref().map(Connection::correlation_id).unwrap_or_default();
        info_span!("frame", id)
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

    /// Waits for the next message; answers and sends signs of life meanwhile. None says that the client told anew who it
    /// is. May be dropped and called again.
    ///
    /// # Errors
    /// The connection ends.
    pub async fn receive(&mut self) -> Result<Option<Body>, End> {
        // Who asks for the next message is done with the one before.
        if let Some(asked_at) = self.asked_at.take() {
            self.metrics.message_latency.record(asked_at.elapsed());
        }
        match self.hear().await? {
            Heard::Message(body) => Ok(Some(body)),
            Heard::SignedIn => Ok(None),
        }
    }

    async fn hear(&mut self) -> Result<Heard, End> {
        loop {
            let incoming = tokio::select! {
                biased;
                () = &mut self.over => return Err(End::Close(CloseCode::Unauthorised)),
                incoming = self.transport.receive() => incoming,
                () = &mut self.alarm => {
                    Box::pin(self.look_after()).await?;
                    continue;
                }
            };
            self.heard_at = Instant::now();
            self.pinged_at = None;
            match incoming {
                Incoming::Message(body) => {
                    self.metrics.received.increment(1);
                    Tally::add(&self.metrics.tally.received);
                    self.connection.iter().for_each(Connection::heard);
                    self.asked_at = Some(self.heard_at);
                    if !self.spend().await? {
                        continue;
                    }
                    let Some(token) = token_of(&body) else { return Ok(Heard::Message(body)) };
                    self.become_known(&token)?;
                    return Ok(Heard::SignedIn);
                }
                Incoming::Ping => {
                    self.spend().await?;
                }
                Incoming::Pong => {}
                Incoming::End(end) => return Err(end),
            }
        }
    }

    /// The one place where a connection changes hands: papers, roster and audit trail.
    fn become_known(&mut self, token: &str) -> Result<(), End> {
        if let Err(error) = self.pass.sign_in(token) {
            let code = match error {
                SignInError::Unknown => CloseCode::Unauthorised,
                SignInError::Full(_) => CloseCode::RateLimited,
            };
            self.note("sign_in_failed", "socket".to_owned(), code.reason());
            return Err(End::Close(code));
        }
        self.over = over(&self.pass);
        if let Some(connection) = &self.connection {
            let principal = self.pass.principal();
            connection.signed_in(principal.user.as_str(), principal.roles.names().join(","));
        }
        Ok(())
    }

    /// Asks a client that has been silent for a while whether it lives. Nobody is closed who was not asked: while much is
    /// on its way to a client, nobody listens to it.
    async fn look_after(&mut self) -> Result<(), End> {
        let now = Instant::now();
        if let Some(pinged_at) = self.pinged_at {
            let gone_at = pinged_at + ANSWER_WITHIN;
            self.alarm.as_mut().reset(gone_at);
            return if now < gone_at { Ok(()) } else { Err(End::Close(CloseCode::Silent)) };
        }
        let ask_at = self.heard_at + PING_AFTER;
        if now < ask_at {
            self.alarm.as_mut().reset(ask_at);
            return Ok(());
        }
        self.pinged_at = Some(now);
        self.alarm.as_mut().reset(now + PING_AFTER);
        self.transport.send(Outgoing::Ping).await
    }

    /// Counts a message; whether it may be read.
    async fn spend(&mut self) -> Result<bool, End> {
        match self.pass.spend() {
            Spent::Taken => Ok(true),
            Spent::Refused { tell } => {
                self.metrics.rate_limited();
                if let (true, Some(words)) = (tell, &self.words) {
                    let body = words(CloseCode::RateLimited.reason(), TOO_MANY);
                    // Seldom, and so it is no part of what each connection holds.
                    Box::pin(self.send(body)).await?;
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
        self.count(1, body.len());
        tokio::select! {
            biased;
            sent = self.transport.send(Outgoing::Message(body)) => sent,
            () = &mut self.over => Err(End::Close(CloseCode::Unauthorised)),
        }
    }

    /// Sends what belongs together in one go.
    ///
    /// # Errors
    /// The client took nothing for too long, or is gone.
    pub async fn send_all(&mut self, bodies: Vec<Body>) -> Result<(), End> {
        self.count(bodies.len(), bodies.iter().map(Body::len).sum());
        tokio::select! {
            biased;
            sent = self.transport.send_all(bodies) => sent,
            () = &mut self.over => Err(End::Close(CloseCode::Unauthorised)),
        }
    }

    /// Says why and ends. `last` goes out before the close frame, if the client still takes it.
    pub async fn close(mut self, end: End, last: Option<Body>) {
        farewell(&mut self.transport, end, last).await;
        self.metrics.closed(end.reason());
        if let Some(connection) = &self.connection {
            connection.ends(end.reason());
        }
    }

    fn count(&self, messages: usize, bytes: usize) {
        let (messages, bytes) = (messages as u64, bytes as u64);
        self.endpoint.messages.increment(messages);
        self.endpoint.bytes.increment(bytes);
        if let Some(connection) = &self.connection {
            connection.sent(messages, bytes);
        }
    }
}

/// Says why and waits for the other side to end too, for a while.
pub async fn farewell<T: Transport>(transport: &mut T, end: End, last: Option<Body>) {
    let Some((code, reason)) = end.frame() else { return };
    let saying = async {
        if let Some(body) = last {
            transport.send(Outgoing::Message(body)).await?;
        }
        transport.send(Outgoing::Close(code, reason)).await?;
        while !matches!(transport.receive().await, Incoming::End(_)) {}
        Ok::<(), End>(())
    };
    // Whoever does not answer in time is cut off.
    let patience = if end == End::Close(CloseCode::Slow) { LAST_CHANCE } else { FAREWELL };
    drop(timeout(patience, saying).await);
}

/// Waits for the end of a session, once.
fn over(pass: &Pass) -> Over {
    let session = pass.session().clone();
    Box::pin(async move { session.over().await }.fuse())
}

impl<T> Drop for Link<T> {
    fn drop(&mut self) {
        self.endpoint.open.decrement(1.0);
        if self.connection.as_ref().is_some_and(|connection| connection.guest().endpoint != "sse") {
            self.metrics.websocket_closed();
        }
    }
}
