//! Agents and other systems: services over HTTP, inputs with a key or a signature, what people edit, disruptions of the sky.

mod common;

use common::desk::{Desk, SECRET};
use common::services::{Seen, services};
use inflight_server::agents::signature;
use serde_json::{Value, json};

fn input(id: &str) -> Value {
    json!({
        "id": id, "businessId": "example", "type": "webhook", "timestamp": "2026-11-21T20:30:00Z",
        "content": {"data": {"type": "market", "data": {"marketData": {}}}}, "correlationId": "c-7",
    })
}

#[tokio::test]
async fn a_signed_input_is_taken_once_and_answered_honestly() {
    let desk = Desk::open(&[]).await;
    let (status, taken) = desk.signed(&input("w1"), SECRET).await;
    assert_eq!(
        (status, &taken["kind"], &taken["repeated"]),
        (202, &json!("market"), &json!(false)),
        "{taken}"
    );
    let (status, again) = desk.signed(&input("w1"), SECRET).await;
    assert_eq!((status, &again["run"], &again["repeated"]), (200, &taken["run"], &json!(true)));
    let done = desk.run(taken["run"].as_str().unwrap(), "done").await;
    assert_eq!(
        (&done["run"]["decisionCode"], &done["run"]["correlation"]),
        (&json!("no-agent-yet"), &json!("c-7"))
    );

    assert_eq!(desk.signed(&input("w2"), "another secret 16").await.1["error"]["code"], "bad_signature");
    let body = input("w3").to_string();
    let old = signature::sign(body.as_bytes(), SECRET.as_bytes(), 1_000_000);
    let (status, refused) = desk.send("POST", "/inputs", &[("inflight-signature", &old)], body).await;
    assert_eq!((status, &refused["error"]["code"]), (401, &json!("bad_signature")));
    let mut elsewhere = input("w4");
    elsewhere["businessId"] = json!("other");
    assert_eq!(desk.signed(&elsewhere, SECRET).await.0, 401);
}

#[tokio::test]
async fn each_field_that_is_wrong_is_named() {
    let desk = Desk::open(&[]).await;
    let mut wrong = input("w1");
    wrong["timestamp"] = json!("soon");
    wrong["content"] = json!({});
    let (status, told) = desk.signed(&wrong, SECRET).await;
    let fields: Vec<&str> =
        told["error"]["fields"].as_array().unwrap().iter().filter_map(|one| one["field"].as_str()).collect();
    assert_eq!((status, fields), (400, vec!["timestamp", "content"]));
    let mut cron = input("w2");
    cron["source"] = json!("cron");
    cron["type"] = json!("scheduled_task");
    assert_eq!(desk.signed(&cron, SECRET).await.1["error"]["field"], "source");
    assert_eq!(desk.signed(&input("sky-1"), SECRET).await.1["error"]["field"], "id");
    let mut many = input("w3");
    many.as_object_mut().unwrap().extend((0..50).map(|number| (format!("x{number}"), json!(1))));
    let (_, told) = desk.signed(&many, SECRET).await;
    assert_eq!(told["error"]["fields"].as_array().unwrap().len(), 20);
    assert_eq!(desk.signed(&many, "another secret 16").await.1["error"]["code"], "bad_signature");
    let (status, told) = desk.send("POST", "/inputs", &[], "{".to_owned()).await;
    assert_eq!((status, &told["error"]["code"]), (400, &json!("not_json")));
}

#[tokio::test]
async fn services_over_http_answer_are_cached_and_are_acted_on_once_approved() {
    let seen = Seen::default();
    let address = services(seen.clone()).await;
    let desk = Desk::locked(&[
        ("BUSINESS_INFO_API_URL", &address),
        ("RESOURCES_API_URL", &address),
        ("SERVICES_API_KEY", "service-key"),
    ])
    .await;
    let say = |text: &str| json!({"businessId": "carpat", "text": text}).to_string();
    let (status, said) = desk.send("POST", "/agents/messages", &[], say("which gates are open")).await;
    assert_eq!(status, 201, "{said}");
    let done = desk.run(said["run"].as_str().unwrap(), "done").await;
    assert_eq!(done["run"]["decisionCode"], "assistant-resources", "{done}");
    assert_eq!((seen.count("business"), seen.count("query")), (2, 1), "one repeated after a failure");
    let (_, said) = desk.send("POST", "/agents/messages", &[], say("show gates")).await;
    desk.run(said["run"].as_str().unwrap(), "done").await;
    assert_eq!((seen.count("business"), seen.count("query")), (2, 2), "what is known of a business holds");
}

#[tokio::test]
async fn resources_that_cannot_be_reached_are_not_said_to_be_none() {
    let seen = Seen::default();
    let address = services(seen.clone()).await;
    let desk = Desk::locked(&[("RESOURCES_API_URL", &address)]).await;
    let business = json!({"name": "Otopeni", "type": "airline"}).to_string();
    assert_eq!(desk.send("PUT", "/agents/businesses/otopeni", &[], business).await.0, 201);
    let first = async |business: &str| {
        let (_, all) = desk.send("GET", &format!("/agents?business={business}"), &[], String::new()).await;
        (all["resources"].clone(), all["services"][0].clone())
    };
    let (rows, service) = first("carpat").await;
    assert_eq!((&rows[0]["id"], service.get("unreached")), (&json!("gate-9"), None), "{service}");
    seen.note("away", Value::Null);
    let (rows, service) = first("carpat").await;
    let unreached = &service["unreached"];
    assert_eq!((&service["name"], &rows[0]["id"]), (&json!("resources"), &json!("gate-9")), "{service}");
    assert!(unreached["why"].as_str().is_some_and(|why| why.contains("does not answer")), "{service}");
    assert!(unreached["known_ms"].as_i64().is_some_and(|at| at > 0), "{service}");
    let (rows, service) = first("otopeni").await;
    assert_eq!((&rows, &service["unreached"]["known_ms"]), (&json!([]), &Value::Null), "{service}");
}

#[tokio::test]
async fn what_only_services_know_is_seen_and_told_to_them() {
    let seen = Seen::default();
    let address = services(seen.clone()).await;
    let hook = format!("cases={address}/cases");
    let desk = Desk::locked(&[
        ("BUSINESS_INFO_API_URL", &address),
        ("RESOURCES_API_URL", &address),
        ("RAG_API_URL", &address),
        ("AGENT_CALLS_TO", &hook),
    ])
    .await;
    let get = async |path: &str| desk.send("GET", path, &[], String::new()).await.1;
    assert_eq!(
        get("/agents?business=otopeni").await["resources"][0]["id"],
        "gate-9",
        "a business of elsewhere"
    );
    assert_eq!(get("/agents/resources?business=otopeni").await["resources"][0]["name"], "Gate 9");
    let gate =
        json!({"business": "otopeni", "id": "gate-9", "type": "gate", "name": "Gate 9", "status": "closed"});
    let (status, refused) = desk.send("PUT", "/agents/resources", &[], gate.to_string()).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("kept_elsewhere")), "{refused}");

    let disruption = json!({
        "id": "d1", "kind": "emergency", "severity": "alarm", "icao24": "4a0001", "callsign": "ROT301",
        "began": 1_795_300_000.0, "last_seen": 1_795_300_060.0, "confidence_pct": 95,
    });
    let sent = json!({
        "id": "w1", "businessId": "otopeni", "type": "webhook", "timestamp": "2026-11-21T20:30:00Z",
        "content": {"data": {"type": "disruption", "disruption": disruption}}, "correlationId": "c-9",
    });
    let (status, taken) = desk.send("POST", "/inputs", &[], sent.to_string()).await;
    assert_eq!(status, 202, "{taken}");
    let run = taken["run"].as_str().unwrap();
    desk.run(run, "review").await;
    let reviews = get("/agents/reviews?business=otopeni").await;
    let path = format!("/agents/reviews/{}", reviews["reviews"][0]["id"].as_str().unwrap());
    let approve = json!({"decision": "approve"}).to_string();
    assert_eq!(desk.send("POST", &path, &[], approve).await.0, 200);
    let case = seen.newest("case").await;
    assert_eq!(
        (&case["body"]["aircraft"], &case["body"]["approved_by"]),
        (&json!("4a0001"), &json!("ana")),
        "{case}"
    );
    assert_eq!(case["key"].as_str().unwrap().len(), 32);
    let decision = seen.newest("decision").await;
    assert_eq!(decision["correlation"], "c-9");
    assert_eq!(decision["body"]["businessId"], "otopeni", "{decision}");
    assert_eq!((seen.count("case"), seen.count("decision")), (1, 1));
    let rows = get("/system").await;
    let state = |name: &str| {
        rows["rows"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap()["state"].clone()
    };
    assert_eq!([state("business_info"), state("resources"), state("rag")], ["up", "up", "up"]);
}

#[tokio::test]
async fn an_approved_action_goes_to_the_service_with_one_key_however_often_it_is_tried() {
    let seen = Seen::default();
    let address = services(seen.clone()).await;
    let desk = Desk::locked(&[("RESOURCES_API_URL", &address), ("SERVICES_API_KEY", "service-key")]).await;
    let said = json!({"businessId": "carpat", "text": "set gate 9 to closed"}).to_string();
    let (_, said) = desk.send("POST", "/agents/messages", &[], said).await;
    let run = said["run"].as_str().unwrap();
    let review = desk.run(run, "review").await["reviews"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(seen.count("action"), 0, "nothing leaves before somebody approves");
    let approve = json!({"decision": "approve"}).to_string();
    let (status, told) = desk.send("POST", &format!("/agents/reviews/{review}"), &[], approve).await;
    assert_eq!(status, 200, "{told}");
    let done = desk.run(run, "done").await;
    let key = done["effects"].as_array().unwrap().iter().find(|one| one["effect"]["target"] == "resources");
    let key = key.unwrap()["key"].clone();
    let tries = seen.all("action");
    assert_eq!(tries.len(), 2, "once more after a failure");
    for told in &tries {
        assert_eq!((&told["key"], &told["bearer"]), (&key, &json!("Bearer service-key")));
        assert_eq!(
            (&told["body"]["action"], &told["body"]["parameters"], &told["body"]["expectedVersion"]),
            (&json!("set_status"), &json!({"status": "closed"}), &json!(4)),
        );
    }
    let counted = desk.metrics().await;
    let line = "inflight_agent_service_calls_total{service=\"resources\",result=\"answered\"}";
    assert!(counted.contains(line), "{counted}");
}

#[tokio::test]
async fn an_example_asks_nobody_elsewhere() {
    let seen = Seen::default();
    let address = services(seen.clone()).await;
    let desk = Desk::open(&[("BUSINESS_INFO_API_URL", &address), ("RESOURCES_API_URL", &address)]).await;
    let said = json!({"businessId": "example", "text": "which gates are open"}).to_string();
    let (_, said) = desk.send("POST", "/agents/messages", &[], said).await;
    let done = desk.run(said["run"].as_str().unwrap(), "done").await;
    assert_eq!(done["run"]["decisionCode"], "assistant-resources", "{done}");
    assert_eq!((seen.count("business"), seen.count("query")), (0, 0));
}

#[tokio::test]
async fn a_signature_opens_a_locked_server_for_inputs_alone() {
    let desk = Desk::locked(&[]).await;
    let mut sent = input("w1");
    (sent["businessId"], sent["userId"]) = (json!("carpat"), json!("ana"));
    let (status, taken) = desk.signed(&sent, SECRET).await;
    assert_eq!(status, 202, "{taken}");
    let done = desk.run(taken["run"].as_str().unwrap(), "done").await;
    let began = &done["events"][0]["kind"]["started"]["input"];
    assert_eq!((&began["id"], began.get("userId")), (&json!("w1"), None), "{done}");
    assert_eq!(desk.signed(&sent, "another secret 16").await.1["error"]["code"], "bad_signature");
    let signature = [("inflight-signature", "t=1,v1=00")];
    for (method, path) in [("POST", "/agents/messages"), ("GET", "/inputs"), ("POST", "/inputs/")] {
        let (status, _) = desk.send(method, path, &signature, String::new()).await;
        assert_eq!(status, 401, "{method} {path}");
    }
}

#[tokio::test]
async fn who_acts_for_some_places_names_one_and_edits_no_state() {
    let desk = Desk::locked(&[]).await;
    let mut said = json!({"businessId": "carpat", "text": "help"});
    let (status, told) = desk.ask_as_bound("/agents/messages", &said).await;
    assert_eq!((status, &told["error"]["field"]), (400, &json!("locationId")), "{told}");
    said["locationId"] = json!("CLJ");
    assert_eq!(desk.ask_as_bound("/agents/messages", &said).await.0, 404);
    said["locationId"] = json!("OTP");
    said["id"] = json!("cron-1");
    let (status, told) = desk.ask_as_bound("/agents/messages", &said).await;
    assert_eq!((status, &told["error"]["field"]), (400, &json!("id")), "{told}");
    said["id"] = json!("m1");
    let (status, told) = desk.ask_as_bound("/agents/messages", &said).await;
    assert_eq!(status, 201, "{told}");
    let run = told["run"].as_str().unwrap();
    desk.run(run, "done").await;
    let fork = json!({"after": 1, "state": {"outcome": "done"}});
    assert_eq!(desk.ask_as_bound(&format!("/agents/runs/{run}/fork"), &fork).await.0, 403);
    said = json!({"businessId": "carpat", "text": "help"});
    let (_, elsewhere) = desk.send("POST", "/agents/messages", &[], said.to_string()).await;
    assert!(elsewhere["run"].is_string(), "an admin needs no place: {elsewhere}");
}

#[tokio::test]
async fn what_agents_go_by_is_read_by_all_but_previewed_and_changed_by_admins_only() {
    let desk = Desk::open(&[]).await;
    let get = async |path: &str| desk.send("GET", path, &[], String::new()).await;
    let (_, models) = get("/agents/models?business=example").await;
    let codes = models["models"].as_array().unwrap();
    assert!(codes.iter().any(|model| model["decisionCode"] == "ops-digest"));
    let (status, found) = get("/agents/models/ops-digest/versions?business=example").await;
    assert_eq!(status, 200);
    assert!(!found["versions"].as_array().unwrap().is_empty());
    let preview = json!({"messageTemplate": "{a} {b}", "parameters": [{"name": "a", "type": "text", "required": true}], "values": {}});
    let admin = Desk::locked(&[]).await;
    let (_, shown) = admin.send("POST", "/agents/models/preview", &[], preview.to_string()).await;
    let problems: Vec<&Value> =
        shown["problems"].as_array().unwrap().iter().map(|problem| &problem["problem"]).collect();
    assert_eq!(
        (&shown["text"], problems),
        (&json!("⟨a⟩ ⟨b⟩"), vec![&json!("unknown_placeholder"), &json!("missing")])
    );
    let many: Vec<Value> = (0..41)
        .map(|number| json!({"name": format!("p{number}"), "type": "text", "required": false}))
        .collect();
    let long = json!([{"name": "p".repeat(65), "type": "text", "required": false}]);
    for parameters in [json!(many), long] {
        let body = json!({"messageTemplate": "x", "parameters": parameters}).to_string();
        let (status, told) = admin.send("POST", "/agents/models/preview", &[], body).await;
        assert_eq!((status, &told["error"]["field"]), (400, &json!("parameters")), "{told}");
    }
    let (_, resources) = get("/agents/resources?business=example").await;
    assert!(resources["resources"].as_array().unwrap().len() > 3);
    let (status, _) = get("/agents/businesses/example").await;
    assert_eq!((status, get("/agents/businesses/other").await.0), (200, 404));
    let (status, found) = get("/agents/decisions?business=example&q=fog").await;
    assert_eq!((status, &found), (200, &json!({"decisions": []})));
    for (method, path) in [
        ("PUT", "/agents/models"),
        ("POST", "/agents/models/preview"),
        ("PUT", "/agents/resources"),
        ("PUT", "/agents/businesses/x"),
        ("DELETE", "/agents/resources?business=example&id=gate-b12"),
    ] {
        assert_eq!(desk.send(method, path, &[], "{}".to_owned()).await.0, 403, "{method} {path}");
    }
}

#[tokio::test]
async fn what_a_business_lays_down_holds() {
    let desk = Desk::locked(&[]).await;
    let put = async |settings: Value, permissions: Value| {
        let locations = json!([{"locationId": "OTP", "name": "Bucharest"}]);
        let body = json!({"name": "Carpat Air", "type": "airline", "settings": settings, "permissions": permissions, "locations": locations});
        desk.send("PUT", "/agents/businesses/carpat", &[], body.to_string()).await
    };
    for (settings, field) in [
        (json!({"curfew": 23}), "settings.curfew"),
        (json!({"timeZone": "Mars/Base"}), "settings.timeZone"),
        (json!({"budget": {"tokens": -1}}), "body"),
    ] {
        let (status, told) = put(settings, json!({})).await;
        assert_eq!((status, &told["error"]["field"]), (400, &json!(field)), "{told}");
    }
    let settings = json!({"timeZone": "Europe/Bucharest", "confidenceMin": 1.0, "budget": {"tokens": 12345, "onCrossing": "stop"}});
    assert_eq!(put(settings.clone(), json!({})).await.0, 200);
    let digest =
        json!({"business": "carpat", "name": "Evening digest", "cron": "0 18 * * *", "agent": "digest"});
    let (_, made) = desk.send("POST", "/agents/schedules", &[], digest.to_string()).await;
    assert_eq!(made["schedule"]["time_zone"], "Europe/Bucharest", "{made}");
    let path = format!("/agents/schedules/{}/run", made["schedule"]["id"].as_str().unwrap());
    let (_, ran) = desk.send("POST", &path, &[], String::new()).await;
    let done = desk.run(ran["run"].as_str().unwrap(), "done").await;
    let at = done["output"]["metadata"]["at"].as_str().unwrap();
    assert!(at.ends_with("+02:00") || at.ends_with("+03:00"), "{at}");
    // What would happen by itself is asked about here.
    let said = json!({"businessId": "carpat", "text": "run the schedule Evening digest now"}).to_string();
    let (_, said) = desk.send("POST", "/agents/messages", &[], said).await;
    let asked = desk.run_over(said["run"].as_str().unwrap()).await;
    assert_eq!(asked["reviews"][0]["because"]["rule"], "less sure than this business wants", "{asked}");
    let budget = &asked["run"]["budget"];
    assert_eq!((&budget["tokens_max"], &budget["steps_max"]), (&json!(12345), &json!(64)), "{budget}");
    // Who is not listed does not act, and who is listed for a place acts there.
    let (_, now) = desk.send("GET", "/agents?business=carpat", &[], String::new()).await;
    assert!(now["spent"]["tokens"] == 0 && now["spent"]["tokens_max"].as_u64() > Some(0), "{}", now["spent"]);
    let say = json!({"businessId": "carpat", "text": "help", "locationId": "OTP"});
    for (users, expected) in [
        (json!({"eva": {"roles": ["coordinator"]}}), 403),
        (json!({"dan": {"roles": ["viewer"]}}), 403),
        (json!({"dan": {"roles": ["trader"], "locations": ["OTP"]}}), 403),
        (json!({"dan": {"roles": ["coordinator"], "locations": ["OTP"]}}), 201),
    ] {
        assert_eq!(put(settings.clone(), json!({"users": users})).await.0, 200);
        assert_eq!(desk.ask_as_bound("/agents/messages", &say).await.0, expected, "{users}");
    }
}
