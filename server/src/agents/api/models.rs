//! Message models over HTTP: the newest of each, all versions of one, a new version, a preview.

use crate::agents::api::asking::Asking;
use crate::agents::api::elsewhere;
use crate::agents::api::errors::stored;
use crate::agents::api::reading::{ID_SIGNS, Wants, identifier, ignore, maybe_text, members, wrong};
use crate::clock;
use crate::http::error::HttpError;
use crate::http::system::fresh;
use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use inflight_agents::closing::model_id;
use inflight_agents::locale::Locale;
use inflight_agents::ports::{Service, rows};
use inflight_agents::spec::{MessageModel, Parameter};
use inflight_agents::template::{self, Template};
use inflight_agents::{Document, StoreError, Table, models};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Parameters of a model at most.
const PARAMETERS_MAX: usize = 40;
/// Longest name of one in bytes.
const NAME_BYTES_MAX: usize = 64;

#[derive(Deserialize)]
pub(super) struct Wanted {
    business: String,
}

/// `GET /api/v1/agents/models?business=`: the newest version of each; those that no business has changed are built in.
pub(super) async fn list(
    asking: Asking,
    Wants(Wanted { business }): Wants<Wanted>,
) -> Result<Response, HttpError> {
    asking.may_see_business(&business)?;
    let own = own_models(&asking, &business, None).await?;
    let mut newest: BTreeMap<String, Value> = BTreeMap::new();
    for model in models::built_in(clock::now()) {
        let mut row = rows::model_fields(&MessageModel { version: 0, ..model.clone() });
        row.insert("builtIn".to_owned(), true.into());
        newest.insert(model.decision_code, shown(row, &business));
    }
    for model in own {
        newest.insert(model.decision_code.clone(), shown(rows::model_fields(&model), &business));
    }
    Ok(fresh(&json!({"models": newest.into_values().collect::<Vec<_>>()})))
}

/// `GET /api/v1/agents/models/{code}/versions?business=`: all versions, the newest first.
pub(super) async fn versions(
    asking: Asking,
    Path(code): Path<String>,
    Wants(Wanted { business }): Wants<Wanted>,
) -> Result<Response, HttpError> {
    asking.may_see_business(&business)?;
    let own = own_models(&asking, &business, Some(code.clone())).await?;
    let mut all: Vec<Value> =
        own.iter().rev().map(|model| shown(rows::model_fields(model), &business)).collect();
    if let Some(model) = models::of_code(&code) {
        let mut row = rows::model_fields(&MessageModel { version: 0, ..model });
        row.insert("builtIn".to_owned(), true.into());
        all.push(shown(row, &business));
    }
    Ok(fresh(&json!({ "versions": all })))
}

/// `PUT /api/v1/agents/models` with `{business, decisionCode, messageTemplate, parameters?, businessType?,
/// locationContext?, version?}`: a new version, if the newest is still the one that is named.
pub(super) async fn put(asking: Asking, body: Body) -> Result<Response, HttpError> {
    asking.may_edit()?;
    let mut fields = members(body).await?;
    let business = fields.text("business").map_err(wrong)?;
    let code = fields.text("decisionCode").map_err(wrong)?;
    let text = fields.text("messageTemplate").map_err(wrong)?;
    let parameters = parameters(&fields.any("parameters"))?;
    let (business_type, location_context) =
        (maybe_text(&mut fields, "businessType")?, maybe_text(&mut fields, "locationContext")?);
    let base = fields.any("version").as_u64();
    ignore(
        &mut fields,
        &["id", "usageCount", "lastUsed_ms", "createdAt_ms", "updatedAt_ms", "changed_ms", "builtIn"],
    );
    fields
        .end("business, decisionCode, messageTemplate, parameters, businessType, locationContext and version")
        .map_err(wrong)?;
    identifier("decisionCode", &code, ID_SIGNS)?;
    check(&text, &parameters)?;
    asking.has_business(&business).await?;
    elsewhere::is_ours(&asking, Service::Rag, &business).await?;
    let newest =
        own_models(&asking, &business, Some(code.clone())).await?.last().map_or(0, |model| model.version);
    if base.is_some_and(|base| base != u64::from(newest)) {
        return Err(stored(StoreError::Version { found: newest.into() }));
    }
    let now = clock::now();
    let model = MessageModel {
        decision_code: code,
        version: newest + 1,
        message_template: text,
        parameters,
        business_type,
        location_context,
        usage_count: 0,
        last_used: None,
        created_at: now,
        updated_at: now,
    };
    let id = model_id(&model.decision_code, model.version);
    let (table, fields) = (Table::Models, rows::model_fields(&model));
    let row = shown(fields.clone(), &business);
    let document = Document { table, business, id, version: 1, changed: now, fields };
    let entry = asking.entry("agent_model_changed", format!("model/{}", document.id));
    asking.written(Table::Models, move |store| store.put(&document), entry).await?;
    Ok((StatusCode::CREATED, fresh(&json!({ "model": row }))).into_response())
}

/// `POST /api/v1/agents/models/preview` with `{messageTemplate, parameters?, values?, locale?}`.
pub(super) async fn preview(asking: Asking, body: Body) -> Result<Response, HttpError> {
    asking.may_edit()?;
    let mut fields = members(body).await?;
    let text = fields.text("messageTemplate").map_err(wrong)?;
    let parameters = parameters(&fields.any("parameters"))?;
    let values = fields.any("values").as_object().cloned().unwrap_or_default();
    let locale =
        maybe_text(&mut fields, "locale")?.and_then(|locale| Locale::parse(&locale)).unwrap_or_default();
    fields.end("messageTemplate, parameters, values and locale").map_err(wrong)?;
    Ok(fresh(&template::preview(&text, &parameters, &values, locale)))
}

fn parameters(value: &Value) -> Result<Vec<Parameter>, HttpError> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let wrong = |message: String| HttpError::bad_request("bad_value", "parameters", message);
    let parameters: Vec<Parameter> = serde_json::from_value(value.clone())
        .map_err(|error| wrong(format!("expected a list of {{name, type, required}}: {error}")))?;
    if parameters.len() > PARAMETERS_MAX {
        return Err(wrong(format!("expected at most {PARAMETERS_MAX}, got {}", parameters.len())));
    }
    let mut lengths = parameters.iter().map(|parameter| parameter.name.len());
    match lengths.find(|length| *length > NAME_BYTES_MAX) {
        Some(length) => Err(wrong(format!("expected names of at most {NAME_BYTES_MAX} bytes, got {length}"))),
        None => Ok(parameters),
    }
}

/// What is kept renders; the first problem is told with its place.
fn check(text: &str, parameters: &[Parameter]) -> Result<(), HttpError> {
    let problems = match Template::parse(text) {
        Ok(template) => template.check(parameters),
        Err(problem) => vec![problem],
    };
    let Some(problem) = problems.into_iter().find(|problem| problem.problem.blocks()) else { return Ok(()) };
    let place = problem.place.map(|place| format!(" at line {}, column {}", place.line, place.column));
    let message =
        format!("expected {}{}, got {}", problem.expected, place.unwrap_or_default(), problem.found);
    let field = if problem.place.is_some() { "messageTemplate" } else { "parameters" };
    Err(HttpError::bad_request("bad_template", field, message))
}

/// Models of a business by code and version, perhaps only of one code.
async fn own_models(
    asking: &Asking,
    business: &str,
    code: Option<String>,
) -> Result<Vec<MessageModel>, HttpError> {
    let found = asking.documents(Table::Models, Some(business)).await?;
    let of_code = |model: &MessageModel| code.as_ref().is_none_or(|code| *code == model.decision_code);
    let mut all: Vec<MessageModel> = found.iter().filter_map(rows::model).filter(of_code).collect();
    all.sort_by(|a, b| (&a.decision_code, a.version).cmp(&(&b.decision_code, b.version)));
    Ok(all)
}

fn shown(mut row: Map<String, Value>, business: &str) -> Value {
    let text = |row: &Map<String, Value>, name: &str| {
        row.get(name)
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            .unwrap_or_default()
    };
    let id = format!("{}/{}", text(&row, "decisionCode"), text(&row, "version"));
    row.insert("id".to_owned(), id.into());
    row.insert("business".to_owned(), business.into());
    Value::Object(row)
}
