//! What was: the span that is kept, ranges of it as a recording, and the trail of one aircraft.

use crate::history::read::RangeError;
use crate::http::App;
use crate::http::error::HttpError;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use core::convert::Infallible;
use inflight_domain::{Icao24, TrailPoint, UnixMillis};
use serde::Serialize;
use tokio::sync::mpsc::Receiver;

const NO_STORE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "no-store");

#[derive(Serialize)]
struct Kept<'a> {
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a str>,
    minutes: u64,
    from: Option<UnixMillis>,
    to: Option<UnixMillis>,
    segments: usize,
    bytes: u64,
    raw_bytes: u64,
}

#[derive(Serialize)]
struct TrailAnswer {
    icao24: String,
    fields: [&'static str; 5],
    points: Vec<Point>,
}

/// Seconds since 1970, latitude, longitude, altitude in metres, on the ground.
type Point = (UnixMillis, f64, f64, Option<f64>, bool);

/// `/api/v1/history`: what there is.
pub async fn kept(State(app): State<App>) -> Response {
    let state = app.history.state();
    let sum = |of: fn(&crate::history::segment::Segment) -> u64| state.segments.iter().map(of).sum();
    let kept = Kept {
        enabled: state.problem.is_none(),
        problem: state.problem.as_deref(),
        minutes: app.history.keep_min(),
        from: state.segments.first().map(|segment| segment.from),
        to: state.segments.last().map(|segment| segment.to),
        segments: state.segments.len(),
        bytes: sum(|segment| segment.bytes),
        raw_bytes: sum(|segment| segment.raw_bytes),
    };
    ([NO_STORE], Json(kept)).into_response()
}

/// `/api/v1/history/{from}/{to}`: the polls of a range as a recording, one per line.
///
/// # Errors
/// Times that cannot be read, nothing there, or too much.
pub async fn range(
    State(app): State<App>,
    Path((from, to)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let (from, to) = (time_of("from", &from)?, time_of("to", &to)?);
    if from > to {
        let message = format!("expected a time from {from} on, got {to}");
        return Err(HttpError::bad_request("empty_range", "to", message));
    }
    let segments = app.history.range(from, to).map_err(|error| refusal(&error))?;
    let gzip = takes_gzip(&headers);
    let body = body_of(app.history.stream(segments, from, to, gzip));
    let name = format!("attachment; filename=\"inflight-{}-{}.jsonl\"", from.0 / 1000, to.0 / 1000);
    let mut response = ([NO_STORE, (header::CONTENT_TYPE, "application/x-ndjson")], body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    if gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

/// `/api/v1/flights/{icao24}/trail`: where an aircraft has been, oldest first.
///
/// # Errors
/// An address that is none, or no history.
pub async fn trail(State(app): State<App>, Path(icao24): Path<String>) -> Result<Response, HttpError> {
    let Some(address) = Icao24::parse(&icao24) else {
        let message = format!("expected six hex digits, got {icao24:?}");
        return Err(HttpError::bad_request("bad_icao24", "icao24", message));
    };
    if let Some(problem) = &app.history.state().problem {
        return Err(refusal(&RangeError::Off(problem.clone())));
    }
    let points: Vec<Point> = app.history.trail(address).await.iter().map(point_of).collect();
    let fields = ["time", "latitude", "longitude", "altitude_m", "on_ground"];
    let answer = TrailAnswer { icao24: address.to_string(), fields, points };
    Ok(([NO_STORE], Json(answer)).into_response())
}

fn point_of(point: &TrailPoint) -> Point {
    let degrees = |e6: i32| f64::from(e6) / 1e6;
    let altitude_m = point.altitude_cm.map(|altitude_cm| f64::from(altitude_cm) / 100.0);
    (point.at, degrees(point.latitude_e6), degrees(point.longitude_e6), altitude_m, point.on_ground)
}

fn time_of(field: &'static str, text: &str) -> Result<UnixMillis, HttpError> {
    let seconds = || text.parse().ok().and_then(UnixMillis::from_seconds);
    UnixMillis::parse_rfc3339(text).or_else(seconds).ok_or_else(|| {
        let expected = "a time such as 2026-06-14T13:30:00Z, or seconds since 1970";
        HttpError::bad_request("bad_time", field, format!("expected {expected}, got {text:?}"))
    })
}

fn refusal(error: &RangeError) -> HttpError {
    let (status, code) = match error {
        RangeError::Off(_) => (StatusCode::NOT_FOUND, "no_history"),
        RangeError::Nothing { .. } => (StatusCode::NOT_FOUND, "nothing_kept"),
        RangeError::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "range_too_large"),
    };
    HttpError::new(status, code, error.to_string())
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter();
    accepted.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|weight| weight.trim().parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

fn body_of(pieces: Receiver<Bytes>) -> Body {
    Body::from_stream(futures_util::stream::unfold(pieces, async |mut pieces| {
        let piece = pieces.recv().await?;
        Some((Ok::<_, Infallible>(piece), pieces))
    }))
}
