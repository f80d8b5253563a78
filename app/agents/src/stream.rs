//! Entries of the hub's event topics as inputs: which of them agents take in, for whom, and what they say.

use crate::spec::{AgentInput, BusinessInfo, FieldError, is_id, read_input};
use inflight_domain::event::AGENT_INPUTS;
use inflight_domain::{Entry, Epoch, EventData, TopicKind};
use serde_json::{Value, json};

/// Event topics of everybody that agents take in; of the rooms it is that of a business, and only [`AGENT_INPUTS`] in it.
pub const TOPICS: [&str; 2] = ["signal", "proposal"];

/// The kinds of those topics and rooms.
pub const KINDS: [TopicKind; 3] = [TopicKind::Signal, TopicKind::Proposal, TopicKind::Business];

/// Whether agents take an entry in. What nobody signed the server said itself, and what agents say never comes back to
/// them.
#[must_use]
pub fn takes(entry: &Entry) -> bool {
    let is_input = match &entry.data {
        EventData::Signal(_) | EventData::Proposal(_) => true,
        EventData::Room(event) => {
            entry.topic.kind() == TopicKind::Business && AGENT_INPUTS.contains(&event.kind.as_str())
        }
        _ => false,
    };
    is_input && entry.by.is_some()
}

/// Whether an entry of a topic of everybody is for a business: all are, unless it says which it wants.
#[must_use]
pub fn concerns(business: &BusinessInfo, entry: &Entry) -> bool {
    let streams = business.settings.streams.as_ref();
    streams.is_none_or(|streams| streams.iter().any(|stream| stream == entry.topic.as_str()))
}

/// An entry as an input for a business. The same entry always gives the same id, so that it is taken once; the epoch in
/// which it was said keeps a new journal, which counts from 1, from giving an old one.
///
/// # Errors
/// Every field of it that is not as it must be.
pub fn input(business: &str, entry: &Entry, epoch: Epoch) -> Result<AgentInput, Vec<FieldError>> {
    let id = format!("hub-{}-{}-{}", entry.topic.kind().name(), epoch.0, entry.offset);
    let data = serde_json::to_value(&entry.data).unwrap_or_default();
    let named =
        |names: [&str; 2]| names.iter().find_map(|name| data.get(*name).filter(|value| !value.is_null()));
    let own = data.get("id").filter(|own| own.as_str().is_some_and(is_id));
    let is_room = entry.topic.kind().is_room();
    let correlation = named(["correlationId", "correlation_id"]).filter(|_| is_room).or(own);
    // In the order of `EventData::location`, by which whoever said it was let through.
    let location = named(["location_id", "locationId"]).filter(|_| is_room);
    let (kind, at) = (entry.data.kind(), entry.at.to_string());
    read_input(&json!({
        "id": id,
        "source": "external_api",
        // Who signs for a business in its room speaks there; nobody speaks for all of them.
        "userId": entry.by.as_ref().filter(|_| is_room).map(|by| by.as_str()).filter(|by| is_id(by)),
        "businessId": business,
        "locationId": location,
        "type": "webhook",
        "content": {
            "data": {"type": kind, "timestamp": at, "data": &data},
            "metadata": {
                "title": title(&entry.data, &data),
                "topic": entry.topic.as_str(),
                "offset": entry.offset,
                "by": entry.by.as_ref().map(|by| by.as_str()),
            },
        },
        "timestamp": at,
        "correlationId": correlation.cloned().unwrap_or_else(|| id.clone().into()),
    }))
}

/// A line for people.
fn title(data: &EventData, row: &Value) -> String {
    match data {
        EventData::Signal(signal) => format!("Signal from {}: {}", signal.source, signal.content),
        EventData::Proposal(proposal) => {
            format!("Proposal for {}: {}", proposal.assets.join(", "), proposal.thesis)
        }
        other => {
            let what = if other.kind() == "code" { "Code event" } else { "Market event" };
            let text = |name: &str| row.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            let about = ["title", "summary", "event", "action"].into_iter().find_map(text);
            about.map_or_else(|| what.to_owned(), |about| format!("{what}: {about}"))
        }
    }
}

#[cfg(test)]
mod tests;
