//! What people change of what agents go by, over HTTP: schedules, and what is told of it.

mod common;

use common::desk::Desk;
use serde_json::{Value, json};

/// Asks with a body; the status and the answer.
async fn ask(desk: &Desk, method: &str, path: &str, body: &Value) -> (u16, Value) {
    desk.send(method, &format!("/agents{path}"), &[], body.to_string()).await
}

/// A schedule of the business `carpat` that is not due for long.
async fn schedule(desk: &Desk, more: &Value) -> (u16, Value) {
    let mut wanted = json!({
        "business": "carpat", "id": "yearly", "name": "Yearly", "cron": "0 0 1 1 *", "agent": "digest",
        "input": {"text": "digest of the year"},
    });
    wanted.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ask(desk, "POST", "/schedules", &wanted).await
}

/// A wish, and the status and field, or code, of its refusal.
async fn refused(desk: &Desk, more: Value, expected: (u16, &str)) {
    let (status, told) = schedule(desk, &more).await;
    let named = [&told["error"]["field"], &told["error"]["code"]];
    assert!(status == expected.0 && named.contains(&&json!(expected.1)), "{more}: {status} {told}");
}

#[tokio::test]
async fn a_schedule_is_named_once_and_changed_only_as_it_was_read() {
    let desk = Desk::locked(&[]).await;
    for (more, expected) in [
        (json!({"id": "a b"}), (400, "id")),
        (json!({"id": "a/b"}), (400, "id")),
        (json!({"cron": "0 0 30 2 *"}), (400, "cron")),
        (json!({"time_zone": "Europe/Atlantis"}), (400, "time_zone")),
        (json!({"agent": "nobody"}), (400, "agent")),
        (json!({"business": "nowhere"}), (404, "not_found")),
    ] {
        refused(&desk, more, expected).await;
    }
    let (status, made) = schedule(&desk, &json!({})).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["schedule"]["next_ms"].as_array().unwrap().len(), 5);
    refused(&desk, json!({}), (409, "taken")).await;
    let path = "/schedules/yearly";
    let (status, told) = ask(&desk, "PUT", path, &json!({"name": "New year", "version": 7})).await;
    assert_eq!((status, &told["error"]["code"]), (409, &json!("changed_meanwhile")), "{told}");
    let (status, told) = ask(&desk, "PUT", path, &json!({"name": "New year", "version": 1})).await;
    assert_eq!((status, &told["schedule"]["name"]), (200, &json!("New year")), "{told}");
    assert_eq!(told["schedule"]["input"]["text"], "digest of the year", "what is not given is kept");
    let (status, told) = ask(&desk, "PUT", path, &told["schedule"]).await;
    assert_eq!((status, &told["schedule"]["version"]), (200, &json!(3)), "what was read can be sent back");
    let counted = desk.metrics().await;
    assert!(
        counted.contains("inflight_agent_edits_total{table=\"schedules\",result=\"done\"} 3"),
        "{counted}"
    );
}

#[tokio::test]
async fn what_is_asked_in_the_wrong_way_is_told_and_counted() {
    let desk = Desk::locked(&[]).await;
    for path in ["/runs", "/runs?business=carpat&before=soon", "/resources?bus=carpat"] {
        let (status, told) = ask(&desk, "GET", path, &Value::Null).await;
        assert_eq!((status, &told["error"]["field"]), (400, &json!("query")), "{path}: {told}");
    }
    for message in
        [json!({"businessId": "carpat"}), json!({"businessId": "carpat", "text": "x", "id": "a b"})]
    {
        assert_eq!(ask(&desk, "POST", "/messages", &message).await.0, 400);
    }
    let elsewhere = json!({"businessId": "nowhere", "text": "help"});
    assert_eq!(ask(&desk, "POST", "/messages", &elsewhere).await.0, 404);
    let counted = desk.metrics().await;
    for line in [
        "inflight_http_errors_total{code=\"bad_query\"} 3",
        "inflight_agent_inputs_total{source=\"websocket\",result=\"invalid\"} 2",
        "inflight_agent_inputs_total{source=\"websocket\",result=\"refused\"} 1",
    ] {
        assert!(counted.contains(line), "{line} in\n{counted}");
    }
}

#[tokio::test]
async fn a_schedule_tells_how_its_last_run_ended() {
    let desk = Desk::locked(&[]).await;
    schedule(&desk, &json!({})).await;
    schedule(&desk, &json!({"id": "yearly-at"})).await;
    let (status, begun) = ask(&desk, "POST", "/schedules/yearly-at/run", &Value::Null).await;
    assert_eq!(status, 200, "{begun}");
    desk.run(begun["run"].as_str().unwrap(), "done").await;
    let ended = async {
        loop {
            let (_, told) = ask(&desk, "GET", "/schedules/yearly-at", &Value::Null).await;
            if told["schedule"]["last_status"] == "done" {
                return told;
            }
            tokio::task::yield_now().await;
        }
    };
    let told = tokio::time::timeout(common::PATIENCE, ended).await.expect("its end is never noted");
    assert_eq!((&told["schedule"]["last_run"], &told["runs"][0]["id"]), (&begun["run"], &begun["run"]));
    let (_, other) = ask(&desk, "GET", "/schedules/yearly", &Value::Null).await;
    assert_eq!(other["runs"], json!([]), "runs of a schedule whose name only begins in the same way");
}
