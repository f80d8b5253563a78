//! What an agent is: a graph, and a function that does one node of it.

use crate::context::Context;
use crate::graph::Graph;
use crate::guardrail::Guardrail;
use crate::policy::Policy;
use crate::spec::AgentOutput;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Decides by a graph. It holds no state and asks nobody but its context.
pub trait Agent: Send + Sync {
    /// Its map.
    fn graph(&self) -> &Graph;

    /// Does one node on one state. It is called again from its beginning with what was recorded until all
    /// that it asks is known, so it must be a function of its arguments.
    ///
    /// # Errors
    /// Something asked is not known yet, or the run has failed.
    fn step(&self, node: &str, state: &Value, context: &mut Context<'_>) -> Result<Step, Halt>;

    /// Who may let its actions happen, where a business has no policy of its own.
    fn policy(&self) -> Policy {
        Policy::default()
    }

    /// What each of its effects must pass.
    fn guardrails(&self) -> &[Guardrail] {
        &[]
    }
}

/// What a node came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The whole new state; the difference is recorded.
    pub state: Value,
    /// Where it goes on.
    pub next: Next,
}

/// Where a run goes on.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// To this node, which must be one of the edges.
    Go(&'static str),
    /// It is done.
    Done(Box<AgentOutput>),
    /// It has failed.
    Fail(Failure),
}

/// Why a node did not end.
#[derive(Clone, Debug, PartialEq)]
pub enum Halt {
    /// Something asked is not known yet.
    Waiting,
    /// It cannot go on.
    Fail(Failure),
}

/// What kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The agent said so.
    Agent,
    /// A question was not answered.
    Unanswered,
    /// A limit of the budget was crossed.
    Budget,
    /// A guardrail held an effect back.
    Guardrail,
    /// The node led where no edge leads, or too often.
    Graph,
    /// The code asked otherwise than its own records say.
    Diverged,
    /// The state is none of the agent's.
    State,
}

/// Why a run failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind.
    pub kind: FailureKind,
    /// In words, for people.
    pub message: String,
}

impl Failure {
    /// A failure of this kind.
    #[must_use]
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Fail(failure)
    }
}
