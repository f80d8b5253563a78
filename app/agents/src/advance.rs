//! How a run goes on: one input, the events that follow from it, and the nodes that can now be done.

use crate::agent::{Agent, Failure, FailureKind, Halt, Next, Step};
use crate::approval::{Decision, Role};
use crate::budget::{Crossing, OnCrossing};
use crate::context::Context;
use crate::effect::{Effect, EffectKey, EffectOutcome, Stale};
use crate::event::{EventKind, RunEvent};
use crate::guardrail;
use crate::patch;
use crate::question::{Answer, AskFailure, Question};
use crate::refused::Refused;
use crate::run::Run;
use crate::spending;
use crate::start::Start;
use inflight_domain::UnixMillis;
use serde_json::Value;

/// Something that happened outside.
#[derive(Clone, Debug, PartialEq)]
pub enum RunInput {
    /// A question was answered.
    Answer {
        /// The question's.
        id: String,
        /// The answer.
        answer: Answer,
    },
    /// A question will not be answered.
    AnswerFailed {
        /// The question's.
        id: String,
        /// Why.
        failure: AskFailure,
    },
    /// The business has no more for today, so a question may not go out.
    BudgetRefused {
        /// The question's.
        id: String,
        /// The limit.
        crossing: Crossing,
    },
    /// An effect was delivered or given up. A delayed one of ours is settled as done when it is due.
    EffectSettled {
        /// Its key.
        key: EffectKey,
        /// What became of it.
        outcome: EffectOutcome,
    },
    /// A person decided.
    Decide(Decision),
    /// A person takes a decision back.
    Undo {
        /// The item.
        approval: String,
        /// Who.
        by: String,
        /// In which role.
        role: Role,
    },
    /// What an item is about went on without it: nobody is to decide on it any more.
    Withdraw {
        /// The item.
        approval: String,
        /// Who made it go on.
        by: String,
        /// Why.
        reason: String,
    },
    /// Time went on.
    Tick,
    /// A person stops the run.
    Cancel {
        /// Who.
        by: String,
    },
}

impl RunInput {
    /// What to come back with where the store says that the row of an effect was changed meanwhile.
    #[must_use]
    pub fn conflicted(self, found: Stale) -> Self {
        match self {
            Self::EffectSettled { key, .. } => {
                Self::EffectSettled { key, outcome: EffectOutcome::Conflicted(found) }
            }
            other => other,
        }
    }
}

impl Run {
    /// Begins a run, and does what can be done of it. The events are all that it has.
    #[must_use]
    pub fn start(agent: &dyn Agent, start: Start, now: UnixMillis) -> (Self, Vec<RunEvent>) {
        let (id, started) = start.event(agent);
        let event = RunEvent::next(&id, 1, now, EventKind::Started(Box::new(started.clone())), [0; 32]);
        let mut run = Self::new(&event, started);
        let mut events = vec![event];
        Log { run: &mut run, now, events: &mut events }.drive(agent);
        (run, events)
    }

    /// Takes what happened, and does what can be done now. The events are to be stored in one transaction
    /// before anything that the run wants is done; if they cannot be, the run is to be folded anew.
    ///
    /// # Errors
    /// The input does not fit; then the run is as it was.
    pub fn advance(
        &mut self,
        agent: &dyn Agent,
        input: RunInput,
        now: UnixMillis,
    ) -> Result<Vec<RunEvent>, Refused> {
        if self.started.agent != agent.graph().name() {
            return Err(Refused::OtherAgent(self.started.agent.clone()));
        }
        let now = now.max(self.changed_at);
        let kinds = self.admit(agent, input, now)?;
        let mut events = Vec::new();
        if !kinds.is_empty() {
            let mut log = Log { run: self, now, events: &mut events };
            kinds.into_iter().for_each(|kind| log.push(kind));
            log.drive(agent);
        }
        Ok(events)
    }
}

/// A run that is going on, and the events that it gives.
struct Log<'a> {
    run: &'a mut Run,
    now: UnixMillis,
    events: &'a mut Vec<RunEvent>,
}

impl Log<'_> {
    fn push(&mut self, kind: EventKind) {
        let event = RunEvent::next(&self.run.id, self.run.seq + 1, self.now, kind, self.run.hash);
        let taken = self.run.take_checked(&event);
        debug_assert!(taken.is_ok(), "{taken:?}");
        self.events.push(event);
    }

    fn fail(&mut self, kind: FailureKind, message: String) {
        self.push(EventKind::Failed { failure: Failure::new(kind, message) });
    }

    /// Does nodes until one has to wait or the run is over.
    fn drive(&mut self, agent: &dyn Agent) {
        self.withdraw();
        while self.run.end.is_none() && self.may_spend() && (self.run.entered || self.enter(agent)) {
            let mut context = Context::new(self.run, agent.guardrails(), self.now);
            let result = agent.step(&self.run.node, &self.run.state, &mut context);
            let Context { mut events, effects, said, diverged, .. } = context;
            let result = match diverged {
                Some((told, failure)) => {
                    events.truncate(told);
                    Err(failure.into())
                }
                None => result,
            };
            events.into_iter().for_each(|kind| self.push(kind));
            match result {
                Ok(step) => self.leave(agent, step, effects, said),
                Err(Halt::Waiting) if self.run.is_stuck() => {
                    self.fail(FailureKind::Agent, [&self.run.node, "waits for nothing"].join(" "));
                }
                Err(Halt::Waiting) => return,
                Err(Halt::Fail(failure)) => self.push(EventKind::Failed { failure }),
            }
        }
    }

    /// What a cancelled run had put off does not happen.
    fn withdraw(&mut self) {
        if !matches!(self.run.end, Some(crate::run::End::Cancelled(_))) {
            return;
        }
        let is_later = |effect: &Effect| effect.execute_at.is_some_and(|at| at > self.now);
        let later = self.run.sent.iter().filter(|(_, sent)| sent.outcome.is_none() && is_later(&sent.effect));
        let keys: Vec<EffectKey> = later.map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.push(EventKind::EffectSettled { key, outcome: EffectOutcome::Withdrawn });
        }
    }

    /// Whether nothing about the budget is open. What people do not grant ends the run, and so does a question
    /// that the business cannot pay and no rule can answer.
    fn may_spend(&mut self) -> bool {
        if let Some(item) = self.run.budget_item.as_ref().and_then(|id| self.run.items.get(id)) {
            let why = item.why.rule.clone();
            if item.decided.is_some() {
                self.fail(FailureKind::Budget, why);
            }
            return false;
        }
        let is_lost = |asked: &crate::record::Asked| {
            asked.degraded.is_some() && !matches!(&asked.question, Question::Model(model) if model.degrade)
        };
        let is_stopped = self.run.budget.on_crossing == OnCrossing::Stop;
        let refused =
            matches!(self.events.last().map(|event| &event.kind), Some(EventKind::BudgetRefused { .. }));
        if refused && (is_stopped || self.run.open_questions().any(is_lost)) {
            let why = self.run.degraded.clone().unwrap_or_default();
            self.fail(FailureKind::Budget, why);
            return false;
        }
        true
    }

    fn enter(&mut self, agent: &dyn Agent) -> bool {
        let node = self.run.node.clone();
        let visit = self.run.visits.get(&node).copied().unwrap_or(0) + 1;
        let Some(max_visits) = agent.graph().node(&node).map(|node| node.max_visits) else {
            self.fail(FailureKind::Graph, ["there is no node", &node].join(" "));
            return false;
        };
        if visit > max_visits {
            self.fail(FailureKind::Graph, [&node, "would be entered too often"].join(" "));
            return false;
        }
        if let Some(crossing) = self.run.budget.crossed_by_step(&self.run.spent) {
            let then = match self.run.budget.on_crossing {
                OnCrossing::Ask => OnCrossing::Ask,
                OnCrossing::Degrade if crossing.limit == "time" => OnCrossing::Degrade,
                OnCrossing::Degrade | OnCrossing::Stop => OnCrossing::Stop,
            };
            if then != OnCrossing::Degrade || self.run.degraded.is_none() {
                spending::crossed(self.run, &crossing, then).into_iter().for_each(|kind| self.push(kind));
            }
            if then == OnCrossing::Stop {
                self.push(EventKind::Failed { failure: spending::over_budget(&crossing) });
            }
            if then != OnCrossing::Degrade {
                return false;
            }
        }
        let step = self.run.spent.steps + 1;
        self.push(EventKind::Entered { node, visit, step });
        true
    }

    fn leave(&mut self, agent: &dyn Agent, step: Step, effects: Vec<(EffectKey, Effect)>, said: Vec<String>) {
        let node = self.run.node.clone();
        if let Some(wrong) = wrong_way(agent, &node, &step.next) {
            return self.fail(FailureKind::Graph, wrong);
        }
        for (_, effect) in &effects {
            if let Err(tripped) = guardrail::check_effect(agent.guardrails(), effect, &self.run.state) {
                let (guardrail, target) = (tripped.name.to_owned(), effect.target.clone());
                let message = [tripped.name, &tripped.message].join(": ");
                self.push(EventKind::GuardrailTripped { guardrail, target, message: tripped.message });
                return self.fail(FailureKind::Guardrail, message);
            }
        }
        for (key, effect) in effects {
            // Whether a row still is what was expected is for the store to say.
            let is_now = effect.is_internal()
                && effect.expects.is_none()
                && effect.execute_at.is_none_or(|at| at <= self.now);
            self.push(EventKind::EffectIntended { key: key.clone(), effect });
            if is_now {
                let outcome = EffectOutcome::Done { answer: Value::Null };
                self.push(EventKind::EffectSettled { key, outcome });
            }
        }
        said.into_iter().for_each(|text| self.push(EventKind::Said { text }));
        let patch = patch::diff(&self.run.state, &step.state);
        let next = match &step.next {
            Next::Go(next) => Some((*next).to_owned()),
            Next::Done(_) | Next::Fail(_) => None,
        };
        self.push(EventKind::Left { node, patch, next });
        match step.next {
            Next::Go(_) => {}
            Next::Done(mut output) => {
                if !output.confidence.is_finite() {
                    output.confidence = 0.0;
                }
                self.push(EventKind::Finished { output });
            }
            Next::Fail(failure) => self.push(EventKind::Failed { failure }),
        }
    }
}

/// What is wrong with where a node leads.
fn wrong_way(agent: &dyn Agent, node: &str, next: &Next) -> Option<String> {
    let spec = agent.graph().node(node)?;
    match next {
        Next::Go(to) if !spec.edges.contains(to) => Some([node, "has no edge to", to].join(" ")),
        Next::Done(_) if !spec.may_end && !spec.edges.is_empty() => {
            Some([node, "may not end the run"].join(" "))
        }
        Next::Go(_) | Next::Done(_) | Next::Fail(_) => None,
    }
}
