//! Scheduled tasks, notifications and the errors of the socket.

use crate::spec::{AgentInput, Data};
use crate::times;
use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};

/// A task that runs by the clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CronTask {
    /// Its id.
    pub id: String,
    /// For which business.
    pub business_id: String,
    /// Its name.
    pub name: String,
    /// When, as five fields: minute, hour, day, month, day of the week.
    pub cron: String,
    /// In which time zone.
    pub time_zone: String,
    /// What the agent is given; id and timestamp are those of each run.
    pub input: AgentInput,
    /// Whether it runs.
    #[serde(default)]
    pub status: TaskState,
    /// What becomes of runs that were missed.
    #[serde(default)]
    pub missed: MissedRuns,
}

/// Whether a task runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// It runs.
    #[default]
    Active,
    /// Not for now.
    Paused,
    /// Not any more.
    Cancelled,
}

/// What becomes of runs that were missed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissedRuns {
    /// Nothing.
    Skip,
    /// One run for all of them.
    #[default]
    Once,
    /// Each of them.
    All,
}

/// How a task stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskStatus {
    /// Of which task.
    pub task_id: String,
    /// Whether it runs.
    pub status: TaskState,
    /// When it runs next.
    #[serde(default, with = "times::rfc3339_option", skip_serializing_if = "Option::is_none")]
    pub next_run: Option<UnixMillis>,
    /// When it ran last.
    #[serde(default, with = "times::rfc3339_option", skip_serializing_if = "Option::is_none")]
    pub last_run: Option<UnixMillis>,
}

/// What is told to everybody of a business.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// In a line.
    pub title: String,
    /// In words.
    pub text: String,
    /// As data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
    /// When.
    #[serde(with = "times::rfc3339")]
    pub timestamp: UnixMillis,
}

/// Kinds of errors on the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorType {
    /// It is not known who asks.
    AuthFailed,
    /// What was sent is not as it must be.
    ValidationError,
    /// It could not be worked on.
    ProcessingError,
    /// Too much at once.
    RateLimitExceeded,
    /// A defect.
    InternalError,
}

/// An error on the socket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorResponse {
    /// Always `error`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Which.
    pub error_type: ErrorType,
    /// What is wrong and what was expected.
    pub message: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<serde_json::Value>,
    /// When.
    #[serde(with = "times::rfc3339")]
    pub timestamp: UnixMillis,
    /// To which message it belongs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
}
