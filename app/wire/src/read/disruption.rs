//! Rows of the `disruptions` topic from MessagePack.

use crate::read::{Map, ReadError, float};
use inflight_domain::{
    AirportCode, Callsign, Disruption, DisruptionKind, Evidence, Icao24, Measure, Position, Severity,
};

/// The row; none if it is of a kind or severity that a later version added. Unknown measures are read over.
pub(super) fn read(map: Map<'_>) -> Result<Option<Disruption>, ReadError> {
    let (kind, severity) = (map.str("kind")?, map.str("severity")?);
    let kind = DisruptionKind::ALL.into_iter().find(|known| known.name() == kind);
    let severity = Severity::ALL.into_iter().find(|known| known.name() == severity);
    let (Some(kind), Some(severity)) = (kind, severity) else { return Ok(None) };
    Ok(Some(Disruption {
        kind,
        icao24: Icao24::parse(map.str("icao24")?).ok_or(ReadError::Member("icao24"))?,
        callsign: map.str("callsign").ok().and_then(Callsign::parse),
        began: map.time("began")?,
        last_seen: map.time("last_seen")?,
        ended: map.optional_time("ended")?,
        severity,
        confidence_pct: map.small("confidence_pct")?.min(100) as u8,
        place: place(map).ok_or(ReadError::Member("place"))?,
        airport: map.str("airport").ok().and_then(AirportCode::parse),
        evidence: evidence(map.map("evidence")?),
    }))
}

fn place(map: Map<'_>) -> Option<Position> {
    match map.array("place").ok()? {
        [latitude, longitude] => Position::new(float(latitude)?, float(longitude)?),
        _ => None,
    }
}

fn evidence(map: Map<'_>) -> Evidence {
    let mut evidence = Evidence::default();
    for (name, value) in map.0 {
        let measure = Measure::ALL.into_iter().find(|(_, known)| known == name);
        if let (Some((measure, _)), Some(value)) = (measure, float(value)) {
            evidence.put(measure, value);
        }
    }
    evidence
}
