//! Who did what: entries of connections, commands and refusals, the plain interface, the command, a full disk.

mod common;

use common::{Folder, connect, get, request, settings, start};
use futures_util::SinkExt;
use inflight_server::audit::AuditSettings;
use inflight_server::server::Server;
use serde_json::Value;
use std::process::Command;

/// A server that keeps a trail below the folder.
async fn audited(folder: &Folder) -> Server {
    let mut settings = settings(&[]);
    settings.replay.file = folder.recording();
    settings.site_root = folder.0.clone();
    settings.data_dir = folder.0.clone();
    settings.journal.folder = folder.0.clone();
    settings.audit = Some(AuditSettings { max_bytes: 1 << 30, keep: None });
    start(&settings).await
}

async fn trail(server: &Server, query: &str) -> Value {
    let (status, _, body) = get(server, &format!("/api/v1/audit{query}")).await;
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

/// Asks until an entry of this action is there.
async fn until(server: &Server, action: &str) -> Value {
    let started = std::time::Instant::now();
    loop {
        let body = trail(server, "").await;
        let entries = body["entries"].as_array().unwrap();
        if let Some(entry) = entries.iter().find(|entry| entry["action"] == action) {
            return entry.clone();
        }
        assert!(started.elapsed() < common::PATIENCE, "no {action} in {body}");
    }
}

fn verify(folder: &Folder, arguments: &[&str]) -> (i32, Value, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inflight"));
    command.current_dir(&folder.0).args(["audit", "verify", "audit"]).args(arguments);
    let output = command.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap_or_default(), stderr)
}

#[tokio::test]
async fn what_people_do_is_kept_and_proves_itself() {
    let folder = Folder::new();
    let server = audited(&folder).await;
    let headers = [("sec-websocket-protocol", "inflight.v1.json"), ("x-request-id", "abc-7")];
    let mut socket = connect(&server, "/stream/ws", &headers).await.unwrap();
    let pause = r#"{"type":"replay","id":1,"command":{"action":"pause"}}"#;
    socket.send(pause.into()).await.unwrap();
    let command = until(&server, "command").await;
    assert_eq!(
        (&command["actor"], &command["target"], &command["result"], &command["correlation_id"]),
        (&"anonymous".into(), &"replay pause".into(), &"done".into(), &"abc-7/1".into())
    );
    let connect_entry = until(&server, "connect").await;
    assert_eq!(connect_entry["target"], "stream/json");
    socket.close(None).await.unwrap();
    assert_eq!(until(&server, "disconnect").await["result"], "by_client");
    let foreign = "origin: http://evil.example\r\nconnection: upgrade\r\n";
    let (status, _, _) = request(&server, "GET", "/stream/sse", foreign).await;
    assert_eq!(status, 403);
    let refused = until(&server, "refused").await;
    assert_eq!(
        (&refused["target"], &refused["result"]),
        (&"GET /stream/sse".into(), &"foreign_origin".into())
    );
    let page = trail(&server, "?before=3&limit=1").await;
    assert_eq!((page["entries"].as_array().unwrap().len(), &page["entries"][0]["seq"]), (1, &2.into()));
    assert_eq!(trail(&server, "").await["verified"], true);
    assert_eq!(get(&server, "/api/v1/audit?before=x").await.0, 400);
    server.stop().await;

    let (code, report, _) = verify(&folder, &["--json"]);
    assert_eq!((code, &report[0]["broken"]), (0, &Value::Null), "{report}");
    assert_eq!(report[0]["entries"], 4);
    let below = std::fs::read_dir(folder.0.join("audit")).unwrap().next().unwrap().unwrap().path();
    let file = below.join("audit-000000000001.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("127.0.0.1") && text.lines().count() == 4, "{text}");
    std::fs::write(&file, text.replacen("replay pause", "replay speed", 1)).unwrap();
    let (code, report, stderr) = verify(&folder, &["--json"]);
    assert_eq!(
        (code, &report[0]["broken"]["kind"], &report[0]["broken"]["line"]),
        (5, &"tampered".into(), &2.into())
    );
    assert!(stderr.contains("line 2: tampered at number 2"), "{stderr}");
}

#[tokio::test]
async fn a_server_goes_on_without_a_trail_and_says_so() {
    let folder = Folder::new();
    // A file where the folder should be.
    std::fs::write(folder.0.join("audit"), "").unwrap();
    let server = audited(&folder).await;
    let started = std::time::Instant::now();
    loop {
        let (status, _, body) = get(&server, "/readyz").await;
        let body: Value = serde_json::from_str(&body).unwrap();
        let audit =
            body["dependencies"].as_array().unwrap().iter().find(|row| row["name"] == "audit").cloned();
        if let Some(audit) = audit.filter(|_| status == 200) {
            assert_eq!((&audit["state"], &audit["code"]), (&"degraded".into(), &"not_opened".into()));
            break;
        }
        assert!(started.elapsed() < common::PATIENCE, "{body}");
    }
    assert!(connect(&server, "/ws/flights", &[]).await.is_ok());
    let (status, _, body) = get(&server, "/health").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &body["status"]), (200, &"degraded".into()), "{body}");
    assert!(
        body["timestamp"].as_str().unwrap().ends_with('Z') && body["metrics"]["errorRate"].is_f64(),
        "{body}"
    );
}
