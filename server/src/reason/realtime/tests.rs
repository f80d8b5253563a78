//! The model of the Realtime API against the examples of its own document, which are not part of the project.

use crate::reason::realtime::client_event::ClientEvent;
use crate::reason::realtime::server_event::{ServerEvent, read};
use serde_json::{Value, json};

fn check(text: &str, expected: Result<ServerEvent, &str>) {
    let heard = read(text);
    assert_eq!(heard, expected.map_err(str::to_owned), "{text}");
}

#[test]
fn every_example_is_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/openai/realtime_event_examples.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("not checked: {path} is not there");
        return;
    };
    let schemas: Value = serde_json::from_str(&text).unwrap();
    let (mut server, mut client) = (0, 0);
    for (name, schema) in schemas.as_object().unwrap() {
        for example in schema["examples"].as_array().unwrap() {
            if name.starts_with("RealtimeServer") {
                let heard = read(&example.to_string());
                assert!(heard.as_ref().is_ok_and(|event| *event != ServerEvent::Other), "{name}: {heard:?}");
                server += 1;
            } else if example["type"] != "transcription_session.update" {
                let event: ClientEvent = serde_json::from_value(example.clone()).unwrap();
                assert_eq!(serde_json::to_value(event).unwrap(), *example, "{name}");
                client += 1;
            } else {
                assert!(
                    serde_json::from_value::<ClientEvent>(example.clone()).is_err(),
                    "left with the beta"
                );
                client += 1;
            }
        }
    }
    assert_eq!(server + client, 60);
}

#[test]
fn names_of_the_beta_are_understood() {
    let delta = |kind: &str| json!({"type": kind, "response_id": "r", "delta": "a", "obfuscation": "x"});
    let [new, old] =
        ["response.output_text.delta", "response.text.delta"].map(|kind| read(&delta(kind).to_string()));
    assert!(new == old && matches!(new, Ok(ServerEvent::TextDelta { .. })), "{new:?}");
}

#[test]
fn what_is_not_known_is_no_error() {
    check(r#"{"type":"response.wink","x":1}"#, Ok(ServerEvent::Other));
    check(r#"{"type":"conversation.created","conversation":null}"#, Ok(ServerEvent::ConversationCreated));
    check(r#"{"type":" input_audio_buffer.dtmf_event_received "}"#, Ok(ServerEvent::Aside));
}

#[test]
fn what_is_no_event_is_said() {
    check("hello", Err("expected JSON"));
    check("[]", Err("expected a type"));
    check(r#"{"type":"error"}"#, Err("error: missing field `error`"));
    check(
        r#"{"type":"response.done","response":{"id":null,"output":null,"status_details":null}}"#,
        Ok(ServerEvent::ResponseDone { response: crate::reason::realtime::item::Response::default() }),
    );
}
