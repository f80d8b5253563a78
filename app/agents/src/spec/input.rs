//! Inputs at the edge: each field that is wrong is named, with what was expected.

use crate::spec::{AgentInput, Data, InputContent, InputSource, InputType};
use core::fmt;
use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Longest id in bytes.
pub const ID_BYTES_MAX: usize = 128;
/// Longest text in characters.
pub const TEXT_CHARS_MAX: usize = 4000;
/// Deepest data.
pub const DEPTH_MAX: u32 = 16;
const FIELDS: [&str; 9] =
    ["id", "source", "userId", "businessId", "locationId", "type", "content", "timestamp", "correlationId"];
const CONTENT_FIELDS: [&str; 3] = ["text", "data", "metadata"];

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Its way from the top: `content.text`.
    pub field: String,
    /// What was expected.
    pub expected: String,
    /// What was found instead.
    pub found: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, got {}", self.field, self.expected, self.found)
    }
}

/// Whether this can be an id: letters, digits and `._:-/`, at most 128 bytes.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-/".contains(&byte);
    !text.is_empty() && text.len() <= ID_BYTES_MAX && text.bytes().all(legal)
}

/// Beginnings of identifiers that the server makes itself: a schedule's, a disruption's, an entry's of an event topic.
const OURS: [&str; 3] = ["cron-", "sky-", "hub-"];

/// Another beginning than these, as errors put it.
pub const NOT_OURS: &str = "another beginning than cron-, sky- or hub-, which are this server's own";

/// Whether an input has an identifier of those that the server makes.
#[must_use]
pub fn is_ours(id: &str) -> bool {
    OURS.iter().any(|prefix| id.starts_with(prefix))
}

/// What a person says to the agents of a business.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserMessage {
    /// Its own identifier, taken once.
    pub id: Option<String>,
    /// The business.
    pub business_id: String,
    /// One of its places.
    pub location_id: Option<String>,
    /// The words, with what belongs to them.
    pub content: InputContent,
}

/// Reads what a person says: `id`, `businessId` and `locationId` of what is around it, then `text`, `data` and `metadata` of
/// its content, which stands at `content` or, where it has no place of its own, among the others. Other members are the
/// caller's affair.
///
/// # Errors
/// Every field that is not as it must be.
pub fn read_message(around: &Data, has_content: bool) -> Result<UserMessage, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut fields = Fields { object: around, prefix: "", errors: &mut errors };
    let id = fields.id("id", false);
    if id.as_deref().is_some_and(is_ours) {
        fields.fail("id", NOT_OURS);
    }
    let business_id = fields.id("businessId", true);
    let location_id = fields.id("locationId", false);
    let (object, prefix) = match around.get("content").and_then(Value::as_object) {
        _ if !has_content => (around, ""),
        Some(content) => (content, "content."),
        None => {
            fields.fail("content", "an object with text");
            return Err(errors);
        }
    };
    let mut fields = Fields { object, prefix, errors: &mut errors };
    let content =
        InputContent { text: fields.text(), data: fields.data("data"), metadata: fields.data("metadata") };
    if !content.says() && !fields.errors.iter().any(|error| error.field.ends_with("text")) {
        fields.fail("text", "what the user says");
    }
    match business_id.filter(|_| errors.is_empty()) {
        Some(business_id) => Ok(UserMessage { id, business_id, location_id, content }),
        None => Err(errors),
    }
}

/// Reads an input.
///
/// # Errors
/// Every field that is not as it must be.
pub fn read_input(value: &Value) -> Result<AgentInput, Vec<FieldError>> {
    let Some(object) = value.as_object() else {
        return Err(vec![wrong("body", "an object", Some(value))]);
    };
    let mut errors = Vec::new();
    let mut fields = Fields { object, prefix: "", errors: &mut errors };
    fields.only(&FIELDS);
    let id = fields.id("id", true);
    let source = fields.choice("source", &SOURCES);
    let user_id = fields.id("userId", false);
    let business_id = fields.id("businessId", true);
    let location_id = fields.id("locationId", false);
    let kind = fields.choice("type", &TYPES);
    let timestamp = fields.time("timestamp");
    let correlation_id = fields.id("correlationId", false);
    let content = fields.content();
    if let (Some(source), Some(kind)) = (source, kind) {
        agree(source, kind, &content, &mut errors);
    }
    match (id, source, business_id, kind, timestamp) {
        (Some(id), Some(source), Some(business_id), Some(kind), Some(timestamp)) if errors.is_empty() => {
            Ok(AgentInput {
                id,
                source,
                user_id,
                business_id,
                location_id,
                kind,
                content,
                timestamp,
                correlation_id,
            })
        }
        _ => Err(errors),
    }
}

const SOURCES: [(&str, InputSource); 3] = [
    ("websocket", InputSource::Websocket),
    ("cron", InputSource::Cron),
    ("external_api", InputSource::ExternalApi),
];
const TYPES: [(&str, InputType); 4] = [
    ("user_message", InputType::UserMessage),
    ("scheduled_task", InputType::ScheduledTask),
    ("webhook", InputType::Webhook),
    ("api_request", InputType::ApiRequest),
];

/// What comes by the desk is a message, by the clock a task; other services may send everything but tasks.
fn agree(source: InputSource, kind: InputType, content: &InputContent, errors: &mut Vec<FieldError>) {
    let fits = match source {
        InputSource::Websocket => kind == InputType::UserMessage,
        InputSource::Cron => kind == InputType::ScheduledTask,
        InputSource::ExternalApi => kind != InputType::ScheduledTask,
    };
    let name = |kind| TYPES.iter().find(|(_, other)| *other == kind).map_or("", |(name, _)| name);
    if !fits {
        let expected = "a type that fits the source";
        errors.push(FieldError { field: "type".into(), expected: expected.into(), found: name(kind).into() });
    }
    let says = content.says();
    if kind == InputType::UserMessage && !says {
        errors.push(FieldError {
            field: "content.text".into(),
            expected: "what the user says".into(),
            found: "nothing".into(),
        });
    } else if !says && content.data.is_none() {
        errors.push(FieldError {
            field: "content".into(),
            expected: "text or data".into(),
            found: "neither".into(),
        });
    }
}

impl InputContent {
    fn says(&self) -> bool {
        self.text.as_ref().is_some_and(|text| !text.trim().is_empty())
    }
}

struct Fields<'a> {
    object: &'a Data,
    prefix: &'static str,
    errors: &'a mut Vec<FieldError>,
}

impl Fields<'_> {
    fn only(&mut self, known: &[&str]) {
        for name in self.object.keys().filter(|name| !known.contains(&name.as_str())) {
            let field: String = name.chars().take(64).collect();
            let expected = format!("only {}", known.join(", "));
            self.errors.push(FieldError {
                field: format!("{}{field}", self.prefix),
                expected,
                found: "this".into(),
            });
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    fn fail(&mut self, name: &str, expected: &str) {
        let error = wrong(&format!("{}{name}", self.prefix), expected, self.get(name));
        self.errors.push(error);
    }

    fn id(&mut self, name: &str, required: bool) -> Option<String> {
        let value = self.get(name);
        let id = value.and_then(Value::as_str).filter(|text| is_id(text)).map(str::to_owned);
        if id.is_none() && (required || value.is_some()) {
            self.fail(name, "1 to 128 letters, digits or ._:-/");
        }
        id
    }

    fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.get(name).and_then(Value::as_str);
        let found = choices.iter().find(|(choice, _)| Some(*choice) == text).map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
            self.fail(name, &format!("one of {}", names.join(", ")));
        }
        found
    }

    fn time(&mut self, name: &str) -> Option<UnixMillis> {
        let at = self.get(name).and_then(Value::as_str).and_then(UnixMillis::parse_rfc3339);
        if at.is_none() {
            self.fail(name, "a time as 2026-11-21T20:30:00Z");
        }
        at
    }

    fn content(&mut self) -> InputContent {
        let Some(object) = self.get("content").and_then(Value::as_object).cloned() else {
            self.fail("content", "an object with text or data");
            return InputContent { text: Some("-".to_owned()), ..InputContent::default() };
        };
        let mut fields = Fields { object: &object, prefix: "content.", errors: self.errors };
        fields.only(&CONTENT_FIELDS);
        InputContent { text: fields.text(), data: fields.data("data"), metadata: fields.data("metadata") }
    }

    fn text(&mut self) -> Option<String> {
        let value = self.get("text")?;
        let text = value.as_str().filter(|text| text.chars().count() <= TEXT_CHARS_MAX).map(clean);
        if text.is_none() {
            self.fail("text", &format!("a text of at most {TEXT_CHARS_MAX} characters"));
        }
        text
    }

    fn data(&mut self, name: &str) -> Option<Data> {
        let value = self.get(name)?;
        let data = value.as_object().filter(|_| depth(value) <= DEPTH_MAX).cloned();
        if data.is_none() {
            self.fail(name, &format!("an object, at most {DEPTH_MAX} deep"));
        }
        data
    }
}

/// Without characters that steer a terminal or hide what is written.
fn clean(text: &str) -> String {
    let kept = |character: &char| !character.is_control() || "\n\t".contains(*character);
    text.chars().filter(kept).collect()
}

/// How many objects and lists stand within each other; 0 for a plain value.
#[must_use]
pub fn depth(value: &Value) -> u32 {
    match value {
        Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn wrong(field: &str, expected: &str, found: Option<&Value>) -> FieldError {
    let found = match found {
        None | Some(Value::Null) => "nothing".to_owned(),
        Some(Value::Object(_)) => "an object".to_owned(),
        Some(Value::Array(_)) => "a list".to_owned(),
        Some(other) => other.to_string().chars().take(80).collect(),
    };
    FieldError { field: field.to_owned(), expected: expected.to_owned(), found }
}
