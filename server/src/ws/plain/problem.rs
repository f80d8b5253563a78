//! What cannot be done, in the words of the specification that the message came from.

use crate::clock;
use crate::hub::pulse::Body;
use inflight_agents::spec::is_id;
use inflight_domain::UnixMillis;
use serde_json::{Map, Value, json};

/// Which specification a message follows, and what its answer must carry.
#[derive(Clone, Debug, PartialEq)]
pub enum Tongue {
    /// Specification 001: `{"event":...,"data":...,"id":...}`.
    Gateway {
        /// Comes back in the answer.
        id: Option<Value>,
    },
    /// Specifications 002 and 004: `{"type":...}`.
    Typed {
        /// Comes back in the answer; ours if the client has none.
        correlation_id: String,
    },
}

/// What sort of problem it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Nobody knows who speaks, or they may not.
    Access,
    /// The message is not what was expected.
    Message,
    /// It is, but cannot be done.
    Processing,
    /// Too many messages.
    RateLimit,
    /// Our fault.
    Internal,
}

/// Why a message has no effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// What sort.
    pub sort: Sort,
    /// For people.
    pub message: String,
    /// For programs: `code`, and what belongs to it.
    pub details: Map<String, Value>,
}

/// The longest id of a client's own that comes back.
const LONGEST_ID: usize = 128;

impl Sort {
    /// Its name in specification 004, and in the metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "auth_failed",
            Self::Message => "validation_error",
            Self::Processing => "processing_error",
            Self::RateLimit => "rate_limit_exceeded",
            Self::Internal => "internal_error",
        }
    }
}

impl Problem {
    /// A field that is wrong: its path, and what was expected.
    #[must_use]
    pub fn field(path: &str, expected: &str, found: Option<&Value>) -> Self {
        Self::found(path, expected, &found.map_or_else(|| "nothing".to_owned(), name_of))
    }

    /// The same with what was found, in words.
    #[must_use]
    pub fn found(path: &str, expected: &str, found: &str) -> Self {
        let message = format!("{path}: expected {expected}, got {found}");
        Self::new(Sort::Message, message)
            .with("code", "bad_value")
            .with("field", path)
            .with("expected", expected)
    }

    /// Something that this server does not do.
    #[must_use]
    pub fn not_available(reason: &str) -> Self {
        let message = format!("not available: {reason}");
        Self::new(Sort::Processing, message).with("code", "not_available").with("reason", reason)
    }

    /// A problem without details.
    #[must_use]
    pub fn new(sort: Sort, message: impl Into<String>) -> Self {
        Self { sort, message: message.into(), details: Map::new() }
    }

    /// One more detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// The word for programs.
    #[must_use]
    pub fn code(&self) -> String {
        self.details.get("code").and_then(Value::as_str).unwrap_or(self.sort.name()).to_owned()
    }

    /// The answer.
    #[must_use]
    pub fn body(self, tongue: &Tongue) -> Body {
        let (timestamp, details) = (timestamp(clock::now()), Value::Object(self.details));
        let mut answer = match tongue {
            Tongue::Gateway { .. } => {
                let name = gateway_name(self.sort);
                let data = json!({"type": name, "message": self.message, "details": details, "timestamp": timestamp});
                json!({"event": "error", "data": data})
            }
            Tongue::Typed { correlation_id } => json!({
                "type": "error",
                "errorType": self.sort.name(),
                "message": self.message,
                "details": details,
                "timestamp": timestamp,
                "correlationId": correlation_id,
            }),
        };
        if let Tongue::Gateway { id: Some(id) } = tongue {
            answer["id"] = id.clone();
        }
        Body::Text(answer.to_string().into())
    }
}

impl Tongue {
    /// That of a message, as far as it can be told.
    #[must_use]
    pub fn of(message: &Value) -> Self {
        if message.get("event").is_some() {
            let id = message.get("id").filter(|id| id.is_number() || id.as_str().is_some_and(is_short));
            return Self::Gateway { id: id.cloned() };
        }
        let given = message.get("correlationId").and_then(Value::as_str).filter(|id| is_id(id));
        Self::Typed { correlation_id: given.map_or_else(Self::own_id, str::to_owned) }
    }

    /// For what is no message at all.
    #[must_use]
    pub fn unknown() -> Self {
        Self::Typed { correlation_id: Self::own_id() }
    }

    fn own_id() -> String {
        format!("{:016x}", fastrand::u64(..))
    }
}

/// ISO 8601 in UTC, always with milliseconds.
#[must_use]
pub fn timestamp(time: UnixMillis) -> String {
    let [year, month, day, hour, minute, second, ms] = time.civil();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

fn gateway_name(sort: Sort) -> &'static str {
    match sort {
        Sort::Access => "authentication_failed",
        Sort::Message | Sort::Processing => "message_error",
        Sort::RateLimit => "rate_limit_exceeded",
        Sort::Internal => "internal_error",
    }
}

fn is_short(id: &str) -> bool {
    id.len() <= LONGEST_ID
}

/// What a value is, without all of it.
fn name_of(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.chars().count() > 40 => {
            format!("{:?}...", text.chars().take(40).collect::<String>())
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: Value, sort: Sort, expected: Value) {
        let Body::Text(body) = Problem::new(sort, "no").body(&Tongue::of(&message)) else {
            panic!("no text")
        };
        let mut body: Value = serde_json::from_str(&body).unwrap();
        let place = if body.get("event").is_some() { &mut body["data"] } else { &mut body };
        let stamp = place["timestamp"].as_str().unwrap().to_owned();
        assert_eq!((stamp.len(), stamp.as_bytes()[23]), (24, b'Z'), "{stamp}");
        place["timestamp"] = Value::Null;
        assert_eq!(body, expected, "{message}");
    }

    #[test]
    fn each_specification_has_its_shape() {
        check(
            json!({"event": "dance", "id": "7"}),
            Sort::Message,
            json!({"event": "error", "id": "7",
                "data": {"type": "message_error", "message": "no", "details": {}, "timestamp": null}}),
        );
        check(
            json!({"event": "dance", "id": ["x"]}),
            Sort::Access,
            json!({"event": "error",
                "data": {"type": "authentication_failed", "message": "no", "details": {}, "timestamp": null}}),
        );
        check(
            json!({"type": "dance", "correlationId": "c-1"}),
            Sort::Message,
            json!({"type": "error", "errorType": "validation_error", "message": "no", "details": {},
                "timestamp": null, "correlationId": "c-1"}),
        );
    }

    #[test]
    fn an_id_of_ours_stands_in() {
        let Tongue::Typed { correlation_id } = Tongue::of(&json!({"type": "x", "correlationId": 5})) else {
            panic!("no tongue")
        };
        assert_eq!(correlation_id.len(), 16);
    }

    #[test]
    fn times_have_milliseconds() {
        assert_eq!(timestamp(UnixMillis(1_705_314_600_000)), "2024-01-15T10:30:00.000Z");
        assert_eq!(timestamp(UnixMillis(1_705_314_600_007)), "2024-01-15T10:30:00.007Z");
    }

    #[test]
    fn another_id_is_made_where_one_is_no_id() {
        for (given, taken) in [("c-1", true), ("a\nb", false), ("", false), (&*"x".repeat(129), false)] {
            let Tongue::Typed { correlation_id } =
                Tongue::of(&json!({"type": "ping", "correlationId": given}))
            else {
                panic!("{given:?}")
            };
            assert_eq!(correlation_id == given, taken, "{given:?}");
        }
    }

    #[test]
    fn what_was_found_is_short() {
        let long = Value::String("x".repeat(500));
        let problem = Problem::field("data.lane", "text", Some(&long));
        assert!(problem.message.len() < 100, "{}", problem.message);
        assert!(Problem::field("data", "text", None).message.ends_with("got nothing"));
    }
}
