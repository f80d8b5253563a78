//! `/api/v1/agents`: what the desk shows and what people decide. Whoever asks sees and changes only their businesses.

mod holdings;
mod inputs;
mod models;
mod overview;
mod reading;
mod reviews;
mod runs;
mod schedules;
mod talk;

use crate::agents::businesses;
use crate::agents::driver::DriveError;
use crate::agents::service::{Agents, SubmitError};
use crate::audit::Entry;
use crate::auth::caller::not_allowed;
use crate::auth::{Principal, Scope};
use crate::http::error::HttpError;
use crate::http::headers::correlation_id;
use crate::http::{App, origin};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use inflight_agents::{Refused, Store, StoreError};

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
        .route("/api/v1/agents/messages", post(talk::message))
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

/// Who asks, and what for.
pub(in crate::agents::api) struct Asking<'a> {
    /// The agents.
    pub agents: &'a Agents,
    /// Who.
    pub who: &'a Principal,
    /// Joins what is written down about it.
    pub correlation: String,
}

impl<'a> Asking<'a> {
    fn new(app: &'a App, who: &'a Principal, headers: &HeaderMap) -> Result<Self, HttpError> {
        let agents = app.agents.as_ref().ok_or_else(|| {
            let message = "the agents' store could not be opened; the log and /api/v1/system say why";
            HttpError::new(StatusCode::SERVICE_UNAVAILABLE, "agents_unavailable", message)
        })?;
        Ok(Self { agents, who, correlation: correlation_id(headers).to_string() })
    }

    /// They may see what belongs there. What they may not see is not there for them.
    fn may_see(&self, business: &str, location: Option<&str>, what: &str) -> Result<(), HttpError> {
        let scope = Scope { business: Some(business), location };
        if self.who.may_see(scope) { Ok(()) } else { Err(missing(what)) }
    }

    /// They may speak and decide there.
    async fn may_coordinate(&self, business: &str, location: Option<&str>) -> Result<(), HttpError> {
        let found = self.agents.business(business).await.map_err(stored)?;
        let scope = Scope { business: Some(business), location };
        let example = found.as_ref().is_some_and(businesses::is_example);
        if !self.who.may_see(scope) {
            return Err(missing(&format!("business {business}")));
        }
        if self.who.may_coordinate(scope, example) {
            Ok(())
        } else {
            Err(not_allowed("decide for this business"))
        }
    }

    /// They may change what agents go by.
    fn may_edit(&self) -> Result<(), HttpError> {
        if self.who.may_administer() { Ok(()) } else { Err(not_allowed("change what agents go by")) }
    }

    /// A line of the trail, before it is known what came of it.
    fn entry(&self, action: &'static str, target: impl Into<String>) -> Entry {
        Entry {
            actor: self.who.user.as_str().to_owned(),
            action,
            target: target.into(),
            result: "done".to_owned(),
            correlation_id: self.correlation.clone(),
        }
    }

    /// Does something and notes in the trail what came of it, both though whoever asks hangs up meanwhile.
    async fn noted<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, HttpError>> + Send + 'static,
        entry: Entry,
    ) -> Result<T, HttpError> {
        let audit = self.agents.outside().audit.clone();
        let done = self.agents.driver().apart(async move {
            let done = work.await;
            let result = done.as_ref().map_or_else(|error| error.body.code.to_owned(), |_| "done".to_owned());
            audit.note(Entry { result, ..entry });
            done
        });
        done.await.unwrap_or_else(|| Err(driven(DriveError::Defect)))
    }

    /// Writes into the store as [`Self::noted`] does.
    async fn written<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Store) -> Result<T, StoreError> + Send + 'static,
        entry: Entry,
    ) -> Result<T, HttpError> {
        let driver = self.agents.driver().clone();
        self.noted(async move { driver.with_store(work).await.map_err(stored) }, entry).await
    }

    /// Whoever acts for some places only says for which one.
    fn must_name_place(&self, location: Option<&str>) -> Result<(), HttpError> {
        if location.is_some() || !self.who.is_bound_to_places() {
            return Ok(());
        }
        Err(HttpError::bad_request("bad_value", "locationId", "expected one of your places, got nothing"))
    }
}

/// There is nothing, or nothing that this caller may see.
pub(in crate::agents::api) fn missing(what: &str) -> HttpError {
    HttpError::new(StatusCode::NOT_FOUND, "not_found", format!("there is no {what}"))
}

/// The store's errors.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
pub(in crate::agents::api) fn stored(error: StoreError) -> HttpError {
    match &error {
        StoreError::Version { .. } | StoreError::Conflict { .. } => {
            HttpError::new(StatusCode::CONFLICT, "changed_meanwhile", error.to_string())
        }
        StoreError::InputTaken { .. } => HttpError::new(StatusCode::CONFLICT, "taken", error.to_string()),
        StoreError::Failed(_) => {
            HttpError::new(StatusCode::INSUFFICIENT_STORAGE, "store_failed", error.to_string())
        }
    }
}

/// What a run does not take.
pub(in crate::agents::api) fn driven(error: DriveError) -> HttpError {
    let new = |status, code, message: String| HttpError::new(status, code, message);
    match error {
        DriveError::NoRun(id) => missing(&format!("run {id}")),
        DriveError::Store(error) => stored(error),
        DriveError::NoAgent(_) => new(StatusCode::CONFLICT, "no_agent", error.to_string()),
        DriveError::Broken(_) => new(StatusCode::INTERNAL_SERVER_ERROR, "broken_run", error.to_string()),
        DriveError::Defect => new(StatusCode::INTERNAL_SERVER_ERROR, "defect", error.to_string()),
        DriveError::Stopping => new(StatusCode::SERVICE_UNAVAILABLE, "going_away", error.to_string()),
        DriveError::Refused(refused) => refused_run(refused),
    }
}

fn refused_run(refused: Refused) -> HttpError {
    let message = refused.to_string();
    match refused {
        Refused::Decided(verdict) => {
            let by = match *verdict {
                inflight_agents::Verdict::Approved { by, .. } => format!("{by} approved it first"),
                inflight_agents::Verdict::Rejected { by, .. } => format!("{by} rejected it first"),
            };
            HttpError::new(StatusCode::CONFLICT, "decided", by)
        }
        Refused::NoApproval(id) => missing(&format!("review {id}")),
        Refused::Role(role) => HttpError::new(
            StatusCode::FORBIDDEN,
            "not_allowed",
            format!("this takes the role {role:?}").to_lowercase(),
        ),
        Refused::Payload(_) => HttpError {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            ..HttpError::bad_request("bad_value", "payload", message)
        },
        Refused::Guardrail { .. } => HttpError {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            ..HttpError::bad_request("guardrail", "payload", message)
        },
        Refused::NothingToUndo => HttpError::new(StatusCode::CONFLICT, "nothing_to_undo", message),
        Refused::Ended | Refused::NoQuestion(_) | Refused::NoEffect(_) | Refused::OtherAgent(_) => {
            HttpError::new(StatusCode::CONFLICT, "ended", message)
        }
    }
}

/// Why an input is not taken.
pub(in crate::agents::api) fn submitted(error: SubmitError) -> HttpError {
    match error {
        SubmitError::Off => {
            HttpError::new(StatusCode::SERVICE_UNAVAILABLE, "switched_off", error.to_string())
        }
        SubmitError::NoBusiness(id) => missing(&format!("business {id}")),
        SubmitError::NoAgent => HttpError::bad_request("no_agent", "agent", error.to_string()),
        SubmitError::Drive(error) => driven(error),
    }
}
