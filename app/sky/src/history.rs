//! A poll of any source as one line of a recording: in OpenSky's form, as `inflight record` captures it.

use crate::capture::{SourceKind, answer_line};
use crate::poll::Poll;
use inflight_domain::math::scaled;
use inflight_domain::{Extras, Icao24, Observation, ShortText, UnixMillis};
use std::fmt::{Display, Write};

/// What stands before the time of arrival; a comma follows it. In text a quotation mark would be escaped.
const RECEIVED: &str = ",\"received\":";

/// The time of arrival stands within so many bytes; names of sources are short.
const HEAD_BYTES: usize = 512;

/// The poll that a source sent at a moment as a line without its line break. What was turned away is left out;
/// which aircraft were named stays.
#[must_use]
pub fn write_line(source: &str, received: UnixMillis, poll: &Poll) -> String {
    answer_line(SourceKind::OpenSky, source, received, &write_answer(poll))
}

/// The time of arrival of a line that [`write_line`] wrote, without reading the rest; none for most other lines.
#[must_use]
pub fn time_of_line(line: &[u8]) -> Option<UnixMillis> {
    let head = String::from_utf8_lossy(&line[..line.len().min(HEAD_BYTES)]);
    let (number, _) = head.split_once(RECEIVED)?.1.split_once(',')?;
    UnixMillis::from_seconds(number.parse().ok()?)
}

fn write_answer(poll: &Poll) -> String {
    let mut line = String::with_capacity(64 + poll.observations.len() * 128);
    line.push_str("{\"time\":");
    seconds(&mut line, poll.time);
    line.push_str(",\"states\":[");
    for (index, observation) in poll.observations.iter().enumerate() {
        line.push_str(if index == 0 { "" } else { "," });
        write_row(&mut line, observation);
    }
    line.push(']');
    let observed: std::collections::BTreeSet<Icao24> =
        poll.observations.iter().map(|observation| observation.icao24).collect();
    let others: Vec<String> = poll
        .listed
        .iter()
        .filter(|icao24| !observed.contains(icao24))
        .map(|icao24| format!("\"{icao24}\""))
        .collect();
    if !others.is_empty() {
        write(&mut line, format_args!(",\"listed\":[{}]", others.join(",")));
    }
    line.push('}');
    line
}

fn write_row(line: &mut String, row: &Observation) {
    write(line, format_args!("[\"{}\",", row.icao24));
    line.push_str(&text(row.callsign));
    line.push_str(",null,");
    match row.time_position {
        Some(at) => seconds(line, at),
        None => line.push_str("null"),
    }
    line.push(',');
    seconds(line, row.last_contact);
    for degrees in [row.position.longitude_deg(), row.position.latitude_deg()] {
        line.push(',');
        decimal(line, scaled(degrees, 1e6), 6);
    }
    hundredths(line, row.altitude_m);
    write(line, format_args!(",{}", row.on_ground));
    hundredths(line, row.speed_mps);
    hundredths(line, row.track_deg);
    hundredths(line, row.vertical_rate_mps);
    line.push_str(",null");
    hundredths(line, row.geo_altitude_m);
    cell(line, row.squawk.map(|squawk| format!("\"{squawk}\"")));
    write(line, format_args!(",{}", row.spi));
    cell(line, row.position_source);
    cell(line, row.category);
    if row.extras != Extras::default() {
        let extras = row.extras;
        hundredths(line, extras.turn_rate_dps);
        write(line, format_args!(",{},{}", text(extras.type_code), text(extras.registration)));
        write(line, format_args!(",{},{}", extras.emergency, extras.military));
    }
    line.push(']');
}

/// Quotes and backslashes are printable, so a callsign may hold them.
fn text(text: Option<ShortText>) -> String {
    let escape = |text: ShortText| text.as_str().replace('\\', "\\\\").replace('"', "\\\"");
    text.map_or_else(|| "null".to_owned(), |text| format!("\"{}\"", escape(text)))
}

fn cell(line: &mut String, value: Option<impl Display>) {
    match value {
        Some(value) => write(line, format_args!(",{value}")),
        None => line.push_str(",null"),
    }
}

/// As fine as a row of the table is; sources that count in feet would else bring seventeen digits.
fn hundredths(line: &mut String, value: Option<f64>) {
    line.push(',');
    match value {
        Some(value) => decimal(line, scaled(value, 100.0), 2),
        None => line.push_str("null"),
    }
}

fn seconds(line: &mut String, time: UnixMillis) {
    decimal(line, time.0, 3);
}

/// A number with so many decimals, without zeros at its end.
fn decimal(line: &mut String, number: i64, decimals: usize) {
    let scale = 10_i64.pow(decimals as u32);
    let (sign, number) = (if number < 0 { "-" } else { "" }, number.unsigned_abs() as i64);
    write(line, format_args!("{sign}{}", number / scale));
    if number % scale != 0 {
        let fraction = format!(".{:0decimals$}", number % scale);
        line.push_str(fraction.trim_end_matches('0'));
    }
}

fn write(line: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to memory cannot fail.
    let _ = line.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Recording;
    use inflight_domain::{Callsign, Position, Squawk};
    use proptest::prelude::*;

    prop_compose! {
        fn observation()(hex in 0..0x00ff_ffff_u32, callsign in prop::option::of("[ -~]{1,8}"), lat in -90.0..90.0_f64,
                         lon in -180.0..180.0_f64, contact in 1_600_000_000_000..1_800_000_000_000_i64,
                         age in prop::option::of(0..300_000_i64), altitude in prop::option::of(-500.0..15_000.0_f64),
                         speed in prop::option::of(0.0..300.0_f64), flags in any::<[bool; 2]>(),
                         squawk in prop::option::of(0..0o7777_u16), codes in prop::option::of(0..15_u8)) -> Observation {
            let callsign_too = callsign.as_deref().and_then(ShortText::parse);
            Observation {
                icao24: Icao24::new(hex).unwrap(),
                callsign: callsign.and_then(|text| Callsign::parse(&text)),
                position: Position::new(lat, lon).unwrap(),
                time_position: age.map(|age| UnixMillis(contact - age)),
                last_contact: UnixMillis(contact),
                altitude_m: altitude,
                geo_altitude_m: altitude.map(|altitude| altitude + 30.5),
                speed_mps: speed,
                track_deg: speed.map(|speed| speed + 1.25),
                vertical_rate_mps: altitude.map(|_| -0.325),
                on_ground: flags[0],
                squawk: squawk.and_then(|code| Squawk::parse(&format!("{code:04o}"))),
                spi: flags[1],
                position_source: codes,
                category: codes,
                extras: Extras {
                    turn_rate_dps: speed.map(|speed| speed / 100.0),
                    type_code: codes.and_then(|_| ShortText::parse("B738")),
                    registration: callsign_too,
                    emergency: codes.unwrap_or_default() & 7,
                    military: flags[1],
                },
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(time in 1_600_000_000_000..1_800_000_000_000_i64,
                                        observations in prop::collection::vec(observation(), 0..6),
                                        others in prop::collection::vec(0..0x00ff_ffff_u32, 0..4), source in "[ -~]{1,20}") {
            let mut listed: Vec<Icao24> = observations.iter().map(|observation| observation.icao24).collect();
            listed.extend(others.into_iter().filter_map(Icao24::new));
            listed.sort_unstable();
            listed.dedup();
            let entries = observations.len() as u64;
            let poll = Poll { time: UnixMillis(time), entries, observations, listed, ..Poll::default() };
            let received = UnixMillis(time + 700);
            let line = write_line(&source, received, &poll);
            prop_assert_eq!(time_of_line(line.as_bytes()), Some(received));
            let read = Recording::open(line.into_bytes()).unwrap().poll(0).unwrap();
            prop_assert_eq!((read.time, read.entries, &read.listed), (received, poll.entries, &poll.listed));
            prop_assert_eq!(read.source.as_deref(), Some(source.as_str()));
            prop_assert!(read.dropped.is_empty());
            // The table holds hundredths and microdegrees; more is not kept.
            let rows = |poll: &Poll| poll.observations.iter().map(Observation::to_aircraft).collect::<Vec<_>>();
            prop_assert_eq!(rows(&read), rows(&poll));
        }

        #[test]
        fn other_lines_have_no_time(line in "\\PC{0,40}") {
            prop_assert!(line.contains(RECEIVED) || time_of_line(line.as_bytes()).is_none());
        }
    }
}
