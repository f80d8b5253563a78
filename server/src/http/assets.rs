//! Static files of the built client, with their compressed twins and honest caching.

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use std::path::Path;
use tower_http::services::ServeDir;
use tower_http::services::fs::ServeFileSystemResponseBody;

/// For a name that changes with its content.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// For a name that stays: ask each time, take 304 for an answer.
const ASK: HeaderValue = HeaderValue::from_static("no-cache");

/// A worker's script is its own page: it loads its program and what it plays.
const WORKER: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; frame-ancestors 'none'",
);

/// The file at the request's path; none if there is none.
pub async fn file(root: &Path, request: Request) -> Option<Response> {
    let caching = if is_hashed(request.uri().path()) { FOR_EVER } else { ASK };
    let request_path = request.uri().path().to_owned();
    let mut files =
        ServeDir::new(root).append_index_html_on_directories(false).precompressed_br().precompressed_gzip();
    let answer = files.try_call(request).await.ok()?;
    let found = answer.status().is_success() || answer.status().is_redirection();
    found.then_some(())?;
    let mut response = answer.map(ServeFileSystemResponseBody::from).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, caching);
    if request_path.ends_with("/worker.js") {
        headers.insert(header::CONTENT_SECURITY_POLICY, WORKER);
    }
    // The twins share one address, whichever was sent.
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    Some(response)
}

/// Whether the name holds a hash: a part of 16 or more letters and digits, some of each, before the last dot.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let mut parts = name.split(['.', '-', '_']);
    parts.next_back();
    parts.any(|part| {
        part.len() >= 16
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && part.bytes().any(|byte| byte.is_ascii_digit())
            && part.bytes().any(|byte| byte.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names_are_told_apart() {
        for (path, expected) in [
            ("/pkg/inflight.wasm", false),
            ("/pkg/inflight.0123456789abcdef.wasm", true),
            ("/pkg/inflight-0123456789abcdef0123.js", true),
            ("/pkg/inflight_0123456789abcdef_bg.wasm", true),
            ("/data/internationalisation.json", false),
            ("/pkg/globe-2026.bin", false),
            ("/0123456789abcdef", false),
        ] {
            assert_eq!(is_hashed(path), expected, "{path}");
        }
    }
}
