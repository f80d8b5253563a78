//! The runs of the real agents that are frozen, and the made-up airline that they were recorded on.

use inflight_agents::coordinator::Coordinator;
use inflight_agents::digest::Digest;
use inflight_agents::rehearsal::{self, Stage};
use inflight_agents::spec::{InputSource, InputType};
use inflight_agents::watcher::Watcher;
use inflight_agents::*;
use serde_json::{Value, json};

/// Name, agent, how it ends, and the stage and start that it was recorded on.
pub type Real = (&'static str, fn() -> Box<dyn Agent>, &'static str, fn() -> (Stage, Start));

pub const REAL: [Real; 8] = [
    ("assistant_answers", assistant, "done assistant-resources", || said(stage(), "Which gates are open?")),
    ("assistant_changes", assistant, "done assistant-changed", || said(stage(), "close gate B12")),
    ("assistant_is_late", assistant, "done assistant-changed-meanwhile", || {
        let before: fn(&Memory) = |store| edit(store, Table::Resources, json!({"status": "blocked"}));
        said(Stage { before: Some(before), ..stage() }, "close gate B12")
    }),
    ("watcher_opens", watcher, "done case-holding", || {
        disruption(stage(), "holding", json!({"turns_flown": 5}))
    }),
    ("watcher_asks", watcher, "done case-emergency", || {
        disruption(Stage { decision: DecisionKind::Reject, ..stage() }, "emergency", json!({"squawk": 7700}))
    }),
    ("watcher_is_late", watcher, "done case-emergency", || {
        let meanwhile: fn(&Memory) = |store| edit(store, Table::Cases, json!({"status": "closed"}));
        let stage = Stage { meanwhile: Some(meanwhile), ..stage() };
        disruption(stage, "emergency", json!({"squawk": 7700}))
    }),
    ("digest_counts", digest, "done ops-digest", || scheduled(stage())),
    ("digest_misses", digest, "done ops-digest", || scheduled(Stage { silent: true, ..stage() })),
];

fn assistant() -> Box<dyn Agent> {
    Box::new(Typed(Coordinator::new().unwrap()))
}

pub fn watcher() -> Box<dyn Agent> {
    Box::new(Typed(Watcher::new().unwrap()))
}

fn digest() -> Box<dyn Agent> {
    Box::new(Typed(Digest::new().unwrap()))
}

/// A made-up airline with a gate and a case.
fn stage() -> Stage {
    let stage = Stage::default();
    let settings = json!({"locale": "en"});
    stage.put(
        Table::Businesses,
        "carpat-air",
        json!({"name": "Carpat Air", "type": "airline", "settings": settings}),
    );
    let gate =
        json!({"type": "gate", "name": "Gate B12", "status": "open", "attributes": {"terminal": "T1"}});
    stage.put(Table::Resources, "gate-b12", gate);
    let case =
        json!({"kind": "diversion", "title": "CPT381 diverts", "severity": "warning", "status": "open"});
    stage.put(Table::Cases, "case-1", case);
    stage
}

fn said(stage: Stage, text: &str) -> (Stage, Start) {
    begin(stage, InputSource::Websocket, InputType::UserMessage, json!({"text": text}))
}

fn disruption(stage: Stage, kind: &str, evidence: Value) -> (Stage, Start) {
    let row = json!({
        "id": format!("f0f0f0/{kind}/1790000000"), "kind": kind, "icao24": "f0f0f0", "callsign": "CPT381", "began": 1_790_000_000,
        "last_seen": 1_790_000_060, "ended": null, "severity": "attention", "confidence_pct": 95, "place": [44.5, 26.1],
        "airport": "LROP", "evidence": evidence,
    });
    let content = json!({"data": {"event": "disruption", "disruption": row}});
    begin(stage, InputSource::ExternalApi, InputType::Webhook, content)
}

fn scheduled(stage: Stage) -> (Stage, Start) {
    begin(stage, InputSource::Cron, InputType::ScheduledTask, json!({}))
}

fn begin(stage: Stage, source: InputSource, kind: InputType, content: Value) -> (Stage, Start) {
    let input = AgentInput {
        id: "in-1".to_owned(),
        source,
        kind,
        user_id: Some("ana".to_owned()),
        business_id: "carpat-air".to_owned(),
        content: serde_json::from_value(content).unwrap(),
        timestamp: rehearsal::BEGAN,
        ..AgentInput::default()
    };
    (stage, Start::new("frozen", "frozen", input, json!({}), 7))
}

/// Changes the newest row of a table as a person does.
fn edit(store: &Memory, table: Table, fields: Value) {
    let mut row = store.documents(table, None).unwrap().pop().unwrap();
    row.version += 1;
    row.fields.extend(fields.as_object().cloned().unwrap());
    store.put(&row).unwrap();
}
