//! One client and one recording: answers client frames, and says what is due at each tick.

use inflight_domain::{Cut, Epoch, Icao24};
use inflight_engine::{Engine, Input, Now, Player, Topics};
use inflight_sky::{Recording, freshness};
use inflight_wire::frame::{ErrorBody, Hello};
use inflight_wire::limits::{DIGEST_MS, HEARTBEAT_MS, MESSAGE_BYTES, TICK_MS};
use inflight_wire::{ClientFrame, Format, Header, Resume, Subscribe, TOPICS, schema};

const FORMAT: Format = Format::Msgpack;

/// The worker's whole state.
#[derive(Default)]
pub struct Session {
    stage: Option<Stage>,
    topics: Option<Topics>,
    at: Option<Resume>,
    sent_ms: i64,
    digest_ms: i64,
    proved: Option<Resume>,
}

struct Stage {
    engine: Engine,
    player: Player,
}

impl Session {
    /// Puts a recording on stage, or tells why there is none.
    pub fn open(&mut self, recording: Result<Recording, String>, name: &str, now_ms: i64) -> Vec<Vec<u8>> {
        match recording {
            Err(message) => vec![error("recording_failed", &message, None)],
            Ok(recording) => {
                let player = Player::new(recording, name, 1.0, true);
                let engine = Engine::new(Epoch(1), freshness::STALE_AFTER_MS);
                self.stage = Some(Stage { engine, player });
                let mut frames = vec![hello()];
                frames.extend(self.tick(now_ms));
                frames
            }
        }
    }

    /// Answers a client frame.
    pub fn take(&mut self, bytes: &[u8], now_ms: i64) -> Vec<Vec<u8>> {
        match FORMAT.decode_client(bytes) {
            Err(wrong) => vec![error("bad_message", &wrong.to_string(), None)],
            Ok(ClientFrame::Ping { id }) => vec![FORMAT.assemble(&Header::Pong { id }, &[])],
            Ok(ClientFrame::Subscribe(Subscribe { topics, resume, .. })) => {
                match Topics::parse(topics.iter().map(String::as_str)) {
                    Err(unknown) => {
                        vec![error("unknown_topic", &format!("topic `{unknown}` is not known"), None)]
                    }
                    Ok(topics) if topics == Topics::default() => {
                        vec![error("no_topics", "topics: expected at least one", None)]
                    }
                    Ok(topics) => {
                        self.topics = Some(topics);
                        self.at = resume;
                        self.catch_up(now_ms)
                    }
                }
            }
            // It has no parts of the world to offer: whoever asks gets all of it.
            Ok(ClientFrame::Look { .. }) => Vec::new(),
            Ok(ClientFrame::Trail { id, icao24 }) => vec![self.trail(id, icao24)],
            Ok(ClientFrame::Replay { id, command }) => {
                let Some(stage) = &mut self.stage else {
                    return vec![error("not_ready", "no recording yet", Some(id))];
                };
                if let Err(wrong) = stage.player.command(now_ms, command) {
                    return vec![error("bad_value", &wrong.to_string(), Some(id))];
                }
                let mut frames = vec![FORMAT.assemble(&Header::Done { id }, &[])];
                frames.extend(self.tick(now_ms));
                frames
            }
        }
    }

    /// Moves the recording on and returns what the client must learn.
    pub fn tick(&mut self, now_ms: i64) -> Vec<Vec<u8>> {
        let Some(Stage { engine, player }) = &mut self.stage else { return Vec::new() };
        let step = player.step(now_ms);
        let row = Input::Source(player.row(true));
        let before = engine.position();
        let out =
            engine.advance(Now { wall_ms: now_ms, stream: step.clock }, step.inputs.into_iter().chain([row]));
        let in_step = self.at == Some(before) && !out.restarted;
        match self.topics {
            Some(topics) if out.cut && in_step => {
                self.at = Some(engine.position());
                self.sent_ms = now_ms;
                vec![engine.tick(FORMAT, topics)]
            }
            Some(_) if !in_step => self.catch_up(now_ms),
            Some(_) => self.signs_of_life(now_ms),
            None => Vec::new(),
        }
    }

    fn trail(&self, id: u64, icao24: String) -> Vec<u8> {
        match (&self.stage, Icao24::parse(&icao24)) {
            (None, _) => error("not_ready", "no recording yet", Some(id)),
            (_, None) => {
                error("bad_value", &format!("icao24: expected six hex digits, got {icao24:?}"), Some(id))
            }
            (Some(stage), Some(address)) => {
                let points = stage.player.trail(address);
                FORMAT.assemble(&Header::Trail { id, icao24, points }, &[])
            }
        }
    }

    fn catch_up(&mut self, now_ms: i64) -> Vec<Vec<u8>> {
        let (Some(Stage { engine, .. }), Some(topics)) = (&self.stage, self.topics) else {
            return Vec::new();
        };
        if engine.position().cut == Cut(0) {
            return Vec::new();
        }
        let changes = self.at.and_then(|at| engine.changes_since(at, FORMAT, topics));
        self.at = Some(engine.position());
        self.sent_ms = now_ms;
        changes.map_or_else(
            || {
                let mut frames = engine.snapshot(FORMAT, topics);
                frames.extend(topics.flights.then(|| engine.digest(FORMAT)));
                frames
            },
            |frame| vec![frame],
        )
    }

    fn signs_of_life(&mut self, now_ms: i64) -> Vec<Vec<u8>> {
        let Some(Stage { engine, .. }) = &self.stage else { return Vec::new() };
        let mut frames = Vec::new();
        let unproved = self.topics.is_some_and(|topics| topics.flights) && self.proved != self.at;
        if unproved && now_ms - self.digest_ms >= DIGEST_MS as i64 {
            self.digest_ms = now_ms;
            self.proved = self.at;
            frames.push(engine.digest(FORMAT));
        }
        if now_ms - self.sent_ms >= HEARTBEAT_MS as i64 {
            self.sent_ms = now_ms;
            frames.push(engine.heartbeat(FORMAT));
        }
        frames
    }
}

fn hello() -> Vec<u8> {
    let hello = Hello {
        protocol: "inflight.v1".to_owned(),
        schema: schema::schema_hash(),
        epoch: Epoch(1),
        tick_ms: TICK_MS,
        message_bytes: MESSAGE_BYTES,
        topics: TOPICS.map(str::to_owned).to_vec(),
    };
    FORMAT.assemble(&Header::Hello(hello), &[])
}

fn error(code: &str, message: &str, id: Option<u64>) -> Vec<u8> {
    FORMAT.assemble(&Header::Error(ErrorBody { code: code.to_owned(), message: message.to_owned(), id }), &[])
}
