//! The desk as a whole: what it holds, what happens when something is pressed, answered or said.

use crate::state::agents::business::Own;
use crate::state::agents::doing::{Act, Do, Refusal, Then, get};
use crate::state::agents::form::Typed;
use crate::state::agents::place::{Place, Section};
use crate::state::agents::room::{Kind, News, Room};
use crate::state::agents::search::Search;
use crate::state::agents::talk::Outgoing;
use crate::state::agents::watch::Watch;
use crate::state::percent::encode;
use crate::text::Term;
use inflight_wire::Datum;
use std::collections::{BTreeMap, BTreeSet};

/// Under which names the browser keeps the last business, and that the first hint was read.
pub const KEPT_BUSINESS: &str = "inflight.business";
/// See [`KEPT_BUSINESS`].
pub const KEPT_HINT: &str = "inflight.agents.hint";

/// A form that is being filled in; what was typed stays until it is saved or given up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Form {
    /// What was typed.
    pub typed: Typed,
    /// It is on its way.
    pub busy: bool,
    /// Why it was not taken.
    pub refused: Option<Refusal>,
}

/// The desk.
#[derive(Debug, Default)]
pub struct Office {
    /// Rows.
    pub room: Room,
    /// Where one is.
    pub place: Place,
    /// Who looks at this.
    pub me: Option<Datum>,
    /// The wall's clock, as of the last beat.
    pub now_ms: i64,
    /// The time zone of who looks at this.
    pub zone: String,
    /// Forms by section and id.
    pub forms: BTreeMap<String, Form>,
    /// The message that is being written.
    pub composer: String,
    /// The message that is being written is to be sealed where it is stored.
    pub is_sensitive: bool,
    /// Messages that the server has not confirmed, the oldest first.
    pub outgoing: Vec<Outgoing>,
    /// Tells this visit of the desk from others, in the identifiers of messages.
    pub visit: String,
    /// Messages that were begun in this visit.
    pub(crate) said_count: u32,
    /// The first hint was read.
    pub hint_read: bool,
    /// Reviews that are marked for a decision together.
    pub marked: BTreeSet<String>,
    /// The review whose fields are open for editing, or whose reason is being written.
    pub editing: bool,
    /// See [`Office::editing`].
    pub rejecting: bool,
    /// Marked reviews are being rejected: the reason is being written.
    pub rejecting_marked: bool,
    /// Reviews whose decision is on its way.
    pub deciding: BTreeSet<String>,
    /// What was decided here last, and may be undone.
    pub last: Vec<String>,
    /// Why a decision was not taken: the review and the reason.
    pub undecided: Option<(String, Refusal)>,
    /// The run that is open.
    pub watch: Watch,
    /// Versions of the message model that was looked at last: its code, and all of them.
    pub versions: (String, Vec<Datum>),
    /// The previews of the model in front by the number of their language, or why there is none.
    pub previews: [Option<Result<Datum, Refusal>>; 2],
    /// Whether the preview is older than what was typed.
    pub preview_due: bool,
    /// Why rows did not come.
    pub failing: Option<Refusal>,
    /// Decisions that were looked for.
    pub search: Search,
    /// The business in front.
    pub own: Own,
}

impl Office {
    /// The desk at a place, before anything is known.
    #[must_use]
    pub fn at(place: Place) -> Self {
        Self { place, ..Self::default() }
    }

    /// What to do first; `kept` is the business that was looked at last.
    pub fn begin(&mut self, kept: Option<String>) -> Vec<Do> {
        if self.place.business.is_empty() {
            self.place.business = kept.unwrap_or_default();
        }
        let mut doing = vec![get("/api/v1/me".to_owned(), Then::Me)];
        doing.extend(self.enter());
        doing.extend(self.arrived());
        doing
    }

    /// The key of a form of the view in front.
    #[must_use]
    pub fn form_key(&self, id: &str) -> String {
        [self.place.section.path(), "#", id].concat()
    }

    /// A form of the view in front, if anything was typed in it.
    #[must_use]
    pub fn form(&self, id: &str) -> Option<&Form> {
        self.forms.get(&self.form_key(id))
    }

    /// What stands in a field: what was typed, or else `before`.
    #[must_use]
    pub fn typed(&self, id: &str, name: &str, before: &str) -> String {
        let typed = self.form(id).and_then(|form| form.typed.get(name));
        typed.map_or_else(|| before.to_owned(), Clone::clone)
    }

    /// The row that is open in the view in front.
    #[must_use]
    pub fn open_row(&self, kind: Kind) -> Option<&Datum> {
        self.room.row(kind, self.place.id.as_deref()?)
    }

    /// Something was pressed or typed.
    pub fn act(&mut self, act: Act<'_>) -> Vec<Do> {
        match act.act {
            "business" => {
                let place = Place { business: act.value.to_owned(), ..Place::default() };
                let place = Place { theme: self.place.theme.clone(), locale: self.place.locale, ..place };
                self.go(place.to(self.place.section, None))
            }
            "location" => self.go(Place { location: act.value.to_owned(), ..self.place.clone() }),
            "find" => {
                self.place.find = act.value.to_owned();
                let place = Do::Go(Box::new(self.place.clone()), true);
                if self.is_searching() { vec![place, Do::Soon] } else { vec![place] }
            }
            "back" => self.go(self.place.to(self.place.section, None)),
            "type" => {
                let form = self.forms.entry(self.form_key(act.id)).or_default();
                form.typed.insert(act.name.to_owned(), act.value.to_owned());
                form.refused = None;
                self.preview_due |= self.place.section == Section::Models;
                if self.preview_due { vec![Do::Soon] } else { Vec::new() }
            }
            "give-up" => {
                self.forms.remove(&self.form_key(act.id));
                self.preview_due = self.place.section == Section::Models;
                vec![Do::Soon]
            }
            "hint" => {
                self.hint_read = true;
                vec![Do::Keep(KEPT_HINT, "1".to_owned())]
            }
            "reload" => {
                self.search.asked.clear();
                let mut doing = self.ask_decisions();
                doing.extend(self.ask_snapshot());
                doing
            }
            "compose" | "send" | "suggest" | "retry" | "drop" | "sensitive" => self.talk(act),
            "code" | "outcome" => self.narrow(act),
            "older" => self.ask_older(act),
            _ => {
                let decided = self.decide(act);
                let edited = decided.or_else(|| self.edit(act));
                edited.or_else(|| self.watch_act(act)).unwrap_or_default()
            }
        }
    }

    /// Goes to a place by one's own act.
    pub fn go(&mut self, place: Place) -> Vec<Do> {
        let mut doing = vec![Do::Go(Box::new(place.clone()), false)];
        doing.extend(self.came(place));
        doing
    }

    /// Is at a place, by one's own act or by the browser's history.
    pub fn came(&mut self, place: Place) -> Vec<Do> {
        let is_other = (place.section, &place.id) != (self.place.section, &self.place.id);
        let business = place.business != self.place.business;
        self.place = place;
        if is_other {
            (self.editing, self.rejecting, self.rejecting_marked) = (false, false, false);
            self.undecided = None;
        }
        let mut doing = if business { self.enter() } else { Vec::new() };
        doing.extend(self.arrived());
        doing
    }

    /// What the view in front needs beyond rows.
    fn arrived(&mut self) -> Vec<Do> {
        let mut doing = self.ask_decisions();
        match (self.place.section, self.place.id.clone()) {
            (Section::Runs, Some(id)) => doing.extend(self.look_at(&id)),
            (Section::Models, Some(_)) => doing.extend(self.look_at_model()),
            (Section::Business, _) => doing.extend(self.look_at_business()),
            _ => {}
        }
        doing
    }

    /// A frame came.
    pub fn heard(&mut self, news: &News) -> Vec<Do> {
        let mut doing = Vec::new();
        if news.snapshot {
            doing.extend(self.ask_snapshot());
        }
        for (kind, row) in &news.rows {
            if *kind == Kind::Review && row.text("status") == "open" && !row.is("escalated") {
                let is_here = self.place.section == Section::Reviews;
                let is_back = self.last.iter().any(|id| id == row.text("id"));
                if !is_here && !is_back {
                    doing.push(Do::Toast(Term::NewReview, row.text("title").to_owned()));
                }
            }
            if *kind == Kind::Run && Some(row.text("id")) == self.place.id.as_deref() {
                self.watch.stale = true;
            }
            if *kind == Kind::Message && row.text("from") == "user" {
                self.said(row);
            }
        }
        doing
    }

    /// Once a second.
    pub fn beat(&mut self, now_ms: i64) -> Vec<Do> {
        self.now_ms = now_ms;
        self.overdue();
        let mut doing = Vec::new();
        if self.room.is_overdue(now_ms) || self.room.is_of_yesterday(now_ms) {
            doing.extend(self.ask_snapshot());
        }
        if self.failing.as_ref().is_some_and(Refusal::may_pass)
            && now_ms / 1000 % 5 == 0
            && !self.room.is_offline()
        {
            doing.extend(self.ask_snapshot());
        }
        if core::mem::take(&mut self.watch.stale) {
            doing.extend(self.ask_run());
        }
        doing
    }

    /// Nothing was typed for a moment.
    pub fn soon(&mut self) -> Vec<Do> {
        let mut doing = if core::mem::take(&mut self.preview_due) { self.ask_previews() } else { Vec::new() };
        doing.extend(self.ask_decisions());
        doing
    }

    /// The link is open again.
    pub fn opened(&mut self) -> Vec<Do> {
        let mut doing = vec![Do::Send(Box::new(self.room.subscribe()))];
        if self.me.is_none() {
            doing.push(get("/api/v1/me".to_owned(), Then::Me));
        }
        if !self.room.has_data {
            doing.extend(self.ask_snapshot());
        }
        doing
    }

    /// An answer came, or why there is none.
    pub fn answered(&mut self, then: Then, answer: Result<Datum, Refusal>) -> Vec<Do> {
        match (then, answer) {
            (Then::Me, Ok(me)) => {
                self.me = Some(me);
                Vec::new()
            }
            (Then::Me, Err(_)) => Vec::new(),
            (Then::Snapshot(business), answer) => self.filled(&business, answer),
            (Then::Sent(id), answer) => self.sent(&id, answer),
            (Then::Found(asked), answer) => self.found(asked, answer),
            (Then::Older(kind, before_ms), answer) => self.older_came(kind, before_ms, answer),
            (Then::Decided(ids, approved), answer) => self.decided(&ids, approved, answer),
            (Then::Undone(id), answer) => self.undone(&id, answer),
            (Then::Saved(key), answer) => self.saved(&key, answer),
            (Then::Done(words), Ok(answer)) => {
                self.put_schedule(&answer);
                if words == Term::SaidDeleted {
                    let mut doing = self.go(self.place.to(self.place.section, None));
                    doing.push(Do::Toast(words, String::new()));
                    return doing;
                }
                vec![Do::Toast(words, String::new())]
            }
            (Then::Business(id), answer) => self.business_came(&id, answer),
            (Then::Versions(code), Ok(answer)) => self.versions_came(code, &answer),
            (Then::Previewed(key, locale), answer) => {
                if Some(&key) == self.place.id.as_ref() {
                    self.previews[locale as usize] = Some(answer);
                }
                Vec::new()
            }
            (Then::Versions(_), Err(_)) => Vec::new(),
            (Then::Done(_), Err(refusal)) => vec![refused(&refusal)],
            (then, answer) => self.watched(then, answer),
        }
    }

    fn enter(&mut self) -> Vec<Do> {
        let frame = self.room.enter(&self.place.business);
        let (room, place) = (core::mem::take(&mut self.room), core::mem::take(&mut self.place));
        let (hint_read, me, zone) = (self.hint_read, self.me.take(), core::mem::take(&mut self.zone));
        let (visit, said_count, now_ms) = (core::mem::take(&mut self.visit), self.said_count, self.now_ms);
        *self = Self { room, place, hint_read, me, zone, visit, said_count, now_ms, ..Self::default() };
        let mut doing = vec![Do::Send(Box::new(frame))];
        doing.extend(self.ask_snapshot());
        if !self.place.business.is_empty() {
            doing.push(Do::Keep(KEPT_BUSINESS, self.place.business.clone()));
        }
        doing
    }

    pub(crate) fn ask_snapshot(&mut self) -> Vec<Do> {
        if !self.room.ask(self.now_ms) {
            return Vec::new();
        }
        let business = self.place.business.clone();
        let query =
            if business.is_empty() { String::new() } else { ["?business=", &encode(&business)].concat() };
        vec![get(["/api/v1/agents", &query].concat(), Then::Snapshot(business))]
    }

    fn filled(&mut self, business: &str, answer: Result<Datum, Refusal>) -> Vec<Do> {
        // Of another business, or so late that it was asked for again and answered: it says nothing new.
        if business != self.place.business || (self.room.has_data && !self.room.is_asked()) {
            return Vec::new();
        }
        match answer {
            Ok(snapshot) => {
                self.failing = None;
                let first =
                    snapshot.get("businesses").list().first().map(|row| row.text("businessId").to_owned());
                let misses = self.room.fill(&snapshot);
                if let (true, Some(first)) = (business.is_empty(), first) {
                    self.place.business = first;
                    let mut doing = vec![Do::Go(Box::new(self.place.clone()), true)];
                    doing.extend(self.enter());
                    doing.extend(self.arrived());
                    return doing;
                }
                let mut doing = if misses { self.ask_snapshot() } else { Vec::new() };
                if self.place.section == Section::Models {
                    doing.extend(self.look_at_model());
                }
                doing
            }
            // The business that was looked at last may be gone, or be another person's.
            Err(refusal) if refusal.status == 404 && !business.is_empty() && !self.room.has_data => {
                self.place = self.place.to(self.place.section, None);
                self.place.business = String::new();
                self.enter()
            }
            Err(refusal) => {
                self.room.unanswered();
                self.failing = Some(refusal);
                Vec::new()
            }
        }
    }
}

/// Tells in passing why something was not done.
#[must_use]
pub fn refused(refusal: &Refusal) -> Do {
    let words = if refusal.message.is_empty() { &refusal.code } else { &refusal.message };
    Do::Toast(Term::NotDone, words.clone())
}

/// The address of something below `/api/v1/agents`.
#[must_use]
pub fn address(parts: &[&str]) -> String {
    let mut address = "/api/v1/agents".to_owned();
    for part in parts {
        address.push('/');
        address.push_str(&encode(part));
    }
    address
}
