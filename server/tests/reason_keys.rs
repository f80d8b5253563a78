//! A key that anybody would recognise goes through the program, and is found nowhere in what the program says.

mod common;

use common::access::{SECRET, admin, bearer};
use common::{Folder, PATIENCE, settings};
use inflight_server::commands::check::port::OwnPort;
use inflight_server::commands::dev::realtime::{Manner, start};
use inflight_server::metrics::Metrics;
use inflight_server::reason::Reasoner;
use inflight_server::settings::spec::SPECS;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tokio::time::timeout;

const KEY: &str = "sk-recognisable-0123456789";

/// All that the program says with these settings, at the finest level of the log, must hold `expected` and no key.
async fn check(words: &[&str], environment: &[(&str, &str)], expected: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inflight"));
    command.current_dir(env!("CARGO_TARGET_TMPDIR")).args(words);
    command.env("OPENAI_API_KEY", KEY).env("LOG_LEVEL", "trace").envs(environment.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(said.contains(expected), "{said}");
    // A part of it is as bad as the whole.
    assert!(!said.contains("recognisable"), "{said}");
}

#[tokio::test]
async fn a_key_is_in_no_log_and_no_error() {
    let ask = ["dev", "ask", "hello there"];
    let good = start(0, Manner { key: Some(KEY.to_owned()), ..Manner::default() }).await.unwrap();
    let bad = start(0, Manner { key: Some("another".to_owned()), ..Manner::default() }).await.unwrap();
    let realtime = |url: &str| [("REASONER", "realtime".to_owned()), ("OPENAI_REALTIME_URL", url.to_owned())];
    for (stand_in, expected) in [(&good, "echo: hello there"), (&bad, "refused (invalid_api_key)")] {
        let environment = realtime(&stand_in.url());
        check(&ask, &environment.each_ref().map(|(name, value)| (*name, value.as_str())), expected).await;
    }
    // The same over HTTP, where nobody speaks it: a socket that speaks WebSocket alone and one that is closed.
    for (url, expected) in [
        (format!("http://{}/v1", good.address), "broken_off"),
        ("http://127.0.0.1:1/v1".to_owned(), "connection"),
    ] {
        check(&ask, &[("OPENAI_BASE_URL", &url), ("MAX_RETRIES", "0")], expected).await;
    }
    check(&["check-config"], &[], "OPENAI_API_KEY").await;
    check(&["check-config", "--json"], &[("REASONER", "nonsense")], "expected local, chat or realtime").await;
    let seal = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff-recognisable";
    check(&["check-config"], &[("ENCRYPTION_KEY", seal)], "expected 64 hex digits").await;
}

#[tokio::test]
async fn a_key_is_in_no_debug_text_and_no_metric() {
    for kind in ["chat", "realtime"] {
        let settings = settings(&[("OPENAI_API_KEY", KEY), ("REASONER", kind)]);
        let mut said = format!("{settings:?}");
        let metrics = Metrics::new(&settings.topics);
        let reasoner = Reasoner::new(settings.reason, metrics.clone()).unwrap();
        said.push_str(&format!("{reasoner:?} {:?} {}", reasoner.row(), metrics.render()));
        assert!(said.contains(kind) && !said.contains("recognisable"), "{said}");
    }
}

/// A whole program whose agents ask a stand-in.
struct Program {
    child: Child,
    address: String,
    client: reqwest::Client,
    /// All that it answered.
    said: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Program {
    fn serve(folder: &Folder, model: &str) -> Self {
        folder.recording();
        let mut command = Command::new(env!("CARGO_BIN_EXE_inflight"));
        for spec in SPECS {
            command.env_remove(spec.name);
        }
        command.current_dir(&folder.0).args(["serve", "--port", "0"]);
        command.env("SOURCES", "sbs=127.0.0.1:1").env("JWT_SECRET", SECRET).env("JWT_AUDIENCE", "ops");
        command.env("OPENAI_API_KEY", KEY).env("LOG_LEVEL", "trace");
        command.env("REASONER", "realtime").env("OPENAI_REALTIME_URL", model).env("MAX_RETRIES", "0");
        let log = File::create(folder.0.join("log")).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_once("http://").unwrap().1.split(' ').next().unwrap().to_owned();
        Self { child, address, client: reqwest::Client::new(), said: line }
    }

    async fn ask(&mut self, method: &str, path: &str, body: &Value) -> String {
        let address = format!("http://{}{path}", self.address);
        let request = self.client.request(method.parse().unwrap(), address).body(body.to_string());
        let request = request.header("authorization", bearer(&admin()));
        let response = timeout(PATIENCE, request.send()).await.unwrap().unwrap();
        let text = format!("{:?} {}", response.headers().clone(), response.text().await.unwrap());
        self.said.push_str(&text);
        text
    }

    /// Says something and waits for the end of the run; all that is known of it.
    async fn say(&mut self, text: &str) -> String {
        let said = json!({"businessId": "carpat", "text": text});
        let answer = self.ask("POST", "/api/v1/agents/messages", &said).await;
        let run = answer.split_once("\"run\":\"").unwrap().1.split('"').next().unwrap().to_owned();
        let path = format!("/api/v1/agents/runs/{run}");
        let ended = async {
            loop {
                let row = self.ask("GET", &path, &Value::Null).await;
                if row.contains("\"finished\":") || row.contains("\"failed\":") {
                    return row;
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, ended).await.unwrap()
    }
}

/// Every file below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[tokio::test]
async fn a_key_is_in_nothing_that_a_whole_run_leaves_behind() {
    let folder = Folder::new();
    let port = OwnPort::take().unwrap();
    let model =
        start(port.number(), Manner { key: Some(KEY.to_owned()), ..Manner::default() }).await.unwrap();
    let mut program = Program::serve(&folder, &model.url());
    let business = json!({"name": "Carpat Air", "type": "airline"});
    program.ask("PUT", "/api/v1/agents/businesses/carpat", &business).await;
    let well = program.say("unclear to me, all of it").await;
    assert!(well.contains("echo: unclear to me"), "{well}");
    assert!(model.seen().headers.contains(&("authorization".to_owned(), format!("Bearer {KEY}"))));
    // Once more where the key is refused, and once where nobody is.
    drop(model);
    // Its port is free once its task has ended.
    let strict = async {
        loop {
            let manner = Manner { key: Some("another".to_owned()), ..Manner::default() };
            match start(port.number(), manner).await {
                Ok(strict) => return strict,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    let strict = timeout(PATIENCE, strict).await.unwrap();
    let refused = program.say("Which gates are open?").await;
    assert!(refused.contains("invalid_api_key"), "{refused}");
    drop(strict);
    program.say("Which gates are closed?").await;
    for path in [
        "/metrics",
        "/health",
        "/api/v1/agents?business=carpat",
        "/api/v1/agents/runs?business=carpat",
        "/api/v1/system",
        "/api/v1/audit",
        "/api/v1/nothing",
    ] {
        program.ask("GET", path, &Value::Null).await;
    }
    assert!(program.said.contains("inflight_"), "metrics");
    assert!(!program.said.contains("recognisable"), "an answer tells the key");
    // What the process held back is on the disk once it is gone.
    drop(program.child.kill());
    drop(program.child.wait());
    let mut found = Vec::new();
    files(&folder.0, &mut found);
    for kind in ["agents.sqlite", "audit-", "log", ".jsonl"] {
        let is_there = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().contains(kind);
        assert!(found.iter().any(is_there), "{kind} of {found:?}");
    }
    for path in found {
        let bytes = std::fs::read(&path).unwrap();
        let is_told = bytes.windows(12).any(|part| part == b"recognisable");
        assert!(!is_told, "{} tells the key", path.display());
    }
    let log = std::fs::read_to_string(folder.0.join("log")).unwrap();
    assert!(log.contains(" TRACE ") || log.contains("\"level\":\"TRACE\""), "no finest level");
}
