//! The row `agent.reasoner`: who answers, and how it stands.

use inflight_agents::breaker::BreakerState;
use serde::{Deserialize, Serialize};

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Rules and templates.
    Local,
    /// Chat Completions.
    Chat,
    /// The Realtime API.
    Realtime,
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// It answers.
    Ok,
    /// It was not asked yet, so nobody knows.
    Unasked,
    /// The local one answers in its place.
    Degraded,
    /// No model is set up: the local one answers.
    Off,
}

/// The row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonerRow {
    /// There is one; a later row wins.
    pub id: String,
    /// Who is asked.
    pub kind: Kind,
    /// The model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How it stands.
    pub status: Health,
    /// Why it does not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether it is asked.
    pub breaker: BreakerState,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
    /// Nobody told what the model costs, so that no limit in money holds.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub unpriced: bool,
}

impl Kind {
    /// As in settings, rows and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Chat => "chat",
            Self::Realtime => "realtime",
        }
    }
}
