//! `/stream/ws` without a subprotocol, over real sockets: specifications 001, 002 and 004.

mod common;

use common::{Folder, Socket, close_of, connect, next, replaying};
use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

async fn say(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

async fn hear(socket: &mut Socket) -> Value {
    match next(socket).await {
        Message::Text(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Sends and takes the answer, without its times.
async fn ask(socket: &mut Socket, message: Value) -> Value {
    say(socket, message).await;
    let mut answer = hear(socket).await;
    for place in ["", "/data"] {
        if let Some(Value::Object(map)) = answer.pointer_mut(place) {
            map.remove("timestamp");
        }
    }
    answer
}

#[tokio::test]
async fn subscriptions_grow_and_shrink() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    let mut socket = connect(&server, "/stream/ws", &[]).await.unwrap();
    let subscribe = json!({"type": "subscribe", "subscriptions": ["system", "signal"]});
    let now = json!({"type": "subscribed", "subscriptions": ["signal", "system"]});
    assert_eq!(ask(&mut socket, subscribe).await, now);
    let unsubscribe = json!({"type": "unsubscribe", "subscriptions": ["signal", "risk"]});
    let now = json!({"type": "unsubscribed", "subscriptions": ["system"]});
    assert_eq!(ask(&mut socket, unsubscribe).await, now);
    say(&mut socket, json!({"type": "pong"})).await;
    assert_eq!(ask(&mut socket, json!({"type": "ping", "id": 5})).await, json!({"type": "pong", "id": 5}));
    let stopping = tokio::spawn(server.stop());
    assert_eq!(close_of(&mut socket).await, (1001, "going_away".to_owned()));
    stopping.await.unwrap();
}

#[tokio::test]
async fn mistakes_are_answered_in_the_shape_of_their_specification() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    let mut socket = connect(&server, "/stream/ws", &[]).await.unwrap();
    let error = ask(&mut socket, json!({"event": "subscribe_load", "data": 5, "id": "7"})).await;
    assert_eq!((&error["event"], &error["id"]), (&"error".into(), &"7".into()));
    assert_eq!(
        (&error["data"]["type"], &error["data"]["details"]["field"]),
        (&"message_error".into(), &"data".into())
    );
    let error = ask(&mut socket, json!({"type": "dance", "correlationId": "c-1"})).await;
    assert_eq!((&error["type"], &error["errorType"]), (&"error".into(), &"validation_error".into()));
    assert_eq!((&error["correlationId"], &error["details"]["field"]), (&"c-1".into(), &"type".into()));
    socket.send(Message::text("{")).await.unwrap();
    assert_eq!(hear(&mut socket).await["details"]["code"], "not_json");
    socket.send(Message::binary(vec![0x80])).await.unwrap();
    assert_eq!(hear(&mut socket).await["details"]["code"], "not_text");
}

#[tokio::test]
async fn gateway_messages_say_who_will_answer_them() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    let mut socket = connect(&server, "/stream/ws", &[]).await.unwrap();
    for (event, data, room) in [
        ("subscribe_load", json!("L1"), "load/L1"),
        ("start_matching", json!("L1"), "matching/L1"),
        ("join_negotiation", json!({"negotiationId": "N"}), "negotiation/N"),
        ("send_offer", json!({"negotiationId": "N", "amount": 5}), "negotiation/N"),
        ("subscribe_market_data", json!({"lane": "A-B", "equipmentType": "van"}), "market/A-B/van"),
    ] {
        let answer = ask(&mut socket, json!({"event": event, "data": data, "id": 1})).await;
        let details = &answer["data"]["details"];
        assert_eq!((&details["code"], &details["room"]), (&"not_available".into(), &room.into()), "{answer}");
        assert!(details["reason"].as_str().unwrap().contains("Freight"), "{answer}");
    }
}
