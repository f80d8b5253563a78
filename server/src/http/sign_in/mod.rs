//! Signing in and out in a browser: a page without scripts, a cookie that scripts cannot read.

mod page;
mod words;

use crate::audit::Entry;
use crate::auth::{Door, Entrant, credential};
use crate::http::error::HttpError;
use crate::http::headers::correlation_id;
use crate::http::sign_in::page::{Content, Problem};
use crate::http::{App, body, entrance, origin, tickets};
use axum::Extension;
use axum::body::Body;
use axum::extract::{ConnectInfo, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use tokio::time::Instant;
use tracing::{info, warn};

/// What may stand in the address and in the form.
#[derive(Debug, Default, Deserialize)]
struct Fields {
    #[serde(default)]
    to: String,
    #[serde(default)]
    token: String,
}

/// A token is some hundred bytes.
const FORM_BYTES: usize = 16 * 1024;

/// Failures that one address has at once, and in a minute after that; what is good is always taken.
const ATTEMPTS: u32 = 10;

/// The sheet of the page, beside that of the client.
const STYLE: &str = include_str!("../../../../style/sign-in.css");

/// `GET /sign-in`: the form, or who is signed in.
pub async fn show(State(app): State<App>, entrant: Entrant, uri: Uri, headers: HeaderMap) -> Response {
    let fields = Query::<Fields>::try_from_uri(&uri).map(|Query(fields)| fields).unwrap_or_default();
    answer(&app, &headers, &entrant, &fields.to, None)
}

/// `GET /sign-in/style.css`.
pub async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")], STYLE)
        .into_response()
}

/// `POST /sign-in`: a key or a token in the field `token`, and where to go then in `to`.
///
/// # Errors
/// The form comes from a foreign page, or is none.
pub async fn sign_in(
    State(app): State<App>,
    entrant: Entrant,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    request: Request,
) -> Result<Response, HttpError> {
    let (parts, content) = request.into_parts();
    let headers = parts.headers;
    from_own_page(&app, &headers)?;
    let fields = read(content).await?;
    let problem = |problem| Ok(answer(&app, &headers, &entrant, &fields.to, Some(problem)));
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Extension(ConnectInfo(peer))| peer.ip());
    let Some(secure) = secure(&headers) else { return problem(Problem::NotEncrypted) };
    let Some(session) = app.auth.session_of(fields.token.trim()) else {
        warn!("somebody could not sign in");
        note(&app, &headers, "unknown", "sign_in_failed", "unauthorised");
        return problem(if !app.auth.attempts().take(peer, Instant::now(), ATTEMPTS, ATTEMPTS) {
            Problem::TooMany
        } else if fields.token.trim().is_empty() {
            Problem::Empty
        } else {
            Problem::Unknown
        });
    };
    // Whoever signs in anew leaves what they had.
    if let Some(before) = credential::cookie(&headers) {
        app.auth.logins().close(before);
    }
    let secret =
        app.auth.logins().open(&session, Instant::now()).map_err(|cause| tickets::no_randomness(&cause))?;
    let user = session.principal.user.as_str();
    info!(user, "signed in");
    note(&app, &headers, user, "sign_in", "done");
    let age_s = crate::auth::logins::LONGEST.as_secs();
    let cookie = set_cookie(&headers, secure, &secret, age_s);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(local(&fields.to))).into_response())
}

/// `POST /sign-out`: ends the login and every connection of it.
///
/// # Errors
/// The request comes from a foreign page.
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, HttpError> {
    from_own_page(&app, &headers)?;
    if let Some(left) = credential::cookie(&headers).and_then(|cookie| app.auth.logins().close(cookie)) {
        info!(user = left.user.as_str(), "signed out");
        note(&app, &headers, left.user.as_str(), "sign_out", "done");
    }
    let cookie = set_cookie(&headers, secure(&headers).unwrap_or(true), "", 0);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/sign-in")).into_response())
}

fn note(app: &App, headers: &HeaderMap, actor: &str, action: &'static str, result: &str) {
    app.audit.note(Entry {
        actor: actor.to_owned(),
        action,
        target: "/sign-in".to_owned(),
        result: result.to_owned(),
        correlation_id: correlation_id(headers).to_string(),
    });
}

/// A form of another page could sign somebody in or out behind their back.
fn from_own_page(app: &App, headers: &HeaderMap) -> Result<(), HttpError> {
    if origin::is_own(headers, &app.allowed_origins, app.loopback) == Some(true) {
        return Ok(());
    }
    Err(HttpError::new(
        StatusCode::FORBIDDEN,
        "foreign_origin",
        "sign in and out from the page /sign-in of this server; behind a proxy, CLIENT_URL names its address",
    ))
}

async fn read(content: Body) -> Result<Fields, HttpError> {
    let bad = |message: &str| HttpError::bad_request("bad_form", "body", message);
    let bytes = body::read(content, FORM_BYTES).await?;
    // A form is written as a query is.
    let uri = Uri::try_from([b"/?".as_slice(), &bytes].concat()).map_err(|_| bad("expected a form"))?;
    Query::try_from_uri(&uri).map(|Query(fields)| fields).map_err(|_| bad("expected the fields token and to"))
}

/// Whether the page came encrypted; none if it should have, because it came from another machine.
fn secure(headers: &HeaderMap) -> Option<bool> {
    let origin = origin::of(headers)?;
    match origin.split_once("://") {
        Some(("https", _)) => Some(true),
        Some((_, authority)) if origin::names_this_machine(authority) => Some(false),
        _ => None,
    }
}

fn set_cookie(headers: &HeaderMap, secure: bool, value: &str, age_s: u64) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let (name, flag) = match secure {
        true => (credential::COOKIE.to_owned(), "; Secure"),
        false => (credential::local_cookie(host), ""),
    };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age_s}{flag}")
}

/// Where to go: a path of this server, and nothing that a browser takes for another one.
fn local(to: &str) -> &str {
    let plain = to.starts_with('/')
        && !to.starts_with("//")
        && !to.contains('\\')
        && to.bytes().all(|byte| (0x21..0x7f).contains(&byte))
        && !to.starts_with("/sign-");
    if plain { to } else { "/" }
}

fn answer(app: &App, headers: &HeaderMap, entrant: &Entrant, to: &str, problem: Option<Problem>) -> Response {
    let who = entrant.session.as_ref().map(|session| &session.principal).filter(|who| !who.is_anonymous());
    let content = Content {
        words: words::of(headers),
        to: local(to),
        who,
        problem,
        may_look: app.auth.door() != Door::Locked,
        has_proofs: app.auth.has_proofs(),
    };
    let status = match problem {
        None => StatusCode::OK,
        Some(Problem::TooMany) => StatusCode::TOO_MANY_REQUESTS,
        Some(Problem::NotEncrypted | Problem::Empty) => StatusCode::BAD_REQUEST,
        Some(Problem::Unknown) => StatusCode::UNAUTHORIZED,
    };
    let mut response = (status, page::html(&content)).into_response();
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    out.insert(header::CONTENT_SECURITY_POLICY, page::POLICY);
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    out.insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    if problem == Some(Problem::TooMany) {
        out.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    response
}

/// Where somebody who has to sign in is sent from this place.
#[must_use]
pub fn address(to: &str) -> String {
    format!("/sign-in?to={}", entrance::encoded(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_server_are_gone_to() {
        for to in ["/", "/sky", "/?at=1&sel=a1", "/a/b#c"] {
            assert_eq!(local(to), to);
        }
        for to in [
            "",
            "sky",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a b",
            "/a\n",
            "/é",
            "/sign-out",
        ] {
            assert_eq!(local(to), "/", "{to}");
        }
    }

    #[test]
    fn cookies_are_bound_to_where_they_came_from() {
        let headers = |origin: &str, host: &str| {
            HeaderMap::from_iter([
                (header::ORIGIN, origin.parse().unwrap()),
                (header::HOST, host.parse().unwrap()),
            ])
        };
        let encrypted = headers("https://ops.example", "ops.example");
        assert_eq!(secure(&encrypted), Some(true));
        let cookie = set_cookie(&encrypted, true, "s", 9);
        assert_eq!(cookie, "__Host-inflight=s; Path=/; HttpOnly; SameSite=Strict; Max-Age=9; Secure");
        let local = headers("http://localhost:3000", "localhost:3000");
        assert_eq!(secure(&local), Some(false));
        let cookie = set_cookie(&local, false, "s", 9);
        assert_eq!(cookie, "inflight-3000=s; Path=/; HttpOnly; SameSite=Strict; Max-Age=9");
        assert_eq!(secure(&headers("http://ops.example", "ops.example")), None);
    }
}
