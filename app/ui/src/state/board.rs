//! The board: everything that came over the link, and what the link has to say in return. No clock, no DOM.

use crate::state::badge::{Badge, LinkStatus};
use crate::state::sieve::Sieve;
use crate::state::stream_time::StreamTime;
use crate::state::trail::Trails;
use inflight_domain::{Aircraft, Epoch, Field, Icao24, SourceRow, Squawk, SystemRow, UnixMillis};
use inflight_wire::mirror::{Applied, MirrorRow};
use inflight_wire::{ClientFrame, Header, Mirror, Resume, ServerFrame, Subscribe, TOPICS};

/// Least time between two requests for a fresh start, in milliseconds; a server in trouble is not hammered.
const RESUBSCRIBE_MS: f64 = 2000.0;

/// Trails of aircraft that have left are kept of so many; then those that left first go.
const MOST_GONE: usize = 2000;

/// Tables, clock, trails and link state of one page.
#[derive(Debug)]
pub struct Board {
    /// The tables.
    pub mirror: Mirror,
    /// The clock of what is shown.
    pub time: StreamTime,
    /// Where aircraft have been.
    pub trails: Trails,
    /// What of it is shown.
    pub sieve: Sieve,
    /// Whether trails stay when their aircraft have left.
    pub keep_trails: bool,
    /// How the link is.
    pub link: LinkStatus,
    /// Whether a whole table has arrived once.
    pub has_data: bool,
    /// The server's rows have another shape than this page knows.
    pub outdated: bool,
    /// Frames that did not fit; each led to a fresh start.
    pub defects: u32,
    /// Whether the other end has notices.
    pub has_notices: bool,
    /// The last refusal of a request, until it is shown.
    pub refusal: Option<String>,
    epoch: Option<Epoch>,
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
    /// A whole table arrived, and trails began anew.
    pub afresh: bool,
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
            sieve: Sieve::default(),
            keep_trails: false,
            link: LinkStatus::Connecting,
            has_data: false,
            outdated: false,
            defects: 0,
            has_notices: false,
            refusal: None,
            epoch: None,
            recorded_revision: 0,
            resubscribed_ms: f64::MIN,
            request_id: 0,
        }
    }

    /// The first frame to send on a new connection: goes on where the page was.
    #[must_use]
    pub fn subscribe(&self) -> ClientFrame {
        let resume = self.mirror.position().map(|(epoch, cut)| Resume { epoch, cut });
        self.ask(resume)
    }

    /// The newest open alert or notice, told from an older one by its first part.
    #[must_use]
    pub fn newest_notice(&self) -> Option<(String, &str)> {
        let alert = self.mirror.alerts().iter().rfind(|alert| alert.open);
        let told = self.mirror.told().last().map(|told| (told.offset.to_string(), &*told.text));
        alert.map(|alert| (alert.code.clone(), &*alert.text)).or(told)
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
            Header::Trail { icao24, points, .. } => {
                if let Some(icao24) = Icao24::parse(icao24) {
                    self.trails.fill(icao24, points);
                }
                Reaction { changed: true, ..Reaction::default() }
            }
            _ => self.take_tables(frame, now_ms),
        }
    }

    /// Who calls for help, whether shown or not, in the order of slots.
    #[must_use]
    pub fn alarms(&self) -> Vec<Icao24> {
        let calls = self.mirror.flights().filter(|row| is_alarm(&row.aircraft));
        calls.map(|row| row.aircraft.icao24).collect()
    }

    /// Judges the rows that have changed.
    pub fn sift(&mut self) {
        self.sieve.sift(&self.mirror);
    }

    /// The rows that the filter lets through.
    pub fn shown(&self) -> impl Iterator<Item = &MirrorRow> {
        self.mirror.flights().filter(|row| self.sieve.shows(row.aircraft.icao24))
    }

    /// The rows of all sources.
    pub fn sources(&self) -> impl Iterator<Item = &SourceRow> {
        self.mirror.system().values().filter_map(|row| match row {
            SystemRow::Source(source) => Some(source),
            _ => None,
        })
    }

    /// The source that speaks for an aircraft.
    #[must_use]
    pub fn source_of(&self, aircraft: &Aircraft) -> Option<&SourceRow> {
        let number = aircraft.get(Field::Feed)?;
        self.sources().find(|source| i64::from(source.number) == number)
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
        match self.mirror.apply(frame) {
            Ok(Applied::Other) => Reaction::default(),
            Ok(applied) => {
                self.time.observe(self.mirror.clock(), now_ms);
                let here = self.mirror.position();
                let mut afresh = false;
                if let Some((now, _)) = here {
                    afresh = self.epoch != Some(now);
                    if afresh {
                        self.trails.clear();
                    }
                    self.epoch = Some(now);
                    self.has_data = true;
                    self.record_trails();
                }
                let changed = applied == Applied::Changed && here.is_some();
                Reaction { changed, afresh, ..Reaction::default() }
            }
            Err(_) => {
                self.defects += 1;
                let wait = now_ms - self.resubscribed_ms < RESUBSCRIBE_MS;
                let send = (!wait).then(|| {
                    self.resubscribed_ms = now_ms;
                    self.ask(None)
                });
                Reaction { send, ..Reaction::default() }
            }
        }
    }

    fn ask(&self, resume: Option<Resume>) -> ClientFrame {
        let topics = [TOPICS[0], TOPICS[1], TOPICS[2], "notice"];
        let known = if self.has_notices { &topics[..] } else { &TOPICS };
        ClientFrame::Subscribe(Subscribe::to(known, resume))
    }

    fn record_trails(&mut self) {
        let newest = self.mirror.revision();
        for row in self.mirror.flights().filter(|row| row.revision > self.recorded_revision) {
            self.trails.record(row.aircraft.icao24, &row.motion);
        }
        self.recorded_revision = newest;
        let gone = self.trails.len().saturating_sub(self.mirror.flight_count());
        let most = if self.keep_trails { MOST_GONE } else { 0 };
        if gone > most {
            let mirror = &self.mirror;
            // Some room besides, so that this is not done with each that leaves.
            self.trails.forget_gone(most - most / 8, |icao24| mirror.flight(icao24).is_some());
        }
    }
}

/// Whether an aircraft calls for help.
#[must_use]
pub fn is_alarm(aircraft: &Aircraft) -> bool {
    aircraft.squawk().is_some_and(Squawk::is_emergency) || aircraft.emergency() != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{SEEN_MS, aircraft, snapshot, tick};
    use inflight_domain::{Cut, Epoch};
    use inflight_wire::frame::{ErrorBody, Hello};

    fn board() -> Board {
        Board::new(StreamTime::default())
    }

    #[test]
    fn resumes_where_it_was() {
        let (mut board, row) = (board(), aircraft("a13f1c", Some("UAL1"), 40.0, -74.0).build());
        let ClientFrame::Subscribe(Subscribe { resume, .. }) = board.subscribe() else {
            panic!("a subscription")
        };
        assert_eq!(resume, None);
        assert!(board.take(&snapshot(3, 7, &[row]), 100.0).changed);
        let ClientFrame::Subscribe(Subscribe { resume, .. }) = board.subscribe() else {
            panic!("a subscription")
        };
        assert_eq!(resume, Some(Resume { epoch: Epoch(3), cut: Cut(7) }));
        assert_eq!(board.stream_now(100.0).map(|time| time.0), Some(SEEN_MS + 1000));
    }

    #[test]
    fn a_frame_that_does_not_fit_asks_for_a_fresh_start_once() {
        let (mut board, old) = (board(), aircraft("a13f1c", None, 40.0, -74.0).build());
        let new = aircraft("a13f1c", None, 40.0, -74.0).with(Field::Speed, 20_000).build();
        board.take(&snapshot(1, 7, &[old]), 0.0);
        assert!(board.take(&tick(1, 7, &old, &new), 200.0).changed);
        let reaction = board.take(&tick(1, 7, &old, &new), 400.0);
        assert!(
            matches!(reaction.send, Some(ClientFrame::Subscribe(Subscribe { resume: None, .. })))
                && !reaction.changed
        );
        assert!(board.take(&tick(1, 7, &old, &new), 600.0).send.is_none());
        assert_eq!((board.defects, board.mirror.flight_count()), (2, 1));
    }

    #[test]
    fn says_who_speaks_for_an_aircraft() {
        let (mut board, draft) = (board(), || aircraft("a13f1c", None, 40.0, -74.0));
        let source = SourceRow {
            name: "roof".to_owned(),
            number: 3,
            state: inflight_domain::SourceState::Live,
            code: String::new(),
            retry_at: None,
            newest_poll: None,
            poll_interval_s: 1.0,
            polls: 1,
            credits_remaining: None,
            replay: None,
        };
        let mut frame = snapshot(1, 1, &[draft().build()]);
        let updated = vec![SystemRow::Source(source)];
        frame.segments.push(inflight_wire::Segment::System { updated, removed: Vec::new() });
        board.take(&frame, 0.0);
        for (feed, expected) in [(3, Some("roof")), (2, None)] {
            let row = draft().with(Field::Feed, feed).build();
            assert_eq!(board.source_of(&row).map(|source| source.name.as_str()), expected);
        }
    }

    #[test]
    fn another_epoch_forgets_the_trails() {
        let (mut board, row) = (board(), aircraft("a13f1c", None, 40.0, -74.0).build());
        let later = aircraft("a13f1c", None, 40.1, -74.0).with(Field::TimePosition, SEEN_MS + 9000).build();
        board.take(&snapshot(1, 1, &[row]), 0.0);
        board.take(&tick(1, 1, &row, &later), 200.0);
        assert_eq!(board.trails.of(row.icao24).count(), 2);
        board.take(&snapshot(2, 1, &[row]), 400.0);
        assert_eq!(board.trails.of(row.icao24).count(), 1);
    }

    #[test]
    fn other_shapes_and_refusals_are_noticed() {
        let mut board = board();
        let hello = |schema: &str| Hello {
            protocol: "inflight.v1".to_owned(),
            schema: schema.to_owned(),
            epoch: Epoch(1),
            tick_ms: 200,
            message_bytes: 65_536,
            topics: Vec::new(),
        };
        let frame = |header| ServerFrame { header, segments: Vec::new() };
        board.take(&frame(Header::Hello(hello(&inflight_wire::schema::schema_hash()))), 0.0);
        assert!(!board.outdated);
        board.take(&frame(Header::Hello(hello("0"))), 0.0);
        assert!(board.outdated);
        let body = ErrorBody { code: "not_controllable".to_owned(), message: "No".to_owned(), id: Some(1) };
        board.take(&frame(Header::Error(body)), 0.0);
        assert_eq!(board.refusal.as_deref(), Some("No (not_controllable)"));
        let bye = Header::Bye { reason: "stop".to_owned(), retry_ms: 900 };
        assert_eq!(board.take(&frame(bye), 0.0).bye_retry_ms, Some(900));
    }
}
