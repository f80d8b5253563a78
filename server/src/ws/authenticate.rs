//! The message by which a client says who it is, in every form of a socket.

use crate::hub::pulse::Body;
use inflight_wire::unpack::{Value, unpack};
use serde::Deserialize;

/// The token of `{"type":"authenticate","token":...}` in either form; none for every other message.
#[must_use]
pub fn token_of(message: &Body) -> Option<String> {
    #[derive(Deserialize)]
    struct Authenticate {
        r#type: String,
        token: String,
    }
    const TYPE: &str = "authenticate";
    match message {
        Body::Text(text) => {
            // Others are not read twice.
            text.contains("\"authenticate\"").then_some(())?;
            let said: Authenticate = serde_json::from_str(text).ok()?;
            (said.r#type == TYPE).then_some(said.token)
        }
        Body::Binary(bytes) => {
            bytes.windows(TYPE.len()).any(|window| window == TYPE.as_bytes()).then_some(())?;
            let Value::Map(members) = unpack(bytes).ok()? else { return None };
            let text = |name: &str| match members.iter().find(|(found, _)| *found == name) {
                Some((_, Value::Text(text))) => Some(*text),
                _ => None,
            };
            (text("type") == Some(TYPE)).then(|| text("token").map(str::to_owned)).flatten()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: Body, expected: Option<&str>) {
        assert_eq!(token_of(&message).as_deref(), expected, "{message:?}");
    }

    #[test]
    fn what_signs_in_is_told_from_other_messages() {
        let text = |text: &str| Body::Text(text.into());
        check(text(r#"{"type":"authenticate","token":"a"}"#), Some("a"));
        check(text(r#"{"token":"a", "type": "authenticate"}"#), Some("a"));
        check(text(r#"{"type":"chat","text":"\"authenticate\"","token":"a"}"#), None);
        check(text(r#"{"type":"authenticate"}"#), None);
        check(text(r#"{"type":"ping","id":5}"#), None);
        let packed = |value: serde_json::Value| Body::Binary(rmp_serde::to_vec_named(&value).unwrap().into());
        check(packed(serde_json::json!({"type": "authenticate", "token": "a"})), Some("a"));
        check(packed(serde_json::json!({"token": "a", "more": [1], "type": "authenticate"})), Some("a"));
        check(packed(serde_json::json!({"type": "ping", "id": 5})), None);
        // The word alone does not sign anybody in, wherever it stands.
        check(packed(serde_json::json!({"type": "chat", "text": "authenticate", "token": "a"})), None);
        check(packed(serde_json::json!({"authenticate": "type", "token": "a"})), None);
        check(packed(serde_json::json!({"type": "authenticate", "token": 5})), None);
        check(packed(serde_json::json!(["authenticate", "a"])), None);
        let mut cut =
            rmp_serde::to_vec_named(&serde_json::json!({"type": "authenticate", "token": "abc"})).unwrap();
        cut.pop();
        check(Body::Binary(cut.into()), None);
        check(Body::Binary(vec![0xc1; 80].into()), None);
    }
}
