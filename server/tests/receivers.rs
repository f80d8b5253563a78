//! readsb, ADSBx-v2 and SBS sources against stand-ins of our own that answer well, badly, late, or not at all.

mod common;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use common::{Client, Folder, PATIENCE, settings, start};
use inflight_domain::SourceState::{self, Degraded, Idle, Live, RateLimited, Starting, Unauthorised};
use inflight_domain::{Field, SystemRow};
use inflight_server::metrics::Metrics;
use inflight_server::settings::{Settings, SourceSettings, Target};
use inflight_server::sources::attention::Attention;
use inflight_server::sources::feed::FeedEvent;
use inflight_server::sources::opensky::core::RetryConfig;
use inflight_server::sources::{Source, sbs::SbsFeed};
use inflight_sky::SourceKind;
use inflight_wire::{Format, Mirror};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;

/// What the stand-in does with the next request.
#[derive(Clone, Copy, Debug)]
enum Act {
    Answer(&'static str),
    Status(u16),
    RetryAfter(&'static str),
    Never,
}

type Script = Arc<Mutex<(Vec<Act>, Vec<String>)>>;

const GOOD: Act = Act::Answer(
    r#"{"now":1700000000.5,"messages":9,"aircraft":[{"hex":"a00001","lat":40.5,"lon":-74,"seen":0.1},{"hex":"~1"}]}"#,
);

const LINE: &str =
    "MSG,3,1,1,A00001,1,2023/11/14,22:13:20.000,2023/11/14,22:13:20.000,,35000,,,40.5,-74.0,,,0,0,0,0\r\n";

async fn answer(State(script): State<Script>, uri: Uri) -> Response {
    let act = {
        let mut script = script.lock().unwrap();
        script.1.push(uri.to_string());
        if script.0.is_empty() { GOOD } else { script.0.remove(0) }
    };
    match act {
        Act::Answer(body) => body.into_response(),
        Act::Status(code) => StatusCode::from_u16(code).unwrap().into_response(),
        Act::RetryAfter(seconds) => {
            (StatusCode::TOO_MANY_REQUESTS, [("retry-after", seconds)]).into_response()
        }
        Act::Never => core::future::pending().await,
    }
}

/// A stand-in on a free port that answers by the script, then well.
async fn stand_in(acts: &[Act]) -> (String, Script) {
    let script: Script = Arc::new(Mutex::new((acts.to_vec(), Vec::new())));
    let router = Router::new().fallback(answer).with_state(Arc::clone(&script));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    (origin, script)
}

fn quick() -> RetryConfig {
    let wait = Duration::from_millis(5);
    RetryConfig { floor: wait, ceiling: wait * 2, unauthorised: wait * 2, rate_limited: wait * 2 }
}

fn source_settings(sources: &str) -> (Settings, SourceSettings) {
    let mut settings = settings(&[("SOURCES", sources)]);
    settings.stale_after = Duration::from_secs(1_000_000_000);
    let mut source = settings.sources.remove(0);
    source.interval = Duration::from_millis(20);
    source.timeout = Duration::from_secs(3);
    (settings, source)
}

fn source(sources: &str, attention: Attention) -> Source {
    let (settings, source) = source_settings(sources);
    let metrics = Metrics::new(&settings.topics);
    Source::new(&settings, &source, quick(), &metrics, attention).unwrap()
}

/// States and codes of the next events must be these.
async fn check(source: &mut Source, expected: &[(SourceState, &str)]) {
    for (number, expected) in expected.iter().enumerate() {
        let event = timeout(PATIENCE, source.next()).await.unwrap();
        let (FeedEvent::Row(row) | FeedEvent::Polled { row, .. } | FeedEvent::Unreadable { row, .. }) = event;
        assert_eq!((row.state, row.code.as_str()), *expected, "event {number}");
    }
}

#[tokio::test]
async fn a_receiver_recovers_from_every_fault() {
    let acts = [
        GOOD,
        Act::RetryAfter("0"),
        Act::Status(503),
        Act::Answer("<html>busy</html>"),
        Act::Answer(r#"{"now":1700000000,"aircr"#),
        Act::Never,
        Act::Status(403),
        GOOD,
    ];
    let (origin, script) = stand_in(&acts).await;
    let mut source = source(&format!("readsb={origin}/tar1090"), Attention::always());
    let faults = [
        (RateLimited, "http_429"),
        (Degraded, "http_503"),
        (Degraded, "bad_body"),
        (Degraded, "bad_body"),
        (Degraded, "timeout"),
        (Unauthorised, "http_403"),
    ];
    check(&mut source, &[(Starting, ""), (Live, "")]).await;
    check(&mut source, &faults).await;
    check(&mut source, &[(Live, ""), (Live, "")]).await;
    assert!(script.lock().unwrap().1.iter().all(|path| path == "/tar1090/data/aircraft.json"));
}

#[tokio::test]
async fn a_service_is_obeyed_and_asked_for_its_circle() {
    let (origin, script) = stand_in(&[Act::RetryAfter("3600")]).await;
    let mut source = source(&format!("adsbx={origin}"), Attention::always());
    check(&mut source, &[(Starting, "")]).await;
    let FeedEvent::Row(row) = timeout(PATIENCE, source.next()).await.unwrap() else { panic!("a row") };
    let wait_ms = row.retry_at.unwrap().since(inflight_server::clock::now());
    assert!(row.state == RateLimited && (3_590_000..=3_600_000).contains(&wait_ms), "{wait_ms}");
    assert_eq!(script.lock().unwrap().1, ["/v2/point/40.8000/-74.0000/34"]);
}

#[tokio::test]
async fn a_file_may_come_later() {
    let folder = Folder::new();
    let path = folder.0.join("aircraft.json");
    let mut source = source(&format!("readsb={}", path.display()), Attention::always());
    check(&mut source, &[(Starting, ""), (Degraded, "no_such_file")]).await;
    let Act::Answer(good) = GOOD else { panic!() };
    std::fs::write(&path, good).unwrap();
    loop {
        if let FeedEvent::Polled { poll, .. } = timeout(PATIENCE, source.next()).await.unwrap() {
            assert_eq!((poll.observations.len(), poll.dropped.len()), (1, 1));
            break;
        }
    }
}

#[tokio::test]
async fn nobody_there_is_nobody_asked_for() {
    let (origin, script) = stand_in(&[]).await;
    let (watchers, following) = watch::channel(1_usize);
    let mut source = source(&format!("adsbx={origin}"), Attention::of(following, Duration::ZERO));
    check(&mut source, &[(Starting, ""), (Live, "")]).await;
    watchers.send_replace(0);
    check(&mut source, &[(Idle, "")]).await;
    let asked = script.lock().unwrap().1.len();
    assert!(timeout(Duration::from_millis(200), source.next()).await.is_err(), "nothing happens");
    assert_eq!(script.lock().unwrap().1.len(), asked);
    watchers.send_replace(1);
    check(&mut source, &[(Live, "")]).await;
}

/// A receiver's port, and the settings that name it.
async fn port() -> (TcpListener, Settings, SourceSettings) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (settings, source) = source_settings(&format!("sbs={}", listener.local_addr().unwrap()));
    (listener, settings, source)
}

async fn accept(listener: &TcpListener) -> TcpStream {
    timeout(PATIENCE, listener.accept()).await.unwrap().unwrap().0
}

/// The next poll; rows on the way are read over.
async fn polled(source: &mut Source) -> (usize, usize) {
    loop {
        if let FeedEvent::Polled { poll, .. } = timeout(PATIENCE, source.next()).await.unwrap() {
            return (poll.observations.len(), poll.dropped.len());
        }
    }
}

#[tokio::test]
async fn messages_survive_pieces_garbage_and_breaks() {
    let (listener, settings, one) = port().await;
    let metrics = Metrics::new(&settings.topics);
    let mut source = Source::new(&settings, &one, quick(), &metrics, Attention::always()).unwrap();
    let receiver = async {
        let mut stream = accept(&listener).await;
        let (head, tail) = LINE.split_at(40);
        stream.write_all(head.as_bytes()).await.unwrap();
        tokio::task::yield_now().await;
        stream.write_all(tail.as_bytes()).await.unwrap();
        stream
    };
    let (mut stream, first) = tokio::join!(receiver, polled(&mut source));
    assert_eq!(first, (1, 0));
    stream.write_all(&[b'x'; 5000]).await.unwrap();
    stream.write_all(b"\n\xff\xfe\n").await.unwrap();
    stream.write_all(LINE.replace("A00001", "A00002").as_bytes()).await.unwrap();
    let mut seen = (0, 0);
    while seen != (1, 2) {
        let (good, bad) = polled(&mut source).await;
        seen = (seen.0 + good, seen.1 + bad);
    }
    // In the middle of a line the connection breaks; the half is not taken for a whole.
    stream.write_all(&LINE.as_bytes()[..60]).await.unwrap();
    drop(stream);
    check(&mut source, &[(Degraded, "connection_closed")]).await;
    let again = async {
        let mut stream = accept(&listener).await;
        stream.write_all(LINE.as_bytes()).await.unwrap();
        stream
    };
    let (_stream, seen) = tokio::join!(again, polled(&mut source));
    assert_eq!(seen, (1, 0));
    assert!(
        metrics
            .render()
            .contains("inflight_source_polls_total{source=\"sbs\",status=\"connection_closed\"} 1")
    );
}

#[tokio::test]
async fn a_silent_receiver_is_asked_anew() {
    let (listener, settings, one) = port().await;
    let metrics = Metrics::new(&settings.topics);
    let mut feed = SbsFeed::new(&one, settings.stale_after, quick(), metrics);
    feed.set_silence(Duration::from_millis(50));
    let mut source = Source::Sbs(Box::new(feed));
    check(&mut source, &[(Starting, ""), (Degraded, "silent")]).await;
    let (_first, _second) =
        (accept(&listener).await, async { check(&mut source, &[(Degraded, "silent")]).await }.await);
    drop(listener);
    check(&mut source, &[(Degraded, "connection")]).await;
}

#[tokio::test]
async fn several_sources_make_one_picture() {
    let now = inflight_server::clock::now();
    let folder = Folder::new();
    let path: PathBuf = folder.0.join("aircraft.json");
    // A clock that runs ahead keeps the first aircraft fresh for as long as the test may take.
    let seconds = now.0 as f64 / 1000.0 + 30.0;
    let text = format!(
        r#"{{"now":{seconds},"aircraft":[{{"hex":"a00001","lat":40.5,"lon":-74,"seen_pos":0,"seen":0,"t":"B738"}},
        {{"hex":"a00002","lat":40.6,"lon":-74,"seen_pos":60,"seen":0}}]}}"#
    );
    std::fs::write(&path, text).unwrap();
    let (listener, mut settings, sbs) = port().await;
    let mut readsb = sbs.clone();
    (readsb.name, readsb.kind, readsb.target) = ("readsb".to_owned(), SourceKind::Readsb, Target::File(path));
    settings.sources = vec![readsb, sbs];
    settings.site_root = folder.0.clone();
    settings.stale_after = Duration::from_secs(60);
    let server = start(&settings).await;
    let mut stream = accept(&listener).await;
    let mut client = Client::open(&server, Format::Msgpack).await;
    client.subscribe(None).await;
    let mut mirror = Mirror::new(inflight_sky::motion::advance);
    let says = |mirror: &Mirror, hex: &str| {
        let feed = mirror.flight(inflight_domain::Icao24::parse(hex)?)?.aircraft.get(Field::Feed)?;
        mirror.system().values().find_map(|row| match row {
            SystemRow::Source(row) if i64::from(row.number) == feed => Some(row.name.clone()),
            _ => None,
        })
    };
    let expected = [Some("readsb".to_owned()), Some("sbs".to_owned()), Some("sbs".to_owned())];
    loop {
        // Its times are old, so the time of arrival counts: fresher than readsb only where readsb's is stale.
        for hex in ["A00001", "A00002", "A00003"] {
            stream.write_all(LINE.replace("A00001", hex).as_bytes()).await.unwrap();
        }
        mirror.apply(&client.frame().await).unwrap();
        if ["a00001", "a00002", "a00003"].map(|hex| says(&mirror, hex)) == expected {
            break;
        }
        assert!(inflight_server::clock::now().since(now) < 20_000, "it takes too long");
    }
    assert_eq!(mirror.flight_count(), 3);
    server.stop().await;
}
