//! The rows of the `system` topic and the newest notices as they came, at one cut, and what the link is told in return.

use crate::state::badge::{Badge, LinkStatus};
use crate::state::board::Reaction;
use crate::state::stream_time::StreamTime;
use inflight_domain::system::ReplayRow;
use inflight_domain::{Cut, Epoch, SourceRow, SourceState, UnixMillis};
use inflight_wire::frame::StreamClock;
use inflight_wire::{ClientFrame, Datum, Header, Resume, RowsFrame, Subscribe, TOPIC_SYSTEM};
use std::collections::BTreeMap;

/// Least time between two requests for a fresh start, in milliseconds; a server in trouble is not hammered.
const RESUBSCRIBE_MS: f64 = 2000.0;

/// The event topic of what everybody should know.
const TOPIC_NOTICE: &str = "notice";

/// Notices that are kept.
const NOTICES: usize = 100;

/// Rows, clock and link state of one page.
#[derive(Debug, Default)]
pub struct SystemTable {
    /// How the link is.
    pub link: LinkStatus,
    /// The clock of what is shown.
    pub time: StreamTime,
    /// Whether a whole table has arrived once.
    pub has_data: bool,
    /// The server's rows have another shape than this page knows.
    pub outdated: bool,
    rows: BTreeMap<String, Datum>,
    notices: Vec<Datum>,
    position: Option<(Epoch, Cut)>,
    filling: Option<(Epoch, Cut, u32)>,
    resubscribed_ms: Option<f64>,
    /// The room that is heard too.
    room: Option<String>,
}

impl SystemTable {
    /// The first frame to send on a new connection: goes on where the page was.
    #[must_use]
    pub fn subscribe(&self) -> ClientFrame {
        self.ask(self.position.map(|(epoch, cut)| Resume { epoch, cut }))
    }

    /// Hears what is said in a room too, or in none; asks for everything anew.
    pub fn join(&mut self, room: Option<String>) -> ClientFrame {
        (self.room, self.position, self.filling) = (room, None, None);
        self.ask(None)
    }

    /// Takes a frame in that arrived at `now_ms` of the page's clock.
    pub fn take(&mut self, frame: RowsFrame, now_ms: f64) -> Reaction {
        match &frame.header {
            Header::Hello(hello) => {
                self.outdated = hello.schema != inflight_wire::schema::schema_hash();
                Reaction { changed: true, ..Reaction::default() }
            }
            Header::Bye { retry_ms, .. } => Reaction { bye_retry_ms: Some(*retry_ms), ..Reaction::default() },
            Header::Snapshot(header) => {
                let (epoch, cut, part) = (header.epoch, header.cut, header.part);
                if part == 0 {
                    self.rows.clear();
                } else if self.filling != Some((epoch, cut, part)) {
                    return self.afresh(now_ms);
                }
                let last = part + 1 >= header.parts;
                self.filling = (!last).then_some((epoch, cut, part + 1));
                self.position = last.then_some((epoch, cut));
                self.has_data |= last;
                self.time.observe(StreamClock { stream_ms: header.stream_ms, rate: header.rate }, now_ms);
                self.merge(frame)
            }
            Header::Tick(header) => {
                if self.position != Some((header.epoch, header.base)) {
                    return self.afresh(now_ms);
                }
                self.position = Some((header.epoch, header.cut));
                self.time.observe(StreamClock { stream_ms: header.stream_ms, rate: header.rate }, now_ms);
                self.merge(frame)
            }
            _ => Reaction::default(),
        }
    }

    /// One row.
    #[must_use]
    pub fn row(&self, key: &str) -> &Datum {
        self.rows.get(key).unwrap_or(&Datum::Nil)
    }

    /// The rows of a kind, in the order of their keys.
    pub fn kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Datum> {
        self.rows.values().filter(move |row| row.text("kind") == kind)
    }

    /// The newest notices, oldest first.
    #[must_use]
    pub fn notices(&self) -> &[Datum] {
        &self.notices
    }

    /// The rows of all sources.
    pub fn sources(&self) -> impl Iterator<Item = SourceRow> {
        self.kind("source").filter_map(source)
    }

    /// What the badge says at a moment of the page's clock.
    #[must_use]
    pub fn badge(&self, now_ms: f64) -> Badge {
        let sources: Vec<SourceRow> = self.sources().collect();
        Badge::of(self.link, sources.iter(), &self.time, now_ms)
    }

    /// Stream time at a moment of the page's clock.
    #[must_use]
    pub fn stream_now(&self, now_ms: f64) -> Option<UnixMillis> {
        self.time.at(now_ms).map(|ms| UnixMillis(ms as i64))
    }

    fn merge(&mut self, frame: RowsFrame) -> Reaction {
        let changed = !(frame.updated.is_empty() && frame.removed.is_empty() && frame.entries.is_empty());
        self.note(frame.entries);
        frame.removed.iter().for_each(|key| drop(self.rows.remove(key)));
        self.rows.extend(frame.updated.into_iter().map(|row| (row.row_key(), row)));
        let changed = changed || matches!(frame.header, Header::Snapshot(_));
        Reaction { changed, ..Reaction::default() }
    }

    /// A snapshot repeats what is known already.
    fn note(&mut self, entries: Vec<Datum>) {
        let newest = self.notices.last().and_then(|entry| entry.integer("offset"));
        self.notices.extend(entries.into_iter().filter(|entry| entry.integer("offset") > newest));
        self.notices.drain(..self.notices.len().saturating_sub(NOTICES));
    }

    fn ask(&self, resume: Option<Resume>) -> ClientFrame {
        let mut subscribe = Subscribe::to(&[TOPIC_SYSTEM, TOPIC_NOTICE], resume);
        subscribe.topics.extend(self.room.clone());
        ClientFrame::Subscribe(subscribe)
    }

    /// A frame does not follow: the rows stay to be shown, and a new snapshot is asked for.
    fn afresh(&mut self, now_ms: f64) -> Reaction {
        (self.position, self.filling) = (None, None);
        if self.resubscribed_ms.is_some_and(|at_ms| now_ms - at_ms < RESUBSCRIBE_MS) {
            return Reaction::default();
        }
        self.resubscribed_ms = Some(now_ms);
        Reaction { send: Some(self.ask(None)), ..Reaction::default() }
    }
}

/// A source as the badge judges it; none if it says what this page does not know.
fn source(row: &Datum) -> Option<SourceRow> {
    let state = row.text("state");
    let replay = row.get("replay");
    let replay_row = || ReplayRow {
        recording: replay.text("recording").to_owned(),
        start: replay.time("start").unwrap_or_default(),
        end: replay.time("end").unwrap_or_default(),
        speed: replay.get("speed").number().unwrap_or(1.0),
        paused: replay.is("paused"),
        looped: replay.is("looped"),
        controllable: replay.is("controllable"),
    };
    Some(SourceRow {
        name: row.text("name").to_owned(),
        number: row.integer("number").unwrap_or(0) as u8,
        state: SourceState::ALL.into_iter().find(|known| known.name() == state)?,
        code: row.text("code").to_owned(),
        retry_at: row.time("retry_at"),
        newest_poll: row.time("newest_poll"),
        poll_interval_s: row.get("poll_interval_s").number().unwrap_or(0.0),
        polls: row.integer("polls").unwrap_or(0) as u64,
        credits_remaining: row.integer("credits_remaining").map(|left| left as u64),
        replay: (*replay != Datum::Nil).then(replay_row),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_wire::frame::{SnapshotHeader, TickHeader};

    fn alert(code: &str) -> Datum {
        let text = |text: &str| Datum::Text(text.to_owned());
        Datum::Map(vec![("kind".to_owned(), text("alert")), ("code".to_owned(), text(code))])
    }

    fn frame(header: Header, updated: Vec<Datum>, removed: &[&str]) -> RowsFrame {
        let removed = removed.iter().map(|key| (*key).to_owned()).collect();
        RowsFrame { header, updated, removed, entries: Vec::new(), lost: 0 }
    }

    fn snapshot(cut: u64, part: u32, parts: u32) -> Header {
        let (epoch, cut) = (Epoch(1), Cut(cut));
        Header::Snapshot(SnapshotHeader { epoch, cut, part, parts, stream_ms: 0, rate: 1.0 })
    }

    fn tick(base: u64, cut: u64) -> Header {
        let (base, cut) = (Cut(base), Cut(cut));
        Header::Tick(TickHeader { epoch: Epoch(1), base, cut, stream_ms: 0, rate: 1.0 })
    }

    fn keys(table: &SystemTable) -> Vec<String> {
        table.kind("alert").map(Datum::row_key).collect()
    }

    #[test]
    fn rows_come_in_pieces_change_and_go() {
        let mut table = SystemTable::default();
        assert!(table.take(frame(snapshot(5, 0, 2), vec![alert("a")], &[]), 0.0).changed);
        assert!(!table.has_data);
        table.take(frame(snapshot(5, 1, 2), vec![alert("b")], &[]), 0.0);
        assert_eq!((keys(&table), table.has_data), (vec!["alert/a".to_owned(), "alert/b".to_owned()], true));
        assert!(!table.take(frame(tick(5, 6), Vec::new(), &[]), 0.0).changed);
        assert!(table.take(frame(tick(6, 7), vec![alert("c")], &["alert/a"]), 0.0).changed);
        assert_eq!(keys(&table), ["alert/b", "alert/c"]);
        let resume = Some(Resume { epoch: Epoch(1), cut: Cut(7) });
        let ClientFrame::Subscribe(subscribe) = table.subscribe() else { panic!("a subscription") };
        assert_eq!(subscribe.resume, resume);
    }

    #[test]
    fn notices_are_kept_once() {
        let entry = |offset| Datum::Map(vec![("offset".to_owned(), Datum::Integer(offset))]);
        let mut table = SystemTable::default();
        let mut first = frame(snapshot(5, 0, 1), Vec::new(), &[]);
        first.entries = vec![entry(3), entry(4)];
        table.take(first.clone(), 0.0);
        first.entries.push(entry(6));
        assert!(table.take(first, 0.0).changed);
        assert_eq!(
            table.notices().iter().filter_map(|entry| entry.integer("offset")).collect::<Vec<_>>(),
            [3, 4, 6]
        );
    }

    #[test]
    fn what_does_not_follow_leads_to_a_fresh_start_once() {
        let mut table = SystemTable::default();
        table.take(frame(snapshot(5, 0, 1), vec![alert("a")], &[]), 0.0);
        assert!(table.take(frame(tick(4, 6), vec![alert("b")], &[]), 10.0).send.is_some());
        assert!(table.take(frame(tick(6, 7), Vec::new(), &[]), 20.0).send.is_none());
        assert_eq!(keys(&table), ["alert/a"], "what was known stays");
        table.take(frame(snapshot(9, 0, 1), vec![alert("z")], &[]), 30.0);
        assert_eq!(keys(&table), ["alert/z"]);
    }
}
