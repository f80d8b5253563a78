//! Aircraft as comma-separated values, for other programs rather than for eyes; names of columns say the units.

use crate::text::{Units, decimal};
use inflight_domain::aircraft::{Aircraft, Field};

/// Columns after address and callsign, each with its decimals.
const COLUMNS: [(Field, usize); 9] = [
    (Field::Latitude, 6),
    (Field::Longitude, 6),
    (Field::Altitude, 2),
    (Field::GeoAltitude, 2),
    (Field::Speed, 2),
    (Field::Track, 2),
    (Field::VerticalRate, 2),
    (Field::TimePosition, 3),
    (Field::LastContact, 3),
];

/// Names of the columns in the units that a person can choose, in the order of [`Units::ALL`].
const NAMES: [&str; 3] = [
    "lat,lon,altitude_ft,geo_altitude_ft,velocity_kt,heading_deg,vertical_rate_fpm",
    "lat,lon,altitude_m,geo_altitude_m,velocity_kmh,heading_deg,vertical_rate_mps",
    "lat,lon,altitude_ft,geo_altitude_ft,velocity_mph,heading_deg,vertical_rate_fpm",
];

/// A header line, then a line for each aircraft, in the units of the screen.
#[must_use]
pub fn aircraft_csv<'a>(aircraft: impl Iterator<Item = &'a Aircraft>, units: Units) -> String {
    let names = NAMES[units as usize];
    let mut text =
        format!("icao24,callsign,{names},time_position_unix,last_contact_unix,squawk,on_ground\r\n");
    for aircraft in aircraft {
        let callsign = aircraft.callsign().map_or_else(String::new, |callsign| quoted(callsign.as_str()));
        let mut cells = vec![aircraft.icao24.to_string(), callsign];
        cells.extend(COLUMNS.map(|(field, decimals)| {
            let value = aircraft.get(field).map(|scaled| decimal(in_units(field, scaled, units), decimals));
            value.unwrap_or_default()
        }));
        cells.push(aircraft.squawk().map_or_else(String::new, |squawk| squawk.to_string()));
        cells.push(aircraft.on_ground().to_string());
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A hundredth of a metre or of a metre per second as a hundredth of the unit; other columns stay.
fn in_units(field: Field, scaled: i64, units: Units) -> i64 {
    let factor = match field {
        Field::Altitude | Field::GeoAltitude => units.altitude_factor(),
        Field::Speed => units.speed_factor(),
        Field::VerticalRate if units != Units::Metric => units.altitude_factor() * 60.0,
        _ => return scaled,
    };
    (scaled as f64 * factor).round() as i64
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
        let text = aircraft_csv(rows.iter(), Units::Metric);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("icao24,callsign,lat,lon,altitude_m,"));
        assert_eq!(
            lines[1],
            "a13f1c,UAL1,40.5,-73.25,10668,,833.4,90,-0.33,1700000000,1700000000.5,1200,false"
        );
        let nautical = aircraft_csv(rows.iter(), Units::Aviation);
        assert!(
            nautical.contains(",altitude_ft,")
                && nautical.contains("a13f1c,UAL1,40.5,-73.25,35000,,450,90,-64.96,")
        );
        assert!(lines[2].starts_with("a13f1d,\"'=A,\"\"B\",0,0,,,833.4,"));
    }
}
