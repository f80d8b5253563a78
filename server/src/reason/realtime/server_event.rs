//! What the Realtime API says to a client. Names of its beta are understood, and what is not known is passed over.

use crate::reason::realtime::item::{ApiError, Item, Part, Response, Session};
use serde::Deserialize;
use serde_json::Value;

/// Where a piece of a response belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Place {
    /// Its response.
    pub response_id: String,
    /// Its item.
    pub item_id: String,
    /// Place of the item.
    pub output_index: u64,
    /// Place of the part.
    pub content_index: u64,
}

/// How much may still be asked for.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RateLimit {
    /// `requests` or `tokens`.
    pub name: String,
    /// At most.
    pub limit: u64,
    /// Still.
    pub remaining: u64,
    /// Until it is whole again.
    pub reset_seconds: f64,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "type")]
pub enum ServerEvent {
    /// The first of a connection.
    #[serde(rename = "session.created", alias = "transcription_session.created")]
    SessionCreated {
        /// The session.
        session: Session,
    },
    /// A change was taken.
    #[serde(rename = "session.updated", alias = "transcription_session.updated")]
    SessionUpdated {
        /// The session.
        session: Session,
    },
    /// Only the beta said so.
    #[serde(rename = "conversation.created")]
    ConversationCreated,
    /// An item came.
    #[serde(rename = "conversation.item.added", alias = "conversation.item.created")]
    ItemAdded {
        /// The item.
        item: Item,
    },
    /// An item is whole.
    #[serde(rename = "conversation.item.done")]
    ItemDone {
        /// The item.
        item: Item,
    },
    /// An item that was asked for.
    #[serde(rename = "conversation.item.retrieved")]
    ItemRetrieved {
        /// The item.
        item: Item,
    },
    /// An item is gone.
    #[serde(rename = "conversation.item.deleted")]
    ItemDeleted {
        /// Its id.
        item_id: String,
    },
    /// Its sound was cut.
    #[serde(rename = "conversation.item.truncated")]
    ItemTruncated {
        /// Its id.
        item_id: String,
    },
    /// A response begins.
    #[serde(rename = "response.created")]
    ResponseCreated {
        /// The response.
        response: Response,
    },
    /// A response ends, whether it is whole or not.
    #[serde(rename = "response.done")]
    ResponseDone {
        /// The response.
        response: Response,
    },
    /// An item of a response begins.
    #[serde(rename = "response.output_item.added")]
    OutputItemAdded {
        /// Its response.
        #[serde(default)]
        response_id: String,
        /// The item.
        item: Item,
    },
    /// An item of a response is whole.
    #[serde(rename = "response.output_item.done")]
    OutputItemDone {
        /// Its response.
        #[serde(default)]
        response_id: String,
        /// The item.
        item: Item,
    },
    /// A part begins.
    #[serde(rename = "response.content_part.added")]
    PartAdded {
        /// Where.
        #[serde(flatten)]
        place: Place,
        /// The part.
        part: Part,
    },
    /// A part is whole.
    #[serde(rename = "response.content_part.done")]
    PartDone {
        /// Where.
        #[serde(flatten)]
        place: Place,
        /// The part.
        part: Part,
    },
    /// A piece of text, or of what is said.
    #[serde(
        rename = "response.output_text.delta",
        alias = "response.text.delta",
        alias = "response.output_audio_transcript.delta",
        alias = "response.audio_transcript.delta"
    )]
    TextDelta {
        /// Where.
        #[serde(flatten)]
        place: Place,
        /// The piece.
        delta: String,
    },
    /// Text that is whole.
    #[serde(
        rename = "response.output_text.done",
        alias = "response.text.done",
        alias = "response.output_audio_transcript.done",
        alias = "response.audio_transcript.done"
    )]
    TextDone {
        /// Where.
        #[serde(flatten)]
        place: Place,
        /// The text.
        #[serde(alias = "transcript")]
        text: String,
    },
    /// A piece of the arguments of a call.
    #[serde(rename = "response.function_call_arguments.delta")]
    ArgumentsDelta {
        /// Where.
        #[serde(flatten)]
        place: Place,
        /// The piece.
        delta: String,
    },
    /// Arguments that are whole.
    #[serde(rename = "response.function_call_arguments.done")]
    ArgumentsDone {
        /// Where.
        #[serde(flatten)]
        place: Place,
        /// The arguments.
        arguments: String,
    },
    /// How much may still be asked for.
    #[serde(rename = "rate_limits.updated")]
    RateLimits {
        /// Of each kind.
        rate_limits: Vec<RateLimit>,
    },
    /// Something that the client said was not taken; the session stays.
    #[serde(rename = "error")]
    Error {
        /// Why.
        error: ApiError,
    },
    /// Sound, what is heard in it, and servers of tools: known, and none of our business.
    #[serde(
        rename = "response.output_audio.delta",
        alias = "response.audio.delta",
        alias = "response.output_audio.done",
        alias = "response.audio.done",
        alias = "conversation.item.input_audio_transcription.delta",
        alias = "conversation.item.input_audio_transcription.completed",
        alias = "conversation.item.input_audio_transcription.failed",
        alias = "conversation.item.input_audio_transcription.segment",
        alias = "input_audio_buffer.cleared",
        alias = "input_audio_buffer.committed",
        alias = "input_audio_buffer.dtmf_event_received",
        alias = "input_audio_buffer.speech_started",
        alias = "input_audio_buffer.speech_stopped",
        alias = "input_audio_buffer.timeout_triggered",
        alias = "output_audio_buffer.cleared",
        alias = "output_audio_buffer.started",
        alias = "output_audio_buffer.stopped",
        alias = "mcp_list_tools.completed",
        alias = "mcp_list_tools.failed",
        alias = "mcp_list_tools.in_progress",
        alias = "response.mcp_call_arguments.delta",
        alias = "response.mcp_call_arguments.done",
        alias = "response.mcp_call.completed",
        alias = "response.mcp_call.failed",
        alias = "response.mcp_call.in_progress"
    )]
    Aside,
    /// A name that is not known.
    #[serde(other)]
    Other,
}

/// Reads an event; one that is not known is [`ServerEvent::Other`].
///
/// # Errors
/// It is no JSON object with a type, or a known event of another form; with its name.
pub fn read(text: &str) -> Result<ServerEvent, String> {
    let mut value: Value = serde_json::from_str(text).map_err(|_| "expected JSON".to_owned())?;
    let kind = value["type"].as_str().ok_or("expected a type")?.trim().to_owned();
    // One example of the API's own document has a blank before its name.
    value["type"] = kind.as_str().into();
    serde_json::from_value(value).map_err(|error| format!("{kind}: {error}"))
}
