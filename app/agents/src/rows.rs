//! The rows that the desk shows and stores keep beside the events: each whole, the later one wins.

use crate::approval::{Editable, OnExpiry, Role};
use crate::effect::{Effect, EffectKey};
use crate::rules::Explanation;
use crate::run::Status;
use crate::spec::{AgentAction, InputSource};
use crate::times;
use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A run, for lists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    /// Its identifier.
    pub id: String,
    /// The business.
    pub business: String,
    /// One of its places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The agent.
    pub agent: String,
    /// The version of its code.
    pub version: String,
    /// How it is.
    pub status: Status,
    /// The node that it is in, or was in when it ended.
    pub node: String,
    /// Nodes entered.
    pub step: u32,
    /// Its newest event.
    pub seq: u64,
    /// When it began.
    #[serde(with = "times::ms")]
    pub started_ms: UnixMillis,
    /// When its newest event happened.
    #[serde(with = "times::ms")]
    pub changed_ms: UnixMillis,
    /// A line for people.
    pub title: String,
    /// Joins what belongs together across systems.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// Where its input came from.
    pub input_source: InputSource,
    /// The input's identifier.
    pub input: String,
    /// What it decided.
    #[serde(rename = "decisionCode", default, skip_serializing_if = "Option::is_none")]
    pub decision_code: Option<String>,
    /// How sure it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// Whether people were to look at it.
    #[serde(rename = "requiresHumanReview", default, skip_serializing_if = "Option::is_none")]
    pub requires_human_review: Option<bool>,
    /// Why it failed, or who cancelled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What it cost and may cost.
    pub budget: BudgetRow,
    /// Why models are asked no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub degraded: Option<String>,
    /// The run that it was taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<String>,
}

/// What a run cost and may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetRow {
    /// Tokens.
    pub tokens: u64,
    /// At most.
    pub tokens_max: u64,
    /// Millionths of a dollar.
    pub cost_microusd: u64,
    /// At most.
    pub cost_max_microusd: u64,
    /// Nobody told what tokens cost: money is neither counted nor limited.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub unpriced: bool,
    /// Nodes.
    pub steps: u32,
    /// At most.
    pub steps_max: u32,
    /// Milliseconds of work.
    pub time_ms: u64,
    /// At most.
    pub time_max_ms: u64,
}

/// How an item of the queue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewStatus {
    /// Nobody decided.
    Open,
    /// As proposed.
    Approved,
    /// Not at all.
    Rejected,
    /// Approved with changes.
    Edited,
    /// Nobody decided in time.
    Expired,
    /// Its run ended first, or what it is about went on without it.
    Withdrawn,
}

/// An item of the review queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewRow {
    /// Its identifier.
    pub id: String,
    /// The run.
    pub run: String,
    /// The business.
    pub business: String,
    /// One of its places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The node that asks.
    pub node: String,
    /// A line for the queue.
    pub title: String,
    /// Why the agent wants it.
    pub why: String,
    /// The policy that asks.
    pub policy: String,
    /// Its rule, and the numbers that met it.
    pub because: Explanation,
    /// Who may decide.
    pub role: Role,
    /// What the agent wants to do.
    pub action: AgentAction,
    /// What may be changed.
    pub editable: Vec<Editable>,
    /// How sure the agent is.
    pub confidence: f64,
    /// Money, if it costs any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<f64>,
    /// When it was asked.
    #[serde(with = "times::ms")]
    pub created_ms: UnixMillis,
    /// When it expires.
    #[serde(default, with = "times::ms_option", skip_serializing_if = "Option::is_none")]
    pub expires_ms: Option<UnixMillis>,
    /// What then.
    pub on_expiry: OnExpiry,
    /// Whether it went to an admin.
    #[serde(default)]
    pub escalated: bool,
    /// How it is.
    pub status: ReviewStatus,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When.
    #[serde(default, with = "times::ms_option", skip_serializing_if = "Option::is_none")]
    pub decided_ms: Option<UnixMillis>,
    /// Until when it can be taken back.
    #[serde(default, with = "times::ms_option", skip_serializing_if = "Option::is_none")]
    pub undo_until_ms: Option<UnixMillis>,
    /// What was changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diff: Vec<FieldDiff>,
    /// Why, in the words of who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A field that was changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldDiff {
    /// Its name.
    pub field: String,
    /// What was proposed.
    pub from: Value,
    /// What it became.
    pub to: Value,
}

/// An effect that waits in the outbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutboxRow {
    /// Its key.
    pub key: EffectKey,
    /// The run.
    pub run: String,
    /// The business.
    pub business: String,
    /// Joins what belongs together across systems.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// What is to be done.
    pub effect: Effect,
    /// Not before this time.
    #[serde(with = "times::ms")]
    pub due_ms: UnixMillis,
    /// How often it was tried.
    pub attempts: u16,
    /// Why the last try failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
