//! The body of a request for a completion.

use inflight_agents::ModelQuestion;
use inflight_agents::question::{Message, Tool, ToolCall};
use serde_json::{Value, json};

/// How the form of the answer is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// With `response_format`.
    Schema,
    /// With words, for servers that refuse it.
    Words,
}

/// The body; `is_openai` where the newer name of the limit is known.
#[must_use]
pub fn body(question: &ModelQuestion, model: &str, shape: Shape, is_openai: bool) -> Value {
    let mut body = json!({
        "model": model,
        "stream": true,
        "stream_options": {"include_usage": true},
        "messages": messages(question, shape),
    });
    if question.max_tokens > 0 {
        let limit = if is_openai { "max_completion_tokens" } else { "max_tokens" };
        body[limit] = question.max_tokens.into();
    }
    if !question.tools.is_empty() {
        body["tools"] = question.tools.iter().map(tool).collect();
    }
    if let Some(schema) = question.schema.as_ref().filter(|_| shape == Shape::Schema) {
        let form = json!({"name": name(&question.purpose), "schema": schema, "strict": is_strict(schema)});
        body["response_format"] = json!({"type": "json_schema", "json_schema": form});
    }
    body
}

/// What to add to the instructions so that words alone ask for a form.
#[must_use]
pub fn in_words(schema: &Value) -> String {
    format!("Answer with one JSON value alone, without a fence, that matches this JSON Schema: {schema}")
}

/// Names of forms are of letters, digits, `_` and `-`, 64 at most.
fn name(purpose: &str) -> String {
    let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let name: String = purpose.chars().filter(is_plain).take(64).collect();
    if name.is_empty() { "answer".to_owned() } else { name }
}

/// The API takes a schema to the letter only where every object is closed and demands all of its fields; others it
/// refuses whole. What it cannot promise is held to here.
fn is_strict(schema: &Value) -> bool {
    let inner = |value: &Value| match value {
        Value::Object(fields) => fields.values().all(is_strict),
        Value::Array(items) => items.iter().all(is_strict),
        _ => true,
    };
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return inner(schema) };
    let required = schema["required"].as_array();
    schema["additionalProperties"] == Value::Bool(false)
        && properties.keys().all(|name| required.is_some_and(|names| names.contains(&name.as_str().into())))
        && inner(schema)
}

fn messages(question: &ModelQuestion, shape: Shape) -> Vec<Value> {
    let mut instructions = question.system.clone();
    if let Some(schema) = question.schema.as_ref().filter(|_| shape == Shape::Words) {
        instructions.push_str("\n\n");
        instructions.push_str(&in_words(schema));
    }
    let system = (!instructions.is_empty()).then(|| json!({"role": "system", "content": instructions}));
    system.into_iter().chain(question.messages.iter().map(message)).collect()
}

fn message(message: &Message) -> Value {
    let Message { role, text, call_id, calls } = message;
    let mut said = json!({"role": role, "content": text});
    if let Some(id) = call_id {
        said["tool_call_id"] = id.as_str().into();
    }
    if !calls.is_empty() {
        said["tool_calls"] = calls.iter().map(call).collect();
        if text.is_empty() {
            said["content"] = Value::Null;
        }
    }
    said
}

fn tool(tool: &Tool) -> Value {
    let Tool { name, description, parameters } = tool;
    let function = json!({"name": name, "description": description, "parameters": parameters});
    json!({"type": "function", "function": function})
}

fn call(call: &ToolCall) -> Value {
    let function = json!({"name": call.name, "arguments": call.arguments});
    json!({"id": call.id, "type": "function", "function": function})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> ModelQuestion {
        let call =
            |id: &str| ToolCall { id: id.to_owned(), name: "find".to_owned(), arguments: "{}".to_owned() };
        let calls = vec![call("a"), call("b")];
        let called = Message { role: "assistant".to_owned(), calls, ..Message::user("") };
        let returned = |id: &str| Message {
            role: "tool".to_owned(),
            call_id: Some(id.to_owned()),
            ..Message::user("1")
        };
        ModelQuestion {
            purpose: "classify it".to_owned(),
            system: "Be brief.".to_owned(),
            messages: vec![Message::user("?"), called, returned("a"), returned("b")],
            schema: Some(json!({"type": "object"})),
            ..ModelQuestion::default()
        }
    }

    #[test]
    fn what_was_said_becomes_messages() {
        let body = body(&question(), "m", Shape::Schema, true);
        let messages = body["messages"].as_array().unwrap();
        let roles: Vec<&str> = messages.iter().map(|message| message["role"].as_str().unwrap()).collect();
        assert_eq!(roles, ["system", "user", "assistant", "tool", "tool"]);
        assert_eq!(
            (&messages[2]["tool_calls"][1]["id"], &messages[2]["content"]),
            (&json!("b"), &Value::Null)
        );
        assert_eq!(messages[4]["tool_call_id"], "b");
        assert_eq!(body["response_format"]["json_schema"]["name"], "classifyit");
        assert!(body.get("max_completion_tokens").is_none() && body.get("tools").is_none());
    }

    #[test]
    fn words_ask_where_forms_are_not_known() {
        let body = body(&ModelQuestion { max_tokens: 7, ..question() }, "m", Shape::Words, false);
        assert!(body.get("response_format").is_none() && body["max_tokens"] == 7);
        assert!(body["messages"][0]["content"].as_str().unwrap().ends_with("{\"type\":\"object\"}"));
    }

    #[test]
    fn only_closed_forms_are_strict() {
        let of = |schema: Value| is_strict(&schema);
        let inner =
            json!({"type": "object", "additionalProperties": false, "required": [], "properties": {"b": {}}});
        assert!(of(
            json!({"additionalProperties": false, "required": ["a"], "properties": {"a": {"type": "string"}}})
        ));
        assert!(!of(json!({"required": ["a"], "properties": {"a": {}}})));
        assert!(!of(json!({"additionalProperties": false, "required": ["a"], "properties": {"a": inner}})));
    }
}
