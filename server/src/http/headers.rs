//! Headers of every answer: a request id for the logs, and what browsers must not do with our pages.

use crate::http::App;
use crate::http::error::ErrorCode;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use tracing::field::Empty;
use tracing::{Instrument, Span, debug, info_span};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// For everything but pages, which bring a policy of their own with a nonce.
const STRICT_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// Runs a request in a span with its id, and completes the answer's headers.
pub async fn complete(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    // Handlers read what the answer will tell, whoever gave it.
    let value = HeaderValue::from_str(&id).ok();
    value.iter().for_each(|value| drop(request.headers_mut().insert(REQUEST_ID, value.clone())));
    let span = span(&request, &id);
    let target = format!("{} {}", request.method(), request.uri().path());
    let mut response = next.run(request).instrument(span.clone()).await;
    span.record("status", response.status().as_u16());
    span.in_scope(|| debug!("answered"));
    if let Some(ErrorCode(code)) = response.extensions().get() {
        app.metrics.http_error(code);
        if matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            app.audit.refused(code, target, id.clone());
        }
    }
    let headers = response.headers_mut();
    if let Some(value) = value {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(STRICT_POLICY);
    response
}

/// The id that [`complete`] gave the request; it goes into logs, the audit trail and errors.
#[must_use]
pub fn correlation_id(headers: &HeaderMap) -> Arc<str> {
    headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default().into()
}

/// The span of a request, in the caller's trace where it names one.
fn span(request: &Request, id: &str) -> Span {
    let (method, path) = (request.method(), request.uri().path());
    let span = info_span!("request", id, %method, path, traceparent = Empty, status = Empty);
    let traceparent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    if let Some(traceparent) = traceparent.filter(|text| text.len() <= 64) {
        span.record("traceparent", traceparent);
    }
    span
}

/// The caller's id if it is a plain word, else one of our own.
fn request_id(headers: &HeaderMap) -> String {
    let plain = |id: &&str| {
        (1..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(plain);
    given.map_or_else(|| format!("{:016x}", fastrand::u64(..)), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_ids_are_taken_over() {
        for (given, taken) in [("abc-1.2_3", true), ("a b", false), ("", false), (&*"x".repeat(65), false)] {
            let headers = HeaderMap::from_iter([(REQUEST_ID, given.parse().unwrap())]);
            assert_eq!(request_id(&headers) == given, taken, "{given}");
        }
        assert_eq!(request_id(&HeaderMap::new()).len(), 16);
    }
}
