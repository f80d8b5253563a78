//! What people of one place see of runs, and what stays sealed wherever runs read it again.

mod common;

use common::desk::{Desk, whoever};
use common::services::{Seen, services};
use serde_json::{Value, json};

/// A business with two places, and a gate at each.
async fn gates(more: &[(&str, &str)]) -> Desk {
    let desk = Desk::locked(more).await;
    let locations =
        json!([{"locationId": "OTP", "name": "Bucharest"}, {"locationId": "CLJ", "name": "Cluj"}]);
    let business = json!({"name": "Carpat Air", "type": "airline", "locations": locations}).to_string();
    assert_eq!(desk.send("PUT", "/agents/businesses/carpat", &[], business).await.0, 200);
    for (id, name, location) in
        [("gate-b12", "Gate B12", json!("OTP")), ("gate-qz77x", "Gate QZ77X", json!("CLJ"))]
    {
        let gate = json!({"business": "carpat", "id": id, "type": "gate", "name": name, "status": "open", "location": location});
        let (status, made) = desk.send("PUT", "/agents/resources", &[], gate.to_string()).await;
        assert_eq!(status, 201, "{made}");
    }
    desk
}

/// Says something, and gives the run once it is done.
async fn said(desk: &Desk, text: &str, more: Value) -> Value {
    let mut body = json!({"businessId": "carpat", "text": text});
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    let (status, said) = desk.send("POST", "/agents/messages", &[], body.to_string()).await;
    assert_eq!(status, 201, "{said}");
    desk.run(said["run"].as_str().unwrap(), "done").await
}

fn heard_what_is_sealed(run: &Value) -> bool {
    let mut events = run["events"].as_array().unwrap().iter();
    events.any(|event| event["kind"]["answered"]["answer"]["sensitive"] == true)
}

#[tokio::test]
async fn a_run_of_a_place_hears_nothing_of_other_places() {
    let desk = gates(&[]).await;
    let asked = json!({"businessId": "carpat", "locationId": "OTP", "text": "which gates are open"});
    let (status, told) = desk.ask_as_bound("/agents/messages", &asked).await;
    assert_eq!(status, 201, "{told}");
    let whole = desk.run(told["run"].as_str().unwrap(), "done").await.to_string();
    assert!(whole.contains("Gate B12") && !whole.contains("QZ77X"), "{whole}");
}

#[tokio::test]
async fn who_acts_for_a_place_sees_of_a_run_for_all_only_its_outline() {
    let desk = gates(&[]).await;
    let run = said(&desk, "which gates are open", json!({})).await;
    assert!(run["state"].to_string().contains("QZ77X"), "{run}");
    let path = format!("/agents/runs/{}", run["run"]["id"].as_str().unwrap());
    let dan = whoever("dan", &json!({"roles": ["viewer"], "businesses": ["carpat"], "locations": ["OTP"]}));
    let eva =
        whoever("eva", &json!({"roles": ["viewer"], "businesses": ["carpat"], "locations": ["OTP", "CLJ"]}));
    let check = async |who: &str, more: &str, expected: u16, sees: bool| {
        let method = if more == "/verify" { "POST" } else { "GET" };
        let told =
            desk.send(method, &format!("{path}{more}"), &[("authorization", who)], String::new()).await;
        assert_eq!((told.0, told.1.to_string().contains("QZ77X")), (expected, sees), "{more} {}", told.1);
        told.1
    };
    for more in ["", "/export"] {
        let outline = check(&dan, more, 200, false).await;
        assert_eq!((&outline["run"], &outline["withheld"]), (&run["run"], &json!(true)), "{outline}");
        assert_eq!((&outline["events"], &outline["state"]), (&json!([]), &Value::Null));
        let whole = check(&eva, more, 200, true).await;
        assert_eq!(whole, run, "who acts for all places of it sees it whole");
    }
    check(&dan, "/state?after=99", 403, false).await;
    check(&eva, "/state?after=99", 200, true).await;
    assert_eq!(check(&dan, "/verify", 200, false).await["ok"], true);
}

#[tokio::test]
async fn what_was_sealed_stays_so_when_a_service_gives_it_back() {
    let seen = Seen::default();
    let address = services(seen.clone()).await;
    let desk = gates(&[("RAG_API_URL", &address)]).await;
    said(&desk, "Which gates are open for sheikh QZ77X?", json!({"sensitive": true})).await;
    let kept = seen.newest("decision").await;
    assert_eq!(kept["body"]["metadata"]["sensitive"], true, "also when our own copy is gone: {kept}");
    let again = said(&desk, "decisions about the sheikh", json!({})).await;
    assert!(again["state"].to_string().contains("QZ77X"), "it was found: {again}");
    assert!(heard_what_is_sealed(&again), "{again}");
}

#[tokio::test]
async fn a_sealed_message_seals_nothing_else_of_its_name() {
    let desk = gates(&[]).await;
    said(&desk, "help", json!({"id": "gate-b12", "sensitive": true})).await;
    let run = said(&desk, "which gates are open", json!({})).await;
    assert!(run["state"].to_string().contains("Gate B12") && !heard_what_is_sealed(&run), "{run}");
}
