//! The plain interface to the server itself: all rows of `system`, the last hour, who is connected.

use crate::auth::caller::not_allowed;
use crate::auth::{Caller, Principal};
use crate::http::App;
use crate::http::error::HttpError;
use crate::watch::connection::ConnectionRow;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use inflight_domain::UnixMillis;
use inflight_domain::system::SystemRow;
use serde::Serialize;

#[derive(Serialize)]
struct Rows {
    epoch: u64,
    cut: u64,
    stream: UnixMillis,
    rows: Vec<SystemRow>,
}

#[derive(Serialize)]
struct Connections {
    connections: Vec<ConnectionRow>,
}

/// `/api/v1/system`: every row of the `system` topic.
pub async fn rows(State(app): State<App>) -> Response {
    let status = app.hub.status();
    let sources = status.sources.iter().cloned().map(SystemRow::Source);
    let drops = status.drops.iter().cloned().map(SystemRow::Drops);
    let letters = status.dead_letters.iter().cloned().map(SystemRow::DeadLetter);
    let server = status.server.iter().cloned().map(|row| SystemRow::Server(Box::new(row)));
    let history = status.history.map(SystemRow::History);
    let rows = server.chain(sources).chain(history).chain(drops).chain(letters).collect();
    fresh(&Rows { epoch: status.epoch.0, cut: status.cut.0, stream: status.stream, rows })
}

/// `/api/v1/system/history`: a few figures of the last hour.
pub async fn history(State(app): State<App>) -> Response {
    fresh(&app.watch.trend())
}

/// `/api/v1/connections`: who is connected.
///
/// # Errors
/// The caller may not see that.
pub async fn connections(State(app): State<App>, Caller(caller): Caller) -> Result<Response, HttpError> {
    may_observe(&caller)?;
    let cut = app.hub.status().cut.0;
    Ok(fresh(&Connections { connections: app.watch.roster().rows(cut) }))
}

/// Whether the caller may see what others do.
///
/// # Errors
/// It may not.
pub(in crate::http) fn may_observe(caller: &Principal) -> Result<(), HttpError> {
    if caller.may_observe { Ok(()) } else { Err(not_allowed("see what others do")) }
}

/// An answer that nobody keeps.
pub(crate) fn fresh<T: Serialize>(body: &T) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
