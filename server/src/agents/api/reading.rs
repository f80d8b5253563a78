//! Bodies and addresses of requests: exactly their members, each mistake with its place.

use crate::agents::store::UNTOLD;
use crate::events::{Fields, Mistake};
use crate::http::error::HttpError;
use crate::http::{App, body};
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use inflight_agents::spec::{DEPTH_MAX, depth, is_id};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What an address asks for behind its `?`.
pub(super) struct Wants<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Wants<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, HttpError> {
        let wrong = |error: QueryRejection| HttpError::bad_request("bad_query", "query", error.body_text());
        Query::try_from_uri(&parts.uri).map(|Query(wanted)| Self(wanted)).map_err(wrong)
    }
}

/// Largest body in bytes.
const BODY_BYTES: usize = 256 * 1024;

/// Items that one request may name.
pub(super) const MOST_IDS: usize = 200;

/// The members of a body.
pub(super) async fn members(body: Body) -> Result<Fields, HttpError> {
    let bytes = body::read(body, BODY_BYTES).await?;
    let bytes = if bytes.is_empty() { b"{}".to_vec() } else { bytes };
    let value: Value = serde_json::from_slice(&bytes)
        .map_err(|error| HttpError::bad_request("not_json", "body", format!("expected JSON: {error}")))?;
    let mut inside = value.as_object().into_iter().flatten();
    if let Some((name, _)) = inside.find(|(_, value)| depth(value) > DEPTH_MAX) {
        let message = format!("expected at most {DEPTH_MAX} objects and lists within each other");
        return Err(HttpError::bad_request("bad_value", name.clone(), message));
    }
    let mut texts = value.as_object().into_iter().flatten();
    if let Some((name, _)) = texts.find(|(_, value)| value.as_str() == Some(UNTOLD)) {
        let message = "this only stands for what rooms are not told: read the row, and send what it says";
        return Err(HttpError::bad_request("bad_value", name.clone(), message));
    }
    Fields::of("body", value).map(Fields::at_top).map_err(wrong)
}

/// A mistake as an answer.
pub(super) fn wrong(mistake: Mistake) -> HttpError {
    let message = format!("expected {}, got {}", mistake.expected, mistake.found);
    HttpError::bad_request("bad_value", mistake.place, message)
}

/// A member that may be absent.
pub(super) fn maybe_text(fields: &mut Fields, name: &str) -> Result<Option<String>, HttpError> {
    match fields.any(name) {
        Value::Null => Ok(None),
        Value::String(text) if text.len() <= 16 * 1024 => Ok(Some(text)),
        other => Err(wrong(fields.wrong(name, "a text of at most 16384 bytes", &other))),
    }
}

/// An object that may be absent.
pub(super) fn maybe_object(
    fields: &mut Fields,
    name: &str,
) -> Result<Option<serde_json::Map<String, Value>>, HttpError> {
    match fields.any(name) {
        Value::Null => Ok(None),
        Value::Object(members) => Ok(Some(members)),
        other => Err(wrong(fields.wrong(name, "an object", &other))),
    }
}

/// Whether a member that may be absent is true.
pub(super) fn is_marked(fields: &mut Fields, name: &str) -> Result<bool, HttpError> {
    match fields.any(name) {
        Value::Null => Ok(false),
        Value::Bool(is_marked) => Ok(is_marked),
        other => Err(wrong(fields.wrong(name, "true or false", &other))),
    }
}

/// Reads over members that lists show and nobody sets, so that what was read can be sent back.
pub(super) fn ignore(fields: &mut Fields, names: &[&str]) {
    names.iter().for_each(|name| drop(fields.any(name)));
}

/// Signs that an identifier may have beside letters and digits.
pub(super) const ID_SIGNS: &str = "._:-/";

/// An identifier of these signs, in the field of this name.
pub(super) fn identifier(field: &'static str, id: &str, signs: &str) -> Result<(), HttpError> {
    let is_good = |letter: char| letter.is_ascii_alphanumeric() || signs.contains(letter);
    if is_id(id) && id.chars().all(is_good) {
        return Ok(());
    }
    let message = format!("expected 1 to 128 letters, digits or {signs}");
    Err(HttpError::bad_request("bad_value", field, message))
}

/// What to ask with for what is older than the last of these times, if there is more: `before`, in milliseconds since
/// 1970. Rows of the same moment come again rather than not at all.
pub(super) fn older(times_ms: &[i64], limit: usize, before: Option<i64>) -> Option<i64> {
    let last_ms = *times_ms.last().filter(|_| times_ms.len() >= limit)?;
    let with_same_ms = last_ms.saturating_add(1);
    Some(if before.is_some_and(|before| with_same_ms >= before) { last_ms } else { with_same_ms })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    async fn check(deep: usize, expected: Option<&str>) {
        let body = format!("{{\"a\": 1, \"state\": {}{}}}", "[".repeat(deep), "]".repeat(deep));
        let read = members(Body::from(body)).await;
        assert_eq!(read.err().and_then(|error| error.body.field).as_deref(), expected, "{deep}");
    }

    #[test]
    fn identifiers_have_their_signs_only() {
        let check = |id: &str, signs: &str, is_good: bool| {
            assert_eq!(identifier("id", id, signs).is_ok(), is_good, "{id} {signs}");
        };
        check("gate-b12/2", ID_SIGNS, true);
        check("gate-b12/2", "._:-", false);
        for id in ["", "a b", "ă", &"x".repeat(129)] {
            check(id, ID_SIGNS, false);
        }
    }

    #[tokio::test]
    async fn what_stands_for_something_untold_is_not_written() {
        let read = async |text: &str| members(Body::from(json!({"id": "a", "name": text}).to_string())).await;
        assert!(read("Gate B12").await.is_ok());
        assert_eq!(read(UNTOLD).await.err().unwrap().body.field.as_deref(), Some("name"));
    }

    #[tokio::test]
    async fn what_is_nested_too_deep_is_named() {
        check(16, None).await;
        check(17, Some("state")).await;
        check(100, Some("state")).await;
    }

    #[test]
    fn older_rows_are_asked_for_until_there_are_none() {
        assert_eq!(older(&[9, 7, 5], 3, None), Some(6));
        assert_eq!(older(&[5, 5, 5], 3, Some(6)), Some(5), "more of one moment than fit are passed over");
        assert_eq!(older(&[9, 7], 3, None), None);
        assert_eq!(older(&[], 3, Some(4)), None);
    }
}
