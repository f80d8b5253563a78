//! However ticks, entries, answers of the journal, restarts, crashes and losses interleave: a client has exactly the
//! entries that it may see, each once and in order, and the server's tables.

use inflight_domain::{
    Cut, Draft, Epoch, EventData, Json, RoomEvent, SourceRow, SourceState, TopicName, UnixMillis,
};
use inflight_engine::{Engine, EventInput, EventLog, Input, Logged, Now, Topics, World};
use inflight_sky::motion;
use inflight_wire::frame::StreamClock;
use inflight_wire::{Format, Header, Mirror, Resume, Segment, decode_server, events};
use proptest::prelude::*;
use std::sync::Arc;

const TOPICS: [&str; 3] = ["load/1", "load/2", "market/a/b"];
const STALE_MS: i64 = 60_000;

#[derive(Clone, Debug)]
enum Step {
    /// A source's row changes, or nothing does.
    Tick(u8),
    /// Somebody publishes to a topic.
    Publish(usize),
    /// The journal has so many more of what waits.
    Appended(usize),
    /// The journal refuses all that waits.
    Refused,
    /// A recording starts anew.
    Restart,
    /// The process is killed; the disk holds so many of what waited, and nobody was told of them.
    Crash(usize),
    /// A client loses what comes until it resumes.
    Lose(usize),
    /// A client resumes, or asks for everything anew if it has no position.
    Resume(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => (0_u8..4).prop_map(Step::Tick),
        5 => (0..TOPICS.len()).prop_map(Step::Publish),
        5 => (0_usize..4).prop_map(Step::Appended),
        1 => Just(Step::Refused),
        1 => Just(Step::Restart),
        1 => (0_usize..3).prop_map(Step::Crash),
        2 => (0_usize..3).prop_map(Step::Lose),
        3 => (0_usize..3).prop_map(Step::Resume),
    ];
    prop::collection::vec(step, 1..60)
}

struct Client {
    wants: Vec<&'static str>,
    mirror: Mirror,
    at: Resume,
    is_lost: bool,
    offsets: Vec<u64>,
}

impl Client {
    fn wants(&self, logged: &Logged) -> bool {
        self.wants.contains(&logged.entry.topic.as_str())
    }

    fn take(&mut self, frame: &[u8]) {
        let frame = decode_server(frame).unwrap();
        self.mirror.apply(&frame).unwrap();
        self.at = match &frame.header {
            Header::Tick(header) => Resume { epoch: header.epoch, cut: header.cut },
            Header::Snapshot(header) => Resume { epoch: header.epoch, cut: header.cut },
            other => panic!("{other:?}"),
        };
        for segment in frame.segments {
            if let Segment::Events { entries, lost } = segment {
                assert_eq!(lost, 0);
                self.offsets.extend(entries.iter().map(|told| told.offset));
            }
        }
    }

    /// What the hub does for a client that fell behind.
    fn resume(&mut self, world: &World) {
        self.is_lost = false;
        let from = self.at;
        let missed = world.log().since(from, |entry| self.wants.contains(&entry.topic.as_str()));
        let segment = entries_segment(&missed.entries);
        let (engine, format) = (world.engine(), Format::Msgpack);
        match engine.segments_since(from, format, Topics::ALL) {
            Some(mut segments) => {
                segments.extend(segment);
                self.take(&engine.frame(format, from.cut, world.position().cut, &segments));
            }
            None => {
                engine.snapshot(format, Topics::ALL).iter().for_each(|frame| self.take(frame));
                if segment.is_some() {
                    let (base, cut) = (world.state_cut(), world.position().cut);
                    self.take(&engine.frame(format, base, cut, segment.as_slice()));
                }
            }
        }
    }

    /// What a connection does with a cut of the tables.
    fn tick(&mut self, world: &World) {
        let (engine, at) = (world.engine(), world.position());
        let in_step = self.at.epoch == at.epoch && (engine.base()..at.cut).contains(&self.at.cut);
        match (self.is_lost, in_step) {
            (true, _) => {}
            (false, true) => {
                let segments = engine.tick_segments(Format::Msgpack, Topics::ALL);
                self.take(&engine.frame(Format::Msgpack, self.at.cut, at.cut, &segments));
            }
            (false, false) => self.resume(world),
        }
    }

    /// What it does with a cut of entries.
    fn events(&mut self, world: &World, shown: &[Arc<Logged>]) {
        let wanted: Vec<_> = shown.iter().filter(|logged| self.wants(logged)).cloned().collect();
        if !self.is_lost && !wanted.is_empty() {
            assert!(self.at.cut >= world.state_cut(), "nobody is behind who lost nothing");
            let segment = entries_segment(&wanted);
            let frame =
                world.engine().frame(Format::Msgpack, self.at.cut, world.position().cut, segment.as_slice());
            self.take(&frame);
        }
    }
}

fn entries_segment(entries: &[Arc<Logged>]) -> Option<Vec<u8>> {
    let encoded: Vec<_> = entries.iter().map(|logged| Format::Msgpack.encode(&logged.entry)).collect();
    (!encoded.is_empty()).then(|| events::segment(Format::Msgpack, &encoded, events::Remark::default()))
}

fn draft(topic: &str) -> Draft {
    let event = RoomEvent { kind: "message.sent".to_owned(), data: Json::Object(Vec::new()) };
    Draft { topic: TopicName::parse(topic).unwrap(), data: EventData::Room(event), by: None }
}

fn source(polls: u8) -> Input {
    Input::Source(SourceRow {
        name: "test".to_owned(),
        number: 0,
        state: SourceState::Live,
        code: String::new(),
        retry_at: None,
        newest_poll: None,
        poll_interval_s: 10.0,
        polls: u64::from(polls),
        credits_remaining: None,
        replay: None,
    })
}

struct Server {
    world: World,
    /// What is on the disk.
    journal: Vec<Logged>,
    waiting: Vec<Arc<Logged>>,
    clients: Vec<Client>,
}

impl Server {
    fn new() -> Self {
        let wishes = [vec!["load/1"], vec!["load/1", "market/a/b"], TOPICS.to_vec()];
        let client = |wants| Client {
            wants,
            mirror: Mirror::new(motion::advance),
            at: Resume::default(),
            is_lost: true,
            offsets: Vec::new(),
        };
        Self {
            world: World::new(Engine::new(Epoch(1), STALE_MS), EventLog::default()),
            journal: Vec::new(),
            waiting: Vec::new(),
            clients: wishes.map(client).into(),
        }
    }

    fn advance(&mut self, input: Input) {
        let now = Now { wall_ms: 0, stream: StreamClock::default() };
        if !self.world.must_wait(core::slice::from_ref(&input)) && self.world.advance(now, [input]).cut {
            self.clients.iter_mut().for_each(|client| client.tick(&self.world));
        }
    }

    fn write(&mut self, count: usize) -> Option<u64> {
        let count = count.min(self.waiting.len());
        let written: Vec<_> = self.waiting.drain(..count).collect();
        self.journal.extend(written.iter().map(|logged| Logged::clone(logged)));
        written.last().map(|logged| logged.entry.offset)
    }

    fn crash(&mut self, on_disk: usize) {
        self.write(on_disk);
        self.waiting.clear();
        let mut log = EventLog::default();
        self.journal.iter().cloned().for_each(|logged| log.restore(logged));
        let epoch = Epoch(self.world.position().epoch.0 + 1);
        self.world = World::new(Engine::new(epoch, STALE_MS), log);
        self.clients.iter_mut().for_each(|client| client.is_lost = true);
    }

    fn run(&mut self, step: &Step) {
        match step {
            Step::Tick(polls) => self.advance(source(*polls)),
            Step::Restart => self.advance(Input::Restart),
            Step::Publish(topic) => {
                let draft = draft(TOPICS[*topic]);
                let out = self.world.take(EventInput::Publish { draft, at: UnixMillis(0) });
                self.waiting.extend(out.append);
                assert!(out.shown.is_empty());
            }
            Step::Appended(count) => {
                let Some(up_to) = self.write(*count) else { return };
                let shown = self.world.take(EventInput::Appended(up_to)).shown;
                self.clients.iter_mut().for_each(|client| client.events(&self.world, &shown));
            }
            Step::Refused => {
                self.waiting.clear();
                self.world.take(EventInput::Refused(u64::MAX));
            }
            Step::Crash(on_disk) => self.crash(*on_disk),
            Step::Lose(client) => self.clients[*client].is_lost = true,
            Step::Resume(client) => self.clients[*client].resume(&self.world),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_entry_comes_once_and_in_order(steps in steps()) {
        let mut server = Server::new();
        steps.iter().for_each(|step| server.run(step));
        server.run(&Step::Appended(usize::MAX));
        let engine = server.world.engine();
        for client in &mut server.clients {
            client.resume(&server.world);
            let expected: Vec<u64> = server
                .journal
                .iter()
                .filter(|logged| client.wants(logged))
                .map(|logged| logged.entry.offset)
                .collect();
            prop_assert_eq!(&client.offsets, &expected);
            prop_assert!(engine.system().rows().eq(client.mirror.system().values()));
        }
    }
}

#[test]
fn state_goes_on_while_the_journal_is_slow_but_not_past_what_waits() {
    let mut world = World::new(Engine::new(Epoch(1), STALE_MS), EventLog::default());
    world.take(EventInput::Publish { draft: draft("load/1"), at: UnixMillis(0) });
    assert!(!world.must_wait(&[source(1)]));
    assert!(world.must_wait(&[source(1), Input::Restart]), "a new epoch would come before what waits");
    let out = world.take(EventInput::Appended(1));
    assert_eq!((out.shown.len(), world.state_cut()), (1, Cut(0)));
    assert!(world.position().cut > Cut(1000) && !world.must_wait(&[Input::Restart]));
}
