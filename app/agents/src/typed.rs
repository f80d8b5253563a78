//! Agents with a state of their own type and nodes of an enum, so that none of them touches JSON.

use crate::agent::{Agent, Failure, FailureKind, Halt, Next, Step};
use crate::context::Context;
use crate::graph::Graph;
use crate::guardrail::Guardrail;
use crate::policy::Policy;
use crate::spec::AgentOutput;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An enum of nodes.
pub trait NodeName: Copy + 'static {
    /// All of them.
    const ALL: &'static [Self];
    /// The name in the graph.
    fn name(self) -> &'static str;
}

/// Where a typed node leads.
#[derive(Clone, Debug, PartialEq)]
pub enum TypedNext<N> {
    /// To this node.
    Go(N),
    /// It is done.
    Done(Box<AgentOutput>),
    /// It has failed.
    Fail(Failure),
}

/// An agent with types; [`Typed`] makes an [`Agent`] of it.
pub trait TypedAgent: Send + Sync {
    /// What it knows between nodes.
    type State: Serialize + DeserializeOwned;
    /// Its nodes.
    type Node: NodeName;

    /// Its map.
    fn graph(&self) -> &Graph;

    /// Does one node; see [`Agent::step`].
    ///
    /// # Errors
    /// Something asked is not known yet, or the run has failed.
    fn step(
        &self,
        node: Self::Node,
        state: &mut Self::State,
        context: &mut Context<'_>,
    ) -> Result<TypedNext<Self::Node>, Halt>;

    /// See [`Agent::policy`].
    fn policy(&self) -> Policy {
        Policy::default()
    }

    /// See [`Agent::guardrails`].
    fn guardrails(&self) -> &[Guardrail] {
        &[]
    }
}

/// A typed agent as an agent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Typed<A>(pub A);

impl<A: TypedAgent> Agent for Typed<A> {
    fn graph(&self) -> &Graph {
        self.0.graph()
    }

    fn step(&self, node: &str, state: &Value, context: &mut Context<'_>) -> Result<Step, Halt> {
        let named = A::Node::ALL.iter().copied().find(|one| one.name() == node);
        let Some(named) = named else {
            return Err(Failure::new(FailureKind::Graph, ["there is no node", node].join(" ")).into());
        };
        let mut typed = A::State::deserialize(state).map_err(not_its_state)?;
        let next = match self.0.step(named, &mut typed, context)? {
            TypedNext::Go(node) => Next::Go(node.name()),
            TypedNext::Done(output) => Next::Done(output),
            TypedNext::Fail(failure) => Next::Fail(failure),
        };
        let state = serde_json::to_value(&typed).map_err(not_its_state)?;
        Ok(Step { state, next })
    }

    fn policy(&self) -> Policy {
        self.0.policy()
    }

    fn guardrails(&self) -> &[Guardrail] {
        self.0.guardrails()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn not_its_state(error: serde_json::Error) -> Failure {
    Failure::new(FailureKind::State, error.to_string())
}
