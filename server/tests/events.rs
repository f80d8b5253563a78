//! Event topics over real sockets: durable, shown at once, each once and in order, across restarts.

mod common;

use common::{Client, Folder, replaying};
use inflight_domain::{Draft, Epoch, EventData, Json, RoomEvent, TopicName};
use inflight_server::commands::check::port::OwnPort;
use inflight_server::hub::HubHandle;
use inflight_server::hub::events::PublishError;
use inflight_server::hub::form::Form;
use inflight_server::hub::interest::Interest;
use inflight_wire::{ClientFrame, Format, Header, Resume, Segment, ServerFrame, Subscribe};

fn draft(topic: &str, text: &str) -> Draft {
    let data = Json::Object(vec![("text".to_owned(), Json::Text(text.to_owned()))]);
    let event = RoomEvent { kind: "message.sent".to_owned(), data };
    Draft { topic: TopicName::parse(topic).unwrap(), data: EventData::Room(event), by: None }
}

async fn publish(hub: &HubHandle, topic: &str, text: &str) -> u64 {
    hub.publish(draft(topic, text)).await.unwrap().offset
}

/// A client that follows position and entries as the protocol says, and refuses what does not follow.
struct Follower {
    client: Client,
    at: Option<Resume>,
    entries: Vec<(u64, String)>,
    lost: u64,
    snapshots: usize,
    /// Bytes of text in the longest message.
    longest: usize,
}

impl Follower {
    async fn open(
        server: &inflight_server::server::Server,
        form: Form,
        topics: &[&str],
        at: Option<Resume>,
    ) -> Self {
        let mut client = Client::open(server, form).await;
        assert!(matches!(client.frame().await.header, Header::Hello(_)));
        client.send(&ClientFrame::Subscribe(Subscribe::to(topics, at))).await;
        Self { client, at, entries: Vec::new(), lost: 0, snapshots: 0, longest: 0 }
    }

    fn take(&mut self, frame: ServerFrame) {
        match frame.header {
            Header::Snapshot(header) => {
                self.snapshots += usize::from(header.part == 0);
                self.at = Some(Resume { epoch: header.epoch, cut: header.cut });
            }
            Header::Tick(header) => {
                assert_eq!(
                    self.at,
                    Some(Resume { epoch: header.epoch, cut: header.base }),
                    "the frame follows"
                );
                self.at = Some(Resume { epoch: header.epoch, cut: header.cut });
            }
            // What is told early, between the parts of a snapshot, comes again in its turn.
            Header::Digest(_) | Header::Unknown => {}
            other => panic!("{other:?}"),
        }
        for segment in frame.segments {
            if let Segment::Events { entries, lost } = segment {
                self.lost += lost;
                let bytes = entries.iter().map(|told| told.text.len()).sum();
                self.longest = self.longest.max(bytes);
                self.entries.extend(entries.into_iter().map(|told| (told.offset, told.text)));
            }
        }
    }

    /// Reads until the entry with this offset has come.
    async fn until(&mut self, offset: u64) -> &[(u64, String)] {
        while self.entries.last().is_none_or(|(last, _)| *last < offset) {
            let frame = self.client.frame().await;
            self.take(frame);
        }
        &self.entries
    }
}

fn told(entries: &[(u64, String)]) -> Vec<(u64, &str)> {
    entries.iter().map(|(offset, text)| (*offset, text.as_str())).collect()
}

#[tokio::test]
async fn entries_come_at_once_beside_tables_and_only_where_they_were_asked_for() {
    let folder = Folder::new();
    let server = replaying(&folder, 50.0).await;
    publish(&server.hub, "load/1", "before").await;
    let mut all = Vec::new();
    for form in [Form::Msgpack, Form::Deflate] {
        all.push(Follower::open(&server, form, &["flights", "system", "load/1"], None).await);
    }
    let mut plain = Follower::open(&server, Form::Msgpack, &["flights", "system"], None).await;
    for follower in &mut all {
        assert_eq!(told(follower.until(1).await), [(1, "before")]);
    }
    for text in ["a", "b", "c"] {
        publish(&server.hub, "load/2", "elsewhere").await;
        publish(&server.hub, "load/1", text).await;
    }
    for follower in &mut all {
        assert_eq!(told(follower.until(7).await), [(1, "before"), (3, "a"), (5, "b"), (7, "c")]);
        assert_eq!((follower.snapshots, follower.lost), (1, 0));
        // The tables go on after it: the frames must follow on from the cut of the entry.
        for _ in 0..5 {
            let frame = follower.client.frame().await;
            follower.take(frame);
        }
    }
    for _ in 0..5 {
        let frame = plain.client.frame().await;
        plain.take(frame);
    }
    assert!(plain.entries.is_empty());
}

#[tokio::test]
async fn only_events_may_be_asked_for() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    let mut follower = Follower::open(&server, Form::Msgpack, &["load/1"], None).await;
    let frame = follower.client.frame().await;
    assert!(
        matches!(&frame.header, Header::Snapshot(header) if header.parts == 1) && frame.segments.is_empty()
    );
    follower.take(frame);
    publish(&server.hub, "load/1", "one").await;
    assert_eq!(told(follower.until(1).await), [(1, "one")]);
}

#[tokio::test]
async fn a_position_from_before_a_restart_gets_what_is_new_once() {
    let folder = Folder::new();
    // The journal is found again by mode and port.
    let port = OwnPort::take().unwrap();
    let mut settings = common::settings(&[]);
    settings.port = port.number();
    settings.replay.file = folder.recording();
    settings.replay.speed = 50.0;
    settings.journal.folder = folder.0.clone();
    let server = common::start(&settings).await;
    let mut follower = Follower::open(&server, Form::Msgpack, &["flights", "load/1"], None).await;
    publish(&server.hub, "load/1", "seen").await;
    follower.until(1).await;
    let at = follower.at;
    drop(follower);
    publish(&server.hub, "load/1", "missed").await;
    server.stop().await;

    let server = common::start(&settings).await;
    assert_eq!(publish(&server.hub, "load/1", "new").await, 3);
    let mut follower = Follower::open(&server, Form::Msgpack, &["flights", "load/1"], at).await;
    assert_eq!(told(follower.until(3).await), [(2, "missed"), (3, "new")]);
    // The tables of the new epoch come behind what was missed.
    while follower.snapshots < 1 {
        let frame = follower.client.frame().await;
        follower.take(frame);
    }
    assert_eq!((follower.snapshots, follower.lost), (1, 0));
}

#[tokio::test]
async fn what_was_missed_comes_in_messages_that_a_client_takes() {
    let folder = Folder::new();
    let server = replaying(&folder, 1.0).await;
    let mut follower = Follower::open(&server, Form::Msgpack, &["load/1"], None).await;
    let long = "x".repeat(60_000);
    let mut last = publish(&server.hub, "load/1", "first").await;
    follower.until(last).await;
    let position = follower.at;
    for _ in 0..90 {
        last = publish(&server.hub, "load/1", &long).await;
    }
    // All of it in parts: from its own epoch without a snapshot, from an older one with the tables behind it.
    for (at, expected, snapshots) in [(position, 90, 0), (position.map(older), 91, 1)] {
        let mut follower = Follower::open(&server, Form::Msgpack, &["load/1"], at).await;
        follower.until(last).await;
        assert!(follower.longest < 400_000, "{} bytes in a message", follower.longest);
        let offsets: Vec<u64> = follower.entries.iter().map(|(offset, _)| *offset).collect();
        assert!(offsets.is_sorted_by(|one, next| one + 1 == *next), "{offsets:?}");
        while follower.snapshots < snapshots {
            let frame = follower.client.frame().await;
            follower.take(frame);
        }
        assert_eq!((offsets.len(), follower.lost, follower.snapshots), (expected, 0, snapshots));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_connection_that_breaks_at_any_frame_leaves_nothing_out() {
    let folder = Folder::new();
    let server = replaying(&folder, 50.0).await;
    let mut follower = Follower::open(&server, Form::Msgpack, &["flights", "load/1"], None).await;
    let first = publish(&server.hub, "load/1", "first").await;
    follower.until(first).await;
    let at = follower.at.map(older);
    let mut last = first;
    for _ in 0..20 {
        last = publish(&server.hub, "load/1", &"x".repeat(40_000)).await;
    }
    for frames in 0.. {
        let mut before = Follower::open(&server, Form::Msgpack, &["flights", "load/1"], at).await;
        for _ in 0..frames {
            let frame = before.client.frame().await;
            before.take(frame);
        }
        let place = before.at;
        let mut offsets = std::mem::take(&mut before.entries);
        drop(before.client);
        let is_over = offsets.last().is_some_and(|(offset, _)| *offset == last);
        if !is_over {
            let mut after = Follower::open(&server, Form::Msgpack, &["flights", "load/1"], place).await;
            after.until(last).await;
            offsets.append(&mut after.entries);
        }
        let mut offsets: Vec<u64> = offsets.into_iter().map(|(offset, _)| offset).collect();
        offsets.sort_unstable();
        offsets.dedup();
        assert_eq!(offsets, (first..=last).collect::<Vec<_>>(), "broken after {frames} frames");
        if is_over && before.snapshots > 0 {
            break;
        }
    }
    server.stop().await;
}

fn older(position: Resume) -> Resume {
    Resume { epoch: Epoch(position.epoch.0 - 1), ..position }
}

#[tokio::test]
async fn a_feed_that_was_not_asked_is_still_where_it_was() {
    let folder = Folder::new();
    let server = replaying(&folder, 50.0).await;
    let first = server.hub.publish(draft("load/1", "0")).await.unwrap();
    publish(&server.hub, "load/1", "1").await;
    let interest = || Interest::of([TopicName::parse("load/1").unwrap()]);
    let mut from = first.position;
    for _ in 0..3 {
        from = server.hub.events(interest(), Some(from)).await.unwrap().position();
        assert_eq!(from, first.position);
    }
    let mut feed = server.hub.events(interest(), Some(from)).await.unwrap();
    let news = feed.next().await.unwrap();
    assert_eq!((news.entries.len(), feed.position()), (1, news.position));
    server.stop().await;
}

#[tokio::test]
async fn a_feed_of_events_has_each_entry_once() {
    let folder = Folder::new();
    let server = replaying(&folder, 50.0).await;
    let first = server.hub.publish(draft("load/1", "0")).await.unwrap();
    let interest = || Interest::of([TopicName::parse("load/1").unwrap()]);
    let mut all = server.hub.events(interest(), Some(first.position)).await.unwrap();
    for number in 1..200 {
        publish(&server.hub, "load/1", &number.to_string()).await;
    }
    let mut offsets = Vec::new();
    while offsets.last() != Some(&200) {
        let news = all.next().await.unwrap();
        assert_eq!(news.lost, 0);
        offsets.extend(news.entries.iter().map(|shown| shown.entry().offset));
    }
    assert_eq!(offsets, (2..=200).collect::<Vec<_>>());
    let mut since = server.hub.events(interest(), Some(first.position)).await.unwrap();
    assert_eq!(since.next().await.unwrap().entries.len(), 199);
}

#[tokio::test]
async fn a_journal_that_cannot_be_opened_refuses_and_says_so() {
    let folder = Folder::new();
    std::fs::write(folder.0.join("journal"), "a file where a folder should be").unwrap();
    let server = replaying(&folder, 1.0).await;
    let error = server.hub.publish(draft("load/1", "x")).await.unwrap_err();
    assert!(matches!(&error, PublishError::Journal { code: "not_opened", .. }), "{error}");
    assert_eq!(server.hub.follow_journal().unwrap().borrow().code, "not_opened");
    let mut client = Client::open(&server, Format::Json).await;
    assert_eq!(client.json().await[0]["type"], "hello");
}
