//! Parts of the server that are switched off, and the way to read the settings anew.

use crate::auth::Caller;
use crate::auth::caller::not_allowed;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::headers::correlation_id;
use crate::http::system::fresh;
use crate::http::upgrade;
use crate::reload::ReloadError;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Turns away what is switched off.
pub async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    let needed = needed(request.uri().path(), request.headers());
    match needed.filter(|name| !app.reload.features().borrow().is_on(name)) {
        None => next.run(request).await,
        Some(name) => {
            let message = format!("{name} is switched off on this server; FEATURES says so");
            HttpError::new(StatusCode::SERVICE_UNAVAILABLE, "switched_off", message).into_response()
        }
    }
}

/// `POST /api/v1/settings/reload`: reads environment file and limits anew; tells what changed.
///
/// # Errors
/// The caller is no admin, or a setting is not acceptable; then nothing changes.
pub async fn reload(
    State(app): State<App>,
    Caller(caller): Caller,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    if !caller.may_administer() {
        return Err(not_allowed("read the settings anew"));
    }
    let (user, id) = (caller.user.as_str().to_owned(), correlation_id(&headers));
    let ran = tokio::task::spawn_blocking(move || app.reload.run(&user, &id)).await;
    let ran =
        ran.map_err(|error| HttpError::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", error.to_string()))?;
    let reloaded = ran.map_err(|error| match error {
        ReloadError::NoSource => HttpError::new(StatusCode::CONFLICT, "not_reloadable", error.to_string()),
        ReloadError::Bad(problems) => {
            HttpError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_settings", problems)
        }
    })?;
    Ok(fresh(&reloaded))
}

/// The feature that a request needs.
fn needed(path: &str, headers: &HeaderMap) -> Option<&'static str> {
    match path {
        "/ws/flights" => Some("flights_feed"),
        "/stream/sse" => Some("sse"),
        "/stream/ws" if upgrade::offered(headers).next().is_none() => Some("plain"),
        "/metrics" => Some("metrics"),
        path if path.starts_with("/api/v1/events/") => Some("publish"),
        path if path.starts_with("/api/v1/history") || path.ends_with("/trail") => Some("history"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header;

    fn check(path: &str, subprotocols: Option<&'static str>, expected: Option<&str>) {
        let pairs = subprotocols.map(|names| (header::SEC_WEBSOCKET_PROTOCOL, names.parse().unwrap()));
        assert_eq!(needed(path, &HeaderMap::from_iter(pairs)), expected, "{path} {subprotocols:?}");
    }

    #[test]
    fn each_way_in_needs_its_feature() {
        check("/stream/ws", None, Some("plain"));
        check("/stream/ws", Some(" , "), Some("plain"));
        check("/stream/ws", Some("inflight.v1.json"), None);
        check("/api/v1/history/1/2", None, Some("history"));
        check("/api/v1/flights/a13f1c/trail", None, Some("history"));
        check("/api/v1/events/negotiation/7", None, Some("publish"));
        check("/", None, None);
    }
}
