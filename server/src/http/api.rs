//! The plain interface: what the `system` topic holds, for people with curl.

use crate::http::App;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use inflight_domain::system::{DeadLetterRow, DropsRow};
use inflight_domain::{DeadLetter, Disruption, SourceRow, UnixMillis};
use serde::Serialize;

#[derive(Serialize)]
struct Sources<'a> {
    epoch: u64,
    cut: u64,
    stream: UnixMillis,
    aircraft: usize,
    sources: &'a [SourceRow],
}

#[derive(Serialize)]
struct Disruptions<'a> {
    epoch: u64,
    cut: u64,
    stream: UnixMillis,
    open: usize,
    disruptions: &'a [Disruption],
}

#[derive(Serialize)]
struct DeadLetters<'a> {
    counts: &'a [DropsRow],
    newest: Vec<&'a DeadLetter>,
}

/// `/api/v1/sources`: state of each source.
pub async fn sources(State(app): State<App>) -> Response {
    let status = app.hub.status();
    fresh(&Sources {
        epoch: status.epoch.0,
        cut: status.cut.0,
        stream: status.stream,
        aircraft: status.aircraft,
        sources: &status.sources,
    })
}

/// `/api/v1/dead-letters`: counts by reason and the newest entries that were turned away, newest first.
pub async fn dead_letters(State(app): State<App>) -> Response {
    let status = app.hub.status();
    let newest = status.dead_letters.iter().map(|DeadLetterRow { letter, .. }| letter).collect();
    fresh(&DeadLetters { counts: &status.drops, newest })
}

/// `/api/v1/disruptions`: what goes otherwise than planned, the newest first; what ended stays half an hour.
pub async fn disruptions(State(app): State<App>) -> Response {
    let status = app.hub.status();
    fresh(&Disruptions {
        epoch: status.epoch.0,
        cut: status.cut.0,
        stream: status.stream,
        open: status.disruptions.iter().filter(|row| row.ended.is_none()).count(),
        disruptions: &status.disruptions,
    })
}

/// `/api/v1/openapi.json`: all addresses below `/api/v1`, in OpenAPI 3.1.
pub async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], include_str!("openapi.json")).into_response()
}

fn fresh<T: Serialize>(body: &T) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
