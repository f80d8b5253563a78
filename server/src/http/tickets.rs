//! `POST /api/v1/tickets`: a word that opens one connection, so that no key ever stands in an address.

use crate::auth::logins::TICKET;
use crate::auth::{Entrant, caller};
use crate::http::App;
use crate::http::error::HttpError;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::time::Instant;
use tracing::error;

#[derive(Serialize)]
struct Ticket {
    ticket: String,
    expires_in_s: u64,
}

/// `POST /api/v1/tickets`.
///
/// # Errors
/// Nobody said who they are and that is asked for, or the system has no randomness.
pub async fn issue(State(app): State<App>, entrant: Entrant) -> Result<Response, HttpError> {
    let session = entrant.session.ok_or_else(caller::sign_in_first)?;
    let ticket = app.auth.tickets().issue(session, Instant::now()).map_err(|cause| no_randomness(&cause))?;
    let body = Json(Ticket { ticket, expires_in_s: TICKET.as_secs() });
    Ok(([(header::CACHE_CONTROL, "no-store")], body).into_response())
}

/// The system cannot make secrets.
#[must_use]
pub fn no_randomness(cause: &getrandom::Error) -> HttpError {
    error!(%cause, "the system has no randomness");
    HttpError::new(StatusCode::SERVICE_UNAVAILABLE, "no_randomness", "no secret can be made at the moment")
}
