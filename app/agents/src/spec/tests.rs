//! The shapes of the specification, and what is said about inputs that do not have them.

use crate::spec::{
    AgentInput, FieldError, Resource, ResourceAction, ResourceQuery, read_input, read_message,
};
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
fn a_message_is_read_alike_wherever_it_comes_from() {
    let check = |message: Value, expected: &[&str]| {
        let mut flat = message.clone();
        let content = flat.as_object_mut().unwrap().remove("content").unwrap_or_default();
        flat.as_object_mut().unwrap().extend(content.as_object().cloned().unwrap_or_default());
        let read = |value: &Value, has_content| read_message(value.as_object().unwrap(), has_content);
        let fields = |read: Result<_, Vec<FieldError>>| -> Vec<String> {
            read.err().unwrap_or_default().into_iter().map(|error| error.field).collect()
        };
        assert_eq!(fields(read(&message, true)), expected, "{message}");
        if content.is_object() {
            let expected: Vec<&str> =
                expected.iter().map(|field| field.trim_start_matches("content.")).collect();
            assert_eq!(fields(read(&flat, false)), expected, "{flat}");
        }
    };
    let said = |text: Value| json!({"businessId": "b", "type": "user_message", "content": {"text": text}});
    check(said(json!("which gates are open")), &[]);
    check(said(json!("ș".repeat(4000))), &[]);
    for bad in [json!("ș".repeat(4001)), json!("  "), json!("\u{1b}\u{7}"), json!(7), Value::Null] {
        check(said(bad), &["content.text"]);
    }
    check(json!({}), &["businessId", "content"]);
    check(
        json!({"businessId": "a b", "id": "x".repeat(129), "locationId": "\n", "content": {"text": "x"}}),
        &["id", "businessId", "locationId"],
    );
    for ours in ["cron-a-at-1", "sky-a"] {
        check(json!({"businessId": "b", "id": ours, "content": {"text": "x"}}), &["id"]);
    }
    let mut deep = json!(1);
    (0..20).for_each(|_| deep = json!({"a": deep}));
    let content = json!({"text": "x", "data": deep, "metadata": []});
    check(json!({"businessId": "b", "content": content}), &["content.data", "content.metadata"]);
    let whole = json!({"id": "m1", "businessId": "b", "locationId": "OTP", "content": {"text": "a\u{7}b\tc", "data": {}}});
    let read = read_message(whole.as_object().unwrap(), true).unwrap();
    assert_eq!((read.id.as_deref(), read.location_id.as_deref()), (Some("m1"), Some("OTP")));
    assert_eq!(read.content.text.as_deref(), Some("ab\tc"));
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
