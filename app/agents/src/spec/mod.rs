//! The words of specification 004 that a run speaks in, field for field and in its camelCase.

mod business;
mod input;
mod rag;
mod resource;
mod schedule;

pub use business::{
    BusinessInfo, BusinessPermissions, BusinessSettings, LocationInfo, RunBudget, UserPermissions,
};
pub use input::{
    DEPTH_MAX, FieldError, ID_BYTES_MAX, NOT_OURS, TEXT_CHARS_MAX, UserMessage, depth, is_id, is_ours,
    read_input, read_message,
};
pub use rag::{
    AgentContext, BusinessContext, DecisionModel, MessageModel, Parameter, ParameterType, RagContext,
    SessionData,
};
pub use resource::{ActionResult, Resource, ResourceAction, ResourceQuery};
pub use schedule::{CronTask, ErrorResponse, ErrorType, MissedRuns, Notification, TaskState, TaskStatus};

use crate::times;
use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Free data.
pub type Data = Map<String, Value>;

/// Where an input came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputSource {
    /// A coordinator's socket.
    #[default]
    Websocket,
    /// A schedule.
    Cron,
    /// A signed call from outside.
    ExternalApi,
}

/// What an input is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputType {
    /// Somebody wrote something.
    #[default]
    UserMessage,
    /// A schedule is due.
    ScheduledTask,
    /// Another system tells what happened there.
    Webhook,
    /// Another system asks for something.
    ApiRequest,
}

/// What an input says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InputContent {
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// In fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Map<String, Value>>,
    /// About itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

/// One thing for an agent to deal with, whatever way it came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentInput {
    /// Taken once for a business.
    pub id: String,
    /// Where it came from.
    pub source: InputSource,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// For which business.
    pub business_id: String,
    /// And for which of its places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: InputType,
    /// What it says.
    pub content: InputContent,
    /// When it was made.
    #[serde(with = "times::rfc3339")]
    pub timestamp: UnixMillis,
    /// Joins what belongs together across systems.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
}

/// What an agent decided.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentOutput {
    /// Its own.
    pub id: String,
    /// The input's.
    pub input_id: String,
    /// Which decision, and key of its message model.
    pub decision_code: String,
    /// Of which kind.
    pub decision_type: String,
    /// 0 to 1.
    pub confidence: f64,
    /// Why.
    pub reasoning: String,
    /// What it does.
    pub actions: Vec<AgentAction>,
    /// What it says.
    pub responses: Vec<AgentResponse>,
    /// Whether a person was or is to be asked.
    pub requires_human_review: bool,
    /// Milliseconds from the input to this, without the time that people took.
    pub processing_time: u64,
    /// About itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

/// What kind of thing is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionType {
    /// To a resource of the business.
    #[default]
    ResourceAction,
    /// People are told.
    Notification,
    /// Another system is called.
    ExternalCall,
}

/// How soon it matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Whenever.
    Low,
    /// As usual.
    #[default]
    Medium,
    /// Before others.
    High,
}

/// Something that an agent does or wants to do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentAction {
    /// Its own.
    pub id: String,
    /// What kind of thing.
    #[serde(rename = "type")]
    pub kind: ActionType,
    /// To what or whom.
    pub target: String,
    /// With which arguments.
    pub payload: Map<String, Value>,
    /// How soon it matters.
    pub priority: Priority,
    /// Not before this time.
    #[serde(default, with = "times::rfc3339_option", skip_serializing_if = "Option::is_none")]
    pub execute_at: Option<UnixMillis>,
    /// What to do when it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_policy: Option<RetryPolicy>,
}

/// How often and how soon to try again. The specification leaves its fields open; these have the names that
/// specification 000 gives its settings, times in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RetryPolicy {
    /// Tries after the first.
    pub max_retries: u16,
    /// The longest wait before the first of them; doubles with each.
    pub retry_delay: u32,
    /// No wait is longer.
    pub max_delay: u32,
    /// What one try may take.
    pub timeout: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { max_retries: 3, retry_delay: 1000, max_delay: 30_000, timeout: 10_000 }
    }
}

/// Where a response goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseTarget {
    /// Into a coordinator's chat.
    #[default]
    Websocket,
    /// Back to who called.
    Api,
    /// To everybody concerned.
    Notification,
}

/// What a response says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResponseContent {
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// In fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Map<String, Value>>,
    /// The message model that the words were made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
}

/// Something that an agent says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentResponse {
    /// Its own.
    pub id: String,
    /// Where it goes.
    pub target: ResponseTarget,
    /// To whom.
    pub recipient: String,
    /// What it says.
    pub content: ResponseContent,
    /// When it was said.
    #[serde(with = "times::rfc3339")]
    pub timestamp: UnixMillis,
}

#[cfg(test)]
mod tests;
