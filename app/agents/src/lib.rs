//! Durable decision graphs: a run is a state machine over an append-only, hash-chained log of events.
//!
//! Nothing here does anything: [`Run::advance`] takes what happened and gives the events to store, and
//! [`Run::wants`] tells what is to be done once they are stored. All that is not deterministic (time,
//! identifiers, answers, decisions of people) is an event, so that the same log always gives the same run.

mod admit;
pub mod advance;
pub mod agent;
pub mod approval;
pub mod breaker;
pub mod budget;
pub mod bulkhead;
pub mod canonical;
pub mod cases;
#[doc(hidden)]
pub mod clerk;
pub mod closing;
#[doc(hidden)]
pub mod conformance;
pub mod context;
pub mod controller;
pub mod coordinator;
pub mod digest;
pub mod effect;
pub mod event;
mod fold;
pub mod graph;
pub mod guardrail;
pub mod house;
pub mod local;
pub mod locale;
pub mod memory;
pub mod models;
pub mod patch;
pub mod policy;
pub mod ports;
pub mod projection;
pub mod question;
pub mod record;
pub mod recorder;
pub mod refused;
#[doc(hidden)]
pub mod rehearsal;
pub mod replay;
pub mod retry;
pub mod rows;
pub mod rules;
pub mod run;
pub mod schema;
pub mod search;
pub mod sensitive;
pub mod solo;
pub mod spec;
mod spending;
pub mod start;
pub mod store;
pub mod stream;
pub mod template;
pub mod times;
pub mod typed;
pub mod want;
pub mod watcher;
pub mod withdrawal;
pub mod wording;
pub mod words;

#[cfg(test)]
mod tests;

pub use advance::RunInput;
pub use agent::{Agent, Failure, FailureKind, Halt, Next, Step};
pub use approval::{ApprovalRequest, Decision, DecisionKind, Editable, FieldKind, OnExpiry, Role, Verdict};
pub use budget::{Budget, BudgetLeft, Crossing, OnCrossing, Price, Spent, Usage};
pub use context::Context;
pub use effect::{Effect, EffectKey, EffectKind, EffectOutcome, Expected, Stale};
pub use event::{EventKind, RunEvent};
pub use graph::{Graph, GraphError, NodeSpec};
pub use memory::Memory;
pub use policy::{Policy, PolicyOutcome, PolicyRule};
pub use projection::Projections;
pub use question::{Answer, AskFailure, ModelQuestion, Question};
pub use refused::{Broken, Refused};
pub use replay::{Divergence, Replayed, fork, replay, state_after};
pub use run::{Run, Status};
pub use spec::{AgentAction, AgentInput, AgentOutput, AgentResponse, RetryPolicy};
pub use start::{ForkedFrom, Start};
pub use store::{Cursor, Document, Store, StoreError, Table};
pub use typed::{NodeName, Typed, TypedAgent, TypedNext};
pub use want::Want;
