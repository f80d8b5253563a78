//! What was acknowledged is there after every kind of end of the real program, once and in order.

mod common;

use common::{Folder, PATIENCE};
use futures_util::{SinkExt, StreamExt};
use inflight_server::commands::check::port::OwnPort;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

/// The program on a port and with a folder that stay the same.
struct Program {
    folder: Folder,
    port: OwnPort,
    key: String,
    process: Option<Child>,
}

impl Program {
    fn new() -> Self {
        let folder = Folder::new();
        folder.recording();
        let mut program = Self { folder, port: OwnPort::take().unwrap(), key: String::new(), process: None };
        let create = ["keys", "create", "--name", "ana", "--role", "admin", "--data-dir", "."];
        let output = program.command(env!("CARGO_BIN_EXE_inflight"), &create).output().unwrap();
        program.key = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        assert!(!program.key.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        program
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        for spec in inflight_server::settings::spec::SPECS {
            command.env_remove(spec.name);
        }
        command.env("DATA_DIR", ".").env("HISTORY_MINUTES", "0").env("LOG_LEVEL", "error");
        // It publishes as fast as the disk takes it.
        command.env("MESSAGES_PER_MINUTE", "100000").env("MESSAGE_BURST", "100000");
        command.current_dir(&self.folder.0).args(arguments);
        command
    }

    /// Starts the program, through these words before its own, and waits until it listens.
    fn start(&mut self, before: &[&str]) {
        let port = self.port.number().to_string();
        let serve = [env!("CARGO_BIN_EXE_inflight"), "serve", "--replay", "test.jsonl", "--port", &port];
        let words = [before, &serve[..]].concat();
        // A log that is long already, as the disk may be full for it too.
        let log = self.folder.0.join("log");
        std::fs::write(&log, vec![b' '; 30_000]).unwrap();
        let log = std::fs::File::options().append(true).open(log).unwrap();
        let mut command = self.command(words[0], &words[1..]);
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        // Blanks of the long log are no news.
        let log = || std::fs::read_to_string(self.folder.0.join("log")).unwrap_or_default();
        assert!(line.contains("inflight on"), "{line:?}, {:?}: {}", child.try_wait(), log().trim());
        // What it says later must not fill the pipe.
        std::thread::spawn(move || out.read_to_end(&mut Vec::new()));
        self.process = Some(child);
    }

    /// Ends it as the system does when memory is short: at once, whatever it does.
    fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    fn address(&self, path: &str) -> String {
        format!("http://{}{path}", self.port.address())
    }

    /// All entries of a room, by offset.
    async fn entries(&self, up_to: u64) -> BTreeMap<u64, String> {
        let mut request = format!("ws://{}/stream/ws", self.port.address()).into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "inflight.v1.json".parse().unwrap());
        let (mut socket, _) = connect_async(request).await.unwrap();
        let wish = json!({"type": "subscribe", "topics": ["load/1"], "resume": {"epoch": 0, "cut": 0}});
        socket.send(Message::Text(wish.to_string().into())).await.unwrap();
        let (mut entries, mut newest) = (BTreeMap::new(), 0);
        while newest < up_to {
            let Message::Text(text) = timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap()
            else {
                continue;
            };
            let frame: Value = serde_json::from_str(&text).unwrap();
            for entry in
                frame.as_array().unwrap().iter().flat_map(|part| part["entries"].as_array()).flatten()
            {
                let offset = entry["offset"].as_u64().unwrap();
                assert!(offset > newest, "{offset} after {newest}");
                newest = offset;
                entries.insert(offset, entry["data"]["text"].as_str().unwrap().to_owned());
            }
        }
        entries
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.kill();
        }
    }
}

/// Publishes; the offset, or the status and code of the refusal. None if the server is gone.
async fn publish(
    client: &reqwest::Client,
    address: &str,
    key: &str,
    text: &str,
) -> Option<Result<u64, String>> {
    let body = json!({"type": "message.sent", "data": {"text": text}}).to_string();
    let request = client.post(address).header("content-type", "application/json").bearer_auth(key).body(body);
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    let body: Value = serde_json::from_str(&response.text().await.ok()?).unwrap();
    Some(
        body["offset"]
            .as_u64()
            .ok_or_else(|| format!("{status} {}", body["error"]["code"].as_str().unwrap_or_default())),
    )
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_program_is_killed() {
    let mut program = Program::new();
    let mut acknowledged = BTreeMap::new();
    for round in 0..3 {
        program.start(&[]);
        let (client, count) = (reqwest::Client::new(), Arc::new(AtomicU32::new(0)));
        let mut publishers = JoinSet::new();
        for publisher in 0..4 {
            let (client, count, key) = (client.clone(), Arc::clone(&count), program.key.clone());
            let address = program.address("/api/v1/events/load/1");
            publishers.spawn(async move {
                let mut told = Vec::new();
                for number in 0.. {
                    let text = format!("{round} {publisher} {number}");
                    let Some(answer) = publish(&client, &address, &key, &text).await else { break };
                    told.push((answer.unwrap(), text));
                    count.fetch_add(1, Ordering::Relaxed);
                }
                told
            });
        }
        // In the middle of it, when some hundred are through.
        while count.load(Ordering::Relaxed) < 200 {
            tokio::task::yield_now().await;
        }
        program.kill();
        for told in publishers.join_all().await {
            for (offset, text) in told {
                assert_eq!(acknowledged.insert(offset, text), None, "{offset} was given twice");
            }
        }
    }
    program.start(&[]);
    let entries = program.entries(*acknowledged.keys().last().unwrap()).await;
    for (offset, text) in &acknowledged {
        assert_eq!(entries.get(offset), Some(text), "{offset}");
    }
    assert!(acknowledged.len() >= 600);
}

/// Correlation and input of each run of the made-up business, by correlation; each may be there once only.
async fn taken_in(program: &Program, client: &reqwest::Client) -> BTreeMap<String, String> {
    let address = program.address("/api/v1/agents/runs?business=example");
    let answer = client.get(address).bearer_auth(&program.key).send().await.unwrap().text().await.unwrap();
    let found: Value = serde_json::from_str(&answer).unwrap();
    let mut taken = BTreeMap::new();
    for run in found["runs"].as_array().unwrap().iter().filter(|run| run["agent"] == "recorder") {
        let text = |name: &str| run[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(taken.insert(text("correlation"), text("status")), None, "twice: {run}");
    }
    taken
}

#[tokio::test]
async fn agents_take_each_acknowledged_signal_in_once_however_often_the_program_is_killed() {
    let (mut program, mut acknowledged) = (Program::new(), Vec::new());
    for round in 0..4 {
        program.start(&[]);
        // No connection of an earlier process.
        let client = reqwest::Client::new();
        let address = program.address("/api/v1/events/signal");
        for number in 0..25 {
            let id = format!("s-{round}-{number}");
            let body = json!({"data": common::signal(&id)}).to_string();
            let request = client.post(&address).bearer_auth(&program.key).body(body).send().await.unwrap();
            assert_eq!(request.status().as_u16(), 201);
            acknowledged.push(id);
        }
        // While the agents are in the middle of them, or have not begun.
        program.kill();
    }
    program.start(&[]);
    let client = reqwest::Client::new();
    let all = async {
        loop {
            let taken = taken_in(&program, &client).await;
            let is_done = |id: &String| taken.get(id).is_some_and(|status| status == "done");
            if acknowledged.iter().all(is_done) {
                return taken;
            }
            tokio::task::yield_now().await;
        }
    };
    let taken = timeout(PATIENCE, all).await.expect("each is taken in");
    assert_eq!(taken.len(), acknowledged.len());
}

#[tokio::test]
async fn a_full_disk_refuses_says_so_and_recovers() {
    let mut program = Program::new();
    // No file of the program may grow beyond this, and it is told so rather than ended.
    let limited = ["sh", "-c", r#"trap "" XFSZ; exec prlimit --fsize=20000:unlimited "$0" "$@""#];
    program.start(&limited);
    let (client, address) = (reqwest::Client::new(), program.address("/api/v1/events/load/1"));
    let long = "x".repeat(1000);
    let mut acknowledged = Vec::new();
    let refusal = loop {
        match publish(&client, &address, &program.key, &long).await.unwrap() {
            Ok(offset) => acknowledged.push(offset),
            Err(refusal) => break refusal,
        }
    };
    assert_eq!((refusal.as_str(), acknowledged.len() > 10), ("507 journal_failed", true));
    let state = async |expected: &str| {
        timeout(PATIENCE, async {
            loop {
                let rows = client.get(program.address("/api/v1/system")).bearer_auth(&program.key).send();
                let rows = rows.await.unwrap().text().await.unwrap();
                if rows.contains(expected) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap_or_else(|_| panic!("{expected} is not told"));
    };
    state(r#""name":"journal","state":"down","code":"disk_full""#).await;
    let process = program.process.as_ref().unwrap().id().to_string();
    assert!(
        Command::new("prlimit").args(["--pid", &process, "--fsize=unlimited"]).status().unwrap().success()
    );
    let offset = publish(&client, &address, &program.key, "after").await.unwrap().unwrap();
    state(r#""name":"journal","state":"up","code":"""#).await;
    program.kill();
    program.start(&[]);
    let entries = program.entries(offset).await;
    acknowledged.push(offset);
    assert_eq!(entries.keys().copied().collect::<Vec<_>>(), acknowledged, "no less and no more");
}
