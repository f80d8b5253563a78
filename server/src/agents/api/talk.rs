//! What a coordinator says to the agents of a business, and what was said before.

use crate::agents::api::asking::Asking;
use crate::agents::api::errors::{stored, submitted};
use crate::agents::api::overview::MESSAGES;
use crate::agents::api::reading::{Wants, is_marked, members, older, wrong};
use crate::agents::businesses::place;
use crate::agents::said::Said;
use crate::agents::store::documents::newest;
use crate::http::error::HttpError;
use crate::http::system::fresh;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use inflight_agents::ports::rows::row as shown;
use inflight_agents::spec::read_message;
use inflight_agents::{StoreError, Table};
use inflight_domain::UnixMillis;
use serde::Deserialize;
use serde_json::{Map, json};

/// Its members.
const MEMBERS: [&str; 6] = ["businessId", "locationId", "text", "id", "data", "metadata"];

#[derive(Deserialize)]
pub(super) struct Wanted {
    business: String,
    before: Option<i64>,
}

/// `GET /api/v1/agents/messages?business=&before=`, the newest first; `before` in milliseconds since 1970, as `older`
/// of the answer before says.
pub(super) async fn list(asking: Asking, Wants(wanted): Wants<Wanted>) -> Result<Response, HttpError> {
    asking.may_see_business(&wanted.business)?;
    let (store, business, before) = (asking.agents.store().clone(), wanted.business, wanted.before);
    let read = move || {
        store.read_rows(|file| newest(file, Table::Messages, &business, before.map(UnixMillis), MESSAGES))
    };
    let read = tokio::task::spawn_blocking(read).await;
    let mut found =
        read.unwrap_or_else(|_| Err(StoreError::Failed("a defect".to_owned()))).map_err(stored)?;
    let times: Vec<i64> = found.iter().map(|message| message.changed.0).collect();
    found.retain(|message| asking.sees(&message.business, place(message)));
    let messages: Vec<_> = found.iter().map(shown).collect();
    Ok(fresh(&json!({"messages": messages, "older": older(&times, MESSAGES, wanted.before)})))
}

/// `POST /api/v1/agents/messages` with `{"businessId", "locationId"?, "text", "id"?, "data"?, "metadata"?, "sensitive"?}`.
pub(super) async fn message(asking: Asking, body: Body) -> Result<Response, HttpError> {
    let read = read(&asking, body).await;
    let said = read.inspect_err(|_| asking.agents.outside().metrics.agent_input("websocket", "invalid"))?;
    asking.must_name_place(said.message.location_id.as_deref())?;
    asking.may_coordinate(&said.message.business_id, said.message.location_id.as_deref()).await?;
    let entry = asking.entry("agent_message", format!("business/{}", said.message.business_id));
    let agents = asking.agents.clone();
    let work = async move { agents.say(said).await.map_err(submitted) };
    let (id, begun) = asking.noted(work, entry).await?;
    let status = if begun.repeated { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, fresh(&json!({"id": id, "run": begun.run}))).into_response())
}

async fn read(asking: &Asking, body: Body) -> Result<Said, HttpError> {
    let mut fields = members(body).await?;
    let own: Map<_, _> = MEMBERS.iter().map(|name| ((*name).to_owned(), fields.any(name))).collect();
    let is_sensitive = is_marked(&mut fields, "sensitive")?;
    fields.end("businessId, locationId, text, id, data, metadata and sensitive").map_err(wrong)?;
    let mut message = read_message(&own, false).map_err(|errors| match errors.into_iter().next() {
        Some(error) => {
            let told = format!("expected {}, got {}", error.expected, error.found);
            HttpError::bad_request("bad_value", error.field, told)
        }
        None => HttpError::bad_request("bad_value", "body", "expected a message"),
    })?;
    if is_sensitive {
        message.content.metadata.get_or_insert_default().insert("sensitive".to_owned(), true.into());
    }
    let (user, correlation) = (asking.who.user.as_str().to_owned(), Some(asking.correlation.clone()));
    Ok(Said { user, message, correlation })
}
