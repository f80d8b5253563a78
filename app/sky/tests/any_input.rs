//! No text makes a reader panic, and every entry is accounted for.

use inflight_sky::{Poll, Recording, Tracker, envelope, opensky};
use proptest::prelude::*;

const ROW: &str = r#"["a13f1c","UAL123  ","United States",1679015329,1679015330,-73.5,40.5,3048.0,false,200.5,359.9,-3.25,null,3100.5,"7700",true,0]"#;

const ENVELOPE: &str = r#"{"schema_version":1,"type":"flight_state","produced_at":"2023-03-17T01:08:50+00:00","payload":{"icao24":"a13f1c","callsign":null,"position":{"lat":40.5,"lon":-73.5},"velocity_mps":10.5,"on_ground":false,"last_contact_unix":1679015330}}"#;

/// A JSON value, or something that pretends to be one.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        Just("NaN".to_owned()),
        Just("-Infinity".to_owned()),
        Just("1e999".to_owned()),
        Just("[{}]".to_owned()),
        any::<f64>()
            .prop_filter("JSON has no others", |value| value.is_finite())
            .prop_map(|value| format!("{value:e}")),
        any::<i64>().prop_map(|value| value.to_string()),
        (1_679_015_000_i64..1_679_016_000).prop_map(|value| value.to_string()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        "[0-9a-f]{6}".prop_map(|text| format!("\"{text}\"")),
    ]
}

fn row() -> impl Strategy<Value = String> {
    let cells: Vec<String> = ROW.trim_matches(['[', ']']).split(',').map(str::to_owned).collect();
    (prop::collection::vec((0..cells.len(), value()), 0..4), 0..cells.len() + 1).prop_map(
        move |(changes, length)| {
            let mut cells = cells.clone();
            for (at, value) in changes {
                cells[at] = value;
            }
            // Most rows stay whole.
            cells.truncate(if length < 3 { length } else { cells.len() });
            format!("[{}]", cells.join(","))
        },
    )
}

/// The text with some bytes replaced, inserted or cut.
fn damaged(text: &'static str) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec((0..text.len(), 0..3_u8, any::<u8>()), 1..6).prop_map(move |changes| {
        let mut bytes = text.as_bytes().to_vec();
        for (at, kind, byte) in changes {
            let at = at.min(bytes.len().saturating_sub(1));
            match kind {
                0 if at < bytes.len() => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => bytes.truncate(at),
            }
        }
        bytes
    })
}

fn accounted(poll: &Poll) -> Result<(), TestCaseError> {
    prop_assert_eq!(poll.entries, (poll.observations.len() + poll.dropped.len()) as u64);
    for observation in &poll.observations {
        prop_assert!(observation.to_aircraft().is_ok(), "{:?}", observation);
    }
    Ok(())
}

fn replay(bytes: Vec<u8>) -> Result<(), TestCaseError> {
    let Ok(recording) = Recording::open(bytes) else { return Ok(()) };
    let mut tracker = Tracker::default();
    let mut entries = 0;
    for index in 0..recording.len() {
        let poll = recording.poll(index).unwrap();
        accounted(&poll)?;
        entries += poll.entries;
        let before = poll.entries;
        let judged = tracker.accept(0, poll.time, poll);
        prop_assert_eq!(before, (judged.observations.len() + judged.dropped.len()) as u64);
    }
    prop_assert_eq!(entries, recording.totals().observations);
    Ok(())
}

proptest! {
    #[test]
    fn any_text(text in any::<String>()) {
        let _ = (opensky::parse_response(&text, 1), envelope::parse_line(&text, 1));
        replay(text.into_bytes())?;
    }

    #[test]
    fn any_rows(rows in prop::collection::vec(row(), 0..5), time in value()) {
        let response = |time: &str| format!(r#"{{"time":{time},"states":[{}]}}"#, rows.join(","));
        if let Ok(poll) = opensky::parse_response(&response(&time), 1) {
            accounted(&poll)?;
        }
        let text = response("1679015330");
        let poll = opensky::parse_response(&text, 1).map_err(|dropped| TestCaseError::fail(dropped.to_string()))?;
        prop_assert_eq!(poll.entries, rows.len() as u64);
        accounted(&poll)?;
        replay(format!("{text}\n{text}").into_bytes())?;
    }

    #[test]
    fn any_damage(first in damaged(ENVELOPE), second in damaged(ROW)) {
        let mut bytes = format!("{ENVELOPE}\n").into_bytes();
        bytes.extend(first);
        bytes.extend(b"\n{\"time\":1679015330,\"states\":[");
        bytes.extend(second);
        bytes.extend(b"]}\n");
        replay(bytes)?;
    }
}
