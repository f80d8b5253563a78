//! The rows of one business: a snapshot, then what is said in its room, each row whole and the later one right.

use crate::state::agents::queue::sort;
use crate::state::agents::rows::{is_older, known_kept};
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
const MOST: usize = 2000;

/// Entries that are kept while a snapshot is on its way; with more, the snapshot is asked for once more.
const MOST_WAITING: usize = 1000;

/// Whoever joins without a place to go on from is told so many of the newest entries; there may be more before them.
const NEWEST: usize = 100;

/// An answer that has not come by then will not come.
const PATIENCE_MS: i64 = 30_000;

const DAY_MS: i64 = 86_400_000;

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
    /// What the business spent on models today, and how much it may.
    pub spent: Datum,
    /// Agents are switched off.
    pub is_off: bool,
    /// Businesses that may be seen.
    pub businesses: Vec<Datum>,
    /// Agents with their graphs.
    pub agents: Vec<Datum>,
    /// Why the room may not be entered, in the server's words.
    pub refused: Option<String>,
    rows: [BTreeMap<String, Datum>; Kind::ALL.len()],
    /// Since when a snapshot is on its way.
    asked_ms: Option<i64>,
    /// What was said since it was asked for, to be said again after it.
    waiting: Vec<Datum>,
    /// Something was missed before this offset while a snapshot was on its way, which may be older than that.
    missed: i64,
    offset: i64,
    /// When the newest run of the snapshot began.
    newest_ms: i64,
    /// Before when there are more runs and more messages.
    older: [Option<i64>; 2],
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

    /// Whether a snapshot is to be asked for now; one at a time.
    pub fn ask(&mut self, now_ms: i64) -> bool {
        let waits = self.asked_ms.is_some_and(|since_ms| now_ms - since_ms < PATIENCE_MS);
        if !waits {
            self.asked_ms = Some(now_ms);
        }
        !waits
    }

    /// Whether a snapshot is on its way.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked_ms.is_some()
    }

    /// Whether the answer that was asked for is overdue.
    #[must_use]
    pub fn is_overdue(&self, now_ms: i64) -> bool {
        self.asked_ms.is_some_and(|since_ms| now_ms - since_ms >= PATIENCE_MS)
    }

    /// No snapshot came.
    pub fn unanswered(&mut self) {
        self.asked_ms = None;
    }

    /// Takes in the answer of `/api/v1/agents`, and what was said since. Whether something was missed that is not in
    /// it, so that it has to be asked for again.
    pub fn fill(&mut self, snapshot: &Datum) -> bool {
        self.asked_ms = None;
        self.offset = snapshot.integer("offset").unwrap_or(0);
        self.businesses = snapshot.get("businesses").list().to_vec();
        self.agents = snapshot.get("agents").list().to_vec();
        self.reasoner = snapshot.get("reasoner").clone();
        self.services = snapshot.get("services").list().to_vec();
        self.spent = snapshot.get("spent").clone();
        self.is_off = *snapshot.get("on") == Datum::Bool(false);
        for kind in Kind::ALL {
            let rows = snapshot.get(kind.names().1).list().iter();
            self.rows[kind as usize] = rows.map(|row| (kind.id(row), row.clone())).collect();
        }
        let began = self.rows(Kind::Run).filter_map(|run| run.integer("started_ms"));
        self.newest_ms = began.max().unwrap_or(0);
        self.older = ["runs", "messages"].map(|name| snapshot.get("older").integer(name));
        self.has_data = true;
        let misses = core::mem::take(&mut self.missed) > self.offset;
        for entry in core::mem::take(&mut self.waiting) {
            self.hear(&entry, true);
        }
        misses
    }

    /// Takes a frame in that arrived at `now_ms` of the page's clock.
    pub fn take(&mut self, mut frame: RowsFrame, now_ms: f64) -> News {
        if let Header::Error(error) = &frame.header {
            self.refused = Some(error.message.clone());
            return News { reaction: Reaction { changed: true, ..Reaction::default() }, ..News::default() };
        }
        let lowest = frame.entries.iter().filter_map(|entry| entry.integer("offset")).min().unwrap_or(0);
        let mut misses = frame.lost > 0 || (frame.entries.len() >= NEWEST && lowest > self.offset + 1);
        let topic = self.topic();
        let is_ours = |entry: &Datum| topic.as_deref() == Some(entry.text("topic"));
        let (ours, others) = core::mem::take(&mut frame.entries).into_iter().partition(is_ours);
        frame.entries = others;
        let mut news = News { reaction: self.system.take(frame, now_ms), ..News::default() };
        // What follows on a frame that was left out is told anew, but no more than the newest of it.
        let is_afresh = news.reaction.send.is_some();
        misses |= is_afresh;
        if misses && self.asked_ms.is_some() {
            self.missed = self.missed.max(if is_afresh { i64::MAX } else { lowest });
        }
        news.snapshot = misses && self.has_data;
        for entry in ours {
            if self.has_data {
                news.rows.extend(self.hear(&entry, false));
                news.reaction.changed = true;
            }
            if !self.has_data || news.snapshot || self.asked_ms.is_some() {
                self.keep(entry);
            }
        }
        news
    }

    /// Keeps an entry until the snapshot is there.
    fn keep(&mut self, entry: Datum) {
        if self.waiting.len() >= MOST_WAITING {
            let gone = self.waiting.remove(0).integer("offset").unwrap_or(0);
            self.missed = self.missed.max(gone);
        }
        self.waiting.push(entry);
    }

    /// Takes a row in that an answer brought; the room says the same later, or said something newer before.
    pub fn put(&mut self, kind: Kind, row: Datum) {
        if !self.row(kind, &kind.id(&row)).is_some_and(|known| is_older(&row, known)) {
            self.set(kind, row);
        }
    }

    fn set(&mut self, kind: Kind, row: Datum) {
        let id = kind.id(&row);
        let rows = &mut self.rows[kind as usize];
        let gone = row.is("deleted") || matches!(row.text("status"), "deleted");
        let known = rows.get(&id).and_then(|known| known.integer("version"));
        if gone {
            rows.remove(&id);
        } else if kind == Kind::Model && known > row.integer("version") {
            // An older version was used, which changes it; the newest one is the one that is shown.
        } else {
            let row = known_kept(row, rows.get(&id));
            rows.insert(id, row);
        }
        let age = kind.age();
        if rows.len() > MOST && !age.is_empty() {
            let oldest = rows.iter().min_by_key(|(_, row)| row.integer(age)).map(|(id, _)| id.clone());
            oldest.iter().for_each(|id| drop(rows.remove(id)));
        }
    }

    /// Before when there are more runs or messages than are known, in milliseconds since 1970.
    #[must_use]
    pub fn older(&self, kind: Kind) -> Option<i64> {
        self.older[usize::from(kind != Kind::Run)]
    }

    /// See [`Room::older`].
    pub(crate) fn set_older(&mut self, kind: Kind, before_ms: Option<i64>) {
        self.older[usize::from(kind != Kind::Run)] = before_ms;
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

    /// Whether what is known of today's spending is of yesterday by now. It is asked for again once a minute.
    #[must_use]
    pub fn is_of_yesterday(&self, now_ms: i64) -> bool {
        self.spent.integer("until_ms").is_some_and(|until_ms| now_ms >= until_ms) && now_ms / 1000 % 60 == 0
    }

    /// What a run cost since it was last heard of is spent by its business. One that was not heard of counts if it began
    /// today and after the snapshot: what another cost is in it, or nobody knows what of it was today.
    fn count(&mut self, run: &Datum) {
        let from_ms =
            self.spent.integer("until_ms").map_or(0, |until_ms| until_ms - DAY_MS).max(self.newest_ms);
        let before = match self.row(Kind::Run, run.text("id")) {
            Some(row) => row.get("budget").clone(),
            None if run.integer("started_ms").unwrap_or(0) >= from_ms => Datum::Nil,
            None => return,
        };
        let Datum::Map(spent) = &mut self.spent else { return };
        for (name, value) in spent {
            if let (Datum::Integer(sum), "tokens" | "cost_microusd") = (value, name.as_str()) {
                let cost = |budget: &Datum| budget.integer(name).unwrap_or(0);
                *sum += (cost(run.get("budget")) - cost(&before)).max(0);
            }
        }
    }

    fn topic(&self) -> Option<String> {
        (!self.business.is_empty()).then(|| ["business/", &self.business].concat())
    }

    /// Whether what a piece belongs to was said already: the last piece may be told after the whole.
    fn is_said(&self, piece: &Datum) -> bool {
        self.rows(Kind::Message).any(|row| {
            row.text("from") == "agent"
                && row.text("run") == piece.text("run")
                && row.integer("at_ms") >= piece.integer("at_ms")
        })
    }

    /// Takes an entry in; one that was kept may be older than what the snapshot has already.
    fn hear(&mut self, entry: &Datum, was_kept: bool) -> Option<(Kind, Datum)> {
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
        if kind == Kind::Reply && self.is_said(data) {
            return None;
        }
        if kind == Kind::Run {
            self.count(data);
        }
        if was_kept {
            self.put(kind, data.clone());
        } else {
            self.set(kind, data.clone());
        }
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
mod tests;
