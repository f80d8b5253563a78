//! Cases of the watcher that runs beside the page: what came of disruptions, what is being decided, what is to be said.

mod read;
#[cfg(test)]
mod tests;

pub use read::{Case, Review, Step, Told};

use crate::state::system::json::json;
use crate::text::Locale;
use inflight_domain::{Disruption, SmallMap, UnixMillis};
use inflight_wire::Datum;

/// How the watcher's program is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Program {
    /// Nothing has happened yet that it would be needed for.
    #[default]
    Unasked,
    /// It is being fetched.
    Loading,
    /// It answers.
    Running,
    /// It could not be loaded, or broke.
    Failed,
}

/// What is known of a run's chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// It holds: so many events, and the last hash.
    Holds(i64, String),
    /// It breaks at this event.
    Breaks(i64),
}

/// Everything about the cases; what it has to say to the program waits in `outbox`.
#[derive(Debug, Default)]
pub struct Book {
    /// The program.
    pub program: Program,
    /// The cases, the newest first.
    pub cases: Vec<Case>,
    /// Messages for the program, in their order.
    pub outbox: Vec<String>,
    /// The export that came: the run and its lines.
    pub exported: Option<(String, String)>,
    told: SmallMap<String, Disruption>,
    round: Option<u64>,
    locale: Option<Locale>,
    folds: SmallMap<String, bool>,
    drafts: SmallMap<String, String>,
    refused: SmallMap<String, String>,
    checks: SmallMap<String, (i64, Check)>,
}

impl Book {
    /// Takes the disruptions of the board, which belong to a round: when another one begins, so do the cases.
    pub fn follow(&mut self, round: u64, locale: Locale, rows: Vec<Disruption>) {
        // Nobody loses a proposal under the hand: what is open then stays until the next round.
        if self.round.is_some_and(|own| own != round) && self.cases.iter().all(Case::is_settled) {
            self.begin_again(locale);
        }
        self.round = Some(round);
        if self.locale.replace(locale).is_some_and(|own| own != locale) {
            self.say("speak", &[("locale", text(locale.tag()))]);
        }
        if self.program == Program::Failed {
            // It hears all of it when it is started again.
            return;
        }
        let news: Vec<Datum> =
            rows.iter().filter(|row| self.told.get(&row.id()) != Some(row)).map(row_datum).collect();
        if news.is_empty() {
            return;
        }
        for row in rows {
            self.told.insert(row.id(), row);
        }
        self.say("take", &[("locale", text(locale.tag())), ("rows", Datum::List(news))]);
    }

    /// Whether there is something that the program is needed for.
    #[must_use]
    pub fn needs_program(&self) -> bool {
        self.program == Program::Unasked && !self.told.is_empty()
    }

    /// The program broke or could not be fetched; it is told everything anew when it is started again.
    pub fn lost(&mut self) {
        let (round, locale) = (self.round, self.locale);
        *self = Self { program: Program::Failed, round, locale, ..Self::default() };
    }

    /// What the program said. Whether somebody is newly waited for, and with what.
    pub fn hear(&mut self, said: &Datum) -> Option<String> {
        self.program = Program::Running;
        let (run, review) = (said.text("run"), said.text("review"));
        if !said.text("lines").is_empty() {
            self.exported = Some((run.to_owned(), said.text("lines").to_owned()));
        } else if !run.is_empty() {
            let check = if said.is("verified") {
                Check::Holds(said.integer("events").unwrap_or(0), said.text("hash").to_owned())
            } else {
                Check::Breaks(said.integer("seq").unwrap_or(0))
            };
            let steps = self.cases.iter().find(|case| case.run == run).map_or(0, |case| case.steps.len());
            self.checks.insert(run.to_owned(), (steps as i64, check));
        } else if !review.is_empty() {
            self.refused.insert(review.to_owned(), said.text("refused").to_owned());
        }
        let Datum::List(rows) = said.get("cases") else { return None };
        let open = |case: &Case| case.waits().then(|| case.id.clone());
        let before: Vec<String> = self.cases.iter().filter_map(open).collect();
        self.cases = rows.iter().map(Case::read).collect();
        self.cases
            .iter()
            .find(|case| case.waits() && !before.contains(&case.id))
            .map(|case| case.title.clone())
    }

    /// How many proposals wait for the person.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.cases.iter().filter(|case| case.waits()).count()
    }

    /// Whether a case shows more than its head: what waits does, unless the person folded it.
    #[must_use]
    pub fn is_open(&self, case: &Case) -> bool {
        self.folds.get(&case.id).copied().unwrap_or_else(|| case.waits())
    }

    /// What is being written in place of a proposal, while it is edited.
    #[must_use]
    pub fn draft(&self, review: &str) -> Option<&str> {
        self.drafts.get(review).map(String::as_str)
    }

    /// Why the last wish about a proposal was not done.
    #[must_use]
    pub fn refusal(&self, review: &str) -> Option<&str> {
        self.refused.get(review).map(String::as_str)
    }

    /// What is known of the chain of a case's run, as it is now.
    #[must_use]
    pub fn check(&self, case: &Case) -> Option<&Check> {
        let (steps, check) = self.checks.get(&case.run)?;
        (*steps == case.steps.len() as i64).then_some(check)
    }

    /// Does what a control of a case is for; `value` is what was typed.
    pub fn act(&mut self, act: &str, id: &str, value: &str) {
        let Some(place) = self.cases.iter().position(|case| case.id == id) else { return };
        let is_open = self.is_open(&self.cases[place]);
        let (run, review) = (self.cases[place].run.clone(), self.cases[place].review.clone());
        match act {
            "fold" => self.folds.insert(id.to_owned(), !is_open),
            "verify" | "export" => self.say(act, &[("run", text(&run))]),
            _ => {}
        }
        let Some(review) = review else { return };
        match act {
            "edit" if self.drafts.remove(&review.id).is_none() => self.drafts.insert(review.id, review.text),
            "type" => self.drafts.insert(review.id, value.to_owned()),
            "approve" => {
                let draft = self.drafts.get(&review.id).cloned().filter(|draft| *draft != review.text);
                // An empty text says nothing; the field says so.
                if draft.as_ref().is_none_or(|draft| !draft.trim().is_empty()) {
                    self.decide(id, act, &review.id, draft);
                }
            }
            "reject" | "undo" => self.decide(id, act, &review.id, None),
            _ => {}
        }
    }

    fn decide(&mut self, case: &str, act: &str, review: &str, draft: Option<String>) {
        // It stays open under the hand of who decides it.
        self.folds.insert(case.to_owned(), true);
        self.refused.remove(review);
        let mut parts = vec![("review", text(review))];
        parts.extend(draft.map(|draft| ("text", Datum::Text(draft))));
        self.say(act, &parts);
    }

    fn begin_again(&mut self, locale: Locale) {
        *self = Self { program: self.program, ..Self::default() };
        if self.program != Program::Unasked {
            self.say("begin", &[("locale", text(locale.tag()))]);
        }
    }

    fn say(&mut self, act: &str, parts: &[(&str, Datum)]) {
        let all = [("do", text(act))].into_iter().chain(parts.iter().cloned());
        self.outbox.push(json(&map(all)));
    }
}

/// A row of the topic, as its entries have it.
fn row_datum(row: &Disruption) -> Datum {
    let or_nil = |words: Option<&str>| words.map_or(Datum::Nil, text);
    let evidence = row.evidence.iter().map(|(measure, value)| (measure.name(), number(value)));
    let place = [row.place.latitude_deg(), row.place.longitude_deg()].map(number);
    map([
        ("id", Datum::Text(row.id())),
        ("kind", text(row.kind.name())),
        ("icao24", Datum::Text(row.icao24.to_string())),
        ("callsign", or_nil(row.callsign.as_ref().map(|callsign| callsign.as_str()))),
        ("began", seconds(row.began)),
        ("last_seen", seconds(row.last_seen)),
        ("ended", row.ended.map_or(Datum::Nil, seconds)),
        ("severity", text(row.severity.name())),
        ("confidence_pct", Datum::Integer(i64::from(row.confidence_pct))),
        ("place", Datum::List(place.to_vec())),
        ("airport", or_nil(row.airport.as_ref().map(|airport| airport.as_str()))),
        ("evidence", map(evidence)),
    ])
}

fn seconds(at: UnixMillis) -> Datum {
    number(at.0 as f64 / 1000.0)
}

fn number(value: f64) -> Datum {
    let whole = value as i64;
    if whole as f64 == value { Datum::Integer(whole) } else { Datum::Float(value) }
}

fn text(words: &str) -> Datum {
    Datum::Text(words.to_owned())
}

fn map<'a>(members: impl IntoIterator<Item = (&'a str, Datum)>) -> Datum {
    Datum::Map(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
