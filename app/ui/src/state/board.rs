//! The board: everything that came over the link, and what the link has to say in return. No clock, no DOM.

use crate::state::badge::{Badge, LinkStatus};
use crate::state::stream_time::StreamTime;
use crate::state::trail::Trails;
use inflight_domain::{SourceRow, SystemRow, UnixMillis};
use inflight_wire::mirror::Applied;
use inflight_wire::{ClientFrame, Header, Mirror, Resume, ServerFrame, TOPICS};

/// Least time between two requests for a fresh start, in milliseconds; a server in trouble is not hammered.
const RESUBSCRIBE_MS: f64 = 2000.0;

/// Tables, clock, trails and link state of one page.
#[derive(Debug)]
pub struct Board {
    /// The tables.
    pub mirror: Mirror,
    /// The clock of what is shown.
    pub time: StreamTime,
    /// Where aircraft have been.
    pub trails: Trails,
    /// How the link is.
    pub link: LinkStatus,
    /// Whether a whole table has arrived once.
    pub has_data: bool,
    /// The server's rows have another shape than this page knows.
    pub outdated: bool,
    /// Frames that did not fit; each led to a fresh start.
    pub defects: u32,
    /// The last refusal of a request, until it is shown.
    pub refusal: Option<String>,
    recorded_revision: u64,
    resubscribed_ms: f64,
    request_id: u64,
}

/// What a frame asks of the caller.
#[derive(Debug, Default)]
pub struct Reaction {
    /// To be sent.
    pub send: Option<ClientFrame>,
    /// What is shown has changed.
    pub changed: bool,
    /// The server closes soon and asks to come back after this many milliseconds.
    pub bye_retry_ms: Option<u64>,
}

impl Board {
    /// A board without data whose clock runs, or stands at one moment for a still picture.
    #[must_use]
    pub fn new(time: StreamTime) -> Self {
        Self {
            mirror: Mirror::new(inflight_sky::motion::advance),
            time,
            trails: Trails::default(),
            link: LinkStatus::Connecting,
            has_data: false,
            outdated: false,
            defects: 0,
            refusal: None,
            recorded_revision: 0,
            resubscribed_ms: f64::MIN,
            request_id: 0,
        }
    }

    /// The first frame to send on a new connection: goes on where the page was.
    #[must_use]
    pub fn subscribe(&self) -> ClientFrame {
        let resume = self.mirror.position().map(|(epoch, cut)| Resume { epoch, cut });
        ClientFrame::Subscribe { topics: TOPICS.map(ToOwned::to_owned).to_vec(), resume }
    }

    /// A number for the next request.
    pub fn next_request_id(&mut self) -> u64 {
        self.request_id += 1;
        self.request_id
    }

    /// Takes a frame in that arrived at `now_ms` of the page's clock.
    pub fn take(&mut self, frame: &ServerFrame, now_ms: f64) -> Reaction {
        match &frame.header {
            Header::Hello(hello) => {
                self.outdated = hello.schema != inflight_wire::schema::schema_hash();
                Reaction { changed: self.outdated, ..Reaction::default() }
            }
            Header::Bye { retry_ms, .. } => Reaction { bye_retry_ms: Some(*retry_ms), ..Reaction::default() },
            Header::Error(body) => {
                self.refusal = Some(format!("{} ({})", body.message, body.code));
                Reaction { changed: true, ..Reaction::default() }
            }
            _ => self.take_tables(frame, now_ms),
        }
    }

    /// The rows of all sources.
    pub fn sources(&self) -> impl Iterator<Item = &SourceRow> {
        self.mirror.system().values().filter_map(|row| match row {
            SystemRow::Source(source) => Some(source),
            _ => None,
        })
    }

    /// The source whose recording this client may move.
    #[must_use]
    pub fn controllable(&self) -> Option<&SourceRow> {
        self.sources().find(|source| source.replay.as_ref().is_some_and(|replay| replay.controllable))
    }

    /// What the badge says at a moment of the page's clock.
    #[must_use]
    pub fn badge(&self, now_ms: f64) -> Badge {
        Badge::of(self.link, self.sources(), &self.time, now_ms)
    }

    /// Stream time at a moment of the page's clock.
    #[must_use]
    pub fn stream_now(&self, now_ms: f64) -> Option<UnixMillis> {
        self.time.at(now_ms).map(|ms| UnixMillis(ms as i64))
    }

    fn take_tables(&mut self, frame: &ServerFrame, now_ms: f64) -> Reaction {
        let epoch = self.mirror.position().map(|(epoch, _)| epoch);
        match self.mirror.apply(frame) {
            Ok(Applied::Other) => Reaction::default(),
            Ok(applied) => {
                self.time.observe(self.mirror.clock(), now_ms);
                let here = self.mirror.position();
                if let Some((now, _)) = here {
                    if epoch.is_some_and(|before| before != now) {
                        self.trails.clear();
                    }
                    self.has_data = true;
                    self.record_trails();
                }
                Reaction { changed: applied == Applied::Changed && here.is_some(), ..Reaction::default() }
            }
            Err(_) => {
                self.defects += 1;
                let wait = now_ms - self.resubscribed_ms < RESUBSCRIBE_MS;
                let send = (!wait).then(|| {
                    self.resubscribed_ms = now_ms;
                    ClientFrame::Subscribe { topics: TOPICS.map(ToOwned::to_owned).to_vec(), resume: None }
                });
                Reaction { send, ..Reaction::default() }
            }
        }
    }

    fn record_trails(&mut self) {
        let newest = self.mirror.flights().map(|row| row.revision).max().unwrap_or(0);
        for row in self.mirror.flights().filter(|row| row.revision > self.recorded_revision) {
            self.trails.record(row.aircraft.icao24, &row.motion);
        }
        self.recorded_revision = newest;
        let mirror = &self.mirror;
        self.trails.retain(|icao24| mirror.flight(icao24).is_some());
    }
}
