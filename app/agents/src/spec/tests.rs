//! The shapes of the specification, and what is said about inputs that do not have them.

use crate::spec::{AgentInput, Resource, ResourceAction, ResourceQuery, read_input};
use inflight_domain::UnixMillis;
use proptest::prelude::*;
use serde_json::{Value, json};

fn input() -> Value {
    json!({
        "id": "in-1", "source": "external_api", "businessId": "carpat-air", "type": "webhook",
        "content": {"data": {"event": "flight.delayed"}}, "timestamp": "2026-11-21T20:30:00Z", "correlationId": "c-1",
    })
}

fn fields(change: Value) -> Vec<String> {
    let mut value = input();
    for (name, new) in change.as_object().unwrap() {
        value[name] = new.clone();
    }
    read_input(&value).err().unwrap_or_default().into_iter().map(|error| error.field).collect()
}

#[test]
fn a_whole_input_is_read_as_it_stands() {
    let read = read_input(&input()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), input());
    assert_eq!(serde_json::from_value::<AgentInput>(input()).unwrap(), read);
}

#[test]
fn each_wrong_field_is_named() {
    for (change, expected) in [
        (json!({}), &[][..]),
        (json!({"id": ""}), &["id"]),
        (json!({"id": 7, "timestamp": "now"}), &["id", "timestamp"]),
        (json!({"businessId": null}), &["businessId"]),
        (json!({"businessId": "a b"}), &["businessId"]),
        (json!({"source": "email"}), &["source"]),
        (json!({"source": "cron"}), &["type"]),
        (json!({"type": "scheduled_task"}), &["type"]),
        (json!({"type": "user_message"}), &["content.text"]),
        (json!({"content": {}}), &["content"]),
        (json!({"content": "hello"}), &["content"]),
        (json!({"content": {"text": "x".repeat(4001)}}), &["content.text", "content"]),
        (json!({"content": {"data": [1]}}), &["content.data", "content"]),
        (json!({"content": {"text": "hi", "extra": 1}}), &["content.extra"]),
        (json!({"bussinessId": "x"}), &["bussinessId"]),
        (json!({"userId": ["x"], "locationId": " "}), &["userId", "locationId"]),
    ] {
        assert_eq!(fields(change.clone()), expected, "{change}");
    }
    let mut deep = json!(1);
    (0..20).for_each(|_| deep = json!({"a": deep}));
    assert_eq!(fields(json!({"content": {"text": "hi", "data": deep}})), ["content.data"]);
    assert!(read_input(&json!([])).is_err());
}

#[test]
fn resources_are_asked_for_and_changed() {
    let gate: Resource = serde_json::from_value(json!({
        "id": "gate-b12", "businessId": "carpat-air", "type": "gate", "name": "Poarta B12", "status": "Închisă",
        "attributes": {"terminal": "B"}, "version": 3, "updatedAt": "2026-11-21T20:30:00Z",
    }))
    .unwrap();
    for (query, matches) in [
        (json!({}), true),
        (json!({"type": "Gate", "status": "inchisa"}), true),
        (json!({"text": "poarta b12 terminal"}), true),
        (json!({"text": "poarta c"}), false),
        (json!({"locationId": "OTP"}), false),
    ] {
        let query: ResourceQuery = serde_json::from_value(query).unwrap();
        assert_eq!(gate.matches(&query), matches, "{query:?}");
    }
    let act = |action: &str, parameters: Value, version: Option<u64>| {
        let action = json!({"businessId": "carpat-air", "resourceId": "gate-b12", "action": action, "parameters": parameters, "expectedVersion": version});
        let action: ResourceAction = serde_json::from_value(action).unwrap();
        gate.after(&action, UnixMillis(5000))
    };
    let open = act("set_status", json!({"status": "open"}), Some(3)).unwrap();
    assert_eq!((open.status.as_str(), open.version, open.updated_at), ("open", 4, UnixMillis(5000)));
    let moved = act("set_field", json!({"field": "belt", "value": 4}), None).unwrap();
    assert_eq!(moved.attributes["belt"], 4);
    for refused in [
        act("set_status", json!({"status": "open"}), Some(2)),
        act("set_status", json!({}), None),
        act("set_field", json!({"field": "belt"}), None),
        act("blow_up", json!({}), None),
    ] {
        assert!(refused.is_err());
    }
}

proptest! {
    #[test]
    fn any_object_is_read_or_refused_with_fields(id in ".{0,8}", text in ".{0,20}", source in "websocket|cron|external_api|x", kind in "user_message|webhook|api_request|y") {
        let value = json!({"id": id, "source": source, "type": kind, "businessId": "b", "content": {"text": text}, "timestamp": "2026-11-21T20:30:00Z"});
        match read_input(&value) {
            Ok(read) => prop_assert_eq!(read.id, id),
            Err(errors) => prop_assert!(!errors.is_empty()),
        }
    }
}
