//! `/stream/ws` over real sockets: snapshot, ticks, resume, control, refusals, leave-taking.

mod common;

use common::{AIRCRAFT, Client, Folder, close_of, connect, next, replaying};
use futures_util::SinkExt;
use inflight_server::hub::form::Form;
use inflight_sky::motion;
use inflight_wire::mirror::Applied;
use inflight_wire::{ClientFrame, Format, Header, Mirror, ReplayCommand, Resume, ServerFrame, Subscribe};
use tokio_tungstenite::tungstenite::Message;

/// Applies frames until `done` says so.
async fn follow(client: &mut Client, mirror: &mut Mirror, done: impl Fn(&Mirror, &ServerFrame) -> bool) {
    loop {
        let frame = client.frame().await;
        mirror.apply(&frame).unwrap();
        if done(mirror, &frame) {
            return;
        }
    }
}

async fn synced(server: &inflight_server::server::Server) -> (Client, Mirror) {
    synced_as(server, Form::Msgpack).await
}

async fn synced_as(server: &inflight_server::server::Server, form: Form) -> (Client, Mirror) {
    let mut client = Client::open(server, form).await;
    let Header::Hello(hello) = client.frame().await.header else { panic!("no hello") };
    assert_eq!((hello.protocol.as_str(), hello.tick_ms, hello.message_bytes), ("inflight.v1", 20, 65_536));
    client.subscribe(None).await;
    let mut mirror = Mirror::new(motion::advance);
    follow(&mut client, &mut mirror, |_, frame| matches!(frame.header, Header::Digest(_))).await;
    (client, mirror)
}

fn position(frame: &ServerFrame) -> Option<Resume> {
    match &frame.header {
        Header::Tick(header) => Some(Resume { epoch: header.epoch, cut: header.cut }),
        Header::Snapshot(header) => Some(Resume { epoch: header.epoch, cut: header.cut }),
        _ => None,
    }
}

#[tokio::test]
async fn a_snapshot_is_followed_by_ticks() {
    let folder = Folder::new();
    let server = replaying(&folder, 50.0).await;
    let (mut client, mut mirror) = synced(&server).await;
    assert_eq!(mirror.flight_count(), AIRCRAFT);
    let mut ticks = 0;
    while ticks < 10 {
        let frame = client.frame().await;
        if let Header::Tick(_) = frame.header {
            assert_eq!(mirror.apply(&frame).unwrap(), Applied::Changed);
            ticks += 1;
        }
    }
    assert!(mirror.system().contains_key("source/replay"));
}

#[tokio::test]
async fn a_client_that_asks_for_it_gets_every_message_deflated() {
    let folder = Folder::new();
    let server = replaying(&folder, 50.0).await;
    let (mut client, mut mirror) = synced_as(&server, Form::Deflate).await;
    client.send(&ClientFrame::Ping { id: 3 }).await;
    let mut ponged = false;
    let mut ticks = 0;
    while ticks < 10 || !ponged {
        let frame = client.frame().await;
        ponged |= frame.header == Header::Pong { id: 3 };
        if let Header::Tick(_) = frame.header {
            assert_eq!(mirror.apply(&frame).unwrap(), Applied::Changed);
            ticks += 1;
        }
    }
    let (epoch, cut) = mirror.position().unwrap();
    client.subscribe(Some(Resume { epoch, cut })).await;
    follow(&mut client, &mut mirror, |_, frame| matches!(frame.header, Header::Tick(_))).await;
    // A digest proves the table, so that nothing was lost on the way.
    client.subscribe(None).await;
    follow(&mut client, &mut mirror, |_, frame| matches!(frame.header, Header::Digest(_))).await;
    assert_eq!(mirror.flight_count(), AIRCRAFT);
}

#[tokio::test]
async fn a_client_that_was_away_gets_only_what_changed() {
    let folder = Folder::new();
    let server = replaying(&folder, 50.0).await;
    let (mut client, mut mirror) = synced(&server).await;
    let frame = client.frame().await;
    let left = position(&frame).unwrap_or_else(|| panic!("{:?}", frame.header));
    drop(client);
    // The mirror is one tick behind `left`, so it resumes from its own position.
    let (epoch, cut) = mirror.position().unwrap();
    assert!(left.cut > cut);
    let mut client = Client::open(&server, Format::Msgpack).await;
    assert!(matches!(client.frame().await.header, Header::Hello(_)));
    client.subscribe(Some(Resume { epoch, cut })).await;
    let frame = client.frame().await;
    let Header::Tick(header) = &frame.header else { panic!("{:?}", frame.header) };
    assert_eq!((header.epoch, header.base), (epoch, cut));
    mirror.apply(&frame).unwrap();
    follow(&mut client, &mut mirror, |_, frame| matches!(frame.header, Header::Tick(_))).await;
}

#[tokio::test]
async fn a_position_of_another_life_gets_a_snapshot() {
    let folder = Folder::new();
    let server = replaying(&folder, 50.0).await;
    let mut client = Client::open(&server, Format::Msgpack).await;
    assert!(matches!(client.frame().await.header, Header::Hello(_)));
    client.subscribe(Some(Resume { epoch: inflight_domain::Epoch(1), cut: inflight_domain::Cut(5) })).await;
    assert!(matches!(client.frame().await.header, Header::Snapshot(_)));
}

#[tokio::test]
async fn the_json_form_holds_whole_payloads() {
    let folder = Folder::new();
    let server = replaying(&folder, 50.0).await;
    let mut client = Client::open(&server, Format::Json).await;
    assert_eq!(client.json().await[0]["type"], "hello");
    client.subscribe(None).await;
    let mut seen = 0;
    loop {
        let frame = client.json().await;
        let segments = frame.as_array().unwrap().iter().skip(1);
        for segment in segments.filter(|segment| segment["topic"] == "flights") {
            seen = segment["updated"].as_array().unwrap().len();
            assert!(segment["updated"][0]["position"]["lat"].is_f64(), "{segment}");
        }
        if frame[0]["type"] == "tick" {
            break;
        }
    }
    assert_eq!(seen, AIRCRAFT);
}

#[tokio::test]
async fn a_seek_starts_a_new_epoch() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    let (mut client, mut mirror) = synced(&server).await;
    let (before, _) = mirror.position().unwrap();
    let to = inflight_domain::UnixMillis((common::START_S + 300) * 1000);
    client.send(&ClientFrame::Replay { id: 7, command: ReplayCommand::Pause {} }).await;
    client.send(&ClientFrame::Replay { id: 8, command: ReplayCommand::Seek { to } }).await;
    let mut done = Vec::new();
    loop {
        let frame = client.frame().await;
        if let Header::Done { id } = frame.header {
            done.push(id);
        }
        mirror.apply(&frame).unwrap();
        if done == [7, 8] && mirror.position().is_some_and(|(epoch, _)| epoch > before) {
            break;
        }
    }
    assert_eq!(mirror.clock().stream_ms, to.0);
    assert_eq!(mirror.clock().rate, 0.0);
    client.send(&ClientFrame::Replay { id: 9, command: ReplayCommand::Speed { value: 1e9 } }).await;
    loop {
        if let Header::Error(error) = client.frame().await.header {
            assert_eq!((error.code.as_str(), error.id), ("bad_value", Some(9)));
            break;
        }
    }
}

#[tokio::test]
async fn small_mistakes_keep_the_connection() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    let mut client = Client::open(&server, Format::Json).await;
    assert_eq!(client.json().await[0]["type"], "hello");
    client.send(&ClientFrame::Subscribe(Subscribe::to(&["weather"], None))).await;
    let error = client.json().await;
    assert_eq!((&error[0]["type"], &error[0]["code"]), (&"error".into(), &"unknown_topic".into()));
    client.send(&ClientFrame::Ping { id: 5 }).await;
    assert_eq!(client.json().await, serde_json::json!([{"type": "pong", "id": 5}]));
}

#[tokio::test]
async fn bad_messages_close_with_a_code() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    let bad = |format, message, code, reason| (format, message, (code, reason));
    for (format, message, expected) in [
        bad(Format::Json, Message::text("{"), 4000, "bad_message"),
        bad(Format::Json, Message::text("{\"type\":\"dance\"}"), 4000, "bad_message"),
        bad(Format::Json, Message::text("{\"type\":\"ping\",\"id\":1,\"x\":2}"), 4000, "bad_message"),
        bad(Format::Json, Message::binary(vec![0x80]), 4000, "bad_message"),
        bad(Format::Msgpack, Message::binary(vec![0xc1]), 4000, "bad_message"),
        bad(Format::Msgpack, Message::binary(vec![0xdf, 0xff, 0xff, 0xff, 0xff]), 4000, "bad_message"),
        bad(Format::Msgpack, Message::binary(vec![0x91; 60_000]), 4000, "bad_message"),
        bad(Format::Msgpack, Message::text("{}"), 4000, "bad_message"),
        bad(Format::Msgpack, Message::binary(vec![0; 70_000]), 1009, "message_too_large"),
    ] {
        let mut client = Client::open(&server, format).await;
        client.socket.send(message).await.unwrap();
        let (code, reason) = close_of(&mut client.socket).await;
        assert_eq!((code, reason.as_str()), expected);
    }
}

#[tokio::test]
async fn an_error_says_why_before_the_close() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    let mut client = Client::open(&server, Format::Json).await;
    assert_eq!(client.json().await[0]["type"], "hello");
    client.socket.send(Message::text("{\"type\":\"dance\"}")).await.unwrap();
    let error = client.json().await;
    assert_eq!(error[0]["code"], "bad_message");
    assert!(error[0]["message"].as_str().unwrap().contains("dance"), "{error}");
}

#[tokio::test]
async fn refusals_have_codes() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    for (path, headers, status, code) in [
        ("/stream/ws", vec![("sec-websocket-protocol", "graphql-ws, soap")], 400, "unknown_subprotocol"),
        ("/ws/flights?format=xml", vec![], 400, "unknown_format"),
        ("/stream/ws", vec![("origin", "http://evil.example")], 403, "foreign_origin"),
        ("/ws/flights", vec![("origin", "null")], 403, "foreign_origin"),
        ("/ws/other", vec![], 404, "not_found"),
    ] {
        let response = connect(&server, path, &headers).await.err().unwrap();
        let body: serde_json::Value =
            serde_json::from_slice(response.body().as_deref().unwrap_or_default()).unwrap();
        assert_eq!((response.status().as_u16(), &body["error"]["code"]), (status, &code.into()), "{path}");
    }
    let several = [("sec-websocket-protocol", "soap, inflight.v1.msgpack")];
    assert!(connect(&server, "/stream/ws", &several).await.is_ok());
}

#[tokio::test]
async fn the_end_is_announced() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    let mut client = Client::open(&server, Format::Json).await;
    assert_eq!(client.json().await[0]["type"], "hello");
    let mut plain = connect(&server, "/ws/flights", &[]).await.unwrap();
    assert!(matches!(next(&mut plain).await, Message::Text(_)));
    let stopping = tokio::spawn(server.stop());
    let bye = client.json().await;
    assert_eq!((&bye[0]["type"], &bye[0]["reason"]), (&"bye".into(), &"going_away".into()));
    assert!((500..3500).contains(&bye[0]["retry_ms"].as_u64().unwrap()), "{bye}");
    assert_eq!(close_of(&mut client.socket).await, (1001, "going_away".to_owned()));
    assert_eq!(close_of(&mut plain).await.0, 1001);
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_tick_may_be_larger_than_a_mebibyte() {
    const MANY: usize = 6_000;
    let folder = Folder::new();
    let file = folder.0.join("many.jsonl");
    let time = common::START_S + 1;
    let rows: Vec<String> = (0..MANY)
        .map(|number| {
            format!(
                "[\"{number:06x}\",\"TEST\",\"Nowhere\",{time},{time},-74.0,40.5,3048.0,false,55.6,0.0,0.0,null,\
                 3100.0,\"1200\",false,0]"
            )
        })
        .collect();
    let polls = [common::response(0), format!("{{\"time\":{time},\"states\":[{}]}}", rows.join(","))];
    std::fs::write(&file, polls.join("\n")).unwrap();
    let mut settings = common::settings(&[]);
    (settings.replay.file, settings.replay.start_paused) = (file, true);
    (settings.replay.looped, settings.site_root) = (false, folder.0.clone());
    let server = common::start(&settings).await;
    let mut client = Client::open(&server, Format::Json).await;
    assert_eq!(client.json().await[0]["type"], "hello");
    client.subscribe(None).await;
    client.send(&ClientFrame::Replay { id: 1, command: ReplayCommand::Play {} }).await;
    loop {
        let Message::Text(text) = client.message().await else { panic!("no frame") };
        if text.len() > 1024 * 1024 {
            let frame: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(frame[0]["type"], "tick");
            assert_eq!(frame[1]["updated"].as_array().unwrap().len(), MANY);
            return;
        }
    }
}
