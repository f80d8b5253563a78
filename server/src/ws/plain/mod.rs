//! `/stream/ws` without a subprotocol: the JSON texts of specifications 001, 002 and 004. Also the events of
//! specification 002 on `/stream/sse`, where they come as the plain messages of an EventSource.

pub mod gateway;
pub mod message;
pub mod problem;
pub mod talk;
pub mod told;

use crate::agents::service::Agents;
use crate::clock;
use crate::hub::HubHandle;
use crate::hub::events::{EventFeed, EventNews};
use crate::hub::interest::Interest;
use crate::hub::pulse::Body;
use crate::ws::close::End;
use crate::ws::comeback::retry_ms;
use crate::ws::link::{Link, Words};
use crate::ws::plain::gateway::Call;
use crate::ws::plain::message::{EventType, Message};
use crate::ws::plain::problem::{Problem, Sort, Tongue, timestamp};
use crate::ws::plain::talk::Answers;
use crate::ws::rooms::{Rooms, Sign};
use crate::ws::topics;
use crate::ws::transport::Transport;
use core::time::Duration;
use inflight_domain::TopicName;
use inflight_wire::limits::HEARTBEAT_MS;
use inflight_wire::{CloseCode, Resume};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// One connection.
pub struct Plain<T> {
    link: Link<T>,
    hub: HubHandle,
    dress: Dress,
    wanted: BTreeSet<EventType>,
    rooms: Rooms,
    from: Option<Resume>,
    feed: Option<EventFeed>,
    agents: Option<Agents>,
    /// What agents answer by and by, once they were asked something.
    answers: Option<(Answers, Receiver<Value>)>,
    spoke_at: Instant,
}

/// What stands around a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dress {
    /// Nothing: a WebSocket carries it as it is.
    Bare,
    /// The lines of Server-Sent Events: the place of entries, and names for what is none.
    Lines,
}

/// Answers of agents that may wait for one connection.
const ANSWERS: usize = 16;

/// Rooms that one connection may be in.
const ROOMS: usize = 200;

impl<T: Transport> Plain<T> {
    /// A connection that has asked for nothing.
    pub fn new(link: Link<T>, hub: HubHandle, dress: Dress) -> Self {
        let (wanted, rooms) = (BTreeSet::new(), Rooms::new(&hub));
        let (from, feed, agents, answers, spoke_at) = (None, None, None, None, Instant::now());
        Self { link, hub, dress, wanted, rooms, from, feed, agents, answers, spoke_at }
    }

    /// Takes what is said to these agents.
    #[must_use]
    pub fn speaking_to(self, agents: Option<Agents>) -> Self {
        Self { agents, ..self }
    }

    /// Asks for these events from the start, and for what came since a place.
    #[must_use]
    pub fn following(mut self, wanted: impl IntoIterator<Item = EventType>, from: Option<Resume>) -> Self {
        self.wanted.extend(wanted);
        self.from = from;
        self
    }

    /// Serves the client until one of the two ends it, or `stop` is called.
    pub async fn run(mut self: Box<Self>, stop: CancellationToken) {
        let (end, last) = match self.talk(&stop).await {
            Ok(()) => (End::Close(CloseCode::GoingAway), Some(self.bye())),
            Err(end) => (end, None),
        };
        // The hub may have ended, and everybody with it.
        let _ = Box::pin(self.rooms.be_in(Vec::new(), Sign::of(&self.link))).await;
        Box::pin(self.link.close(end, last)).await;
    }

    async fn talk(&mut self, stop: &CancellationToken) -> Result<(), End> {
        if !self.wanted.is_empty() {
            let is_new = self.from.is_none();
            Box::pin(self.follow()).await?;
            let place = self.feed.as_ref().filter(|_| is_new).map(EventFeed::position);
            let id = place.map(|place| format!("id: {}:{}\n", place.epoch.0, place.cut.0));
            let list = self.dressed("subscribed", &self.list("subscribed"));
            self.send(id.unwrap_or_default() + &list).await?;
        }
        loop {
            let quiet_until = self.spoke_at + Duration::from_millis(HEARTBEAT_MS);
            let news = async {
                match &mut self.feed {
                    Some(feed) => feed.next().await,
                    None => core::future::pending().await,
                }
            };
            let answer = async {
                match &mut self.answers {
                    Some((_, answers)) => answers.recv().await,
                    None => core::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                message = self.link.receive() => {
                    let (message, span) = (message?, self.link.span());
                    match message {
                        Some(message) => Box::pin(self.take(message).instrument(span)).await?,
                        None => Box::pin(self.known_anew()).await?,
                    }
                }
                () = self.rooms.due() => Box::pin(self.rooms.stay(Sign::of(&self.link))).await?,
                news = news => self.tell(news?).await?,
                Some(answer) = answer => {
                    let name = answer["type"].as_str().unwrap_or_default().to_owned();
                    self.say(&name, answer).await?;
                }
                () = sleep_until(quiet_until) => {
                    self.say("ping", json!({"type": "ping", "timestamp": timestamp(clock::now())})).await?;
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
        self.link.took(message.as_ref().map_or("unreadable", Message::name));
        let done = match message {
            Ok(Message::Subscribe(kinds)) => self.subscribe(kinds).await?,
            Ok(Message::Unsubscribe(kinds)) => {
                self.wanted.retain(|kind| !kinds.contains(kind));
                self.follow().await?;
                self.say("unsubscribed", self.list("unsubscribed")).await?;
                Ok(())
            }
            Ok(Message::Ping(id)) => {
                let mut pong = json!({"type": "pong", "timestamp": timestamp(clock::now())});
                if let Some(id) = id {
                    pong["id"] = id;
                }
                self.say("pong", pong).await?;
                Ok(())
            }
            Ok(Message::Pong) => Ok(()),
            Ok(Message::Gateway(call)) => self.call(call).await?,
            Ok(Message::User(message)) => {
                let (answers, _) = self.answers.get_or_insert_with(|| Answers::waiting(ANSWERS));
                let who = self.link.pass().principal();
                let taken = talk::hand_over(self.agents.as_ref(), who, *message, &tongue, answers).await;
                match taken {
                    Ok(accepted) => Ok(self.say("accepted", accepted).await?),
                    Err(problem) => Err(problem),
                }
            }
            Err(problem) => Err(problem),
        };
        match done {
            Ok(()) => Ok(()),
            Err(problem) => {
                self.spoke_at = Instant::now();
                self.link.refused(problem.sort.name());
                self.link.send(problem.body(&tongue)).await
            }
        }
    }

    async fn subscribe(&mut self, kinds: Vec<EventType>) -> Result<Result<(), Problem>, End> {
        let topics = kinds.iter().filter_map(|kind| TopicName::of(kind.topic()));
        if let Some(topic) = topics.into_iter().find(|topic| !self.may_read(topic)) {
            return Ok(Err(not_allowed(&topic)));
        }
        self.wanted.extend(kinds);
        self.follow().await?;
        self.say("subscribed", self.list("subscribed")).await?;
        Ok(Ok(()))
    }

    /// The client said anew who it is: it is in its rooms under that name, and what it may no longer read it loses.
    async fn known_anew(&mut self) -> Result<(), End> {
        let principal = self.link.pass().principal();
        let may = |topic: &TopicName| principal.may_subscribe(topic.as_str());
        let topics = self.wanted.iter().filter_map(|kind| TopicName::of(kind.topic()));
        let lost = topics.chain(self.rooms.joined().iter().cloned()).find(|topic| !may(topic));
        let Some(lost) = lost else { return Ok(self.rooms.stay(Sign::of(&self.link)).await?) };
        let rooms = self.rooms.joined().iter().filter(|room| may(room)).cloned().collect();
        let kept =
            self.wanted.iter().filter(|kind| TopicName::of(kind.topic()).is_some_and(|topic| may(&topic)));
        self.wanted = kept.copied().collect();
        self.rooms.be_in(rooms, Sign::of(&self.link)).await?;
        self.follow().await?;
        self.spoke_at = Instant::now();
        self.link.send(not_allowed(&lost).body(&Tongue::unknown())).await
    }

    /// Joins the room; where somebody is to answer, that comes with the desk that knows it.
    async fn call(&mut self, Call { handler, room }: Call) -> Result<Result<(), Problem>, End> {
        if !self.may_read(&room) {
            return Ok(Err(not_allowed(&room)));
        }
        let joins = handler.joins && !self.rooms.joined().contains(&room);
        if joins && self.rooms.joined().len() >= ROOMS {
            let problem = Problem::new(Sort::Processing, format!("{ROOMS} rooms at most, this is one more"));
            return Ok(Err(problem.with("code", "too_many_rooms").with("room", room.as_str())));
        }
        if joins {
            let rooms = self.rooms.joined().iter().cloned().chain([room.clone()]).collect();
            self.rooms.be_in(rooms, Sign::of(&self.link)).await?;
            self.follow().await?;
        }
        if let Some(missing) = handler.missing {
            let problem = Problem::not_available(missing).with("room", room.as_str());
            return Ok(Err(problem.with("joined", handler.joins)));
        }
        let timestamp = timestamp(clock::now());
        self.say(
            "joined",
            json!({"event": "joined", "data": {"room": room.as_str()}, "timestamp": timestamp}),
        )
        .await?;
        Ok(Ok(()))
    }

    /// Follows what is wanted now, from where this client is.
    async fn follow(&mut self) -> Result<(), End> {
        let from = self.feed.as_ref().map(EventFeed::position).or(self.from.take());
        let kinds = self.wanted.iter().filter_map(|kind| TopicName::of(kind.topic()));
        let interest = Interest::of(kinds.chain(self.rooms.joined().iter().cloned()));
        self.link.subscribed(interest.topics().iter().map(ToString::to_string).collect());
        let may_see = topics::may_see(self.link.pass().rights());
        self.feed = Some(self.hub.events(interest.seen_by(may_see), from).await?);
        Ok(())
    }

    async fn tell(&mut self, news: EventNews) -> Result<(), End> {
        if news.lost > 0 {
            let message = format!("entries up to {} are no longer at hand: some may be missing", news.lost);
            let lost = json!({"type": "lost", "offset": news.lost, "message": message, "timestamp": timestamp(clock::now())});
            self.say("lost", lost).await?;
        }
        let count = news.entries.len();
        for (place, shown) in news.entries.iter().enumerate() {
            let message = told::message(shown.entry());
            let Resume { epoch, cut } = news.position;
            // A client that is broken off between entries of one position must get all of them again.
            let is_last = place + 1 == count;
            let text = match self.dress {
                Dress::Lines if is_last => format!("id: {}:{}\n{message}", epoch.0, cut.0),
                Dress::Lines | Dress::Bare => message,
            };
            self.send(text).await?;
        }
        self.link.reached(news.position.cut);
        Ok(())
    }

    /// Confirms a change with all that is wanted now.
    fn list(&self, done: &str) -> Value {
        let names: Vec<&str> = self.wanted.iter().map(|kind| kind.name()).collect();
        json!({"type": done, "subscriptions": names, "timestamp": timestamp(clock::now())})
    }

    async fn say(&mut self, name: &str, message: Value) -> Result<(), End> {
        let text = self.dressed(name, &message);
        self.send(text).await
    }

    async fn send(&mut self, text: String) -> Result<(), End> {
        self.spoke_at = Instant::now();
        self.link.send(Body::Text(text.into())).await
    }

    /// What is no event of the specification has a name in Server-Sent Events, so that `onmessage` does not hear it.
    fn dressed(&self, name: &str, message: &Value) -> String {
        match (self.dress, name) {
            (Dress::Bare, _) => message.to_string(),
            (Dress::Lines, "subscribed") => format!("retry: {}\nevent: {name}\n{message}", retry_ms()),
            (Dress::Lines, "bye") => format!("retry: {}\nevent: {name}\n{message}", message["retry_ms"]),
            (Dress::Lines, _) => format!("event: {name}\n{message}"),
        }
    }

    fn bye(&self) -> Body {
        let reason = CloseCode::GoingAway.reason();
        let bye = json!({"type": "bye", "reason": reason, "retry_ms": retry_ms(), "timestamp": timestamp(clock::now())});
        Body::Text(self.dressed("bye", &bye).into())
    }

    fn may_read(&self, topic: &TopicName) -> bool {
        self.link.pass().principal().may_subscribe(topic.as_str())
    }
}

/// How errors are said that come before any message is read.
#[must_use]
pub fn words() -> Words {
    Box::new(|code, message| {
        let sort = if code == CloseCode::Unauthorised.reason() { Sort::Access } else { Sort::RateLimit };
        Problem::new(sort, message).with("code", code).body(&Tongue::unknown())
    })
}

fn not_allowed(topic: &TopicName) -> Problem {
    let problem = Problem::new(Sort::Access, format!("you may not read {topic}"));
    problem.with("code", "not_allowed").with("topic", topic.as_str())
}
