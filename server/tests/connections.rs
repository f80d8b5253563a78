//! Connections over a socket made of channels, in paused time: slow, stalled, silent and talkative clients.

mod common;

use bytes::Bytes;
use core::convert::Infallible;
use futures_util::{Stream as Pieces, StreamExt};
use inflight_domain::{Epoch, UnixMillis};
use inflight_engine::Input;
use inflight_server::auth::{Auth, Door, Limits, Pass};
use inflight_server::clock;
use inflight_server::history::History;
use inflight_server::hub::HubHandle;
use inflight_server::hub::form::Form;
use inflight_server::hub::pulse::Body;
use inflight_server::hub::task::{Drive, Hub, HubConfig};
use inflight_server::metrics::Metrics;
use inflight_server::ws::close::End;
use inflight_server::ws::event_stream;
use inflight_server::ws::link::Link;
use inflight_server::ws::stream::{Stream, words};
use inflight_server::ws::transport::{Incoming, Outgoing, PATIENCE, Transport};
use inflight_sky::{Poll, motion, opensky};
use inflight_wire::{ClientFrame, CloseCode, Format, Header, Mirror, Resume, ServerFrame, Subscribe};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// The server's end.
struct Channel {
    incoming: mpsc::Receiver<Incoming>,
    outgoing: mpsc::Sender<Outgoing>,
}

impl Transport for Channel {
    async fn receive(&mut self) -> Incoming {
        self.incoming.recv().await.unwrap_or(Incoming::End(End::Gone))
    }

    async fn send(&mut self, out: Outgoing) -> Result<(), End> {
        let sent =
            timeout(PATIENCE, self.outgoing.send(out)).await.map_err(|_| End::Close(CloseCode::Slow))?;
        sent.map_err(|_| End::Gone)
    }
}

/// The client's end; one message at most is on its way, so that a client that does not read is noticed.
struct Client {
    to_server: mpsc::Sender<Incoming>,
    from_server: mpsc::Receiver<Outgoing>,
}

struct Bench {
    hub: HubHandle,
    metrics: Metrics,
    stop: CancellationToken,
    start_s: i64,
    auth: Auth,
}

impl Bench {
    fn new() -> Self {
        let metrics = Metrics::new(&["a".to_owned(), "b".to_owned()]);
        let config = HubConfig {
            tick: Duration::from_millis(200),
            stale_after: Duration::from_secs(60),
            epoch: Epoch(7),
        };
        let (task, hub) = Hub::new(config, Drive::Live, metrics.clone());
        tokio::spawn(task.run());
        let (start_s, auth) = (clock::now().0 / 1000, Auth::new(Door::Open, Limits::default()));
        Self { hub, metrics, stop: CancellationToken::new(), start_s, auth }
    }

    fn pass(&self) -> Pass {
        self.auth.admit(self.auth.anonymous()).unwrap()
    }

    fn connect(&self) -> Client {
        let (to_server, incoming) = mpsc::channel(1);
        let (outgoing, from_server) = mpsc::channel(1);
        let endpoint = self.metrics.endpoint("stream", "msgpack");
        let link = Link::new(Channel { incoming, outgoing }, self.metrics.clone(), endpoint, self.pass())
            .speaking(words(Form::Msgpack));
        tokio::spawn(
            Box::new(Stream::new(link, self.hub.clone(), History::off("no disk"), Form::Msgpack))
                .run(self.stop.clone()),
        );
        Client { to_server, from_server }
    }

    /// A client of Server-Sent Events that asks for aircraft and sources.
    fn listen(&self) -> impl Pieces<Item = Result<Bytes, Infallible>> + use<> {
        let topics = vec!["flights".to_owned(), "system".to_owned()];
        let (socket, body) =
            event_stream::open(Some(&ClientFrame::Subscribe(Subscribe { topics, ..Subscribe::default() })));
        let link = Link::new(socket, self.metrics.clone(), self.metrics.endpoint("sse", "json"), self.pass());
        let stream = Box::new(Stream::new(link, self.hub.clone(), History::off("no disk"), Form::Json));
        tokio::spawn(stream.run(self.stop.clone()));
        body
    }

    /// Feeds a poll and waits until it is in a cut.
    async fn poll(&self, number: i64) {
        let mut status = self.hub.follow_status();
        let before = status.borrow_and_update().cut;
        let mut poll: Poll = opensky::parse_response(&common::response(number), 1).unwrap();
        let shift_s = self.start_s - common::START_S;
        poll.time = UnixMillis(poll.time.0 + shift_s * 1000);
        for observation in &mut poll.observations {
            observation.time_position = Some(poll.time);
            observation.last_contact = poll.time;
        }
        self.hub.feed(vec![Input::Poll { source: "test".to_owned(), poll }]).await.unwrap();
        status.wait_for(|status| status.cut > before).await.unwrap();
    }
}

impl Client {
    async fn send(&self, frame: &ClientFrame) {
        let body = Body::Binary(Format::Msgpack.encode(frame).into());
        self.to_server.send(Incoming::Message(body)).await.unwrap();
    }

    async fn subscribe(&self, topics: &[&str], resume: Option<Resume>) {
        self.send(&ClientFrame::Subscribe(Subscribe::to(topics, resume))).await;
    }

    async fn next(&mut self) -> Outgoing {
        timeout(Duration::from_secs(100), self.from_server.recv()).await.unwrap().unwrap()
    }

    async fn frame(&mut self) -> ServerFrame {
        loop {
            match self.next().await {
                Outgoing::Message(Body::Binary(bytes)) => {
                    return inflight_wire::decode_server(&bytes).unwrap();
                }
                Outgoing::Ping => self.to_server.send(Incoming::Pong).await.unwrap(),
                other => panic!("{other:?}"),
            }
        }
    }

    /// Reads everything until the close frame; its code, and the frames before it.
    async fn end(&mut self) -> (u16, Vec<ServerFrame>) {
        let mut frames = Vec::new();
        loop {
            match self.next().await {
                Outgoing::Message(Body::Binary(bytes)) => {
                    frames.push(inflight_wire::decode_server(&bytes).unwrap());
                }
                Outgoing::Close(code, _) => return (code, frames),
                Outgoing::Message(Body::Text(_)) | Outgoing::Ping => {}
            }
        }
    }

    /// Subscribes to all and takes the snapshot with its proof.
    async fn synced(&mut self) -> Mirror {
        assert!(matches!(self.frame().await.header, Header::Hello(_)));
        self.subscribe(&["flights", "system"], None).await;
        let mut mirror = Mirror::new(motion::advance);
        loop {
            let frame = self.frame().await;
            mirror.apply(&frame).unwrap();
            if matches!(frame.header, Header::Digest(_)) {
                return mirror;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_client_gets_what_changed_in_one_step() {
    let bench = Bench::new();
    bench.poll(0).await;
    let mut client = bench.connect();
    let mut slow = client.synced().await;
    // Thirty cuts, of which the client takes none: two are on their way, the rest is one answer.
    for number in 1..=30 {
        bench.poll(number).await;
    }
    let mut frames = 0;
    while slow.position().unwrap().1 < bench.hub.status().cut {
        slow.apply(&client.frame().await).unwrap();
        frames += 1;
    }
    assert!(frames <= 4, "{frames}");
    let mut fresh = bench.connect().synced().await;
    assert_eq!((slow.digest(), slow.position()), (fresh.digest(), fresh.position()));
    bench.poll(31).await;
    let tick = client.frame().await;
    slow.apply(&tick).unwrap();
    assert!(fresh.apply(&tick).is_ok(), "both are in step again");
    assert_eq!(slow.digest(), fresh.digest());
}

#[tokio::test(start_paused = true)]
async fn who_speaks_on_a_slow_line_is_heard_and_not_taken_for_silent() {
    let bench = Bench::new();
    let mut client = bench.connect();
    client.synced().await;
    let mut pongs = 0;
    // The next cuts are there before one is taken, for longer than anybody may be silent.
    for second in 0..90 {
        for cut in 0..5 {
            bench.poll(second * 5 + cut).await;
        }
        if second % 10 == 0 {
            client.send(&ClientFrame::Ping { id: 1 }).await;
        }
        pongs += u32::from(matches!(client.frame().await.header, Header::Pong { .. }));
    }
    assert!((8..=9).contains(&pongs), "{pongs}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_is_closed() {
    let bench = Bench::new();
    let mut client = bench.connect();
    client.synced().await;
    let begun = Instant::now();
    let mut number = 0;
    // Nobody reads, so the channel to the client fills and stays full.
    while !bench.metrics.render().contains("inflight_closes_total{reason=\"slow_resume\"} 1") {
        bench.poll(number).await;
        number += 1;
    }
    // Twelve seconds of patience, two to learn why.
    assert!((14..15).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_reader_of_events_that_takes_nothing_is_left() {
    let bench = Bench::new();
    bench.poll(0).await;
    let body = bench.listen();
    let begun = Instant::now();
    let mut number = 1;
    while !bench.metrics.render().contains("inflight_closes_total{reason=\"slow_resume\"} 1") {
        bench.poll(number).await;
        number += 1;
    }
    assert!((12..15).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    // Of all these cuts one event waited, and there are no more.
    let events: Vec<String> = events_of(body).await;
    assert_eq!(events.len(), 1, "{events:?}");
}

#[tokio::test(start_paused = true)]
async fn a_reader_of_events_hears_the_heartbeat_and_stays() {
    let bench = Bench::new();
    bench.poll(0).await;
    let body = bench.listen();
    let heard = tokio::spawn(events_of(body));
    tokio::time::sleep(Duration::from_secs(100)).await;
    bench.stop.cancel();
    let events = heard.await.unwrap();
    let named =
        |name: &str| events.iter().filter(|event| event.contains(&format!("event: {name}\n"))).count();
    assert_eq!((named("hello"), named("snapshot"), named("tick"), named("bye")), (1, 2, 6, 1), "{events:?}");
    // The comments ask the system whether it still takes what is sent.
    assert_eq!(events.iter().filter(|event| *event == ":").count(), 4, "{events:?}");
}

/// All events to the end of the answer.
async fn events_of(body: impl Pieces<Item = Result<Bytes, Infallible>>) -> Vec<String> {
    let pieces: Vec<_> = body.collect().await;
    let text: Vec<u8> = pieces.into_iter().flat_map(Result::unwrap).collect();
    let text = String::from_utf8(text).unwrap();
    text.split_terminator("\n\n").map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_is_asked_and_then_closed() {
    let bench = Bench::new();
    let mut client = bench.connect();
    assert!(matches!(client.frame().await.header, Header::Hello(_)));
    let begun = Instant::now();
    assert_eq!(client.next().await, Outgoing::Ping);
    assert_eq!(begun.elapsed().as_secs(), 20);
    client.to_server.send(Incoming::Pong).await.unwrap();
    assert_eq!(client.next().await, Outgoing::Ping);
    assert_eq!(begun.elapsed().as_secs(), 40);
    assert_eq!(client.end().await.0, 4009);
    assert_eq!(begun.elapsed().as_secs(), 20 + 45);
}

#[tokio::test(start_paused = true)]
async fn a_quiet_sky_has_a_heartbeat() {
    let bench = Bench::new();
    bench.poll(0).await;
    let mut client = bench.connect();
    let mut mirror = client.synced().await;
    let begun = Instant::now();
    let mut kinds = Vec::new();
    while begun.elapsed() < Duration::from_secs(39) {
        let frame = client.frame().await;
        mirror.apply(&frame).unwrap();
        kinds.push(match frame.header {
            Header::Digest(_) => "digest",
            Header::Tick(header) if header.base == header.cut => "heartbeat",
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(kinds, ["digest", "heartbeat", "heartbeat", "heartbeat"]);
}

#[tokio::test(start_paused = true)]
async fn a_flood_is_stopped() {
    let bench = Bench::new();
    let mut client = bench.connect();
    assert!(matches!(client.frame().await.header, Header::Hello(_)));
    for id in 0..100 {
        client.send(&ClientFrame::Ping { id }).await;
        assert_eq!(client.frame().await.header, Header::Pong { id });
    }
    client.send(&ClientFrame::Ping { id: 100 }).await;
    let Header::Error(error) = client.frame().await.header else { panic!("no error") };
    assert_eq!(error.code, "rate_limited");
    // Those that are dropped are not answered; who goes on is closed.
    for id in 101..111 {
        client.send(&ClientFrame::Ping { id }).await;
    }
    assert_eq!(client.end().await, (4029, Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn more_topics_than_before_mean_a_snapshot() {
    let bench = Bench::new();
    bench.poll(0).await;
    let mut client = bench.connect();
    assert!(matches!(client.frame().await.header, Header::Hello(_)));
    client.subscribe(&["flights"], None).await;
    let Header::Snapshot(header) = client.frame().await.header else { panic!("no snapshot") };
    assert!(matches!(client.frame().await.header, Header::Digest(_)));
    let here = Some(Resume { epoch: header.epoch, cut: header.cut });
    client.subscribe(&["flights"], here).await;
    assert!(matches!(client.frame().await.header, Header::Tick(_)));
    client.subscribe(&["flights", "system"], here).await;
    assert!(matches!(client.frame().await.header, Header::Snapshot(_)));
    assert!(matches!(client.frame().await.header, Header::Snapshot(_)));
    assert!(matches!(client.frame().await.header, Header::Digest(_)));
    client.subscribe(&["system"], here).await;
    assert!(matches!(client.frame().await.header, Header::Tick(_)));
}

#[tokio::test(start_paused = true)]
async fn a_live_world_cannot_be_moved() {
    let bench = Bench::new();
    let mut client = bench.connect();
    assert!(matches!(client.frame().await.header, Header::Hello(_)));
    client.send(&ClientFrame::Replay { id: 3, command: inflight_wire::ReplayCommand::Pause {} }).await;
    let Header::Error(error) = client.frame().await.header else { panic!("no error") };
    assert_eq!((error.code.as_str(), error.id), ("not_controllable", Some(3)));
    bench.stop.cancel();
    let (code, frames) = client.end().await;
    assert!(matches!(frames[0].header, Header::Bye { .. }));
    assert_eq!(code, 1001);
}

#[tokio::test(start_paused = true)]
async fn a_table_that_is_not_ours_is_counted() {
    let bench = Bench::new();
    let mut client = bench.connect();
    let mut mirror = client.synced().await;
    let mismatch = "inflight_digest_mismatches_total{topic=\"flights\"} ";
    // Asking again for no reason is none.
    client.subscribe(&["flights", "system"], None).await;
    while !matches!(client.frame().await.header, Header::Digest(_)) {}
    assert!(bench.metrics.render().contains(&format!("{mismatch}0")));
    let mut number = 0;
    loop {
        number += 1;
        bench.poll(number).await;
        tokio::time::advance(Duration::from_secs(4)).await;
        let frame = client.frame().await;
        drop(mirror.apply(&frame));
        if matches!(frame.header, Header::Digest(_)) {
            break;
        }
        assert!(number < 20, "no digest");
    }
    client.subscribe(&["flights", "system"], None).await;
    while !matches!(client.frame().await.header, Header::Digest(_)) {}
    assert!(bench.metrics.render().contains(&format!("{mismatch}1")));
    assert_eq!(bench.metrics.tally.counts().mismatches, 1);
}
