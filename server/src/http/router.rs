//! Which address leads where.

use crate::agents;
use crate::http::error::HttpError;
use crate::http::{
    App, api, assets, audit, entrance, headers, health, history, me, pages, publish, sign_in, sse, switches,
    system, tickets, upgrade,
};
use crate::metrics::Metrics;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use core::any::Any;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

/// All routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/stream/ws", get(upgrade::stream))
        .route("/stream/sse", get(sse::stream))
        .route("/ws/flights", get(upgrade::flights))
        .route("/health", get(health::health))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-in/style.css", get(sign_in::style))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/api/v1/openapi.json", get(api::document))
        .route("/api/v1/me", get(me::me))
        .route("/api/v1/tickets", post(tickets::issue))
        .route("/api/v1/sources", get(api::sources))
        .route("/api/v1/dead-letters", get(api::dead_letters))
        .route("/api/v1/system", get(system::rows))
        .route("/api/v1/system/history", get(system::history))
        .route("/api/v1/settings/reload", post(switches::reload))
        .route("/api/v1/audit", get(audit::trail))
        .route("/api/v1/connections", get(system::connections))
        .route("/api/v1/history", get(history::kept))
        .route("/api/v1/history/{from}/{to}", get(history::range))
        .route("/api/v1/flights/{icao24}/trail", get(history::trail))
        .route("/api/v1/disruptions", get(api::disruptions))
        .route("/api/v1/events/{*topic}", post(publish::publish))
        .merge(agents::api::routes(&app))
        .merge(pages::routes(&app.leptos))
        .method_not_allowed_fallback(wrong_method)
        .fallback(elsewhere)
        .layer(CatchPanicLayer::custom(survive(app.metrics.clone())))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(app.clone(), entrance::enter))
        .layer(middleware::from_fn_with_state(app.clone(), switches::check))
        .layer(middleware::from_fn_with_state(app.clone(), headers::complete))
        .with_state(app)
}

/// A file of the client; else a page for people and a code for programs.
async fn elsewhere(State(app): State<App>, request: Request) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let for_people = wants_page(request.headers()) && !path.starts_with("/api/");
    let page = Request::builder().uri(request.uri().clone()).body(Body::empty());
    if matches!(method, Method::GET | Method::HEAD) {
        if let Some(response) = assets::file(&app.site_root, request).await {
            return response;
        }
        if let (true, Ok(page)) = (for_people, page) {
            return pages::not_found(&app, page).await;
        }
    }
    HttpError::not_found(&path).into_response()
}

fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.to_str().is_ok_and(|text| text.contains("text/html")))
}

/// A defect in a handler costs its answer and nothing else; the log says where it was.
fn survive(metrics: Metrics) -> impl Fn(Box<dyn Any + Send>) -> Response + Clone {
    move |_| {
        metrics.survived("request");
        let message = "this is a defect of the server, and it goes on; the log says where it was";
        HttpError::new(StatusCode::INTERNAL_SERVER_ERROR, "defect", message).into_response()
    }
}

async fn wrong_method(request: Request) -> HttpError {
    let message = format!("{} is not possible here", request.method());
    HttpError::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", message)
}
