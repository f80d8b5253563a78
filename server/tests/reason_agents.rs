//! Agents whose questions a model answers: its words are heard while they come, rules stand in while it is away, and
//! everybody sees which it is.

mod common;

use common::{Client, Folder, PATIENCE, settings, start};
use inflight_agents::breaker::BreakerLimits;
use inflight_server::commands::dev::realtime::{Manner, StandIn, start as stand_in};
use inflight_server::server::Server;
use inflight_wire::{ClientFrame, Format, Subscribe};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::timeout;

/// A server with the example business whose agents ask a stand-in, and listeners in its room.
struct Desk {
    server: Server,
    client: reqwest::Client,
    rows: Ear,
    standing: Ear,
    _folder: Folder,
}

impl Desk {
    async fn open(stand_in: &StandIn) -> Self {
        let folder = Folder::new();
        let url = stand_in.url();
        let mut settings = settings(&[
            ("AGENTS_EXAMPLE", "true"),
            ("OPENAI_API_KEY", "sk-any"),
            ("REASONER", "realtime"),
            ("OPENAI_REALTIME_URL", &url),
            ("MAX_RETRIES", "0"),
        ]);
        settings.data_dir = folder.0.clone();
        settings.journal.folder = folder.0.clone();
        settings.replay.file = folder.recording();
        settings.reason.breaker = BreakerLimits { failures: 2, open_ms: 300, trials: 1 };
        let server = start(&settings).await;
        let (rows, standing) = (Ear::enter(&server).await, Ear::enter(&server).await);
        Self { server, client: reqwest::Client::new(), rows, standing, _folder: folder }
    }

    /// Says something; the run that deals with it.
    async fn say(&self, text: &str) -> Value {
        let said = json!({"businessId": "example", "text": text});
        let address = format!("http://{}/api/v1/agents/messages", self.server.address);
        let request = self.client.post(address).body(said.to_string());
        let response = timeout(PATIENCE, request.send()).await.unwrap().unwrap();
        let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert!(answer["run"].is_string(), "{answer}");
        answer["run"].clone()
    }

    /// The end of a run.
    async fn end(&mut self, run: &Value) -> Value {
        self.rows.hears("agent.run", |row| row["id"] == *run && row["status"] == "done").await
    }

    /// How the reasoner stands once its breaker is like this.
    async fn stands(&mut self, breaker: &str) -> Value {
        self.standing.hears("agent.reasoner", |row| row["breaker"] == breaker).await
    }
}

/// A listener in the room of the business.
struct Ear {
    client: Client,
    /// Came with what was waited for, and may be waited for next.
    waiting: VecDeque<Value>,
}

impl Ear {
    async fn enter(server: &Server) -> Self {
        let mut client = Client::open(server, Format::Json).await;
        client.send(&ClientFrame::Subscribe(Subscribe::to(&["business/example"], None))).await;
        Self { client, waiting: VecDeque::new() }
    }

    /// The next row of this kind that is as it should be.
    async fn hears(&mut self, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let mut passed = Vec::new();
        let listening = async {
            loop {
                let entry = self.next().await;
                if entry["type"] == kind && fits(&entry["data"]) {
                    return entry["data"].clone();
                }
                passed.push(entry);
            }
        };
        match timeout(PATIENCE, listening).await {
            Ok(row) => row,
            Err(_) => panic!("no such {kind}, but {passed:#?}"),
        }
    }

    async fn next(&mut self) -> Value {
        loop {
            if let Some(entry) = self.waiting.pop_front() {
                return entry;
            }
            let frame = self.client.json().await;
            let parts = frame.as_array().cloned().unwrap_or_default();
            self.waiting
                .extend(parts.iter().filter_map(|part| part["entries"].as_array()).flatten().cloned());
        }
    }
}

#[tokio::test]
async fn a_model_is_heard_as_it_writes_and_rules_stand_in_while_it_is_away() {
    let manner = Manner { word_pause: Duration::from_millis(20), ..Manner::default() };
    let model = stand_in(0, manner.clone()).await.unwrap();
    let port = model.address.port();
    let mut desk = Desk::open(&model).await;

    let words = "unclear whether the coffee on board is still warm enough for all of them";
    let run = desk.say(words).await;
    let piece = desk.rows.hears("agent.reply", |row| row["run"] == run).await;
    let row = desk.end(&run).await;
    assert_eq!(row["degraded"], Value::Null, "{row}");
    let told = desk.rows.hears("agent.message", |row| row["from"] == "agent" && row["run"] == run).await;
    let (piece, told) = (piece["text"].as_str().unwrap(), told["text"].as_str().unwrap());
    assert!(told.starts_with(&format!("echo: {words}")), "{told}");
    assert!(piece.starts_with("echo:") && told.starts_with(piece), "{piece:?} of {told:?}");

    drop(model);
    for question in ["Which gates are open?", "Which gates are closed?"] {
        let run = desk.say(question).await;
        let row = desk.end(&run).await;
        assert!(row["degraded"].as_str().is_some_and(|why| why.contains("not available")), "{row}");
    }
    let row = desk.stands("open").await;
    assert!(
        row["status"] == "degraded" && row["reason"].as_str().unwrap().contains("not available"),
        "{row}"
    );
    desk.stands("half_open").await;

    let _model = stand_in(port, manner).await.unwrap();
    let run = desk.say("show_resources").await;
    let row = desk.end(&run).await;
    assert_eq!(row["degraded"], Value::Null, "{row}");
    let row = desk.stands("closed").await;
    assert_eq!((&row["status"], &row["kind"]), (&json!("ok"), &json!("realtime")), "{row}");
    desk.server.stop().await;
}
