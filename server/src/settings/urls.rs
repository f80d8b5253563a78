//! Completes the addresses of OpenSky: an origin, a base path and the full address all mean the same.

use reqwest::Url;

/// Address of `states/all` from an origin, `.../api` or the full address; none if it is no address.
#[must_use]
pub fn states_url(text: &str) -> Option<Url> {
    complete(text, &["api", "states", "all"])
}

/// Address of the token endpoint from an origin, any part of its path or the full address.
#[must_use]
pub fn token_url(text: &str) -> Option<Url> {
    complete(text, &["auth", "realms", "opensky-network", "protocol", "openid-connect", "token"])
}

/// Origin of an address as browsers send it: scheme, host, and the port where it is not the usual one.
#[must_use]
pub fn origin_of(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| url.origin().ascii_serialization())
}

/// Appends those segments of `path` that the address does not end with already.
fn complete(text: &str, path: &[&str]) -> Option<Url> {
    let mut url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    plain.then_some(())?;
    let given: Vec<String> =
        url.path_segments()?.filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
    let ends_with = |head: &[&str]| {
        given.len() >= head.len() && given[given.len() - head.len()..].iter().zip(head).all(|(a, b)| a == b)
    };
    let present = (0..=path.len()).rev().find(|count| ends_with(&path[..*count])).unwrap_or(0);
    let full: Vec<&str> = given.iter().map(String::as_str).chain(path[present..].iter().copied()).collect();
    url.set_path(&full.join("/"));
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(complete: fn(&str) -> Option<Url>, text: &str, expected: Option<&str>) {
        assert_eq!(complete(text).as_ref().map(Url::as_str), expected, "{text}");
    }

    #[test]
    fn states_addresses_are_completed() {
        let full = Some("http://127.0.0.1:8089/api/states/all");
        for text in ["", "/", "/api", "/api/", "/api/states", "/api/states/all", "/api/states/all/"] {
            check(states_url, &format!("http://127.0.0.1:8089{text}"), full);
        }
        check(states_url, "https://example.org/mirror", Some("https://example.org/mirror/api/states/all"));
        check(
            states_url,
            "https://example.org/mirror/api",
            Some("https://example.org/mirror/api/states/all"),
        );
        for text in ["", "opensky", "ftp://x/api", "http://u:p@x/api", "http://x/api?a=1", "/api"] {
            check(states_url, text, None);
        }
    }

    #[test]
    fn token_addresses_are_completed() {
        let path = "/auth/realms/opensky-network/protocol/openid-connect/token";
        let full = format!("http://localhost:1{path}");
        for (end, _) in path.match_indices('/').chain([(path.len(), "")]) {
            check(token_url, &format!("http://localhost:1{}", &path[..end]), Some(&full));
        }
    }
}
