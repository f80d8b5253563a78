//! What a business lays down while another system keeps it, and while its row cannot be read.

mod common;

use common::desk::Desk;
use common::services::{Seen, services};
use rusqlite::Connection;
use serde_json::{Value, json};

/// A message of somebody who acts for one of its places.
fn help() -> Value {
    json!({"businessId": "carpat", "text": "help", "locationId": "OTP"})
}

/// What the service says of a business, whose people these are.
fn says(seen: &Seen, users: &Value, settings: &Value) {
    let locations = json!([{"locationId": "OTP", "name": "Bucharest"}]);
    seen.note(
        "house",
        json!({"permissions": {"users": users}, "settings": settings, "locations": locations}),
    );
}

#[tokio::test]
async fn a_business_of_another_system_is_obeyed_as_it_is_now() {
    let seen = Seen::default();
    let address = services(seen.clone()).await;
    let desk =
        Desk::locked(&[("BUSINESS_INFO_API_URL", &address), ("BUSINESS_INFO_CACHE_SECONDS", "0")]).await;
    let ask = async |expected: u16, why: &str| {
        let (status, told) = desk.ask_as_bound("/agents/messages", &help()).await;
        assert_eq!(status, expected, "{why}: {told}");
        told
    };
    let dan = json!({"dan": {"roles": ["coordinator"]}});
    says(&seen, &json!({"eva": {}}), &json!({}));
    ask(403, "whom it does not list, before there is a copy").await;
    says(&seen, &dan, &json!({"budget": {"tokens": 7777}, "retention": "30d"}));
    let said = ask(201, "whom it lists since").await;
    let done = desk.run(said["run"].as_str().unwrap(), "done").await;
    assert_eq!(done["run"]["budget"]["tokens_max"], 7777, "{done}");
    says(&seen, &dan, &json!({"budget": {"tokens": 5555}}));
    let said = ask(201, "with other limits").await;
    let done = desk.run(said["run"].as_str().unwrap(), "done").await;
    assert_eq!(done["run"]["budget"]["tokens_max"], 5555, "{done}");
    says(&seen, &dan, &json!({"confidenceMin": 90}));
    let refused = ask(409, "what cannot be gone by").await;
    assert_eq!(refused["error"]["code"], "business_unfit", "{refused}");
    says(&seen, &json!({"eva": {}}), &json!({}));
    ask(403, "whom it lists no more").await;
    seen.note("house", json!({"gone": true}));
    ask(404, "what it does not know any more").await;
    let (_, shown) = desk.send("GET", "/agents/businesses/carpat", &[], String::new()).await;
    assert_eq!(shown["business"]["name"], "Elsewhere", "{shown}");
    says(&seen, &dan, &json!({}));
    ask(201, "whom it lists again").await;
    seen.note("house", json!({"away": true}));
    ask(201, "the copy answers while the service is away").await;
}

#[tokio::test]
async fn nobody_puts_a_shadow_before_a_business_of_another_system() {
    let address = services(Seen::default()).await;
    let desk = Desk::locked(&[("BUSINESS_INFO_API_URL", &address)]).await;
    let body = json!({"name": "Shadow", "type": "airline"}).to_string();
    let (status, told) = desk.send("PUT", "/agents/businesses/carpat", &[], body).await;
    assert_eq!((status, &told["error"]["code"]), (409, &json!("kept_elsewhere")), "{told}");
}

#[tokio::test]
async fn a_business_whose_row_cannot_be_read_is_for_admins_to_mend() {
    let desk = Desk::locked(&[]).await;
    assert_eq!(desk.ask_as_bound("/agents/messages", &help()).await.0, 201);
    let row = json!({"name": "Carpat Air", "type": "airline", "settings": {"budget": 500}}).to_string();
    let written = "UPDATE documents SET fields = ?1 WHERE kind = 'businesses' AND id = 'carpat'";
    let connection = Connection::open(desk.database()).unwrap();
    assert_eq!(connection.execute(written, [&row]).unwrap(), 1);
    assert_eq!(desk.ask_as_bound("/agents/messages", &help()).await.0, 403);
    let (status, told) = desk.send("POST", "/agents/messages", &[], help().to_string()).await;
    assert_eq!((status, &told["error"]["code"]), (409, &json!("business_unfit")), "{told}");
    let (status, shown) = desk.send("GET", "/agents/businesses/carpat", &[], String::new()).await;
    assert_eq!((status, &shown["business"]["settings"]["budget"]), (200, &json!(500)), "{shown}");
    let body = json!({"name": "Carpat Air", "type": "airline"}).to_string();
    assert_eq!(desk.send("PUT", "/agents/businesses/carpat", &[], body).await.0, 200);
    assert_eq!(desk.ask_as_bound("/agents/messages", &help()).await.0, 201);
}

#[tokio::test]
async fn a_fork_is_held_to_what_holds_now() {
    let desk = Desk::locked(&[]).await;
    let (_, said) = desk.send("POST", "/agents/messages", &[], help().to_string()).await;
    let run = said["run"].as_str().unwrap();
    let before = desk.run(run, "done").await;
    assert_eq!(before["run"]["budget"]["tokens_max"], 50_000, "{before}");
    let settings = json!({"confidenceMin": 1.0, "budget": {"tokens": 4321}});
    let body = json!({"name": "Carpat Air", "type": "airline", "settings": settings}).to_string();
    assert_eq!(desk.send("PUT", "/agents/businesses/carpat", &[], body).await.0, 200);
    let fork = json!({"after": 1}).to_string();
    let (status, forked) = desk.send("POST", &format!("/agents/runs/{run}/fork"), &[], fork).await;
    assert_eq!(status, 201, "{forked}");
    let now = desk.run(forked["run"].as_str().unwrap(), "done").await;
    assert_eq!(now["run"]["budget"]["tokens_max"], 4321, "{now}");
    let rules = now["events"][0]["kind"]["started"]["policy"]["rules"].to_string();
    assert!(rules.contains("less sure than this business wants"), "{rules}");
}
