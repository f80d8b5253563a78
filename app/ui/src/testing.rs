//! Aircraft and frames for tests: plausible, and changed field by field.

use inflight_domain::aircraft::{Aircraft, FIELD_COUNT, Field, UNKNOWN};
use inflight_domain::ids::{Callsign, Cut, Epoch, Icao24, Slot};
use inflight_domain::{
    AirportCode, Disruption, DisruptionKind, Evidence, Measure, Position, Severity, UnixMillis,
};
use inflight_wire::bin::Bin;
use inflight_wire::frame::{Header, Segment, ServerFrame, SnapshotHeader, TickHeader};
use inflight_wire::packed::Packer;

/// Stream time at which test aircraft were last seen.
pub const SEEN_MS: i64 = 1_700_000_000_000;

/// An aircraft in the making.
pub struct Draft {
    icao24: Icao24,
    columns: [i64; FIELD_COUNT],
}

/// An aircraft at 35,000 ft that flies east with 450 kt.
pub fn aircraft(hex: &str, callsign: Option<&str>, latitude_deg: f64, longitude_deg: f64) -> Draft {
    let mut columns = [UNKNOWN; FIELD_COUNT];
    let callsign = callsign.and_then(Callsign::parse).map_or(UNKNOWN, Callsign::to_number);
    for (field, value) in [
        (Field::Latitude, (latitude_deg * 1e6).round() as i64),
        (Field::Longitude, (longitude_deg * 1e6).round() as i64),
        (Field::TimePosition, SEEN_MS),
        (Field::LastContact, SEEN_MS + 500),
        (Field::Altitude, 1_066_800),
        (Field::Speed, 23_150),
        (Field::Track, 9_000),
        (Field::VerticalRate, -33),
        (Field::Callsign, callsign),
        (Field::Squawk, 0o1200),
        (Field::Flags, 0),
        (Field::PositionSource, 0),
    ] {
        columns[field.index()] = value;
    }
    Draft { icao24: Icao24::parse(hex).unwrap(), columns }
}

impl Draft {
    /// With another value in a column.
    pub fn with(mut self, field: Field, value: i64) -> Self {
        self.columns[field.index()] = value;
        self
    }

    /// The row.
    pub fn build(self) -> Aircraft {
        Aircraft::from_columns(self.icao24, self.columns).unwrap()
    }
}

/// A whole table in one frame.
pub fn snapshot(epoch: u64, cut: u64, rows: &[Aircraft]) -> ServerFrame {
    let header = SnapshotHeader {
        epoch: Epoch(epoch),
        cut: Cut(cut),
        part: 0,
        parts: 1,
        stream_ms: SEEN_MS + 1000,
        rate: 1.0,
    };
    let mut packer = Packer::default();
    for (slot, row) in rows.iter().enumerate() {
        packer.full(Slot(slot as u32), row, &inflight_sky::motion::advance(None, row));
    }
    let segments = vec![Segment::Flights { rows: Bin(packer.finish()), removed: Vec::new() }];
    ServerFrame { header: Header::Snapshot(header), segments }
}

/// The change of the row in slot 0 from one cut to the next.
pub fn tick(epoch: u64, base: u64, old: &Aircraft, new: &Aircraft) -> ServerFrame {
    let header = TickHeader {
        epoch: Epoch(epoch),
        base: Cut(base),
        cut: Cut(base + 1),
        stream_ms: SEEN_MS + 1200,
        rate: 1.0,
    };
    let mut packer = Packer::default();
    packer.difference(Slot(0), old, new);
    let segments = vec![Segment::Flights { rows: Bin(packer.finish()), removed: Vec::new() }];
    ServerFrame { header: Header::Tick(header), segments }
}

/// An open disruption at LaGuardia with this evidence.
pub fn disruption(kind: DisruptionKind, measures: &[(Measure, f64)]) -> Disruption {
    let mut evidence = Evidence::default();
    measures.iter().for_each(|(measure, value)| evidence.put(*measure, *value));
    Disruption {
        kind,
        icao24: Icao24::parse("a13f1c").unwrap(),
        callsign: Callsign::parse("UAL123"),
        began: UnixMillis(SEEN_MS),
        last_seen: UnixMillis(SEEN_MS),
        ended: None,
        severity: Severity::Notice,
        confidence_pct: 80,
        place: Position::new(40.7, -73.9).unwrap(),
        airport: AirportCode::parse("KLGA"),
        evidence,
    }
}

/// Names a few countries as a browser would.
pub fn name_countries() {
    crate::text::set_country_names(|tag| {
        let romanian = tag == "ro";
        Some(Box::new(move |code| {
            let (en, ro) = match code {
                "RO" => ("Romania", "Rom\u{e2}nia"),
                "OM" => ("Oman", "Oman"),
                "NL" => ("Netherlands", "\u{21a}\u{103}rile de Jos"),
                "CI" => ("C\u{f4}te d\u{2019}Ivoire", "Coasta de Filde\u{219}"),
                _ => return None,
            };
            Some((if romanian { ro } else { en }).to_owned())
        }))
    });
}
