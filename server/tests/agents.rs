//! Agents over HTTP: what a coordinator says leads to a run, a review, an approval and an effect, all seen in the room.

mod common;

use common::{Client, Folder, PATIENCE, settings, start};
use inflight_server::audit::AuditSettings;
use inflight_server::server::Server;
use inflight_wire::{ClientFrame, Format, Subscribe};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tokio::time::timeout;

/// A server with the example business, and what it is asked by.
struct Desk {
    server: Server,
    client: reqwest::Client,
    _folder: Folder,
}

impl Desk {
    async fn open(undo_s: &str) -> Self {
        let folder = Folder::new();
        let mut settings = settings(&[("AGENTS_EXAMPLE", "true"), ("AGENT_UNDO_SECONDS", undo_s)]);
        settings.data_dir = folder.0.clone();
        settings.journal.folder = folder.0.clone();
        settings.replay.file = folder.recording();
        settings.audit = Some(AuditSettings { max_bytes: 1 << 30, keep: None });
        let server = start(&settings).await;
        Self { server, client: reqwest::Client::new(), _folder: folder }
    }

    async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let address = format!("http://{}/api/v1/agents{path}", self.server.address);
        let method = method.parse().unwrap();
        let request = self.client.request(method, address).body(body.to_string());
        let response = timeout(PATIENCE, request.send()).await.unwrap().unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap())
    }

    /// What the trail says of what was done to this.
    async fn noted(&self, action: &str) -> Vec<Value> {
        let read = async {
            loop {
                let trail: Value =
                    serde_json::from_str(&common::get(&self.server, "/api/v1/audit").await.2).unwrap();
                let mut entries = trail["entries"].as_array().unwrap().clone();
                entries.retain(|entry| entry["action"] == action);
                if !entries.is_empty() {
                    return entries;
                }
            }
        };
        timeout(PATIENCE, read).await.unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, Value::Null).await;
        assert_eq!(status, 200, "{body}");
        body
    }
}

/// A listener in the room of the business, and what it has heard that nobody asked for yet.
struct Room(Client, Vec<(String, Value)>);

impl Room {
    async fn enter(desk: &Desk) -> Self {
        let mut client = Client::open(&desk.server, Format::Json).await;
        client.send(&ClientFrame::Subscribe(Subscribe::to(&["business/example"], None))).await;
        Self(client, Vec::new())
    }

    /// The first row of this kind that is as it should be, perhaps heard before.
    async fn hears(&mut self, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let listening = async {
            loop {
                if let Some(place) = self.1.iter().position(|(name, row)| name == kind && fits(row)) {
                    return self.1.remove(place).1;
                }
                let frame = self.0.json().await;
                let parts = frame.as_array().cloned().unwrap_or_default();
                let entries = parts.iter().filter_map(|part| part["entries"].as_array()).flatten();
                self.1.extend(
                    entries.map(|entry| (entry["type"].as_str().unwrap().to_owned(), entry["data"].clone())),
                );
            }
        };
        timeout(PATIENCE, listening).await.unwrap_or_else(|_| panic!("no {kind} as it should be"))
    }
}

/// Asks for a change that somebody has to approve; the run and the review.
async fn wish(desk: &Desk, room: &mut Room, text: &str) -> (Value, Value) {
    let (status, answer) =
        desk.ask("POST", "/messages", json!({"businessId": "example", "text": text})).await;
    assert_eq!(status, 201, "{answer}");
    let run = answer["run"].clone();
    let review = room.hears("agent.review", |row| row["run"] == run && row["status"] == "open").await;
    (run, review)
}

fn path_of(review: &Value) -> String {
    format!("/reviews/{}", review["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_message_becomes_a_run_a_review_and_once_approved_an_effect() {
    let desk = Desk::open("0").await;
    let mut room = Room::enter(&desk).await;
    let first = desk.get("").await;
    assert_eq!(
        (&first["business"], &first["businesses"][0]["may"]["decide"]),
        (&json!("example"), &json!(true))
    );
    let said = json!({"businessId": "example", "text": "Set gate B16 to open", "id": "m1"});
    let (status, answer) = desk.ask("POST", "/messages", said.clone()).await;
    assert_eq!((status, &answer["id"]), (201, &json!("m1")), "{answer}");
    assert_eq!(
        desk.ask("POST", "/messages", said.clone()).await,
        (200, answer.clone()),
        "the same once more"
    );
    let mut elsewhere = said;
    elsewhere["locationId"] = json!("OTP");
    let (status, refused) = desk.ask("POST", "/messages", elsewhere).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("taken")), "for another place: {refused}");
    let message = room.hears("agent.message", |row| row["id"] == "m1").await;
    assert_eq!((&message["from"], &message["run"]), (&json!("user"), &answer["run"]));
    let review =
        room.hears("agent.review", |row| row["run"] == answer["run"] && row["status"] == "open").await;
    let mut payload = review["action"]["payload"].clone();
    payload["version"] = json!(77);
    let (status, refused) =
        desk.ask("POST", &path_of(&review), json!({"decision": "approve", "payload": payload})).await;
    assert_eq!((status, &refused["error"]["field"]), (422, &json!("payload")), "{refused}");
    payload["version"] = review["action"]["payload"]["version"].clone();
    payload["value"] = json!("maintenance");
    let (status, decided) =
        desk.ask("POST", &path_of(&review), json!({"decision": "approve", "payload": payload})).await;
    assert_eq!((status, &decided["review"]["status"]), (200, &json!("edited")), "{decided}");
    assert_eq!(decided["review"]["diff"][0]["field"], "value");
    // Nothing of what it is about, which may be sealed.
    let noted = desk.noted("agent_review_approved").await;
    assert_eq!(noted.last().unwrap()["target"], format!("review/{}", review["id"].as_str().unwrap()));
    let (status, second) = desk.ask("POST", &path_of(&review), json!({"decision": "reject"})).await;
    assert_eq!((status, &second["error"]["code"]), (409, &json!("decided")), "{second}");
    let gate = room.hears("agent.resource", |row| row["id"] == "gate-b16").await;
    assert_eq!((&gate["status"], &gate["version"]), (&json!("maintenance"), &json!(2)));
    let run = room.hears("agent.run", |row| row["id"] == answer["run"] && row["status"] == "done").await;
    let address = format!("/runs/{}", run["id"].as_str().unwrap());
    let whole = desk.get(&address).await;
    assert!(
        whole["effects"].as_array().unwrap().len() >= 2 && whole["graph"]["start"] == "understand",
        "{whole}"
    );
    let (status, verified) = desk.ask("POST", &format!("{address}/verify"), json!({})).await;
    assert_eq!((status, &verified["ok"]), (200, &json!(true)), "{verified}");
    let last = desk.get("?business=example").await;
    assert!(last["offset"].as_u64() > first["offset"].as_u64());
    desk.server.stop().await;
}

#[tokio::test]
async fn what_was_approved_can_be_taken_back_while_it_is_held() {
    let desk = Desk::open("60").await;
    let mut room = Room::enter(&desk).await;
    let (run, review) = wish(&desk, &mut room, "Set gate B12 to closed").await;
    let (_, decided) = desk.ask("POST", &path_of(&review), json!({"decision": "approve"})).await;
    assert!(decided["review"]["undo_until_ms"].is_i64(), "{decided}");
    let (status, undone) = desk.ask("POST", &format!("{}/undo", path_of(&review)), json!({})).await;
    assert_eq!((status, &undone["review"]["status"]), (200, &json!("open")), "{undone}");
    let batch = json!({"ids": [review["id"], "nowhere"], "decision": "reject", "reason": "not today"});
    let (status, told) = desk.ask("POST", "/reviews", batch).await;
    let kinds = [&told["results"][0]["ok"], &told["results"][1]["error"]["code"]];
    assert_eq!((status, kinds), (200, [&json!(true), &json!("not_found")]), "{told}");
    let (status, cancelled) =
        desk.ask("POST", &format!("/runs/{}/cancel", run.as_str().unwrap()), json!({})).await;
    assert_eq!((status, &cancelled["run"]["status"]), (200, &json!("cancelled")), "{cancelled}");
    let gate = desk.get("?business=example").await["resources"].as_array().unwrap().clone();
    assert!(gate.iter().any(|row| row["id"] == "gate-b12" && row["status"] == "open"));
    desk.server.stop().await;
}

#[tokio::test]
async fn the_assistant_answers_and_changes_what_was_approved() {
    let desk = Desk::open("0").await;
    let mut room = Room::enter(&desk).await;
    let say = async |text: &str| {
        let said = json!({"businessId": "example", "text": text});
        let (status, answer) = desk.ask("POST", "/messages", said).await;
        assert_eq!(status, 201, "{answer}");
        answer["run"].clone()
    };
    let run = say("Which gates are open?").await;
    let told = room.hears("agent.message", |row| row["from"] == "agent" && row["run"] == run).await;
    assert!(told["text"].as_str().unwrap().contains("Gate B12"), "{told}");
    let run = say("Set gate B12 to closed").await;
    let review = room.hears("agent.review", |row| row["run"] == run && row["status"] == "open").await;
    let path = format!("/reviews/{}", review["id"].as_str().unwrap());
    let (status, decided) = desk.ask("POST", &path, json!({"decision": "approve"})).await;
    assert_eq!((status, &decided["review"]["status"]), (200, &json!("approved")), "{decided}");
    let gate = room.hears("agent.resource", |row| row["id"] == "gate-b12").await;
    assert_eq!(gate["status"], "closed");
    let first = desk.get("").await;
    assert!(
        first["models"].as_array().unwrap().len() > 20 && first["schedules"].as_array().unwrap().len() == 1
    );
    desk.server.stop().await;
}

#[tokio::test]
async fn a_message_over_the_plain_socket_is_answered_in_the_words_of_specification_004() {
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::Message;
    let desk = Desk::open("0").await;
    let mut socket = common::connect(&desk.server, "/stream/ws", &[]).await.unwrap();
    // What comes until all these were heard, each as a type or an event; an error ends it.
    let mut say = async |message: Value, until: &[&str]| {
        socket.send(Message::Text(message.to_string().into())).await.unwrap();
        let (mut told, mut left): (Vec<Value>, BTreeSet<&str>) =
            (Vec::new(), until.iter().copied().collect());
        while !left.is_empty() {
            let Message::Text(text) = timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap()
            else {
                continue;
            };
            let answer: Value = serde_json::from_str(&text).unwrap();
            let kind = answer["type"].as_str().or(answer["event"].as_str()).unwrap_or_default();
            left.remove(kind);
            if kind == "error" {
                left.clear();
            }
            told.push(answer);
        }
        told
    };
    let wanted = json!({"type": "user_message", "businessId": "example", "correlationId": "c-1",
        "content": {"text": "Which gates are open?"}});
    let told = say(wanted, &["output"]).await;
    let kinds: Vec<_> = told.iter().map(|answer| answer["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["accepted", "response", "output"], "{told:?}");
    assert!(told.iter().all(|answer| answer["correlationId"] == "c-1"), "{told:?}");
    assert!(told[1]["response"]["content"]["text"].as_str().unwrap().contains("Gate B12"));
    let told = say(json!({"event": "join_business", "data": {"businessId": "example"}}), &["joined"]).await;
    assert_eq!(told[0]["data"]["room"], "business/example", "{told:?}");
    let wanted = json!({"type": "user_message", "businessId": "example", "content": {"text": "Set gate B12 to closed"}});
    let told = say(wanted, &["status", "agent.review"]).await;
    let review = told.iter().find_map(|answer| answer.get("review")).unwrap_or_else(|| panic!("{told:?}"));
    assert_eq!(
        (&review["status"], &review["title"]),
        (&json!("open"), &json!("Gate B12: status open → closed"))
    );
    // Said again, it is the same run, and nobody tells of it a second time.
    let wanted = json!({"type": "user_message", "businessId": "example", "id": "m-7", "content": {"text": "Set gate B12 to maintenance"}});
    let mut heard = say(wanted.clone(), &["status"]).await;
    for _ in 0..3 {
        heard.extend(say(wanted.clone(), &["accepted"]).await);
    }
    let run = heard.iter().find(|answer| answer["type"] == "accepted").unwrap()["runId"].clone();
    let path = format!("/api/v1/agents/runs/{}/cancel", run.as_str().unwrap());
    let address = format!("http://{}{path}", desk.server.address);
    assert_eq!(desk.client.post(address).send().await.unwrap().status(), 200);
    heard.extend(say(json!({"type": "ping"}), &["error"]).await);
    let other = json!({"type": "user_message", "businessId": "example", "content": {"text": "Which gates are open?"}});
    heard.extend(say(other, &["output"]).await);
    let of_run = heard.iter().filter(|answer| answer["runId"] == run);
    let kinds: Vec<&Value> =
        of_run.map(|answer| &answer["type"]).filter(|kind| *kind != "accepted").collect();
    assert_eq!(kinds, ["status", "error"], "{heard:?}");
    assert_eq!(say(wanted, &["error"]).await.last().unwrap()["runId"], run, "its end is told again");
    let told =
        say(json!({"type": "user_message", "businessId": "other", "content": {"text": "x"}}), &["error"])
            .await;
    assert_eq!(
        (&told.last().unwrap()["errorType"], &told.last().unwrap()["details"]["code"]),
        (&json!("auth_failed"), &json!("not_allowed"))
    );
    let address = format!("http://{}/api/v1/audit", desk.server.address);
    let noted = async {
        loop {
            let answer = desk.client.get(&address).send().await.unwrap().text().await.unwrap();
            let trail: Value = serde_json::from_str(&answer).unwrap();
            let find = |field: &str, value: &str| {
                trail["entries"].as_array().unwrap().iter().find(|entry| entry[field] == value).cloned()
            };
            if let (Some(said), Some(refused)) = (find("correlation_id", "c-1"), find("action", "refused")) {
                return (said, refused);
            }
            tokio::task::yield_now().await;
        }
    };
    let (said, refused) = timeout(PATIENCE, noted).await.expect("not in the trail");
    assert_eq!(
        (&said["actor"], &said["action"], &said["target"], &said["result"]),
        (&json!("anonymous"), &json!("agent_message"), &json!("business/example"), &json!("done")),
        "{said}"
    );
    assert_eq!(
        (&refused["target"], &refused["result"]),
        (&json!("user_message business/other"), &json!("not_allowed"))
    );
    desk.server.stop().await;
}

#[tokio::test]
async fn of_many_who_decide_at_once_one_counts_and_its_effect_happens_once() {
    let desk = Desk::open("0").await;
    let mut room = Room::enter(&desk).await;
    let (run, review) = wish(&desk, &mut room, "Set gate B12 to closed").await;
    let path = path_of(&review);
    let wishes = (0..20).map(|number| {
        let decision = if number % 2 == 0 { "approve" } else { "reject" };
        desk.ask("POST", &path, json!({"decision": decision}))
    });
    let told = futures_util::future::join_all(wishes).await;
    let won = told.iter().filter(|(status, _)| *status == 200).count();
    let lost =
        told.iter().filter(|(status, body)| *status == 409 && body["error"]["code"] == "decided").count();
    assert_eq!((won, lost), (1, 19), "{told:?}");
    let end = room.hears("agent.run", |row| row["id"] == run && row["status"] == "done").await;
    let approved = told.iter().any(|(status, body)| *status == 200 && body["review"]["status"] == "approved");
    let rows = desk.get("?business=example").await["resources"].as_array().unwrap().clone();
    let gate = rows.iter().find(|row| row["id"] == "gate-b12").unwrap();
    assert_eq!(gate["version"], if approved { 2 } else { 1 }, "{end} {gate}");
    desk.server.stop().await;
}

/// How often these letters stand in the files of a folder.
fn found_in(folder: &std::path::Path, letters: &str) -> usize {
    let of = |entry: std::fs::DirEntry| {
        if entry.file_type().unwrap().is_dir() {
            return found_in(&entry.path(), letters);
        }
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        bytes.windows(letters.len()).filter(|part| *part == letters.as_bytes()).count()
    };
    std::fs::read_dir(folder).unwrap().map(|entry| of(entry.unwrap())).sum()
}

#[tokio::test]
async fn what_was_sealed_stays_sealed_when_it_is_read_again() {
    let desk = Desk::open("0").await;
    let mut room = Room::enter(&desk).await;
    let said =
        json!({"businessId": "example", "text": "Which gates are open for sheikh QZ77X?", "sensitive": true});
    let (status, answer) = desk.ask("POST", "/messages", said).await;
    assert_eq!(status, 201, "{answer}");
    let told = room.hears("agent.run", |row| row["id"] == answer["run"] && row["status"] == "done").await;
    assert_eq!((&told["sensitive"], &told["title"]), (&json!(true), &json!("•••")), "{told}");
    let said = json!({"businessId": "example", "text": "decisions about the sheikh"});
    let (_, answer) = desk.ask("POST", "/messages", said).await;
    let told = room.hears("agent.run", |row| row["id"] == answer["run"] && row["status"] == "done").await;
    assert_eq!(told["sensitive"], true, "{told}");
    let path = format!("/runs/{}", answer["run"].as_str().unwrap());
    let whole = desk.get(&path).await;
    assert!(whole.to_string().contains("QZ77X"), "it was found: {whole}");
    assert_eq!(whole["output"]["decisionCode"], whole["run"]["decisionCode"]);
    assert_eq!(whole["output"]["responses"][0]["target"], "websocket");
    let mut events = whole["events"].as_array().unwrap().iter();
    let looked = events.find(|event| event["kind"]["left"]["node"] == "look").unwrap();
    let (status, fork) = desk.ask("POST", &format!("{path}/fork"), json!({"after": looked["seq"]})).await;
    assert_eq!(status, 201, "{fork}");
    let told = room.hears("agent.run", |row| row["id"] == fork["run"] && row["status"] == "done").await;
    assert_eq!(told["sensitive"], true, "{told}");
    let fork = format!("/runs/{}", fork["run"].as_str().unwrap());
    assert!(desk.get(&fork).await["state"].to_string().contains("QZ77X"), "it goes on with what was found");
    let (status, verified) = desk.ask("POST", &format!("{fork}/verify"), json!({})).await;
    assert_eq!((status, &verified["ok"]), (200, &json!(true)), "{verified}");
    let (status, refused) =
        desk.ask("POST", "/messages", json!({"businessId": "example", "text": "x", "sensitive": 1})).await;
    assert_eq!((status, &refused["error"]["field"]), (400, &json!("sensitive")));
    desk.server.stop().await;
    assert_eq!(found_in(&desk._folder.0, "QZ77X"), 0);
}
