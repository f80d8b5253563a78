//! Aircraft as comma-separated values in SI units, for other programs rather than for eyes.

use crate::text::decimal;
use inflight_domain::aircraft::{Aircraft, Field};

/// Columns after address and callsign, each with its name and decimals.
const COLUMNS: [(&str, Field, usize); 9] = [
    ("lat", Field::Latitude, 6),
    ("lon", Field::Longitude, 6),
    ("altitude_m", Field::Altitude, 2),
    ("geo_altitude_m", Field::GeoAltitude, 2),
    ("velocity_mps", Field::Speed, 2),
    ("heading_deg", Field::Track, 2),
    ("vertical_rate_mps", Field::VerticalRate, 2),
    ("time_position_unix", Field::TimePosition, 3),
    ("last_contact_unix", Field::LastContact, 3),
];

/// A header line, then a line for each aircraft.
#[must_use]
pub fn aircraft_csv<'a>(aircraft: impl Iterator<Item = &'a Aircraft>) -> String {
    let names = COLUMNS.map(|(name, ..)| name).join(",");
    let mut text = format!("icao24,callsign,{names},squawk,on_ground\r\n");
    for aircraft in aircraft {
        let callsign = aircraft.callsign().map_or_else(String::new, |callsign| quoted(callsign.as_str()));
        let mut cells = vec![aircraft.icao24.to_string(), callsign];
        cells.extend(COLUMNS.map(|(_, field, decimals)| {
            aircraft.get(field).map_or_else(String::new, |scaled| decimal(scaled, decimals))
        }));
        cells.push(aircraft.squawk().map_or_else(String::new, |squawk| squawk.to_string()));
        cells.push(aircraft.on_ground().to_string());
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A callsign may hold any printable character; a leading sign would be a formula to a spreadsheet.
fn quoted(callsign: &str) -> String {
    let formula = callsign.starts_with(['=', '+', '-', '@']);
    let guarded = if formula { format!("'{callsign}") } else { callsign.to_owned() };
    if guarded.contains([',', '"']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::aircraft;
    use inflight_domain::aircraft::UNKNOWN;

    #[test]
    fn lines_are_plain_and_safe() {
        let rows = [
            aircraft("a13f1c", Some("UAL1"), 40.5, -73.25).build(),
            aircraft("a13f1d", Some("=A,\"B"), 0.0, 0.0).with(Field::Altitude, UNKNOWN).build(),
        ];
        let text = aircraft_csv(rows.iter());
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("icao24,callsign,lat,lon,altitude_m,"));
        assert_eq!(
            lines[1],
            "a13f1c,UAL1,40.5,-73.25,10668,,231.5,90,-0.33,1700000000,1700000000.5,1200,false"
        );
        assert!(lines[2].starts_with("a13f1d,\"'=A,\"\"B\",0,0,,,231.5,"));
    }
}
