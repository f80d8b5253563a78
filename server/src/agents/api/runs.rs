//! Runs: lists, one with all that happened in it, its state at any step, and what can be done with it.

use crate::agents::api::asking::Asking;
use crate::agents::api::errors::{driven, missing, submitted};
use crate::agents::api::reading::{Wants, members, older, wrong};
use crate::agents::api::whole::{must_see_all, sees_all, shown};
use crate::agents::service::new_run;
use crate::agents::store::UNTOLD;
use crate::http::error::HttpError;
use crate::http::system::fresh;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use inflight_agents::store::RunFilter;
use inflight_agents::{Run, RunEvent, RunInput, Status, replay, state_after};
use inflight_domain::UnixMillis;
use serde::Deserialize;
use serde_json::json;

/// Runs of one answer.
const ROWS: usize = 200;

#[derive(Deserialize)]
pub(super) struct Wanted {
    business: String,
    status: Option<Status>,
    agent: Option<String>,
    before: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct After {
    after: u64,
}

/// `GET /api/v1/agents/runs?business=&status=&agent=&before=`; `before` in milliseconds since 1970, as `older` of the
/// answer before says.
pub(super) async fn list(asking: Asking, Wants(wanted): Wants<Wanted>) -> Result<Response, HttpError> {
    asking.may_see_business(&wanted.business)?;
    let filter = RunFilter {
        business: Some(wanted.business),
        status: wanted.status,
        agent: wanted.agent,
        before: wanted.before.map(UnixMillis),
        limit: ROWS,
    };
    let mut runs = asking.read(move |store| store.runs(&filter)).await?;
    let times: Vec<i64> = runs.iter().map(|run| run.started_ms.0).collect();
    let older = older(&times, ROWS, wanted.before);
    runs.retain(|run| asking.sees(&run.business, run.location.as_deref()));
    Ok(fresh(&json!({"runs": runs, "older": older})))
}

/// `GET /api/v1/agents/runs/{id}`: everything that is known of a run.
pub(super) async fn one(asking: Asking, Path(id): Path<String>) -> Result<Response, HttpError> {
    let (events, run) = found(&asking, &id).await?;
    Ok(fresh(&shown(&asking, &events, &run).await?))
}

/// `GET /api/v1/agents/runs/{id}/export`: the same as a file.
pub(super) async fn export(asking: Asking, Path(id): Path<String>) -> Result<Response, HttpError> {
    let (events, run) = found(&asking, &id).await?;
    let text = serde_json::to_string_pretty(&shown(&asking, &events, &run).await?).unwrap_or_default();
    let plain: String =
        id.chars().filter(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(*letter)).collect();
    let name = format!("attachment; filename=\"{plain}.json\"");
    let headers =
        [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, text).into_response())
}

/// `GET /api/v1/agents/runs/{id}/state?after=SEQ`.
pub(super) async fn state(
    asking: Asking,
    Path(id): Path<String>,
    Wants(After { after }): Wants<After>,
) -> Result<Response, HttpError> {
    let (events, _) = found(&asking, &id).await?;
    must_see_all(&asking, &events).await?;
    let state = state_after(&events, after).map_err(|broken| broken_events(&broken.to_string()))?;
    Ok(fresh(&json!({"after": after, "state": state})))
}

/// `POST /api/v1/agents/runs/{id}/verify`: does it again on its own records.
pub(super) async fn verify(asking: Asking, Path(id): Path<String>) -> Result<Response, HttpError> {
    let (events, run) = found(&asking, &id).await?;
    let sees = sees_all(&asking, &events).await?;
    let name = &run.started().agent;
    let agent =
        asking.agents.driver().registry().agent(name).ok_or_else(|| missing(&format!("agent {name}")))?;
    let done = tokio::task::spawn_blocking(move || replay(&*agent, &events)).await;
    let done = done
        .map_err(|_| HttpError::new(StatusCode::INTERNAL_SERVER_ERROR, "defect", "the agent met a defect"))?;
    Ok(fresh(&match done {
        Ok(replayed) => json!({"ok": true, "steps": replayed.steps, "events": replayed.events}),
        Err(differs) => json!({
            "ok": false,
            "steps": run.spent().steps,
            "divergence": {
                "seq": differs.seq,
                "node": differs.node,
                "expected": if sees { differs.expected } else { UNTOLD.to_owned() },
                "got": if sees { differs.got } else { UNTOLD.to_owned() },
            },
        }),
    }))
}

/// `POST /api/v1/agents/runs/{id}/fork` with `{"after": SEQ, "state": {...}}`: a new run from there on.
pub(super) async fn fork(asking: Asking, Path(id): Path<String>, body: Body) -> Result<Response, HttpError> {
    let mut fields = members(body).await?;
    let after = fields.number("after").map_err(wrong)?;
    let edited = Some(fields.any("state")).filter(|state| !state.is_null());
    fields.end("after and state").map_err(wrong)?;
    let (events, run) = found(&asking, &id).await?;
    let input = &run.started().input;
    asking.may_coordinate(&input.business_id, input.location_id.as_deref()).await?;
    must_see_all(&asking, &events).await?;
    // What a state says was approved already, nobody is asked about again.
    if edited.is_some() {
        asking.may_edit()?;
    }
    let start = inflight_agents::fork(&events, after.max(0.0) as u64, &new_run(), edited)
        .map_err(|broken| HttpError::bad_request("bad_value", "after", broken.to_string()))?;
    let (agents, agent) = (asking.agents.clone(), run.started().agent.clone());
    let work = async move { agents.fork(&agent, start).await.map_err(submitted) };
    let begun = asking.noted(work, asking.entry("agent_run_forked", format!("run/{id}"))).await?;
    Ok((StatusCode::CREATED, fresh(&json!({"run": begun.run}))).into_response())
}

/// `POST /api/v1/agents/runs/{id}/cancel`.
pub(super) async fn cancel(asking: Asking, Path(id): Path<String>) -> Result<Response, HttpError> {
    let (_, run) = found(&asking, &id).await?;
    let input = &run.started().input;
    asking.may_coordinate(&input.business_id, input.location_id.as_deref()).await?;
    let input = RunInput::Cancel { by: asking.who.user.as_str().to_owned() };
    let (driver, entry) =
        (asking.agents.driver().clone(), asking.entry("agent_run_cancelled", format!("run/{id}")));
    let row = asking.noted(async move { driver.input(&id, input).await.map_err(driven) }, entry).await?;
    Ok(fresh(&json!({"run": row})))
}

/// The run, if the caller may see it.
async fn found(asking: &Asking, id: &str) -> Result<(Vec<RunEvent>, Run), HttpError> {
    let named = id.to_owned();
    let events = asking.read(move |store| store.load(&named)).await?;
    let what = format!("run {id}");
    if events.is_empty() {
        return Err(missing(&what));
    }
    let run = Run::fold(events.clone()).map_err(|broken| broken_events(&broken.to_string()))?;
    let input = &run.started().input;
    asking.may_see(&input.business_id, input.location_id.as_deref(), &what)?;
    Ok((events, run))
}

fn broken_events(why: &str) -> HttpError {
    HttpError::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "broken_run",
        format!("the run's events are broken: {why}"),
    )
}
