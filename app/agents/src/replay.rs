//! A run done again on its own records: the first place where it differs is named, and any step can be forked.

use crate::advance::RunInput;
use crate::agent::Agent;
use crate::approval::{Decision, DecisionKind, Role, Verdict};
use crate::event::{EventKind, RunEvent};
use crate::patch;
use crate::refused::Broken;
use crate::run::Run;
use crate::start::{ForkedFrom, Start};
use serde_json::Value;
use thiserror::Error;

/// A run that was done again and came out the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Replayed {
    /// The run.
    pub run: Run,
    /// Events that were compared.
    pub events: u64,
    /// Nodes that were done.
    pub steps: u32,
}

/// The first place where code and records differ.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("event {seq} in node {node}: recorded is {expected}, the code gives {got}")]
pub struct Divergence {
    /// The event.
    pub seq: u64,
    /// The node that was being done.
    pub node: String,
    /// What is recorded, as JSON.
    pub expected: String,
    /// What the code did, as JSON.
    pub got: String,
}

/// Does a run again: everything from outside is given as it is recorded, and all else must come out the same.
///
/// # Errors
/// The first event that differs.
pub fn replay(agent: &dyn Agent, events: &[RunEvent]) -> Result<Replayed, Divergence> {
    let Some(first) = events.first() else { return Err(nothing_recorded()) };
    let EventKind::Started(started) = &first.kind else { return Err(nothing_recorded()) };
    let start = Start {
        run: first.run.clone(),
        title: started.title.clone(),
        input: started.input.clone(),
        state: started.state.clone(),
        seed: started.seed,
        budget: started.budget,
        policy: Some(started.policy.clone()),
        node: Some(started.node.clone()),
        forked_from: started.forked_from.clone(),
        elsewhere: started.elsewhere.clone(),
        sensitive: started.sensitive,
    };
    let (mut run, mut made) = Run::start(agent, start, first.at);
    let (mut done, mut at) = (0, started.node.clone());
    loop {
        compare(&events[done..], &made, &at)?;
        done += made.len();
        let Some(next) = events.get(done) else { break };
        let input = from_outside(next).ok_or_else(|| differs(next, "nothing", run.node()))?;
        run.node().clone_into(&mut at);
        made = run.advance(agent, input, next.at).map_err(|why| differs(next, &why.to_string(), &at))?;
        if made.is_empty() {
            return Err(differs(next, "nothing", &at));
        }
    }
    let (events, steps) = (done as u64, run.spent().steps);
    Ok(Replayed { run, events, steps })
}

/// The state after an event, which is the one that the newest node that had ended by then left behind.
///
/// # Errors
/// The events are not those of a run.
pub fn state_after(events: &[RunEvent], seq: u64) -> Result<Value, Broken> {
    let mut state = Value::Null;
    for event in events.iter().take_while(|event| event.seq <= seq) {
        match &event.kind {
            EventKind::Started(started) => state.clone_from(&started.state),
            EventKind::Left { patch, .. } => {
                patch::apply(&mut state, patch).map_err(|at| Broken::Patch { seq: event.seq, at })?;
            }
            _ => {}
        }
    }
    Ok(state)
}

/// A new run that goes on after an event of this one, with another state if one is given. It begins with the
/// node that was being done or came next, on the same input, seed, budget and policy.
///
/// # Errors
/// The events are not those of a run.
pub fn fork(events: &[RunEvent], seq: u64, run: &str, edited: Option<Value>) -> Result<Start, Broken> {
    let until: Vec<RunEvent> = events.iter().take_while(|event| event.seq <= seq).cloned().collect();
    let parent = Run::fold(until)?;
    let started = parent.started();
    Ok(Start {
        run: run.to_owned(),
        title: started.title.clone(),
        input: started.input.clone(),
        state: edited.unwrap_or_else(|| parent.state().clone()),
        seed: started.seed,
        budget: started.budget,
        policy: Some(started.policy.clone()),
        node: Some(parent.node().to_owned()),
        forked_from: Some(ForkedFrom { run: parent.id().to_owned(), seq: parent.seq() }),
        elsewhere: started.elsewhere.clone(),
        // Also what was read after the event may stand in an edited state.
        sensitive: events.iter().any(|event| event.kind.is_sensitive()),
    })
}

/// Compares what one input brought about, beginning in this node.
fn compare(recorded: &[RunEvent], made: &[RunEvent], node: &str) -> Result<(), Divergence> {
    let mut within = node;
    for (index, got) in made.iter().enumerate() {
        if let EventKind::Entered { node: entered, .. } = &got.kind {
            within = entered;
        }
        let Some(expected) = recorded.get(index) else {
            let (seq, node) = (got.seq, within.to_owned());
            return Err(Divergence { seq, node, expected: "nothing".to_owned(), got: json(got) });
        };
        // Times are inputs, and the chain is compared by what it is over.
        if expected.kind != got.kind {
            return Err(differs(expected, &json(got), within));
        }
        if expected.hash != got.hash {
            return Err(differs(expected, "the same under another hash", within));
        }
    }
    Ok(())
}

/// The input that brought about this event, if it came from outside.
fn from_outside(event: &RunEvent) -> Option<RunInput> {
    Some(match &event.kind {
        EventKind::Answered { id, answer } => RunInput::Answer { id: id.clone(), answer: answer.clone() },
        EventKind::AnswerFailed { id, failure } => {
            RunInput::AnswerFailed { id: id.clone(), failure: failure.clone() }
        }
        EventKind::BudgetRefused { id, crossing } => {
            RunInput::BudgetRefused { id: id.clone(), crossing: crossing.clone() }
        }
        EventKind::EffectSettled { key, outcome } => {
            RunInput::EffectSettled { key: key.clone(), outcome: outcome.clone() }
        }
        EventKind::ApprovalDecided { verdict: Verdict::Rejected { by, .. }, .. } if by == "clock" => {
            RunInput::Tick
        }
        EventKind::ApprovalDecided { id, verdict: Verdict::Withdrawn { by, reason }, .. } => {
            RunInput::Withdraw { approval: id.clone(), by: by.clone(), reason: reason.clone() }
        }
        EventKind::ApprovalDecided { id, verdict, role, reason, holds_from } => {
            let (by, decision) = match verdict {
                Verdict::Rejected { by, .. } | Verdict::Withdrawn { by, .. } => {
                    (by.clone(), DecisionKind::Reject)
                }
                Verdict::Approved { by, payload, edited } => {
                    (by.clone(), DecisionKind::Approve { payload: edited.then(|| payload.clone()) })
                }
            };
            let (approval, reason, undo_ms) = (id.clone(), reason.clone(), holds_from.since(event.at));
            RunInput::Decide(Decision { approval, by, role: *role, decision, reason, undo_ms })
        }
        // Whether they might was held to their role when it happened; the event does not say in which.
        EventKind::ApprovalReopened { id, by } => {
            RunInput::Undo { approval: id.clone(), by: by.clone(), role: Role::Admin }
        }
        EventKind::ApprovalEscalated { .. } | EventKind::Woken {} => RunInput::Tick,
        EventKind::Cancelled { by } => RunInput::Cancel { by: by.clone() },
        _ => return None,
    })
}

fn differs(expected: &RunEvent, got: &str, node: &str) -> Divergence {
    let (seq, node) = (expected.seq, node.to_owned());
    Divergence { seq, node, expected: json(expected), got: got.to_owned() }
}

fn json(event: &RunEvent) -> String {
    crate::canonical::text(&serde_json::to_value(&event.kind).unwrap_or_default())
}

fn nothing_recorded() -> Divergence {
    let (expected, got) = ("a run that began".to_owned(), "nothing".to_owned());
    Divergence { seq: 1, node: String::new(), expected, got }
}
