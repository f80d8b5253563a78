//! With what a run begins, whether new or taken from another.

use crate::agent::Agent;
use crate::budget::Budget;
use crate::event::Started;
use crate::policy::Policy;
use crate::spec::AgentInput;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// With what a run begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// Its identifier, unique for ever.
    pub run: String,
    /// A line for people.
    pub title: String,
    /// What it deals with.
    pub input: AgentInput,
    /// The state before the first node.
    pub state: Value,
    /// Source of all its random numbers.
    pub seed: u64,
    /// What it may cost.
    pub budget: Budget,
    /// The business's own policy; the agent's if none.
    pub policy: Option<Policy>,
    /// Where it begins, if not at the start of the graph.
    pub node: Option<String>,
    /// Where it was taken from.
    pub forked_from: Option<ForkedFrom>,
    /// Names of services and hooks that other systems have.
    pub elsewhere: BTreeSet<String>,
    /// Whether the state must not be stored in plain text, though the input may.
    pub sensitive: bool,
}

impl Start {
    /// A run on this input, with everything else as usual.
    #[must_use]
    pub fn new(run: &str, title: &str, input: AgentInput, state: Value, seed: u64) -> Self {
        Self {
            run: run.to_owned(),
            title: title.to_owned(),
            input,
            state,
            seed,
            budget: Budget::default(),
            policy: None,
            node: None,
            forked_from: None,
            elsewhere: BTreeSet::new(),
            sensitive: false,
        }
    }

    pub(crate) fn event(self, agent: &dyn Agent) -> (String, Started) {
        let graph = agent.graph();
        let started = Started {
            agent: graph.name().to_owned(),
            version: graph.version().to_owned(),
            title: self.title,
            input: self.input,
            node: self.node.unwrap_or_else(|| graph.start().to_owned()),
            state: self.state,
            seed: self.seed,
            budget: self.budget,
            policy: self.policy.unwrap_or_else(|| agent.policy()),
            forked_from: self.forked_from,
            elsewhere: self.elsewhere,
            sensitive: self.sensitive,
        };
        (self.run, started)
    }
}

/// The step of another run that this one was taken from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForkedFrom {
    /// The run.
    pub run: String,
    /// The event after which.
    pub seq: u64,
}
