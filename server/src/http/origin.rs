//! Which pages may connect: those of this server, and those of the origins that are allowed.

use crate::http::error::HttpError;
use axum::http::{HeaderMap, StatusCode, header};
use std::net::Ipv4Addr;

/// Refuses a page of a foreign origin. A client that is no page sends no origin and is let in.
///
/// On a `loopback` listener the page must also name this machine, or be allowed: any site can point its own
/// name at 127.0.0.1, and then its origin and host agree.
///
/// # Errors
/// The origin is neither this server's nor allowed.
pub fn check(headers: &HeaderMap, allowed: &[String], loopback: bool) -> Result<(), HttpError> {
    let open =
        allowed.iter().any(|allowed| allowed == "*") && of(headers).is_some_and(|origin| origin != "null");
    if open || is_own(headers, allowed, loopback) != Some(false) {
        return Ok(());
    }
    let origin = of(headers).unwrap_or_default();
    Err(HttpError::new(
        StatusCode::FORBIDDEN,
        "foreign_origin",
        format!("pages of {origin} may not connect; ALLOWED_ORIGINS lists those that may"),
    ))
}

/// Whether the request comes from a page of this server or of an origin that is listed by its name; none if no page
/// says that it sent it. What is allowed to all with `*` is nobody's own.
#[must_use]
pub fn is_own(headers: &HeaderMap, allowed: &[String], loopback: bool) -> Option<bool> {
    let origin = of(headers)?;
    let host =
        headers.get(header::HOST).map(|host| String::from_utf8_lossy(host.as_bytes()).to_ascii_lowercase());
    let same = origin.split_once("://").is_some_and(|(scheme, authority)| {
        matches!(scheme, "http" | "https")
            && host.as_deref() == Some(authority)
            && (!loopback || names_this_machine(authority))
    });
    Some(same || (origin != "*" && allowed.contains(&origin)))
}

/// Whether a request that only this machine can send names this machine, or a host that is allowed. Any site can point
/// its own name at 127.0.0.1 and then read what its pages ask for, without an origin. What names no host is no browser.
#[must_use]
pub fn is_our_host(headers: &HeaderMap, allowed: &[String]) -> bool {
    let ours = |host: &str| {
        let plain = host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).unwrap_or(host);
        names_this_machine(host)
            || allowed
                .iter()
                .filter_map(|origin| origin.split_once("://"))
                .any(|(_, name)| name == host || name == plain)
    };
    let hosts = headers.get_all(header::HOST).iter();
    hosts.map(|host| String::from_utf8_lossy(host.as_bytes()).to_ascii_lowercase()).all(|host| ours(&host))
}

/// The origin that a request names, in lower case.
#[must_use]
pub fn of(headers: &HeaderMap) -> Option<String> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let origin = String::from_utf8_lossy(origins.next()?.as_bytes()).to_ascii_lowercase();
    // Two of them are nobody's.
    Some(if origins.next().is_some() { "null".to_owned() } else { origin })
}

/// Whether host and port are this machine's own name.
#[must_use]
pub fn names_this_machine(authority: &str) -> bool {
    let name = match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => authority,
    };
    matches!(name, "localhost" | "[::1]") || name.parse().is_ok_and(|name: Ipv4Addr| name.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_origin(origin: Option<&str>, host: &str, allowed: &[&str], expected: bool) {
        check_listener(false, origin, host, allowed, expected);
    }

    fn check_listener(loopback: bool, origin: Option<&str>, host: &str, allowed: &[&str], expected: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        let allowed: Vec<String> = allowed.iter().map(|allowed| (*allowed).to_owned()).collect();
        assert_eq!(check(&headers, &allowed, loopback).is_ok(), expected, "{origin:?} at {host}");
    }

    #[test]
    fn foreign_pages_are_refused() {
        let host = "127.0.0.1:3000";
        check_origin(None, host, &[], true);
        check_origin(Some("http://127.0.0.1:3000"), host, &[], true);
        check_origin(Some("HTTP://127.0.0.1:3000"), host, &[], true);
        check_origin(Some("https://ops.example"), "ops.example", &[], true);
        for origin in [
            "http://127.0.0.1:3001",
            "http://127.0.0.1",
            "http://localhost:3000",
            "http://127.0.0.1:3000.evil.example",
            "http://evil.example/127.0.0.1:3000",
            "null",
            "",
        ] {
            check_origin(Some(origin), host, &["https://ops.example"], false);
        }
        check_origin(Some("https://ops.example"), host, &["https://ops.example"], true);
        check_origin(Some("https://evil.example"), host, &["*"], true);
    }

    #[test]
    fn a_loopback_listener_takes_no_borrowed_names() {
        for host in ["localhost:3000", "127.0.0.1:3000", "[::1]:3000", "localhost", "[::1]"] {
            check_listener(true, Some(&format!("http://{host}")), host, &[], true);
            check_listener(true, Some("http://evil.example"), host, &[], false);
        }
        for host in
            ["evil.example:3000", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80"]
        {
            let origin = format!("http://{host}");
            check_listener(true, Some(&origin), host, &[], false);
            check_listener(true, Some(&origin), host, &[&origin], true);
            check_listener(false, Some(&origin), host, &[], true);
            check_listener(true, None, host, &[], true);
        }
    }
}
