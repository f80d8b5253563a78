//! A client that is fed any cut of snapshots and ticks, with losses and resumes, ends with the server's table.

use inflight_domain::{
    BoundingBox, Callsign, Epoch, Extras, Icao24, Observation, Position, SourceRow, SourceState, UnixMillis,
};
use inflight_engine::{Engine, Input, Now, Topics};
use inflight_sky::{Poll, motion};
use inflight_wire::frame::StreamClock;
use inflight_wire::{Format, Mirror, Resume, decode_server};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;

const START_MS: i64 = 1_700_000_000_000;

#[derive(Clone, Debug)]
enum Step {
    /// Seconds that pass, and for each aircraft heard: number, metres north per second, whether a field goes.
    Poll(i64, Vec<(u8, i8, bool)>),
    /// Two polls within one cut, as a fast replay makes them.
    TwoPolls(Vec<(u8, i8, bool)>),
    Source(u8),
    Silence(i64),
    Restart,
}

/// What the client does with the frame of a step.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Take,
    Lose,
    LoseAndResume,
}

fn steps() -> impl Strategy<Value = Vec<(Step, Fate)>> {
    let heard = || prop::collection::vec((0_u8..12, any::<i8>(), any::<bool>()), 0..10);
    let step = prop_oneof![
        8 => (1_i64..30, heard()).prop_map(|(seconds, heard)| Step::Poll(seconds, heard)),
        3 => heard().prop_map(Step::TwoPolls),
        2 => (0_u8..4).prop_map(Step::Source),
        3 => (1_i64..400).prop_map(Step::Silence),
        1 => Just(Step::Restart),
    ];
    let fate = prop_oneof![5 => Just(Fate::Take), 2 => Just(Fate::Lose), 2 => Just(Fate::LoseAndResume)];
    prop::collection::vec((step, fate), 1..40)
}

/// The server's side of the test: an engine, a clock, and where each aircraft is.
struct Server {
    engine: Engine,
    now_ms: i64,
    north_m: BTreeMap<u8, f64>,
}

impl Server {
    fn poll(&mut self, heard: &[(u8, i8, bool)]) -> Input {
        let centre = BoundingBox::NEW_YORK.centre();
        let mut poll = Poll { time: UnixMillis(self.now_ms), ..Poll::default() };
        for (number, metres, flag) in heard {
            let icao24 = Icao24::new(0xa0_0000 + u32::from(*number)).unwrap();
            if poll.listed.contains(&icao24) {
                continue;
            }
            let north_m = self.north_m.entry(*number).or_default();
            *north_m += f64::from(*metres) * 10.0;
            let bearing_deg = if *north_m < 0.0 { 180.0 } else { 0.0 };
            let position: Position = centre.destination(bearing_deg, north_m.abs());
            // Some are listed long after their last message: they change and go within one cut.
            let silent_ms = [305_000, 290_000, 0, 0][usize::from(metres.unsigned_abs() % 4)];
            poll.listed.push(icao24);
            poll.observations.push(Observation {
                icao24,
                callsign: flag.then(|| Callsign::parse("TEST1").unwrap()),
                position,
                time_position: Some(UnixMillis(self.now_ms - silent_ms - 1000)),
                last_contact: UnixMillis(self.now_ms - silent_ms),
                altitude_m: flag.then_some(f64::from(*metres) * 7.62 + 3000.0),
                geo_altitude_m: None,
                speed_mps: Some(f64::from(metres.unsigned_abs())),
                track_deg: Some(f64::from(metres.unsigned_abs())),
                vertical_rate_mps: Some(0.0),
                on_ground: *flag,
                squawk: None,
                spi: false,
                position_source: Some(0),
                category: None,
                extras: Extras::default(),
            });
        }
        poll.listed.sort_unstable();
        poll.entries = poll.observations.len() as u64;
        Input::Poll { source: "test".to_owned(), poll }
    }

    fn run(&mut self, step: &Step) -> bool {
        let inputs = match step {
            Step::Poll(seconds, heard) => {
                self.now_ms += seconds * 1000;
                vec![self.poll(heard)]
            }
            Step::TwoPolls(heard) => {
                self.now_ms += 5000;
                let first = self.poll(heard);
                self.now_ms += 5000;
                vec![first, self.poll(heard)]
            }
            Step::Source(polls) => vec![Input::Source(source_row(*polls))],
            Step::Silence(seconds) => {
                self.now_ms += seconds * 1000;
                Vec::new()
            }
            Step::Restart => vec![Input::Restart],
        };
        let stream = StreamClock { stream_ms: self.now_ms, rate: 1.0 };
        self.engine.advance(Now { wall_ms: self.now_ms, stream }, inputs).cut
    }
}

fn source_row(polls: u8) -> SourceRow {
    SourceRow {
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
    }
}

fn feed(mirror: &mut Mirror, frame: &[u8]) -> bool {
    mirror.apply(&decode_server(frame).unwrap()).is_ok()
}

/// What a client does that has lost step: it resumes, and takes a snapshot if that is refused.
fn recover(engine: &Engine, mirror: &mut Mirror) {
    let from = mirror.position().map(|(epoch, cut)| Resume { epoch, cut });
    let frame = from.and_then(|from| engine.changes_since(from, Format::Msgpack, Topics::ALL));
    let frames = frame.map_or_else(|| engine.snapshot(Format::Msgpack, Topics::ALL), |frame| vec![frame]);
    for frame in frames {
        assert!(feed(mirror, &frame), "the server's own answer is refused");
    }
}

fn check_equal(engine: &Engine, mirror: &Mirror) {
    let ours: Vec<_> = engine.flights().rows().map(|(_, row)| (row.aircraft, row.motion)).collect();
    let theirs: Vec<_> = mirror.flights().map(|row| (row.aircraft, row.motion)).collect();
    assert_eq!(ours, theirs);
    assert_eq!(format!("{:016x}", engine.flights().digest()), mirror.digest());
    assert!(engine.system().rows().eq(mirror.system().values()));
    assert!(engine.disruptions().rows().eq(mirror.disruptions().values()));
    assert_eq!(mirror.position(), Some((engine.position().epoch, engine.position().cut)));
}

/// The same by the plain messages of `/ws/flights`, as a client in any language would do it.
fn feed_plain(table: &mut BTreeMap<String, Value>, message: &[u8]) {
    let message: Value = serde_json::from_slice(message).unwrap();
    if message["type"] == "snapshot" {
        table.clear();
    }
    for key in message["removed"].as_array().into_iter().flatten() {
        table.remove(key.as_str().unwrap());
    }
    let rows = [&message["flights"], &message["updated"]].into_iter().filter_map(Value::as_array).flatten();
    for row in rows {
        table.insert(row["icao24"].as_str().unwrap().to_owned(), row.clone());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cut_of_frames_converges(steps in steps()) {
        let engine = Engine::new(Epoch(1), 60_000);
        let mut server = Server { engine, now_ms: START_MS, north_m: BTreeMap::new() };
        let mut mirror = Mirror::new(motion::advance);
        let (mut plain, mut plain_at) = (BTreeMap::new(), Resume { epoch: Epoch(0), cut: inflight_domain::Cut(0) });
        for (step, fate) in &steps {
            let changed = server.run(step);
            let engine = &server.engine;
            match fate {
                Fate::Take if changed => {
                    if !feed(&mut mirror, &engine.tick(Format::Msgpack, Topics::ALL)) {
                        recover(engine, &mut mirror);
                    }
                    check_equal(engine, &mirror);
                }
                Fate::LoseAndResume => {
                    recover(engine, &mut mirror);
                    check_equal(engine, &mirror);
                    let delta = engine.flights_delta(plain_at, Format::Json);
                    feed_plain(&mut plain, &delta.unwrap_or_else(|| engine.flights_snapshot(Format::Json)));
                    plain_at = engine.position();
                    let rows = engine.flights().rows();
                    let expected: BTreeMap<_, _> = rows
                        .map(|(_, row)| (row.aircraft.icao24.to_string(), serde_json::to_value(row.aircraft.payload()).unwrap()))
                        .collect();
                    prop_assert_eq!(&plain, &expected);
                }
                Fate::Take | Fate::Lose => {}
            }
        }
        recover(&server.engine, &mut mirror);
        check_equal(&server.engine, &mirror);
    }
}
