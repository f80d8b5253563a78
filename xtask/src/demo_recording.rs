//! The recording of the demo: some polls of the bundled one, in OpenSky's form, which is a fifth less to download.

use std::fmt::Write;
use std::ops::Range;

use inflight_domain::UnixMillis;
use serde_json::Value;

/// What stands for a bare NaN, which is no JSON, while a line is read.
const NOT_A_NUMBER: &str = "NaN";

/// What a column of a row is called in an envelope; the third and the thirteenth are not used.
const COLUMNS: [&str; 17] = [
    "icao24",
    "callsign",
    "",
    "time_position_unix",
    "last_contact_unix",
    "lon",
    "lat",
    "altitude_m",
    "on_ground",
    "velocity_mps",
    "heading_deg",
    "vertical_rate_mps",
    "",
    "geo_altitude_m",
    "squawk",
    "spi",
    "position_source",
];

/// A poll in the making.
struct Answer {
    time: UnixMillis,
    rows: String,
    /// Lines that say nothing: they are part of a recording, and follow the poll in which they stood.
    malformed: String,
}

/// Polls of a recording of envelopes, an answer in OpenSky's form on each line.
pub fn polls(recording: &str, polls: Range<usize>) -> String {
    let mut answers: Vec<Answer> = Vec::new();
    for line in recording.lines() {
        let is_full = answers.len() == polls.end;
        match (read(line), answers.last_mut()) {
            (Some((time, payload)), Some(answer)) if answer.time == time => {
                write_row(&mut answer.rows, &payload);
            }
            (Some(_), _) if is_full => break,
            (Some((time, payload)), _) => {
                let mut answer = Answer { time, rows: String::new(), malformed: String::new() };
                write_row(&mut answer.rows, &payload);
                answers.push(answer);
            }
            (None, Some(answer)) => answer.malformed.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    answers.iter().skip(polls.start).fold(String::new(), |mut text, Answer { time, rows, malformed }| {
        // Writing to memory does not fail.
        let _ = writeln!(text, "{{\"time\":{},\"states\":[{rows}]}}\n{malformed}", time.0 / 1000);
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    })
}

/// When the poll was made, and the aircraft; none if the line tells no time.
fn read(line: &str) -> Option<(UnixMillis, Value)> {
    let marked = line.replace(":NaN", ":\"NaN\"");
    let mut envelope: Value = serde_json::from_str(&marked).ok()?;
    if envelope["schema_version"] != 1 {
        return None;
    }
    let time = UnixMillis::parse_rfc3339(envelope["produced_at"].as_str()?)?;
    Some((time, envelope["payload"].take()))
}

fn write_row(rows: &mut String, payload: &Value) {
    let cell = |name: &str| match name {
        "lat" | "lon" => payload["position"].get(name),
        _ => payload.get(name),
    };
    let cells = COLUMNS.map(|name| cell(name).map_or("null".to_owned(), text_of));
    let comma = if rows.is_empty() { "" } else { "," };
    // As above.
    let _ = write!(rows, "{comma}[{}]", cells.join(","));
}

fn text_of(value: &Value) -> String {
    match value.as_f64() {
        Some(number) if number.fract() == 0.0 && number.abs() < 1e15 => (number as i64).to_string(),
        _ if value == NOT_A_NUMBER => NOT_A_NUMBER.to_owned(),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::root;
    use inflight_sky::{Poll, Recording};

    #[test]
    fn a_recording_is_cut_between_polls() {
        let line = |second: u32| {
            format!(
                "{{\"schema_version\":1,\"produced_at\":\"1970-01-01T00:00:{second:02}Z\",\"payload\":{{}}}}\n"
            )
        };
        let answer = |second: u32, rows: usize| {
            let row = format!("[{}]", ["null"; 17].join(","));
            format!("{{\"time\":{second},\"states\":[{}]}}\n", vec![row; rows].join(","))
        };
        let recording = format!("{}{}broken\n{}{}", line(0), line(0), line(10), line(20));
        let first = format!("{}broken\n", answer(0, 2));
        assert_eq!(polls(&recording, 0..1), first);
        assert_eq!(polls(&recording, 0..2), format!("{first}{}", answer(10, 1)));
        assert_eq!(polls(&recording, 1..9), [answer(10, 1), answer(20, 1)].concat());
    }

    #[test]
    fn says_the_same_as_the_bundled_recording() {
        let text = std::fs::read_to_string(root().join("fixtures/opensky_nyc_sample.jsonl")).unwrap();
        let bundled = Recording::open(text.clone().into_bytes()).unwrap();
        let demo = Recording::open(polls(&text, 0..121).into_bytes()).unwrap();
        assert_eq!(demo.len(), 121);
        let reasons = |poll: &Poll| {
            let mut reasons: Vec<_> = poll.dropped.iter().map(|dropped| dropped.reason).collect();
            reasons.sort();
            reasons
        };
        for index in 0..demo.len() {
            let (mut one, other) = (bundled.poll(index).unwrap(), demo.poll(index).unwrap());
            assert_eq!(reasons(&one), reasons(&other), "poll {index}");
            one.dropped.clone_from(&other.dropped);
            assert_eq!(one, other, "poll {index}");
        }
    }
}
