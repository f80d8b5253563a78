//! Whoever looks at a part of the world has exactly the aircraft there, however they move, the client looks elsewhere
//! or falls behind.

use inflight_domain::{Aircraft, Epoch, Extras, Icao24, Observation, Position, UnixMillis};
use inflight_engine::tiles::{Box4, Tiles};
use inflight_engine::{Engine, EventLog, Input, Now, Topics, World};
use inflight_sky::{Poll, motion};
use inflight_wire::frame::StreamClock;
use inflight_wire::{Format, Header, Mirror, Resume, decode_server};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;

const START_MS: i64 = 1_700_000_000_000;
const NO_TOPICS: Topics = Topics { flights: false, system: false, disruptions: false };

#[derive(Clone, Debug)]
enum Step {
    /// Seconds that pass, and where each aircraft is that is heard: number, tenths of degrees.
    Poll(i64, Vec<(u8, i16, i16)>),
    /// The client loses frames until it catches up.
    Lose,
    CatchUp,
    /// The client looks elsewhere.
    Move(usize),
    Restart,
}

const BOXES: [Box4; 4] = [
    [40.0, -75.0, 41.0, -73.0],
    [40.3, -74.6, 41.2, -72.8],
    [-30.0, 10.0, 60.0, 170.0],
    [0.0, 170.0, 20.0, -170.0],
];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let place = prop_oneof![
        3 => (380_i16..440, -780_i16..-700),
        1 => (-10_i16..220, 1650_i16..1800),
        1 => (-10_i16..220, -1800_i16..-1650),
    ];
    let heard = prop::collection::vec(
        (0_u8..8, place).prop_map(|(number, (north, east))| (number, north, east)),
        0..8,
    );
    let step = prop_oneof![
        8 => (400_i64..600, heard).prop_map(|(seconds, heard)| Step::Poll(seconds, heard)),
        2 => Just(Step::Lose),
        2 => Just(Step::CatchUp),
        3 => (0..BOXES.len()).prop_map(Step::Move),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..40)
}

fn poll(now_ms: i64, heard: &[(u8, i16, i16)]) -> Input {
    let mut poll = Poll { time: UnixMillis(now_ms), ..Poll::default() };
    for (number, north, east) in heard {
        let icao24 = Icao24::new(u32::from(*number) + 1).unwrap();
        if poll.listed.contains(&icao24) {
            continue;
        }
        poll.listed.push(icao24);
        poll.observations.push(Observation {
            icao24,
            callsign: None,
            position: Position::new(f64::from(*north) / 10.0, f64::from(*east) / 10.0).unwrap(),
            time_position: Some(UnixMillis(now_ms)),
            last_contact: UnixMillis(now_ms),
            altitude_m: None,
            geo_altitude_m: None,
            speed_mps: Some(200.0),
            track_deg: Some(90.0),
            vertical_rate_mps: None,
            on_ground: false,
            squawk: None,
            spi: false,
            position_source: None,
            category: None,
            extras: Extras::default(),
        });
    }
    poll.listed.sort_unstable();
    poll.entries = poll.observations.len() as u64;
    Input::Poll { source: "test".to_owned(), poll }
}

/// A client of the binary form, and beside it one of the JSON form.
struct Client {
    tiles: Tiles,
    mirror: Mirror,
    plain: BTreeMap<String, Value>,
    at: Resume,
    is_lost: bool,
}

impl Client {
    fn take(&mut self, frames: [Vec<Vec<u8>>; 2]) {
        let [packed, plain] = frames;
        for frame in packed {
            let frame = decode_server(&frame).unwrap();
            self.mirror.apply(&frame).unwrap();
            self.at = match frame.header {
                Header::Tick(header) => Resume { epoch: header.epoch, cut: header.cut },
                Header::Snapshot(header) => Resume { epoch: header.epoch, cut: header.cut },
                other => panic!("{other:?}"),
            };
        }
        for frame in plain {
            let frame: Value = serde_json::from_slice(&frame).unwrap();
            if frame[0]["type"] == "snapshot" && frame[0]["part"] == 0 {
                self.plain.clear();
            }
            for segment in frame.as_array().unwrap().iter().skip(1) {
                for key in segment["removed"].as_array().unwrap() {
                    self.plain.remove(key.as_str().unwrap());
                }
                for row in segment["updated"].as_array().unwrap() {
                    self.plain.insert(row["icao24"].as_str().unwrap().to_owned(), row.clone());
                }
            }
        }
    }

    fn catch_up(&mut self, world: &mut World) {
        self.is_lost = false;
        world.follow(self.tiles);
        let (engine, area, at) = (world.engine(), world.area(self.tiles).unwrap(), world.state_position());
        let from = self.at;
        let frames = Format::ALL.map(|format| {
            let known = engine.segments_since(from, format, NO_TOPICS);
            match known.and_then(|_| engine.area_segment(format, area, from.cut)) {
                Some(segment) => vec![engine.frame(format, from.cut, at.cut, &[segment])],
                None => engine.snapshot_with(format, NO_TOPICS, engine.area_pieces(format, area)),
            }
        });
        self.take(frames);
    }

    fn tick(&mut self, world: &mut World) {
        let (base, at) = (world.engine().base(), world.state_position());
        match (self.is_lost, (self.at.epoch, self.at.cut) == (at.epoch, base)) {
            (true, _) => {}
            (false, false) => self.catch_up(world),
            (false, true) => {
                let (engine, area) = (world.engine(), world.area(self.tiles).unwrap());
                let frames = Format::ALL.map(|format| {
                    let segments: Vec<_> = area
                        .is_changed(at.cut)
                        .then(|| engine.area_segment(format, area, base).unwrap())
                        .into_iter()
                        .collect();
                    vec![engine.frame(format, base, at.cut, &segments)]
                });
                self.take(frames);
            }
        }
    }

    fn look(&mut self, world: &mut World, area: &Box4) {
        if self.tiles.do_for(area) {
            return;
        }
        self.catch_up(world);
        let before = std::mem::replace(&mut self.tiles, Tiles::around(area));
        world.follow(self.tiles);
        let (engine, cut) = (world.engine(), world.state_cut());
        let (before, now) = (world.area(before).unwrap(), world.area(self.tiles).unwrap());
        let frames = Format::ALL
            .map(|format| vec![engine.frame(format, cut, cut, &[engine.moved_segment(format, before, now)])]);
        self.take(frames);
    }

    fn check(&self, world: &World) {
        let here: Vec<&Aircraft> = world
            .engine()
            .flights()
            .rows()
            .map(|(_, row)| &row.aircraft)
            .filter(|aircraft| self.tiles.hold(aircraft))
            .collect();
        assert!(self.mirror.flights().map(|row| &row.aircraft).eq(here.iter().copied()));
        let digest = world.area(self.tiles).unwrap().digest(world.engine().flights());
        assert_eq!(self.mirror.digest(), format!("{digest:016x}"));
        let plain: BTreeMap<String, Value> = here
            .iter()
            .map(|aircraft| (aircraft.icao24.to_string(), serde_json::to_value(aircraft.payload()).unwrap()))
            .collect();
        assert_eq!(self.plain, plain);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_looks_at_a_part_has_exactly_what_is_there(steps in steps()) {
        let mut world = World::new(Engine::new(Epoch(1), 60_000), EventLog::default());
        let mut now_ms = START_MS;
        let mut client = Client {
            tiles: Tiles::around(&BOXES[0]),
            mirror: Mirror::new(motion::advance),
            plain: BTreeMap::new(),
            at: Resume::default(),
            is_lost: false,
        };
        client.catch_up(&mut world);
        for step in &steps {
            let input = match step {
                Step::Poll(seconds, heard) => {
                    now_ms += seconds * 1000;
                    poll(now_ms, heard)
                }
                Step::Restart => Input::Restart,
                Step::Lose => {
                    client.is_lost = true;
                    continue;
                }
                Step::CatchUp => {
                    client.catch_up(&mut world);
                    continue;
                }
                Step::Move(place) => {
                    client.look(&mut world, &BOXES[*place]);
                    continue;
                }
            };
            let stream = StreamClock { stream_ms: now_ms, rate: 1.0 };
            if world.advance(Now { wall_ms: now_ms, stream }, [input]).cut {
                client.tick(&mut world);
            }
            if !client.is_lost {
                client.check(&world);
            }
        }
        client.catch_up(&mut world);
        client.check(&world);
    }
}
