//! What a business is and has, over HTTP: its info, its resources, and the decisions that were made for it.

use crate::agents::api::reading::{maybe_object, maybe_text, members, wrong};
use crate::agents::api::{Asking, missing, stored};

use crate::auth::Caller;
use crate::clock;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::system::fresh;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use inflight_agents::ports::embedded::{Embedded, Services};
use inflight_agents::ports::rows::row as shown;
use inflight_agents::ports::{Call, Port, Reply};
use inflight_agents::search::Filter;
use inflight_agents::spec::{BusinessInfo, is_id};
use inflight_agents::{Document, Store, StoreError, Table, closing};
use inflight_domain::UnixMillis;
use serde::Deserialize;
use serde_json::{Value, json};

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
    State(app): State<App>,
    Caller(who): Caller,
    Query(Wanted { business }): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let asking = Asking::new(&app, &who, &headers)?;
    asking.may_see(&business, None, &format!("business {business}"))?;
    let find = move |store: &dyn Store| store.documents(Table::Resources, Some(&business));
    let found = asking.agents.driver().with_store(find).await.map_err(stored)?;
    let place =
        |document: &Document| document.fields.get("location").and_then(Value::as_str).map(str::to_owned);
    let may_see =
        |document: &&Document| asking.may_see(&document.business, place(document).as_deref(), "").is_ok();
    Ok(fresh(&json!({"resources": found.iter().filter(may_see).map(shown).collect::<Vec<_>>()})))
}

/// `PUT /api/v1/agents/resources` with `{business, id, type, name, status, location?, attributes?, version?}`: made, or
/// written whole if it still has this version.
pub(super) async fn put_resource(
    State(app): State<App>,
    Caller(who): Caller,
    request: Request,
) -> Result<Response, HttpError> {
    let (parts, body) = request.into_parts();
    let asking = Asking::new(&app, &who, &parts.headers)?;
    asking.may_edit()?;
    let mut fields = members(body).await?;
    let business = fields.text("business").map_err(wrong)?;
    let id = fields.text("id").map_err(wrong)?;
    let [kind, name, status] = ["type", "name", "status"].map(|name| fields.text(name).map_err(wrong));
    let (kind, name, status) = (kind?, name?, status?);
    let location = maybe_text(&mut fields, "location")?;
    let attributes = maybe_object(&mut fields, "attributes")?.unwrap_or_default();
    let version = fields.any("version").as_u64();
    drop(fields.any("changed_ms"));
    fields.end("business, id, type, name, status, location, attributes and version").map_err(wrong)?;
    for (field, text, most) in [("type", &kind, 60), ("name", &name, 120), ("status", &status, 60)] {
        if text.trim().is_empty() || text.len() > most {
            return Err(HttpError::bad_request("bad_value", field, format!("expected 1 to {most} bytes")));
        }
    }
    if !is_id(&id) {
        return Err(HttpError::bad_request("bad_value", "id", "expected 1 to 128 letters, digits or ._:-/"));
    }
    let mut row =
        closing::object(&json!({"type": kind, "name": name, "status": status, "attributes": attributes}));
    if let Some(location) = location {
        row.insert("location".to_owned(), location.into());
    }
    write(&asking, (Table::Resources, business, id), row, version, "agent_resource_changed").await
}

/// `DELETE /api/v1/agents/resources?business=&id=`.
pub(super) async fn remove_resource(
    State(app): State<App>,
    Caller(who): Caller,
    Query(Named { business, id }): Query<Named>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let asking = Asking::new(&app, &who, &headers)?;
    asking.may_edit()?;
    let entry = asking.entry("agent_resource_removed", format!("resource/{id}"));
    let remove = move |store: &dyn Store| {
        let is_there = store.document(Table::Resources, &business, &id)?.is_some();
        store.remove(Table::Resources, &business, &id)?;
        Ok(is_there)
    };
    let was_there = asking.written(remove, entry).await?;
    if was_there { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(missing("resource of this name")) }
}

#[derive(Deserialize)]
pub(super) struct Named {
    business: String,
    id: String,
}

/// `GET /api/v1/agents/businesses/{id}`.
pub(super) async fn business(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let asking = Asking::new(&app, &who, &headers)?;
    asking.may_see(&id, None, &format!("business {id}"))?;
    let found = asking.agents.business(&id).await.map_err(stored)?;
    let found = found.ok_or_else(|| missing(&format!("business {id}")))?;
    Ok(fresh(&json!({"business": shown(&found)})))
}

/// `PUT /api/v1/agents/businesses/{id}` with the fields of specification 004's `BusinessInfo`.
pub(super) async fn put_business(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, HttpError> {
    let (parts, body) = request.into_parts();
    let asking = Asking::new(&app, &who, &parts.headers)?;
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
    for name in ["businessId", "id", "business", "changed_ms"] {
        drop(fields.any(name));
    }
    fields.end("name, type, settings, locations, permissions, metadata and version").map_err(wrong)?;
    if !is_id(&id) || id.contains('/') {
        return Err(HttpError::bad_request("bad_value", "id", "expected 1 to 128 letters, digits or ._:-"));
    }
    row.insert("businessId".to_owned(), id.clone().into());
    serde_json::from_value::<BusinessInfo>(Value::Object(row.clone())).map_err(|error| {
        HttpError::bad_request("bad_value", "body", format!("expected a BusinessInfo: {error}"))
    })?;
    write(&asking, (Table::Businesses, id.clone(), id), row, version, "agent_business_changed").await
}

/// `GET /api/v1/agents/decisions?business=&q=`: the nearest decisions, or the newest where there are no words.
pub(super) async fn decisions(
    State(app): State<App>,
    Caller(who): Caller,
    Query(asked): Query<Searched>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let asking = Asking::new(&app, &who, &headers)?;
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
    let search = move |store: &dyn Store| {
        let mut embedded = Embedded::default();
        let call = Call::SearchSimilarDecisions { query: asked.q, filter, limit };
        let found = Services { store, embedded: &mut embedded }.call(&call, clock::now());
        found.map_err(|failure| StoreError::Failed(failure.message))
    };
    let found = asking.agents.driver().with_store(search).await.map_err(stored)?;
    let Reply::Decisions(found) = found else { return Err(missing("answer")) };
    let may_see = |place: Option<&str>, business: &str| asking.may_see(business, place, "").is_ok();
    let found: Vec<_> =
        found.into_iter().filter(|one| may_see(one.location_id.as_deref(), &one.business_id)).collect();
    Ok(fresh(&json!({ "decisions": found })))
}

/// Writes a row whole: a new one, or one that still has the version that was read.
async fn write(
    asking: &Asking<'_>,
    (table, business, id): (Table, String, String),
    fields: serde_json::Map<String, Value>,
    version: Option<u64>,
    action: &'static str,
) -> Result<Response, HttpError> {
    if table != Table::Businesses && asking.agents.business(&business).await.map_err(stored)?.is_none() {
        return Err(missing(&format!("business {business}")));
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
    let document = asking.written(put, entry).await?;
    let status = if document.version == 1 { StatusCode::CREATED } else { StatusCode::OK };
    let name = if document.table == Table::Resources { "resource" } else { "business" };
    Ok((status, fresh(&json!({ name: shown(&document) }))).into_response())
}
