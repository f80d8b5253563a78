//! Where in a request somebody says who they are, and what comes of it.

use crate::auth::caller::Entrant;
use crate::auth::{Auth, Session};
use crate::http::error::HttpError;
use crate::http::origin::names_this_machine;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use std::sync::Arc;
use tokio::time::Instant;

/// Name of the cookie on a page that came encrypted; a browser takes it from no other host or path.
pub const COOKIE: &str = "__Host-inflight";

/// Name of the cookie on this machine, where nothing is encrypted and every port shares its cookies.
#[must_use]
pub fn local_cookie(host: &str) -> String {
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    format!("inflight-{}", if port.bytes().all(|byte| byte.is_ascii_digit()) { port } else { "" })
}

/// Who sent a request: a header, a ticket, a key in the address where that is on, or the cookie of a login. The
/// cookie counts only from our own pages: `own_page` tells whether the origin is one of theirs, if there is an origin.
///
/// # Errors
/// What was said is not good, or stands where it may not.
pub fn entrant(auth: &Auth, parts: &Parts, own_page: Option<bool>) -> Result<Entrant, HttpError> {
    let headers = &parts.headers;
    if let Some(said) = in_header(headers) {
        return known(
            auth.session_of(said),
            "the key or token is not known, no longer good, or not signed by us",
        );
    }
    let query = parts.uri.query().unwrap_or_default();
    // An address opens one connection and nothing else.
    let opens = matches!(parts.uri.path(), "/stream/ws" | "/stream/sse" | "/ws/flights");
    let elsewhere =
        || refused("a ticket or a key in an address only opens /stream/ws, /stream/sse or /ws/flights");
    if let Some(ticket) = in_query(query, "ticket") {
        if !opens {
            return Err(elsewhere());
        }
        return known(
            auth.tickets().take(ticket, Instant::now()),
            "the ticket is used or too old; ask for another",
        );
    }
    if let Some(key) = in_query(query, "apiKey") {
        if !auth.takes_key_in_url() {
            return Err(refused(
                "a key in an address ends up in logs: send it as `Authorization: Bearer`, or ask POST /api/v1/tickets \
                 for a ticket (ALLOW_API_KEY_IN_URL=true takes it all the same)",
            ));
        }
        if !opens {
            return Err(elsewhere());
        }
        return known(auth.session_of(key), "the key is not known or no longer good");
    }
    let Some(cookie) = cookie(headers) else { return Ok(Entrant::of(auth.anonymous())) };
    let socket = headers.contains_key(header::SEC_WEBSOCKET_KEY);
    let safe = matches!(parts.method, Method::GET | Method::HEAD) && !socket;
    match own_page {
        Some(true) => {}
        None if safe => {}
        None if socket => {
            return Err(HttpError::new(
                StatusCode::FORBIDDEN,
                "no_origin",
                "a connection with the cookie of a login has to say from which page it comes",
            ));
        }
        _ => return Ok(Entrant::of(auth.anonymous())),
    }
    let session = auth.logins().session(cookie, Instant::now());
    Ok(Entrant { stale: session.is_none(), session: session.or_else(|| auth.anonymous()) })
}

/// The value of our cookie.
#[must_use]
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    // Beyond this machine a sibling host could plant a cookie of that name.
    let local = names_this_machine(host).then(|| local_cookie(host));
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE || Some(*name) == local.as_deref()).map(|(_, value)| value)
}

fn in_header(headers: &HeaderMap) -> Option<&str> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default().trim());
    if let Some(key) = text("x-api-key") {
        return Some(key);
    }
    let (scheme, token) = text("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Keys and tickets are plain words, so that nothing has to be decoded.
fn in_query<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(found, value)| *found == name && !value.is_empty()).map(|(_, value)| value)
}

fn known(session: Option<Arc<Session>>, problem: &str) -> Result<Entrant, HttpError> {
    session.map(|session| Entrant::of(Some(session))).ok_or_else(|| refused(problem))
}

fn refused(problem: &str) -> HttpError {
    HttpError::new(StatusCode::UNAUTHORIZED, "unauthorised", problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, cookies: &str, expected: Option<&str>) {
        let headers = HeaderMap::from_iter([
            (header::HOST, host.parse().unwrap()),
            (header::COOKIE, cookies.parse().unwrap()),
        ]);
        assert_eq!(cookie(&headers), expected, "{cookies} at {host}");
    }

    #[test]
    fn a_sibling_host_plants_no_login() {
        check("ops.example", "__Host-inflight=a", Some("a"));
        check("ops.example", "inflight-=b; __Host-inflight=a", Some("a"));
        check("ops.example", "inflight-=b", None);
        check("ops.example:3000", "inflight-3000=b", None);
        check("localhost:3000", "x=1; inflight-3000=b", Some("b"));
        check("127.0.0.1:3000", "inflight-3001=b", None);
    }
}
