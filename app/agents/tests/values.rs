//! JSON: differences make one state of another, and the canonical form is one for equal values.

use inflight_agents::patch::{Change, apply, diff};
use inflight_agents::{AgentInput, AgentOutput, RetryPolicy, canonical};
use proptest::prelude::*;
use serde_json::{Value, json};

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,6}|[\u{0}-\u{1f}~/\"\\\\]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let name = "[a-c]|~|/|~1|\\PC{0,3}|";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..6).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// Whatever order a map keeps: with its names the other way round.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().rev().map(|(name, value)| (name.clone(), reversed(value))).collect(),
        Value::Array(items) => items.iter().map(reversed).collect(),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn a_difference_makes_one_of_the_other(before in values(), after in values()) {
        let changes = diff(&before, &after);
        let text = serde_json::to_string(&changes).unwrap();
        let read: Vec<Change> = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read, &changes);
        let mut state = before;
        prop_assert_eq!(apply(&mut state, &read), Ok(()));
        prop_assert_eq!(&state, &after);
        prop_assert!(diff(&after, &after).is_empty());
    }

    #[test]
    fn no_difference_breaks_another_state(before in values(), after in values(), other in values()) {
        let mut state = other;
        let _ = apply(&mut state, &diff(&before, &after));
    }

    #[test]
    fn the_canonical_form_is_one(value in values()) {
        let text = canonical::text(&value);
        let read: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read, &value);
        prop_assert_eq!(&canonical::text(&read), &text);
        prop_assert_eq!(&canonical::text(&reversed(&value)), &text);
    }
}

#[test]
fn specification_004_is_spoken_to_the_letter() {
    let input = json!({
        "id": "i1", "source": "external_api", "userId": "u1", "businessId": "b1", "locationId": "l1",
        "type": "api_request", "content": {"text": "hi", "data": {"a": 1}, "metadata": {}},
        "timestamp": "2026-11-21T20:30:00.250Z", "correlationId": "c1"
    });
    let read: AgentInput = serde_json::from_value(input.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), input);
    let least = json!({"id": "i1", "source": "cron", "businessId": "b1", "type": "scheduled_task",
        "content": {}, "timestamp": "2026-11-21T20:30:00Z"});
    let read: AgentInput = serde_json::from_value(least.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), least);
    let output = json!({
        "id": "o1", "inputId": "i1", "decisionCode": "rebook", "decisionType": "proposal", "confidence": 0.5,
        "reasoning": "late", "requiresHumanReview": true, "processingTime": 12, "metadata": {"x": [1]},
        "actions": [{
            "id": "a1", "type": "external_call", "target": "hook", "payload": {"n": 1}, "priority": "high",
            "executeAt": "2026-11-21T21:00:00Z",
            "retryPolicy": {"maxRetries": 3, "retryDelay": 1000, "maxDelay": 30000, "timeout": 10000}
        }],
        "responses": [{
            "id": "r1", "target": "websocket", "recipient": "u1", "timestamp": "2026-11-21T20:30:00Z",
            "content": {"text": "done", "data": {"b": 2}, "template": "rebook"}
        }]
    });
    let read: AgentOutput = serde_json::from_value(output.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), output);
    assert_eq!(read.actions[0].retry_policy, Some(RetryPolicy::default()));
    let wrong = json!({"id": "i1", "source": "cron", "businessId": "b1", "type": "scheduled_task",
        "content": {}, "timestamp": "yesterday"});
    let said = serde_json::from_value::<AgentInput>(wrong).unwrap_err().to_string();
    assert_eq!(said, "expected a time as RFC 3339");
}
