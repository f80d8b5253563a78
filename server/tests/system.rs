//! What the server tells of itself: rows, the last hour, connections, health, metrics of the real program.

mod common;

use common::{AIRCRAFT, Client, Folder, connect, get, next, settings, start};
use inflight_server::hub::form::Form;
use inflight_server::server::Server;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server that samples itself quickly.
async fn watched(folder: &Folder) -> Server {
    let mut settings = settings(&[]);
    settings.replay.file = folder.recording();
    settings.site_root = folder.0.clone();
    settings.sample_every = Duration::from_millis(30);
    start(&settings).await
}

async fn json(server: &Server, path: &str) -> Value {
    let (status, _, body) = get(server, path).await;
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

/// Asks until the answer is as wanted; a server that never gives it fails by the test's own time.
async fn until(server: &Server, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let started = std::time::Instant::now();
    loop {
        let body = json(server, path).await;
        if wanted(&body) {
            return body;
        }
        assert!(started.elapsed() < common::PATIENCE, "{path}: {body}");
    }
}

fn row<'a>(body: &'a Value, kind: &str, name: &str) -> &'a Value {
    let rows = body["rows"].as_array().unwrap();
    let found = rows.iter().find(|row| row["kind"] == kind && (name.is_empty() || row["name"] == name));
    found.unwrap_or(&Value::Null)
}

#[tokio::test]
async fn rows_tell_process_connections_topics_and_limits() {
    let folder = Folder::new();
    let server = watched(&folder).await;
    let mut client = Client::open(&server, Form::Msgpack).await;
    client.subscribe(None).await;
    let body = until(&server, "/api/v1/system", |body| {
        row(body, "topic", "flights")["subscribers"] == 1 && row(body, "process", "")["cpu_pct"].is_f64()
    })
    .await;
    let process = row(&body, "process", "");
    assert_eq!(process["version"], env!("CARGO_PKG_VERSION"));
    assert!(process["memory_bytes"].as_u64() > Some(1_000_000) && process["tasks"].as_u64() > Some(2));
    let flights = row(&body, "topic", "flights");
    assert_eq!((&flights["form"], &flights["rows"]), (&"state".into(), &AIRCRAFT.into()));
    assert_eq!(row(&body, "limits", "")["messages_per_minute"], 100);
    let connections = row(&body, "connections", "");
    assert_eq!((&connections["open"], &connections["users"]), (&1.into(), &1.into()), "{connections}");
    assert_eq!(connections["by"][0]["endpoint"], "stream");
    assert_eq!(row(&body, "source", "replay")["state"], "replay");
    let trend = until(&server, "/api/v1/system/history", |body| body["at"][2].is_number()).await;
    assert_eq!(trend["step_s"], 5);
    for name in inflight_server::watch::trend::SERIES {
        let values = trend["series"][name].as_array().unwrap().len();
        assert_eq!(values, trend["at"].as_array().unwrap().len(), "{name}");
    }
}

#[tokio::test]
async fn the_topic_brings_the_same_rows_and_survives_a_new_epoch() {
    let folder = Folder::new();
    let server = watched(&folder).await;
    let offer = [("sec-websocket-protocol", "inflight.v1.json")];
    let mut socket = connect(&server, "/stream/ws", &offer).await.unwrap();
    let subscribe = r#"{"type":"subscribe","topics":["system"]}"#;
    let seek = r#"{"type":"replay","id":1,"command":{"action":"seek","to":1700000100}}"#;
    for text in [subscribe, seek] {
        futures_util::SinkExt::send(&mut socket, text.into()).await.unwrap();
    }
    let (mut epochs, mut told) = (std::collections::BTreeSet::new(), 0);
    while epochs.len() < 2 || told < 2 {
        let frame: Value = serde_json::from_str(&next(&mut socket).await.into_text().unwrap()).unwrap();
        let fresh = frame[0]["type"] == "snapshot" && epochs.insert(frame[0]["epoch"].as_u64());
        told = if fresh { 0 } else { told };
        let rows = frame[1]["updated"].as_array().cloned().unwrap_or_default();
        told += rows.iter().filter(|row| row["kind"] == "topic" || row["kind"] == "process").count();
    }
}

#[tokio::test]
async fn connections_are_listed_while_they_are_open() {
    let folder = Folder::new();
    let server = watched(&folder).await;
    let mut client = Client::open(&server, Form::Json).await;
    client.subscribe(None).await;
    let plain = connect(&server, "/ws/flights", &[]).await.unwrap();
    let body = until(&server, "/api/v1/connections", |body| {
        body["connections"][1]["topics"][0] == "flights" && body["connections"][0]["topics"][1] == "system"
    })
    .await;
    let first = &body["connections"][0];
    assert_eq!((&first["user"], &first["role"]), (&"anonymous".into(), &"viewer".into()));
    assert_eq!((&first["endpoint"], &first["form"]), (&"stream".into(), &"json".into()));
    assert!(first["messages_sent"].as_u64() > Some(0) && first["lag_cuts"].is_u64(), "{first}");
    drop((client, plain));
    until(&server, "/api/v1/connections", |body| body["connections"][0].is_null()).await;
}

#[tokio::test]
async fn an_alert_is_a_row_and_a_notice() {
    let folder = Folder::new();
    let mut settings = settings(&[]);
    settings.replay.file = folder.recording();
    settings.site_root = folder.0.clone();
    settings.journal.folder = folder.0.clone();
    settings.sample_every = Duration::from_millis(30);
    settings.history.keep_min = 5;
    // A file where the folder should be.
    settings.history.folder = folder.0.join("history");
    std::fs::write(&settings.history.folder, "").unwrap();
    let server = start(&settings).await;
    let failed = |body: &Value| {
        body["rows"].as_array().unwrap().iter().find(|row| row["code"] == "history_failed").cloned()
    };
    let body = until(&server, "/api/v1/system", |body| failed(body).is_some()).await;
    let alert = failed(&body).unwrap();
    assert_eq!((&alert["level"], &alert["ended"]), (&"attention".into(), &Value::Null));
    assert_eq!(row(&body, "dependency", "history")["code"], "unwritable");
    assert_eq!(json(&server, "/health").await["status"], "degraded");
    // A snapshot of an event topic holds what was said before.
    let offer = [("sec-websocket-protocol", "inflight.v1.json")];
    let mut socket = connect(&server, "/stream/ws", &offer).await.unwrap();
    let subscribe = r#"{"type":"subscribe","topics":["notice"]}"#;
    futures_util::SinkExt::send(&mut socket, subscribe.into()).await.unwrap();
    let text = "The history is degraded (unwritable)";
    loop {
        let frame: Value = serde_json::from_str(&next(&mut socket).await.into_text().unwrap()).unwrap();
        let entries = frame[1]["entries"].as_array().cloned().unwrap_or_default();
        let alerts = |entry: &Value| entry["data"]["alerts"].as_array().cloned().unwrap_or_default();
        let is_told = |alert: &Value| alert["level"] == "warning" && alert["message"] == text;
        if let Some(entry) = entries.iter().find(|entry| alerts(entry).iter().any(is_told)) {
            assert_eq!((&entry["topic"], &entry["data"]["health"]), (&"notice".into(), &"degraded".into()));
            return;
        }
    }
}

/// The program, ended with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        drop((self.0.kill(), self.0.wait()));
    }
}

/// Starts the program on a free port; where it listens.
fn serve(folder: &Folder, arguments: &[&str]) -> (Program, String) {
    folder.recording();
    let mut command = Command::new(env!("CARGO_BIN_EXE_inflight"));
    for spec in inflight_server::settings::spec::SPECS {
        command.env_remove(spec.name);
    }
    command.current_dir(&folder.0).args(["serve", "--replay", "test.jsonl", "--port", "0"]).args(arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split_once("http://").unwrap().1.split(' ').next().unwrap().to_owned();
    (Program(child), address)
}

fn ask(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_program_shows_metrics_under_every_promised_name() {
    let folder = Folder::new();
    let (_program, address) = serve(&folder, &[]);
    assert!(ask(&address, "/no-such-page").contains("not_found"));
    let started = std::time::Instant::now();
    let text = loop {
        let text = ask(&address, "/metrics");
        if text.contains("process_resident_memory_bytes") {
            break text;
        }
        assert!(started.elapsed() < common::PATIENCE, "{text}");
    };
    for expected in [
        "# TYPE websocket_connected_clients gauge",
        "websocket_connected_clients 0",
        "# TYPE websocket_message_rate counter",
        "websocket_errors{type=\"bad_message\"} 0",
        "ws_connections_total 0",
        "ws_messages_total{type=\"subscribe\"} 0",
        "ws_errors_total{type=\"rate_limited\"} 0",
        "# TYPE ws_message_latency_seconds histogram",
        "producer_polls_total{status=\"success\"}",
        "producer_poll_latency_seconds_bucket",
        "producer_flights_published_total{topic=\"flights.state\"}",
        "producer_api_errors_total{error_type=\"rate_limited\"} 0",
        "producer_deadletter_total",
        "producer_current_flights",
        "inflight_http_errors_total{code=\"not_found\"} 1",
        "inflight_digest_mismatches_total{topic=\"flights\"} 0",
        "inflight_rate_limited_total 0",
        "inflight_lag_cuts 0",
        "inflight_alerts{level=\"alarm\"} 0",
        "inflight_tick_seconds_bucket",
        "process_start_time_seconds",
    ] {
        assert!(text.contains(expected), "{expected} in\n{text}");
    }
}
