//! What people do with cases, who may where, and rows of long ago.

mod common;

use common::access::{SECRET, bearer, token};
use common::{Client, Folder, PATIENCE, settings, start};
use inflight_server::audit::AuditSettings;
use inflight_server::server::Server;
use inflight_wire::{ClientFrame, Format, Subscribe};
use serde_json::{Value, json};
use tokio::time::timeout;

/// A server that asks everybody who they are, with a business and one of its gates in Bucharest.
struct Desk {
    server: Server,
    client: reqwest::Client,
    _folder: Folder,
}

/// Acts for all places.
const ANA: &str = r#"{"sub": "ana", "roles": ["admin"]}"#;
const MIHAI: &str = r#"{"sub": "mihai", "roles": ["coordinator"], "businesses": ["carpat"]}"#;
const DAN: &str =
    r#"{"sub": "dan", "roles": ["coordinator"], "businesses": ["carpat"], "locations": ["OTP"]}"#;
const VERA: &str = r#"{"sub": "vera", "roles": ["viewer"], "businesses": ["carpat"]}"#;

const BUSINESS: &str = r#"{"name": "Carpat Air", "type": "airline", "locations": [
    {"locationId": "OTP", "name": "Otopeni", "metadata": {"icao": "LROP"}}, {"locationId": "CLJ", "name": "Cluj"}]}"#;

impl Desk {
    async fn open() -> Self {
        let folder = Folder::new();
        let pairs = [
            ("SOURCES", "sbs=127.0.0.1:1"),
            ("JWT_SECRET", SECRET),
            ("JWT_AUDIENCE", "ops"),
            ("AGENT_UNDO_SECONDS", "0"),
            ("MESSAGES_PER_MINUTE", "100000"),
            ("MESSAGE_BURST", "100000"),
        ];
        let mut settings = settings(&pairs);
        settings.data_dir = folder.0.clone();
        settings.journal.folder = folder.0.clone();
        settings.site_root = folder.0.clone();
        settings.audit = Some(AuditSettings { max_bytes: 1 << 30, keep: None });
        let desk = Self { server: start(&settings).await, client: reqwest::Client::new(), _folder: folder };
        desk.expect(ANA, "PUT", "/agents/businesses/carpat", &parse(BUSINESS), 201).await;
        let gate = json!({"business": "carpat", "id": "gate-1", "type": "gate", "name": "Gate 1", "status": "open", "location": "OTP"});
        desk.expect(ANA, "PUT", "/agents/resources", &gate, 201).await;
        desk
    }

    async fn ask(&self, who: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let address = format!("http://{}/api/v1{path}", self.server.address);
        let request = self.client.request(method.parse().unwrap(), address);
        let request = request.header("authorization", pass(who)).body(body.to_string());
        let response = timeout(PATIENCE, request.send()).await.unwrap().unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
    }

    async fn expect(&self, who: &str, method: &str, path: &str, body: &Value, status: u16) -> Value {
        let (found, answer) = self.ask(who, method, path, body).await;
        assert_eq!(found, status, "{method} {path} {body}: {answer}");
        answer
    }

    /// Asks until the answer is as it should be.
    async fn until<T>(&self, path: &str, fits: impl Fn(&Value) -> Option<T>) -> T {
        let wait = async {
            loop {
                if let Some(found) = fits(&self.ask(ANA, "GET", path, &Value::Null).await.1) {
                    return found;
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("{path} never was as it should be"))
    }

    /// Tells what is seen of a disruption (`emergency/1`) now.
    async fn news(&self, input: &str, of: &str, more: &Value) {
        let mut disruption = json!({
            "id": format!("a13f1c/{of}"), "kind": of.split('/').next(), "icao24": "a13f1c", "callsign": "ROT381",
            "began": 1, "last_seen": 2, "confidence_pct": 99, "airport": "LROP", "evidence": {},
        });
        disruption.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let input = json!({
            "id": input, "businessId": "carpat", "type": "webhook", "timestamp": "2026-11-21T20:30:00Z",
            "content": {"data": {"event": "disruption", "disruption": disruption}},
        });
        self.expect(ANA, "POST", "/inputs", &input, 202).await;
    }

    /// An emergency at this airport becomes a case that waits for somebody; the case and its review.
    async fn case(&self, number: u32, airport: &str) -> (Value, Value) {
        let disruption = json!({
            "id": format!("a13f1c/emergency/{number}"), "kind": "emergency", "icao24": "a13f1c", "callsign": "ROT381",
            "began": 1, "last_seen": 2, "confidence_pct": 99, "airport": airport, "evidence": {"squawk": 7700},
        });
        let input = json!({
            "id": format!("w{number}"), "businessId": "carpat", "type": "webhook", "timestamp": "2026-11-21T20:30:00Z",
            "content": {"data": {"event": "disruption", "disruption": disruption}},
        });
        let run = self.expect(ANA, "POST", "/inputs", &input, 202).await["run"].clone();
        let its = |rows: &Value| rows.as_array()?.iter().find(|row| row["run"] == run).cloned();
        let review = self.until("/agents/reviews?business=carpat", |found| its(&found["reviews"])).await;
        let case = self.until("/agents/cases?business=carpat", |found| its(&found["cases"])).await;
        (case, review)
    }
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The token of somebody with these claims.
fn pass(who: &str) -> String {
    let mut claims = parse(who);
    (claims["aud"], claims["exp"]) = (json!("ops"), json!(4_000_000_000_u64));
    bearer(&token(jsonwebtoken::Algorithm::HS256, SECRET, &claims))
}

#[tokio::test]
async fn a_case_is_taken_noted_closed_and_opened_again_and_the_trail_says_by_whom() {
    let desk = Desk::open().await;
    let (case, _) = desk.case(1, "LROP").await;
    let path = format!("/agents/cases/{}", case["id"].as_str().unwrap());
    let body = |act: &str| json!({"business": "carpat", "act": act});
    let taken = desk.expect(MIHAI, "POST", &path, &body("take"), 200).await;
    assert_eq!(taken["case"]["assignee"], "mihai", "{taken}");
    let mut old = body("close");
    old["version"] = case["version"].clone();
    let refused = desk.expect(ANA, "POST", &path, &old, 409).await;
    assert_eq!(refused["error"]["code"], "changed_meanwhile");
    let mut note = body("note");
    let refused = desk.expect(ANA, "POST", &path, &note, 400).await;
    assert_eq!(refused["error"]["field"], "text");
    note["text"] = json!("the crew called");
    desk.expect(ANA, "POST", &path, &note, 200).await;
    let closed = desk.expect(MIHAI, "POST", &path, &body("close"), 200).await;
    assert_eq!(
        (&closed["case"]["status"], &closed["case"]["closed_by"]),
        (&json!("closed"), &json!("mihai"))
    );
    let again = desk.expect(MIHAI, "POST", &path, &body("close"), 409).await;
    assert_eq!(again["error"]["code"], "not_now");
    let open = desk.expect(ANA, "POST", &path, &body("reopen"), 200).await;
    assert_eq!((&open["case"]["status"], open["case"].get("closed_by")), (&json!("open"), None), "{open}");
    let notes = open["case"]["notes"].as_array().unwrap();
    let acts: Vec<&Value> = notes.iter().map(|note| &note["act"]).collect();
    assert_eq!(acts, [&Value::Null, &json!("take"), &Value::Null, &json!("close"), &json!("reopen")]);
    desk.expect(VERA, "POST", &path, &body("close"), 403).await;
    desk.expect(MIHAI, "POST", &path, &body("burn"), 400).await;
    desk.expect(MIHAI, "POST", "/agents/cases/none", &body("close"), 404).await;
    let trail = desk.until("/audit", |found| {
        let entries = found["entries"].as_array()?;
        entries
            .iter()
            .find(|entry| entry["action"] == "agent_case_closed" && entry["result"] == "done")
            .cloned()
    });
    assert_eq!(trail.await["actor"], "mihai");
}

/// Of an emergency whose case is closed in this way, what is left of its proposal: nothing that could be sent.
async fn check_withdrawn(desk: &Desk, review: &Value, by: &str, reason: &str, says: &str) {
    let path = format!("/agents/reviews/{}", review["id"].as_str().unwrap());
    let its = |found: &Value| {
        let rows = found["reviews"].as_array()?;
        rows.iter().find(|row| row["id"] == review["id"] && row["status"] == "withdrawn").cloned()
    };
    let row = desk.until("/agents/reviews?business=carpat", its).await;
    assert_eq!((&row["by"], &row["reason"]), (&json!(by), &json!(reason)), "{row}");
    let late = desk.expect(MIHAI, "POST", &path, &json!({"decision": "approve"}), 409).await;
    assert_eq!(late["error"]["code"], "withdrawn");
    assert!(late["error"]["message"].as_str().unwrap().contains(says), "{late}");
    let run = format!("/agents/runs/{}", review["run"].as_str().unwrap());
    let found = desk.until(&run, |found| (found["run"]["status"] == "done").then(|| found.clone())).await;
    let kinds = found["events"].as_array().unwrap().iter().map(|event| &event["kind"]);
    let verdicts: Vec<Value> = kinds.filter_map(|kind| kind.get("approval_decided")).cloned().collect();
    assert_eq!(verdicts.len(), 1, "{verdicts:?}");
    assert_eq!(verdicts[0]["verdict"]["withdrawn"], json!({"by": by, "reason": reason}));
    let told = desk.ask(ANA, "GET", "/agents/messages?business=carpat", &Value::Null).await.1;
    assert_eq!(told["messages"].as_array().map(Vec::len), Some(0), "{told}");
    let trail = desk.until("/audit", |found| {
        let entries = found["entries"].as_array()?;
        let target = format!("review/{}", review["id"].as_str()?);
        let mut own = entries.iter().filter(|entry| entry["target"] == target);
        own.find(|entry| entry["action"] == "agent_review_withdrawn").cloned()
    });
    assert_eq!(trail.await["actor"], by);
}

#[tokio::test]
async fn a_case_that_somebody_closes_takes_its_proposal_along() {
    let desk = Desk::open().await;
    let (case, review) = desk.case(1, "LROP").await;
    let path = format!("/agents/cases/{}", case["id"].as_str().unwrap());
    desk.expect(MIHAI, "POST", &path, &json!({"business": "carpat", "act": "close"}), 200).await;
    check_withdrawn(&desk, &review, "mihai", "case_closed", "mihai closed its case").await;
}

#[tokio::test]
async fn a_disruption_that_ends_takes_its_proposal_along() {
    let desk = Desk::open().await;
    let (case, review) = desk.case(1, "LROP").await;
    desk.news("w2", "emergency/1", &json!({"ended": 3, "evidence": {"squawk": 7700}})).await;
    let closed =
        |found: &Value| found["cases"].as_array()?.iter().find(|row| row["status"] == "closed").cloned();
    let now = desk.until("/agents/cases?business=carpat", closed).await;
    assert_eq!((&now["id"], &now["closed_by"]), (&case["id"], &json!("watcher")));
    check_withdrawn(&desk, &review, "watcher", "case_closed", "watcher closed its case").await;
}

#[tokio::test]
async fn a_graver_disruption_takes_the_place_of_the_earlier_proposal() {
    let desk = Desk::open().await;
    let silent = |silence_s: u32| json!({"confidence_pct": 70, "evidence": {"silence_s": silence_s, "neighbours_heard": 9}});
    desk.news("w1", "signal_lost/1", &silent(300)).await;
    let open = |found: &Value| {
        let rows = found["reviews"].as_array()?;
        let open: Vec<&Value> = rows.iter().filter(|row| row["status"] == "open").collect();
        (open.len() == 1).then(|| open[0].clone())
    };
    let earlier = desk.until("/agents/reviews?business=carpat", open).await;
    desk.news("w2", "signal_lost/1", &silent(700)).await;
    let other = |found: &Value| open(found).filter(|row| row["id"] != earlier["id"]);
    let later = desk.until("/agents/reviews?business=carpat", other).await;
    check_withdrawn(&desk, &earlier, "watcher", "case_superseded", "looked at it anew").await;
    let path = format!("/agents/reviews/{}", later["id"].as_str().unwrap());
    desk.expect(MIHAI, "POST", &path, &json!({"decision": "approve"}), 200).await;
}

#[tokio::test]
async fn a_room_hears_of_a_case_that_somebody_closes() {
    let folder = Folder::new();
    let mut settings = settings(&[("AGENTS_EXAMPLE", "true")]);
    settings.data_dir = folder.0.clone();
    settings.journal.folder = folder.0.clone();
    settings.replay.file = folder.recording();
    let server = start(&settings).await;
    let input = json!({
        "id": "w1", "businessId": "example", "type": "api_request", "timestamp": "2026-11-21T20:30:00Z",
        "content": {"data": {"event": "disruption", "disruption": {"id": "a/holding/1", "kind": "holding", "icao24": "a", "confidence_pct": 90}}},
    });
    let desk = Desk { server, client: reqwest::Client::new(), _folder: folder };
    let post = async |path: &str, body: &Value| {
        let address = format!("http://{}/api/v1{path}", desk.server.address);
        let response = desk.client.post(address).body(body.to_string()).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let mut client = Client::open(&desk.server, Format::Json).await;
    client.send(&ClientFrame::Subscribe(Subscribe::to(&["business/example"], None))).await;
    let mut hears = async |status: &str| {
        let listening = async {
            loop {
                let frame = client.json().await;
                let parts = frame.as_array().cloned().unwrap_or_default();
                let mut entries = parts.iter().filter_map(|part| part["entries"].as_array()).flatten();
                let is_it =
                    |entry: &&Value| entry["type"] == "agent.case" && entry["data"]["status"] == status;
                if let Some(entry) = entries.find(is_it) {
                    return entry["data"].clone();
                }
            }
        };
        timeout(PATIENCE, listening).await.unwrap()
    };
    assert_eq!(post("/inputs", &input).await.0, 202);
    let case = hears("open").await;
    assert_eq!(case["severity"], "notice", "what is only worth knowing waits for nobody: {case}");
    let close = json!({"business": "example", "act": "close", "version": case["version"]});
    let (status, told) = post(&format!("/agents/cases/{}", case["id"].as_str().unwrap()), &close).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!(hears("closed").await["id"], case["id"]);
}

#[tokio::test]
async fn who_acts_for_some_places_decides_what_is_theirs_alone() {
    let desk = Desk::open().await;
    let (here, own) = desk.case(1, "LROP").await;
    let (nowhere, others) = desk.case(2, "EDDF").await;
    assert_eq!((&own["location"], others.get("location")), (&json!("OTP"), None), "{own}");
    let path = |list: &str, row: &Value| format!("/agents/{list}/{}", row["id"].as_str().unwrap());
    let reject = json!({"decision": "reject"});
    let refused = desk.expect(DAN, "POST", &path("reviews", &others), &reject, 403).await;
    assert_eq!(refused["error"]["code"], "not_allowed");
    desk.expect(DAN, "POST", &path("reviews", &own), &reject, 200).await;
    desk.expect(DAN, "POST", &path("cases", &nowhere), &json!({"business": "carpat", "act": "close"}), 403)
        .await;
    desk.expect(DAN, "POST", &path("cases", &here), &json!({"business": "carpat", "act": "close"}), 200)
        .await;
    let run = format!("/agents/runs/{}/cancel", others["run"].as_str().unwrap());
    desk.expect(DAN, "POST", &run, &Value::Null, 403).await;

    // Asked for without a place, it is of the place of what it changes.
    let wish = json!({"businessId": "carpat", "text": "Set gate 1 to closed"});
    let run = desk.expect(MIHAI, "POST", "/agents/messages", &wish, 201).await["run"].clone();
    let its = |found: &Value| found["reviews"].as_array()?.iter().find(|row| row["run"] == run).cloned();
    let review = desk.until("/agents/reviews?business=carpat", its).await;
    assert_eq!(review["location"], "OTP", "{review}");
    desk.expect(DAN, "POST", &path("reviews", &review), &reject, 200).await;

    let schedule =
        json!({"business": "carpat", "id": "s", "name": "Digest", "cron": "0 6 * * *", "agent": "digest"});
    desk.expect(ANA, "POST", "/agents/schedules", &schedule, 201).await;
    desk.expect(DAN, "POST", "/agents/schedules/s/pause", &Value::Null, 403).await;
    desk.expect(MIHAI, "POST", "/agents/schedules/s/pause", &Value::Null, 200).await;
}

#[tokio::test]
async fn a_schedule_is_for_an_agent_that_takes_it_and_for_a_place_that_is_there() {
    let desk = Desk::open().await;
    let first = desk.expect(ANA, "GET", "/agents?business=carpat", &Value::Null, 200).await;
    let agents = first["agents"].as_array().unwrap();
    let takes = |name: &str| agents.iter().find(|agent| agent["name"] == name).unwrap()["takes"].clone();
    assert_eq!(
        [takes("coordinator"), takes("digest"), takes("watcher")],
        [json!("words"), json!("moment"), Value::Null]
    );
    let mut schedule =
        json!({"business": "carpat", "id": "s", "name": "S", "cron": "0 6 * * *", "agent": "watcher"});
    let refused = desk.expect(ANA, "POST", "/agents/schedules", &schedule, 400).await;
    assert_eq!(refused["error"]["field"], "agent");
    (schedule["agent"], schedule["location"]) = (json!("digest"), json!("JFK"));
    let refused = desk.expect(ANA, "POST", "/agents/schedules", &schedule, 400).await;
    assert_eq!(refused["error"]["field"], "location");
    schedule["location"] = json!("OTP");
    let made = desk.expect(ANA, "POST", "/agents/schedules", &schedule, 201).await;
    assert_eq!(made["schedule"]["location"], "OTP");
    let run = desk.expect(DAN, "POST", "/agents/schedules/s/run", &Value::Null, 200).await["run"].clone();
    let run = format!("/agents/runs/{}", run.as_str().unwrap());
    assert_eq!(desk.until(&run, |found| found["run"]["location"].as_str().map(str::to_owned)).await, "OTP");
    let moved = desk.expect(ANA, "PUT", "/agents/schedules/s", &json!({"location": ""}), 200).await;
    assert_eq!(moved["schedule"].get("location"), None, "{moved}");
    desk.expect(DAN, "POST", "/agents/schedules/s/pause", &Value::Null, 403).await;
}

#[tokio::test]
async fn messages_and_runs_of_long_ago_are_reached_page_by_page() {
    let desk = Desk::open().await;
    for number in 0..130 {
        let said = json!({"businessId": "carpat", "text": "help", "id": format!("m{number:03}")});
        desk.expect(MIHAI, "POST", "/agents/messages", &said, 201).await;
    }
    let first = desk.expect(MIHAI, "GET", "/agents?business=carpat", &Value::Null, 200).await;
    assert_eq!(first["messages"].as_array().map(Vec::len), Some(100));
    let mut said = std::collections::BTreeSet::new();
    let mut path = "/agents/messages?business=carpat".to_owned();
    let mut pages = 0;
    while pages < 9 {
        pages += 1;
        let page = desk.expect(MIHAI, "GET", &path, &Value::Null, 200).await;
        said.extend(
            page["messages"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()),
        );
        let Some(older) = page["older"].as_i64() else { break };
        path = format!("/agents/messages?business=carpat&before={older}");
    }
    let own = said.iter().filter(|id| id.len() == 4 && id.starts_with('m')).count();
    assert_eq!(own, 130, "{pages} pages");
    let runs = desk.expect(MIHAI, "GET", "/agents/runs?business=carpat", &Value::Null, 200).await;
    assert_eq!((runs["runs"].as_array().map(Vec::len), &runs["older"]), (Some(130), &Value::Null));
    desk.expect(VERA, "GET", "/agents/messages?business=other", &Value::Null, 404).await;
}
