//! Entries go only to those who may see them: by role, by business, row by row.

mod common;

use common::{Folder, Socket, connect, next, settings, start};
use futures_util::SinkExt;
use inflight_server::auth::key_file::{Locked, NewKey};
use inflight_server::auth::{Role, UserId};
use inflight_server::clock;
use inflight_server::server::Server;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

fn key(folder: &Folder, name: &str, role: Role, businesses: &[&str]) -> String {
    let mut locked = Locked::open(&folder.0).unwrap();
    let businesses = businesses.iter().map(|business| (*business).to_owned()).collect();
    let name = UserId::new(name).unwrap();
    let new = NewKey { name, roles: vec![role], businesses, locations: vec![], expires: None };
    let (_, key) = locked.file.create(new, clock::now()).unwrap();
    locked.write().unwrap();
    key
}

async fn open(server: &Server, key: &str) -> Socket {
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("sec-websocket-protocol", "inflight.v1.json")];
    let mut socket = connect(server, "/stream/ws", &headers).await.unwrap();
    assert_eq!(json_of(&mut socket).await[0]["type"], "hello");
    socket
}

async fn json_of(socket: &mut Socket) -> Value {
    match next(socket).await {
        Message::Text(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn subscribe(socket: &mut Socket, topics: &[&str]) -> Value {
    let wish = json!({"type": "subscribe", "topics": topics});
    socket.send(Message::Text(wish.to_string().into())).await.unwrap();
    json_of(socket).await
}

/// The texts of the entries up to one of them.
async fn until(socket: &mut Socket, last: &str) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    while texts.last().is_none_or(|text| text != last) {
        let frame = json_of(socket).await;
        let entries = frame.as_array().unwrap().iter().flat_map(|part| part["entries"].as_array()).flatten();
        texts.extend(entries.map(|entry| entry["data"]["text"].as_str().unwrap().to_owned()));
    }
    texts
}

async fn post(server: &Server, key: &str, topic: &str, body: &Value) -> (u16, Value) {
    let address = format!("http://{}/api/v1/events/{topic}", server.address);
    let request = reqwest::Client::new().post(address).bearer_auth(key).body(body.to_string());
    let response = request.send().await.unwrap();
    (response.status().as_u16(), serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

#[tokio::test]
async fn entries_of_a_business_are_for_those_who_belong_to_it() {
    let folder = Folder::new();
    let data_dir = folder.0.to_str().unwrap();
    let admin = key(&folder, "admin", Role::Admin, &["*"]);
    let first = key(&folder, "ana", Role::Viewer, &["b1"]);
    let second = key(&folder, "bob", Role::Coordinator, &["b2"]);
    let mut settings = settings(&[("SOURCES", "sbs=127.0.0.1:1"), ("DATA_DIR", data_dir)]);
    settings.journal.folder = folder.0.clone();
    let server = start(&settings).await;
    let (mut ana, mut bob) = (open(&server, &first).await, open(&server, &second).await);
    for socket in [&mut ana, &mut bob] {
        assert_eq!(subscribe(socket, &["load/L1"]).await[0]["type"], "snapshot");
    }
    let refused = subscribe(&mut ana, &["business/b2"]).await;
    assert_eq!((&refused[0]["type"], &refused[0]["code"]), (&"error".into(), &"not_allowed".into()));
    for (text, business) in [("for b1", "b1"), ("for b2", "b2"), ("for all", "")] {
        let mut data = json!({"text": text});
        if !business.is_empty() {
            data["business_id"] = business.into();
        }
        let body = json!({"type": "load.updated", "data": data});
        let (status, answer) = post(&server, &admin, "load/L1", &body).await;
        assert_eq!(status, 201, "{answer}");
    }
    assert_eq!(until(&mut ana, "for all").await, ["for b1", "for all"]);
    assert_eq!(until(&mut bob, "for all").await, ["for b2", "for all"]);

    let body =
        |business: &str| json!({"type": "load.updated", "data": {"business_id": business, "text": "x"}});
    for (key, topic, body, expected) in [
        (&first, "load/L1", body("b1"), "403 not_allowed"),
        (&second, "load/L1", body("b1"), "403 not_allowed"),
        (&second, "load/L1", body("b2"), "201 "),
        (&second, "signal", json!({"data": {}}), "403 not_allowed"),
        (&admin, "weather", json!({}), "404 unknown_topic"),
        (
            &admin,
            "load/L1",
            json!({"type": "load.updated", "data": {"text": "x".repeat(70_000)}}),
            "413 too_large",
        ),
        (&admin, "signal", json!({"data": {"id": 5}}), "400 bad_value data.id"),
        (&String::new(), "load/L1", body("b1"), "401 unauthorised"),
    ] {
        let (status, answer) = post(&server, key, topic, &body).await;
        let word = |name: &str| answer["error"][name].as_str().unwrap_or_default().to_owned();
        let told = format!("{status} {} {}", word("code"), word("field"));
        assert!(told.starts_with(expected), "{topic}: {told}, expected {expected}: {answer}");
    }
}

/// Reads until somebody came or went, and tells who: `+load/L1/ana` or `-load/L1/ana`.
async fn comings(socket: &mut Socket, count: usize) -> Vec<String> {
    let mut told = Vec::new();
    while told.len() < count {
        let frame = json_of(socket).await;
        for part in frame.as_array().unwrap().iter().filter(|part| part["topic"] == "presence") {
            told.extend(
                part["removed"].as_array().unwrap().iter().map(|key| format!("-{}", key.as_str().unwrap())),
            );
            let came = part["updated"].as_array().unwrap().iter();
            told.extend(
                came.map(|row| {
                    format!("+{}/{}", row["room"].as_str().unwrap(), row["user"].as_str().unwrap())
                }),
            );
        }
    }
    told.sort();
    told
}

#[tokio::test]
async fn who_signs_in_anew_is_in_the_room_under_the_new_name_or_not_at_all() {
    let folder = Folder::new();
    let watcher = key(&folder, "eve", Role::Coordinator, &[]);
    let (trader, viewer) = (key(&folder, "ana", Role::Trader, &[]), key(&folder, "ana", Role::Viewer, &[]));
    let mut settings = settings(&[("DATA_DIR", folder.0.to_str().unwrap())]);
    settings.replay.file = folder.recording();
    let server = start(&settings).await;
    let topics = ["negotiation/N1", "presence"];
    let mut watching = open(&server, &watcher).await;
    subscribe(&mut watching, &topics).await;
    assert_eq!(comings(&mut watching, 1).await, ["+negotiation/N1/eve"]);
    // Whoever sits at this machine needs no name.
    let mut socket =
        connect(&server, "/stream/ws", &[("sec-websocket-protocol", "inflight.v1.json")]).await.unwrap();
    assert_eq!(json_of(&mut socket).await[0]["type"], "hello");
    subscribe(&mut socket, &topics).await;
    assert_eq!(comings(&mut watching, 1).await, ["+negotiation/N1/anonymous"]);

    let says =
        |token: &str| Message::Text(json!({"type": "authenticate", "token": token}).to_string().into());
    socket.send(says(&trader)).await.unwrap();
    assert_eq!(comings(&mut watching, 2).await, ["+negotiation/N1/ana", "-negotiation/N1/anonymous"]);
    // Who may not look into the room is not in it, and hears nothing of it.
    socket.send(says(&viewer)).await.unwrap();
    assert_eq!(comings(&mut watching, 1).await, ["-negotiation/N1/ana"]);
    loop {
        let frame = json_of(&mut socket).await;
        if frame[0]["type"] == "error" {
            assert_eq!(frame[0]["code"], "not_allowed", "{frame}");
            break;
        }
    }
}

#[tokio::test]
async fn who_comes_back_right_behind_a_snapshot_is_told_who_is_there() {
    let folder = Folder::new();
    let (eve, ana) = (key(&folder, "eve", Role::Coordinator, &[]), key(&folder, "ana", Role::Trader, &[]));
    let server =
        start(&settings(&[("SOURCES", "sbs=127.0.0.1:1"), ("DATA_DIR", folder.0.to_str().unwrap())])).await;
    let topics = ["load/L1", "presence"];
    let mut there = open(&server, &eve).await;
    subscribe(&mut there, &topics).await;
    assert_eq!(comings(&mut there, 1).await, ["+load/L1/eve"]);
    let mut first = open(&server, &ana).await;
    let snapshot = subscribe(&mut first, &topics).await;
    assert_eq!((&snapshot[0]["type"], &snapshot[0]["parts"]), (&"snapshot".into(), &1.into()));
    drop(first);
    let mut again = open(&server, &ana).await;
    let resume = json!({"epoch": snapshot[0]["epoch"], "cut": snapshot[0]["cut"]});
    let wish = json!({"type": "subscribe", "topics": topics, "resume": resume});
    again.send(Message::Text(wish.to_string().into())).await.unwrap();
    assert!(comings(&mut again, 1).await.contains(&"+load/L1/eve".to_owned()));
}
