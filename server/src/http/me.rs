//! `/api/v1/me`: who asks, and what they may do.

use crate::auth::Caller;
use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use inflight_domain::UnixMillis;
use serde::Serialize;

#[derive(Serialize)]
struct Me<'a> {
    user: &'a str,
    roles: Vec<&'static str>,
    businesses: Vec<&'a str>,
    locations: Vec<&'a str>,
    via: &'static str,
    /// Nobody has a name here unless they sign in.
    signed_in: bool,
    expires_at: Option<UnixMillis>,
    may: May,
}

#[derive(Serialize)]
struct May {
    observe: bool,
    move_recording: bool,
    administer: bool,
    publish: Vec<String>,
}

/// `GET /api/v1/me`.
///
/// # Errors
/// Nobody said who they are, and that is asked for.
pub async fn me(Caller(principal): Caller) -> Response {
    let me = Me {
        user: principal.user.as_str(),
        roles: principal.roles.names(),
        businesses: principal.grants.businesses.names(),
        locations: principal.grants.locations.names(),
        via: principal.via.name(),
        signed_in: !principal.is_anonymous(),
        expires_at: principal.expires_at,
        may: May {
            observe: principal.may_observe,
            move_recording: principal.may_move,
            administer: principal.may_administer(),
            publish: principal.publishes(),
        },
    };
    ([(header::CACHE_CONTROL, "no-store")], Json(me)).into_response()
}
