//! Runs an agent to its end for tests and frozen runs: the embedded services answer, the local reasoner decides, and a person does as told.

use crate::advance::RunInput;
use crate::agent::Agent;
use crate::approval::{Decision, DecisionKind, Role};
use crate::conformance::commit;
use crate::effect::EffectOutcome;
use crate::event::RunEvent;
use crate::local;
use crate::memory::Memory;
use crate::ports::embedded::{Embedded, Services};
use crate::ports::{Port, question};
use crate::question::{Answer, AskFailure, Question};
use crate::run::Run;
use crate::spec::AgentOutput;
use crate::start::Start;
use crate::store::{Document, Store, StoreError, Table};
use crate::want::Want;
use inflight_domain::UnixMillis;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// When rehearsals begin.
pub const BEGAN: UnixMillis = UnixMillis(1_795_300_000_000);

/// A stage: a store, lists beside it, and what the person says who is asked.
pub struct Stage {
    /// The rows.
    pub store: Memory,
    /// The lists beside them.
    pub embedded: Embedded,
    /// What the person says.
    pub decision: DecisionKind,
    /// Done to the store while somebody is asked.
    pub meanwhile: Option<fn(&Memory)>,
    /// Done to the store before a row is changed that something is expected of.
    pub before: Option<fn(&Memory)>,
    /// What a model answers in place of the local reasoner.
    pub model: Option<Value>,
    /// Services do not answer.
    pub silent: bool,
    /// Resources live elsewhere, where this comes of a change.
    pub elsewhere: Option<EffectOutcome>,
}

impl Default for Stage {
    fn default() -> Self {
        Self {
            store: Memory::default(),
            embedded: Embedded::default(),
            decision: DecisionKind::Approve { payload: None },
            meanwhile: None,
            before: None,
            model: None,
            silent: false,
            elsewhere: None,
        }
    }
}

impl Stage {
    /// Puts a row into the business of rehearsals.
    ///
    /// # Panics
    /// It is no object.
    pub fn put(&self, table: Table, id: &str, fields: Value) {
        let fields = fields.as_object().cloned().expect("an object");
        let (business, id) = ("carpat-air".to_owned(), id.to_owned());
        let version = self.document(table, &id).map_or(0, |old| old.version) + 1;
        self.store
            .put(&Document { table, business, id, version, changed: BEGAN, fields })
            .expect("a new version");
    }

    /// A row of it.
    ///
    /// # Panics
    /// Never: the store is in memory.
    #[must_use]
    pub fn document(&self, table: Table, id: &str) -> Option<Document> {
        self.store.document(table, "carpat-air", id).expect("a store that works")
    }

    /// All rows of a table.
    ///
    /// # Panics
    /// Never: the store is in memory.
    #[must_use]
    pub fn documents(&self, table: Table) -> Vec<Document> {
        self.store.documents(table, Some("carpat-air")).expect("a store that works")
    }

    /// To the end, or to where nothing more happens.
    ///
    /// # Panics
    /// The run refuses what it wanted.
    pub fn run(&mut self, agent: &dyn Agent, start: Start) -> (Run, Vec<RunEvent>) {
        let mut now = BEGAN;
        let (mut run, events) = Run::start(agent, start, now);
        commit(&self.store, &run, &events).expect("a new run");
        let mut all = events;
        while let Some(want) = run.wants().into_iter().next() {
            now = UnixMillis(now.0 + 10);
            let meanwhile = self.before.filter(|_| is_row(&want));
            let input = self.serve(want, &mut now);
            if let Some(meanwhile) = meanwhile {
                meanwhile(&self.store);
            }
            let mut events = run.advance(agent, input.clone(), now).expect("what it wanted");
            match commit(&self.store, &run, &events) {
                Err(StoreError::Stale(found)) => {
                    run = Run::fold(all.clone()).expect("a run");
                    events = run.advance(agent, input.conflicted(found), now).expect("a conflict");
                    commit(&self.store, &run, &events).expect("a step");
                }
                done => done.expect("a step"),
            }
            all.extend(events);
        }
        (run, all)
    }

    /// The same, for what it decided.
    ///
    /// # Panics
    /// It did not finish.
    pub fn decide(&mut self, agent: &dyn Agent, start: Start) -> AgentOutput {
        let (_, events) = self.run(agent, start);
        match events.into_iter().next_back().map(|event| event.kind) {
            Some(crate::event::EventKind::Finished { output }) => *output,
            other => panic!("it did not finish: {other:?}"),
        }
    }

    fn serve(&mut self, want: Want, now: &mut UnixMillis) -> RunInput {
        match want {
            Want::Ask { id, question, .. } => match self.answer(&question, *now) {
                Ok(answer) => RunInput::Answer { id, answer },
                Err(failure) => RunInput::AnswerFailed { id, failure },
            },
            Want::Deliver { key, effect } => {
                let elsewhere = self.elsewhere.clone().filter(|_| !effect.is_internal());
                let done = || EffectOutcome::Done { answer: json!({"ok": true}) };
                RunInput::EffectSettled { key, outcome: elsewhere.unwrap_or_else(done) }
            }
            Want::Decide { id } => {
                if let Some(meanwhile) = self.meanwhile {
                    meanwhile(&self.store);
                }
                let (by, role, decision) = ("mihai".to_owned(), Role::Coordinator, self.decision.clone());
                RunInput::Decide(Decision { approval: id, by, role, decision, reason: None, undo_ms: 0 })
            }
            Want::Tick { at } => {
                *now = (*now).max(at);
                RunInput::Tick
            }
        }
    }

    fn answer(&mut self, question: &Question, now: UnixMillis) -> Result<Answer, AskFailure> {
        if let Question::Model(model) = question {
            return match &self.model {
                Some(value) => {
                    Ok(Answer { value: Some(value.clone()), by: "chat:test".to_owned(), ..Answer::default() })
                }
                None => local::answer(model),
            };
        }
        if self.silent {
            return Err(AskFailure::new("unavailable", "nobody answers"));
        }
        let mut services = Services { store: &self.store, embedded: &mut self.embedded };
        let calls = question::calls(question)?;
        if let (Question::Search { among, business, query, filters, limit }, true) =
            (question, calls.is_empty())
        {
            let rows = services.list(among, business, query, filters, usize::from(*limit))?;
            return Ok(Answer {
                value: Some(json!({"rows": rows})),
                by: "store".to_owned(),
                ..Answer::default()
            });
        }
        let replies = calls.iter().map(|call| services.call(call, now)).collect();
        let mut answer = question::answer(question, replies, &BTreeSet::new())?;
        if let (Question::Business { .. }, Some(_), Some(value)) =
            (question, &self.elsewhere, answer.value.as_mut())
        {
            value["resources"] = json!("http");
        }
        Ok(answer)
    }
}

fn is_row(want: &Want) -> bool {
    matches!(want, Want::Deliver { effect, .. } if effect.is_internal())
}
