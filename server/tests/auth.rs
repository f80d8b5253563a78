//! Who gets in: keys, tokens, tickets, logins, and how soon they are out again (S3).

mod common;

use common::access::{SECRET, bearer, good, key, locked, me, open, revoke, token};
use common::{Folder, Socket, Standstill, close_of, connect, next, request, send_form};
use futures_util::SinkExt;
use inflight_server::auth::Role;
use inflight_server::clock;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;

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
    let (begun, standstill) = (Instant::now(), Standstill::watch());
    assert_eq!(close_of(socket).await, (4401, "unauthorised".to_owned()), "{what}");
    let (took, lost) = (begun.elapsed(), standstill.so_far());
    assert!(took < Duration::from_secs(1) + lost, "{what}: {took:?}, of which the machine took {lost:?}");
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
    let (ends_s, standstill) = (clock::now().0 / 1000 + 2, Standstill::watch());
    let claims = json!({"sub": "ana", "aud": "ops", "roles": ["trader"], "exp": ends_s});
    let mut by_token = open(&server, &token(Algorithm::HS256, SECRET, &claims)).await.unwrap();
    assert_eq!(close_of(&mut by_token).await, (4401, "unauthorised".to_owned()));
    let late_ms = clock::now().0 - ends_s * 1000;
    let most_ms = 1000 + i64::try_from(standstill.so_far().as_millis()).unwrap();
    assert!((0..most_ms).contains(&late_ms), "a token that expires: {late_ms} ms after it did, of {most_ms}");
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
