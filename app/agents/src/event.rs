//! What happened in a run, each event chained to the one before by its hash.

use crate::agent::Failure;
use crate::approval::{ApprovalRequest, Role, Verdict};
use crate::budget::{Budget, Crossing, OnCrossing};
use crate::canonical::{self, Hash};
use crate::effect::{Effect, EffectKey, EffectOutcome};
use crate::patch::Change;
use crate::policy::{Policy, Ruling};
use crate::question::{Answer, AskFailure, Question};
use crate::rules::Explanation;
use crate::spec::{AgentInput, AgentOutput};
use crate::start::ForkedFrom;
use crate::times;
use inflight_domain::UnixMillis;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::Value;
use std::collections::BTreeSet;

/// An event of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunEvent {
    /// The run.
    pub run: String,
    /// From 1, without gaps.
    pub seq: u64,
    /// When, in milliseconds since 1970.
    #[serde(with = "times::ms")]
    pub at: UnixMillis,
    /// What.
    pub kind: EventKind,
    /// Hash of the event before; zeros before the first.
    #[serde(serialize_with = "write_hash", deserialize_with = "read_hash")]
    pub prev: Hash,
    /// SHA-256 over `prev` and the canonical JSON of run, seq, at and kind.
    #[serde(serialize_with = "write_hash", deserialize_with = "read_hash")]
    pub hash: Hash,
}

/// What a run began with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// The agent's name.
    pub agent: String,
    /// The version of its code.
    pub version: String,
    /// A line for people.
    pub title: String,
    /// What it deals with; business, location and correlation stand in it.
    pub input: AgentInput,
    /// The node that comes first.
    pub node: String,
    /// The state before it.
    pub state: Value,
    /// Source of all random numbers and identifiers.
    pub seed: u64,
    /// What it may cost.
    pub budget: Budget,
    /// Who may let its actions happen.
    pub policy: Policy,
    /// Where it was taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<ForkedFrom>,
    /// Names of services and hooks that other systems have.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub elsewhere: BTreeSet<String>,
    /// Whether its state came from a run that must not be stored in plain text, so that this one must not either.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub sensitive: bool,
}

/// What happened. Those marked "from outside" are the ones that a run cannot know by itself: each begins what
/// one call of [`crate::Run::advance`] gives. `ordinal` counts what a visit asked of its context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are what their types and the line above say")]
pub enum EventKind {
    /// From outside: it began.
    Started(Box<Started>),
    /// A node was entered for the so manieth time, as the so manieth step of the run.
    Entered { node: String, visit: u16, step: u32 },
    /// Something that is not the same each time was looked at.
    Recorded { ordinal: u32, what: String, value: Value },
    /// A question goes out. With `degraded` only the local reasoner may answer.
    Asked {
        id: String,
        ordinal: u32,
        question: Question,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        degraded: Option<String>,
    },
    /// From outside: it was answered.
    Answered { id: String, answer: Answer },
    /// From outside: it will not be answered.
    AnswerFailed { id: String, failure: AskFailure },
    /// The policy let pass or refused at once.
    PolicyDecided { ordinal: u32, request: ApprovalRequest, ruling: Ruling, verdict: Verdict },
    /// A person is asked.
    ApprovalAsked {
        id: String,
        /// None where the budget is asked about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ordinal: Option<u32>,
        request: ApprovalRequest,
        role: Role,
        why: Explanation,
        #[serde(default, with = "times::ms_option", skip_serializing_if = "Option::is_none")]
        expires_at: Option<UnixMillis>,
    },
    /// From outside: a person decided, or time did. It holds from `holds_from` on.
    ApprovalDecided {
        id: String,
        verdict: Verdict,
        role: Role,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        #[serde(with = "times::ms")]
        holds_from: UnixMillis,
    },
    /// From outside: the decision was taken back before it held.
    ApprovalReopened { id: String, by: String },
    /// From outside: nobody decided in time, and an admin is asked.
    ApprovalEscalated {
        id: String,
        role: Role,
        #[serde(with = "times::ms")]
        expires_at: UnixMillis,
    },
    /// The run waits for a time.
    Waiting {
        ordinal: u32,
        #[serde(with = "times::ms")]
        until: UnixMillis,
    },
    /// From outside: a time came that something waited for.
    Woken {},
    /// An effect goes out. Without `now` it waits for its time or for the outbox.
    EffectIntended { key: EffectKey, effect: Effect },
    /// What became of it. From outside, unless it is a row of ours that was due at once.
    EffectSettled { key: EffectKey, outcome: EffectOutcome },
    /// A piece of a reply.
    Said { text: String },
    /// A node ended.
    Left { node: String, patch: Vec<Change>, next: Option<String> },
    /// A limit was met.
    BudgetCrossed { crossing: Crossing, then: OnCrossing },
    /// From outside: the budget of the business for the day has no more.
    BudgetRefused { id: String, crossing: Crossing },
    /// A guardrail held an effect back.
    GuardrailTripped { guardrail: String, target: String, message: String },
    /// It is done.
    Finished { output: Box<AgentOutput> },
    /// It failed.
    Failed { failure: Failure },
    /// From outside: somebody stopped it.
    Cancelled { by: String },
}

impl EventKind {
    /// Whether the run is over with it; effects may still be settled afterwards.
    #[must_use]
    pub fn is_end(&self) -> bool {
        matches!(self, Self::Finished { .. } | Self::Failed { .. } | Self::Cancelled { .. })
    }
}

impl RunEvent {
    /// The event that follows `prev` in a run.
    #[must_use]
    pub fn next(run: &str, seq: u64, at: UnixMillis, kind: EventKind, prev: Hash) -> Self {
        let hash = digest(run, seq, at, &kind, &prev);
        Self { run: run.to_owned(), seq, at, kind, prev, hash }
    }

    /// Whether its hash is the one over what it says.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        digest(&self.run, self.seq, self.at, &self.kind, &self.prev) == self.hash
    }

    /// The event as a line of canonical JSON, as stores keep it and exports write it.
    #[must_use]
    pub fn line(&self) -> String {
        canonical::text(&serde_json::to_value(self).unwrap_or_default())
    }
}

fn digest(run: &str, seq: u64, at: UnixMillis, kind: &EventKind, prev: &Hash) -> Hash {
    let kind = serde_json::to_value(kind).unwrap_or_default();
    let text = canonical::text(&serde_json::json!({"run": run, "seq": seq, "at": at.0, "kind": kind}));
    canonical::hash(&[prev, text.as_bytes()])
}

fn write_hash<S: Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&canonical::hex(hash))
}

fn read_hash<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
    let text = String::deserialize(deserializer)?;
    canonical::unhex(&text).ok_or_else(|| D::Error::custom("expected 64 hexadecimal digits"))
}
