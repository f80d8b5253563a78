//! What each door lets through: roles, names of the machine, limits of plain requests, and who it says it was.

mod common;

use common::access::{SECRET, bearer, good, key, locked, me, open, token};
use common::{Client, Folder, PATIENCE, close_of, connect, request, settings, start};
use futures_util::SinkExt;
use inflight_server::audit::AuditSettings;
use inflight_server::auth::Role;
use inflight_server::clock;
use inflight_server::server::Server;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn who_has_no_role_here_gets_nowhere() {
    let folder = Folder::new();
    let server = locked(&folder, &[]).await;
    let exp = clock::now().0 / 1000 + 600;
    let pilot = |roles: Value| {
        token(Algorithm::HS256, SECRET, &json!({"sub": "p", "aud": "ops", "roles": roles, "exp": exp}))
    };
    for roles in [json!(["pilot"]), json!([]), json!("Admin")] {
        let bad = pilot(roles.clone());
        assert_eq!(open(&server, &bad).await.err(), Some(401), "{roles}");
        let headers = [("authorization", bearer(&bad))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(connect(&server, "/ws/flights", &headers).await.unwrap_err().status(), 401, "{roles}");
        let header = format!("authorization: {}\r\n", bearer(&bad));
        for path in
            ["/api/v1/me", "/api/v1/system", "/api/v1/history", "/api/v1/sources", "/stream/sse", "/metrics"]
        {
            assert_eq!(request(&server, "GET", path, &header).await.0, 401, "{path} {roles}");
        }
    }
    assert!(open(&server, &pilot(json!("viewer"))).await.is_ok());
}

#[tokio::test]
async fn a_borrowed_name_of_this_machine_reads_nothing() {
    let folder = Folder::new();
    let environment = [("DATA_DIR", folder.0.to_str().unwrap()), ("CLIENT_URL", "https://app.example/x")];
    let mut settings = settings(&environment);
    settings.replay.file = folder.recording();
    let server = start(&settings).await;
    let port = server.address.port();
    for (host, expected) in [
        ("evil.example".to_owned(), 421),
        (format!("evil.example:{port}"), 421),
        (format!("127.0.0.1.evil.example:{port}"), 421),
        (format!("localhost:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        ("127.0.0.1".to_owned(), 200),
        ("app.example".to_owned(), 200),
        ("app.example:443".to_owned(), 200),
        ("sub.app.example".to_owned(), 421),
    ] {
        for path in ["/api/v1/audit", "/api/v1/connections", "/metrics", "/", "/healthz"] {
            assert_eq!(ask_as(&server, &host, path).await, expected, "{path} as {host}");
        }
        if expected == 421 {
            assert_eq!(ask_as(&server, &host, "/stream/sse").await, 421, "{host}");
        }
    }
}

/// The status of a request that names this host.
async fn ask_as(server: &Server, host: &str, path: &str) -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let text = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.unwrap();
    String::from_utf8_lossy(&head[9..]).parse().unwrap()
}

#[tokio::test]
async fn the_audit_trail_and_the_roster_name_who_it_is() {
    let folder = Folder::new();
    let mut settings = settings(&[("DATA_DIR", folder.0.to_str().unwrap())]);
    settings.audit = Some(AuditSettings { max_bytes: 1 << 30, keep: None });
    settings.replay.file = folder.recording();
    let server = start(&settings).await;
    let (id, key) = key(&folder, "dan", Role::Trader);
    while me(&server, &format!("x-api-key: {key}\r\n")).await.0 != 200 {}
    let mut client = Client::open(&server, inflight_wire::Format::Json).await;
    assert_eq!(client.json().await[0]["type"], "hello");
    client
        .socket
        .send(Message::text(json!({"type": "authenticate", "token": key}).to_string()))
        .await
        .unwrap();
    let pause = json!({"type": "replay", "id": 1, "command": {"action": "pause"}});
    client.socket.send(Message::text(pause.to_string())).await.unwrap();
    assert_eq!(client.json().await[0]["type"], "done");
    let told =
        async |path: &str| serde_json::from_str::<Value>(&request(&server, "GET", path, "").await.2).unwrap();
    let connections = told("/api/v1/connections").await;
    assert_eq!(connections["connections"][0]["user"], "dan", "{connections}");
    drop(client);
    let gone = connect(&server, "/stream/ws", &[]).await.unwrap();
    drop(gone);
    let find = |trail: &Value, action: &str| {
        let entries = trail["entries"].as_array().unwrap();
        let found = entries.iter().find(|entry| entry["action"] == action).cloned();
        found.map(|entry| {
            (entry["actor"].as_str().unwrap().to_owned(), entry["target"].as_str().unwrap().to_owned())
        })
    };
    let begun = Instant::now();
    let trail = loop {
        let trail = told("/api/v1/audit").await;
        if find(&trail, "disconnect").is_some() && find(&trail, "key_created").is_some() {
            break trail;
        }
        assert!(begun.elapsed() < PATIENCE, "{trail}");
    };
    assert_eq!(find(&trail, "sign_in").unwrap().0, "dan");
    assert_eq!(find(&trail, "command").unwrap().0, "dan");
    assert_eq!(find(&trail, "key_created").unwrap(), ("local".to_owned(), format!("key/{id} of dan")));
    assert_eq!(find(&trail, "sign_in_failed"), None, "who just leaves did not fail");
}

#[tokio::test]
async fn plain_requests_have_a_limit_too() {
    let folder = Folder::new();
    let (_, key) = key(&folder, "dan", Role::Trader);
    let server = locked(&folder, &[("MESSAGE_BURST", "5"), ("MESSAGES_PER_MINUTE", "1")]).await;
    let header = format!("x-api-key: {key}\r\n");
    for _ in 0..5 {
        assert_eq!(request(&server, "POST", "/api/v1/tickets", &header).await.0, 200);
    }
    let (status, head, _) = request(&server, "POST", "/api/v1/events/signal", &header).await;
    assert!(status == 429 && head.contains("retry-after"), "{head}");
    assert_eq!(request(&server, "GET", "/api/v1/me", &header).await.0, 200, "looking goes on");
    let other = format!("authorization: {}\r\n", bearer(&good(600)));
    assert_eq!(request(&server, "POST", "/api/v1/tickets", &other).await.0, 200, "others have their own");
    for _ in 0..5 {
        assert_eq!(request(&server, "POST", "/api/v1/tickets", "").await.0, 401);
    }
    assert_eq!(request(&server, "POST", "/api/v1/tickets", "").await.0, 429, "nobody by address");
}

#[tokio::test]
async fn a_body_that_trickles_is_not_waited_for() {
    let folder = Folder::new();
    let (_, key) = key(&folder, "dan", Role::Trader);
    let server = locked(&folder, &[]).await;
    let slow = format!("x-api-key: {key}\r\ncontent-length: 1000\r\n");
    let begun = Instant::now();
    assert_eq!(request(&server, "POST", "/api/v1/events/signal", &slow).await.0, 408);
    assert!(begun.elapsed() >= Duration::from_secs(4), "{:?}", begun.elapsed());
    let viewer = format!("authorization: {}\r\ncontent-length: 1000\r\n", bearer(&good(600)));
    assert_eq!(
        request(&server, "POST", "/api/v1/events/load/L1", &viewer).await.0,
        403,
        "the right is asked first"
    );
}

#[tokio::test]
async fn one_user_has_so_many_connections() {
    let folder = Folder::new();
    let (_, key) = key(&folder, "dan", Role::Viewer);
    let server = locked(&folder, &[("CONNECTIONS_PER_USER", "2")]).await;
    let _first = open(&server, &key).await.unwrap();
    let second = open(&server, &key).await.unwrap();
    assert_eq!(open(&server, &key).await.err(), Some(429));
    assert!(open(&server, &good(600)).await.is_ok(), "others have their own");
    let mut late = connect(&server, "/stream/ws", &[]).await.unwrap();
    let said = json!({"type": "authenticate", "token": key}).to_string();
    late.send(Message::text(said)).await.unwrap();
    assert_eq!(close_of(&mut late).await.0, 4029);
    drop(second);
    let begun = Instant::now();
    while open(&server, &key).await.is_err() {
        assert!(begun.elapsed() < PATIENCE);
    }
}
#[tokio::test]
async fn everybody_may_look_at_a_recording_here() {
    let folder = Folder::new();
    let (_, key) = key(&folder, "dan", Role::Trader);
    let mut settings = settings(&[("DATA_DIR", folder.0.to_str().unwrap())]);
    settings.replay.file = folder.recording();
    let server = start(&settings).await;
    let told = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    let (_, _, body) = request(&server, "GET", "/api/v1/me", "").await;
    let anonymous = json!({
        "user": "anonymous", "roles": ["viewer"], "businesses": ["*"], "locations": ["*"], "via": "anonymous",
        "signed_in": false, "expires_at": null,
        "may": {"observe": true, "move_recording": true, "administer": false, "publish": []}
    });
    assert_eq!(told(body), anonymous);
    let (_, _, body) = request(&server, "GET", "/api/v1/me", &format!("x-api-key: {key}\r\n")).await;
    let told = told(body);
    assert_eq!(
        (&told["user"], &told["via"], &told["businesses"]),
        (&json!("dan"), &json!("key"), &json!([]))
    );
    assert_eq!(told["may"]["publish"][0], "signal");
    assert_eq!(told["may"]["move_recording"], true, "what everybody may, those with a name may too");
    assert_eq!(me(&server, "x-api-key: wrong\r\n").await.0, 401, "a wrong key is not taken for nobody");
    let mut client = Client::open(&server, inflight_wire::Format::Json).await;
    assert_eq!(client.json().await[0]["type"], "hello");
    client
        .socket
        .send(Message::text(json!({"type": "authenticate", "token": key}).to_string()))
        .await
        .unwrap();
    client.socket.send(Message::text(json!({"type": "ping", "id": 1}).to_string())).await.unwrap();
    assert_eq!(client.json().await[0]["type"], "pong");
}

#[tokio::test]
async fn a_public_demo_is_to_look_at_only() {
    let folder = Folder::new();
    let mut settings = settings(&[("PUBLIC_DEMO", "true"), ("DATA_DIR", folder.0.to_str().unwrap())]);
    settings.replay.file = folder.recording();
    settings.host = "0.0.0.0".to_owned();
    let mut server = start(&settings).await;
    server.address.set_ip([127, 0, 0, 1].into());
    let (_, _, body) = request(&server, "GET", "/api/v1/me", "").await;
    let told: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&told["may"]["observe"], &told["may"]["move_recording"]), (&json!(false), &json!(false)));
    let mut client = Client::open(&server, inflight_wire::Format::Json).await;
    assert_eq!(client.json().await[0]["type"], "hello");
    let pause = json!({"type": "replay", "id": 1, "command": {"action": "pause"}});
    client.socket.send(Message::text(pause.to_string())).await.unwrap();
    assert_eq!(client.json().await[0]["code"], "not_allowed");
}

#[tokio::test]
async fn who_hangs_up_stands_in_the_audit_trail_all_the_same() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let folder = Folder::new();
    let mut settings = settings(&[("DATA_DIR", folder.0.to_str().unwrap())]);
    settings.audit = Some(AuditSettings { max_bytes: 1 << 30, keep: None });
    settings.replay.file = folder.recording();
    let server = start(&settings).await;
    let (_, key) = key(&folder, "dan", Role::Trader);
    while me(&server, &format!("x-api-key: {key}\r\n")).await.0 != 200 {}
    let decision = json!({"data": {"id": "d", "proposal_id": "p", "action": "approve", "confidence": 0.8,
        "size_adjustment": 1.0}})
    .to_string();
    let (host, length) = (server.address, decision.len());
    let text = format!(
        "POST /api/v1/events/decision HTTP/1.1\r\nhost: {host}\r\nx-api-key: {key}\r\n\
         content-length: {length}\r\n\r\n{decision}"
    );
    for _ in 0..20 {
        let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
    }
    let count = |trail: &Value, action: &str| {
        let entries = trail["entries"].as_array().unwrap();
        entries.iter().filter(|entry| entry["action"] == action).count()
    };
    // Some were gone before their request was read; the offset of one more tells how many were published.
    let mut last = tokio::net::TcpStream::connect(host).await.unwrap();
    last.write_all(text.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    last.read_to_string(&mut answer).await.unwrap();
    let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let published = body["offset"].as_u64().unwrap() as usize;
    let begun = Instant::now();
    loop {
        let (_, _, body) = request(&server, "GET", "/api/v1/audit?limit=500", "").await;
        let trail: Value = serde_json::from_str(&body).unwrap();
        let noted = count(&trail, "decision");
        if noted == published {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{noted} of {published}: {trail}");
    }
    server.stop().await;
}
