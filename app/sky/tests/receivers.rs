//! What the readers make of receivers' formats: aircraft.json of several ages, point queries, SBS, captures.

use inflight_domain::{Aircraft, DropReason, Field, UnixMillis};
use inflight_sky::sbs::Sbs;
use inflight_sky::{Poll, Recording, RecordingFormat, SourceKind, capture, readsb};
use proptest::prelude::*;

const NOW: &str = "1679015330.5";

fn answer(entries: &str) -> Poll {
    readsb::parse_response(&format!(r#"{{"now":{NOW},"messages":1,"aircraft":[{entries}]}}"#), 7).unwrap()
}

fn row(entry: &str) -> Aircraft {
    let poll = answer(entry);
    assert_eq!((poll.observations.len(), &poll.dropped), (1, &vec![]), "{entry}");
    poll.observations[0].to_aircraft().unwrap()
}

/// The columns named must hold these values.
fn check(entry: &str, expected: &[(Field, Option<i64>)]) {
    let row = row(entry);
    for (field, value) in expected {
        assert_eq!(row.get(*field), *value, "{field:?} of {entry}");
    }
}

#[test]
fn everything_becomes_si() {
    let entry = r#"{"hex":"a13f1c","type":"adsb_icao","flight":"UAL123  ","r":"N12345","t":"B738","alt_baro":35000,
        "alt_geom":35525,"gs":450.0,"track":90.25,"track_rate":-0.53,"baro_rate":-64,"squawk":"7700",
        "emergency":"general","category":"A3","lat":40.123456,"lon":-73.5,"seen_pos":0.4,"seen":0.1,"spi":1,
        "dbFlags":1,"nic":8,"rssi":-20.5,"mlat":[],"tisb":[]}"#;
    check(
        entry,
        &[
            (Field::Latitude, Some(40_123_456)),
            (Field::TimePosition, Some(1_679_015_330_100)),
            (Field::LastContact, Some(1_679_015_330_400)),
            (Field::Altitude, Some(1_066_800)),
            (Field::GeoAltitude, Some(1_082_802)),
            (Field::Speed, Some(23_150)),
            (Field::Track, Some(9_025)),
            (Field::VerticalRate, Some(-33)),
            (Field::TurnRate, Some(-53)),
            (Field::Squawk, Some(0o7700)),
            (Field::Flags, Some(2 + 4 + 32)),
            (Field::PositionSource, Some(0)),
            (Field::Category, Some(4)),
        ],
    );
    let row = row(entry);
    let text = |field| row.text(field).unwrap().to_string();
    assert_eq!((text(Field::Callsign), text(Field::TypeCode)), ("UAL123".into(), "B738".into()));
    assert_eq!((text(Field::Registration), row.emergency(), row.military()), ("N12345".into(), 1, true));
}

#[test]
fn each_program_has_its_ways() {
    let at = r#""hex":"a13f1c","lat":1,"lon":2"#;
    for (members, expected) in [
        (r#","alt_baro":"ground","true_heading":270"#, (Field::Flags, Some(1))),
        (r#","alt_baro":"ground""#, (Field::Altitude, None)),
        (r#","true_heading":270"#, (Field::Track, Some(27_000))),
        (r#","calc_track":180,"track":null"#, (Field::Track, Some(18_000))),
        (r#","geom_rate":640"#, (Field::VerticalRate, Some(325))),
        (r#","altitude":10000"#, (Field::Altitude, Some(304_800))),
        (r#","altitude":"ground""#, (Field::Flags, Some(1))),
        (r#","speed":100,"vert_rate":0"#, (Field::Speed, Some(5_144))),
        (r#","vert_rate":-1280"#, (Field::VerticalRate, Some(-650))),
        (r#","seen":3"#, (Field::TimePosition, Some(1_679_015_327_500))),
        (r#","mlat":["lat","lon"]"#, (Field::PositionSource, Some(2))),
        (r#","mlat":["gs"]"#, (Field::PositionSource, Some(0))),
        (r#","type":"tisb_icao""#, (Field::PositionSource, Some(4))),
        (r#","type":"adsc""#, (Field::PositionSource, Some(5))),
        (r#","type":"mode_s""#, (Field::PositionSource, Some(7))),
        (r#","category":"A0""#, (Field::Category, Some(1))),
        (r#","category":"B6""#, (Field::Category, Some(14))),
        (r#","category":"C1""#, (Field::Category, Some(16))),
        (r#","category":"Z9""#, (Field::Category, None)),
        (r#","track":360"#, (Field::Track, Some(0))),
        (r#","emergency":"none""#, (Field::Flags, Some(0))),
    ] {
        check(&format!("{{{at}{members}}}"), &[expected]);
    }
    check(
        r#"{"hex":"a13f1c","seen":0.5,"lastPosition":{"lat":10.5,"lon":20,"seen_pos":70.1,"nic":8}}"#,
        &[(Field::Latitude, Some(10_500_000)), (Field::TimePosition, Some(1_679_015_260_400))],
    );
}

#[test]
fn what_is_wrong_is_said_and_the_rest_goes_on() {
    for (entry, reason, detail) in [
        (r#"{"hex":"~a13f1c","lat":1,"lon":2}"#, DropReason::NonIcao, "hex: ~a13f1c is no ICAO address"),
        (r#"{"lat":1,"lon":2}"#, DropReason::MissingField, "hex: missing"),
        (
            r#"{"hex":"xyz","lat":1,"lon":2}"#,
            DropReason::BadIcao24,
            "hex: expected six hex digits, got \"xyz\"",
        ),
        (r#"{"hex":"a13f1c","seen":1}"#, DropReason::MissingPosition, "lat: missing"),
        (r#"{"hex":"a13f1c","lat":91,"lon":2}"#, DropReason::OutOfRange, "lat: expected -90 to 90, got 91"),
        (
            r#"{"hex":"a13f1c","lat":1,"lon":2,"gs":"fast"}"#,
            DropReason::WrongType,
            "gs: expected a number or null",
        ),
        (
            r#"{"hex":"a13f1c","lat":1,"lon":2,"seen_pos":-1}"#,
            DropReason::OutOfRange,
            "seen_pos: expected seconds",
        ),
        (
            r#"{"hex":"a13f1c","lat":NaN,"lon":2}"#,
            DropReason::NotFinite,
            "lat: expected a finite number, got NaN",
        ),
        ("[1]", DropReason::WrongShape, "expected an aircraft as an object"),
        (
            r#"{"hex":"a13f1c","lastPosition":{"lat":1,"lon":2,"seen_pos":301}}"#,
            DropReason::MissingPosition,
            "lat: missing",
        ),
    ] {
        let poll = answer(&format!(r#"{entry},{{"hex":"a00001","lat":1,"lon":2}}"#));
        let problem = &poll.dropped[0];
        assert_eq!((poll.entries, poll.observations.len(), problem.reason), (2, 1, reason), "{entry}");
        assert!(problem.detail.starts_with(detail) && problem.line == 7, "{problem}");
    }
}

#[test]
fn point_queries_count_in_milliseconds() {
    let entry = r#"{"hex":"a13f1c","lat":1,"lon":2,"seen":0,"dst":3.1,"dir":12}"#;
    for (text, expected) in [
        (format!(r#"{{"ac":[{entry}],"msg":"No error","now":1679015330500,"total":1}}"#), 1),
        (format!(r#"{{"aircraft":[{entry}],"resultCount":1,"now":1679015330500.0}}"#), 1),
        (r#"{"ac":null,"msg":"No error","now":1679015330500,"total":0}"#.to_owned(), 0),
    ] {
        let poll = readsb::parse_response(&text, 1).unwrap();
        assert_eq!((poll.time, poll.entries), (UnixMillis(1_679_015_330_500), expected), "{text}");
    }
    for (text, reason) in [
        (r#"{"now":1}"#, DropReason::WrongShape),
        (r#"{"aircraft":[]}"#, DropReason::MissingField),
        (r#"{"aircraft":[],"now":1}"#, DropReason::OutOfRange),
        ("<html>", DropReason::NotJson),
        ("", DropReason::NotJson),
    ] {
        assert_eq!(readsb::parse_response(text, 1).unwrap_err().reason, reason, "{text}");
    }
}

const IDENT: &str = "MSG,1,1,1,A13F1C,1,2023/03/17,01:08:50.000,2023/03/17,01:08:50.000,UAL123  ,,,,,,,,,,,0";
const PLACE: &str =
    "MSG,3,1,1,A13F1C,1,2023/03/17,01:08:50.500,2023/03/17,01:08:50.500,,35000,,,40.5,-73.25,,,0,0,0,0";
const SPEED: &str =
    "MSG,4,1,1,A13F1C,1,2023/03/17,01:08:50.700,2023/03/17,01:08:50.700,,,450,360,,,-64,,,,,0";
const SQUAWK: &str =
    "MSG,6,1,1,A13F1C,1,2023/03/17,01:08:50.900,2023/03/17,01:08:50.900,,35525H,,,,,,7700,0,-1,-1,0";

fn assembled(lines: &[&str], received: Option<UnixMillis>) -> Poll {
    let mut sbs = Sbs::default();
    lines.iter().for_each(|line| sbs.take(line, received, 3));
    sbs.poll(UnixMillis(1_679_015_331_000))
}

#[test]
fn messages_are_put_together() {
    let poll = assembled(&[IDENT, PLACE, SPEED, SQUAWK, "STA,,5,179,400AE7,10103,2008/11/28", ""], None);
    assert_eq!((poll.entries, poll.dropped.len(), poll.listed.len()), (1, 0, 1));
    let row = poll.observations[0].to_aircraft().unwrap();
    for (field, value) in [
        (Field::Latitude, 40_500_000),
        (Field::TimePosition, 1_679_015_330_500),
        (Field::LastContact, 1_679_015_330_900),
        (Field::Altitude, 1_066_800),
        (Field::GeoAltitude, 1_082_802),
        (Field::Speed, 23_150),
        (Field::Track, 0),
        (Field::VerticalRate, -33),
        (Field::Squawk, 0o7700),
        (Field::Flags, 2 + 4),
    ] {
        assert_eq!(row.get(field), Some(value), "{field:?}");
    }
    assert_eq!(row.callsign().unwrap().as_str(), "UAL123");
}

#[test]
fn a_poll_holds_what_is_new() {
    let mut sbs = Sbs::default();
    sbs.take(IDENT, None, 1);
    let seconds = |seconds: i64| UnixMillis(1_679_015_331_000 + seconds * 1000);
    let counts = |poll: Poll| (poll.observations.len(), poll.listed.len(), poll.dropped.len());
    assert_eq!(counts(sbs.poll(seconds(0))), (0, 1, 0), "heard, but nobody knows where");
    sbs.take(PLACE, None, 2);
    assert_eq!(counts(sbs.poll(seconds(1))), (1, 1, 0));
    assert_eq!(counts(sbs.poll(seconds(2))), (0, 1, 0), "nothing new");
    assert_eq!(counts(sbs.poll(seconds(90))), (0, 0, 0), "silent");
    sbs.take(&IDENT.replace("A13F1C", "A00001"), None, 3);
    assert_eq!(counts(sbs.poll(seconds(900))), (0, 0, 1), "never told where it was");
}

#[test]
fn clocks_of_receivers_are_believed_only_when_near() {
    let received = 1_679_015_331_000;
    for (received, expected) in [
        (Some(UnixMillis(received)), received - 500),
        (Some(UnixMillis(received + 3_600_000)), received + 3_600_000),
        (Some(UnixMillis(received - 700)), received - 700),
    ] {
        let poll = assembled(&[PLACE], received);
        assert_eq!(poll.observations[0].time_position.unwrap().0, expected);
    }
}

#[test]
fn bad_lines_cost_themselves_only() {
    for (line, reason, detail) in [
        ("garbage", DropReason::WrongShape, "expected an SBS line"),
        ("MSG,3,1", DropReason::WrongShape, "expected an SBS line"),
        (&PLACE.replace("A13F1C", "A13"), DropReason::BadIcao24, "hex: expected six hex digits, got \"A13\""),
        (&PLACE.replace("A13F1C", "~A13F1C"), DropReason::NonIcao, "hex: ~A13F1C"),
        (&PLACE.replace("40.5", "fish"), DropReason::WrongType, "latitude: expected a number, got \"fish\""),
        (&PLACE.replace("40.5", "99"), DropReason::OutOfRange, "latitude, longitude: expected degrees"),
        (&PLACE.replace("35000", "inf"), DropReason::NotFinite, "altitude: expected a finite number"),
        (&PLACE.replace("35000", "999999"), DropReason::OutOfRange, "altitude: expected -2000 to 50000"),
        (&PLACE.replace("2023/03/17", "today"), DropReason::WrongType, "date and time: expected"),
    ] {
        let poll = assembled(&[line, &PLACE.replace("A13F1C", "A00001")], None);
        let problem = &poll.dropped[0];
        assert_eq!((poll.entries, poll.observations.len(), problem.reason), (2, 1, reason), "{line}");
        assert!(problem.detail.starts_with(detail) && problem.line == 3, "{problem}");
    }
}

#[test]
fn recordings_of_every_kind_are_read_back() {
    let plain = |time: i64| {
        format!(r#"{{"now":{time},"aircraft":[{{"hex":"a13f1c","lat":1,"lon":2}},{{"hex":"~1"}}]}}"#)
    };
    let received = UnixMillis(1_679_015_331_250);
    let states = r#"{"time":1679015330,"states":null}"#;
    let later = PLACE.replace("01:08:50", "01:08:52");
    for (name, lines, format, polls, entries) in [
        ("aircraft.json", vec![plain(1_679_015_330), plain(1_679_015_331)], RecordingFormat::Readsb, 2, 4),
        ("bare SBS", vec![PLACE.into(), "junk".into(), SPEED.into(), later], RecordingFormat::Sbs, 2, 3),
        (
            "captures",
            vec![
                capture::answer_line(SourceKind::Readsb, "roof", received, &plain(1_679_015_330)),
                capture::sbs_line("sbs", received, &[PLACE.to_owned(), "\"\\".to_owned()]),
                capture::answer_line(SourceKind::OpenSky, "opensky", received, states),
                capture::answer_line(SourceKind::Readsb, "roof", received, "nothing"),
                capture::sbs_line("sbs", UnixMillis(received.0 + 1000), &[SPEED.to_owned()]),
            ],
            RecordingFormat::Captures,
            4,
            6,
        ),
    ] {
        let recording = Recording::open(lines.join("\n").into_bytes()).unwrap();
        let totals = recording.totals();
        assert_eq!(
            (recording.format(), totals.polls, totals.observations),
            (format, polls, entries),
            "{name}"
        );
        let read: Vec<Poll> = (0..recording.len()).filter_map(|index| recording.poll(index)).collect();
        assert_eq!(read.iter().map(|poll| poll.entries).sum::<u64>(), entries, "{name}");
        assert!(
            read.iter().all(|poll| poll.observations.len() + poll.dropped.len() == poll.entries as usize)
        );
        if format == RecordingFormat::Captures {
            let names: Vec<_> = read.iter().map(|poll| poll.source.as_deref().unwrap()).collect();
            assert_eq!(names, ["roof", "sbs", "opensky", "sbs"]);
            assert_eq!(
                (read[0].time, read[3].observations[0].position),
                (received, read[1].observations[0].position)
            );
        }
    }
}

proptest! {
    #[test]
    fn no_line_panics(text in ".{0,200}", place in 0_usize..24, value in "[-0-9.~a-zA-Z,\"]{0,12}") {
        let mut fields: Vec<&str> = PLACE.split(',').collect();
        if let Some(field) = fields.get_mut(place) {
            *field = &value;
        }
        for line in [text.as_str(), &fields.join(",")] {
            let mut sbs = Sbs::default();
            sbs.take(line, None, 1);
            let poll = sbs.poll(UnixMillis(1_679_015_331_000));
            prop_assert_eq!(poll.entries, (poll.observations.len() + poll.dropped.len()) as u64);
        }
        let _ = readsb::parse_response(&text, 1);
        let _ = Recording::open(text.into_bytes());
    }
}
