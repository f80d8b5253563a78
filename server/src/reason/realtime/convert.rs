//! From a question to the response that is asked for, and from a response to an answer.

use crate::reason::chat::request::in_words;
use crate::reason::failure::Failure;
use crate::reason::realtime::item::{Item, Response, Session, Wanted};
use crate::reason::reply::{Reply, Tokens};
use crate::settings::Secret;
use inflight_agents::ModelQuestion;
use inflight_agents::question::{Message, Tool, ToolCall};
use serde_json::{Map, Value, json};

/// Where our number of a question stands in the metadata of its response.
pub const METADATA: &str = "inflight_question";

/// The function that takes an answer with a form: the Realtime API knows forms of arguments, not of text.
pub const ANSWER: &str = "answer";

/// What every session is told first.
#[must_use]
pub fn session() -> Session {
    Session {
        kind: Some("realtime".to_owned()),
        output_modalities: Some(vec!["text".to_owned()]),
        ..Session::default()
    }
}

/// The response to ask for: out of the conversation, so that it knows of no other, in text, marked with its number.
#[must_use]
pub fn wanted(question: &ModelQuestion, number: u64) -> Wanted {
    let mut instructions = question.system.clone();
    let mut tools: Vec<Value> = question.tools.iter().map(tool).collect();
    let mut tool_choice = (!tools.is_empty()).then(|| json!("auto"));
    if let Some(schema) = &question.schema {
        let parameters = schema.clone();
        let description = "Gives the answer. Call it once, when nothing else is to be called.".to_owned();
        tool_choice = Some(if tools.is_empty() {
            json!({"type": "function", "name": ANSWER})
        } else {
            json!("required")
        });
        // Its form is said in words too: not every model keeps to what it is forced to.
        instructions = format!("{instructions}\n\n{}", in_words(schema));
        tools.push(tool(&Tool { name: ANSWER.to_owned(), description, parameters }));
    }
    let mut metadata = Map::new();
    metadata.insert(METADATA.to_owned(), number.to_string().into());
    Wanted {
        conversation: Some("none".to_owned()),
        output_modalities: Some(vec!["text".to_owned()]),
        instructions: Some(instructions),
        metadata: Some(metadata),
        input: Some(question.messages.iter().flat_map(items).collect()),
        tools: Some(tools),
        tool_choice,
        max_output_tokens: (question.max_tokens > 0).then(|| question.max_tokens.min(4096).into()),
    }
}

/// The number of the question that a response answers.
#[must_use]
pub fn number(response: &Response) -> Option<u64> {
    response.metadata.as_ref()?.get(METADATA)?.as_str()?.parse().ok()
}

/// The answer in a response that ended; `heard` is the text of its pieces.
///
/// # Errors
/// It is not whole.
pub fn outcome(response: &Response, heard: &str, key: Option<&Secret>) -> Result<Reply, Failure> {
    let details = response.status_details.clone().unwrap_or_default();
    match (response.status.as_str(), details.error) {
        ("failed", Some(error)) => {
            let code = error.code.unwrap_or_default();
            return Err(Failure::of_error(&error.kind, &code, &error.message, key));
        }
        ("failed", None) => return Err(Failure::Unavailable("response_failed".to_owned())),
        ("cancelled", _) => return Err(Failure::Unavailable("response_cancelled".to_owned())),
        ("incomplete", _) => return Err(Failure::Incomplete(details.reason.unwrap_or_default())),
        // What a server calls an end that went well is not looked at too closely.
        _ => {}
    }
    let mut reply = Reply::default();
    for item in &response.output {
        match item.kind.as_str() {
            "message" => reply.text.push_str(&item.text()),
            "function_call" if item.name.as_deref() == Some(ANSWER) => {
                reply.text = item.arguments.clone().unwrap_or_default();
                reply.calls.clear();
                break;
            }
            "function_call" => reply.calls.push(ToolCall {
                id: item.call_id.clone().unwrap_or_default(),
                name: item.name.clone().unwrap_or_default(),
                arguments: item.arguments.clone().unwrap_or_default(),
            }),
            _ => {}
        }
    }
    if reply.text.is_empty() && reply.calls.is_empty() {
        heard.clone_into(&mut reply.text);
    }
    reply.tokens = tokens(response);
    Ok(reply)
}

/// What a response took, where that was told.
#[must_use]
pub fn tokens(response: &Response) -> Tokens {
    let tokens = response.usage.unwrap_or_default();
    Tokens::told(tokens.input_tokens, tokens.output_tokens)
}

fn tool(tool: &Tool) -> Value {
    let Tool { name, description, parameters } = tool;
    json!({"type": "function", "name": name, "description": description, "parameters": parameters})
}

fn items(message: &Message) -> Vec<Item> {
    let Message { role, text, call_id, calls } = message;
    if role == "tool" {
        let output = Some(text.clone());
        let kind = "function_call_output".to_owned();
        return vec![Item { kind, call_id: call_id.clone(), output, ..Item::default() }];
    }
    let part = if role == "assistant" { "output_text" } else { "input_text" };
    let said = (!text.is_empty() || calls.is_empty()).then(|| Item::message(role, part, text));
    let called = |call: &ToolCall| Item {
        kind: "function_call".to_owned(),
        call_id: Some(call.id.clone()),
        name: Some(call.name.clone()),
        arguments: Some(call.arguments.clone()),
        ..Item::default()
    };
    said.into_iter().chain(calls.iter().map(called)).collect()
}
