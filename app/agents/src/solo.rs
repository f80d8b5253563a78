//! One business without a server: disruptions come in, the watcher's runs go forward by rules alone, on the given clock.

mod shown;
#[cfg(test)]
mod tests;

use crate::advance::RunInput;
use crate::approval::{Decision, DecisionKind, Role};
use crate::canonical;
use crate::closing::object;
use crate::controller;
use crate::effect::EffectOutcome;
use crate::event::RunEvent;
use crate::graph::GraphError;
use crate::locale::Locale;
use crate::memory::Memory;
use crate::ports::rows;
use crate::projection::Projections;
use crate::question::{Answer, AskFailure, Question};
use crate::refused::Refused;
use crate::replay::{Divergence, replay};
use crate::run::Run;
use crate::start::Start;
use crate::store::{Document, Store, StoreError, Table};
use crate::typed::Typed;
use crate::want::Want;
use crate::watcher::Watcher;
use crate::watcher::assess::Seen;
use crate::withdrawal;
use inflight_domain::{SmallMap, UnixMillis};
use serde_json::{Value, json};
use thiserror::Error;

/// The made-up business.
pub const BUSINESS: &str = "example";

/// Who decides here: nobody signs in.
pub const PERSON: &str = "you";

/// How long a decision may be taken back.
pub const UNDO_MS: i64 = 5000;

/// A business with its watcher, its store and its runs.
#[derive(Debug)]
pub struct Solo {
    agent: Typed<Watcher>,
    store: Memory,
    runs: SmallMap<String, Run>,
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Unmoved {
    /// No such item or run.
    #[error("there is no {0}")]
    Unknown(String),
    /// The run does not take it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A run whose chain holds and that comes out the same when it is done again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Events in the chain.
    pub events: u64,
    /// Nodes that were done again.
    pub steps: u32,
    /// The hash of the last event.
    pub hash: String,
}

impl Solo {
    /// A business that nothing has happened to, whose agents write in this language.
    ///
    /// # Errors
    /// The watcher's graph is not whole.
    pub fn new(locale: Locale, now: UnixMillis) -> Result<Self, GraphError> {
        let (agent, store) = (Typed(Watcher::new()?), Memory::default());
        let solo = Self { agent, store, runs: SmallMap::default() };
        solo.speak(locale, now);
        Ok(solo)
    }

    /// What agents write from now on is in this language.
    pub fn speak(&self, locale: Locale, now: UnixMillis) {
        let id = BUSINESS.to_owned();
        let version = self.row(Table::Businesses, BUSINESS).map_or(1, |old| old.version + 1);
        let fields = json!({
            "businessId": id, "name": "Harbour Air (example)", "type": "airline",
            "settings": {"locale": locale, "timeZone": "America/New_York"}, "metadata": {"example": true},
        });
        let fields = object(&fields);
        let row =
            Document { table: Table::Businesses, business: id.clone(), id, version, changed: now, fields };
        // Nobody else writes here, so the version is the next one.
        let _ = self.store.put(&row);
    }

    /// Takes a row of the topic `disruptions`; the run that begins on it, unless it says nothing new.
    ///
    /// # Errors
    /// The run cannot be kept.
    pub fn take(&mut self, row: Value, seed: u64, now: UnixMillis) -> Result<Option<String>, Unmoved> {
        let Some(seen) = Seen::of(&row) else { return Ok(None) };
        let input = controller::seen_input(BUSINESS, &seen, row, now);
        if self.store.input_run(BUSINESS, &input.id)?.is_some() {
            return Ok(None);
        }
        // As a server calls them: later ones sort after earlier ones.
        let id = format!("run-{:011x}-{:08x}", now.0, seed & 0xffff_ffff);
        let title = seen.title(Locale::En);
        let (run, events) = Run::start(&self.agent, Start::new(&id, &title, input, json!({}), seed), now);
        self.keep(run, &events)?;
        self.go_on(&id, now)?;
        self.withdraw(now)?;
        Ok(Some(id))
    }

    /// A person decides on an item of the queue, with an edited text if one is given.
    ///
    /// # Errors
    /// There is no such item, or it is not decided so.
    pub fn decide(&mut self, review: &str, verdict: Wish, now: UnixMillis) -> Result<(), Unmoved> {
        let (decision, reason) = match verdict {
            Wish::Approve(None) => (DecisionKind::Approve { payload: None }, None),
            Wish::Approve(Some(text)) => {
                let row = self.store.review(review)?.ok_or_else(|| unknown("proposal", review))?;
                let mut payload = row.action.payload;
                payload.insert("text".to_owned(), text.into());
                (DecisionKind::Approve { payload: Some(payload) }, None)
            }
            Wish::Reject(reason) => (DecisionKind::Reject, reason),
        };
        let (approval, by, undo_ms) = (review.to_owned(), PERSON.to_owned(), UNDO_MS);
        let decision = Decision { approval, by, role: Role::Coordinator, decision, reason, undo_ms };
        self.hand(review, RunInput::Decide(decision), now)
    }

    /// A person takes a decision back before it holds.
    ///
    /// # Errors
    /// There is nothing to take back.
    pub fn undo(&mut self, review: &str, now: UnixMillis) -> Result<(), Unmoved> {
        let (approval, by) = (review.to_owned(), PERSON.to_owned());
        self.hand(review, RunInput::Undo { approval, by, role: Role::Coordinator }, now)?;
        self.withdraw(now)
    }

    /// Time went on; whether anything came of it.
    ///
    /// # Errors
    /// What came of it cannot be kept.
    pub fn tick(&mut self, now: UnixMillis) -> Result<bool, Unmoved> {
        let is_due = |run: &Run| run.end().is_none() && run.next_tick().is_some_and(|at| at <= now);
        let due: Vec<String> =
            self.runs.iter().filter(|(_, run)| is_due(run)).map(|(id, _)| id.clone()).collect();
        for id in &due {
            self.input(id, RunInput::Tick, now)?;
        }
        Ok(!due.is_empty())
    }

    /// When time alone changes something next.
    #[must_use]
    pub fn next_tick(&self) -> Option<UnixMillis> {
        self.runs.values().filter(|run| run.end().is_none()).filter_map(Run::next_tick).min()
    }

    /// Looks at each hash of a run's chain, then does the run again.
    ///
    /// # Errors
    /// The first event that differs.
    pub fn verify(&self, run: &str) -> Result<Verified, Divergence> {
        let events = self.store.load(run).unwrap_or_default();
        if let Some(wrong) = broken_link(&events) {
            let (expected, got) = ("the chain of hashes".to_owned(), "another hash".to_owned());
            return Err(Divergence { seq: wrong, node: String::new(), expected, got });
        }
        let replayed = replay(&self.agent, &events)?;
        let hash = canonical::hex(&replayed.run.hash());
        Ok(Verified { events: replayed.events, steps: replayed.steps, hash })
    }

    /// The events of a run, each a line of canonical JSON, as stores keep them.
    #[must_use]
    pub fn export(&self, run: &str) -> String {
        let lines = self.store.load(run).unwrap_or_default();
        lines.iter().fold(String::new(), |text, event| text + &event.line() + "\n")
    }

    fn hand(&mut self, review: &str, input: RunInput, now: UnixMillis) -> Result<(), Unmoved> {
        let row = self.store.review(review)?.ok_or_else(|| unknown("proposal", review))?;
        self.input(&row.run, input, now)
    }

    /// Withdraws what cases went on without. Looks at the own runs alone: to list reviews costs a browser kilobytes.
    fn withdraw(&mut self, now: UnixMillis) -> Result<(), Unmoved> {
        let open = self.runs.values().filter(|run| run.end().is_none());
        let items: Vec<String> = open.flat_map(|run| run.items().keys().cloned()).collect();
        for id in items {
            let Some(row) = self.store.review(&id)? else { continue };
            if let Some(input) = withdrawal::lapsed(&self.store, &row, now)? {
                self.input(&row.run, input, now)?;
            }
        }
        Ok(())
    }

    fn input(&mut self, id: &str, input: RunInput, now: UnixMillis) -> Result<(), Unmoved> {
        let mut run = self.runs.remove(id).ok_or_else(|| unknown("run", id))?;
        let advanced = run.advance(&self.agent, input, now);
        // What is refused leaves the run as it was.
        let kept = self.keep(run, advanced.as_deref().unwrap_or_default());
        advanced?;
        kept?;
        self.go_on(id, now)
    }

    /// Does what a run wants, until only a person or time can.
    fn go_on(&mut self, id: &str, now: UnixMillis) -> Result<(), Unmoved> {
        let wants = self.runs.get(id).map(Run::wants).unwrap_or_default();
        match wants.into_iter().find_map(|want| self.serve(want, now)) {
            Some(input) => self.input(id, input, now),
            None => Ok(()),
        }
    }

    fn serve(&self, want: Want, now: UnixMillis) -> Option<RunInput> {
        match want {
            Want::Ask { id, question, .. } => Some(match self.answer(&question) {
                Ok(answer) => RunInput::Answer { id, answer },
                Err(failure) => RunInput::AnswerFailed { id, failure },
            }),
            Want::Deliver { key, effect } if effect.is_internal() => {
                let is_due = effect.execute_at.is_none_or(|at| at <= now);
                is_due.then_some(RunInput::EffectSettled {
                    key,
                    outcome: EffectOutcome::Done { answer: Value::Null },
                })
            }
            Want::Deliver { key, .. } => {
                let message = "there is no other system here".to_owned();
                Some(RunInput::EffectSettled { key, outcome: EffectOutcome::Failed { message, attempts: 1 } })
            }
            Want::Decide { .. } | Want::Tick { .. } => None,
        }
    }

    /// As a server's embedded services would, in the same words.
    fn answer(&self, question: &Question) -> Result<Answer, AskFailure> {
        let value = match question {
            Question::Business { .. } => {
                let info = self.row(Table::Businesses, BUSINESS).map(|row| row.fields);
                json!({"allowed": true, "resources": "store", "business": info})
            }
            // It has no message models of its own.
            Question::Search { among, filters, .. } if among == "cases" || among == "models" => {
                let found = filters.get("id").and_then(|id| self.row(Table::Cases, id));
                let rows: Vec<Value> = found.iter().map(rows::row).collect();
                let value = Some(json!({ "rows": rows }));
                return Ok(Answer { value, by: "store".to_owned(), ..Answer::default() });
            }
            // Those of this business, the newest first: there are too few to search among.
            Question::Search { among, filters, limit, .. } if among == "decisions" => {
                let all = self.store.documents(Table::Decisions, None).unwrap_or_default();
                let wanted = filters.get("decisionCode").map(String::as_str);
                let same = |row: &&Document| row.fields.get("decisionCode").and_then(Value::as_str) == wanted;
                let near = all.iter().rev().filter(same).take(usize::from(*limit));
                json!({"rows": near.map(|row| Value::Object(row.fields.clone())).collect::<Vec<_>>()})
            }
            _ => {
                let message = "there is no such service here".to_owned();
                return Err(AskFailure::new("unavailable", message));
            }
        };
        Ok(Answer {
            text: canonical::text(&value),
            value: Some(value),
            by: "store".to_owned(),
            ..Answer::default()
        })
    }

    fn row(&self, table: Table, id: &str) -> Option<Document> {
        self.store.document(table, BUSINESS, id).ok().flatten()
    }

    fn keep(&mut self, run: Run, events: &[RunEvent]) -> Result<(), StoreError> {
        let expected = run.seq() - events.len() as u64;
        if !events.is_empty() {
            self.store.append(run.id(), expected, events, &Projections::of(&run, events))?;
        }
        self.runs.insert(run.id().to_owned(), run);
        Ok(())
    }
}

/// What a person wants of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// That it is done, with this text if it was edited.
    Approve(Option<String>),
    /// That it is not done, and perhaps why.
    Reject(Option<String>),
}

/// The first event whose hash is not the one over it and the one before.
fn broken_link(events: &[RunEvent]) -> Option<u64> {
    let mut prev = [0; 32];
    events.iter().find_map(|event| {
        let holds = event.prev == prev && event.is_whole();
        prev = event.hash;
        (!holds).then_some(event.seq)
    })
}

fn unknown(what: &str, id: &str) -> Unmoved {
    Unmoved::Unknown([what, id].join(" "))
}
