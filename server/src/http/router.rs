//! Which address leads where.

use crate::http::error::HttpError;
use crate::http::{App, api, assets, headers, health, upgrade};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// All routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/stream/ws", get(upgrade::stream))
        .route("/ws/flights", get(upgrade::flights))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .route("/api/v1/sources", get(api::sources))
        .route("/api/v1/dead-letters", get(api::dead_letters))
        .method_not_allowed_fallback(wrong_method)
        .fallback(elsewhere)
        .layer(middleware::from_fn(headers::complete))
        .with_state(app)
}

/// A file of the client, or nothing.
async fn elsewhere(State(app): State<App>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if matches!(*request.method(), Method::GET | Method::HEAD)
        && let Some(response) = assets::file(&app.site_root, request).await
    {
        return response;
    }
    HttpError::not_found(&path).into_response()
}

async fn wrong_method(request: Request) -> HttpError {
    let message = format!("{} is not possible here", request.method());
    HttpError::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", message)
}
