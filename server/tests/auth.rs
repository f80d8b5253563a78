//! Who gets in: keys, tokens, tickets, logins, and how soon they are out again (S3).

mod common;

use common::{Client, Folder, Socket, close_of, connect, next, request, send_form, settings, start};
use futures_util::SinkExt;
use inflight_server::auth::key_file::{Locked, NewKey};
use inflight_server::auth::{Role, UserId};
use inflight_server::clock;
use inflight_server::server::Server;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Live data with keys and tokens: everybody has to say who they are.
async fn locked(folder: &Folder, more: &[(&str, &str)]) -> Server {
    let data_dir = folder.0.to_str().unwrap();
    let mut environment = vec![
        ("SOURCES", "sbs=127.0.0.1:1"),
        ("JWT_SECRET", SECRET),
        ("JWT_AUDIENCE", "ops"),
        ("DATA_DIR", data_dir),
    ];
    environment.extend(more);
    let mut settings = settings(&environment);
    settings.site_root = folder.0.clone();
    start(&settings).await
}

fn key(folder: &Folder, name: &str, role: Role) -> (String, String) {
    let mut locked = Locked::open(&folder.0).unwrap();
    let name = UserId::new(name).unwrap();
    let new = NewKey { name, roles: vec![role], businesses: vec![], locations: vec![], expires: None };
    let made = locked.file.create(new, clock::now()).unwrap();
    locked.write().unwrap();
    made
}

fn revoke(folder: &Folder, id: &str) {
    let mut locked = Locked::open(&folder.0).unwrap();
    assert!(locked.file.revoke(id, clock::now()));
    locked.write().unwrap();
}

fn token(algorithm: Algorithm, secret: &str, claims: &Value) -> String {
    let _ = jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER.install_default();
    encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

/// A good token that ends in so many seconds.
fn good(seconds: i64) -> String {
    let exp = clock::now().0 / 1000 + seconds;
    token(Algorithm::HS256, SECRET, &json!({"sub": "ana", "aud": "ops", "roles": ["trader"], "exp": exp}))
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

async fn open(server: &Server, token: &str) -> Result<Socket, u16> {
    let headers =
        [("authorization", bearer(token)), ("sec-websocket-protocol", "inflight.v1.json".to_owned())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    connect(server, "/stream/ws", &headers).await.map_err(|response| response.status().as_u16())
}

/// The status of `/api/v1/me` with a header, and the name it tells.
async fn me(server: &Server, header: &str) -> (u16, String) {
    let (status, _, body) = request(server, "GET", "/api/v1/me", header).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    (status, body["user"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn bad_tokens_open_nothing() {
    let folder = Folder::new();
    let server = locked(&folder, &[]).await;
    let exp = clock::now().0 / 1000 + 600;
    let claims = json!({"sub": "ana", "aud": "ops", "exp": exp});
    let whole = token(Algorithm::HS256, SECRET, &claims);
    let body = whole.split('.').nth(1).unwrap();
    for (what, bad) in [
        ("garbage", "abc".to_owned()),
        ("expired", good(-61)),
        ("alg=none", format!("eyJhbGciOiJub25lIn0.{body}.")),
        ("wrong audience", token(Algorithm::HS256, SECRET, &json!({"sub": "ana", "aud": "x", "exp": exp}))),
        ("no audience", token(Algorithm::HS256, SECRET, &json!({"sub": "ana", "exp": exp}))),
        ("no end", token(Algorithm::HS256, SECRET, &json!({"sub": "ana", "aud": "ops"}))),
        ("wrong key", token(Algorithm::HS256, &SECRET.replace('0', "1"), &claims)),
        ("another algorithm", token(Algorithm::HS384, SECRET, &claims)),
        ("a key that nobody made", format!("ifk_0123456789ab_{SECRET}{SECRET}")),
    ] {
        assert_eq!(open(&server, &bad).await.err(), Some(401), "{what}");
        let header = format!("authorization: {}\r\n", bearer(&bad));
        assert_eq!(me(&server, &header).await.0, 401, "{what}");
        let (status, _, _) = request(&server, "GET", &format!("/stream/sse?ticket={bad}"), "").await;
        assert_eq!(status, 401, "{what} as a ticket");
    }
    assert_eq!(me(&server, "").await.0, 401);
    // What looks like a socket may say later who it is, but events cannot.
    for headers in ["", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"] {
        assert_eq!(request(&server, "GET", "/stream/sse", headers).await.0, 401, "{headers}");
    }
    assert!(open(&server, &good(-30)).await.is_ok(), "clocks differ by up to a minute");
}

#[tokio::test]
async fn a_key_is_good_everywhere_but_in_an_address() {
    let folder = Folder::new();
    let (_, key) = key(&folder, "dan", Role::Coordinator);
    let server = locked(&folder, &[]).await;
    assert!(open(&server, &key).await.is_ok());
    for header in [format!("authorization: bearer {key}\r\n"), format!("x-api-key: {key}\r\n")] {
        assert_eq!(me(&server, &header).await, (200, "dan".to_owned()));
    }
    for path in ["/stream/ws", "/stream/sse", "/ws/flights", "/api/v1/me"] {
        let (status, head, body) = request(&server, "GET", &format!("{path}?apiKey={key}"), "").await;
        assert_eq!(status, 401, "{path}");
        assert!(body.contains("ALLOW_API_KEY_IN_URL") && head.contains("www-authenticate: bearer"), "{body}");
    }
    let server = locked(&folder, &[("ALLOW_API_KEY_IN_URL", "true")]).await;
    let path = format!("/api/v1/me?userId=dan&apiKey={key}");
    assert_eq!(request(&server, "GET", &path, "").await.0, 401, "it opens connections and nothing else");
    assert!(connect(&server, &format!("/stream/ws?apiKey={key}"), &[]).await.is_ok());
}

#[tokio::test]
async fn a_ticket_opens_one_connection() {
    let folder = Folder::new();
    let server = locked(&folder, &[]).await;
    let header = format!("authorization: {}\r\n", bearer(&good(600)));
    assert_eq!(request(&server, "POST", "/api/v1/tickets", "").await.0, 401);
    let (status, head, body) = request(&server, "POST", "/api/v1/tickets", &header).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &body["expires_in_s"]), (200, &30.into()));
    assert!(head.contains("cache-control: no-store"), "{head}");
    let path = format!("/stream/ws?ticket={}", body["ticket"].as_str().unwrap());
    assert!(connect(&server, &path, &[]).await.is_ok());
    assert_eq!(connect(&server, &path, &[]).await.unwrap_err().status(), 401);
    let (_, _, body) = request(&server, "POST", "/api/v1/tickets", &header).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    let ticket = body["ticket"].as_str().unwrap();
    for (method, path) in
        [("POST", "/api/v1/tickets"), ("POST", "/api/v1/events/decision"), ("GET", "/api/v1/me")]
    {
        let (status, _, _) = request(&server, method, &format!("{path}?ticket={ticket}"), "").await;
        assert_eq!(status, 401, "{path}");
    }
    assert!(connect(&server, &format!("/ws/flights?ticket={ticket}"), &[]).await.is_ok(), "it is still good");
}

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
    settings.audit = true;
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
        assert!(begun.elapsed() < Duration::from_secs(10), "{trail}");
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
async fn a_first_message_signs_in() {
    let folder = Folder::new();
    let (_, key) = key(&folder, "dan", Role::Viewer);
    let server = locked(&folder, &[]).await;
    for subprotocol in ["inflight.v1.json", ""] {
        let offer: &[_] =
            if subprotocol.is_empty() { &[] } else { &[("sec-websocket-protocol", subprotocol)] };
        for (said, expected) in [
            (json!({"type": "authenticate", "token": key}), None),
            (json!({"type": "authenticate", "token": good(600)}), None),
            (json!({"type": "authenticate", "token": good(-600)}), Some(4401)),
            (json!({"type": "ping", "id": 1}), Some(4401)),
        ] {
            let mut socket = connect(&server, "/stream/ws", offer).await.unwrap();
            socket.send(Message::text(said.to_string())).await.unwrap();
            match expected {
                None => {
                    socket.send(Message::text(json!({"type": "ping", "id": 7}).to_string())).await.unwrap();
                    let mut texts = Vec::new();
                    while !texts.last().is_some_and(|text: &String| text.contains("pong")) {
                        texts.push(next(&mut socket).await.into_text().unwrap().to_string());
                    }
                    assert_eq!(texts[0].contains("hello"), !subprotocol.is_empty(), "{texts:?}");
                }
                Some(code) => assert_eq!(close_of(&mut socket).await, (code, "unauthorised".to_owned())),
            }
        }
    }
}

/// Waits for the close of a socket that something ended just now.
async fn ends(socket: &mut Socket, what: &str) {
    let begun = Instant::now();
    assert_eq!(close_of(socket).await, (4401, "unauthorised".to_owned()), "{what}");
    assert!(begun.elapsed() < Duration::from_secs(1), "{what}: {:?}", begun.elapsed());
}

#[tokio::test]
async fn what_ends_closes_its_connections_within_a_second() {
    let folder = Folder::new();
    let (id, key) = key(&folder, "dan", Role::Viewer);
    let server = locked(&folder, &[]).await;
    let mut by_key = open(&server, &key).await.unwrap();
    let mut other = open(&server, &good(600)).await.unwrap();
    let header = format!("x-api-key: {key}\r\n");
    let (_, _, body) = request(&server, "POST", "/api/v1/tickets", &header).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    let path = format!("/ws/flights?ticket={}", body["ticket"].as_str().unwrap());
    let mut by_ticket = connect(&server, &path, &[]).await.unwrap();
    revoke(&folder, &id);
    ends(&mut by_key, "a key that is revoked").await;
    ends(&mut by_ticket, "what was opened with a ticket of it").await;
    assert_eq!(open(&server, &key).await.err(), Some(401));
    let token = good(2);
    let mut by_token = open(&server, &token).await.unwrap();
    let left = u64::try_from(clock::now().0 % 1000).unwrap();
    tokio::time::sleep(Duration::from_millis(1900 - left)).await;
    let mut early = true;
    while let Ok(message) = tokio::time::timeout(Duration::from_millis(10), next(&mut by_token)).await {
        early &= !message.is_close();
    }
    assert!(early, "not before its end");
    ends(&mut by_token, "a token that expires").await;
    other.send(Message::text(json!({"type": "ping", "id": 1}).to_string())).await.unwrap();
    while !next(&mut other).await.into_text().unwrap().contains("pong") {}
}

#[tokio::test]
async fn people_sign_in_and_out() {
    let folder = Folder::new();
    let (_, key) = key(&folder, "dan", Role::Viewer);
    let server = locked(&folder, &[]).await;
    let origin = format!("http://{}", server.address);
    let accept = "accept: text/html\r\n";
    let (status, head, _) = request(&server, "GET", "/?sel=a1", accept).await;
    assert!(status == 303 && head.contains("location: /sign-in?to=/%3fsel%3da1\r\n"), "{head}");
    let (status, head, body) = request(&server, "GET", "/sign-in?to=/%3Fsel%3Da1", accept).await;
    assert!(
        status == 200 && body.contains("name=\"to\" value=\"/?sel=a1\"") && !body.contains("<script"),
        "{body}"
    );
    assert!(head.contains("default-src 'none'") && head.contains("form-action 'self'"), "{head}");
    let (status, _, body) =
        request(&server, "GET", "/sign-in?to=//evil.example", "accept-language: ro\r\n").await;
    assert!(status == 200 && body.contains("value=\"/\"") && body.contains("Intră"), "{body}");

    let form = format!("to=%2F%3Fsel%3Da1&token={key}");
    for foreign in ["", "origin: null\r\n", "origin: http://evil.example\r\n"] {
        assert_eq!(send_form(&server, "/sign-in", foreign, &form).await.0, 403, "{foreign}");
    }
    let own = format!("origin: {origin}\r\n");
    let (status, head, body) = send_form(&server, "/sign-in", &own, "to=%2F&token=ifk_x_y").await;
    assert!(status == 401 && !head.contains("set-cookie") && body.contains("aria-invalid"), "{head}");
    let (status, head, _) = send_form(&server, "/sign-in", &own, &form).await;
    assert!(status == 303 && head.contains("location: /?sel=a1\r\n"), "{head}");
    assert!(head.contains("httponly; samesite=strict") && !head.contains("; secure"), "{head}");
    let cookie = head.split_once("set-cookie: ").unwrap().1.split(';').next().unwrap().to_owned();
    let with = format!("cookie: {cookie}\r\n");
    assert_eq!(me(&server, &with).await, (200, "dan".to_owned()));
    assert_eq!(request(&server, "GET", "/", &format!("{accept}{with}")).await.0, 200);
    assert!(request(&server, "GET", "/sign-in", &with).await.2.contains("dan"));

    let from =
        async |origin: &str| connect(&server, "/stream/ws", &[("cookie", &cookie), ("origin", origin)]).await;
    let mut socket = from(&origin).await.unwrap();
    assert_eq!(from("http://evil.example").await.unwrap_err().status(), 403);
    assert_eq!(connect(&server, "/stream/ws", &[("cookie", &cookie)]).await.unwrap_err().status(), 403);
    let ticket =
        async |more: &str| request(&server, "POST", "/api/v1/tickets", &format!("{with}{more}")).await.0;
    assert_eq!(ticket("").await, 401, "a cookie changes nothing without an origin");
    assert_eq!(ticket(&own).await, 200);

    assert_eq!(send_form(&server, "/sign-out", &with, "").await.0, 403);
    let (status, head, _) = send_form(&server, "/sign-out", &format!("{own}{with}"), "").await;
    assert!(status == 303 && head.contains("max-age=0"), "{head}");
    ends(&mut socket, "a login that was left").await;
    assert_eq!(me(&server, &with).await.0, 401);
    let mut late = from(&origin).await.unwrap();
    ends(&mut late, "a page whose login is over").await;
}

#[tokio::test]
async fn who_guesses_has_to_wait() {
    let folder = Folder::new();
    let (_, key) = key(&folder, "dan", Role::Viewer);
    let server = locked(&folder, &[]).await;
    let own = format!("origin: http://{}\r\n", server.address);
    for _ in 0..10 {
        assert_eq!(send_form(&server, "/sign-in", &own, "token=ifk_x_y").await.0, 401);
    }
    let (status, head, _) = send_form(&server, "/sign-in", &own, "token=ifk_x_y").await;
    assert!(status == 429 && head.contains("retry-after: 60"), "{head}");
    let (status, _, _) = send_form(&server, "/sign-in", &own, &format!("token={key}")).await;
    assert_eq!(status, 303, "nobody is locked out by the failures of others");
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
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}
