//! Rows on their way into rooms: from JSON of any depth to the small tree that clients read.

use inflight_domain::Json;
use serde_json::Value;

/// Clients read no deeper than twelve levels, of which the frame takes some.
const DEEPEST: usize = 6;

/// A row for a room. What is nested too deep comes as text.
#[must_use]
pub fn tree(value: Value) -> Json {
    within(value, DEEPEST)
}

fn within(value: Value, deeper: usize) -> Json {
    if deeper == 0 && (value.is_array() || value.is_object()) {
        return Json::Text(value.to_string());
    }
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::Bool(truth),
        Value::Number(number) => {
            let float = || Json::Float(number.as_f64().unwrap_or_default());
            number.as_i64().map_or_else(float, Json::Integer)
        }
        Value::String(text) => Json::Text(text),
        Value::Array(values) => {
            Json::Array(values.into_iter().map(|value| within(value, deeper - 1)).collect())
        }
        Value::Object(members) => {
            let one = |(name, value)| (name, within(value, deeper - 1));
            Json::Object(members.into_iter().map(one).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(value: Value, expected: Value) {
        assert_eq!(serde_json::to_value(tree(value)).unwrap(), expected);
    }

    #[test]
    fn the_depths_become_text() {
        let row = json!({"a": [1, -2.5, null, true, "x"]});
        check(row.clone(), row);
        let deep = json!({"a": {"b": {"c": {"d": {"e": {"f": 1, "g": [2]}}}}}});
        check(deep, json!({"a": {"b": {"c": {"d": {"e": {"f": 1, "g": "[2]"}}}}}}));
    }
}
