//! Whether the process lives, and whether it has something to show.

use crate::http::App;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use inflight_domain::{SourceRow, SourceState};
use serde::Serialize;

#[derive(Serialize)]
struct Readiness<'a> {
    ready: bool,
    epoch: u64,
    cut: u64,
    aircraft: usize,
    dependencies: Vec<Dependency<'a>>,
}

#[derive(Serialize)]
struct Dependency<'a> {
    name: String,
    ready: bool,
    state: SourceState,
    code: &'a str,
}

/// `/healthz`: the process answers.
pub async fn healthz() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(serde_json::json!({"status": "ok"}))).into_response()
}

/// `/readyz`: the state of every source is known; 503 until then. A source that fails does not make the
/// server unready, because it still shows what it has and says how old it is.
pub async fn readyz(State(app): State<App>) -> Response {
    let status = app.hub.status();
    let ready = status.is_ready();
    let body = Readiness {
        ready,
        epoch: status.epoch.0,
        cut: status.cut.0,
        aircraft: status.aircraft,
        dependencies: status.sources.iter().map(dependency).collect(),
    };
    let code = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// `/metrics`: text for Prometheus.
pub async fn metrics(State(app): State<App>) -> Response {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], app.metrics.render())
        .into_response()
}

fn dependency(row: &SourceRow) -> Dependency<'_> {
    Dependency {
        name: format!("source/{}", row.name),
        ready: row.state != SourceState::Starting,
        state: row.state,
        code: &row.code,
    }
}
