//! Schedules over HTTP: list, make, change, cancel, run now, pause, resume, status.

use crate::agents::api::asking::Asking;
use crate::agents::api::errors::{missing, stored, submitted};
use crate::agents::api::reading::{Wants, identifier, ignore, maybe_text, members, wrong};
use crate::agents::businesses::place;
use crate::agents::schedule::cron::CronError;
use crate::agents::schedule::row::ScheduleRow;
use crate::agents::schedule::{RunError, runs_of};

use crate::events::Fields;
use crate::http::error::HttpError;
use crate::http::system::fresh;
use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use inflight_agents::effect::CHANGED_BY;
use inflight_agents::ports::rows::row as shown;
use inflight_agents::{Document, StoreError, Table};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub(super) struct Wanted {
    business: String,
}

/// `GET /api/v1/agents/schedules?business=`.
pub(super) async fn list(
    asking: Asking,
    Wants(Wanted { business }): Wants<Wanted>,
) -> Result<Response, HttpError> {
    asking.may_see_business(&business)?;
    let found = asking.documents(Table::Schedules, Some(&business)).await?;
    Ok(fresh(&json!({"schedules": found.iter().map(shown).collect::<Vec<_>>()})))
}

/// `GET /api/v1/agents/schedules/{id}`: the schedule and its newest runs.
pub(super) async fn status(asking: Asking, Path(id): Path<String>) -> Result<Response, HttpError> {
    let schedule = found(&asking, &id).await?;
    let business = schedule.business.clone();
    let mut runs = asking.read(move |store| runs_of(store, &business, &id)).await?;
    runs.retain(|run| asking.sees(&run.business, run.location.as_deref()));
    Ok(fresh(&json!({"schedule": shown(&schedule), "runs": runs})))
}

/// `POST /api/v1/agents/schedules` with `{business, name, cron, time_zone?, agent, location?, input?, missed?, id?}`.
pub(super) async fn create(asking: Asking, body: Body) -> Result<Response, HttpError> {
    asking.may_edit()?;
    let mut fields = members(body).await?;
    let business = fields.text("business").map_err(wrong)?;
    let id = maybe_text(&mut fields, "id")?.unwrap_or_else(|| format!("schedule-{:08x}", fastrand::u32(..)));
    // It stands in addresses, each of its own part.
    identifier("id", &id, "._:-")?;
    let row =
        read(&asking, &mut fields, ScheduleRow { status: "active".to_owned(), ..ScheduleRow::default() })?;
    fields.end(NEW_MEMBERS).map_err(wrong)?;
    let zone = asking.time_zone(&business).await?;
    asking.has_place(&business, row.location.as_deref()).await?;
    let row = if row.time_zone.is_empty() { ScheduleRow { time_zone: zone, ..row } } else { row };
    let document = row.planned().map_err(unplanned)?.new_document(&business, &id);
    // Addresses do not name the business: one name is one schedule.
    if asking.documents(Table::Schedules, None).await?.iter().any(|other| other.id == id) {
        let message = format!("there is a schedule {id} already");
        return Err(HttpError {
            status: StatusCode::CONFLICT,
            ..HttpError::bad_request("taken", "id", message)
        });
    }
    let made = put(&asking, document, "agent_schedule_created").await?;
    Ok((StatusCode::CREATED, fresh(&json!({"schedule": made}))).into_response())
}

/// `PUT /api/v1/agents/schedules/{id}`: the members that are given, if it still has the `version` that is given.
pub(super) async fn change(
    asking: Asking,
    Path(id): Path<String>,
    body: Body,
) -> Result<Response, HttpError> {
    let before = found(&asking, &id).await?;
    asking.may_edit()?;
    let mut fields = members(body).await?;
    ignore(&mut fields, &READ_ONLY);
    let version = fields.any("version").as_u64();
    if version.is_some_and(|version| version != before.version) {
        return Err(stored(StoreError::Version { found: before.version }));
    }
    let row = read(&asking, &mut fields, kept(&before)?)?;
    fields.end(MEMBERS).map_err(wrong)?;
    asking.has_place(&before.business, row.location.as_deref()).await?;
    let document = row.planned().map_err(unplanned)?.written(&before);
    let changed = put(&asking, document, "agent_schedule_changed").await?;
    Ok(fresh(&json!({"schedule": changed})))
}

/// `DELETE /api/v1/agents/schedules/{id}`: it is cancelled, and stays to be looked at.
pub(super) async fn cancel(asking: Asking, Path(id): Path<String>) -> Result<Response, HttpError> {
    let before = found(&asking, &id).await?;
    asking.may_edit()?;
    let row = ScheduleRow { status: "cancelled".to_owned(), next_ms: Vec::new(), ..kept(&before)? };
    let changed = put(&asking, row.written(&before), "agent_schedule_cancelled").await?;
    Ok(fresh(&json!({"schedule": changed})))
}

/// `POST /api/v1/agents/schedules/{id}/run|pause|resume`.
pub(super) async fn act(
    asking: Asking,
    Path((id, act)): Path<(String, String)>,
) -> Result<Response, HttpError> {
    let before = found(&asking, &id).await?;
    asking.may_coordinate(&before.business, place(&before)).await?;
    let row = kept(&before)?;
    let is = |status: &str| row.status == status;
    match act.as_str() {
        "run" if is("cancelled") => Err(not_now("it is cancelled")),
        "run" => {
            let (agents, business) = (asking.agents.clone(), before.business.clone());
            let entry = asking.entry("agent_schedule_run", format!("schedule/{id}"));
            let work =
                async move { agents.schedules().run_now(&agents, &business, &id).await.map_err(unrun) };
            let run = asking.noted(work, entry).await?;
            Ok(fresh(&json!({"run": run})))
        }
        "pause" if is("active") => {
            let row = ScheduleRow { status: "paused".to_owned(), ..row };
            let changed = put(&asking, row.written(&before), "agent_schedule_paused").await?;
            Ok(fresh(&json!({"schedule": changed})))
        }
        "resume" if is("paused") => {
            let row = ScheduleRow { status: "active".to_owned(), ..row };
            let row = row.planned().map_err(unplanned)?;
            let changed = put(&asking, row.written(&before), "agent_schedule_resumed").await?;
            Ok(fresh(&json!({"schedule": changed})))
        }
        "pause" | "resume" => Err(not_now(&format!("it is {}", row.status))),
        _ => Err(missing(&format!("way to {act} a schedule; there are run, pause and resume"))),
    }
}

const NEW_MEMBERS: &str = "business, id, name, cron, time_zone, agent, location, input and missed";
const MEMBERS: &str = "name, cron, time_zone, agent, location, input, missed and version";

/// What lists show and nobody sets.
const READ_ONLY: [&str; 12] = [
    "id",
    "business",
    "changed_ms",
    CHANGED_BY,
    "next_ms",
    "status",
    "last_ms",
    "last_run",
    "last_status",
    "last_why",
    "asked_ms",
    "missed_count",
];

/// Takes over the members that are given.
fn read(asking: &Asking, fields: &mut Fields, mut row: ScheduleRow) -> Result<ScheduleRow, HttpError> {
    let is_new = row.cron.is_empty();
    for (name, place) in [("name", &mut row.name), ("cron", &mut row.cron), ("agent", &mut row.agent)] {
        match maybe_text(fields, name)? {
            Some(text) if !text.is_empty() && text.len() <= 200 => *place = text,
            Some(_) => return Err(HttpError::bad_request("bad_value", name, "expected 1 to 200 bytes")),
            None if is_new => {
                return Err(HttpError::bad_request("bad_value", name, "expected a text, got nothing"));
            }
            None => {}
        }
    }
    if let Some(zone) = maybe_text(fields, "time_zone")? {
        row.time_zone = zone;
    }
    // An empty one takes the place away.
    if let Some(place) = maybe_text(fields, "location")? {
        row.location = Some(place).filter(|place| !place.is_empty());
    }
    let input = fields.any("input");
    if !input.is_null() {
        row.input = input;
    }
    let missed = fields.any("missed");
    if !missed.is_null() {
        row.missed = serde_json::from_value(missed.clone())
            .map_err(|_| wrong(fields.wrong("missed", "skip, once or all", &missed)))?;
    }
    let registry = asking.agents.driver().registry();
    if registry.takes(&row.agent).is_none() {
        let names = registry.agents().map(|agent| agent.graph().name());
        let known: Vec<_> = names.filter(|name| registry.takes(name).is_some()).collect();
        let message = format!("expected one of {}, got {:?}", known.join(", "), row.agent);
        return Err(HttpError::bad_request("bad_value", "agent", message));
    }
    Ok(row)
}

/// The schedule of this name in one of the caller's businesses.
async fn found(asking: &Asking, id: &str) -> Result<Document, HttpError> {
    let named =
        asking.documents(Table::Schedules, None).await?.into_iter().find(|document| document.id == id);
    named.ok_or_else(|| missing(&format!("schedule {id}")))
}

async fn put(asking: &Asking, mut document: Document, action: &'static str) -> Result<Value, HttpError> {
    let entry = asking.entry(action, format!("schedule/{}", document.id));
    document.fields.insert(CHANGED_BY.to_owned(), asking.who.user.as_str().into());
    let row = shown(&document);
    asking.written(Table::Schedules, move |store| store.put(&document), entry).await?;
    asking.agents.schedules().wake();
    Ok(row)
}

fn kept(document: &Document) -> Result<ScheduleRow, HttpError> {
    ScheduleRow::read(document)
        .map_err(|error| HttpError::new(StatusCode::INTERNAL_SERVER_ERROR, "bad_row", error.to_string()))
}

fn unplanned(error: CronError) -> HttpError {
    let field = if error.field == "time_zone" { "time_zone" } else { "cron" };
    HttpError::bad_request("bad_value", field, error.to_string())
}

fn unrun(error: RunError) -> HttpError {
    match error {
        RunError::NoSchedule(id) => missing(&format!("schedule {id}")),
        RunError::GoesOn(_) => not_now(&error.to_string()),
        RunError::Submit(error) => submitted(error),
        RunError::Store(error) => stored(error),
    }
}

fn not_now(why: &str) -> HttpError {
    HttpError::new(StatusCode::CONFLICT, "not_now", why)
}
