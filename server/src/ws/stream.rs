//! `/stream/ws`: protocol inflight.v1 in both forms.

use crate::history::History;
use crate::hub::form::Form;
use crate::hub::pulse::Body;
use crate::hub::variant::Variant;
use crate::hub::{ControlError, HubHandle};
use crate::ws::close::End;
use crate::ws::feed::Feed;
use crate::ws::link::{Link, Words};
use crate::ws::topics;
use crate::ws::transport::Transport;
use inflight_domain::Icao24;
use inflight_engine::Topics;
use inflight_wire::codec::CodecError;
use inflight_wire::frame::{ErrorBody, Header, Hello};
use inflight_wire::limits::MESSAGE_BYTES;
use inflight_wire::{ClientFrame, CloseCode, EVENT_TOPICS, Format, Subscribe, TOPICS, schema};
use std::sync::Arc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// One connection.
pub struct Stream<T> {
    link: Link<T>,
    hub: HubHandle,
    history: History,
    form: Form,
    feed: Option<(Topics, Feed)>,
    /// Trails that are being read from the disk.
    trails: JoinSet<Header>,
}

/// Trails that a connection may wait for at once.
const TRAILS: usize = 4;

/// How a connection is asked to end, with a last word to the client.
struct Parting {
    end: End,
    last: Option<Header>,
}

impl<T: Transport> Stream<T> {
    /// A connection that speaks in this form.
    pub fn new(link: Link<T>, hub: HubHandle, history: History, form: Form) -> Self {
        Self { link, hub, history, form, feed: None, trails: JoinSet::new() }
    }

    /// Serves the client until one of the two ends it, or `stop` is called.
    pub async fn run(mut self, stop: CancellationToken) {
        let parting = match self.talk(&stop).await {
            Ok(()) => shutdown(),
            Err(parting) => parting,
        };
        let last = parting.last.map(|header| self.body(&header));
        self.link.close(parting.end, last).await;
    }

    async fn talk(&mut self, stop: &CancellationToken) -> Result<(), Parting> {
        let hello = Hello {
            protocol: "inflight.v1".to_owned(),
            schema: schema::schema_hash(),
            epoch: self.hub.status().epoch,
            tick_ms: self.hub.tick_ms,
            message_bytes: MESSAGE_BYTES,
            topics: TOPICS.into_iter().chain(EVENT_TOPICS).map(str::to_owned).collect(),
        };
        self.say(&Header::Hello(hello)).await?;
        loop {
            let news = async {
                match &mut self.feed {
                    Some((_, feed)) => feed.news().await,
                    None => core::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                message = self.link.receive() => self.take(message?).await?,
                Some(Ok(trail)) = self.trails.join_next() => self.say(&trail).await?,
                news = news => if let Some((_, feed)) = &mut self.feed {
                    feed.deliver(news, &mut self.link).await?;
                },
            }
        }
    }

    async fn take(&mut self, message: Body) -> Result<(), Parting> {
        let message = read(self.form.format(), &message);
        self.link.took(message.as_ref().map_or("unreadable", kind_of));
        match message {
            Ok(ClientFrame::Subscribe(wish)) => self.subscribe(wish).await,
            Ok(ClientFrame::Ping { id }) => self.say(&Header::Pong { id }).await,
            Ok(ClientFrame::Replay { id, .. }) if !self.link.pass().principal().may_move => {
                let problem = "you may not move the recording that all see".to_owned();
                self.say(&refusal(Some(id), "not_allowed", problem)).await
            }
            Ok(ClientFrame::Replay { id, command }) => {
                let answer = match self.hub.control(command).await.map_err(End::from)? {
                    Ok(()) => Header::Done { id },
                    Err(error) => refusal(Some(id), control_code(&error), error.to_string()),
                };
                self.say(&answer).await
            }
            Ok(ClientFrame::Trail { id, icao24 }) => {
                let Some(address) = Icao24::parse(&icao24) else {
                    let problem = format!("icao24: expected six hex digits, got {icao24:?}");
                    return self.say(&refusal(Some(id), "bad_value", problem)).await;
                };
                if self.trails.len() >= TRAILS {
                    let problem = format!("{TRAILS} trails are being read for this connection already");
                    return self.say(&refusal(Some(id), "busy", problem)).await;
                }
                let history = self.history.clone();
                self.trails
                    .spawn(async move { Header::Trail { id, icao24, points: history.trail(address).await } });
                Ok(())
            }
            Err(problem) => Err(Parting {
                end: End::Close(CloseCode::BadMessage),
                last: Some(refusal(None, CloseCode::BadMessage.reason(), problem)),
            }),
        }
    }

    async fn subscribe(&mut self, wish: Subscribe) -> Result<(), Parting> {
        let (topics, interest) = match topics::parse(&wish.topics) {
            Ok(wanted) => wanted,
            Err(name) => return self.say(&refusal(None, "unknown_topic", topics::expected(name))).await,
        };
        if topics == Topics::default() && interest.is_empty() {
            let message = format!("topics: expected at least one of {}", topics::NAMES);
            return self.say(&refusal(None, "no_topics", message)).await;
        }
        let principal = &self.link.pass().session().principal;
        if let Some(name) = wish.topics.iter().find(|name| !principal.may_subscribe(name)) {
            let message = format!("topics: you may not read {name:?}");
            return self.say(&refusal(None, "not_allowed", message)).await;
        }
        let interest = interest.seen_by(topics::may_see(Arc::clone(self.link.pass().session())));
        // What a topic held before this connection asked for it is only in a snapshot.
        let mut again = false;
        let widened = self.feed.take().is_some_and(|(before, feed)| {
            again = topics == before && feed.is_disproved();
            (topics.flights && !before.flights)
                || (topics.system && !before.system)
                || (topics.disruptions && !before.disruptions)
                || !interest.topics().is_subset(feed.interest().topics())
        });
        if again && wish.resume.is_none() {
            self.link.mismatched();
        }
        let from = wish.resume.filter(|_| !widened);
        let wanted = (Variant::Stream(self.form, topics), interest);
        let feed = Feed::start(&self.hub, wanted, from, &mut self.link).await?;
        self.feed = Some((topics, feed));
        self.link.subscribed(wish.topics);
        Ok(())
    }

    async fn say(&mut self, header: &Header) -> Result<(), Parting> {
        let body = self.body(header);
        Ok(self.link.send(body).await?)
    }

    fn body(&self, header: &Header) -> Body {
        Body::new(self.form, self.form.format().assemble(header, &[]))
    }
}

impl From<End> for Parting {
    fn from(end: End) -> Self {
        Self { end, last: None }
    }
}

/// Clients come back spread over some seconds, so that the next process is not met by all at once.
fn shutdown() -> Parting {
    let retry_ms = 500 + fastrand::u64(0..3000);
    let end = CloseCode::GoingAway;
    let last = Header::Bye { reason: end.reason().to_owned(), retry_ms };
    Parting { end: End::Close(end), last: Some(last) }
}

fn read(format: Format, message: &Body) -> Result<ClientFrame, String> {
    let bytes = match (format, message) {
        (Format::Json, Body::Text(text)) => text.as_bytes(),
        (Format::Msgpack, Body::Binary(bytes)) => bytes,
        (Format::Json, Body::Binary(_)) => return Err("expected a text message, got a binary one".to_owned()),
        (Format::Msgpack, Body::Text(_)) => {
            return Err("expected a binary message, got a text one".to_owned());
        }
    };
    format.decode_client(bytes).map_err(|error: CodecError| error.to_string())
}

/// How errors are said in this form.
#[must_use]
pub fn words(form: Form) -> Words {
    Box::new(move |code, message| {
        let header = refusal(None, code, message.to_owned());
        Body::new(form, form.format().assemble(&header, &[]))
    })
}

fn refusal(id: Option<u64>, code: &str, message: String) -> Header {
    Header::Error(ErrorBody { code: code.to_owned(), message, id })
}

/// The word under which a message is counted.
fn kind_of(frame: &ClientFrame) -> &'static str {
    match frame {
        ClientFrame::Subscribe(_) => "subscribe",
        ClientFrame::Ping { .. } => "ping",
        ClientFrame::Replay { .. } => "replay",
        ClientFrame::Trail { .. } => "trail",
    }
}

fn control_code(error: &ControlError) -> &'static str {
    match error {
        ControlError::NotControllable => "not_controllable",
        ControlError::BadValue(_) => "bad_value",
    }
}
