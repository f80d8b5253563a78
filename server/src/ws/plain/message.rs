//! Reading plain messages: those of specification 002, and who else has a `type` or an `event`.

use crate::ws::plain::gateway::{self, Call};
use crate::ws::plain::problem::{Problem, Sort, Tongue};
use crate::ws::plain::talk;
use inflight_agents::spec::UserMessage;
use inflight_domain::TopicKind;
use serde_json::Value;

/// What a client wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// These events as well.
    Subscribe(Vec<EventType>),
    /// These no longer.
    Unsubscribe(Vec<EventType>),
    /// A sign of life, with what comes back in the answer.
    Ping(Option<Value>),
    /// The client answers ours.
    Pong,
    /// A message of specification 001.
    Gateway(Call),
    /// What a coordinator says to the agents.
    User(Box<UserMessage>),
}

/// An event of specification 002: a kind of topic that is no room, under the specification's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventType(TopicKind);

impl Message {
    /// The word under which it is counted.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Subscribe(_) => "subscribe",
            Self::Unsubscribe(_) => "unsubscribe",
            Self::Ping(_) => "ping",
            Self::Pong => "pong",
            Self::Gateway(call) => call.handler.event,
            Self::User(_) => "user_message",
        }
    }
}

/// Messages with a `type` that are taken.
const TYPES: &str = "subscribe, unsubscribe, ping, pong or user_message";

impl EventType {
    /// The word of the specification; `system` is a table of ours, so that its events are notices here.
    #[must_use]
    pub fn name(self) -> &'static str {
        if self.0 == TopicKind::Notice { "system" } else { self.0.name() }
    }

    /// The topic that holds them.
    #[must_use]
    pub fn topic(self) -> TopicKind {
        self.0
    }

    /// What a topic's entries are called here; none for rooms.
    #[must_use]
    pub fn of(topic: TopicKind) -> Option<Self> {
        (!topic.is_room()).then_some(Self(topic))
    }

    /// Reads one of the words.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::all().find(|kind| kind.name() == text)
    }

    /// All the words, for errors.
    #[must_use]
    pub fn expected() -> String {
        Self::all().map(Self::name).collect::<Vec<_>>().join(", ")
    }

    fn all() -> impl Iterator<Item = Self> {
        TopicKind::ALL.into_iter().filter_map(Self::of)
    }
}

/// Reads a message and says how to answer it.
pub fn read(text: &str) -> (Tongue, Result<Message, Problem>) {
    let message: Value = match serde_json::from_str(text) {
        Ok(message) => message,
        Err(error) => {
            let problem = Problem::new(Sort::Message, format!("not JSON: {error}")).with("code", "not_json");
            return (Tongue::unknown(), Err(problem));
        }
    };
    (Tongue::of(&message), meaning(&message))
}

fn meaning(message: &Value) -> Result<Message, Problem> {
    if let Some(event) = message.get("event") {
        return gateway::read(event, message.get("data")).map(Message::Gateway);
    }
    match message.get("type").and_then(Value::as_str) {
        Some("subscribe") => subscriptions(message).map(Message::Subscribe),
        Some("unsubscribe") => subscriptions(message).map(Message::Unsubscribe),
        Some("ping") => Ok(Message::Ping(message.get("id").cloned())),
        Some("pong") => Ok(Message::Pong),
        Some("user_message") if let Some(members) = message.as_object() => {
            talk::read(members).map(Box::new).map(Message::User)
        }
        _ if !message.is_object() => Err(Problem::field("message", "an object", Some(message))),
        _ => Err(Problem::field("type", TYPES, message.get("type"))),
    }
}

fn subscriptions(message: &Value) -> Result<Vec<EventType>, Problem> {
    let expected = format!("a list of {}", EventType::expected());
    let list = message.get("subscriptions");
    let Some(names) = list.and_then(Value::as_array) else {
        return Err(Problem::field("subscriptions", &expected, list));
    };
    let read = |(place, name): (usize, &Value)| {
        name.as_str().and_then(EventType::parse).ok_or_else(|| {
            let expected = format!("one of {}", EventType::expected());
            Problem::field(&format!("subscriptions[{place}]"), &expected, Some(name))
        })
    };
    names.iter().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(message: Value, expected: Result<Message, (Sort, &str)>) {
        let found = meaning(&message).map_err(|problem| {
            let field = problem.details.get("field").or_else(|| problem.details.get("code"));
            (problem.sort, field.and_then(Value::as_str).unwrap_or_default().to_owned())
        });
        let expected = expected.map_err(|(sort, field)| (sort, field.to_owned()));
        assert_eq!(found, expected, "{message}");
    }

    #[test]
    fn messages_of_specification_002() {
        let [risk, system] = [TopicKind::Risk, TopicKind::Notice].map(EventType);
        let names = json!(["risk", "system"]);
        check(
            json!({"type": "subscribe", "subscriptions": names}),
            Ok(Message::Subscribe(vec![risk, system])),
        );
        check(
            json!({"type": "unsubscribe", "subscriptions": ["risk"], "userId": "u"}),
            Ok(Message::Unsubscribe(vec![risk])),
        );
        check(json!({"type": "ping"}), Ok(Message::Ping(None)));
        check(json!({"type": "ping", "id": 4}), Ok(Message::Ping(Some(json!(4)))));
        check(json!({"type": "pong"}), Ok(Message::Pong));
        assert_eq!(EventType::expected(), "signal, proposal, decision, outcome, risk, system");
        assert_eq!(EventType::parse("notice"), None);
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_is_answered(text in ".{0,200}", event in "[a-z_]{0,24}", id in ".{0,200}") {
            let _ = read(&text);
            let messages = [
                json!({"event": event, "data": text, "id": id}),
                json!({"event": "subscribe_market_data", "data": {"lane": text, "equipmentType": id}}),
                json!({"type": event, "subscriptions": [text], "correlationId": id}),
            ];
            for message in messages {
                let (tongue, meaning) = read(&message.to_string());
                if let Err(problem) = meaning {
                    let answer = problem.body(&tongue);
                    proptest::prop_assert!(answer.len() < 2000, "{answer:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = |field| Err((Sort::Message, field));
        check(json!({"type": "subscribe"}), wrong("subscriptions"));
        check(json!({"type": "subscribe", "subscriptions": "risk"}), wrong("subscriptions"));
        check(json!({"type": "subscribe", "subscriptions": ["risk", "flights"]}), wrong("subscriptions[1]"));
        check(json!({"type": "subscribe", "subscriptions": [7]}), wrong("subscriptions[0]"));
        check(json!({"type": "dance"}), wrong("type"));
        check(json!({"type": 5}), wrong("type"));
        check(json!({}), wrong("type"));
        check(json!([]), wrong("message"));
        check(json!({"type": "user_message"}), wrong("businessId"));
        check(json!({"type": "user_message", "businessId": "b"}), wrong("content"));
        check(json!({"type": "user_message", "businessId": "b", "content": {}}), wrong("content.text"));
        let said = json!({"type": "user_message", "businessId": "b", "content": {"text": "hello"}});
        assert!(matches!(meaning(&said), Ok(Message::User(_))));
        assert_eq!(read("{").1.unwrap_err().details["code"], "not_json");
        assert_eq!(read(&"[".repeat(60_000)).1.unwrap_err().details["code"], "not_json");
    }
}
