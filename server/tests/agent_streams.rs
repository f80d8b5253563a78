//! What the hub's event topics bring the agents: market and code events, from the publisher to the recorded decision.

mod common;

use common::desk::Desk;
use common::{PATIENCE, signal};
use futures_util::future::join_all;
use inflight_domain::{Draft, EventData, Json, RoomEvent, TopicName, UserId};
use inflight_engine::events::KEPT_ENTRIES;
use inflight_server::settings::origin::Inputs;
use serde_json::{Value, json};
use tokio::time::timeout;

async fn publish(desk: &Desk, topic: &str, body: Value) -> u64 {
    let (status, told) = desk.send("POST", &format!("/events/{topic}"), &[], body.to_string()).await;
    assert_eq!(status, 201, "{told}");
    told["offset"].as_u64().unwrap()
}

/// The newest runs of a business.
async fn runs(desk: &Desk, business: &str) -> Vec<Value> {
    let (_, found) = desk.send("GET", &format!("/agents/runs?business={business}"), &[], String::new()).await;
    found["runs"].as_array().unwrap().clone()
}

/// The run that belongs to a correlation, with its events, once it is done.
async fn decided(desk: &Desk, business: &str, correlation: &str) -> Value {
    let find = async {
        loop {
            let all = runs(desk, business).await;
            if let Some(run) = all.iter().find(|run| run["correlation"] == correlation) {
                return desk.run(run["id"].as_str().unwrap(), "done").await;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, find).await.unwrap_or_else(|_| panic!("{correlation} is taken in"))
}

async fn check(desk: &Desk, business: &str, correlation: &str, expected: (&str, &str, u64)) -> Value {
    let found = decided(desk, business, correlation).await;
    let input = &found["events"][0]["kind"]["started"]["input"];
    let seen = (
        found["run"]["title"].as_str().unwrap(),
        input["content"]["data"]["type"].as_str().unwrap(),
        input["content"]["metadata"]["offset"].as_u64().unwrap(),
    );
    assert_eq!(seen, expected, "{found}");
    assert_eq!((&input["source"], &input["type"]), (&json!("external_api"), &json!("webhook")));
    assert_eq!(input["correlationId"], correlation);
    assert_eq!(found["run"]["decisionCode"], "no-agent-yet", "{found}");
    found
}

#[tokio::test]
async fn a_signal_a_proposal_and_a_code_event_become_inputs_and_recorded_decisions() {
    let desk = Desk::locked(&[]).await;
    let other = json!({"name": "Dacia Cargo", "type": "freight", "settings": {"streams": ["proposal"]}});
    desk.send("PUT", "/agents/businesses/dacia", &[], other.to_string()).await;
    let at = publish(&desk, "signal", json!({"data": signal("signal_123")})).await;
    let tweet = "Signal from twitter: Bitcoin adoption increasing";
    let found = check(&desk, "carpat", "signal_123", (tweet, "signal", at)).await;
    let output = found["events"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|event| event["kind"]["finished"]["output"].as_object());
    let reasoning = output.unwrap()["reasoning"].as_str().unwrap();
    assert!(reasoning.contains("No agent deals with market events yet"), "{reasoning}");
    let proposal = json!({
        "id": "proposal_456", "thesis": "Bitcoin adoption is increasing", "assets": ["BTC", "ETH"], "size_pct": 0.05,
        "risk_score": 0.6, "expected_return": 0.08, "status": "proposed",
    });
    let at = publish(&desk, "proposal", json!({"data": proposal})).await;
    let thesis = "Proposal for BTC, ETH: Bitcoin adoption is increasing";
    for business in ["carpat", "dacia"] {
        check(&desk, business, "proposal_456", (thesis, "proposal", at)).await;
    }
    let code = json!({"event": "push", "repository": "ops", "correlationId": "c-9"});
    let at = publish(&desk, "business/dacia", json!({"type": "code", "data": code})).await;
    let found = check(&desk, "dacia", "c-9", ("Code event: push", "code", at)).await;
    assert_eq!(found["events"][0]["kind"]["started"]["input"]["userId"], "ana");
    // What the agents told rooms of all this came by as well, and nothing came of it.
    let of = async |business: &str| runs(&desk, business).await.len();
    assert_eq!((of("carpat").await, of("dacia").await), (2, 2), "a business has what it follows");
    let counted = desk.metrics().await;
    assert!(counted.contains(r#"inflight_agent_inputs_total{source="hub",result="taken"} 4"#), "{counted}");
}

#[tokio::test]
async fn what_is_no_input_is_told_and_holds_nothing_up() {
    let desk = Desk::locked(&[]).await;
    let wrong = json!({"type": "code", "data": {"event": "push", "correlationId": 5}});
    let (status, told) = desk.send("POST", "/events/business/carpat", &[], wrong.to_string()).await;
    assert_eq!((status, &told["error"]["field"]), (400, &json!("data.correlationId")), "{told}");
    let bound = json!({"type": "code", "data": {"event": "push"}});
    let (status, told) = desk.ask_as_bound("/events/business/carpat", &bound).await;
    assert_eq!((status, &told["error"]["field"]), (400, &json!("locationId")), "{told}");
    // One that went into the journal by another way, one in the room of nobody, and the server's own.
    let room = |business: &str, members: &[(&str, Json)], by: Option<&str>| Draft {
        topic: TopicName::parse(&format!("business/{business}")).unwrap(),
        data: EventData::Room(RoomEvent {
            kind: "code".to_owned(),
            data: Json::Object(
                members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            ),
        }),
        by: by.and_then(UserId::new),
    };
    let bad = [("correlationId", Json::Integer(5))];
    let own = [("correlationId", Json::Text("own".to_owned()))];
    for draft in
        [room("carpat", &bad, Some("ana")), room("nobody", &[], Some("ana")), room("carpat", &own, None)]
    {
        desk.server.hub.publish(draft).await.unwrap();
    }
    publish(&desk, "signal", json!({"data": signal("after")})).await;
    decided(&desk, "carpat", "after").await;
    let counted = desk.metrics().await;
    for result in ["invalid", "refused", "taken"] {
        let line = format!(r#"inflight_agent_inputs_total{{source="hub",result="{result}"}} 1"#);
        assert!(counted.contains(&line), "{line}: {counted}");
    }
    assert_eq!(runs(&desk, "carpat").await.len(), 1);
}

#[tokio::test]
async fn what_was_said_while_agents_were_off_is_read_from_the_journal() {
    let desk = Desk::locked(&[("FEATURES", "-agents")]).await;
    for id in ["first", "second"] {
        publish(&desk, "signal", json!({"data": signal(id)})).await;
    }
    // So much is said elsewhere that the hub has both at hand no more.
    let said = Draft {
        topic: TopicName::parse("load/L1").unwrap(),
        data: EventData::Room(RoomEvent { kind: "load.updated".to_owned(), data: Json::Object(Vec::new()) }),
        by: None,
    };
    for _ in 0..=KEPT_ENTRIES / 1000 {
        let all = join_all((0..1000).map(|_| desk.server.hub.publish(said.clone()))).await;
        assert!(all.iter().all(Result::is_ok));
    }
    assert_eq!(runs(&desk, "carpat").await.len(), 0, "they are off");
    desk.server.reload.read_from(&Inputs::default(), Box::new(|| Ok(Inputs::default())));
    desk.server.reload.run("test", "test").unwrap();
    for id in ["first", "second"] {
        decided(&desk, "carpat", id).await;
    }
    let counted = desk.metrics().await;
    assert!(counted.contains(r#"inflight_agent_inputs_total{source="hub",result="taken"} 2"#), "{counted}");
}
