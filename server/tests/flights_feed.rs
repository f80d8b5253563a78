//! `/ws/flights` over real sockets, in both formats.

mod common;

use common::{AIRCRAFT, Folder, connect, next, replaying};
use serde_json::Value;
use std::collections::BTreeSet;
use tokio_tungstenite::tungstenite::Message;

async fn check(path: &str, read: fn(Message) -> Value) {
    let folder = Folder::new();
    let server = replaying(&folder, 50.0).await;
    let mut socket = connect(&server, path, &[]).await.unwrap();
    let snapshot = read(next(&mut socket).await);
    assert_eq!(
        (&snapshot["type"], &snapshot["schema_version"]),
        (&"snapshot".into(), &1.into()),
        "{snapshot}"
    );
    let mut cut = snapshot["cut"].as_u64().unwrap();
    let mut known: BTreeSet<String> = addresses(&snapshot["flights"]);
    for _ in 0..5 {
        let delta = read(next(&mut socket).await);
        assert_eq!(delta["type"], "delta");
        assert_eq!(delta["base"].as_u64().unwrap(), cut, "the chain of cuts has no gap");
        cut = delta["cut"].as_u64().unwrap();
        known.extend(addresses(&delta["updated"]));
    }
    assert_eq!(known.len(), AIRCRAFT);
}

fn addresses(payloads: &Value) -> BTreeSet<String> {
    let payloads = payloads.as_array().unwrap();
    payloads.iter().map(|payload| payload["icao24"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn json_is_the_default() {
    let read: fn(Message) -> Value = |message| serde_json::from_str(message.to_text().unwrap()).unwrap();
    check("/ws/flights", read).await;
    check("/ws/flights?format=json", read).await;
}

#[tokio::test]
async fn msgpack_holds_the_same_maps() {
    check("/ws/flights?format=msgpack", |message| {
        assert!(message.is_binary());
        rmp_serde::from_slice(&message.into_data()).unwrap()
    })
    .await;
}
