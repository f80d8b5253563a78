//! The way in: who sends a request is found out once, before any handler, and nobody without a name goes further where
//! one is needed.

use crate::auth::{Entrant, caller, credential};
use crate::http::{App, origin, sign_in};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use inflight_ui::Page;

/// Puts an [`Entrant`] beside the request, or answers in the handler's place.
pub async fn enter(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let own_page = origin::is_own(&parts.headers, &app.allowed_origins, app.loopback);
    let entrant = match credential::entrant(&app.auth, &parts, own_page) {
        Ok(entrant) => entrant,
        Err(refusal) => return ask(refusal.into_response()),
    };
    if entrant.session.is_none() {
        let path = parts.uri.path();
        if path.starts_with("/api/") || path == "/metrics" {
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

fn is_page(path: &str) -> bool {
    Page::ALL.iter().any(|(page, _)| *page == path)
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
