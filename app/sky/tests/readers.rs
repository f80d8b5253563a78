//! What the readers make of good and bad entries, one by one.

use inflight_domain::{DropReason, Icao24, UnixMillis};
use inflight_sky::{Poll, Recording, RecordingError, RecordingFormat, envelope, opensky};

const GOOD: &str = r#"["a13f1c","UAL123  ","United States",1679015329,1679015330,-73.5,40.5,3048.0,false,200.5,359.999,-3.25,null,3100.5,"7700",true,0]"#;

fn response(rows: &[&str]) -> String {
    format!(r#"{{"time":1679015330,"states":[{}]}}"#, rows.join(","))
}

fn with(column: usize, value: &str) -> String {
    let mut cells: Vec<String> = GOOD.trim_matches(['[', ']']).split(',').map(str::to_owned).collect();
    cells[column] = value.to_owned();
    format!("[{}]", cells.join(","))
}

fn parse(rows: &[&str]) -> Poll {
    opensky::parse_response(&response(rows), 7).unwrap()
}

#[test]
fn a_good_row_is_read_whole() {
    let poll = parse(&[GOOD]);
    assert_eq!((poll.time, poll.entries, poll.dropped.len()), (UnixMillis(1_679_015_330_000), 1, 0));
    let observation = poll.observations[0];
    let payload = observation.to_aircraft().unwrap().payload();
    let expected = r#"{"icao24":"a13f1c","callsign":"UAL123","position":{"lat":40.5,"lon":-73.5},"altitude_m":3048.0,"geo_altitude_m":3100.5,"velocity_mps":200.5,"heading_deg":0.0,"vertical_rate_mps":-3.25,"on_ground":false,"squawk":"7700","spi":true,"time_position_unix":1679015329,"last_contact_unix":1679015330}"#;
    assert_eq!(serde_json::to_string(&payload).unwrap(), expected);
    assert_eq!((observation.position_source, observation.category), (Some(0), None));
}

#[test]
fn rows_are_17_or_18_long_or_longer() {
    for (tail, expected) in
        [(",4]", Some(4)), (",4,\"more\",{}]", Some(4)), (",\"x\"]", None), (",99]", None), ("]", None)]
    {
        let row = format!("{}{tail}", GOOD.trim_end_matches(']'));
        let poll = parse(&[&row]);
        assert_eq!(poll.observations[0].category, expected, "{row}");
    }
}

#[test]
fn nobody_there_is_no_error() {
    for text in [r#"{"time":1679015330,"states":null}"#, "\u{feff} {\"states\":[],\"time\":1679015330}\r\n"] {
        let poll = opensky::parse_response(text, 1).unwrap();
        assert_eq!((poll.entries, poll.time.0), (0, 1_679_015_330_000), "{text}");
    }
}

#[test]
fn a_bad_row_costs_itself_only() {
    let long = "1".to_owned() + &"0".repeat(400);
    for (row, reason, detail) in [
        (with(0, "null"), DropReason::MissingField, "icao24: missing"),
        (with(0, "\"emerg001\""), DropReason::BadIcao24, "icao24: expected six hex digits, got \"emerg001\""),
        (with(0, "\"~a13f1\""), DropReason::BadIcao24, "icao24: expected six hex digits, got \"~a13f1\""),
        (with(0, "11"), DropReason::WrongType, "icao24: expected a string or null, got 11"),
        (with(6, "null"), DropReason::MissingPosition, "latitude: missing"),
        (with(5, "null"), DropReason::MissingPosition, "longitude: missing"),
        (with(6, "91"), DropReason::OutOfRange, "latitude: expected -90 to 90, got 91"),
        (with(7, "60000"), DropReason::OutOfRange, "baro_altitude: expected -2000 to 50000, got 60000"),
        (with(7, "-1e300"), DropReason::OutOfRange, "baro_altitude: expected -2000 to 50000, got -1"),
        (with(9, "-1"), DropReason::OutOfRange, "velocity: expected 0 to 1200, got -1"),
        (with(9, "\"fast\""), DropReason::WrongType, "velocity: expected a number or null, got \"fast\""),
        (with(10, "361"), DropReason::OutOfRange, "true_track: expected -360 to 360, got 361"),
        (with(8, "1"), DropReason::WrongType, "on_ground: expected true or false, got 1"),
        (with(3, "12"), DropReason::OutOfRange, "time_position: expected seconds since 1970"),
        (with(9, "NaN"), DropReason::NotFinite, "velocity: expected a finite number, got NaN"),
        (with(6, "-Infinity"), DropReason::NotFinite, "latitude: expected a finite number, got -Infinity"),
        (with(1, "NaN"), DropReason::NotFinite, "callsign: expected a finite number, got NaN"),
        (with(9, &long), DropReason::NotFinite, "expected finite numbers"),
        ("5".to_owned(), DropReason::WrongShape, "expected a row as an array"),
        (
            r#"["a13f1c",null]"#.to_owned(),
            DropReason::WrongShape,
            "expected a row of at least 17 columns, got 2",
        ),
    ] {
        let poll = parse(&[GOOD, &row, GOOD]);
        assert_eq!((poll.entries, poll.observations.len(), poll.dropped.len()), (3, 2, 1), "{row}");
        let dropped = &poll.dropped[0];
        assert_eq!((dropped.reason, dropped.line), (reason, 7), "{row}");
        assert!(dropped.detail.starts_with(detail), "{row}: {}", dropped.detail);
        assert!(row.starts_with(&dropped.excerpt), "{row}: {}", dropped.excerpt);
    }
}

#[test]
fn decoration_is_not_worth_an_aircraft() {
    for (column, value) in [(1, "\"MUCH TOO LONG\""), (1, "5"), (14, "\"9999\""), (14, "7700"), (16, "\"x\"")]
    {
        assert_eq!(parse(&[&with(column, value)]).dropped, [], "{value}");
    }
}

#[test]
fn a_dropped_row_is_still_listed() {
    let poll = parse(&[&with(6, "null"), &with(0, "\"0000ff\""), &with(0, "\"nulltest\"")]);
    assert_eq!(poll.listed, ["0000ff", "a13f1c"].map(|id| Icao24::parse(id).unwrap()));
}

#[test]
fn last_contact_or_position_time_will_do() {
    let times = |row: &str| {
        let observation = parse(&[row]).observations[0];
        (observation.time_position.map(|time| time.0 / 1000), observation.last_contact.0 / 1000)
    };
    assert_eq!(times(&with(3, "null")), (None, 1_679_015_330));
    assert_eq!(times(&with(4, "null")), (Some(1_679_015_329), 1_679_015_329));
    let neither = with(3, "null").replace("1679015330", "null");
    assert_eq!(parse(&[&neither]).dropped[0].reason, DropReason::MissingField);
}

#[test]
fn what_is_no_response_says_so() {
    for (text, reason) in [
        ("", DropReason::NotJson),
        ("<html>", DropReason::NotJson),
        (r#"{"time":1679015330,"states":[["a13f1c""#, DropReason::NotJson),
        (r#"{"time":1679015330,"states":[NaN"#, DropReason::NotJson),
        ("[1679015330,[]]", DropReason::WrongShape),
        ("\"time\":1}", DropReason::NotJson),
        (r#"{"time":1679015330}"#, DropReason::WrongShape),
        (r#"{"time":1679015330,"states":{}}"#, DropReason::WrongType),
        (r#"{"states":[]}"#, DropReason::MissingField),
        (r#"{"time":"now","states":[]}"#, DropReason::WrongType),
        (r#"{"time":NaN,"states":[]}"#, DropReason::NotFinite),
        (r#"{"time":7,"states":[]}"#, DropReason::OutOfRange),
    ] {
        let dropped = opensky::parse_response(text, 3).unwrap_err();
        assert_eq!((dropped.reason, dropped.line), (reason, 3), "{text}: {dropped}");
    }
}

const ENVELOPE: &str = r#"{"schema_version":1,"type":"flight_state","produced_at":"2023-03-17T01:08:50+00:00","payload":{"icao24":"A13F1C","position":{"lat":40.5,"lon":-73.5},"velocity_mps":10,"last_contact_unix":1679015330}}"#;

#[test]
fn envelopes_may_leave_optional_fields_out() {
    let (time, observation) = envelope::parse_line(ENVELOPE, 1).unwrap();
    assert_eq!(time, UnixMillis(1_679_015_330_000));
    assert_eq!(
        (observation.speed_mps, observation.altitude_m, observation.on_ground),
        (Some(10.0), None, false)
    );
    assert!(envelope::parse_line(&ENVELOPE.replace("flight_state", "flight_update"), 1).is_ok());
}

#[test]
fn bad_envelopes_name_the_field() {
    for (from, to, reason, detail) in [
        ("{", "", DropReason::NotJson, "not JSON"),
        (
            "\"schema_version\":1",
            "\"schema_version\":2",
            DropReason::WrongShape,
            "schema_version: expected 1, got 2",
        ),
        ("flight_state", "weather", DropReason::WrongShape, "type: expected"),
        (
            "2023-03-17T01:08:50+00:00",
            "noon",
            DropReason::WrongType,
            "produced_at: expected an RFC 3339 time",
        ),
        ("2023-", "1023-", DropReason::OutOfRange, "produced_at: expected"),
        ("\"produced_at\"", "\"at\"", DropReason::MissingField, "produced_at: missing"),
        ("\"payload\"", "\"load\"", DropReason::MissingField, "payload: missing"),
        (
            "{\"lat\":40.5,\"lon\":-73.5}",
            "null",
            DropReason::MissingPosition,
            "payload.position.lat: missing",
        ),
        (
            "{\"lat\":40.5,\"lon\":-73.5}",
            "[1,2]",
            DropReason::WrongType,
            "payload.position: expected an object",
        ),
        ("-73.5", "NaN", DropReason::NotFinite, "payload.position.lon: expected a finite number, got NaN"),
        ("-73.5", "-200", DropReason::OutOfRange, "payload.position.lon: expected -180 to 180, got -200"),
        ("\"last_contact_unix\"", "\"x\"", DropReason::MissingField, "payload.last_contact_unix: missing"),
        ("A13F1C", "nulltest", DropReason::BadIcao24, "payload.icao24: expected six hex digits"),
        (":10,", ":1e999,", DropReason::NotFinite, "payload: expected an object: number out of range"),
        (":10,", ":\"10\",", DropReason::WrongType, "payload.velocity_mps: expected a number"),
    ] {
        let dropped = envelope::parse_line(&ENVELOPE.replacen(from, to, 1), 9).unwrap_err();
        assert_eq!((dropped.reason, dropped.line), (reason, 9), "{to}: {dropped}");
        assert!(dropped.detail.starts_with(detail), "{to}: {}", dropped.detail);
    }
}

#[test]
fn a_recording_keeps_bad_lines_with_their_poll() {
    let next = ENVELOPE.replace("01:08:50", "01:09:00").replace("A13F1C", "a13f1d");
    let early = ENVELOPE.replace("01:08:50", "01:08:58");
    let nan = next.replace("-73.5", "NaN");
    let text = format!("\nrubbish\n{ENVELOPE}\r\n{{\n\n{next}\n{nan}\n{early}\n{}\n", response(&[GOOD, "5"]));
    let recording = Recording::open(text.into_bytes()).unwrap();
    assert_eq!(recording.format(), RecordingFormat::Envelopes);
    let totals = recording.totals();
    assert_eq!((totals.polls, totals.observations, totals.aircraft_seen), (4, 8, 2));
    let shape = |index| {
        let poll: Poll = recording.poll(index).unwrap();
        let lines: Vec<u64> = poll.dropped.iter().map(|dropped| dropped.line).collect();
        (poll.time.0 / 1000 - 1_679_015_330, poll.entries, poll.observations.len(), lines)
    };
    assert_eq!(shape(0), (0, 3, 1, vec![2, 4]));
    assert_eq!(shape(1), (10, 2, 1, vec![7]));
    assert_eq!(shape(2), (8, 1, 1, vec![]));
    assert_eq!(shape(3), (0, 2, 1, vec![9]));
    assert_eq!((recording.poll(4), recording.time_of(4)), (None, None));
    let index_at = |seconds: i64| recording.index_at(UnixMillis((1_679_015_330 + seconds) * 1000));
    assert_eq!([-5, 0, 9, 10, 99].map(index_at), [0, 0, 0, 3, 3]);
    assert_eq!(recording.end().since(recording.start()), 10_000);
}

#[test]
fn what_is_no_recording_says_what_was_expected() {
    for (bytes, expected) in [
        (&b"\n \n"[..], "the recording is empty; expected lines that are each an OpenSky response"),
        (b"\x1f\x8b\x08", "the recording is gzip-compressed"),
        (b"a,b\n1,2\n", "no line of 2 is usable; expected lines that are each an OpenSky response"),
        (b"\xff\xfe\n", "no line of 1 is usable"),
    ] {
        let error: RecordingError = Recording::open(bytes.to_vec()).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}
