//! `POST /api/v1/events/{topic}`: publishes an entry and answers when it is on the disk.

use crate::agents::api::told;
use crate::audit::Entry;
use crate::auth::{Caller, Principal, Scope};
use crate::clock;
use crate::events;
use crate::http::error::HttpError;
use crate::http::headers::correlation_id;
use crate::http::{App, body};
use crate::hub::events::PublishError;
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use inflight_domain::event::{AGENT_EVENT, AGENT_INPUTS};
use inflight_domain::{Draft, TopicName};
use serde::Serialize;

/// Largest body in bytes.
pub const BODY_BYTES: usize = 64 * 1024;

/// What the publisher learns.
#[derive(Debug, Serialize)]
pub struct Published {
    /// The entry's number among all entries.
    pub offset: u64,
    /// From this position on everybody has it.
    pub epoch: u64,
    /// The same.
    pub cut: u64,
}

/// Publishes `{"type":...,"data":{...}}`.
///
/// # Errors
/// No such topic, a body that is not as it must be, or a journal that does not take it.
pub async fn publish(
    State(app): State<App>,
    Caller(principal): Caller,
    Path(topic): Path<String>,
    request: Request,
) -> Result<(StatusCode, Json<Published>), HttpError> {
    let topic = TopicName::parse(&topic).ok_or_else(|| {
        let message = format!("expected one of {}, got {topic:?}", TopicName::EXPECTED);
        HttpError {
            status: StatusCode::NOT_FOUND,
            ..HttpError::bad_request("unknown_topic", "topic", message)
        }
    })?;
    if !principal.may_publish(&topic) {
        return Err(forbidden(&principal, &topic));
    }
    let (parts, body) = request.into_parts();
    let body = body::read(body, BODY_BYTES).await?;
    let body = serde_json::from_slice(&body)
        .map_err(|error| HttpError::bad_request("not_json", "body", format!("expected JSON: {error}")))?;
    let data = events::read(&topic, body, clock::now()).map_err(|mistake| {
        let message = format!("expected {}, got {}", mistake.expected, mistake.found);
        HttpError::bad_request("bad_value", mistake.place, message)
    })?;
    if data.kind().starts_with(AGENT_EVENT) {
        let message = format!("{} is told by the agents alone", data.kind());
        return Err(HttpError::new(StatusCode::FORBIDDEN, "not_allowed", message));
    }
    let scope = Scope { business: topic.business().or_else(|| data.business()), location: data.location() };
    if !principal.may_publish_row(&topic, scope) {
        return Err(forbidden(&principal, &topic));
    }
    if AGENT_INPUTS.contains(&data.kind()) {
        told::may_tell(&app, principal.clone(), &parts.headers, (&topic, &data)).await?;
    }
    let mut note = Entry {
        actor: principal.user.as_str().to_owned(),
        action: if topic.as_str() == "decision" { "decision" } else { "publish" },
        target: topic.to_string(),
        result: "done".to_owned(),
        correlation_id: correlation_id(&parts.headers).to_string(),
    };
    // In a task of its own: who asks may hang up meanwhile, and what was published stands in the trail all the same.
    let published = tokio::spawn(async move {
        let draft = Draft { topic, data, by: Some(principal.user) };
        let published = app.hub.publish(draft).await.map_err(refused);
        match &published {
            Ok(receipt) => note.target = format!("{}#{}", note.target, receipt.offset),
            Err(error) => note.result = error.body.code.to_owned(),
        }
        app.audit.note(note);
        published
    });
    let receipt = published.await.unwrap_or_else(|_| Err(refused(PublishError::Unknown)))?;
    let (offset, epoch, cut) = (receipt.offset, receipt.position.epoch.0, receipt.position.cut.0);
    Ok((StatusCode::CREATED, Json(Published { offset, epoch, cut })))
}

fn forbidden(principal: &Principal, topic: &TopicName) -> HttpError {
    let message = if principal.is_anonymous() {
        "publishing takes a login: create a key with `inflight keys create` and send it".to_owned()
    } else {
        format!("{} may not publish this to {topic}", principal.user)
    };
    HttpError::new(StatusCode::FORBIDDEN, "not_allowed", message)
}

fn refused(error: PublishError) -> HttpError {
    let (status, code) = match &error {
        PublishError::Journal { .. } => (StatusCode::INSUFFICIENT_STORAGE, "journal_failed"),
        PublishError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
        PublishError::Unknown => (StatusCode::INTERNAL_SERVER_ERROR, "unknown_outcome"),
        PublishError::Ended(_) => (StatusCode::SERVICE_UNAVAILABLE, "going_away"),
    };
    HttpError::new(status, code, error.to_string())
}
