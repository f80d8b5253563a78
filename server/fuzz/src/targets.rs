//! One function for each thing that reads bytes of strangers. None may panic, and what was understood must hold.

use crate::journal::record::{self, Record};
use crate::plain::{message, problem::Tongue, told};
use inflight_domain::{Cut, Entry, Epoch, TopicName, UnixMillis};
use inflight_engine::Logged;
use inflight_engine::tiles::Tiles;
use inflight_sky::capture::SourceKind;
use inflight_sky::recording::Recording;
use inflight_sky::sbs::Sbs;
use inflight_sky::{envelope, motion, opensky, readsb};
use inflight_wire::packed::Rows;
use inflight_wire::{ClientFrame, Format, Mirror, Resume, decode_rows, decode_server};
use std::io::{self, Cursor, Read, Write};
use tungstenite::protocol::{Role, WebSocket, WebSocketConfig};

/// A name, and what takes the bytes.
pub type Target = (&'static str, fn(&[u8]));

/// All of them by name.
pub const ALL: [Target; 11] = [
    ("frame_parser", frame_parser),
    ("client_message", client_message),
    ("plain_message", plain_message),
    ("published", published),
    ("resume_token", resume_token),
    ("server_frame", server_frame),
    ("delta_apply", delta_apply),
    ("packed_rows", packed_rows),
    ("envelope", envelope),
    ("opensky", opensky),
    ("receivers", receivers),
];

/// A snapshot that is whole, and the tick after it.
const SNAPSHOT: &[u8] = include_bytes!("../../../fixtures/wire/snapshot.msgpack");
const TICK: &[u8] = include_bytes!("../../../fixtures/wire/tick.msgpack");

/// The most that a message of a client may hold.
const MESSAGE_BYTES: usize = 64 * 1024;

/// What a client sends, before it is known to be a WebSocket.
pub fn frame_parser(bytes: &[u8]) {
    let config = WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .max_message_size(Some(MESSAGE_BYTES))
        .max_frame_size(Some(MESSAGE_BYTES));
    let mut socket = WebSocket::from_raw_socket(OneWay(Cursor::new(bytes)), Role::Server, Some(config));
    while let Ok(message) = socket.read() {
        assert!(message.len() <= MESSAGE_BYTES);
    }
    // Reading on after an error ends, too: each message takes some bytes.
    assert!((0..=bytes.len()).any(|_| socket.read().is_err()));
}

/// What a client says, in both forms, with its filter and topics.
pub fn client_message(bytes: &[u8]) {
    for format in Format::ALL {
        let Ok(frame) = format.decode_client(bytes) else { continue };
        // A number that is none is not equal to itself.
        let again = format.decode_client(&format.encode(&frame));
        assert_eq!(format!("{:?}", again.as_ref()), format!("{:?}", Ok::<_, ()>(&frame)));
        if let ClientFrame::Subscribe(subscribe) = &frame {
            for name in &subscribe.topics {
                let topic = TopicName::parse(name);
                assert!(topic.is_none_or(|topic| topic.as_str() == name));
            }
            if let Some(area) = subscribe.area.filter(Tiles::is_box) {
                assert!(Tiles::around(&area).do_for(&area));
            }
        }
    }
}

/// What a client of specifications 001, 002 and 004 says. Whatever it is, the answer is short and is JSON.
pub fn plain_message(bytes: &[u8]) {
    let Ok(text) = core::str::from_utf8(bytes) else { return };
    let (tongue, message) = message::read(text);
    match (message, &tongue) {
        (Ok(message::Message::Gateway(call)), Tongue::Gateway { .. }) => {
            assert_eq!(TopicName::parse(call.room.as_str()), Some(call.room));
        }
        (Ok(_), Tongue::Typed { .. }) => {}
        (Ok(message), _) => panic!("{message:?} in the wrong tongue"),
        (Err(problem), _) => {
            let crate::hub::pulse::Body::Text(answer) = problem.body(&tongue) else { panic!("no text") };
            assert!(answer.len() < 2000, "{answer}");
            assert!(
                serde_json::from_str::<serde_json::Value>(&answer).is_ok_and(|answer| answer.is_object())
            );
        }
    }
}

/// A topic, and in the lines after it what is published there: what is taken is told in every form, and comes out of
/// the journal as it went in. Lines that the journal did not write are refused with words.
pub fn published(bytes: &[u8]) {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return };
    let (topic, body) = (&bytes[..end], &bytes[end + 1..]);
    let sum = format!("{:08x} ", crc32fast::hash(body));
    let _ = record::read(&[sum.as_bytes(), body].concat());
    let Some(topic) = core::str::from_utf8(topic).ok().and_then(TopicName::parse) else { return };
    let Ok(body) = serde_json::from_slice(body) else { return };
    let at = UnixMillis(1_700_000_000_000);
    let data = match crate::events::read(&topic, body, at) {
        Ok(data) => data,
        Err(mistake) => return assert!(mistake.found.len() < 400, "{mistake}"),
    };
    let entry = Entry { offset: 1, topic, at, data, by: None };
    let told: serde_json::Value = serde_json::from_str(&told::message(&entry)).expect("what is told is JSON");
    assert!(told["data"].is_object());
    for format in Format::ALL {
        let header = inflight_wire::Header::Tick(inflight_wire::frame::TickHeader {
            epoch: Epoch(1),
            base: Cut(1),
            cut: Cut(2),
            stream_ms: at.0,
            rate: 1.0,
        });
        let remark = inflight_wire::events::Remark::default();
        let segment = inflight_wire::events::segment(format, &[format.encode(&entry)], remark);
        let frame = format.assemble(&header, &[&segment]);
        if format == Format::Msgpack {
            decode_server(&frame).expect("clients read what is told");
        } else {
            serde_json::from_slice::<serde_json::Value>(&frame).expect("clients read what is told");
        }
    }
    let logged = Logged { entry, position: Resume { epoch: Epoch(1), cut: Cut(2) } };
    let mut line = Vec::new();
    record::write_entry(&logged, &mut line);
    assert_eq!(line.pop(), Some(b'\n'));
    assert!(!line.contains(&b'\n'));
    assert_eq!(record::read(&line), Ok(Record::Entry(logged)));
}

/// `Last-Event-ID`.
pub fn resume_token(bytes: &[u8]) {
    let Ok(text) = core::str::from_utf8(bytes) else { return };
    if let Some(place) = Resume::parse(text) {
        let again = format!("{}:{}", place.epoch.0, place.cut.0);
        assert_eq!(Resume::parse(&again), Some(place));
    }
}

/// What a server says, to a client that has nothing yet.
pub fn server_frame(bytes: &[u8]) {
    let _ = decode_rows(bytes);
    if let Ok(frame) = decode_server(bytes) {
        let mut mirror = Mirror::new(motion::advance);
        let _ = mirror.apply(&frame);
        let _ = (mirror.digest(), mirror.flights().count());
    }
}

/// What a server says, to a client that holds a table: frames one after the other, each behind its length.
pub fn delta_apply(mut bytes: &[u8]) {
    let mut mirror = Mirror::new(motion::advance);
    for golden in [SNAPSHOT, TICK] {
        if let Ok(frame) = decode_server(golden) {
            let _ = mirror.apply(&frame);
        }
    }
    while let Some((length, rest)) = bytes.split_first_chunk() {
        let length = usize::from(u16::from_le_bytes(*length)).min(rest.len());
        let (frame, rest) = rest.split_at(length);
        bytes = rest;
        if let Ok(frame) = decode_server(frame) {
            let before = mirror.revision();
            let applied = mirror.apply(&frame);
            assert!(applied.is_ok() || mirror.revision() >= before);
        }
        assert_eq!(mirror.flights().count(), mirror.flight_count());
        let _ = mirror.digest();
    }
}

/// Packed rows, on a row that is known.
pub fn packed_rows(bytes: &[u8]) {
    let Ok(mut rows) = Rows::of(bytes) else { return };
    let mut old = None;
    while let Ok(Some(row)) = rows.take() {
        if let Ok(new) = row.apply(old.as_ref()) {
            if let Some(state) = row.motion_of(&new) {
                let at = UnixMillis(state.at.0.saturating_add(1000));
                let _ = motion::predict(&state, at);
            }
            old = Some(new);
        }
    }
}

/// Recordings and their lines.
pub fn envelope(bytes: &[u8]) {
    if let Ok(text) = core::str::from_utf8(bytes) {
        let _ = envelope::parse_line(text, 1);
    }
    if let Ok(recording) = Recording::open(bytes.to_vec()) {
        for index in 0..recording.len().min(20) {
            let _ = recording.poll(index);
        }
    }
}

/// Answers of OpenSky, and what a table makes of them.
pub fn opensky(bytes: &[u8]) {
    let Ok(text) = core::str::from_utf8(bytes) else { return };
    let Ok(poll) = opensky::parse_response(text, 1) else { return };
    table(poll);
}

/// Answers of receivers: readsb, and SBS line by line.
pub fn receivers(bytes: &[u8]) {
    let Ok(text) = core::str::from_utf8(bytes) else { return };
    if let Ok(poll) = readsb::parse_response(text, 1) {
        table(poll);
    }
    let _ = SourceKind::parse(text);
    let mut sbs = Sbs::default();
    for (number, line) in text.lines().enumerate() {
        sbs.take(line, None, number as u64);
    }
    table(sbs.poll(UnixMillis(1_700_000_000_000)));
}

/// Takes a poll into a table, and its frames into a mirror, which must come to the same.
fn table(poll: inflight_sky::Poll) {
    use inflight_engine::{Engine, Input, Now, Topics};
    use inflight_wire::frame::StreamClock;
    let topics = Topics { flights: true, ..Topics::default() };
    let mut engine = Engine::new(Epoch(1), 60_000);
    let stream = StreamClock { stream_ms: poll.time.0, rate: 1.0 };
    engine.advance(Now { wall_ms: 0, stream }, [Input::Poll { source: "fuzz".to_owned(), poll }]);
    let mut mirror = Mirror::new(motion::advance);
    for bytes in engine.snapshot(Format::Msgpack, topics).into_iter().chain([engine.digest(Format::Msgpack)])
    {
        let frame = decode_server(&bytes).expect("our own frames can be read");
        mirror.apply(&frame).expect("our own frames follow");
    }
}

/// Bytes come, and what is written is forgotten.
struct OneWay<'a>(Cursor<&'a [u8]>);

impl Read for OneWay<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.read(bytes)
    }
}

impl Write for OneWay<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
