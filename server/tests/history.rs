//! The past over real sockets: what is kept, ranges of it, trails, a restart, and a disk that does not take it.

mod common;

use common::{AIRCRAFT, Client, Folder, PATIENCE, POLLS, START_S, get, replaying, request, settings, start};
use inflight_server::commands::check::port::OwnPort;
use inflight_server::server::Server;
use inflight_sky::Recording;
use inflight_wire::{ClientFrame, Format, Header};
use serde_json::Value;
use std::io::Read;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Waits until the history reaches so many seconds of the recording.
async fn keeps(server: &Server, seconds: i64) {
    let until = (START_S + seconds) * 1000;
    let mut state = server.history.follow();
    let kept = state.wait_for(|state| state.segments.last().is_some_and(|last| last.to.0 >= until));
    drop(tokio::time::timeout(PATIENCE, kept).await.unwrap().unwrap());
}

async fn json(server: &Server, path: &str) -> (u16, Value) {
    let (status, _, body) = get(server, path).await;
    (status, serde_json::from_str(&body).unwrap())
}

/// The body of an answer that was asked for in gzip, with its chunks put together.
async fn gzip(server: &Server, path: &str) -> (String, Vec<u8>) {
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let host = server.address;
    let text = format!("GET {path} HTTP/1.0\r\nhost: {host}\r\naccept-encoding: br;q=1, gzip;q=0.5\r\n\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    let head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    (String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase(), answer[head + 4..].to_vec())
}

#[tokio::test]
async fn ranges_are_recordings() {
    let folder = Folder::new();
    let server = replaying(&folder, 100.0).await;
    keeps(&server, 200).await;
    let (status, kept) = json(&server, "/api/v1/history").await;
    assert_eq!((status, &kept["enabled"], &kept["from"]), (200, &true.into(), &START_S.into()), "{kept}");
    assert!(kept["to"].as_i64().unwrap() >= START_S + 200 && kept["segments"].as_u64().unwrap() >= 3);
    let path = format!("/api/v1/history/{}/{}", START_S + 50, START_S + 170);
    let (status, _, plain) = request(&server, "GET", &path, "accept-encoding: identity\r\n").await;
    assert_eq!(status, 200);
    // The plain request is of HTTP/1.1, so that its body came in chunks: only the lines are looked at.
    assert_eq!(plain.matches("{\"time\":").count(), 121);
    let (head, packed) = gzip(&server, &path).await;
    assert!(head.contains("content-encoding: gzip") && head.contains("application/x-ndjson"), "{head}");
    let mut lines = Vec::new();
    Read::read_to_end(&mut flate2::read::GzDecoder::new(&packed[..]), &mut lines).unwrap();
    let recording = Recording::open(lines).unwrap();
    assert_eq!((recording.len(), recording.start().0 / 1000), (121, START_S + 50));
    assert_eq!(recording.poll(7).unwrap().observations.len(), AIRCRAFT);
}

#[tokio::test]
async fn what_cannot_be_served_says_why() {
    let folder = Folder::new();
    let server = replaying(&folder, 100.0).await;
    keeps(&server, 10).await;
    for (path, status, code, field) in [
        ("/api/v1/history/now/2023-11-14T22:13:20Z", 400, "bad_time", "from"),
        ("/api/v1/history/1700000000/later", 400, "bad_time", "to"),
        ("/api/v1/history/1700000009/1700000001", 400, "empty_range", "to"),
        ("/api/v1/history/2020-01-01T00:00:00Z/2020-01-02T00:00:00Z", 404, "nothing_kept", ""),
        ("/api/v1/flights/xyz/trail", 400, "bad_icao24", "icao24"),
    ] {
        let (found, body) = json(&server, path).await;
        let error = &body["error"];
        assert_eq!((found, error["code"].as_str().unwrap()), (status, code), "{path}");
        assert_eq!(error["field"].as_str().unwrap_or_default(), field, "{path}");
    }
    let (_, _, metrics) = get(&server, "/metrics").await;
    for expected in ["inflight_history_segments 1", "inflight_history_dropped_total{reason=\"disk\"} 0"] {
        assert!(metrics.contains(expected), "{expected} in\n{metrics}");
    }
}

#[tokio::test]
async fn trails_come_over_both_ways() {
    let folder = Folder::new();
    let server = replaying(&folder, 100.0).await;
    keeps(&server, 130).await;
    let (status, body) = json(&server, "/api/v1/flights/A00003/trail").await;
    let points = body["points"].as_array().unwrap();
    assert_eq!((status, &body["icao24"]), (200, &"a00003".into()));
    assert!(points.len() > 130, "{}", points.len());
    assert_eq!(points[0], serde_json::json!([START_S, 40.65, -74.0, 3048.0, false]));
    let mut client = Client::open(&server, Format::Msgpack).await;
    assert!(matches!(client.frame().await.header, Header::Hello(_)));
    client.send(&ClientFrame::Trail { id: 7, icao24: "a00003".to_owned() }).await;
    let Header::Trail { id: 7, icao24, points } = client.frame().await.header else { panic!("a trail") };
    assert_eq!((icao24.as_str(), points[0].latitude_e6), ("a00003", 40_650_000));
    client.send(&ClientFrame::Trail { id: 8, icao24: "nobody".to_owned() }).await;
    assert!(matches!(client.frame().await.header, Header::Error(body) if body.code == "bad_value"));
}

#[tokio::test]
async fn clients_are_told_what_is_kept() {
    let folder = Folder::new();
    let server = replaying(&folder, 100.0).await;
    keeps(&server, 20).await;
    let mut client = Client::open(&server, Format::Json).await;
    client.json().await;
    client.subscribe(None).await;
    let row = loop {
        let frame = client.json().await;
        let rows = frame.as_array().unwrap().iter().filter_map(|part| part["updated"].as_array()).flatten();
        if let Some(row) = rows.into_iter().find(|row| row["kind"] == "history") {
            break row.clone();
        }
    };
    assert_eq!(row["from"], START_S);
    assert!(row["raw_bytes"].as_u64().unwrap() > 1000, "{row}");
}

#[tokio::test]
async fn the_past_survives_a_restart() {
    let folder = Folder::new();
    let mut settings = settings(&[("OPENSKY_MODE", "live"), ("OPENSKY_API_URL", "http://127.0.0.1:9/api")]);
    settings.history.keep_min = 60;
    settings.history.folder = folder.0.clone();
    let port = OwnPort::take().unwrap();
    settings.port = port.number();
    // What a killed process left: a whole line and half of one.
    let left = folder.0.join(format!("live-{}", settings.port));
    std::fs::create_dir_all(&left).unwrap();
    let poll = inflight_sky::opensky::parse_response(&common::response(0), 1).unwrap();
    let line = inflight_sky::history::write_line("opensky", poll.time, &poll);
    let lines = format!("{line}\n{}", &line[..line.len() / 2]);
    std::fs::write(left.join(format!("{}.jsonl", START_S * 1000)), lines).unwrap();
    for _ in 0..2 {
        let server = start(&settings).await;
        keeps(&server, 0).await;
        let (status, body) = json(&server, "/api/v1/flights/a00001/trail").await;
        assert_eq!((status, body["points"].as_array().unwrap().len()), (200, 1));
        server.stop().await;
    }
}

#[tokio::test]
async fn without_a_disk_everything_else_goes_on() {
    let folder = Folder::new();
    let mut settings = settings(&[]);
    settings.replay.file = folder.recording();
    settings.replay.speed = 100.0;
    settings.history.keep_min = 60;
    // A file stands where the folder should be.
    settings.history.folder = settings.replay.file.clone();
    let server = start(&settings).await;
    let mut status = server.hub.follow_status();
    status.wait_for(|status| status.stream.0 > (START_S + POLLS / 10) * 1000).await.unwrap();
    let (status, kept) = json(&server, "/api/v1/history").await;
    assert_eq!((status, &kept["enabled"]), (200, &false.into()), "{kept}");
    assert!(kept["problem"].as_str().unwrap().contains("test.jsonl"), "{kept}");
    let (status, body) = json(&server, "/api/v1/history/1700000000/1700000001").await;
    assert_eq!((status, &body["error"]["code"]), (404, &"no_history".into()));
}
