//! What both sides of the Realtime API speak of: items, their parts, sessions, responses, errors.
//!
//! What is not known is passed over, and what may be null or missing is: the API grows, and its own examples leave out
//! what its schemas demand.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// One item of a conversation: a message, a call, or what a call gave.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Item {
    /// Its id, given by the server where the client gives none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `message`, `function_call`, `function_call_output`, `item_reference`, or what is not known here.
    #[serde(rename = "type", deserialize_with = "or_default")]
    pub kind: String,
    /// Always `realtime.item`, where it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// `in_progress`, `completed` or `incomplete`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `user`, `assistant` or `system`, of messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Parts of a message.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<Part>,
    /// Name of the function that is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Id of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// JSON text of the arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<String>,
    /// What the call gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

/// A part of a message. Its kinds have two names each: `text` in events about parts, `output_text` in items.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Part {
    /// `input_text`, `output_text`, `text`, `input_audio`, `output_audio`, `audio`, or what is not known here.
    #[serde(rename = "type", deserialize_with = "or_default")]
    pub kind: String,
    /// Text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What was said, of sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
    /// Sound, in Base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<String>,
}

/// A function that may be called.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Function {
    /// Always `function`; tools of other kinds are not ours.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Schema of its arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Value>,
}

/// A session, as it is told and as it is changed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Session {
    /// `realtime` or `transcription`; demanded of every change.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// When it ends, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    /// `["text"]` or `["audio"]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_modalities: Option<Vec<String>>,
    /// What the model is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// What it may call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<Value>>,
    /// `auto`, `none`, `required` or a function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<Value>,
    /// Sound, tracing, truncation and what is not known here.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// What a response is asked to be.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Wanted {
    /// `none` keeps it out of the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
    /// `["text"]` or `["audio"]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_modalities: Option<Vec<String>>,
    /// What the model is, for this response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Comes back with the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// What is answered, in place of the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Vec<Item>>,
    /// What may be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<Value>>,
    /// `auto`, `none`, `required` or a function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<Value>,
    /// A number, or `inf`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<Value>,
}

/// A response.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Response {
    /// Its id.
    #[serde(deserialize_with = "or_default")]
    pub id: String,
    /// Always `realtime.response`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// `in_progress`, `completed`, `cancelled`, `failed` or `incomplete`.
    #[serde(deserialize_with = "or_default")]
    pub status: String,
    /// Why, where it is not `completed`.
    pub status_details: Option<StatusDetails>,
    /// Its items.
    #[serde(deserialize_with = "or_default")]
    pub output: Vec<Item>,
    /// Tokens that it took.
    pub usage: Option<Tokens>,
    /// As it was asked for.
    pub metadata: Option<Map<String, Value>>,
    /// None out of the conversation.
    pub conversation_id: Option<String>,
    /// `["text"]` or `["audio"]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_modalities: Option<Vec<String>>,
}

/// Why a response is not whole.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct StatusDetails {
    /// The status again.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `client_cancelled`, `turn_detected`, `max_output_tokens`, `content_filter`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ApiError>,
}

/// Tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Tokens {
    /// All.
    pub total_tokens: u64,
    /// Read.
    pub input_tokens: u64,
    /// Written.
    pub output_tokens: u64,
}

/// An error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct ApiError {
    /// `invalid_request_error`, `server_error`.
    #[serde(rename = "type", deserialize_with = "or_default")]
    pub kind: String,
    /// Its name.
    pub code: Option<String>,
    /// For people.
    #[serde(deserialize_with = "or_default")]
    pub message: String,
    /// What it is about, as `session.type`.
    pub param: Option<String>,
    /// The client's event that caused it.
    pub event_id: Option<String>,
}

impl Item {
    /// A message.
    #[must_use]
    pub fn message(role: &str, part: &str, text: &str) -> Self {
        let content = vec![Part { kind: part.to_owned(), text: Some(text.to_owned()), ..Part::default() }];
        Self { kind: "message".to_owned(), role: Some(role.to_owned()), content, ..Self::default() }
    }

    /// All text of its parts; what was said, where it is sound.
    #[must_use]
    pub fn text(&self) -> String {
        let parts = self.content.iter();
        parts.filter_map(|part| part.text.as_deref().or(part.transcript.as_deref())).collect()
    }
}

/// Null where a value is expected counts as none.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}
