//! Why an input does not move a run, and why events make no run.

use crate::approval::{Role, Verdict};
use thiserror::Error;

/// Why an input was not taken. The run is as it was.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refused {
    /// It is over.
    #[error("the run has ended")]
    Ended,
    /// No such question is open; perhaps it was answered already.
    #[error("no question {0} is open")]
    NoQuestion(String),
    /// No such item.
    #[error("no item {0} is in this run")]
    NoApproval(String),
    /// Somebody was first.
    #[error("the item was decided already")]
    Decided(Box<Verdict>),
    /// It was not decided, or too long ago.
    #[error("there is nothing to take back")]
    NothingToUndo,
    /// Not for this person.
    #[error("this needs the role {0:?}")]
    Role(Role),
    /// The edited payload does not fit.
    #[error("{0}")]
    Payload(String),
    /// A guardrail holds the edited payload back.
    #[error("{guardrail}: {message}")]
    Guardrail {
        /// Which.
        guardrail: String,
        /// What is wrong.
        message: String,
    },
    /// No such effect is open; perhaps it was settled already.
    #[error("no effect {0} is open")]
    NoEffect(String),
    /// The agent is another one than the run's.
    #[error("the run belongs to {0}")]
    OtherAgent(String),
}

/// Why events make no run.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Broken {
    /// There are none.
    #[error("there are no events")]
    Empty,
    /// The first does not begin a run, or a later one does.
    #[error("event {0} is out of place")]
    OutOfPlace(u64),
    /// Not the one that follows.
    #[error("event {expected} is missing, {got} came")]
    Gap {
        /// What would follow.
        expected: u64,
        /// What came.
        got: u64,
    },
    /// It was changed, or one before it was.
    #[error("the chain breaks at event {0}")]
    Chain(u64),
    /// Its difference does not fit the state.
    #[error("event {seq} changes {at}, which is not there")]
    Patch {
        /// The event.
        seq: u64,
        /// The place.
        at: String,
    },
}
