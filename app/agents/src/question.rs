//! What a node may ask of the world, and what comes back: both are recorded whole.

use crate::budget::{Budget, Reserve, Usage};
use crate::rules::{Condition, Explanation, Numbers};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Something that only the world can answer. Everything that could change the answer stands in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// A reasoner.
    Model(Box<ModelQuestion>),
    /// Similar decisions, or message models.
    Search {
        /// `decisions` or `models`.
        among: String,
        /// The business that asks.
        business: String,
        /// In words; for a model by its code, empty.
        query: String,
        /// Exact values of fields, such as `decisionCode`, `version`, `businessType`.
        filters: BTreeMap<String, String>,
        /// At most so many.
        limit: u16,
    },
    /// Resources of a business.
    Resource {
        /// The business.
        business: String,
        /// Only of this type.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
        /// Only this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Exact values of fields or attributes.
        filters: BTreeMap<String, String>,
        /// At most so many.
        limit: u16,
    },
    /// What is known of a business, and whether a person may act in it.
    Business {
        /// The business.
        business: String,
        /// One of its places.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        location: Option<String>,
        /// The person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
    },
    /// Another system, only to read: what changes something there is an effect.
    Http {
        /// Where.
        url: String,
        /// Header fields without secrets; those are added outside by name of the host.
        headers: BTreeMap<String, String>,
        /// Milliseconds that it may take.
        timeout_ms: u32,
    },
}

/// What a reasoner is asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelQuestion {
    /// What for, in one word: `classify`, `answer`, `propose`. Names the schema and the metrics.
    pub purpose: String,
    /// The instructions.
    pub system: String,
    /// What was said.
    pub messages: Vec<Message>,
    /// JSON schema of the answer; free text if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
    /// Functions that the model may call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Tool>,
    /// Tokens that the answer may have.
    pub max_tokens: u32,
    /// Whether the local reasoner may answer where no model does.
    pub degrade: bool,
    /// Numbers that the local reasoner decides by.
    #[serde(skip_serializing_if = "Numbers::is_empty")]
    pub numbers: Numbers,
    /// Words that fill the local reasoner's sentences.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, String>,
    /// The local reasoner's rules, the first that holds decides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<LocalRule>,
    /// Milliseconds that it may take; 0 for as long as the reasoner's own limit.
    pub timeout_ms: u32,
    /// Whether it must not be stored in plain text, nor its answer, nor what its run does from there on.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub sensitive: bool,
}

/// A rule of the local reasoner.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LocalRule {
    /// Its name, told in the explanation.
    pub name: String,
    /// All must hold.
    pub when: Vec<Condition>,
    /// The answer, which must fit the schema of the question.
    pub then: Map<String, Value>,
    /// The reasoning, with `{name}` for numbers and words; put into the answer's field `reasoning`.
    pub says: String,
}

/// A turn of what was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// `user`, `assistant` or `tool`.
    pub role: String,
    /// The words.
    pub text: String,
    /// The call that a tool's turn answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// Calls that an assistant's turn made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
}

impl Message {
    /// What a person said.
    #[must_use]
    pub fn user(text: &str) -> Self {
        Self { role: "user".to_owned(), text: text.to_owned(), call_id: None, calls: Vec::new() }
    }
}

/// A function that a model may call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// JSON schema of its arguments.
    pub parameters: Value,
}

/// A call that a model made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The call's own.
    pub id: String,
    /// The function.
    pub name: String,
    /// The arguments as they came, which may be no JSON.
    pub arguments: String,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// The bytes as they came, as text.
    pub text: String,
    /// The same as JSON, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Functions that the model wants called.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
    /// What it cost.
    pub usage: Usage,
    /// Who answered: `local`, `chat:MODEL`, `realtime:MODEL`, `store`, a host.
    pub by: String,
    /// Why somebody else than wished answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub degraded: Option<String>,
    /// The rule that decided, where rules did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Explanation>,
    /// Whether it holds what is sealed where it was read, so that it must not be stored in plain text here either,
    /// nor what its run does from there on.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub sensitive: bool,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskFailure {
    /// `timeout`, `circuit_open`, `refused`, `invalid`, `unavailable`, `budget`.
    pub kind: String,
    /// In words, without secrets.
    pub message: String,
    /// What was paid all the same: answers that could not be used, or that broke off.
    #[serde(default, skip_serializing_if = "Usage::is_free")]
    pub usage: Usage,
}

/// What asking anew reads besides the question and the first answer: what was wrong with that.
const COMPLAINT_TOKENS: u64 = 100;

/// Bytes of a prompt that are taken for a token when it is reserved for. Generous: English has four.
const BYTES_PER_TOKEN: usize = 3;

impl Question {
    /// Without numbers that are none, which JSON cannot record: they are not known.
    #[must_use]
    pub fn sound(mut self) -> Self {
        if let Self::Model(question) = &mut self {
            question.numbers.retain(|_, number| number.is_finite());
        }
        self
    }

    /// What is set aside before it goes out, for each time that it may be asked.
    #[must_use]
    pub fn reserve(&self, budget: &Budget) -> Reserve {
        let Self::Model(question) = self else { return Reserve::default() };
        let (input, output) = question.tokens_tried(budget.repairs);
        Reserve { tokens: input + output, cost_microusd: budget.price.of(input, output) }
    }

    /// A word for it in events, rows and metrics.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Model(_) => "model",
            Self::Search { .. } => "search",
            Self::Resource { .. } => "resource",
            Self::Business { .. } => "business",
            Self::Http { .. } => "http",
        }
    }
}

impl ModelQuestion {
    /// Tokens that it may take to answer it once: read, and written.
    #[must_use]
    pub fn tokens(&self) -> (u64, u64) {
        let said: usize = self.messages.iter().map(|message| message.text.len()).sum();
        let shapes = self.tools.iter().map(|tool| &tool.parameters).chain(&self.schema);
        let shapes: usize = shapes.map(|schema| schema.to_string().len()).sum();
        let told: usize = self.tools.iter().map(|tool| tool.name.len() + tool.description.len()).sum();
        (tokens_of(self.system.len() + said + shapes + told), self.max_tokens.into())
    }

    /// Tokens that are set aside for all that may be tried, read and written: where there is a schema, an answer that
    /// does not match it may be asked for anew so often.
    #[must_use]
    pub fn tokens_tried(&self, repairs: u32) -> (u64, u64) {
        let (input, output) = self.tokens();
        let repairs = if self.schema.is_some() { u64::from(repairs) } else { 0 };
        let again = repairs * (input + output + COMPLAINT_TOKENS);
        (input + again, output * (1 + repairs))
    }
}

impl AskFailure {
    /// No answer, of this kind, and nothing to pay.
    #[must_use]
    pub fn new(kind: &str, message: impl Into<String>) -> Self {
        Self { kind: kind.to_owned(), message: message.into(), usage: Usage::default() }
    }
}

/// Tokens that a text of so many bytes is taken for.
#[must_use]
pub fn tokens_of(bytes: usize) -> u64 {
    bytes.div_ceil(BYTES_PER_TOKEN) as u64
}
