//! What a run keeps of what was asked and sent: questions, items before people, effects.

use crate::approval::{ApprovalRequest, Role, Verdict};
use crate::budget::Reserve;
use crate::effect::{Effect, EffectOutcome};
use crate::question::{Answer, AskFailure, Question};
use crate::rules::Explanation;
use inflight_domain::UnixMillis;
use serde_json::Value;

/// What a visit has asked of its context, by ordinal.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Record {
    /// A value that was looked at.
    Value { what: String, value: Value },
    /// A question.
    Question(Asked),
    /// A request that the policy decided.
    Ruled { request: ApprovalRequest, verdict: Verdict },
    /// A request that people decide; its item stands with the run.
    Item { id: String },
    /// A time.
    Until(UnixMillis),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) question: Question,
    pub(crate) degraded: Option<String>,
    pub(crate) reserve: Reserve,
    pub(crate) reply: Option<Reply>,
}

pub(crate) type Reply = Result<Answer, AskFailure>;

/// An item of the review queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The node that asks.
    pub node: String,
    /// What is asked.
    pub request: ApprovalRequest,
    /// Who may decide.
    pub role: Role,
    /// Which rule of the policy asks, and on which numbers.
    pub why: Explanation,
    /// When it was asked.
    pub asked_at: UnixMillis,
    /// When it expires.
    pub expires_at: Option<UnixMillis>,
    /// Whether it went to an admin.
    pub escalated: bool,
    /// What was decided.
    pub decided: Option<Decided>,
}

/// What was decided on an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// What.
    pub verdict: Verdict,
    /// Why, in the words of who did.
    pub reason: Option<String>,
    /// When.
    pub at: UnixMillis,
    /// It may be taken back before, and is acted on from then.
    pub holds_from: UnixMillis,
}

/// An effect that went out.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// The node that intended it.
    pub node: String,
    /// When it was intended.
    pub at: UnixMillis,
    /// What.
    pub effect: Effect,
    /// What became of it.
    pub outcome: Option<EffectOutcome>,
}
