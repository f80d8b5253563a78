//! A client that follows the tables through every fault: the protocol's own mirror, resume, and a count of all it met.

use crate::commands::check::fleet::Model;
use crate::commands::check::socket::{Dial, Received, Socket, opcode};
use bytes::Bytes;
use core::time::Duration;
use inflight_domain::{Aircraft, Icao24};
use inflight_sky::motion;
use inflight_wire::limits::SILENCE_MS;
use inflight_wire::{
    ClientFrame, Format, Header, Mirror, Resume, SUBPROTOCOL_MSGPACK, Segment, Subscribe, backoff,
    decode_server,
};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use tokio::time::{Instant, sleep, timeout};

/// The client.
#[derive(Debug)]
pub struct Follower {
    /// Where it connects.
    pub address: SocketAddr,
    /// What it follows.
    pub topics: Vec<String>,
    /// Its copy of the tables.
    pub mirror: Mirror,
    /// What it met so far.
    pub tally: Tally,
    /// Offset and number of every entry of the check's publisher that was new.
    pub entries: Vec<(u64, u64)>,
    socket: Option<Socket>,
    dial: Dial,
    is_fresh: bool,
    random: fastrand::Rng,
    attempt: u32,
    come_back: Option<Duration>,
}

/// What a client met.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Connections that were made.
    pub connections: u32,
    /// Attempts to connect that failed.
    pub refused: u32,
    /// First parts of snapshots.
    pub snapshots: u32,
    /// Ticks.
    pub ticks: u32,
    /// Bytes of frames.
    pub bytes: u64,
    /// Proofs of the server that our table passed.
    pub proofs: u32,
    /// Frames that did not follow from what we hold, and proofs that it did not pass. None may ever come.
    pub faults: Vec<String>,
    /// Entries that came again although they were known, and those that the server no longer had.
    pub repeated: u64,
    /// Closes by code.
    pub closes: BTreeMap<u16, u32>,
    /// Farewells with a time to come back.
    pub byes: u32,
}

/// What a step brought.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A frame of the tables, and how many bytes it had.
    Frame(usize),
    /// Something else.
    Other,
    /// The connection is gone.
    Lost,
}

impl Follower {
    /// A client that is not connected yet.
    #[must_use]
    pub fn new(address: SocketAddr, topics: &[&str], seed: u64) -> Self {
        Self {
            address,
            topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
            mirror: Mirror::new(motion::advance),
            tally: Tally::default(),
            entries: Vec::new(),
            socket: None,
            is_fresh: true,
            dial: Dial { subprotocol: SUBPROTOCOL_MSGPACK, ..Dial::default() },
            random: fastrand::Rng::with_seed(seed),
            attempt: 0,
            come_back: None,
        }
    }

    /// Connects in this way from now on.
    pub fn dial(&mut self, change: impl FnOnce(&mut Dial)) {
        change(&mut self.dial);
    }

    /// Where the client is.
    #[must_use]
    pub fn place(&self) -> Option<Resume> {
        self.mirror.position().map(|(epoch, cut)| Resume { epoch, cut })
    }

    /// Connects and asks for what it lacks; whether that worked.
    pub async fn connect(&mut self) -> bool {
        self.socket = None;
        let Ok(socket) = Socket::connect(self.address, "/stream/ws", &self.dial).await else {
            self.tally.refused += 1;
            return false;
        };
        self.tally.connections += 1;
        self.socket = Some(socket);
        self.subscribe().await
    }

    /// Whether there is a connection.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.socket.is_some()
    }

    /// Leaves without a word, as a phone does that drives into a tunnel.
    pub fn break_off(&mut self) {
        if let Some(socket) = self.socket.take() {
            socket.break_off();
        }
    }

    /// The connection as it is, for readers that do not read.
    pub fn socket(&mut self) -> Option<&mut Socket> {
        self.socket.as_mut()
    }

    /// Takes the next frame in. May be dropped and called again.
    pub async fn step(&mut self) -> Step {
        let Some(socket) = &mut self.socket else { return Step::Lost };
        match timeout(Duration::from_millis(SILENCE_MS), socket.next()).await {
            Ok(Received::Message(message)) => {
                self.tally.bytes += message.len() as u64;
                self.take(&message).await
            }
            Ok(Received::Close(code, _)) => {
                *self.tally.closes.entry(code).or_default() += 1;
                self.socket = None;
                Step::Lost
            }
            Ok(Received::Ended) | Err(_) => {
                self.socket = None;
                Step::Lost
            }
        }
    }

    /// Comes back until it stands connected, with the waits that every client of ours has.
    pub async fn return_(&mut self) {
        while !self.is_connected() {
            let wait = match self.come_back.take() {
                Some(wait) => wait,
                None => {
                    let wait_ms = backoff::delay_ms(self.attempt, self.random.f64());
                    self.attempt += 1;
                    Duration::from_secs_f64(wait_ms / 1000.0)
                }
            };
            sleep(wait).await;
            self.connect().await;
        }
        self.attempt = 0;
    }

    /// Follows until the table is whole and `enough` says so; none if that takes longer than `limit`.
    pub async fn until(&mut self, limit: Duration, enough: impl Fn(&Self) -> bool) -> Option<Duration> {
        let begun = Instant::now();
        let followed = timeout(limit, async {
            while self.mirror.position().is_none() || !enough(self) {
                if self.step().await == Step::Lost {
                    self.return_().await;
                }
            }
        });
        followed.await.ok().map(|()| begun.elapsed())
    }

    /// The next attempt to connect is made at once, as by a page that hears that it is online again.
    pub fn try_at_once(&mut self) {
        self.attempt = 0;
        self.come_back = Some(Duration::ZERO);
    }

    /// When the server asked it to come back.
    #[must_use]
    pub fn told_to_return(&self) -> Option<Duration> {
        self.come_back
    }

    /// All aircraft by address.
    #[must_use]
    pub fn rows(&self) -> BTreeMap<Icao24, Aircraft> {
        self.mirror.flights().map(|row| (row.aircraft.icao24, row.aircraft)).collect()
    }

    /// Numbers of the entries, in the order in which they came.
    #[must_use]
    pub fn numbers(&self) -> Vec<u64> {
        self.entries.iter().map(|(_, number)| *number).collect()
    }

    /// Rows that are not as in the model: other values, missing or too many.
    #[must_use]
    pub fn differing(&self, model: &Model) -> usize {
        differing(&self.rows(), &model.rows)
    }

    async fn subscribe(&mut self) -> bool {
        let (topics, resume) = (self.topics.clone(), self.place());
        self.is_fresh = resume.is_none();
        let frame = Format::Msgpack.encode(&ClientFrame::Subscribe(Subscribe {
            topics,
            resume,
            ..Subscribe::default()
        }));
        let Some(socket) = &mut self.socket else { return false };
        let sent = socket.send(opcode::BINARY, &frame).await.is_ok();
        if !sent {
            self.socket = None;
        }
        sent
    }

    async fn take(&mut self, message: &Bytes) -> Step {
        let frame = match decode_server(message) {
            Ok(frame) => frame,
            Err(error) => {
                self.tally.faults.push(error.to_string());
                return Step::Other;
            }
        };
        match &frame.header {
            Header::Snapshot(header) if header.part == 0 => self.tally.snapshots += 1,
            Header::Tick(_) => self.tally.ticks += 1,
            Header::Bye { retry_ms, .. } => {
                self.tally.byes += 1;
                self.come_back = Some(Duration::from_millis(*retry_ms));
            }
            Header::Error(error) => self.tally.faults.push(format!("{}: {}", error.code, error.message)),
            _ => {}
        }
        frame.segments.iter().for_each(|segment| self.hear(segment));
        let of_tables = matches!(frame.header, Header::Snapshot(_) | Header::Tick(_));
        let proves = matches!(&frame.header, Header::Digest(digest)
            if self.mirror.position() == Some((digest.epoch, digest.cut)));
        match self.mirror.apply(&frame) {
            Ok(_) if proves => self.tally.proofs += 1,
            Ok(_) => {}
            Err(error) => {
                self.tally.faults.push(error.to_string());
                self.subscribe().await;
            }
        }
        if of_tables { Step::Frame(message.len()) } else { Step::Other }
    }

    /// After a snapshot that was asked for without a place, entries may come that are known.
    fn hear(&mut self, segment: &Segment) {
        let Segment::Events { entries, lost } = segment else { return };
        let mut repeated = 0;
        for told in entries {
            let newest = self.entries.last().map_or(0, |(offset, _)| *offset);
            match told.text.parse() {
                Ok(number) if told.offset > newest => self.entries.push((told.offset, number)),
                _ => repeated += 1,
            }
        }
        self.tally.repeated += lost + if self.is_fresh { 0 } else { repeated };
    }
}

/// Keys whose rows are not the same on both sides.
#[must_use]
pub fn differing(here: &BTreeMap<Icao24, Aircraft>, there: &BTreeMap<Icao24, Aircraft>) -> usize {
    let other = here.iter().filter(|(key, row)| there.get(key) != Some(row)).count();
    other + there.keys().filter(|key| !here.contains_key(key)).count()
}
