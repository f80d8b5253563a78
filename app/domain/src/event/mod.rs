//! Entries of event topics: what happened, in order, for good.
//!
//! An entry is numbered once for the whole server and never changes. What programs say about money and risk has typed
//! rows with exactly the fields of specification 002; rooms carry named events with free data.

mod json;
mod rows;
mod topic;

pub use json::Json;
pub use rows::{
    Alert, Confidences, Decision, Metrics, Notice, Outcome, Proposal, Risk, Scores, Shortfall, Signal,
    ValueAtRisk,
};
pub use topic::{TopicKind, TopicName};

use crate::ids::UserId;
use crate::time::UnixMillis;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// Names of events in rooms: those of specification 001, section 9.1, those that its gateways send, [`AGENT_INPUTS`], and
/// rows of the agents, which begin with [`AGENT_EVENT`] and which only the server itself tells.
pub const ROOM_EVENTS: [&str; 31] = [
    "load.created",
    "load.updated",
    "load.deleted",
    "message.sent",
    "message.received",
    "message.read",
    "call.initiated",
    "call.connected",
    "call.ended",
    "rate.updated",
    "market.alert",
    "system.notification",
    "error",
    "load_state",
    "new_match",
    "matching_complete",
    "ai_suggestion",
    "market_update",
    "market_alert",
    "new_offer",
    "market",
    "code",
    "agent.run",
    "agent.review",
    "agent.case",
    "agent.schedule",
    "agent.model",
    "agent.resource",
    "agent.message",
    "agent.reply",
    "agent.reasoner",
];

/// Events of specification 000 in the room of a business, which its agents take in.
pub const AGENT_INPUTS: [&str; 2] = ["market", "code"];

/// How the names of the agents' rows begin.
pub const AGENT_EVENT: &str = "agent.";

/// What somebody wants to have said.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Where.
    pub topic: TopicName,
    /// What; of the topic's kind.
    pub data: EventData,
    /// Who; none where it is the server itself.
    pub by: Option<UserId>,
}

/// What was said.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number among all entries of the server, from 1.
    pub offset: u64,
    /// Where.
    pub topic: TopicName,
    /// When, by the server's clock.
    pub at: UnixMillis,
    /// What.
    pub data: EventData,
    /// Who; none where it is the server itself.
    pub by: Option<UserId>,
}

/// The data of an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum EventData {
    /// News that may matter to an investment.
    Signal(Signal),
    /// An investment that is proposed.
    Proposal(Proposal),
    /// What was decided on a proposal.
    Decision(Decision),
    /// What came of one.
    Outcome(Outcome),
    /// An assessment of risk.
    Risk(Risk),
    /// Health and alerts; `system` in specification 002.
    Notice(Notice),
    /// An event of a room.
    Room(RoomEvent),
}

/// An event of a room.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomEvent {
    /// One of [`ROOM_EVENTS`].
    pub kind: String,
    /// Its data, an object.
    pub data: Json,
}

impl EventData {
    /// The name of what happened: that of the topic, or the event's own in a room.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Signal(_) => "signal",
            Self::Proposal(_) => "proposal",
            Self::Decision(_) => "decision",
            Self::Outcome(_) => "outcome",
            Self::Risk(_) => "risk",
            Self::Notice(_) => "notice",
            Self::Room(event) => &event.kind,
        }
    }

    /// The business that the data name.
    #[must_use]
    pub fn business(&self) -> Option<&str> {
        self.named(["business_id", "businessId"])
    }

    /// The place within it.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.named(["location_id", "locationId"])
    }

    fn named(&self, names: [&str; 2]) -> Option<&str> {
        let Self::Room(event) = self else { return None };
        names.iter().find_map(|name| event.data.text(name))
    }

    /// About how many bytes it takes.
    #[must_use]
    pub fn weight(&self) -> usize {
        let lengths = |texts: &[String]| texts.iter().map(|text| text.len() + 24).sum::<usize>();
        256 + match self {
            Self::Signal(row) => row.id.len() + row.source.len() + row.content.len(),
            Self::Proposal(row) => row.id.len() + row.thesis.len() + row.status.len() + lengths(&row.assets),
            Self::Decision(row) => row.id.len() + row.proposal_id.len() + row.action.len(),
            Self::Outcome(row) => row.id.len() + row.proposal_id.len(),
            Self::Risk(row) => lengths(&row.recommendations),
            Self::Notice(row) => row.alerts.iter().map(|alert| alert.message.len() + 64).sum(),
            Self::Room(event) => event.data.weight(),
        }
    }
}

impl Serialize for EventData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Signal(row) => row.serialize(serializer),
            Self::Proposal(row) => row.serialize(serializer),
            Self::Decision(row) => row.serialize(serializer),
            Self::Outcome(row) => row.serialize(serializer),
            Self::Risk(row) => row.serialize(serializer),
            Self::Notice(row) => row.serialize(serializer),
            Self::Room(event) => event.data.serialize(serializer),
        }
    }
}

impl Entry {
    /// The business that an entry belongs to: that of its room, or the one that its data names.
    #[must_use]
    pub fn business(&self) -> Option<&str> {
        self.topic.business().or_else(|| self.data.business())
    }

    /// The place within the business that its data name.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.data.location()
    }
}

/// As on the wire: `offset`, `topic`, `at` in seconds since 1970, `type`, `data`, and `by` where it is known.
impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(5 + usize::from(self.by.is_some())))?;
        map.serialize_entry("offset", &self.offset)?;
        map.serialize_entry("topic", &self.topic)?;
        map.serialize_entry("at", &self.at)?;
        map.serialize_entry("type", self.data.kind())?;
        map.serialize_entry("data", &self.data)?;
        if let Some(by) = &self.by {
            map.serialize_entry("by", by)?;
        }
        map.end()
    }
}
