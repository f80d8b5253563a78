//! Golden bytes: each frame encodes to the bytes in `fixtures/wire`, and decodes back from them.
//!
//! A difference here is a change of the protocol: raise the version, or run with `UPDATE_GOLDEN=1` and say why.

use inflight_domain::aircraft::{FIELD_COUNT, UNKNOWN};
use inflight_domain::*;
use inflight_wire::bin::Bin;
use inflight_wire::flights::{FlightsMessage, FlightsSegment};
use inflight_wire::frame::*;
use inflight_wire::packed::Packer;
use inflight_wire::*;
use serde::Serialize;
use std::path::PathBuf;

#[expect(clippy::disallowed_methods, reason = "golden bytes are files")]
fn check_bytes(name: &str, bytes: &[u8]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/wire").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, bytes).unwrap();
    }
    let golden = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(bytes, golden, "{name}");
}

fn check<T: Serialize>(name: &str, value: &T) {
    check_bytes(&format!("{name}.msgpack"), &Format::Msgpack.encode(value));
    check_bytes(&format!("{name}.json"), &Format::Json.encode(value));
}

fn check_frame(name: &str, frame: &ServerFrame) {
    let bytes = Format::Msgpack.encode(frame);
    check_bytes(&format!("{name}.msgpack"), &bytes);
    if frame.segments.is_empty() {
        check_bytes(&format!("{name}.json"), &Format::Json.encode(frame));
    }
    assert_eq!(decode_server(&bytes).unwrap(), *frame, "{name} decodes");
    let segments: Vec<Vec<u8>> = frame.segments.iter().map(|s| Format::Msgpack.encode(s)).collect();
    let segments: Vec<&[u8]> = segments.iter().map(Vec::as_slice).collect();
    assert_eq!(Format::Msgpack.assemble(&frame.header, &segments), bytes, "{name} assembles");
}

fn aircraft() -> Aircraft {
    let mut columns = [UNKNOWN; FIELD_COUNT];
    let known =
        [40_641_100, -73_777_300, 1_679_015_033_000, 1_679_015_034_000, 304_800, 312_420, 12_345, 6188, -325];
    columns[..9].copy_from_slice(&known);
    columns[Field::Callsign.index()] = Callsign::parse("EDV4819").unwrap().to_number();
    columns[Field::Squawk.index()] = 0o1014;
    columns[Field::Flags.index()] = 0;
    columns[Field::PositionSource.index()] = 0;
    columns[Field::Feed.index()] = 1;
    columns[Field::TypeCode.index()] = ShortText::parse("CRJ9").unwrap().to_number();
    columns[Field::Registration.index()] = ShortText::parse("N228PQ").unwrap().to_number();
    Aircraft::from_columns(Icao24::parse("acddf8").unwrap(), columns).unwrap()
}

fn moved() -> Aircraft {
    let before = aircraft();
    let mut columns = *before.columns();
    for (index, step) in [(0, 15_400), (1, -7_300), (2, 10_000), (3, 10_000), (4, -1524), (6, 12), (8, 65)] {
        columns[index] += step;
    }
    columns[Field::Squawk.index()] = UNKNOWN;
    columns[Field::TurnRate.index()] = -150;
    Aircraft::from_columns(before.icao24, columns).unwrap()
}

/// Flies on from [`moved`]: near where the way leads, and far from it.
fn flown() -> [Aircraft; 2] {
    let before = moved();
    [
        [6_100, 11_500, 9_000, 10_000, 762, 762, -31, 12, 65],
        [-52_200, 80_100, 10_000, 11_000, 30_000, 0, 0, 0, 0],
    ]
    .map(|steps| {
        let mut columns = *before.columns();
        columns.iter_mut().zip(steps).for_each(|(column, step)| *column += step);
        Aircraft::from_columns(before.icao24, columns).unwrap()
    })
}

fn motion() -> MotionState {
    MotionState::from_numbers(
        UnixMillis(1_679_015_033_000),
        [406_411_012, -737_772_988, 304_800, 12_345, 6188, -325, 512, -20],
        7,
    )
}

fn recording() -> SystemRow {
    let replay = system::ReplayRow {
        recording: "a.jsonl".into(),
        start: UnixMillis(1_679_015_000_000),
        end: UnixMillis(1_679_016_000_000),
        speed: 4.0,
        paused: true,
        looped: false,
        controllable: true,
    };
    SystemRow::Source(SourceRow {
        name: "replay".into(),
        number: 0,
        state: SourceState::Replay,
        code: String::new(),
        retry_at: None,
        newest_poll: None,
        poll_interval_s: 10.0,
        polls: 0,
        credits_remaining: None,
        replay: Some(replay),
    })
}

fn dead_letter() -> SystemRow {
    let letter = DeadLetter {
        at: UnixMillis(1_679_015_030_000),
        source: "replay".into(),
        reason: DropReason::BadIcao24,
        detail: "icao24: expected six hex digits, found \"emerg001\"".into(),
        line: 12,
        excerpt: "{\"icao24\":\"emerg001\"}".into(),
    };
    SystemRow::DeadLetter(system::DeadLetterRow { place: 7, letter })
}

fn holding() -> Disruption {
    let evidence = Evidence::default()
        .with(Measure::TurnsFlown, 2.06)
        .with(Measure::DurationS, 540.0)
        .with(Measure::LowestAltitudeM, 2743.2);
    Disruption {
        kind: DisruptionKind::Holding,
        icao24: Icao24::parse("acddf8").unwrap(),
        callsign: Callsign::parse("EDV4819"),
        began: UnixMillis(1_679_015_040_000),
        last_seen: UnixMillis(1_679_015_580_500),
        ended: None,
        severity: Severity::Notice,
        confidence_pct: 81,
        place: Position::new(40.515, -73.665).unwrap(),
        airport: AirportCode::parse("KJFK"),
        evidence,
    }
}

#[test]
fn server_frames() {
    let epoch = Epoch(1_760_000_000_000);
    let clock = (1_679_015_040_000, 1.0);
    let mut full = Packer::default();
    full.full(Slot(3), &aircraft(), &motion());
    let rows = Bin(full.finish());
    let hello = Hello {
        protocol: "inflight.v1".into(),
        schema: "0123456789abcdef".into(),
        epoch,
        tick_ms: 200,
        message_bytes: 65_536,
        topics: TOPICS.map(String::from).to_vec(),
    };
    check_frame("hello", &ServerFrame { header: Header::Hello(hello), segments: vec![] });
    let header = SnapshotHeader { epoch, cut: Cut(7), part: 0, parts: 1, stream_ms: clock.0, rate: clock.1 };
    let source = SystemRow::Source(SourceRow {
        name: "opensky".into(),
        number: 1,
        state: SourceState::RateLimited,
        code: "http_429".into(),
        retry_at: Some(UnixMillis(1_679_015_100_000)),
        newest_poll: Some(UnixMillis(1_679_015_030_500)),
        poll_interval_s: 21.6,
        polls: 4,
        credits_remaining: Some(0),
        replay: None,
    });
    let flights = Segment::Flights { rows, removed: vec![] };
    let system = Segment::System { updated: vec![source], removed: vec![] };
    check_frame(
        "snapshot",
        &ServerFrame { header: Header::Snapshot(header), segments: vec![flights, system] },
    );

    let mut difference = Packer::default();
    difference.difference(Slot(3), &aircraft(), &moved());
    let flights = Segment::Flights { rows: Bin(difference.finish()), removed: vec![9] };
    let tick = |base: u64, cut: u64| {
        Header::Tick(TickHeader { epoch, base: Cut(base), cut: Cut(cut), stream_ms: clock.0, rate: clock.1 })
    };
    check_frame("tick", &ServerFrame { header: tick(7, 8), segments: vec![flights] });
    let text = FlightsSegment {
        topic: TOPIC_FLIGHTS,
        updated: vec![moved().payload()],
        removed: vec!["a13f1c".into()],
    };
    check_bytes("tick.json", &Format::Json.assemble(&tick(7, 8), &[&Format::Json.encode(&text)]));
    for (name, cut, rows) in [("step", 8, [moved(), flown()[0]]), ("leap", 9, flown())] {
        let mut step = Packer::for_steps(rows[1..].iter());
        step.difference(Slot(3), &rows[0], &rows[1]);
        let flights = Segment::Flights { rows: Bin(step.finish()), removed: vec![] };
        check_frame(name, &ServerFrame { header: tick(cut, cut + 1), segments: vec![flights] });
        let text = FlightsSegment { topic: TOPIC_FLIGHTS, updated: vec![rows[1].payload()], removed: vec![] };
        let text = Format::Json.assemble(&tick(cut, cut + 1), &[&Format::Json.encode(&text)]);
        check_bytes(&format!("{name}.json"), &text);
    }
    let mut absolute = Packer::default();
    let fields = Field::ALL.into_iter().filter(|field| aircraft().get(*field) != moved().get(*field));
    absolute.absolute(Slot(3), fields, &moved(), &motion());
    let flights = Segment::Flights { rows: Bin(absolute.finish()), removed: vec![] };
    let drops = SystemRow::Drops(system::DropsRow { reason: DropReason::NotJson, count: 2 });
    let system = Segment::System { updated: vec![drops], removed: vec!["source/replay".into()] };
    check_frame("resume", &ServerFrame { header: tick(5, 8), segments: vec![flights, system] });
    let system = Segment::System { updated: vec![recording(), dead_letter()], removed: vec![] };
    check_frame("system", &ServerFrame { header: tick(8, 9), segments: vec![system] });
    let kept = system::HistoryRow {
        from: UnixMillis(1_679_011_440_000),
        to: UnixMillis(1_679_015_040_500),
        raw_bytes: 4096,
    };
    let system = Segment::System { updated: vec![SystemRow::History(kept)], removed: vec![] };
    check_frame("history", &ServerFrame { header: tick(9, 10), segments: vec![system] });
    let disruptions = Segment::Disruptions {
        updated: vec![holding()],
        removed: vec!["a13f1c/emergency/1679014000".into()],
    };
    check_frame("disruptions", &ServerFrame { header: tick(9, 10), segments: vec![disruptions] });
    check_frame("heartbeat", &ServerFrame { header: tick(8, 8), segments: vec![] });
    let digest = Digest { epoch, cut: Cut(8), flights: format!("{:016x}", moved().digest()) };
    check_frame("digest", &ServerFrame { header: Header::Digest(digest), segments: vec![] });
    let bye = Header::Bye { reason: "going_away".into(), retry_ms: 1250 };
    check_frame("bye", &ServerFrame { header: bye, segments: vec![] });
    let error =
        ErrorBody { code: "unknown_topic".into(), message: "topic `loads` is not known".into(), id: Some(4) };
    check_frame("error", &ServerFrame { header: Header::Error(error), segments: vec![] });
    check_frame("done", &ServerFrame { header: Header::Done { id: 4 }, segments: vec![] });
    let point = |at: i64, altitude_cm| TrailPoint {
        at: UnixMillis(at),
        latitude_e6: 40_641_100,
        longitude_e6: -73_777_300,
        altitude_cm,
        on_ground: altitude_cm.is_none(),
    };
    let points = vec![point(1_679_015_033_000, None), point(1_679_015_043_500, Some(-1524))];
    let trail = Header::Trail { id: 6, icao24: "acddf8".into(), points };
    check_frame("trail", &ServerFrame { header: trail, segments: vec![] });
    check_frame("pong", &ServerFrame { header: Header::Pong { id: 5 }, segments: vec![] });
}

#[test]
fn entries_of_event_topics() {
    let at = UnixMillis(1_679_015_040_500);
    let alert = event::Alert { level: "warning".into(), message: "High CPU usage".into(), timestamp: at };
    let notice = event::Notice {
        health: "degraded".into(),
        metrics: event::Metrics { cpu_usage: 0.95, memory_usage: 0.72, response_time: 250.0 },
        alerts: vec![alert],
        timestamp: at,
    };
    let data = [("businessId", Json::Text("b1".into())), ("text", Json::Text("On my way".into()))];
    let data = Json::Object(data.map(|(name, value)| (name.to_owned(), value)).to_vec());
    let room = RoomEvent { kind: "message.sent".into(), data };
    let entry = |offset, topic, data, by| Entry {
        offset,
        topic: TopicName::parse(topic).unwrap(),
        at,
        data,
        by: UserId::new(by),
    };
    let entries = [
        entry(7, "notice", EventData::Notice(notice), ""),
        entry(9, "load/L1", EventData::Room(room), "ana"),
    ];
    let epoch = Epoch(1_760_000_000_000);
    let header =
        TickHeader { epoch, base: Cut(8), cut: Cut(65_544), stream_ms: 1_679_015_040_000, rate: 1.0 };
    let header = Header::Tick(header);
    for (name, format) in [("events.msgpack", Format::Msgpack), ("events.json", Format::Json)] {
        let entries: Vec<Vec<u8>> = entries.iter().map(|entry| format.encode(entry)).collect();
        let bytes = format.assemble(
            &header,
            &[&events::segment(format, &entries, events::Remark { lost: 3, earlier: false })],
        );
        check_bytes(name, &bytes);
        let name = name.replace("events", "early");
        check_bytes(&name, &events::early(format, epoch, Cut(65_544), &entries));
        if format == Format::Json {
            serde_json::from_slice::<serde_json::Value>(&bytes).unwrap();
            continue;
        }
        let told = |offset, topic: &str, kind: &str, level: &str, text: &str| Told {
            offset,
            topic: topic.into(),
            at,
            kind: kind.into(),
            level: level.into(),
            text: text.into(),
        };
        let entries = vec![
            told(7, "notice", "notice", "warning", "High CPU usage"),
            told(9, "load/L1", "message.sent", "", "On my way"),
        ];
        let frame =
            ServerFrame { header: header.clone(), segments: vec![Segment::Events { entries, lost: 3 }] };
        assert_eq!(decode_server(&bytes).unwrap(), frame);
    }
}

#[test]
fn plain_flights_messages() {
    let flights = vec![aircraft().payload()];
    let (epoch, cut) = (Epoch(1_760_000_000_000), Cut(7));
    check("flights_snapshot", &FlightsMessage::Snapshot { schema_version: 1, epoch, cut, flights });
    let updated = vec![moved().payload()];
    let removed = vec!["a13f1c".to_owned()];
    check("flights_delta", &FlightsMessage::Delta { base: Cut(7), cut: Cut(8), updated, removed });
}

#[test]
fn client_frames() {
    let resume = Some(Resume { epoch: Epoch(1_760_000_000_000), cut: Cut(7) });
    let replay = |command| ClientFrame::Replay { id: 3, command };
    for (name, frame) in [
        ("client_subscribe", ClientFrame::Subscribe(Subscribe::to(&TOPICS, resume))),
        (
            "client_subscribe_part",
            ClientFrame::Subscribe(Subscribe {
                max_hz: Some(2.0),
                area: Some([40.5, -74.0, 41.0, -73.5]),
                ..Subscribe::to(&["flights", "notice", "load/L1"], None)
            }),
        ),
        ("client_look", ClientFrame::Look { area: [40.5, -74.0, 41.0, -73.5] }),
        ("client_ping", ClientFrame::Ping { id: 5 }),
        ("client_pause", replay(ReplayCommand::Pause {})),
        ("client_speed", replay(ReplayCommand::Speed { value: 4.0 })),
        ("client_seek", replay(ReplayCommand::Seek { to: UnixMillis(1_679_015_040_000) })),
        ("client_loop", replay(ReplayCommand::Loop { on: true })),
        ("client_step", replay(ReplayCommand::Step { polls: -1 })),
        ("client_trail", ClientFrame::Trail { id: 6, icao24: "acddf8".into() }),
    ] {
        check(name, &frame);
        for format in Format::ALL {
            assert_eq!(format.decode_client(&format.encode(&frame)).unwrap(), frame, "{name} {format:?}");
        }
    }
}

#[test]
fn bad_client_frames_say_what_was_expected() {
    for (text, expected) in [
        ("{}", "missing field `type`"),
        (r#"{"type":"shout"}"#, "unknown variant `shout`"),
        (r#"{"type":"ping"}"#, "missing field `id`"),
        (r#"{"type":"ping","id":-1}"#, "invalid value"),
        (r#"{"type":"ping","id":1,"colour":2}"#, "unknown field `colour`"),
        (r#"{"type":"replay","id":1,"command":{"action":"play","x":1}}"#, "unknown field `x`"),
        ("{", "EOF"),
    ] {
        let error = Format::Json.decode_client(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn frames_of_a_later_version_are_read_over() {
    #[derive(Serialize)]
    struct Later {
        r#type: &'static str,
        colour: u8,
    }
    let bytes = Format::Msgpack.encode(&[Later { r#type: "paint", colour: 3 }]);
    let frame = decode_server(&bytes).unwrap();
    assert_eq!(frame, ServerFrame { header: Header::Unknown, segments: vec![] });
}
