//! A world that answers, decides and delivers the same way each time, for checks and measurements.

use crate::advance::RunInput;
use crate::agent::Agent;
use crate::approval::{Decision, DecisionKind, Role};
use crate::effect::{EffectKey, EffectOutcome};
use crate::event::RunEvent;
use crate::local;
use crate::projection::Projections;
use crate::question::{Answer, Question};
use crate::run::Run;
use crate::spec::{AgentInput, InputContent};
use crate::start::Start;
use crate::store::{Store, StoreError};
use crate::want::Want;
use inflight_domain::UnixMillis;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What happens outside of runs. Its clock goes on by a second with everything that it does.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Now.
    pub now: UnixMillis,
    /// How often each effect was delivered to others.
    pub delivered: BTreeMap<EffectKey, u32>,
    /// Milliseconds that decisions may be taken back.
    pub undo_ms: i64,
}

impl World {
    /// What becomes of the first thing that a run wants: the input to come back with. None if it wants nothing.
    pub fn serve(&mut self, run: &Run) -> Option<RunInput> {
        let want = run.wants().into_iter().next()?;
        self.now = UnixMillis(self.now.0 + 1000);
        Some(self.input(want))
    }

    /// The input that a want comes back with.
    pub fn input(&mut self, want: Want) -> RunInput {
        match want {
            Want::Ask { id, question, .. } => match answer(&question) {
                Ok(answer) => RunInput::Answer { id, answer },
                Err(failure) => RunInput::AnswerFailed { id, failure },
            },
            Want::Deliver { key, effect } => {
                self.now = effect.execute_at.map_or(self.now, |at| self.now.max(at));
                let outcome = if effect.is_internal() {
                    EffectOutcome::Done { answer: Value::Null }
                } else {
                    *self.delivered.entry(key.clone()).or_default() += 1;
                    EffectOutcome::Done { answer: json!({"taken": key}) }
                };
                RunInput::EffectSettled { key, outcome }
            }
            Want::Decide { id } => RunInput::Decide(Decision {
                approval: id,
                by: "ana".to_owned(),
                role: Role::Admin,
                decision: DecisionKind::Approve { payload: None },
                reason: None,
                undo_ms: self.undo_ms,
            }),
            Want::Tick { at } => {
                self.now = self.now.max(at);
                RunInput::Tick
            }
        }
    }

    /// Serves a run until it wants nothing, storing each step before the next.
    ///
    /// # Errors
    /// The store did not take a step.
    ///
    /// # Panics
    /// The run refuses what it wanted.
    pub fn finish(&mut self, store: &dyn Store, agent: &dyn Agent, run: &mut Run) -> Result<(), StoreError> {
        while let Some(input) = self.serve(run) {
            self.take(store, agent, run, input)?;
        }
        Ok(())
    }

    /// Gives a run an input and stores what follows; the same conflicted where a row was changed meanwhile.
    ///
    /// # Errors
    /// The store did not take it.
    ///
    /// # Panics
    /// The run refuses the input.
    pub fn take(
        &mut self,
        store: &dyn Store,
        agent: &dyn Agent,
        run: &mut Run,
        input: RunInput,
    ) -> Result<(), StoreError> {
        let events = run.advance(agent, input.clone(), self.now).expect("what the run wanted");
        match commit(store, run, &events) {
            Err(StoreError::Stale(found)) => {
                *run = Run::fold(store.load(run.id())?).expect("a stored run");
                let events = run.advance(agent, input.conflicted(found), self.now).expect("a conflict");
                commit(store, run, &events)
            }
            done => done,
        }
    }
}

/// Stores what a run has just taken.
///
/// # Errors
/// The store's.
pub fn commit(store: &dyn Store, run: &Run, events: &[RunEvent]) -> Result<(), StoreError> {
    let expected = run.seq() - events.len() as u64;
    store.append(run.id(), expected, events, &Projections::of(run, events))
}

/// An input of a business about a flight that is late.
#[must_use]
pub fn input(id: &str, minutes: f64, amount: f64) -> AgentInput {
    let data = [("minutes".to_owned(), json!(minutes)), ("amount".to_owned(), json!(amount))];
    AgentInput {
        id: id.to_owned(),
        business_id: "b1".to_owned(),
        content: InputContent {
            text: Some("ROT281 is late".to_owned()),
            data: Some(Map::from_iter(data)),
            metadata: None,
        },
        correlation_id: Some(["corr", id].join("_")),
        ..AgentInput::default()
    }
}

/// A run of the clerk on such an input.
#[must_use]
pub fn start(id: &str, minutes: f64, amount: f64) -> Start {
    Start::new(id, "ROT281", input(&["in", id].join("_"), minutes, amount), json!({}), 7)
}

fn answer(question: &Question) -> Result<Answer, crate::question::AskFailure> {
    match question {
        Question::Model(model) => local::answer(model),
        other => {
            let value = json!({"asked": other.kind()});
            let (text, by) = (value.to_string(), "world".to_owned());
            Ok(Answer { text, value: Some(value), by, ..Answer::default() })
        }
    }
}
