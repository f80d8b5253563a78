//! A made-up business, so that a new user finds agents at work: put in once, and marked as what it is.

use crate::agents::schedule::row::ScheduleRow;
use crate::agents::store::SqliteStore;
use crate::clock;
use inflight_agents::closing::model_id;
use inflight_agents::models;
use inflight_agents::ports::rows::model_fields;
use inflight_agents::{Document, Store, StoreError, Table};
use serde_json::{Value, json};

/// The made-up business.
pub const BUSINESS: &str = "example";

/// Puts the example in, unless there are businesses already. Blocking.
///
/// # Errors
/// The disk refuses.
pub fn begin(store: &SqliteStore) -> Result<(), StoreError> {
    if !store.documents(Table::Businesses, None)?.is_empty() {
        return Ok(());
    }
    for (table, id, row) in rows() {
        let Value::Object(fields) = row else { continue };
        let business = BUSINESS.to_owned();
        let put = store.put(&Document { table, business, id, version: 1, changed: clock::now(), fields });
        // What is there already was put in by a process that did not come to the end.
        if !matches!(put, Err(StoreError::Version { .. })) {
            put?;
        }
    }
    // Nobody hears it: who comes later asks for all there is.
    store.forget_tellings()
}

/// Puts in what a business of its kind has: places, gates, crews, vehicles, words, and a digest on weekday mornings.
fn rows() -> Vec<(Table, String, Value)> {
    let resources = RESOURCES.iter().map(|(id, kind, name, status, location, detail)| {
        let (field, value) = detail;
        let row = json!({
            "type": kind, "name": name, "status": status, "location": location, "attributes": {*field: value},
        });
        (Table::Resources, (*id).to_owned(), row)
    });
    let mut rows: Vec<_> = resources.collect();
    let models = models::built_in(clock::now());
    rows.extend(models.iter().map(|model| {
        let id = model_id(&model.decision_code, model.version);
        (Table::Models, id, Value::Object(model_fields(model)))
    }));
    let digest = ScheduleRow {
        name: "Morning digest".to_owned(),
        cron: "0 6 * * mon-fri".to_owned(),
        time_zone: "America/New_York".to_owned(),
        agent: "digest".to_owned(),
        status: "active".to_owned(),
        ..ScheduleRow::default()
    };
    let digest = digest.clone().planned().unwrap_or(digest);
    rows.push((Table::Schedules, "morning-digest".to_owned(), json!(digest)));
    // At last: once it is there, nothing is put in again.
    rows.push((Table::Businesses, BUSINESS.to_owned(), business()));
    rows
}

type Made =
    (&'static str, &'static str, &'static str, &'static str, &'static str, (&'static str, &'static str));

/// Identifier, kind, name, status, place, one attribute.
const RESOURCES: [Made; 12] = [
    ("gate-b12", "gate", "Gate B12", "open", "EWR", ("terminal", "B")),
    ("gate-b14", "gate", "Gate B14", "open", "EWR", ("terminal", "B")),
    ("gate-b16", "gate", "Gate B16", "closed", "EWR", ("terminal", "B")),
    ("gate-c3", "gate", "Gate C3", "open", "LGA", ("terminal", "C")),
    ("gate-5a", "gate", "Gate 5A", "occupied", "JFK", ("terminal", "5")),
    ("crew-1", "crew", "Crew Ionescu", "available", "EWR", ("duty_until", "18:00")),
    ("crew-2", "crew", "Crew Rivera", "on duty", "JFK", ("duty_until", "21:30")),
    ("crew-3", "crew", "Crew Okafor", "resting", "LGA", ("duty_until", "06:00")),
    ("tug-7", "vehicle", "Tug 7", "available", "EWR", ("fuel", "80 %")),
    ("tug-9", "vehicle", "Tug 9", "in repair", "EWR", ("fuel", "15 %")),
    ("bus-2", "vehicle", "Bus 2", "available", "JFK", ("seats", "60")),
    ("hotel-1", "hotel", "Harbour Inn", "40 rooms free", "EWR", ("rooms", "40")),
];

fn business() -> Value {
    json!({
        "businessId": BUSINESS,
        "name": "Harbour Air (example)",
        "type": "airline",
        "settings": {"locale": "en", "timeZone": "America/New_York"},
        "locations": [
            {"locationId": "EWR", "name": "Newark", "type": "airport"},
            {"locationId": "JFK", "name": "New York JFK", "type": "airport"},
            {"locationId": "LGA", "name": "New York LaGuardia", "type": "airport"},
        ],
        "permissions": {},
        "metadata": {"example": true},
    })
}
