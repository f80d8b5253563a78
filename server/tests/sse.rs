//! `/stream/sse` over real connections: the same content as the socket, resume, refusals, leave-taking.

mod common;

use common::{AIRCRAFT, Client, Events, Folder, get, publish, replaying, request, signal};
use inflight_server::server::Server;
use inflight_wire::{ClientFrame, Format, ReplayCommand, Subscribe};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Tables as the JSON form tells them, whatever brought it.
#[derive(Default)]
struct Tables {
    position: (u64, u64),
    /// Entries in the order in which they came.
    entries: Vec<Value>,
    rows: BTreeMap<(String, String), Value>,
}

impl Tables {
    fn apply(&mut self, frame: &Value) {
        let header = &frame[0];
        let number = |name: &str| header[name].as_u64().unwrap();
        match header["type"].as_str().unwrap() {
            "snapshot" if header["part"] == 0 => {
                self.rows.clear();
            }
            "snapshot" => {}
            "tick" => assert_eq!(self.position, (number("epoch"), number("base")), "{header}"),
            _ => return,
        }
        for segment in frame.as_array().unwrap().iter().skip(1) {
            let topic = segment["topic"].as_str().unwrap();
            if topic == "events" {
                self.entries.extend(segment["entries"].as_array().unwrap().iter().cloned());
                continue;
            }
            for key in segment["removed"].as_array().unwrap() {
                self.rows.remove(&(topic.to_owned(), key.as_str().unwrap().to_owned()));
            }
            for row in segment["updated"].as_array().unwrap() {
                self.rows.insert((topic.to_owned(), key_of(topic, row)), row.clone());
            }
        }
        // A snapshot counts when it is whole.
        if header["part"].as_u64().map(|part| part + 1) == header["parts"].as_u64() {
            self.position = (number("epoch"), number("cut"));
        }
    }

    fn offsets(&self) -> Vec<u64> {
        self.entries.iter().map(|entry| entry["offset"].as_u64().unwrap()).collect()
    }

    fn newest(&self) -> u64 {
        self.offsets().last().copied().unwrap_or_default()
    }

    fn count(&self, topic: &str) -> usize {
        self.rows.keys().filter(|(of, _)| of == topic).count()
    }
}

fn key_of(topic: &str, row: &Value) -> String {
    let text = |name: &str| row[name].to_string().trim_matches('"').to_owned();
    match (topic, row["kind"].as_str().unwrap_or_default()) {
        ("flights", _) => text("icao24"),
        ("disruptions", _) => text("id"),
        (_, "source") => format!("source/{}", text("name")),
        (_, "drops") => format!("drops/{}", text("reason")),
        (_, "dead_letter") => format!("dead_letter/{}", text("place")),
        (_, kind) => kind.to_owned(),
    }
}

fn place(server: &Server) -> (u64, u64) {
    let status = server.hub.status();
    (status.epoch.0, status.cut.0)
}

#[tokio::test]
async fn events_and_socket_tell_the_same() {
    let folder = Folder::new();
    let server = replaying(&folder, 20.0).await;
    publish(&server, "signal", json!({"data": signal("before")})).await;
    let mut events = Events::open(&server, "?topics=flights,system,disruptions,signal,load/L1", "").await;
    let mut client = Client::open(&server, Format::Json).await;
    let topics = ["flights", "system", "disruptions", "signal", "load/L1"].map(str::to_owned).to_vec();
    client.send(&ClientFrame::Subscribe(Subscribe { topics, ..Subscribe::default() })).await;
    let to = inflight_domain::UnixMillis((common::START_S + 300) * 1000);
    let script = [
        ReplayCommand::Speed { value: 50.0 },
        ReplayCommand::Pause {},
        ReplayCommand::Step { polls: 3 },
        ReplayCommand::Seek { to },
        ReplayCommand::Play {},
        ReplayCommand::Pause {},
    ];
    for (id, command) in (1..).zip(script) {
        client.send(&ClientFrame::Replay { id, command }).await;
        publish(&server, "signal", json!({"data": signal(&id.to_string())})).await;
        publish(&server, "load/L2", json!({"type": "load.updated", "data": {}})).await;
        publish(&server, "load/L1", json!({"type": "load.updated", "data": {"id": id}})).await;
    }
    let (mut heard, mut read, mut done) = (Tables::default(), Tables::default(), 0);
    while done < 6 || read.newest() < 19 || read.position < place(&server) {
        let frame = client.json().await;
        done += u64::from(frame[0]["type"] == "done");
        read.apply(&frame);
    }
    while heard.position < read.position {
        heard.apply(&events.next().await.unwrap().data);
    }
    let differing: Vec<_> = read.rows.iter().filter(|(key, row)| heard.rows.get(key) != Some(row)).collect();
    assert_eq!((differing, heard.rows.len()), (Vec::new(), read.rows.len()));
    assert_eq!(heard.entries, read.entries);
    assert_eq!(heard.offsets(), [1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19]);
    assert_eq!((heard.count("flights"), heard.count("system") > 2), (AIRCRAFT, true));
}

#[tokio::test]
async fn a_reader_that_was_away_gets_only_what_changed() {
    let folder = Folder::new();
    let server = replaying(&folder, 50.0).await;
    let mut events = Events::open(&server, "?topics=flights", "").await;
    assert!(events.head.contains("content-type: text/event-stream"), "{}", events.head);
    let mut tables = Tables::default();
    let first = events.next().await.unwrap();
    assert_eq!(first.name, "hello");
    assert!(first.retry.is_some());
    while events.last_id.is_none() {
        tables.apply(&events.next().await.unwrap().data);
    }
    let id = events.last_id.take().unwrap();
    assert_eq!(id, format!("{}:{}", tables.position.0, tables.position.1));
    drop(events);
    for (query, headers) in [
        ("?topics=flights".to_owned(), format!("last-event-id: {id}\r\n")),
        (format!("?topics=flights&last_event_id={id}"), String::new()),
    ] {
        let mut events = Events::open(&server, &query, &headers).await;
        assert_eq!(events.next().await.unwrap().name, "hello");
        let tick = events.next().await.unwrap();
        assert_eq!((tick.name.as_str(), tick.data[0]["base"].as_u64()), ("tick", Some(tables.position.1)));
    }
    let mut events = Events::open(&server, "?topics=flights", "last-event-id: 1:5\r\n").await;
    assert_eq!(events.next().await.unwrap().name, "hello");
    assert_eq!(events.next().await.unwrap().name, "snapshot");
}

#[tokio::test]
async fn the_end_is_announced_and_stalled_readers_do_not_hold_it_up() {
    let folder = Folder::new();
    let server = replaying(&folder, 50.0).await;
    let mut events = Events::open(&server, "?topics=system", "").await;
    // Another one never reads.
    let stalled = Events::open(&server, "", "").await;
    assert_eq!(events.next().await.unwrap().name, "hello");
    let stopping = tokio::spawn(server.stop());
    let mut last = None;
    while let Some(event) = events.next().await {
        last = Some(event);
    }
    let bye = last.unwrap();
    assert_eq!((bye.name.as_str(), bye.retry), ("bye", bye.data[0]["retry_ms"].as_u64()));
    tokio::time::timeout(common::PATIENCE, stopping).await.unwrap().unwrap();
    drop(stalled);
}

#[tokio::test]
async fn requests_that_cannot_be_served_are_told_why() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    for (path, headers, status, code) in [
        ("/stream/sse?topics=weather", "", 400, "unknown_topic"),
        ("/stream/sse?topic=flights", "", 400, "unknown_parameter"),
        ("/stream/sse?last_event_id=x", "", 400, "bad_value"),
        ("/stream/sse", "origin: http://evil.example\r\n", 403, "foreign_origin"),
    ] {
        let (found, _, body) = request(&server, "GET", path, headers).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((found, &body["error"]["code"]), (status, &code.into()), "{path}");
    }
    let gzip = "accept-encoding: gzip, br\r\n";
    let origin = format!("origin: http://{}\r\n", server.address);
    let events = Events::open(&server, "", &format!("{gzip}{origin}")).await;
    assert!(!events.head.contains("content-encoding"), "{}", events.head);
    assert!(
        events.head.contains(&format!("access-control-allow-{origin}").replace('\r', "")),
        "{}",
        events.head
    );
    let (_, _, metrics) = get(&server, "/metrics").await;
    assert!(metrics.contains("inflight_connections{endpoint=\"sse\",format=\"json\"} 1"), "{metrics}");
}
