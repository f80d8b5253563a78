//! Agents whose questions a model answers: its words are heard while they come, rules stand in while it is away, and
//! everybody sees which it is.

mod common;

use common::access::{SECRET, admin, bearer, open};
use common::{Client, Folder, PATIENCE, settings, start};
use inflight_agents::breaker::BreakerLimits;
use inflight_server::commands::check::port::OwnPort;
use inflight_server::commands::dev::realtime::{Manner, StandIn, start as stand_in};
use inflight_server::server::Server;
use inflight_wire::{ClientFrame, Format, Subscribe};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::timeout;

/// A server whose agents ask a stand-in, and listeners in the room of its business.
struct Desk {
    server: Server,
    client: reqwest::Client,
    rows: Ear,
    standing: Ear,
    business: &'static str,
    _folder: Folder,
}

impl Desk {
    async fn open(stand_in: &StandIn, business: &'static str) -> Self {
        let folder = Folder::new();
        let url = stand_in.url();
        let mut pairs = vec![
            ("AGENTS_EXAMPLE", "true"),
            ("OPENAI_API_KEY", "sk-any"),
            ("REASONER", "realtime"),
            ("OPENAI_REALTIME_URL", &url),
            ("MAX_RETRIES", "0"),
        ];
        if business != "example" {
            pairs.extend([("SOURCES", "sbs=127.0.0.1:1"), ("JWT_SECRET", SECRET), ("JWT_AUDIENCE", "ops")]);
        }
        let mut settings = settings(&pairs);
        settings.data_dir = folder.0.clone();
        settings.journal.folder = folder.0.clone();
        settings.replay.file = folder.recording();
        settings.reason.breaker = BreakerLimits { failures: 2, open_ms: 300, trials: 1 };
        let server = start(&settings).await;
        let headers = [("authorization".parse().unwrap(), bearer(&admin()).parse().unwrap())];
        let headers = headers.into_iter().filter(|_| business != "example").collect();
        let client = reqwest::Client::builder().default_headers(headers);
        let client = client.build().unwrap();
        if business != "example" {
            let address = format!("http://{}/api/v1/agents/businesses/{business}", server.address);
            let body = json!({"name": "Carpat Air", "type": "airline"}).to_string();
            let made = timeout(PATIENCE, client.put(address).body(body).send()).await.unwrap().unwrap();
            assert_eq!(made.status(), 201);
        }
        let (rows, standing) = (Ear::enter(&server, business).await, Ear::enter(&server, business).await);
        Self { server, client, rows, standing, business, _folder: folder }
    }

    /// Says something; the run that deals with it.
    async fn say(&self, text: &str) -> Value {
        let said = json!({"businessId": self.business, "text": text});
        let address = format!("http://{}/api/v1/agents/messages", self.server.address);
        let request = self.client.post(address).body(said.to_string());
        let response = timeout(PATIENCE, request.send()).await.unwrap().unwrap();
        let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert!(answer["run"].is_string(), "{answer}");
        answer["run"].clone()
    }

    /// How the reasoner stands, as the desk begins with it.
    async fn reasoner(&self) -> Value {
        let address = format!("http://{}/api/v1/agents?business={}", self.server.address, self.business);
        let response = timeout(PATIENCE, self.client.get(address).send()).await.unwrap().unwrap();
        let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert!(answer["reasoner"].is_object(), "{answer}");
        answer["reasoner"].clone()
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
    async fn enter(server: &Server, business: &str) -> Self {
        let mut client = match business {
            "example" => Client::open(server, Format::Json).await,
            _ => Client::over(open(server, &admin()).await.unwrap(), Format::Json),
        };
        let room = format!("business/{business}");
        client.send(&ClientFrame::Subscribe(Subscribe::to(&[&room], None))).await;
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
    let port = OwnPort::take().unwrap();
    let model = stand_in(port.number(), manner.clone()).await.unwrap();
    let mut desk = Desk::open(&model, "carpat").await;

    let row = desk.reasoner().await;
    assert_eq!((&row["status"], &row["unpriced"]), (&json!("unasked"), &json!(true)), "{row}");
    let words = "unclear whether the coffee on board is still warm enough for all of them";
    let run = desk.say(words).await;
    let piece = desk.rows.hears("agent.reply", |row| row["run"] == run).await;
    let row = desk.end(&run).await;
    assert_eq!(row["degraded"], Value::Null, "{row}");
    assert_eq!(row["budget"]["unpriced"], true, "nobody told what it costs: {row}");
    let told = desk.rows.hears("agent.message", |row| row["from"] == "agent" && row["run"] == run).await;
    let (piece, told) = (piece["text"].as_str().unwrap(), told["text"].as_str().unwrap());
    assert!(told.starts_with(&format!("echo: {words}")), "{told}");
    let over = desk.rows.hears("agent.reply", |row| row["run"] == run && row["deleted"] == true).await;
    assert_eq!(over["text"], Value::Null, "{over}");
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

    let _model = stand_in(port.number(), manner).await.unwrap();
    let run = desk.say("show_resources").await;
    let row = desk.end(&run).await;
    assert_eq!(row["degraded"], Value::Null, "{row}");
    let row = desk.stands("closed").await;
    assert_eq!((&row["status"], &row["kind"]), (&json!("ok"), &json!("realtime")), "{row}");
    desk.server.stop().await;
}

#[tokio::test]
async fn of_an_example_nothing_is_asked_of_a_model_and_it_says_why() {
    let model = stand_in(0, Manner::default()).await.unwrap();
    let mut desk = Desk::open(&model, "example").await;
    let run = desk.say("unclear whether the coffee on board is still warm enough for all of them").await;
    let row = desk.end(&run).await;
    assert_eq!(row["degraded"], "rules answer for the example business, and no model is asked", "{row}");
    assert_eq!(model.seen().asked, 0);
    desk.server.stop().await;
}
