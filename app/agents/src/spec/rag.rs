//! Message models and decisions that were made: what an agent looks up before it decides.

use crate::spec::{AgentInput, BusinessInfo, Data, LocationInfo, UserPermissions};
use crate::times;
use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};

/// A template of messages for a decision code; a change is a new version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageModel {
    /// What it is for.
    pub decision_code: String,
    /// From 1.
    pub version: u32,
    /// The text, as [`crate::template`] reads it.
    pub message_template: String,
    /// What may stand in it.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// Only for this trade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_type: Option<String>,
    /// Only for this place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_context: Option<String>,
    /// How often it was used.
    #[serde(default)]
    pub usage_count: u64,
    /// When last.
    #[serde(default, with = "times::rfc3339_option", skip_serializing_if = "Option::is_none")]
    pub last_used: Option<UnixMillis>,
    /// Since when there is this version.
    #[serde(with = "times::rfc3339")]
    pub created_at: UnixMillis,
    /// When it was changed last.
    #[serde(with = "times::rfc3339")]
    pub updated_at: UnixMillis,
}

/// A parameter of a message model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name in the template.
    pub name: String,
    /// What values it takes.
    #[serde(rename = "type", default)]
    pub kind: ParameterType,
    /// Whether there has to be one.
    #[serde(default)]
    pub required: bool,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What a choice can be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// Types of parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterType {
    /// Any text.
    #[default]
    #[serde(alias = "string")]
    Text,
    /// A number, exact to 15 digits.
    Number,
    /// An amount with its currency.
    Money,
    /// A time with its zone.
    #[serde(alias = "date", alias = "datetime")]
    Time,
    /// One of its choices.
    Choice,
    /// Several texts or numbers.
    List,
}

/// A decision that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DecisionModel {
    /// Its id.
    pub id: String,
    /// For which business.
    pub business_id: String,
    /// What was decided.
    pub decision_code: String,
    /// The family of the code.
    pub decision_type: String,
    /// What it was about.
    pub context: String,
    /// Why.
    pub reasoning: String,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// What came of it: `pending`, `done`, `approved`, `rejected`, ...
    pub outcome: String,
    /// Trade of the business.
    pub business_type: String,
    /// For which place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    /// When.
    #[serde(with = "times::rfc3339")]
    pub created_at: UnixMillis,
    /// About it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Data>,
}

/// What was looked up for a decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RagContext {
    /// The code that it is about.
    pub decision_code: String,
    /// Its message model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_model: Option<MessageModel>,
    /// Decisions like it, the nearest first.
    #[serde(default)]
    pub similar_decisions: Vec<DecisionModel>,
    /// For whom.
    pub business_context: BusinessContext,
    /// How sure that this is what it is about, 0 to 1.
    pub confidence: f64,
}

/// For whom something is looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BusinessContext {
    /// The business.
    pub business_id: String,
    /// Its trade.
    pub business_type: String,
    /// The place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
}

/// All that an agent may look at for one input. Nothing of a conversation is in it: agents keep none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentContext {
    /// The input.
    pub input: AgentInput,
    /// For whom.
    pub business_info: BusinessInfo,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_info: Option<LocationInfo>,
    /// What the user may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_permissions: Option<UserPermissions>,
    /// Of which session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_data: Option<SessionData>,
    /// What was looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rag_context: Option<RagContext>,
}

/// The session that an input came by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionData {
    /// Its id.
    pub session_id: String,
    /// Language of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

impl ParameterType {
    /// All types.
    pub const ALL: [Self; 6] = [Self::Text, Self::Number, Self::Money, Self::Time, Self::Choice, Self::List];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Money => "money",
            Self::Time => "time",
            Self::Choice => "choice",
            Self::List => "list",
        }
    }
}

impl Parameter {
    /// A parameter that has to be there.
    #[must_use]
    pub fn required(name: &str, kind: ParameterType) -> Self {
        Self { name: name.to_owned(), kind, required: true, description: None, choices: Vec::new() }
    }

    /// One that may be absent.
    #[must_use]
    pub fn optional(name: &str, kind: ParameterType) -> Self {
        Self { required: false, ..Self::required(name, kind) }
    }

    /// With what it means.
    #[must_use]
    pub fn meaning(mut self, description: &str) -> Self {
        self.description = Some(description.to_owned());
        self
    }

    /// A choice of these.
    #[must_use]
    pub fn choice(name: &str, choices: &[&str]) -> Self {
        let choices = choices.iter().map(|choice| (*choice).to_owned()).collect();
        Self { choices, ..Self::required(name, ParameterType::Choice) }
    }
}
