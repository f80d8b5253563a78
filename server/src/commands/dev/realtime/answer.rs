//! What the stand-in answers: it echoes, calls a tool where it was given one, and fills in what a schema demands.

use serde_json::{Map, Value, json};

/// What is answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// In words.
    Text(String),
    /// By a call.
    Call {
        /// Name of the function.
        name: String,
        /// JSON text.
        arguments: String,
    },
}

/// What to answer to these items, with these tools at hand.
#[must_use]
pub fn answer(items: &[Value], tools: &[Value], choice: &Value) -> Answer {
    let last = items.last().cloned().unwrap_or_default();
    let is_message = last["type"] == "message";
    let text = if is_message { words(&last) } else { last["output"].as_str().unwrap_or_default().to_owned() };
    let named = choice["name"].as_str();
    let tool = tools.iter().find(|tool| named.is_none_or(|name| tool["name"] == *name));
    // What a call gave is told in words, unless a call is demanded.
    let is_demanded = named.is_some() || *choice == "required";
    match tool.filter(|_| *choice != "none" && (is_message || is_demanded)) {
        Some(tool) => {
            let filled = sample(&tool["parameters"], &text);
            let is_empty = filled.as_object().is_none_or(Map::is_empty);
            let arguments = if is_empty { json!({"echo": text}) } else { filled };
            let name = tool["name"].as_str().unwrap_or_default().to_owned();
            Answer::Call { name, arguments: arguments.to_string() }
        }
        None => Answer::Text(format!("echo: {text}")),
    }
}

fn words(item: &Value) -> String {
    let parts = item["content"].as_array().into_iter().flatten();
    parts.filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join(" ")
}

/// The plainest value that a schema allows: `text` where it wants text, and of several the one that it names.
fn sample(schema: &Value, text: &str) -> Value {
    let named = |value: &&Value| value.as_str().is_some_and(|value| text.contains(value));
    let choices = schema["enum"].as_array();
    let chosen = choices.and_then(|choices| choices.iter().find(named).or(choices.first()));
    if let Some(value) = schema.get("const").or(chosen) {
        return value.clone();
    }
    if let Some(first) = schema["anyOf"].get(0) {
        return sample(first, text);
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or_default();
    match kind {
        "object" => {
            let needed = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let fields = needed.map(|name| (name.to_owned(), sample(&schema["properties"][name], text)));
            Value::Object(fields.collect())
        }
        "array" => {
            let count = schema["minItems"].as_u64().unwrap_or_default();
            (0..count).map(|_| sample(&schema["items"], text)).collect()
        }
        "number" | "integer" => {
            let most = schema["maximum"].as_f64();
            schema
                .get("minimum")
                .cloned()
                .unwrap_or_else(|| json!(most.map_or(0.0, |most| most.min(0.0)) as i64))
        }
        "boolean" => Value::Bool(false),
        "null" => Value::Null,
        _ => {
            let most = schema["maxLength"].as_u64().and_then(|most| usize::try_from(most).ok());
            text.chars().take(most.unwrap_or(usize::MAX)).collect::<String>().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(items: &Value, tools: &Value, choice: &Value, expected: &Answer) {
        let list = |value: &Value| value.as_array().unwrap().clone();
        assert_eq!(answer(&list(items), &list(tools), choice), *expected);
    }

    #[test]
    fn it_echoes_calls_and_fills_in() {
        let message =
            json!([{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}]);
        let output = json!([{"type": "function_call_output", "output": "{}"}]);
        let text = |text: &str| Answer::Text(text.to_owned());
        let call = |name: &str, arguments: &str| Answer::Call {
            name: name.to_owned(),
            arguments: arguments.to_owned(),
        };
        check(&message, &json!([]), &Value::Null, &text("echo: hi"));
        check(&json!([]), &json!([]), &Value::Null, &text("echo: "));
        let tools = json!([
            {"name": "find", "parameters": {"type": "object", "properties": {}}},
            {"name": "answer", "parameters": {"type": "object", "required": ["a", "b", "c", "d"], "properties": {
                "a": {"enum": ["HOLD", "hi", "GO"]}, "b": {"type": "number", "minimum": 0.5}, "c": {"type": "string"},
                "d": {"type": "array", "minItems": 1, "items": {"type": ["null", "string"]}}
            }}}
        ]);
        check(&message, &tools, &Value::Null, &call("find", r#"{"echo":"hi"}"#));
        check(&output, &tools, &Value::Null, &text("echo: {}"));
        let filled = call("answer", r#"{"a":"hi","b":0.5,"c":"hi","d":[null]}"#);
        check(&message, &tools, &json!({"type": "function", "name": "answer"}), &filled);
        check(&message, &tools, &json!("none"), &text("echo: hi"));
    }
}
