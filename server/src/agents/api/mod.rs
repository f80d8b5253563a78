//! `/api/v1/agents`: what the desk shows and what people decide. Whoever asks sees and changes only their businesses.

mod asking;
mod cases;
mod elsewhere;
mod errors;
mod holdings;
mod inputs;
mod models;
mod overview;
mod reading;
mod reviews;
mod runs;
mod schedules;
mod talk;
pub mod told;
mod whole;

use crate::http::error::HttpError;
use crate::http::{App, origin};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};

/// All routes of the agents.
pub fn routes(app: &App) -> Router<App> {
    Router::new()
        .route("/api/v1/agents", get(overview::overview))
        .route("/api/v1/agents/runs", get(runs::list))
        .route("/api/v1/agents/runs/{id}", get(runs::one))
        .route("/api/v1/agents/runs/{id}/state", get(runs::state))
        .route("/api/v1/agents/runs/{id}/export", get(runs::export))
        .route("/api/v1/agents/runs/{id}/verify", post(runs::verify))
        .route("/api/v1/agents/runs/{id}/fork", post(runs::fork))
        .route("/api/v1/agents/runs/{id}/cancel", post(runs::cancel))
        .route("/api/v1/agents/reviews", get(reviews::list).post(reviews::decide_all))
        .route("/api/v1/agents/reviews/{id}", post(reviews::decide))
        .route("/api/v1/agents/reviews/{id}/undo", post(reviews::undo))
        .route("/api/v1/agents/cases", get(cases::list))
        .route("/api/v1/agents/cases/{id}", post(cases::act))
        .route("/api/v1/agents/messages", get(talk::list).post(talk::message))
        .route("/api/v1/agents/schedules", get(schedules::list).post(schedules::create))
        .route(
            "/api/v1/agents/schedules/{id}",
            put(schedules::change).delete(schedules::cancel).get(schedules::status),
        )
        .route("/api/v1/agents/schedules/{id}/{act}", post(schedules::act))
        .route("/api/v1/agents/models", get(models::list).put(models::put))
        .route("/api/v1/agents/models/preview", post(models::preview))
        .route("/api/v1/agents/models/{code}/versions", get(models::versions))
        .route(
            "/api/v1/agents/resources",
            get(holdings::resources).put(holdings::put_resource).delete(holdings::remove_resource),
        )
        .route("/api/v1/agents/businesses/{id}", get(holdings::business).put(holdings::put_business))
        .route("/api/v1/agents/decisions", get(holdings::decisions))
        .route("/api/v1/inputs", post(inputs::take))
        .layer(middleware::from_fn_with_state(app.clone(), only_own_pages))
}

/// Whoever has no name is known by sitting at this machine alone, so that no page of somebody else may ask in their place.
async fn only_own_pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    let foreign = origin::is_own(request.headers(), &app.allowed_origins, app.loopback) == Some(false);
    if changes && foreign {
        let message =
            "only pages of this server, or of ALLOWED_ORIGINS by their name, may change something here";
        return HttpError::new(StatusCode::FORBIDDEN, "foreign_origin", message).into_response();
    }
    next.run(request).await
}
