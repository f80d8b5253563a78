//! Whether the process lives, and whether it has something to show.

use crate::clock;
use crate::http::App;
use crate::watch::Health;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use inflight_domain::system::DependencyState;
use inflight_domain::{SourceRow, SourceState};
use serde::Serialize;
use std::borrow::Cow;

#[derive(Serialize)]
struct Readiness<'a> {
    ready: bool,
    epoch: u64,
    cut: u64,
    aircraft: usize,
    dependencies: Vec<Dependency<'a>>,
}

/// The shape of specification 001, section 14.2.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HealthStatus {
    status: Health,
    timestamp: String,
    metrics: HealthMetrics,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HealthMetrics {
    connections: u64,
    /// Messages from and to clients, per second.
    message_rate: f64,
    /// Errors of clients, per second.
    error_rate: f64,
}

#[derive(Serialize)]
struct Dependency<'a> {
    name: String,
    ready: bool,
    state: &'static str,
    code: Cow<'a, str>,
}

/// `/healthz`: the process answers.
pub async fn healthz() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(serde_json::json!({"status": "ok"}))).into_response()
}

/// `/health`: how the server is, and how busy; 503 where somebody must act.
pub async fn health(State(app): State<App>) -> Response {
    let (status, vitals) = (app.watch.health(), app.watch.vitals());
    let body = HealthStatus {
        status,
        timestamp: clock::now().to_string(),
        metrics: HealthMetrics {
            connections: app.watch.roster().open(),
            message_rate: vitals.messages_per_s,
            error_rate: vitals.errors_per_s,
        },
    };
    let code = if status == Health::Unhealthy { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (code, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// `/readyz`: the state of every source is known; 503 until then. Neither a source that fails nor a full disk makes
/// the server unready, because it still shows what it has and says how old it is; each dependency is told.
pub async fn readyz(State(app): State<App>) -> Response {
    let status = app.hub.status();
    let ready = status.is_ready();
    let needed = app.watch.dependencies().into_iter().map(|row| Dependency {
        name: row.name,
        ready: row.state != DependencyState::Down,
        state: row.state.name(),
        code: Cow::Owned(row.code),
    });
    let body = Readiness {
        ready,
        epoch: status.epoch.0,
        cut: status.cut.0,
        aircraft: status.aircraft,
        dependencies: status.sources.iter().map(source).chain(needed).collect(),
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

fn source(row: &SourceRow) -> Dependency<'_> {
    Dependency {
        name: format!("source/{}", row.name),
        ready: row.state != SourceState::Starting,
        state: row.state.name(),
        code: Cow::Borrowed(&row.code),
    }
}
