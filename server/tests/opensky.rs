//! The OpenSky feed against a server of our own that answers by a script.

mod common;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use common::settings;
use inflight_domain::SourceState::{self, Degraded, Live, RateLimited, Starting, Unauthorised};
use inflight_server::metrics::Metrics;
use inflight_server::settings::Settings;
use inflight_server::sources::opensky::core::RetryConfig;
use inflight_server::sources::opensky::{Feed, FeedEvent};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::timeout;

/// What the server does with the next request for states.
#[derive(Clone, Copy, Debug)]
enum Act {
    Answer(&'static str),
    Status(u16),
    RetryAfter(&'static str),
    Never,
}

/// What the server saw.
#[derive(Default)]
struct Seen {
    script: Vec<Act>,
    tokens: usize,
    refuse_tokens: usize,
    authorisations: Vec<String>,
    queries: Vec<String>,
    under_way: usize,
}

type Shared = Arc<Mutex<Seen>>;

const GOOD: Act = Act::Answer("{\"time\":1700000000,\"states\":null}");

async fn token(State(seen): State<Shared>, body: String) -> Response {
    let mut seen = seen.lock().unwrap();
    assert_eq!(body, "grant_type=client_credentials&client_id=me&client_secret=s%26cret");
    if seen.refuse_tokens > 0 {
        seen.refuse_tokens -= 1;
        return StatusCode::UNAUTHORIZED.into_response();
    }
    seen.tokens += 1;
    format!("{{\"access_token\":\"t{}\",\"expires_in\":1800}}", seen.tokens).into_response()
}

async fn states(State(seen): State<Shared>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let act = {
        let mut seen = seen.lock().unwrap();
        seen.under_way += 1;
        assert_eq!(seen.under_way, 1, "one request at a time");
        let authorisation = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
        seen.authorisations.push(authorisation.unwrap_or_default());
        seen.queries.push(query.unwrap_or_default());
        seen.under_way -= 1;
        if seen.script.is_empty() { GOOD } else { seen.script.remove(0) }
    };
    match act {
        Act::Answer(body) => ([("x-rate-limit-remaining", "100000000")], body).into_response(),
        Act::Status(code) => StatusCode::from_u16(code).unwrap().into_response(),
        Act::RetryAfter(seconds) => (
            StatusCode::TOO_MANY_REQUESTS,
            [("x-rate-limit-retry-after-seconds", seconds)],
            "Too many requests",
        )
            .into_response(),
        Act::Never => core::future::pending().await,
    }
}

/// A feed on a fresh server that answers by the script.
async fn feed(script: &[Act], authenticated: bool, refuse_tokens: usize) -> (Feed, Shared, Metrics) {
    let seen = Arc::new(Mutex::new(Seen { script: script.to_vec(), refuse_tokens, ..Seen::default() }));
    let router = Router::new()
        .route("/api/states/all", get(states))
        .route("/auth/realms/opensky-network/protocol/openid-connect/token", post(token))
        .with_state(Arc::clone(&seen));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    let mut environment = vec![("OPENSKY_API_URL", origin.as_str()), ("OPENSKY_TOKEN_URL", origin.as_str())];
    if authenticated {
        environment.extend([("OPENSKY_CLIENT_ID", "me"), ("OPENSKY_CLIENT_SECRET", "s&cret")]);
    }
    let Settings { mut opensky, topics, .. } = settings(&environment);
    opensky.poll_interval = Duration::from_millis(5);
    opensky.timeout = Duration::from_secs(3);
    let metrics = Metrics::new(&topics);
    let retry = RetryConfig {
        floor: Duration::from_millis(5),
        ceiling: Duration::from_millis(10),
        unauthorised: Duration::from_millis(10),
        rate_limited: Duration::from_millis(10),
    };
    let late_after = Duration::from_secs(1_000_000_000);
    (Feed::new(&opensky, late_after, retry, metrics.clone()).unwrap(), seen, metrics)
}

/// The feed's states and codes, in order, must be these.
async fn check(feed: &mut Feed, expected: &[(SourceState, &str)]) {
    for (number, expected) in expected.iter().enumerate() {
        let event = timeout(common::PATIENCE, feed.next()).await.unwrap();
        let (FeedEvent::Row(row) | FeedEvent::Polled { row, .. } | FeedEvent::Unreadable { row, .. }) = event;
        assert_eq!((row.state, row.code.as_str()), *expected, "event {number}");
        assert_eq!(row.retry_at.is_some(), !matches!(row.state, Starting | Live), "event {number}");
    }
}

#[tokio::test]
async fn it_recovers_from_every_fault() {
    let script = [
        GOOD,
        Act::Status(401),
        GOOD,
        Act::RetryAfter("0"),
        GOOD,
        Act::Status(503),
        Act::Never,
        Act::Answer("<html>"),
        GOOD,
    ];
    let (mut feed, seen, metrics) = feed(&script, true, 0).await;
    check(
        &mut feed,
        &[
            (Starting, ""),
            (Live, ""),
            (Live, ""),
            (RateLimited, "http_429"),
            (Live, ""),
            (Degraded, "http_503"),
            (Degraded, "timeout"),
            (Degraded, "bad_body"),
            (Live, ""),
        ],
    )
    .await;
    let seen = seen.lock().unwrap();
    assert_eq!(seen.tokens, 2, "the 401 renewed the token");
    assert_eq!(seen.authorisations[..4], ["Bearer t1", "Bearer t1", "Bearer t2", "Bearer t2"]);
    assert_eq!(seen.queries[0], "lamin=40.4&lomin=-74.5&lamax=41.2&lomax=-73.5&extended=1");
    let text = metrics.render();
    for expected in [
        "producer_polls_total{status=\"success\"} 4",
        "producer_polls_total{status=\"auth_failed\"} 1",
        "producer_polls_total{status=\"rate_limited\"} 1",
        "producer_polls_total{status=\"timeout\"} 1",
        "producer_api_errors_total{error_type=\"http_503\"} 1",
        "producer_poll_latency_seconds_count 9",
    ] {
        assert!(text.contains(expected), "{expected} in\n{text}");
    }
}

#[tokio::test]
async fn refused_credentials_are_said_so() {
    let (mut feed, seen, _) = feed(&[Act::Status(401), Act::Status(401)], true, 1).await;
    let refused = (Unauthorised, "token_http_401");
    check(&mut feed, &[(Starting, ""), refused, (Unauthorised, "http_401"), (Live, "")]).await;
    assert_eq!(seen.lock().unwrap().tokens, 3);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let followed = Arc::new(Mutex::new(Vec::<String>::new()));
    let seen = Arc::clone(&followed);
    let elsewhere = move |body: String| async move { seen.lock().unwrap().push(body) };
    let router = Router::new()
        .route("/elsewhere", get(elsewhere.clone()).post(elsewhere))
        .fallback(async || Redirect::temporary("/elsewhere"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    let urls = [("OPENSKY_API_URL", origin.as_str()), ("OPENSKY_TOKEN_URL", origin.as_str())];
    let client = [("OPENSKY_CLIENT_ID", "me"), ("OPENSKY_CLIENT_SECRET", "s&cret")];
    for (environment, code) in [(urls.to_vec(), "http_307"), ([urls, client].concat(), "token_http_307")] {
        let Settings { opensky, topics, .. } = settings(&environment);
        let late_after = Duration::from_secs(60);
        let metrics = Metrics::new(&topics);
        let mut feed = Feed::new(&opensky, late_after, RetryConfig::default(), metrics).unwrap();
        check(&mut feed, &[(Starting, ""), (Degraded, code)]).await;
    }
    assert!(followed.lock().unwrap().is_empty());
}

#[tokio::test]
async fn without_credentials_requests_are_anonymous() {
    let (mut feed, seen, _) = feed(&[], false, 0).await;
    check(&mut feed, &[(Starting, ""), (Live, ""), (Live, "")]).await;
    let seen = seen.lock().unwrap();
    assert_eq!((seen.tokens, seen.authorisations[0].as_str()), (0, ""));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_retried() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let Settings { mut opensky, topics, .. } = settings(&[("OPENSKY_API_URL", &origin)]);
    opensky.timeout = Duration::from_secs(5);
    let retry = RetryConfig { floor: Duration::from_millis(5), ..RetryConfig::default() };
    let metrics = Metrics::new(&topics);
    let mut feed = Feed::new(&opensky, Duration::from_secs(60), retry, metrics).unwrap();
    check(&mut feed, &[(Starting, ""), (Degraded, "connection"), (Degraded, "connection")]).await;
}
