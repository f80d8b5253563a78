//! What a run does to the world: intents with a key, written with the events and done afterwards.

use crate::canonical;
use crate::spec::{Priority, RetryPolicy};
use crate::store::{Document, Table};
use crate::times;
use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Names an effect for ever: the same effect of the same visit always has the same key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EffectKey(pub String);

impl EffectKey {
    /// The first 32 digits of SHA-256 over run, node, visit and ordinal.
    #[must_use]
    pub fn of(run: &str, node: &str, visit: u16, ordinal: u32) -> Self {
        let pieces: [&[u8]; 6] =
            [run.as_bytes(), &[0], node.as_bytes(), &[0], &visit.to_be_bytes(), &ordinal.to_be_bytes()];
        let mut key = canonical::hex(&canonical::hash(&pieces));
        key.truncate(32);
        Self(key)
    }
}

/// What kind of thing an effect does, and so whether it happens inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    /// A row of ours is made or changed, in the transaction of the event: exactly once.
    Row(Table),
    /// Another system is called, at least once, with the key in `Idempotency-Key`.
    Call,
}

/// An intent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// What kind of thing.
    pub kind: EffectKind,
    /// The row's id, the URL or name of the hook.
    pub target: String,
    /// Fields that the row takes over (null removes one), or the body.
    pub payload: Map<String, Value>,
    /// How soon it matters.
    #[serde(default)]
    pub priority: Priority,
    /// Not before this time.
    #[serde(default, with = "times::ms_option", skip_serializing_if = "Option::is_none")]
    pub execute_at: Option<UnixMillis>,
    /// What to do when it fails.
    #[serde(default)]
    pub retry: RetryPolicy,
    /// For a row: what it must still be. Such an effect is settled from outside, as done or as conflicted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expects: Option<Expected>,
    /// For a row: fields that grow by so much, whatever they are by then.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub adds: BTreeMap<String, u64>,
}

/// What a row must be for a change that was decided on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// It has this version; 0 if there is none.
    Version(u64),
    /// It has these values in these fields; null where one is absent.
    Fields(Map<String, Value>),
}

impl Expected {
    /// Whether the row is as it was when the change was decided on.
    #[must_use]
    pub fn holds(&self, found: Option<&Document>) -> bool {
        match self {
            Self::Version(version) => found.map_or(0, |found| found.version) == *version,
            Self::Fields(fields) => fields.iter().all(|(name, value)| {
                let own = found.and_then(|found| found.fields.get(name));
                own.map_or(value.is_null(), |own| own == value)
            }),
        }
    }
}

impl Effect {
    /// A row of ours takes these fields.
    #[must_use]
    pub fn row(table: Table, id: &str, fields: Map<String, Value>) -> Self {
        Self::new(EffectKind::Row(table), id, fields)
    }

    /// Another system gets this body.
    #[must_use]
    pub fn call(target: &str, body: Map<String, Value>) -> Self {
        Self::new(EffectKind::Call, target, body)
    }

    fn new(kind: EffectKind, target: &str, payload: Map<String, Value>) -> Self {
        let (priority, execute_at, retry) = (Priority::default(), None, RetryPolicy::default());
        let (target, expects, adds) = (target.to_owned(), None, BTreeMap::new());
        Self { kind, target, payload, priority, execute_at, retry, expects, adds }
    }

    /// The same, only if the row still is what it was decided on.
    #[must_use]
    pub fn expecting(self, expected: Expected) -> Self {
        Self { expects: Some(expected), ..self }
    }

    /// Whether it happens in our own store.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        matches!(self.kind, EffectKind::Row(_))
    }
}

/// A row that was changed meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stale {
    /// The version that it has; 0 if there is none.
    pub version: u64,
    /// Who changed it last, where the row says so in `changed_by`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// The field of a row that names who changed it last.
pub const CHANGED_BY: &str = "changed_by";

impl Stale {
    /// This row, or none, is what was found.
    #[must_use]
    pub fn of(found: Option<&Document>) -> Self {
        let by = found.and_then(|found| found.fields.get(CHANGED_BY)?.as_str());
        Self { version: found.map_or(0, |found| found.version), by: by.map(str::to_owned) }
    }
}

/// What became of an effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectOutcome {
    /// Done; what the other side said, if anything.
    Done {
        /// Its answer.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        answer: Value,
    },
    /// Given up.
    Failed {
        /// The last error, without secrets.
        message: String,
        /// How often it was tried.
        attempts: u16,
    },
    /// Its run was cancelled before it was due.
    Withdrawn,
    /// Not done: the row is not what it was when this was decided on.
    Conflicted(Stale),
}
