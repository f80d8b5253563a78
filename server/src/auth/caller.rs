//! How handlers learn who asks: `Caller` for one request, `Pass` for a connection that stays.

use crate::auth::limits::Full;
use crate::auth::pass::{Pass, Session};
use crate::auth::principal::Principal;
use crate::http::App;
use crate::http::error::HttpError;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use std::sync::Arc;

/// Whoever sent the request.
#[derive(Clone, Debug)]
pub struct Caller(pub Principal);

/// Who sent the request, put beside it on the way in.
#[derive(Clone, Debug)]
pub struct Entrant {
    /// Who; none if nobody said and a name is needed.
    pub session: Option<Arc<Session>>,
    /// They came with a login that is over.
    pub stale: bool,
}

/// The papers of a connection that cannot say later who it is, because nothing is heard of it.
#[derive(Debug)]
pub struct KnownPass(pub Pass);

/// A connection that finds no place.
#[derive(Debug)]
pub enum NoPass {
    /// There is none.
    Full(Full),
    /// Nobody said who they are, and a request without messages cannot say so later.
    Unknown,
}

impl Entrant {
    /// Somebody who did not come with a login that is over.
    #[must_use]
    pub fn of(session: Option<Arc<Session>>) -> Self {
        Self { session, stale: false }
    }
}

impl FromRequestParts<App> for Entrant {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(entrant(parts, app))
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, HttpError> {
        let session = entrant(parts, app).session.ok_or_else(sign_in_first)?;
        Ok(Self(session.principal.clone()))
    }
}

impl OptionalFromRequestParts<App> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Infallible> {
        Ok(entrant(parts, app).session.map(|session| Self(session.principal.clone())))
    }
}

impl FromRequestParts<App> for KnownPass {
    type Rejection = NoPass;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, NoPass> {
        // Before a place is taken: whoever is unknown takes none.
        if entrant(parts, app).session.is_none() {
            return Err(NoPass::Unknown);
        }
        Pass::from_request_parts(parts, app).await.map(Self)
    }
}

impl FromRequestParts<App> for Pass {
    type Rejection = NoPass;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, NoPass> {
        let Entrant { session, stale } = entrant(parts, app);
        if session.is_none() && !parts.headers.contains_key(header::SEC_WEBSOCKET_KEY) {
            return Err(NoPass::Unknown);
        }
        app.auth.admit(session).map(|pass| pass.hurried(stale)).map_err(NoPass::Full)
    }
}

/// Nobody said who they are.
#[must_use]
pub fn sign_in_first() -> HttpError {
    HttpError::new(
        StatusCode::UNAUTHORIZED,
        "unauthorised",
        "send `Authorization: Bearer` with a key or a token, or sign in at /sign-in",
    )
}

/// They did, but it is not theirs to do.
#[must_use]
pub fn not_allowed(what: &str) -> HttpError {
    HttpError::new(StatusCode::FORBIDDEN, "not_allowed", format!("your roles do not allow to {what}"))
}

fn entrant(parts: &Parts, app: &App) -> Entrant {
    parts.extensions.get::<Entrant>().cloned().unwrap_or_else(|| Entrant::of(app.auth.anonymous()))
}

impl IntoResponse for NoPass {
    fn into_response(self) -> Response {
        let (error, retry_s) = match self {
            Self::Unknown => return sign_in_first().into_response(),
            Self::Full(Full::Server) => (
                HttpError::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "too_many_connections",
                    "the server has as many connections as CONNECTIONS_MAX lets it; come back later",
                ),
                5 + fastrand::u32(0..10),
            ),
            Self::Full(Full::User) => (
                HttpError::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "too_many_connections",
                    "you have as many connections open as CONNECTIONS_PER_USER lets you",
                ),
                30,
            ),
        };
        ([(header::RETRY_AFTER, retry_s.to_string())], error).into_response()
    }
}
