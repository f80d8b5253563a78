//! Where one aircraft has been, out of the lines of a recording; only what names it is parsed.

use crate::opensky::read_row;
use crate::poll::Poll;
use crate::recording::read_into;
use crate::sbs::{self, Sbs};
use crate::tracker::Tracker;
use crate::{SourceKind, capture};
use inflight_domain::{Aircraft, Field, Icao24, Observation, TrailPoint, UnixMillis};
use std::collections::BTreeMap;

/// A trail in the making; lines are handed in from the oldest to the newest.
#[derive(Clone, Debug)]
pub struct Trail {
    icao24: Icao24,
    names: [String; 2],
    tracker: Tracker,
    sources: Vec<String>,
    /// What messages of SBS said so far, by source.
    sbs: BTreeMap<u8, Sbs>,
    points: Vec<TrailPoint>,
}

impl Trail {
    /// An empty trail of an aircraft.
    #[must_use]
    pub fn of(icao24: Icao24) -> Self {
        let name = icao24.to_string();
        let names = [name.to_ascii_uppercase(), name];
        Self {
            icao24,
            names,
            tracker: Tracker::default(),
            sources: Vec::new(),
            sbs: BTreeMap::new(),
            points: Vec::new(),
        }
    }

    /// Takes in the lines of a recording; whether the aircraft was in any of them.
    pub fn take(&mut self, lines: &[u8]) -> bool {
        let before = self.points.len();
        for line in lines.split(|byte| *byte == b'\n') {
            if let Ok(text) = core::str::from_utf8(line) {
                self.take_line(text);
            }
        }
        self.points.len() > before
    }

    /// The points, oldest first, each newer than the one before it.
    #[must_use]
    pub fn points(self) -> Vec<TrailPoint> {
        self.points
    }

    fn take_line(&mut self, text: &str) {
        // Addresses without letters are the same in both cases.
        let Some(place) = self.names.iter().find_map(|name| text.find(name.as_str())) else { return };
        let feed = self.feed_of(text);
        if let Some(observation) = row_at(text, place).filter(|row| row.icao24 == self.icao24) {
            return self.see(feed, observation);
        }
        if self.take_sbs(feed, text) {
            return;
        }
        let mut poll = Poll::default();
        read_into(&mut poll, 0, text.as_bytes());
        if let Some(observation) = poll.observations.into_iter().find(|row| row.icao24 == self.icao24) {
            self.see(feed, observation);
        }
    }

    /// Takes messages of SBS in, bare ones or captured ones; whether the line was one.
    fn take_sbs(&mut self, feed: u8, text: &str) -> bool {
        if sbs::is_line(text) {
            if let Some(time) = sbs::own_time(text) {
                self.take_messages(feed, [text], None, time);
            }
            return true;
        }
        let captured = text.contains("\"sbs\"") && capture::looks_like(text);
        let capture = captured.then(|| capture::read(text, 0).ok()).flatten();
        let Some(capture) = capture.filter(|capture| capture.kind == SourceKind::Sbs) else { return false };
        let lines = capture.lines.iter().map(String::as_str);
        self.take_messages(feed, lines, Some(capture.received), capture.received);
        true
    }

    fn take_messages<'a>(
        &mut self,
        feed: u8,
        lines: impl IntoIterator<Item = &'a str>,
        received: Option<UnixMillis>,
        now: UnixMillis,
    ) {
        let sbs = self.sbs.entry(feed).or_default();
        lines.into_iter().for_each(|line| sbs.take(line, received, 0));
        let said = sbs.poll(now).observations.into_iter().find(|said| said.icao24 == self.icao24);
        if let Some(observation) = said {
            self.see(feed, observation);
        }
    }

    /// A number for the source that a captured line names; of several sources one speaks for the aircraft.
    fn feed_of(&mut self, text: &str) -> u8 {
        let named = text.split_once("\"source\":\"").and_then(|(_, rest)| rest.split_once("\",\"received\""));
        let source = named.map_or("", |(source, _)| source);
        let known = self.sources.iter().position(|known| known == source).unwrap_or_else(|| {
            self.sources.push(source.to_owned());
            self.sources.len() - 1
        });
        known as u8
    }

    fn see(&mut self, feed: u8, observation: Observation) {
        let poll = Poll { observations: vec![observation], ..Poll::default() };
        let time = observation.last_contact;
        for aircraft in self.tracker.accept(feed, time, poll).observations {
            let point = point_of(&aircraft);
            if self.points.last().is_none_or(|last| point.at > last.at) {
                self.points.push(point);
            }
        }
    }
}

/// The observation of a response's row whose first cell holds the byte at `place`.
fn row_at(text: &str, place: usize) -> Option<Observation> {
    let start = text[..place].strip_suffix("[\"")?.len();
    let (mut depth, mut in_string, mut escaped) = (0_u32, false, false);
    let length = text.as_bytes()[start..].iter().position(|byte| {
        match byte {
            b'"' if !escaped => in_string = !in_string,
            b'[' if !in_string => depth += 1,
            b']' if !in_string => depth -= 1,
            _ => {}
        }
        escaped = in_string && !escaped && *byte == b'\\';
        depth == 0
    })?;
    read_row(&text[start..=start + length]).1.ok()
}

fn point_of(aircraft: &Aircraft) -> TrailPoint {
    let altitude_cm = aircraft.get(Field::Altitude).or(aircraft.get(Field::GeoAltitude));
    TrailPoint {
        at: aircraft.position_time(),
        latitude_e6: aircraft.get(Field::Latitude).unwrap_or_default() as i32,
        longitude_e6: aircraft.get(Field::Longitude).unwrap_or_default() as i32,
        altitude_cm: altitude_cm.map(|altitude_cm| altitude_cm as i32),
        on_ground: aircraft.on_ground(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(hex: &str, callsign: &str, at: i64, latitude: f64) -> String {
        format!(
            "[\"{hex}\",\"{callsign}\",\"X\",{at},{at},-74,{latitude},1000,false,100,0,0,[1,2],null,\"1200\",false,0]"
        )
    }

    fn check(lines: &[String], expected: &[(i64, i32)]) {
        let mut trail = Trail::of(Icao24::parse("a13f1c").unwrap());
        trail.take(lines.join("\n").as_bytes());
        let found: Vec<(i64, i32)> = trail
            .points()
            .iter()
            .map(|point| (point.at.0 / 1000 - 1_700_000_000, point.latitude_e6))
            .collect();
        assert_eq!(found, expected);
    }

    fn response(second: i64, rows: &[String]) -> String {
        format!("{{\"time\":{},\"states\":[{}]}}", 1_700_000_000 + second, rows.join(","))
    }

    #[test]
    fn only_the_named_aircraft_is_followed() {
        let at = |second: i64| 1_700_000_000 + second;
        let other = row("a00001", "[\\\"A13F1C", at(0), 50.0);
        let lines = [
            response(0, &[other.clone(), row("a13f1c", "[]\\\"", at(0), 40.0)]),
            response(10, &[row("A13F1C", "UAL1", at(9), 40.01), other.clone()]),
            response(20, &[row("a13f1c", "UAL1", at(9), 40.01)]),
            "a13f1c is no JSON".to_owned(),
            response(30, &[other]),
            // Nothing flies that fast.
            response(40, &[row("a13f1c", "UAL1", at(40), 60.0)]),
            response(50, &[row("a13f1c", "UAL1", at(50), 40.05)]),
        ];
        check(&lines, &[(0, 40_000_000), (9, 40_010_000), (50, 40_050_000)]);
    }

    #[test]
    fn envelopes_are_followed_too() {
        let line = |second: i64, latitude: f64| {
            format!(
                "{{\"schema_version\":1,\"type\":\"flight_state\",\"produced_at\":\"2023-11-14T22:13:{:02}Z\",\"payload\":\
                 {{\"icao24\":\"a13f1c\",\"callsign\":null,\"position\":{{\"lat\":{latitude},\"lon\":-74.0}},\"altitude_m\":1.0,\
                 \"on_ground\":false,\"spi\":false,\"last_contact_unix\":{}}}}}",
                20 + second,
                1_700_000_000 + second
            )
        };
        check(&[line(0, 40.0), line(10, 40.01)], &[(0, 40_000_000), (10, 40_010_000)]);
    }

    #[test]
    fn messages_of_sbs_are_followed_bare_and_captured() {
        let message = |second: i64, hex: &str, latitude: &str| {
            format!(
                "MSG,3,1,1,{hex},1,2023/11/14,22:13:{:02}.000,2023/11/14,22:13:20.000,,35000,,,{latitude},-74.0,,,,,,0",
                20 + second
            )
        };
        let speed = "MSG,4,1,1,A13F1C,1,2023/11/14,22:13:25.000,2023/11/14,22:13:25.000,,,450,90,,,0,,,,,0";
        let bare = [
            message(0, "A13F1C", "40.0"),
            message(1, "A00001", "50.0"),
            speed.to_owned(),
            message(10, "a13f1c", "40.01"),
        ];
        check(&bare, &[(0, 40_000_000), (10, 40_010_000)]);
        let captured = |second: i64, lines: &[String]| {
            capture::sbs_line("roof", UnixMillis((1_700_000_000 + second) * 1000), lines)
        };
        let lines = [
            captured(1, &[message(0, "A13F1C", "40.0"), message(1, "A00001", "50.0")]),
            captured(11, &[message(10, "A13F1C", "40.01")]),
        ];
        check(&lines, &[(0, 40_000_000), (10, 40_010_000)]);
    }
}
