//! `/stream/ws` without a subprotocol: the JSON texts of specifications 001, 002 and 004.

pub mod gateway;
pub mod message;
pub mod problem;

use crate::clock;
use crate::hub::HubHandle;
use crate::hub::pulse::Body;
use crate::ws::close::End;
use crate::ws::link::{Link, Refusal};
use crate::ws::plain::gateway::Call;
use crate::ws::plain::message::{EventType, Message};
use crate::ws::plain::problem::{Problem, Sort, Tongue, text, timestamp};
use crate::ws::transport::Transport;
use core::time::Duration;
use inflight_wire::CloseCode;
use inflight_wire::limits::HEARTBEAT_MS;
use serde_json::json;
use std::collections::BTreeSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// One connection.
pub struct Plain<T> {
    link: Link<T>,
    wanted: BTreeSet<EventType>,
    spoke_at: Instant,
}

impl<T: Transport> Plain<T> {
    /// A connection that has asked for nothing.
    pub fn new(link: Link<T>, _hub: HubHandle) -> Self {
        Self { link, wanted: BTreeSet::new(), spoke_at: Instant::now() }
    }

    /// Serves the client until one of the two ends it, or `stop` is called.
    pub async fn run(mut self, stop: CancellationToken) {
        let end = match self.talk(&stop).await {
            Ok(()) => End::Close(CloseCode::GoingAway),
            Err(end) => end,
        };
        self.link.close(end, None).await;
    }

    async fn talk(&mut self, stop: &CancellationToken) -> Result<(), End> {
        loop {
            let quiet_until = self.spoke_at + Duration::from_millis(HEARTBEAT_MS);
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                message = self.link.receive() => self.take(message?).await?,
                () = sleep_until(quiet_until) => {
                    self.say(json!({"type": "ping", "timestamp": timestamp(clock::now())})).await?;
                }
            }
        }
    }

    async fn take(&mut self, message: Body) -> Result<(), End> {
        let (tongue, message) = match &message {
            Body::Text(text) => message::read(text),
            Body::Binary(_) => {
                let problem = Problem::new(Sort::Message, "expected a text message, got a binary one");
                (Tongue::unknown(), Err(problem.with("code", "not_text")))
            }
        };
        match message {
            Ok(Message::Subscribe(kinds)) => {
                self.wanted.extend(kinds);
                self.list("subscribed").await
            }
            Ok(Message::Unsubscribe(kinds)) => {
                self.wanted.retain(|kind| !kinds.contains(kind));
                self.list("unsubscribed").await
            }
            Ok(Message::Ping(id)) => {
                let mut pong = json!({"type": "pong", "timestamp": timestamp(clock::now())});
                if let Some(id) = id {
                    pong["id"] = id;
                }
                self.say(pong).await
            }
            Ok(Message::Pong) => Ok(()),
            Ok(Message::Gateway(Call { handler, room })) => {
                let problem = Problem::not_available(handler.missing).with("room", room);
                self.refuse(problem, &tongue).await
            }
            Err(problem) => self.refuse(problem, &tongue).await,
        }
    }

    /// Confirms a change with all that is wanted now.
    async fn list(&mut self, done: &str) -> Result<(), End> {
        let names: Vec<&str> = self.wanted.iter().map(|kind| kind.name()).collect();
        self.say(json!({"type": done, "subscriptions": names, "timestamp": timestamp(clock::now())})).await
    }

    async fn refuse(&mut self, problem: Problem, tongue: &Tongue) -> Result<(), End> {
        self.spoke_at = Instant::now();
        self.link.send(problem.body(tongue)).await
    }

    async fn say(&mut self, message: serde_json::Value) -> Result<(), End> {
        self.spoke_at = Instant::now();
        self.link.send(text(&message)).await
    }
}

/// What a client is told that sends too much.
#[must_use]
pub fn too_many() -> Refusal {
    Box::new(|| {
        let message = "more messages than you may send in a minute; this one was dropped, go on later";
        Problem::new(Sort::RateLimit, message).with("code", "rate_limited").body(&Tongue::unknown())
    })
}
