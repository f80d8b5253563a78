//! The way in: who sends a request is found out once, before any handler, and nobody without a name goes further where
//! one is needed.

use crate::agents::signature;
use crate::auth::{Door, Entrant, caller, credential};
use crate::http::error::HttpError;
use crate::http::{App, origin, sign_in};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use inflight_ui::Page;
use std::net::SocketAddr;

/// Puts an [`Entrant`] beside the request, or answers in the handler's place.
pub async fn enter(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    if app.loopback
        && app.auth.door() != Door::Demo
        && !origin::is_our_host(&parts.headers, &app.allowed_origins)
    {
        return foreign_host().into_response();
    }
    let own_page = origin::is_own(&parts.headers, &app.allowed_origins, app.loopback);
    let entrant = match credential::entrant(&app.auth, &parts, own_page) {
        Ok(entrant) => entrant,
        Err(refusal) => return ask(refusal.into_response()),
    };
    let changes = !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && parts.uri.path().starts_with("/api/") {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        if !app.auth.takes_request(entrant.session.as_deref(), peer) {
            return too_many().into_response();
        }
    }
    if let (Some(session), Some(topic)) = (&entrant.session, topic_of(parts.uri.path()))
        && !session.principal.may_subscribe(topic)
    {
        return caller::not_allowed(&format!("read {topic}")).into_response();
    }
    if entrant.session.is_none() {
        let path = parts.uri.path();
        // Whoever signs what they send has no session; the handler asks the signature before anything else.
        let signed = parts.method == Method::POST
            && path == "/api/v1/inputs"
            && parts.headers.contains_key(signature::HEADER);
        if !signed && (path.starts_with("/api/") || path == "/metrics") {
            return ask(caller::sign_in_first().into_response());
        }
        if matches!(parts.method, Method::GET | Method::HEAD) && is_page(path) {
            let to = parts.uri.path_and_query().map_or(path, |whole| whole.as_str());
            return Redirect::to(&sign_in::address(to)).into_response();
        }
    }
    parts.extensions.insert::<Entrant>(entrant);
    next.run(Request::from_parts(parts, body)).await
}

/// The topic that a plain address shows.
fn topic_of(path: &str) -> Option<&'static str> {
    let under =
        |root: &str| path == root || path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
    match path {
        "/api/v1/sources" | "/api/v1/dead-letters" => Some("system"),
        "/api/v1/disruptions" => Some("disruptions"),
        "/ws/flights" => Some("flights"),
        _ if under("/api/v1/system") => Some("system"),
        _ if under("/api/v1/history") || under("/api/v1/flights") => Some("flights"),
        _ => None,
    }
}

fn foreign_host() -> HttpError {
    HttpError::new(
        StatusCode::MISDIRECTED_REQUEST,
        "foreign_host",
        "this server is reached as localhost, 127.0.0.1 or [::1]; CLIENT_URL names the address of a proxy before it",
    )
}

fn too_many() -> Response {
    let message = "more requests than you may send in a minute; go on later";
    let error = HttpError::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message);
    ([(header::RETRY_AFTER, "1")], error).into_response()
}

fn is_page(path: &str) -> bool {
    Page::of(path) != Page::Missing
}

/// Tells a program how to say who it is.
fn ask(mut response: Response) -> Response {
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// A text as the value of a query.
#[must_use]
pub fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
