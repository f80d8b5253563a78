//! What the Realtime API demands of what a client says, and in which words it refuses the rest.

use crate::reason::realtime::client_event::NAMES;
use serde_json::{Value, json};

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its name.
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// What it is about.
    pub param: Option<String>,
    /// With which code the connection is closed, where it is.
    pub close: Option<u16>,
}

/// What may be set of a session.
const SESSION: [&str; 17] = [
    "type",
    "object",
    "id",
    "model",
    "output_modalities",
    "instructions",
    "tools",
    "tool_choice",
    "max_output_tokens",
    "tracing",
    "prompt",
    "truncation",
    "expires_at",
    "include",
    "audio",
    "parallel_tool_calls",
    "reasoning",
];

/// What may be asked of a response.
const RESPONSE: [&str; 12] = [
    "audio",
    "conversation",
    "input",
    "instructions",
    "max_output_tokens",
    "metadata",
    "output_modalities",
    "parallel_tool_calls",
    "prompt",
    "reasoning",
    "tool_choice",
    "tools",
];

/// Parts that each role may speak in. Those of the beta, `text` and `audio`, are none of them.
const PARTS: [(&str, &[&str]); 3] = [
    ("user", &["input_text", "input_audio", "input_image"]),
    ("system", &["input_text"]),
    ("assistant", &["output_text", "output_audio"]),
];

impl Refusal {
    /// One that leaves the connection open.
    #[must_use]
    pub fn new(code: &'static str, message: impl Into<String>, param: Option<&str>) -> Self {
        Self { code, message: message.into(), param: param.map(str::to_owned), close: None }
    }
}

/// Why a connection with these headers is closed at once.
#[must_use]
pub fn refusal(beta: Option<&str>, authorization: Option<&str>, key: Option<&str>) -> Option<Refusal> {
    if beta.is_some_and(|beta| beta.contains("realtime=v1")) {
        let message = "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.";
        return Some(Refusal { close: Some(4000), ..Refusal::new("beta_api_shape_disabled", message, None) });
    }
    let given = authorization.and_then(|value| value.strip_prefix("Bearer "));
    match (given, key) {
        (Some(given), Some(key)) if given == key => None,
        (Some(_), None) => None,
        // The API repeats a part of the key; whoever shows its words must not.
        _ => {
            let message = format!("Incorrect API key provided: {}.", given.unwrap_or_default());
            Some(Refusal { close: Some(3000), ..Refusal::new("invalid_api_key", message, None) })
        }
    }
}

/// Holds an event of a client to its form.
///
/// # Errors
/// What the API would refuse.
pub fn check(event: &Value) -> Result<(), Refusal> {
    let Some(kind) = event["type"].as_str() else {
        return Err(Refusal::new("invalid_event", "The 'type' field is missing.", None));
    };
    if !NAMES.contains(&kind) {
        let names = NAMES.map(|name| format!("'{name}'")).join(", ");
        let message = format!("Invalid value: '{kind}'. Supported values are: {names}.");
        return Err(Refusal::new("invalid_value", message, Some("type")));
    }
    match kind {
        "session.update" => {
            let session = needed(&event["session"], "session")?;
            needed(&session["type"], "session.type")?;
            known(session, &SESSION, "session")?;
            modalities(&session["output_modalities"], "session")
        }
        "response.create" => {
            let response = &event["response"];
            known(response, &RESPONSE, "response")?;
            modalities(&response["output_modalities"], "response")?;
            let items = response["input"].as_array().into_iter().flatten().enumerate();
            items.into_iter().try_for_each(|(place, item)| parts(item, &format!("response.input[{place}]")))
        }
        "conversation.item.create" => parts(needed(&event["item"], "item")?, "item"),
        "conversation.item.retrieve" | "conversation.item.delete" | "conversation.item.truncate" => {
            needed(&event["item_id"], "item_id").map(|_| ())
        }
        _ => Ok(()),
    }
}

/// The refusal as an event says it.
#[must_use]
pub fn as_error(refusal: &Refusal, event_id: &Value) -> Value {
    json!({"type": "error", "error": {
        "type": "invalid_request_error", "code": refusal.code, "message": refusal.message,
        "param": refusal.param, "event_id": event_id,
    }})
}

fn needed<'a>(value: &'a Value, name: &str) -> Result<&'a Value, Refusal> {
    let missing = || {
        Refusal::new(
            "missing_required_parameter",
            format!("Missing required parameter: '{name}'."),
            Some(name),
        )
    };
    if value.is_null() { Err(missing()) } else { Ok(value) }
}

fn known(value: &Value, names: &[&str], place: &str) -> Result<(), Refusal> {
    let unknown =
        value.as_object().and_then(|fields| fields.keys().find(|name| !names.contains(&name.as_str())));
    unknown.map_or(Ok(()), |name| {
        let name = format!("{place}.{name}");
        Err(Refusal::new("unknown_parameter", format!("Unknown parameter: '{name}'."), Some(&name)))
    })
}

fn modalities(value: &Value, place: &str) -> Result<(), Refusal> {
    if value.is_null() || *value == json!(["text"]) || *value == json!(["audio"]) {
        return Ok(());
    }
    let name = format!("{place}.output_modalities");
    let message = format!("Invalid modalities: {value}. Supported combinations are: ['text'] and ['audio'].");
    Err(Refusal::new("invalid_value", message, Some(&name)))
}

fn parts(item: &Value, place: &str) -> Result<(), Refusal> {
    let kind = needed(&item["type"], &format!("{place}.type"))?;
    if kind == "function_call_output" {
        return needed(&item["call_id"], &format!("{place}.call_id")).map(|_| ());
    }
    let role = item["role"].as_str().unwrap_or_default();
    let Some((_, allowed)) = PARTS.iter().find(|(name, _)| kind == "message" && *name == role) else {
        return Ok(());
    };
    for (number, part) in item["content"].as_array().into_iter().flatten().enumerate() {
        let name = part["type"].as_str().unwrap_or_default();
        if !allowed.contains(&name) {
            let allowed = allowed.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
            let message = format!("Invalid value: '{name}'. Supported values are: {allowed}.");
            let place = format!("{place}.content[{number}].type");
            return Err(Refusal::new("invalid_value", message, Some(&place)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(event: &Value) {
        assert_eq!(check(event), Ok(()), "{event}");
    }

    fn refused(event: &Value, code: &str, param: Option<&str>) {
        let refusal = check(event).unwrap_err();
        assert_eq!((refusal.code, refusal.param.as_deref()), (code, param), "{event}");
    }

    #[test]
    fn what_the_api_takes_is_taken() {
        allowed(
            &json!({"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text"]}}),
        );
        allowed(&json!({"type": "response.create"}));
        let item =
            json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "a"}]});
        allowed(&json!({"type": "conversation.item.create", "item": item}));
        allowed(&json!({"type": "response.create", "response": {"conversation": "none", "input": [item]}}));
    }

    #[test]
    fn names_of_the_beta_are_refused() {
        let session = |session: Value| json!({"type": "session.update", "session": session});
        refused(
            &session(json!({"modalities": ["text"]})),
            "missing_required_parameter",
            Some("session.type"),
        );
        let old = json!({"type": "realtime", "modalities": ["text"]});
        refused(&session(old), "unknown_parameter", Some("session.modalities"));
        let both = json!({"type": "realtime", "output_modalities": ["text", "audio"]});
        refused(&session(both), "invalid_value", Some("session.output_modalities"));
        refused(&json!({"type": "transcription_session.update"}), "invalid_value", Some("type"));
        let old = json!({"type": "response.create", "response": {"modalities": ["text"]}});
        refused(&old, "unknown_parameter", Some("response.modalities"));
        let part = json!([{"type": "text", "text": "a"}]);
        let item = json!({"type": "message", "role": "assistant", "content": part});
        let old = json!({"type": "conversation.item.create", "item": item});
        refused(&old, "invalid_value", Some("item.content[0].type"));
        refused(&json!({}), "invalid_event", None);
    }

    #[test]
    fn who_may_not_come_in_is_told_why() {
        let code = |beta, authorization, key| refusal(beta, authorization, key).map(|refusal| refusal.code);
        assert_eq!(code(None, Some("Bearer a"), None), None);
        assert_eq!(code(None, Some("Bearer a"), Some("a")), None);
        assert_eq!(code(None, Some("Bearer b"), Some("a")), Some("invalid_api_key"));
        assert_eq!(code(None, None, None), Some("invalid_api_key"));
        assert_eq!(code(Some("realtime=v1"), Some("Bearer a"), None), Some("beta_api_shape_disabled"));
    }
}
