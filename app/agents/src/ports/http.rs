//! The services over HTTP: which request a call is, and what a response says. Bodies are JSON in the specification's shapes.

use crate::ports::{Call, Reply, failure};
use crate::question::AskFailure;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A request, without the service's own address.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Begins with a slash; parts are percent-encoded.
    pub path: String,
    /// What is sent.
    pub body: Option<Value>,
}

/// The request of a call.
#[must_use]
pub fn request(call: &Call) -> Request {
    let get = |path: String| Request { method: "GET", path, body: None };
    let post = |path: String, body: Value| Request { method: "POST", path, body: Some(body) };
    match call {
        Call::GetBusinessInfo { business } => get(path(&["businesses", business])),
        Call::GetLocationInfo { business, location } => {
            get(path(&["businesses", business, "locations", location]))
        }
        Call::ValidateBusinessAccess { business, user } => {
            get(path(&["businesses", business, "access", user]))
        }
        Call::GetResource { business, kind: Some(kind), id } => {
            get(path(&["businesses", business, "resources", kind, id]))
        }
        Call::GetResource { business, kind: None, id } => {
            get(path(&["businesses", business, "resources", id]))
        }
        Call::QueryResources { business, query } => {
            post(path(&["businesses", business, "resources", "query"]), json!(query))
        }
        Call::ExecuteAction(action) => post(path(&["actions"]), json!(action)),
        Call::ValidateResourceAccess { business, id } => {
            get(path(&["businesses", business, "resources", id, "access"]))
        }
        Call::GetMessageModel { business, code, version, business_type, location } => {
            let version = version.map(|version| version.to_string());
            let query = [
                ("businessId", Some(business.as_str())),
                ("version", version.as_deref()),
                ("businessType", business_type.as_deref()),
                ("locationContext", location.as_deref()),
            ];
            let query =
                query.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", encoded(value?))));
            get(format!("{}?{}", path(&["models", code]), query.collect::<Vec<_>>().join("&")))
        }
        Call::SearchSimilarDecisions { query, filter, limit } => {
            post(path(&["decisions", "search"]), json!({"query": query, "filter": filter, "limit": limit}))
        }
        Call::StoreDecision(decision) => post(path(&["decisions"]), json!(decision)),
        Call::UpdateModelUsage { business, code } => {
            post(path(&["models", code, "usage"]), json!({"businessId": business}))
        }
    }
}

/// What a response says.
///
/// # Errors
/// `not_found`, `refused` (the service says that the call is wrong or not allowed), `unavailable` (it cannot now), or
/// `invalid` (it is no answer to the call).
pub fn reply(call: &Call, status: u16, body: &[u8]) -> Result<Reply, AskFailure> {
    match (status, call) {
        (200..=299, _) => {}
        (404, Call::GetResource { .. }) => return Ok(Reply::Resources(Vec::new())),
        (404, Call::GetMessageModel { .. }) => return Ok(Reply::Model(None)),
        (404, _) => return Err(failure("not_found", "the service does not know it")),
        (408 | 425 | 429 | 500..=599, _) => {
            return Err(failure("unavailable", format!("the service answered {status}")));
        }
        _ => return Err(failure("refused", format!("the service answered {status}"))),
    }
    Ok(match call {
        Call::GetBusinessInfo { .. } => Reply::Business(read(body)?),
        Call::GetLocationInfo { .. } => Reply::Location(read(body)?),
        Call::ValidateBusinessAccess { .. } | Call::ValidateResourceAccess { .. } => {
            Reply::Access(read::<Access>(body)?.allowed)
        }
        Call::GetResource { .. } => Reply::Resources(vec![read(body)?]),
        Call::QueryResources { .. } => Reply::Resources(read(body)?),
        Call::ExecuteAction(_) => Reply::Action(read(body)?),
        Call::GetMessageModel { .. } => Reply::Model(read(body)?),
        Call::SearchSimilarDecisions { .. } => Reply::Decisions(read(body)?),
        Call::StoreDecision(_) | Call::UpdateModelUsage { .. } => Reply::Done,
    })
}

#[derive(Deserialize)]
struct Access {
    allowed: bool,
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, AskFailure> {
    serde_json::from_slice(body)
        .map_err(|error| failure("invalid", format!("the service's answer cannot be read: {error}")))
}

fn path(parts: &[&str]) -> String {
    parts.iter().map(|part| format!("/{}", encoded(part))).collect()
}

fn encoded(part: &str) -> String {
    let mut text = String::with_capacity(part.len());
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    // A part of dots alone would lead elsewhere.
    if matches!(text.as_str(), "." | "..") { text.replace('.', "%2E") } else { text }
}
