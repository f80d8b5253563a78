//! The bundled recording's incidents become rows, and a client holds the same rows as the engine.

use inflight_domain::{DisruptionKind, Epoch};
use inflight_engine::{Engine, Input, Now, Topics};
use inflight_sky::{Recording, motion};
use inflight_wire::frame::StreamClock;
use inflight_wire::{Format, Mirror, decode_server};
use std::collections::BTreeMap;
use std::path::Path;

#[expect(clippy::disallowed_methods, reason = "the recording is a file")]
fn bundled() -> Recording {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/opensky_nyc_sample.jsonl");
    Recording::open(std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn incidents_of_the_bundled_recording_reach_a_client() {
    let recording = bundled();
    let topics = Topics { disruptions: true, ..Topics::default() };
    let (mut engine, mut mirror) = (Engine::new(Epoch(1), 60_000), Mirror::new(motion::advance));
    let (mut found, mut told) = (BTreeMap::<DisruptionKind, u64>::new(), BTreeMap::new());
    for poll in (0..recording.len()).filter_map(|index| recording.poll(index)) {
        let stream = StreamClock { stream_ms: poll.time.0, rate: 1.0 };
        let now = Now { wall_ms: poll.time.0, stream };
        let out = engine.advance(now, [Input::Poll { source: "replay".to_owned(), poll }]);
        for (kind, count) in out.disrupted {
            *found.entry(kind).or_default() += count;
        }
        let frames = match mirror.position() {
            Some(_) => vec![engine.tick(Format::Msgpack, topics)],
            None => engine.snapshot(Format::Msgpack, topics),
        };
        for frame in frames {
            mirror.apply(&decode_server(&frame).unwrap()).unwrap();
        }
        assert!(engine.disruptions().rows().eq(mirror.disruptions().values()));
        told.extend(mirror.disruptions().iter().map(|(id, row)| (id.clone(), row.kind)));
    }
    let expected = [
        (DisruptionKind::Emergency, 1),
        (DisruptionKind::Diversion, 1),
        (DisruptionKind::GoAround, 1),
        (DisruptionKind::Holding, 6),
    ];
    assert_eq!(found, BTreeMap::from(expected), "what the labels beside the recording say");
    assert_eq!(told.len(), 9, "and the client was told of each");
}
