//! What a client sends, from MessagePack: on the worker's side and on the server's.

use crate::client::{ClientFrame, ReplayCommand, Resume, Subscribe};
use crate::read::{Map, ReadError, float};
use crate::unpack::{Value, unpack};
use inflight_domain::Cut;

/// Names of messages and of what can be done to a recording, for errors.
const TYPES: &str = "subscribe, look, ping, replay or trail";
const ACTIONS: &str = "play, pause, speed, seek, loop or step";

/// Reads what a client sent in MessagePack.
///
/// # Errors
/// When the bytes are no frame; the error names the member.
pub fn decode_client(bytes: &[u8]) -> Result<ClientFrame, ReadError> {
    let value = unpack(bytes)?;
    let Value::Map(members) = &value else { return Err(ReadError::NoMap) };
    let map = Map(members);
    match map.str("type")? {
        "subscribe" => {
            map.only(&["type", "topics", "resume", "max_hz", "box", "schema"])?;
            let is_said = |name| *map.get(name) != Value::Nil;
            Ok(ClientFrame::Subscribe(Subscribe {
                topics: map.texts("topics")?,
                resume: is_said("resume").then(|| read_resume(map.map("resume")?)).transpose()?,
                max_hz: is_said("max_hz").then(|| map.float("max_hz")).transpose()?,
                area: is_said("box").then(|| read_box(map.array("box")?)).transpose()?,
                schema: is_said("schema").then(|| map.text("schema")).transpose()?,
            }))
        }
        // The worker has no parts of the world to offer.
        #[cfg(not(target_family = "wasm"))]
        "look" => {
            map.only(&["type", "box"])?;
            Ok(ClientFrame::Look { area: read_box(map.array("box")?)? })
        }
        "ping" => {
            map.only(&["type", "id"])?;
            Ok(ClientFrame::Ping { id: map.unsigned("id")? })
        }
        "replay" => {
            map.only(&["type", "id", "command"])?;
            Ok(ClientFrame::Replay { id: map.unsigned("id")?, command: read_command(map.map("command")?)? })
        }
        "trail" => {
            map.only(&["type", "id", "icao24"])?;
            Ok(ClientFrame::Trail { id: map.unsigned("id")?, icao24: map.text("icao24")? })
        }
        _ => Err(ReadError::Choice("type", TYPES)),
    }
}

fn read_box(degrees: &[Value<'_>]) -> Result<[f64; 4], ReadError> {
    let [south, west, north, east] = degrees else { return Err(ReadError::Member("box")) };
    let degree = |value| float(value).ok_or(ReadError::Member("box"));
    Ok([degree(south)?, degree(west)?, degree(north)?, degree(east)?])
}

fn read_resume(map: Map<'_>) -> Result<Resume, ReadError> {
    map.only(&["epoch", "cut"])?;
    Ok(Resume { epoch: map.epoch()?, cut: Cut(map.unsigned("cut")?) })
}

fn read_command(map: Map<'_>) -> Result<ReplayCommand, ReadError> {
    let action = map.str("action")?;
    let (command, value) = match action {
        "play" => (ReplayCommand::Play {}, None),
        "pause" => (ReplayCommand::Pause {}, None),
        "speed" => (ReplayCommand::Speed { value: map.float("value")? }, Some("value")),
        "seek" => (ReplayCommand::Seek { to: map.time("to")? }, Some("to")),
        "loop" => (ReplayCommand::Loop { on: map.bool("on")? }, Some("on")),
        "step" => (ReplayCommand::Step { polls: map.integer("polls")? }, Some("polls")),
        _ => return Err(ReadError::Choice("action", ACTIONS)),
    };
    map.only(&["action", value.unwrap_or("action")])?;
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Format;
    use serde_json::json;

    /// The library reads the message too; it must accept and turn away the same.
    fn check(message: &serde_json::Value, expected: &str) {
        let bytes = Format::Msgpack.encode(message);
        let theirs = rmp_serde::from_slice::<ClientFrame>(&bytes);
        match decode_client(&bytes) {
            Ok(frame) => assert_eq!((theirs.unwrap(), ""), (frame, expected), "{message}"),
            Err(error) => {
                assert!(theirs.is_err(), "{message}: {theirs:?}");
                assert!(error.to_string().contains(expected) && !expected.is_empty(), "{message}: {error}");
            }
        }
    }

    #[test]
    fn accepts_and_turns_away_as_the_library_does() {
        for (message, expected) in [
            (json!({"type": "ping", "id": 7}), ""),
            (json!({"id": 7, "type": "ping"}), ""),
            (json!({"type": "subscribe", "topics": ["flights"]}), ""),
            (json!({"type": "subscribe", "topics": [], "resume": null}), ""),
            (json!({"type": "subscribe", "topics": [], "resume": {"epoch": 1, "cut": 2}}), ""),
            (json!({"type": "subscribe", "topics": [], "max_hz": 2, "box": [40.5, -74, 41, -73.5]}), ""),
            (json!({"type": "subscribe", "topics": [], "schema": "0123456789abcdef"}), ""),
            (json!({"type": "subscribe", "topics": [], "schema": 5}), "`schema`"),
            (json!({"type": "subscribe", "topics": [], "max_hz": null, "box": null}), ""),
            (json!({"type": "look", "box": [40.5, -74, 41, -73.5]}), ""),
            (json!({"type": "look"}), "`box`"),
            (json!({"type": "replay", "id": 1, "command": {"action": "play"}}), ""),
            (json!({"type": "replay", "id": 1, "command": {"action": "seek", "to": 1.5}}), ""),
            (json!({"type": "replay", "id": 1, "command": {"action": "speed", "value": 4}}), ""),
            (json!({"type": "trail", "id": 1, "icao24": "acddf8"}), ""),
            (json!([]), "a map"),
            (json!({}), "`type`"),
            (json!({"type": "shout"}), "expected subscribe, look, ping, replay or trail"),
            (json!({"type": "ping"}), "`id`"),
            (json!({"type": "ping", "id": -1}), "`id`"),
            (json!({"type": "ping", "id": 1, "colour": 2}), r#"only "type", "id""#),
            (json!({"type": "trail", "id": 1, "icao24": 5}), "`icao24`"),
            (json!({"type": "subscribe", "topics": ["a", 1]}), "`topics`"),
            (json!({"type": "subscribe", "topics": [], "resume": {"epoch": 1}}), "`cut`"),
            (json!({"type": "subscribe", "topics": [], "max_hz": "fast"}), "`max_hz`"),
            (json!({"type": "subscribe", "topics": [], "box": [1, 2, 3]}), "`box`"),
            (json!({"type": "subscribe", "topics": [], "box": [1, 2, 3, "x"]}), "`box`"),
            (json!({"type": "replay", "id": 1, "command": {"action": "play", "x": 1}}), "only"),
            (json!({"type": "replay", "id": 1, "command": {"action": "fly"}}), "expected play, pause"),
        ] {
            check(&message, expected);
        }
    }
}
