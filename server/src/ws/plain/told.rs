//! Entries of event topics as the specifications send them: 002's six types, 001's events of rooms.

use crate::ws::plain::message::EventType;
use crate::ws::plain::problem::timestamp;
use inflight_domain::Entry;
use serde::Serialize;

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    data: &'a inflight_domain::EventData,
    timestamp: String,
}

#[derive(Serialize)]
struct RoomEvent<'a> {
    event: &'a str,
    data: &'a inflight_domain::EventData,
    room: &'a str,
    timestamp: String,
}

/// The message that tells of an entry.
#[must_use]
pub fn message(entry: &Entry) -> String {
    let (data, timestamp) = (&entry.data, timestamp(entry.at));
    let written = match EventType::of(entry.topic.kind()) {
        Some(kind) => serde_json::to_string(&Event { kind: kind.name(), data, timestamp }),
        None => {
            let (event, room) = (entry.data.kind(), entry.topic.as_str());
            serde_json::to_string(&RoomEvent { event, data, room, timestamp })
        }
    };
    // Rows of ours always become JSON.
    written.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_domain::{EventData, TopicName, UnixMillis};
    use serde_json::{Value, json};

    fn check(topic: &str, body: Value, expected: Value) {
        let topic = TopicName::parse(topic).unwrap();
        let data: EventData = crate::events::read(&topic, body, UnixMillis(0)).unwrap();
        let entry = Entry { offset: 1, topic, at: UnixMillis(1_705_314_600_000), data, by: None };
        let told: Value = serde_json::from_str(&message(&entry)).unwrap();
        assert_eq!(told, expected);
    }

    #[test]
    fn entries_have_the_fields_of_their_specification() {
        let when = "2024-01-15T10:30:00.000Z";
        let notice = json!({
            "health": "healthy",
            "metrics": {"cpu_usage": 0.65, "memory_usage": 0.72, "response_time": 250.0},
            "alerts": [{"level": "warning", "message": "High CPU usage detected", "timestamp": "2024-01-15T10:30:00Z"}],
            "timestamp": "2024-01-15T10:30:00Z"
        });
        check(
            "notice",
            json!({"data": notice}),
            json!({"type": "system", "data": notice, "timestamp": when}),
        );
        let data = json!({"text": "hello"});
        check(
            "negotiation/N-7",
            json!({"type": "message.sent", "data": data}),
            json!({"event": "message.sent", "data": data, "room": "negotiation/N-7", "timestamp": when}),
        );
    }
}
