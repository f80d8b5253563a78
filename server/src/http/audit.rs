//! `/api/v1/audit`: the audit trail, the newest first.

use crate::audit::Line;
use crate::auth::Caller;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::system::{fresh, may_observe};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

/// Which part of the trail.
#[derive(Debug, Deserialize)]
pub struct Part {
    before: Option<u64>,
    limit: Option<usize>,
}

#[derive(Serialize)]
struct Trail {
    entries: Vec<Line>,
    verified: bool,
}

/// Lines that are told when nobody says how many, and at most.
const LIMIT: usize = 100;
const LIMIT_MOST: usize = 500;

/// `GET /api/v1/audit?before=SEQ&limit=N`.
///
/// # Errors
/// The caller may not see it, a parameter is no number, or the disk does not give it.
pub async fn trail(
    State(app): State<App>,
    Caller(caller): Caller,
    part: Result<Query<Part>, QueryRejection>,
) -> Result<Response, HttpError> {
    may_observe(&caller)?;
    let Query(part) =
        part.map_err(|rejection| HttpError::bad_request("bad_query", "query", rejection.body_text()))?;
    let (before, limit) = (part.before.unwrap_or(u64::MAX), part.limit.unwrap_or(LIMIT).min(LIMIT_MOST));
    let read = tokio::task::spawn_blocking(move || app.audit.page(before, limit)).await;
    let page =
        read.map_err(|error| error.to_string()).and_then(|page| page.map_err(|error| error.to_string()));
    let page = page.map_err(|problem| {
        let message = format!("the audit trail cannot be read: {problem}");
        HttpError::new(StatusCode::INTERNAL_SERVER_ERROR, "unreadable", message)
    })?;
    Ok(fresh(&Trail { entries: page.lines, verified: page.verified }))
}
