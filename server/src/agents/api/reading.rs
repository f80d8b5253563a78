//! Bodies and addresses of requests: exactly their members, each mistake with its place.

use crate::events::{Fields, Mistake};
use crate::http::body;
use crate::http::error::HttpError;
use axum::body::Body;
use serde_json::Value;

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
