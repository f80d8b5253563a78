//! What is not the same for all: who is in a room, a slower pace, a part of the world.

mod common;

use common::{Client, Folder, replaying};
use inflight_domain::{Draft, EventData, Json, RoomEvent, TopicName};
use inflight_server::hub::form::Form;
use inflight_server::server::Server;
use inflight_sky::motion;
use inflight_wire::schema::READABLE;
use inflight_wire::{ClientFrame, Format, Header, Mirror, Subscribe};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

async fn open(server: &Server, form: impl Into<Form>, wish: Subscribe) -> Client {
    let mut client = Client::open(server, form).await;
    client.send(&ClientFrame::Subscribe(wish)).await;
    client
}

/// Reads the JSON form until who is there is as expected.
async fn until_present(client: &mut Client, keys: &mut BTreeSet<String>, expected: &[&str]) {
    let expected: BTreeSet<String> = expected.iter().map(|key| (*key).to_owned()).collect();
    while *keys != expected {
        let frame = client.json().await;
        for segment in frame.as_array().unwrap().iter().filter(|segment| segment["topic"] == "presence") {
            for key in segment["removed"].as_array().unwrap() {
                keys.remove(key.as_str().unwrap());
            }
            for row in segment["updated"].as_array().unwrap() {
                keys.insert(format!(
                    "{}/{}x{}",
                    row["room"].as_str().unwrap(),
                    row["user"].as_str().unwrap(),
                    row["connections"]
                ));
                let older = row["connections"].as_u64().unwrap() - 1;
                keys.remove(&format!(
                    "{}/{}x{older}",
                    row["room"].as_str().unwrap(),
                    row["user"].as_str().unwrap()
                ));
            }
        }
    }
}

#[tokio::test]
async fn people_see_each_other_in_the_rooms_that_they_are_in() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    let mut first = open(&server, Format::Json, Subscribe::to(&["presence", "load/1"], None)).await;
    let mut keys = BTreeSet::new();
    until_present(&mut first, &mut keys, &["load/1/anonymousx1"]).await;
    let elsewhere = open(&server, Format::Json, Subscribe::to(&["presence", "load/2"], None)).await;
    let second = open(&server, Format::Json, Subscribe::to(&["load/1"], None)).await;
    until_present(&mut first, &mut keys, &["load/1/anonymousx2"]).await;
    drop((elsewhere, second));
    // Whoever joins later is told of who is there.
    let mut third = open(&server, Format::Json, Subscribe::to(&["presence", "load/1"], None)).await;
    let mut keys = BTreeSet::new();
    while keys.is_empty() {
        let frame = third.json().await;
        let rows = frame.as_array().unwrap().iter().flat_map(|part| part["updated"].as_array().cloned());
        keys.extend(rows.flatten().map(|row| row["room"].as_str().unwrap().to_owned()));
    }
    assert_eq!(keys, BTreeSet::from(["load/1".to_owned()]));
}

#[tokio::test]
async fn a_slow_pace_is_kept_and_leaves_nothing_out() {
    let folder = Folder::new();
    let server = replaying(&folder, 50.0).await;
    let wish = Subscribe { max_hz: Some(4.0), ..Subscribe::to(&["flights", "system"], None) };
    let mut client = open(&server, Form::Msgpack, wish).await;
    let mut mirror = Mirror::new(motion::advance);
    let (mut ticks, mut started) = (0, None);
    while ticks < 6 {
        let frame = client.frame().await;
        mirror.apply(&frame).unwrap();
        if matches!(frame.header, Header::Tick(_)) {
            ticks += 1;
            started = started.or_else(|| Some(Instant::now()));
        }
    }
    // The server ticks every 20 ms; five more of ours take 1.25 s.
    let elapsed = started.unwrap().elapsed();
    assert!(elapsed > Duration::from_millis(1000), "{elapsed:?}");
    assert!(mirror.position().is_some() && mirror.flight_count() > 0);
}

#[tokio::test]
async fn only_the_part_that_is_looked_at_comes_and_moves_cost_nothing() {
    let folder = Folder::new();
    let server = replaying(&folder, 50.0).await;
    let near = [40.0, -75.0, 42.0, -73.0];
    let far = [10.0, 100.0, 12.0, 102.0];
    let wish = |area| Subscribe { area: Some(area), ..Subscribe::to(&["flights"], None) };
    let mut client = open(&server, Form::Msgpack, wish(near)).await;
    let mut mirror = Mirror::new(motion::advance);
    let mut see = async |client: &mut Client, count: usize| {
        let mut followed = 0;
        while mirror.flight_count() != count || followed < 5 {
            let frame = client.frame().await;
            if !matches!(frame.header, Header::Hello(_) | Header::Error(_)) {
                mirror.apply(&frame).unwrap();
            }
            followed += 1;
        }
    };
    see(&mut client, common::AIRCRAFT).await;
    client.send(&ClientFrame::Look { area: far }).await;
    see(&mut client, 0).await;
    // More moves than a client may send messages; the last one counts.
    for number in 0..120 {
        client.send(&ClientFrame::Look { area: if number % 2 == 0 { near } else { far } }).await;
    }
    client.send(&ClientFrame::Look { area: near }).await;
    see(&mut client, common::AIRCRAFT).await;
}

#[tokio::test]
async fn wishes_that_cannot_be_are_named() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    let mut client = Client::open(&server, Format::Json).await;
    assert_eq!(client.json().await[0]["topics"].as_array().unwrap().len(), 10);
    for (message, expected) in [
        (
            json!({"type": "subscribe", "topics": ["flights"], "max_hz": 0}),
            "max_hz: expected a number from 0.01 to 100",
        ),
        (
            json!({"type": "subscribe", "topics": ["flights"], "box": [2, 0, 1, 1]}),
            "box: expected south, west",
        ),
        (
            json!({"type": "subscribe", "topics": ["system"], "box": [0, 0, 1, 1]}),
            "box: expected south, west",
        ),
        (json!({"type": "subscribe", "topics": ["load/a b"]}), "topics: expected some of flights"),
        (json!({"type": "look", "box": [0, 0, 1, 1]}), "box: expected south, west"),
    ] {
        let text = Message::Text(message.to_string().into());
        futures_util::SinkExt::send(&mut client.socket, text).await.unwrap();
        let error: Value = client.json().await;
        assert_eq!(error[0]["type"], "error", "{message}: {error}");
        assert!(error[0]["message"].as_str().unwrap().starts_with(expected), "{message}: {error}");
    }
}

#[tokio::test]
async fn old_clients_are_served_or_told_why_not() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    let wish =
        |schema: &str| Subscribe { schema: Some(schema.to_owned()), ..Subscribe::to(&["flights"], None) };
    for (form, schema, served) in [
        (Form::Msgpack, READABLE[0], true),
        (Form::Msgpack, "0123456789abcdef", false),
        (Form::Deflate, "0123456789abcdef", false),
    ] {
        let mut client = open(&server, form, wish(schema)).await;
        assert!(matches!(client.frame().await.header, Header::Hello(_)));
        let header = client.frame().await.header;
        let refused = matches!(&header, Header::Error(body) if body.code == "outdated_schema");
        assert!(refused != served && (refused || matches!(header, Header::Snapshot(_))), "{header:?}");
    }
    let mut client = open(&server, Format::Json, wish("0123456789abcdef")).await;
    assert_eq!(client.json().await[0]["type"], "hello");
    assert_eq!(client.json().await[0]["type"], "snapshot");
}

/// A recording of one poll with many aircraft, so that a snapshot is larger than what the system buffers.
fn many(folder: &Folder) -> std::path::PathBuf {
    let start_s = common::START_S;
    let rows: Vec<String> = (0..45_000)
        .map(|number| {
            let (latitude, longitude) = (f64::from(number / 450) - 50.0, f64::from(number % 450) / 2.0 - 150.0);
            format!(
                "[\"{number:06x}\",\"T{number}\",\"Nowhere\",{start_s},{start_s},{longitude},{latitude},3048.0,false,\
                 55.6,0.0,0.0,null,3100.0,\"1200\",false,0]"
            )
        })
        .collect();
    let path = folder.0.join("many.jsonl");
    std::fs::write(&path, format!("{{\"time\":{start_s},\"states\":[{}]}}", rows.join(","))).unwrap();
    path
}

#[tokio::test]
async fn what_is_said_does_not_wait_for_a_long_snapshot() {
    let folder = Folder::new();
    let mut settings = common::settings(&[]);
    settings.replay.file = many(&folder);
    settings.replay.speed = 0.1;
    settings.journal.folder = folder.0.clone();
    let server = common::start(&settings).await;
    let mut client = open(&server, Format::Json, Subscribe::to(&["flights", "load/1"], None)).await;
    while client.json().await[0]["type"] != "snapshot" {}
    // The client does not read meanwhile, and the rest of fifteen megabytes waits.
    let data = EventData::Room(RoomEvent { kind: "message.sent".to_owned(), data: Json::Object(Vec::new()) });
    let draft = Draft { topic: TopicName::parse("load/1").unwrap(), data, by: None };
    server.hub.publish(draft).await.unwrap();
    let mut types = Vec::new();
    while types.last().is_none_or(|(_, entries)| *entries == 0)
        || types.last().is_some_and(|(kind, _)| kind != "tick")
    {
        let frame = client.json().await;
        let entries =
            frame.as_array().unwrap().iter().flat_map(|part| part["entries"].as_array()).flatten().count();
        types.push((frame[0]["type"].as_str().unwrap().to_owned(), entries));
    }
    let early = types.iter().position(|(kind, _)| kind == "early").unwrap();
    assert!(types[early + 1..].iter().any(|(kind, _)| kind == "snapshot"), "parts come after it");
    let told = types.iter().filter(|(kind, entries)| kind == "tick" && *entries == 1).count();
    assert_eq!((types[early].1, told), (1, 1), "it comes again in its turn, once");
}

#[tokio::test]
async fn what_is_said_neither_waits_for_a_slow_pace_nor_breaks_it() {
    let folder = Folder::new();
    let server = replaying(&folder, 50.0).await;
    let wish = Subscribe { max_hz: Some(1.0), ..Subscribe::to(&["flights", "load/1"], None) };
    let mut client = open(&server, Format::Json, wish).await;
    while client.json().await[0]["type"] != "tick" {}
    let (mut published, mut early, mut told) = (Vec::new(), Vec::new(), Vec::new());
    // The first may come while the client is in step, and then in a tick at once.
    while early.len() < 3 || told != published {
        if early.len() < 3 {
            let data = EventData::Room(RoomEvent {
                kind: "message.sent".to_owned(),
                data: Json::Object(Vec::new()),
            });
            let draft = Draft { topic: TopicName::parse("load/1").unwrap(), data, by: None };
            published.push(server.hub.publish(draft).await.unwrap().offset);
        }
        let frame = client.json().await;
        let entries = frame.as_array().unwrap().iter().flat_map(|part| part["entries"].as_array()).flatten();
        let offsets = entries.map(|entry| entry["offset"].as_u64().unwrap());
        if frame[0]["type"] == "early" { early.extend(offsets) } else { told.extend(offsets) }
    }
    assert!(early.is_sorted() && early.iter().all(|offset| published.contains(offset)));
}
