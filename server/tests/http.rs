//! Plain requests: health, metrics, sources, dead letters, files, refusals.

mod common;

use common::{AIRCRAFT, Folder, get, replaying, request};
use serde_json::Value;

async fn ready(server: &inflight_server::server::Server) {
    let mut status = server.hub.follow_status();
    status.wait_for(|status| status.is_ready() && status.aircraft > 0).await.unwrap();
}

#[tokio::test]
async fn health_and_readiness() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    assert_eq!(get(&server, "/healthz").await.0, 200);
    ready(&server).await;
    let (status, _, body) = get(&server, "/readyz").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &body["ready"], &body["aircraft"]), (200, &true.into(), &AIRCRAFT.into()));
    assert_eq!(body["dependencies"][0]["name"], "source/replay");
    assert_eq!(body["dependencies"][0]["state"], "replay");
}

#[tokio::test]
async fn metrics_have_their_names() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    ready(&server).await;
    let (status, head, body) = get(&server, "/metrics").await;
    assert_eq!(status, 200);
    assert!(head.contains("text/plain; version=0.0.4"), "{head}");
    for expected in [
        "producer_polls_total{status=\"success\"} 1",
        "producer_poll_latency_seconds_count",
        "producer_flights_published_total{topic=\"flights.state\"} 8",
        "producer_flights_published_total{topic=\"flights.updates\"} 8",
        "producer_api_errors_total",
        "producer_deadletter_total 1",
        "producer_current_flights 8",
        "inflight_dropped_total{reason=\"bad_icao24\"}",
        "inflight_ticks_total",
        "inflight_tick_seconds_bucket",
        "inflight_resets_total",
    ] {
        assert!(body.contains(expected), "{expected} in\n{body}");
    }
}

#[tokio::test]
async fn what_was_turned_away_can_be_read() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    ready(&server).await;
    let body: Value = serde_json::from_str(&get(&server, "/api/v1/dead-letters").await.2).unwrap();
    let newest = &body["newest"][0];
    assert_eq!(newest["source"], "replay");
    assert!(newest["excerpt"].as_str().unwrap().contains("zzzzzz"), "{body}");
    assert_eq!(body["counts"][0]["reason"], newest["reason"]);
    let body: Value = serde_json::from_str(&get(&server, "/api/v1/sources").await.2).unwrap();
    assert_eq!(body["sources"][0]["replay"]["recording"], "test.jsonl");
    assert_eq!(body["sources"][0]["replay"]["controllable"], true);
}

#[tokio::test]
async fn refusals_are_json_and_headers_are_strict() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    for (method, path, status, code) in [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("POST", "/healthz", 405, "wrong_method"),
        ("DELETE", "/nothing", 404, "not_found"),
        ("GET", "/stream/ws", 426, "upgrade_required"),
        ("GET", "/../../etc/passwd", 404, "not_found"),
        ("GET", "/..%2f..%2fetc%2fpasswd", 404, "not_found"),
    ] {
        let (found, head, body) = request(&server, method, path, "x-request-id: abc-1\r\n").await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((found, &body["error"]["code"]), (status, &code.into()), "{method} {path}");
        for header in
            ["x-request-id: abc-1", "x-content-type-options: nosniff", "referrer-policy: same-origin"]
        {
            assert!(head.contains(header), "{header} in {head}");
        }
        assert!(head.contains("content-security-policy: default-src 'none'"), "{head}");
    }
}

#[tokio::test]
async fn pages_are_rendered_under_a_policy_with_a_nonce() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    let accept = "accept: text/html\r\n";
    let (status, head, body) = request(&server, "GET", "/", accept).await;
    assert_eq!(status, 200);
    let nonce = head.split_once("'nonce-").and_then(|(_, rest)| rest.split_once('\'')).unwrap().0;
    assert!(head.contains("'wasm-unsafe-eval'") && !head.contains("'unsafe-inline' 'self'"), "{head}");
    // The header was put into lower case for the test, so the nonce is compared without case.
    let body = body.to_ascii_lowercase();
    let scripts = body.matches("<script").count();
    assert!(scripts > 0 && body.matches(&format!("nonce=\"{nonce}\"")).count() == scripts, "{body}");
    assert!(body.contains("/pkg/inflight.js") && body.contains("/pkg/inflight.wasm"), "{body}");
    let (status, head, body) = request(&server, "GET", "/no-such-page", accept).await;
    assert!(status == 404 && head.contains("text/html") && body.contains("<html"), "{head}");
    let (_, head, _) = request(&server, "HEAD", "/", "accept: text/html\r\naccept-encoding: gzip\r\n").await;
    assert!(head.contains("content-encoding: gzip"), "{head}");
    let (status, head, _) = request(&server, "GET", "/api/v1/no", accept).await;
    assert!(status == 404 && head.contains("application/json"), "{head}");
}

#[tokio::test]
async fn files_come_compressed_and_are_asked_for_again() {
    let folder = Folder::new();
    let packages = folder.0.join("pkg");
    std::fs::create_dir_all(&packages).unwrap();
    std::fs::write(packages.join("inflight.js"), "plain").unwrap();
    std::fs::write(packages.join("inflight.js.br"), "packed").unwrap();
    std::fs::write(packages.join("inflight.0123456789abcdef.wasm"), "hashed").unwrap();
    let server = replaying(&folder, 1.0).await;
    let (status, head, body) = get(&server, "/pkg/inflight.js").await;
    assert_eq!((status, body.as_str()), (200, "plain"));
    assert!(head.contains("cache-control: no-cache") && head.contains("last-modified"), "{head}");
    let (_, head, body) = request(&server, "GET", "/pkg/inflight.js", "accept-encoding: br\r\n").await;
    assert_eq!(body, "packed");
    assert!(head.contains("content-encoding: br") && head.contains("vary: accept-encoding"), "{head}");
    let (_, head, _) = get(&server, "/pkg/inflight.0123456789abcdef.wasm").await;
    assert!(head.contains("immutable") && head.contains("content-type: application/wasm"), "{head}");
}
