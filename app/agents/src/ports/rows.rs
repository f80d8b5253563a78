//! Between documents of the store and what agents, services and people see of them.

use crate::closing;
use crate::spec::{BusinessInfo, Data, DecisionModel, MessageModel, Resource};
use crate::store::{Document, Table};
use inflight_domain::UnixMillis;
use serde_json::Value;

/// A document as a row: its fields with id, business, version and time of change. A message model has a version of its own.
#[must_use]
pub fn row(document: &Document) -> Value {
    let mut row = document.fields.clone();
    row.insert("id".to_owned(), document.id.clone().into());
    row.insert("business".to_owned(), document.business.clone().into());
    row.insert("changed_ms".to_owned(), document.changed.0.into());
    if document.table != Table::Models {
        row.insert("version".to_owned(), document.version.into());
    }
    Value::Object(row)
}

/// A document as a business.
///
/// # Errors
/// It is none.
pub fn business(document: &Document) -> Result<BusinessInfo, serde_json::Error> {
    let mut fields = document.fields.clone();
    fields.insert("businessId".to_owned(), document.id.clone().into());
    fields.entry("name").or_insert_with(|| document.id.clone().into());
    fields.entry("type").or_insert_with(|| "operations".into());
    serde_json::from_value(Value::Object(fields))
}

/// A document as a resource.
#[must_use]
pub fn resource(document: &Document) -> Option<Resource> {
    let text = |name: &str| document.fields.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Resource {
        id: document.id.clone(),
        business_id: document.business.clone(),
        location_id: text("location"),
        kind: text("type")?,
        name: text("name").unwrap_or_else(|| document.id.clone()),
        status: text("status").unwrap_or_default(),
        attributes: document.fields.get("attributes").and_then(Value::as_object).cloned().unwrap_or_default(),
        version: document.version,
        updated_at: document.changed,
    })
}

/// A resource as the row that people and agents see.
#[must_use]
pub fn resource_row(resource: &Resource) -> Value {
    let mut row = resource_fields(resource);
    row.insert("id".to_owned(), resource.id.clone().into());
    row.insert("business".to_owned(), resource.business_id.clone().into());
    row.insert("version".to_owned(), resource.version.into());
    row.insert("changed_ms".to_owned(), resource.updated_at.0.into());
    Value::Object(row)
}

/// A resource as fields of its document.
#[must_use]
pub fn resource_fields(resource: &Resource) -> Data {
    let mut fields = Data::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("type", resource.kind.clone().into());
    put("name", resource.name.clone().into());
    put("status", resource.status.clone().into());
    put("attributes", Value::Object(resource.attributes.clone()));
    if let Some(location) = &resource.location_id {
        put("location", location.clone().into());
    }
    fields
}

/// A document as a message model; its times are milliseconds there.
#[must_use]
pub fn model(document: &Document) -> Option<MessageModel> {
    let mut fields = document.fields.clone();
    for name in MODEL_TIMES {
        let at = fields.remove(&format!("{name}_ms")).and_then(|at| at.as_i64());
        let at = at.or_else(|| (name != "lastUsed").then_some(document.changed.0));
        if let Some(at) = at {
            fields.insert(name.to_owned(), UnixMillis(at).to_string().into());
        }
    }
    serde_json::from_value(Value::Object(fields)).ok()
}

/// A message model as fields of its document, and as a row.
#[must_use]
pub fn model_fields(model: &MessageModel) -> Data {
    let mut fields = closing::object(model);
    for (name, at) in
        MODEL_TIMES.into_iter().zip([model.last_used, Some(model.created_at), Some(model.updated_at)])
    {
        fields.remove(name);
        if let Some(at) = at {
            fields.insert(format!("{name}_ms"), at.0.into());
        }
    }
    fields
}

const MODEL_TIMES: [&str; 3] = ["lastUsed", "createdAt", "updatedAt"];

/// A document as a decision.
#[must_use]
pub fn decision(document: &Document) -> Option<DecisionModel> {
    let mut fields = document.fields.clone();
    fields.insert("id".to_owned(), document.id.clone().into());
    fields.insert("businessId".to_owned(), document.business.clone().into());
    serde_json::from_value(Value::Object(fields)).ok()
}

/// The newest version of a model that fits trade and place; one that names them goes before one for all.
#[must_use]
pub fn newest<'a>(
    models: impl IntoIterator<Item = &'a MessageModel>,
    version: Option<u32>,
    trade: Option<&str>,
    place: Option<&str>,
) -> Option<&'a MessageModel> {
    let fits = |own: &Option<String>, wanted: Option<&str>| own.is_none() || own.as_deref() == wanted;
    models
        .into_iter()
        .filter(|model| version.is_none_or(|version| model.version == version))
        .filter(|model| fits(&model.business_type, trade) && fits(&model.location_context, place))
        .max_by_key(|model| (model.location_context.is_some(), model.business_type.is_some(), model.version))
}
