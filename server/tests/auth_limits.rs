//! How much is taken: silent sockets and slow headers (S4), floods (S6), connections that find no place.

mod common;

use common::{Folder, PATIENCE, Standstill, close_of, connect, next, request, settings, start};
use futures_util::{SinkExt, StreamExt};
use inflight_server::auth::Limits;
use inflight_server::server::Server;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

const OFFER: [(&str, &str); 1] = [("sec-websocket-protocol", "inflight.v1.json")];

/// A server with these limits; where it is not `open` everybody has to say who they are.
async fn server(folder: &Folder, open: bool, limits: Limits) -> Server {
    let data_dir = folder.0.to_str().unwrap();
    let locked = [("SOURCES", "sbs=127.0.0.1:1"), ("JWT_SECRET", "secret"), ("DATA_DIR", data_dir)];
    let mut settings = settings(if open { &locked[2..] } else { &locked });
    settings.limits = limits;
    settings.replay.file = folder.recording();
    start(&settings).await
}

#[tokio::test]
async fn silent_sockets_and_slow_headers_are_closed_in_time() {
    let folder = Folder::new();
    let (sign_in, standstill) = (Duration::from_secs(1), Standstill::watch());
    let server = server(&folder, false, Limits { sign_in, ..Limits::default() }).await;
    let begun = Instant::now();
    let mut silent = connect(&server, "/stream/ws", &OFFER).await.unwrap();
    let Message::Text(said) = next(&mut silent).await else { panic!("no error first") };
    assert!(said.contains("\"unauthorised\"") && said.contains("authenticate"), "{said}");
    assert_eq!(close_of(&mut silent).await, (4401, "unauthorised".to_owned()));
    let slow = |from: &'static [u8]| async move {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let begun = Instant::now();
        for byte in from.iter().cycle() {
            let mut answer = Vec::new();
            // A byte every tenth of a second, for ever.
            let sent = stream.write_all(&[*byte]).await;
            let read = timeout(Duration::from_millis(100), stream.read_to_end(&mut answer)).await;
            if sent.is_err() || read.is_ok() {
                break;
            }
        }
        begun.elapsed()
    };
    let (slow, nothing) = tokio::join!(slow(b"GET / HTTP/1.1\r\nx: y\r\nz: zzzzzzzzzzzzzzzzzzz"), async {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let begun = Instant::now();
        drop(timeout(PATIENCE, stream.read_to_end(&mut Vec::new())).await.unwrap());
        begun.elapsed()
    });
    for (what, took) in [("socket", begun.elapsed()), ("slow headers", slow), ("no headers", nothing)] {
        let most = Duration::from_secs(5) + standstill.so_far();
        assert!(took >= Duration::from_millis(900) && took < most, "{what}: {took:?} of {most:?}");
    }
}

#[tokio::test]
async fn a_flood_is_taken_to_the_limit_and_then_closed() {
    let folder = Folder::new();
    let limits = Limits { messages_per_minute: 60, message_burst: 20, ..Limits::default() };
    let server = server(&folder, true, limits).await;
    let mut other = connect(&server, "/stream/ws", &OFFER).await.unwrap();
    assert!(next(&mut other).await.into_text().unwrap().contains("hello"));
    let socket = connect(&server, "/stream/ws", &OFFER).await.unwrap();
    let begun = Instant::now();
    let (mut out, mut incoming) = socket.split();
    let flood = tokio::spawn(async move {
        for id in 0..10_000 {
            let ping = Message::text(format!("{{\"type\":\"ping\",\"id\":{id}}}"));
            if out.send(ping).await.is_err() {
                break;
            }
        }
    });
    let (mut pongs, mut refused, mut code) = (0, 0, 0);
    while let Some(Ok(message)) = timeout(PATIENCE, incoming.next()).await.unwrap() {
        match message {
            Message::Text(text) if text.contains("\"pong\"") => pongs += 1,
            Message::Text(text) if text.contains("\"rate_limited\"") => refused += 1,
            Message::Close(Some(frame)) => code = frame.code.into(),
            _ => {}
        }
    }
    flood.abort();
    // One more a second while the flood lasts.
    let most = 20 + begun.elapsed().as_secs() as usize + 1;
    assert!((20..=most).contains(&pongs), "{pongs} of at most {most}");
    assert!(refused >= 1 && code == 4029, "{refused} errors, close {code}");
    let (asked, standstill) = (Instant::now(), Standstill::watch());
    other.send(Message::text("{\"type\":\"ping\",\"id\":1}")).await.unwrap();
    assert!(next(&mut other).await.into_text().unwrap().contains("pong"));
    assert!(asked.elapsed() < Duration::from_secs(1) + standstill.so_far(), "others do not wait");
}

#[tokio::test]
async fn who_finds_no_place_is_told_when_to_come_back() {
    let folder = Folder::new();
    let server = server(&folder, true, Limits { connections_max: 2, ..Limits::default() }).await;
    let first = connect(&server, "/stream/ws", &OFFER).await.unwrap();
    let _second = connect(&server, "/ws/flights", &[]).await.unwrap();
    let refused = connect(&server, "/stream/ws", &OFFER).await.unwrap_err();
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(request(&server, "GET", "/stream/sse", "").await.0, 503);
    assert_eq!(request(&server, "GET", "/api/v1/me", "").await.0, 200, "plain requests go on");
    drop(first);
    let begun = Instant::now();
    while connect(&server, "/stream/ws", &OFFER).await.is_err() {
        assert!(begun.elapsed() < PATIENCE);
    }
}
