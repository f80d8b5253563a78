//! `/stream/ws` without a subprotocol, over real sockets: specifications 001, 002 and 004.

mod common;

use common::{Events, Folder, Socket, close_of, connect, next, publish, replaying, signal};
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
    let bye = hear(&mut socket).await;
    assert_eq!((&bye["type"], &bye["reason"]), (&"bye".into(), &"going_away".into()));
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
        assert_eq!(details["joined"], event != "send_offer");
        assert!(details["reason"].as_str().unwrap().contains("Freight"), "{answer}");
    }
}

#[tokio::test]
async fn events_have_exactly_the_fields_of_specification_002() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    publish(&server, "signal", json!({"data": signal("before")})).await;
    let mut socket = connect(&server, "/stream/ws", &[]).await.unwrap();
    let subscribe = json!({"type": "subscribe", "subscriptions": ["signal", "system"]});
    assert_eq!(ask(&mut socket, subscribe).await["type"], "subscribed");
    let notice = json!({
        "health": "healthy",
        "metrics": {"cpu_usage": 0.65, "memory_usage": 0.72, "response_time": 250.0},
        "alerts": [{"level": "warning", "message": "High CPU usage detected", "timestamp": "2024-01-15T10:30:00Z"}],
        "timestamp": "2024-01-15T10:30:00Z"
    });
    let risk = json!({"risk_score": 0.6, "var": {"historical": 0.08, "parametric": 0.09, "monte_carlo": 0.085},
        "cvar": {"historical": 0.12, "monte_carlo": 0.125}, "volatility": 0.2, "correlation": 0.65,
        "recommendations": ["Moderate risk"], "timestamp": "2024-01-15T10:30:00Z"});
    publish(&server, "risk", json!({"data": risk})).await;
    publish(&server, "signal", json!({"data": signal("signal_123")})).await;
    publish(&server, "notice", json!({"data": notice})).await;
    for (kind, data) in [("signal", signal("signal_123")), ("system", notice)] {
        let mut event = hear(&mut socket).await;
        let timestamp = event.as_object_mut().unwrap().remove("timestamp").unwrap();
        assert!(timestamp.as_str().unwrap().ends_with('Z'), "{timestamp}");
        assert_eq!(event, json!({"type": kind, "data": data}));
    }
}

#[tokio::test]
async fn rooms_are_heard_by_who_joined_them() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    let mut socket = connect(&server, "/stream/ws", &[]).await.unwrap();
    ask(&mut socket, json!({"event": "subscribe_load", "data": "L1"})).await;
    for (room, weight) in [("load/L2", 1), ("load/L1", 2)] {
        let body = json!({"type": "load.updated", "data": {"weight_kg": weight}});
        publish(&server, room, body).await;
    }
    let event = hear(&mut socket).await;
    assert_eq!((&event["event"], &event["room"]), (&"load.updated".into(), &"load/L1".into()));
    assert_eq!(event["data"], json!({"weight_kg": 2}));
}

#[tokio::test]
async fn an_event_source_without_names_gets_the_same_and_resumes() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    let query = "?subscriptions=signal&userId=user-123";
    let mut events = Events::open(&server, query, "").await;
    let first = events.next().await.unwrap();
    assert_eq!(
        (first.name.as_str(), first.retry.is_some(), events.last_id.is_some()),
        ("subscribed", true, true)
    );
    publish(&server, "signal", json!({"data": signal("one")})).await;
    let event = events.next().await.unwrap();
    assert_eq!((event.name.as_str(), &event.data["type"]), ("message", &"signal".into()));
    assert_eq!(event.data["data"], signal("one"));
    let id = events.last_id.take().unwrap();
    drop(events);
    for name in ["two", "three"] {
        publish(&server, "signal", json!({"data": signal(name)})).await;
    }
    let mut events = Events::open(&server, query, &format!("last-event-id: {id}\r\n")).await;
    assert_eq!(events.next().await.unwrap().name, "subscribed");
    for name in ["two", "three"] {
        assert_eq!(events.next().await.unwrap().data["data"]["id"], name);
    }
    let stopping = tokio::spawn(server.stop());
    assert_eq!(events.next().await.unwrap().name, "bye");
    assert!(events.next().await.is_none());
    stopping.await.unwrap();
}

#[tokio::test]
async fn nothing_is_lost_between_two_messages() {
    const COUNT: u64 = 150;
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    let mut socket = connect(&server, "/stream/ws", &[]).await.unwrap();
    ask(&mut socket, json!({"event": "subscribe_load", "data": "L0"})).await;
    let (mut heard, mut refused) = (Vec::new(), 0);
    for number in 0..COUNT {
        publish(&server, "load/L0", json!({"type": "load.updated", "data": {"number": number}})).await;
        // Two in a row, each of which begins to listen anew.
        for load in [format!("A{number}"), format!("B{number}")].iter().filter(|_| number % 4 == 0) {
            say(&mut socket, json!({"event": "subscribe_load", "data": load})).await;
        }
    }
    while heard.len() < COUNT as usize {
        let message = hear(&mut socket).await;
        match message["event"].as_str() {
            Some("load.updated") => heard.push(message["data"]["number"].as_u64().unwrap()),
            Some("error") => refused += 1,
            _ => panic!("{message}"),
        }
    }
    assert!(refused > 2, "{refused}");
    assert_eq!(heard, (0..COUNT).collect::<Vec<_>>());
}
