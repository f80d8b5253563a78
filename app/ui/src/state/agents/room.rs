//! The rows of one business: a snapshot, then what is said in its room, each row whole and the later one right.

use crate::state::agents::queue::sort;
use crate::state::badge::{Badge, LinkStatus};
use crate::state::board::Reaction;
use crate::state::system::table::SystemTable;
use inflight_wire::{ClientFrame, Datum, Header, RowsFrame};
use std::collections::BTreeMap;

/// What rows are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Runs of agents.
    Run,
    /// What waits or waited for a person.
    Review,
    /// Cases.
    Case,
    /// Schedules.
    Schedule,
    /// Message models.
    Model,
    /// Resources.
    Resource,
    /// What was said in the chat.
    Message,
    /// Answers that are being written.
    Reply,
}

/// Most rows of a kind that are kept; the oldest go first.
const MOST: usize = 500;

/// Rows of one business and how the link to them is.
#[derive(Debug, Default)]
pub struct Room {
    /// Sources, position and link; the `system` topic says what the badge shows.
    pub system: SystemTable,
    /// The business.
    pub business: String,
    /// Whether a snapshot has come.
    pub has_data: bool,
    /// How answers come about.
    pub reasoner: Datum,
    /// Services that other systems have for the business, and how they stand.
    pub services: Vec<Datum>,
    /// Agents are switched off.
    pub is_off: bool,
    /// Businesses that may be seen.
    pub businesses: Vec<Datum>,
    /// Agents with their graphs.
    pub agents: Vec<Datum>,
    /// Why the room may not be entered, in the server's words.
    pub refused: Option<String>,
    rows: [BTreeMap<String, Datum>; Kind::ALL.len()],
    /// What was said since the snapshot was asked for.
    waiting: Vec<Datum>,
    offset: i64,
}

/// What frames bring beyond what the link itself wants.
#[derive(Debug, Default)]
pub struct News {
    /// What the link wants.
    pub reaction: Reaction,
    /// Rows that came by the room: kind and row as they are now.
    pub rows: Vec<(Kind, Datum)>,
    /// A new snapshot has to be asked for.
    pub snapshot: bool,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Run,
        Self::Review,
        Self::Case,
        Self::Schedule,
        Self::Model,
        Self::Resource,
        Self::Message,
        Self::Reply,
    ];

    /// The event's name in the room, and the member of the snapshot.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Run => ("agent.run", "runs"),
            Self::Review => ("agent.review", "reviews"),
            Self::Case => ("agent.case", "cases"),
            Self::Schedule => ("agent.schedule", "schedules"),
            Self::Model => ("agent.model", "models"),
            Self::Resource => ("agent.resource", "resources"),
            Self::Message => ("agent.message", "messages"),
            Self::Reply => ("agent.reply", "replies"),
        }
    }

    /// The member by whose value the oldest rows are told.
    fn age(self) -> &'static str {
        match self {
            Self::Run => "started_ms",
            Self::Review => "created_ms",
            Self::Case => "opened_ms",
            Self::Message | Self::Reply => "at_ms",
            Self::Schedule | Self::Model | Self::Resource => "",
        }
    }

    /// What tells a row from others of its kind.
    #[must_use]
    pub fn id(self, row: &Datum) -> String {
        row.text(if self == Self::Model { "decisionCode" } else { "id" }).to_owned()
    }
}

impl Room {
    /// Goes into the room of a business; what to send.
    pub fn enter(&mut self, business: &str) -> ClientFrame {
        if business != self.business {
            let (system, businesses) =
                (core::mem::take(&mut self.system), core::mem::take(&mut self.businesses));
            *self = Self { system, businesses, business: business.to_owned(), ..Self::default() };
        }
        self.system.join(self.topic())
    }

    /// The first frame of a new connection.
    #[must_use]
    pub fn subscribe(&self) -> ClientFrame {
        self.system.subscribe()
    }

    /// Takes in the answer of `/api/v1/agents`, and what was said since.
    pub fn fill(&mut self, snapshot: &Datum) {
        self.offset = snapshot.integer("offset").unwrap_or(0);
        self.businesses = snapshot.get("businesses").list().to_vec();
        self.agents = snapshot.get("agents").list().to_vec();
        self.reasoner = snapshot.get("reasoner").clone();
        self.services = snapshot.get("services").list().to_vec();
        self.is_off = *snapshot.get("on") == Datum::Bool(false);
        for kind in Kind::ALL {
            let rows = snapshot.get(kind.names().1).list().iter();
            self.rows[kind as usize] = rows.map(|row| (kind.id(row), row.clone())).collect();
        }
        self.has_data = true;
        for entry in core::mem::take(&mut self.waiting) {
            self.hear(&entry);
        }
    }

    /// Takes a frame in that arrived at `now_ms` of the page's clock.
    pub fn take(&mut self, mut frame: RowsFrame, now_ms: f64) -> News {
        if let Header::Error(error) = &frame.header {
            self.refused = Some(error.message.clone());
            return News { reaction: Reaction { changed: true, ..Reaction::default() }, ..News::default() };
        }
        let topic = self.topic();
        let is_ours = |entry: &Datum| topic.as_deref() == Some(entry.text("topic"));
        let (ours, others) = core::mem::take(&mut frame.entries).into_iter().partition(is_ours);
        frame.entries = others;
        let mut news = News { snapshot: frame.lost > 0 && self.has_data, ..News::default() };
        news.reaction = self.system.take(frame, now_ms);
        for entry in ours {
            if self.has_data && !news.snapshot {
                news.rows.extend(self.hear(&entry));
                news.reaction.changed = true;
            } else {
                self.waiting.push(entry);
            }
        }
        news
    }

    /// Takes a row in that an answer brought; the room says the same later.
    pub fn put(&mut self, kind: Kind, row: Datum) {
        let id = kind.id(&row);
        let rows = &mut self.rows[kind as usize];
        let gone = row.is("deleted") || matches!(row.text("status"), "deleted");
        let known = rows.get(&id).and_then(|known| known.integer("version"));
        if gone {
            rows.remove(&id);
        } else if kind == Kind::Model && known > row.integer("version") {
            // An older version was used, which changes it; the newest one is the one that is shown.
        } else {
            rows.insert(id, row);
        }
        let age = kind.age();
        if rows.len() > MOST && !age.is_empty() {
            let oldest = rows.iter().min_by_key(|(_, row)| row.integer(age)).map(|(id, _)| id.clone());
            oldest.iter().for_each(|id| drop(rows.remove(id)));
        }
    }

    /// One row.
    #[must_use]
    pub fn row(&self, kind: Kind, id: &str) -> Option<&Datum> {
        self.rows[kind as usize].get(id)
    }

    /// All rows of a kind in the order of their names.
    pub fn rows(&self, kind: Kind) -> impl Iterator<Item = &Datum> {
        self.rows[kind as usize].values()
    }

    /// All rows of a kind, the newest by this member first.
    #[must_use]
    pub fn newest(&self, kind: Kind, member: &str) -> Vec<&Datum> {
        let mut rows: Vec<&Datum> = self.rows(kind).collect();
        sort(&mut rows, &|row| (-row.integer(member).unwrap_or(0), 0, String::new()));
        rows
    }

    /// What the badge says.
    #[must_use]
    pub fn badge(&self, now_ms: f64) -> Badge {
        self.system.badge(now_ms)
    }

    /// Whether the link is lost, so that what is shown is old.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        matches!(self.system.link, LinkStatus::Waiting { .. } | LinkStatus::Reconnecting)
    }

    fn topic(&self) -> Option<String> {
        (!self.business.is_empty()).then(|| ["business/", &self.business].concat())
    }

    fn hear(&mut self, entry: &Datum) -> Option<(Kind, Datum)> {
        let offset = entry.integer("offset").unwrap_or(0);
        if offset <= self.offset {
            return None;
        }
        self.offset = offset;
        let (name, data) = (entry.text("type"), entry.get("data"));
        if name == "agent.reasoner" {
            self.reasoner = data.clone();
            return None;
        }
        let kind = Kind::ALL.into_iter().find(|kind| kind.names().0 == name)?;
        self.put(kind, data.clone());
        if kind == Kind::Message && data.text("from") == "agent" {
            // What was being written is said.
            let run = data.text("run");
            let id = data.text("id");
            self.rows[Kind::Reply as usize]
                .retain(|own, row| own != id && (run.is_empty() || row.text("run") != run));
        }
        Some((kind, data.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::agents::parse::parse;
    use inflight_domain::{Cut, Epoch};
    use inflight_wire::frame::{SnapshotHeader, TickHeader};

    fn entry(offset: i64, kind: &str, data: &str) -> Datum {
        let text =
            format!("{{\"offset\":{offset},\"topic\":\"business/b\",\"type\":\"{kind}\",\"data\":{data}}}");
        parse(&text).unwrap()
    }

    fn tick(room: &mut Room, entries: Vec<Datum>, lost: u64) -> News {
        let header = TickHeader { epoch: Epoch(1), base: Cut(1), cut: Cut(1), stream_ms: 0, rate: 1.0 };
        let header = Header::Tick(header);
        room.take(RowsFrame { header, updated: Vec::new(), removed: Vec::new(), entries, lost }, 0.0)
    }

    fn room() -> Room {
        let mut room = Room::default();
        let _ = room.enter("b");
        let header =
            SnapshotHeader { epoch: Epoch(1), cut: Cut(1), part: 0, parts: 1, stream_ms: 0, rate: 1.0 };
        let header = Header::Snapshot(header);
        room.take(
            RowsFrame { header, updated: Vec::new(), removed: Vec::new(), entries: Vec::new(), lost: 0 },
            0.0,
        );
        room
    }

    #[test]
    fn what_was_said_while_the_snapshot_came_follows_it_and_nothing_goes_back() {
        let mut room = room();
        tick(&mut room, vec![entry(4, "agent.case", r#"{"id":"c","status":"open"}"#)], 0);
        tick(&mut room, vec![entry(7, "agent.case", r#"{"id":"c","status":"closed"}"#)], 0);
        room.fill(
            &parse(r#"{"offset":5,"cases":[{"id":"c","status":"proposed"}],"reasoner":{"kind":"local"}}"#)
                .unwrap(),
        );
        assert_eq!(room.row(Kind::Case, "c").unwrap().text("status"), "closed");
        let news = tick(&mut room, vec![entry(6, "agent.case", r#"{"id":"c","status":"open"}"#)], 0);
        assert!(news.rows.is_empty(), "it was known already");
        let news = tick(&mut room, vec![entry(8, "agent.model", r#"{"decisionCode":"D"}"#)], 0);
        assert_eq!(news.rows[0].0, Kind::Model);
        assert!(room.row(Kind::Model, "D").is_some());
        tick(&mut room, vec![entry(9, "agent.reasoner", r#"{"kind":"chat","status":"degraded"}"#)], 0);
        assert_eq!(room.reasoner.text("kind"), "chat");
    }

    #[test]
    fn an_answer_takes_the_place_of_its_pieces() {
        let mut room = room();
        room.fill(&parse(r#"{"offset":0}"#).unwrap());
        tick(&mut room, vec![entry(1, "agent.reply", r#"{"id":"x","run":"r","text":"Two ga"}"#)], 0);
        assert_eq!(room.rows(Kind::Reply).count(), 1);
        tick(
            &mut room,
            vec![entry(2, "agent.message", r#"{"id":"m","run":"r","from":"agent","text":"Two gates"}"#)],
            0,
        );
        assert_eq!((room.rows(Kind::Reply).count(), room.rows(Kind::Message).count()), (0, 1));
        tick(&mut room, vec![entry(3, "agent.message", r#"{"id":"m","deleted":true}"#)], 0);
        assert_eq!(room.rows(Kind::Message).count(), 0);
    }

    #[test]
    fn lost_entries_ask_for_a_new_snapshot() {
        let mut room = room();
        room.fill(&parse(r#"{"offset":3}"#).unwrap());
        let news = tick(&mut room, vec![entry(9, "agent.case", r#"{"id":"late"}"#)], 8);
        assert!(news.snapshot && news.rows.is_empty());
        room.fill(&parse(r#"{"offset":8}"#).unwrap());
        assert!(room.row(Kind::Case, "late").is_some());
    }

    #[test]
    fn another_business_has_other_rows() {
        let mut room = room();
        room.fill(&parse(r#"{"offset":3,"cases":[{"id":"c"}]}"#).unwrap());
        let ClientFrame::Subscribe(subscribe) = room.enter("other") else { panic!("a subscription") };
        assert_eq!(subscribe.topics, ["system", "notice", "business/other"]);
        assert!(subscribe.resume.is_none() && !room.has_data && room.row(Kind::Case, "c").is_none());
    }
}
