//! What a run does to the world: intents with a key, written with the events and done afterwards.

use crate::canonical;
use crate::spec::{Priority, RetryPolicy};
use crate::store::Table;
use crate::times;
use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
    /// A message goes onto a bus, at least once, with the key as its key.
    Publish,
}

/// An intent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// What kind of thing.
    pub kind: EffectKind,
    /// The row's id, the URL or name of the hook, the bus's topic.
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
        Self { kind, target: target.to_owned(), payload, priority, execute_at, retry }
    }

    /// Whether it happens in our own store.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        matches!(self.kind, EffectKind::Row(_))
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
}
