//! What a business is and has, over HTTP: its info, its resources, and the decisions that were made for it.

use crate::agents::api::asking::Asking;
use crate::agents::api::elsewhere;
use crate::agents::api::errors::missing;
use crate::agents::api::reading::{
    ID_SIGNS, Wants, identifier, ignore, is_marked, maybe_object, maybe_text, members, wrong,
};
use crate::agents::schedule::cron;
use crate::clock;
use crate::http::error::HttpError;
use crate::http::system::fresh;
use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use inflight_agents::effect::CHANGED_BY;
use inflight_agents::house;
use inflight_agents::ports::embedded::Services;
use inflight_agents::ports::rows::row as shown;
use inflight_agents::ports::{Call, Port, Reply, Service};
use inflight_agents::search::Filter;
use inflight_agents::spec::FieldError;
use inflight_agents::{Document, Store, StoreError, Table, closing};
use inflight_domain::UnixMillis;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::PoisonError;

#[derive(Deserialize)]
pub(super) struct Wanted {
    business: String,
}

#[derive(Deserialize)]
pub(super) struct Searched {
    business: String,
    #[serde(default)]
    q: String,
    code: Option<String>,
    r#type: Option<String>,
    outcome: Option<String>,
    location: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<usize>,
}

/// Decisions in one answer at most.
const DECISIONS_MAX: usize = 100;

/// `GET /api/v1/agents/resources?business=`.
pub(super) async fn resources(
    asking: Asking,
    Wants(Wanted { business }): Wants<Wanted>,
) -> Result<Response, HttpError> {
    asking.may_see_business(&business)?;
    if elsewhere::is_kept(&asking, Service::Resources, &business).await? {
        return Ok(fresh(&json!({"resources": elsewhere::resources(&asking, &business).await?})));
    }
    let found = asking.documents(Table::Resources, Some(&business)).await?;
    Ok(fresh(&json!({"resources": found.iter().map(shown).collect::<Vec<_>>()})))
}

/// `PUT /api/v1/agents/resources` with `{business, id, type, name, status, location?, attributes?, version?, sensitive?}`:
/// made, or written whole if it still has this version. What was sealed once stays so.
pub(super) async fn put_resource(asking: Asking, body: Body) -> Result<Response, HttpError> {
    asking.may_edit()?;
    let mut fields = members(body).await?;
    let business = fields.text("business").map_err(wrong)?;
    let id = fields.text("id").map_err(wrong)?;
    let [kind, name, status] = ["type", "name", "status"].map(|name| fields.text(name).map_err(wrong));
    let (kind, name, status) = (kind?, name?, status?);
    let location = maybe_text(&mut fields, "location")?;
    let attributes = maybe_object(&mut fields, "attributes")?.unwrap_or_default();
    let version = fields.any("version").as_u64();
    let is_sensitive = is_marked(&mut fields, "sensitive")?;
    ignore(&mut fields, &["changed_ms", CHANGED_BY]);
    fields
        .end("business, id, type, name, status, location, attributes, version and sensitive")
        .map_err(wrong)?;
    for (field, text, most) in [("type", &kind, 60), ("name", &name, 120), ("status", &status, 60)] {
        if text.trim().is_empty() || text.len() > most {
            return Err(HttpError::bad_request("bad_value", field, format!("expected 1 to {most} bytes")));
        }
    }
    identifier("id", &id, ID_SIGNS)?;
    elsewhere::is_ours(&asking, Service::Resources, &business).await?;
    let mut row =
        closing::object(&json!({"type": kind, "name": name, "status": status, "attributes": attributes}));
    if let Some(location) = location {
        row.insert("location".to_owned(), location.into());
    }
    if is_sensitive {
        row.insert("sensitive".to_owned(), true.into());
    }
    write(&asking, (Table::Resources, business, id), row, version, "agent_resource_changed").await
}

/// `DELETE /api/v1/agents/resources?business=&id=`.
pub(super) async fn remove_resource(
    asking: Asking,
    Wants(Named { business, id }): Wants<Named>,
) -> Result<Response, HttpError> {
    asking.may_edit()?;
    elsewhere::is_ours(&asking, Service::Resources, &business).await?;
    let entry = asking.entry("agent_resource_removed", format!("resource/{id}"));
    let remove = move |store: &dyn Store| {
        let is_there = store.document(Table::Resources, &business, &id)?.is_some();
        store.remove(Table::Resources, &business, &id)?;
        Ok(is_there)
    };
    let was_there = asking.written(Table::Resources, remove, entry).await?;
    if was_there { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(missing("resource of this name")) }
}

#[derive(Deserialize)]
pub(super) struct Named {
    business: String,
    id: String,
}

/// `GET /api/v1/agents/businesses/{id}`.
pub(super) async fn business(asking: Asking, Path(id): Path<String>) -> Result<Response, HttpError> {
    asking.may_see_business(&id)?;
    let found = asking.business(&id).await?;
    let found = found.ok_or_else(|| missing(&format!("business {id}")))?;
    Ok(fresh(&json!({"business": shown(&found)})))
}

/// `PUT /api/v1/agents/businesses/{id}` with the fields of specification 004's `BusinessInfo`.
pub(super) async fn put_business(
    asking: Asking,
    Path(id): Path<String>,
    body: Body,
) -> Result<Response, HttpError> {
    asking.may_edit()?;
    let mut fields = members(body).await?;
    let version = fields.any("version").as_u64();
    let mut row = serde_json::Map::new();
    for name in ["name", "type", "settings", "locations", "permissions", "metadata"] {
        let value = fields.any(name);
        if !value.is_null() {
            row.insert(name.to_owned(), value);
        }
    }
    ignore(&mut fields, &["businessId", "id", "business", "changed_ms"]);
    fields.end("name, type, settings, locations, permissions, metadata and version").map_err(wrong)?;
    identifier("id", &id, "._:-")?;
    row.insert("businessId".to_owned(), id.clone().into());
    let info = house::read(&Value::Object(row.clone())).map_err(misfit)?;
    if let Some(zone) = &info.settings.time_zone {
        cron::zone(zone)
            .map_err(|error| HttpError::bad_request("bad_value", "settings.timeZone", error.to_string()))?;
    }
    elsewhere::is_ours(&asking, Service::BusinessInfo, &id).await?;
    write(&asking, (Table::Businesses, id.clone(), id), row, version, "agent_business_changed").await
}

/// `GET /api/v1/agents/decisions?business=&q=`: the nearest decisions, or the newest where there are no words.
pub(super) async fn decisions(asking: Asking, Wants(asked): Wants<Searched>) -> Result<Response, HttpError> {
    asking.may_see(&asked.business, asked.location.as_deref(), &format!("business {}", asked.business))?;
    let time = |name: &'static str, text: Option<&String>| {
        let read = |text: &String| UnixMillis::parse_rfc3339(text);
        let wrong = || HttpError::bad_request("bad_value", name, "expected a time as 2026-11-21T20:30:00Z");
        text.map(|text| read(text).ok_or_else(wrong)).transpose()
    };
    let filter = Filter {
        business_id: Some(asked.business),
        decision_code: asked.code,
        decision_type: asked.r#type,
        outcome: asked.outcome,
        location_id: asked.location,
        from: time("from", asked.from.as_ref())?,
        to: time("to", asked.to.as_ref())?,
        ..Filter::default()
    };
    let limit = asked.limit.unwrap_or(20).clamp(1, DECISIONS_MAX);
    let beside = asking.agents.beside().clone();
    let search = move |store: &dyn Store| {
        let mut embedded = beside.lock().unwrap_or_else(PoisonError::into_inner);
        let call = Call::SearchSimilarDecisions { query: asked.q, filter, limit };
        let found = Services { store, embedded: &mut embedded }.call(&call, clock::now());
        found.map_err(|failure| StoreError::Failed(failure.message))
    };
    let found = asking.read(search).await?;
    let Reply::Decisions(found) = found else { return Err(missing("answer")) };
    let found: Vec<_> =
        found.into_iter().filter(|one| asking.sees(&one.business_id, one.location_id.as_deref())).collect();
    Ok(fresh(&json!({ "decisions": found })))
}

/// Writes a row whole: a new one, or one that still has the version that was read.
async fn write(
    asking: &Asking,
    (table, business, id): (Table, String, String),
    mut fields: serde_json::Map<String, Value>,
    version: Option<u64>,
    action: &'static str,
) -> Result<Response, HttpError> {
    if table != Table::Businesses {
        asking.has_business(&business).await?;
        fields.insert(CHANGED_BY.to_owned(), asking.who.user.as_str().into());
    }
    let entry = asking.entry(action, format!("{business}/{id}"));
    let put = move |store: &dyn Store| {
        let found = store.document(table, &business, &id)?.map_or(0, |old| old.version);
        if version.is_some_and(|version| version != found) {
            return Err(StoreError::Version { found });
        }
        let document = Document { table, business, id, version: found + 1, changed: clock::now(), fields };
        store.put(&document)?;
        Ok(document)
    };
    let document = asking.written(table, put, entry).await?;
    let status = if document.version == 1 { StatusCode::CREATED } else { StatusCode::OK };
    let name = if document.table == Table::Resources { "resource" } else { "business" };
    Ok((status, fresh(&json!({ name: shown(&document) }))).into_response())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn misfit(error: FieldError) -> HttpError {
    HttpError::bad_request("bad_value", error.field.clone(), error.to_string())
}
