//! What a client says to the Realtime API.

use crate::reason::realtime::item::{Item, Session, Wanted};
use serde::{Deserialize, Serialize};

/// An event of a client. Its `event_id` comes back with the error that it causes.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct ClientEvent {
    /// Given by the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// What it says.
    #[serde(flatten)]
    pub body: ClientBody,
}

/// What it says.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(tag = "type")]
pub enum ClientBody {
    /// Changes the session; `session.type` is demanded.
    #[serde(rename = "session.update")]
    SessionUpdate {
        /// What changes.
        session: Session,
    },
    /// Adds an item to the conversation.
    #[serde(rename = "conversation.item.create")]
    ItemCreate {
        /// After which one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        previous_item_id: Option<String>,
        /// The item.
        item: Item,
    },
    /// Asks for an item.
    #[serde(rename = "conversation.item.retrieve")]
    ItemRetrieve {
        /// Which.
        item_id: String,
    },
    /// Takes an item away.
    #[serde(rename = "conversation.item.delete")]
    ItemDelete {
        /// Which.
        item_id: String,
    },
    /// Cuts the sound of an item.
    #[serde(rename = "conversation.item.truncate")]
    ItemTruncate {
        /// Which.
        item_id: String,
        /// Its part.
        content_index: u64,
        /// Where it is cut.
        audio_end_ms: u64,
    },
    /// Sound.
    #[serde(rename = "input_audio_buffer.append")]
    AudioAppend {
        /// In Base64.
        audio: String,
    },
    /// The sound so far is a message.
    #[serde(rename = "input_audio_buffer.commit")]
    AudioCommit,
    /// Forget the sound so far.
    #[serde(rename = "input_audio_buffer.clear")]
    AudioClear,
    /// Forget the sound that is not played yet.
    #[serde(rename = "output_audio_buffer.clear")]
    OutputAudioClear,
    /// Asks for a response.
    #[serde(rename = "response.create")]
    ResponseCreate {
        /// What it is to be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        response: Option<Wanted>,
    },
    /// Ends a response.
    #[serde(rename = "response.cancel")]
    ResponseCancel {
        /// Which; the one of the conversation without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        response_id: Option<String>,
    },
}

/// Names of all events of a client.
pub const NAMES: [&str; 11] = [
    "session.update",
    "input_audio_buffer.append",
    "input_audio_buffer.commit",
    "input_audio_buffer.clear",
    "conversation.item.create",
    "conversation.item.retrieve",
    "conversation.item.truncate",
    "conversation.item.delete",
    "response.create",
    "response.cancel",
    "output_audio_buffer.clear",
];
