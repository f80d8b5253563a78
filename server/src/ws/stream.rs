//! `/stream/ws`: protocol inflight.v1 in both forms.

use crate::history::History;
use crate::hub::form::Form;
use crate::hub::interest::Interest;
use crate::hub::pulse::Body;
use crate::hub::variant::Variant;
use crate::hub::{ControlError, HubHandle, Origin};
use crate::ws::close::End;
use crate::ws::comeback;
use crate::ws::feed::{Feed, Wish};
use crate::ws::link::{Link, Words};
use crate::ws::rooms::{Rooms, Sign};
use crate::ws::topics;
use crate::ws::transport::Transport;
use crate::ws::turn::Turn;
use core::time::Duration;
use inflight_domain::Icao24;
use inflight_engine::Topics;
use inflight_engine::tiles::Tiles;
use inflight_wire::codec::CodecError;
use inflight_wire::frame::{ErrorBody, Header, Hello};
use inflight_wire::limits::MESSAGE_BYTES;
use inflight_wire::{ClientFrame, CloseCode, Format, ReplayCommand, Subscribe, schema};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// One connection.
pub struct Stream<T> {
    link: Link<T>,
    hub: HubHandle,
    history: History,
    form: Form,
    feed: Option<(Topics, Feed)>,
    /// The topics that it was asked for, by name.
    asked: Vec<String>,
    /// Trails that are being read from the disk.
    trails: JoinSet<Header>,
    rooms: Rooms,
}

/// What is wrong with a box.
pub const BOX: &str =
    "box: expected south, west, north, east in degrees, south of north, with flights among the topics";

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
        let rooms = Rooms::new(&hub);
        let (asked, trails) = (Vec::new(), JoinSet::new());
        Self { link, hub, history, form, feed: None, asked, trails, rooms }
    }

    /// Serves the client until one of the two ends it, or `stop` is called. What happens seldom is on the heap while it
    /// happens: a future holds a place for each of its states, and thousands of them mostly wait.
    pub async fn run(mut self: Box<Self>, stop: CancellationToken) {
        let parting = match self.talk(&stop).await {
            Ok(()) => shutdown(),
            Err(parting) => parting,
        };
        // The hub may have ended, and everybody with it.
        let _ = Box::pin(self.rooms.be_in(Vec::new(), Sign::of(&self.link))).await;
        let last = parting.last.map(|header| self.body(&header));
        Box::pin(self.link.close(parting.end, last)).await;
    }

    async fn talk(&mut self, stop: &CancellationToken) -> Result<(), Parting> {
        let hello = Hello {
            protocol: "inflight.v1".to_owned(),
            schema: schema::schema_hash(),
            epoch: self.hub.status().epoch,
            tick_ms: self.hub.tick_ms,
            message_bytes: MESSAGE_BYTES,
            topics: topics::all(),
        };
        Box::pin(self.say(&Header::Hello(hello))).await?;
        let mut turn = Turn::default();
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
                // First, so that each wake looks for messages once: behind it, before the task sleeps.
                news = news, if turn.is_for_news() => if let Some((_, feed)) = &mut self.feed {
                    turn.begin();
                    feed.deliver(news, &mut self.link).await?;
                    turn.end();
                },
                message = self.link.receive() => {
                    let (message, span) = (message?, self.link.span());
                    match message {
                        Some(message) => Box::pin(self.take(message).instrument(span)).await?,
                        None => Box::pin(self.known_anew()).await?,
                    }
                }
                () = self.rooms.due() => self.stay().await?,
                Some(Ok(trail)) = self.trails.join_next() => Box::pin(self.say(&trail)).await?,
                () = turn.rest() => {}
            }
        }
    }

    async fn take(&mut self, message: Body) -> Result<(), Parting> {
        let message = read(self.form.format(), &message);
        self.link.took(message.as_ref().map_or("unreadable", kind_of));
        match message {
            Ok(ClientFrame::Subscribe(wish)) => self.subscribe(wish).await,
            Ok(ClientFrame::Look { area }) => {
                self.link.refund();
                let looks = |(_, feed): &mut (Topics, Feed)| Tiles::is_box(&area) && feed.look_at(&area);
                if self.feed.as_mut().is_some_and(looks) {
                    return Ok(());
                }
                self.say(&refusal(None, "bad_value", BOX.to_owned())).await
            }
            Ok(ClientFrame::Ping { id }) => self.say(&Header::Pong { id }).await,
            Ok(ClientFrame::Replay { id, .. }) if !self.link.pass().principal().may_move => {
                let problem = "you may not move the recording that all see".to_owned();
                self.say(&refusal(Some(id), "not_allowed", problem)).await
            }
            Ok(ClientFrame::Replay { id, command }) => {
                let moved = self.hub.control(command).await.map_err(End::from)?;
                let result = moved.as_ref().map_or_else(control_code, |()| "done");
                self.link.note("command", format!("replay {}", action_of(command)), result);
                let answer = match moved {
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
        let is_packed = self.form.format() == Format::Msgpack;
        if let Some(theirs) =
            wish.schema.as_deref().filter(|theirs| is_packed && !schema::is_readable(theirs))
        {
            let message = format!(
                "schema: rows are packed as of {}, which {theirs:?} cannot read: load a newer client, or offer \
                 inflight.v1.json, whose rows have names",
                schema::schema_hash()
            );
            return self.say(&refusal(None, "outdated_schema", message)).await;
        }
        let principal = &self.link.pass().session().principal;
        if let Some(name) = wish.topics.iter().find(|name| !principal.may_subscribe(name)) {
            let message = format!("topics: you may not read {name:?}");
            return self.say(&refusal(None, "not_allowed", message)).await;
        }
        let mut interest = interest.seen_by(topics::may_see(self.link.pass().rights()));
        let pace = wish.max_hz.map(pace_of);
        if pace == Some(None) {
            let message = "max_hz: expected a number from 0.01 to 100".to_owned();
            return self.say(&refusal(None, "bad_value", message)).await;
        }
        // With a box the aircraft are not the same for all.
        let mut shared = topics;
        if let Some(area) = wish.area {
            if !topics.flights || !Tiles::is_box(&area) {
                return self.say(&refusal(None, "bad_value", BOX.to_owned())).await;
            }
            shared.flights = false;
            interest.area = Some(Tiles::around(&area));
        }
        let before = self.feed.take();
        let again = |(held, feed): &(Topics, Feed)| topics == *held && feed.is_disproved();
        if wish.resume.is_none() && before.as_ref().is_some_and(again) {
            self.link.mismatched();
        }
        let widened = before.is_some_and(|(held, feed)| widens(&feed, held, topics, &interest));
        let origin = match wish.resume.filter(|_| !widened) {
            None => Origin::Nowhere,
            Some(from) if interest.area.is_some() => Origin::Entries(from),
            Some(from) => Origin::Back(from),
        };
        let rooms = interest.rooms().cloned().collect();
        let wanted = Wish { variant: Variant::Stream(self.form, shared), interest, pace: pace.flatten() };
        self.rooms.be_in(rooms, Sign::of(&self.link)).await.map_err(End::from)?;
        let feed = Feed::start(&self.hub, wanted, origin, &mut self.link).await?;
        self.feed = Some((topics, feed));
        self.asked.clone_from(&wish.topics);
        self.link.subscribed(wish.topics);
        Ok(())
    }

    async fn stay(&mut self) -> Result<(), End> {
        Ok(Box::pin(self.rooms.stay(Sign::of(&self.link))).await?)
    }

    /// The client said anew who it is: it is in its rooms under that name, and what it may no longer read it loses.
    async fn known_anew(&mut self) -> Result<(), Parting> {
        let principal = self.link.pass().principal();
        let Some(name) = self.asked.iter().find(|name| !principal.may_subscribe(name)) else {
            return Ok(self.rooms.stay(Sign::of(&self.link)).await.map_err(End::from)?);
        };
        let message = format!("topics: you may not read {name:?}; nothing is sent until you subscribe again");
        self.feed = None;
        self.asked.clear();
        self.link.subscribed(Vec::new());
        self.rooms.be_in(Vec::new(), Sign::of(&self.link)).await.map_err(End::from)?;
        self.say(&refusal(None, "not_allowed", message)).await
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
    let retry_ms = comeback::retry_ms();
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

/// Whether a subscription asks for what the one before it did not hold: that is only in a snapshot.
fn widens(feed: &Feed, before: Topics, topics: Topics, interest: &Interest) -> bool {
    let held = feed.interest();
    (topics.flights && (!before.flights || held.area.is_some()))
        || (topics.system && !before.system)
        || (topics.disruptions && !before.disruptions)
        || (interest.presence && !held.presence)
        || !interest.topics().is_subset(held.topics())
}

/// The least time between ticks; none (inside) for a rate that is out of range.
#[must_use]
pub fn pace_of(max_hz: f64) -> Option<Duration> {
    (0.01..=100.0).contains(&max_hz).then(|| Duration::from_secs_f64(1.0 / max_hz))
}

fn refusal(id: Option<u64>, code: &str, message: String) -> Header {
    Header::Error(ErrorBody { code: code.to_owned(), message, id })
}

/// What is done to a recording, in one word.
fn action_of(command: ReplayCommand) -> &'static str {
    match command {
        ReplayCommand::Play {} => "play",
        ReplayCommand::Pause {} => "pause",
        ReplayCommand::Speed { .. } => "speed",
        ReplayCommand::Seek { .. } => "seek",
        ReplayCommand::Loop { .. } => "loop",
        ReplayCommand::Step { .. } => "step",
    }
}

/// The word under which a message is counted.
fn kind_of(frame: &ClientFrame) -> &'static str {
    match frame {
        ClientFrame::Subscribe(_) => "subscribe",
        ClientFrame::Look { .. } => "look",
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
