//! An aircraft as JSON for the clipboard, in specification 003's field names, without a JSON library.

use crate::text::decimal;
use inflight_domain::aircraft::{Aircraft, Field};

/// The aircraft as indented JSON.
#[must_use]
pub fn aircraft_json(aircraft: &Aircraft) -> String {
    let mut lines = vec![
        line("icao24", &quoted(&aircraft.icao24.to_string())),
        line("callsign", &text(aircraft.callsign().map(|callsign| callsign.as_str().to_owned()))),
    ];
    let number = |field: Field, decimals: usize| {
        aircraft.get(field).map_or_else(|| "null".to_owned(), |scaled| decimal(scaled, decimals))
    };
    let position =
        format!("{{ \"lat\": {}, \"lon\": {} }}", number(Field::Latitude, 6), number(Field::Longitude, 6));
    lines.push(line("position", &position));
    for (name, field) in [
        ("altitude_m", Field::Altitude),
        ("geo_altitude_m", Field::GeoAltitude),
        ("velocity_mps", Field::Speed),
        ("heading_deg", Field::Track),
        ("vertical_rate_mps", Field::VerticalRate),
    ] {
        lines.push(line(name, &number(field, 2)));
    }
    lines.push(line("on_ground", &aircraft.on_ground().to_string()));
    lines.push(line("squawk", &text(aircraft.squawk().map(|squawk| squawk.to_string()))));
    lines.push(line("spi", &aircraft.spi().to_string()));
    lines.push(line("time_position_unix", &number(Field::TimePosition, 3)));
    lines.push(line("last_contact_unix", &number(Field::LastContact, 3)));
    format!("{{\n{}\n}}", lines.join(",\n"))
}

fn line(name: &str, value: &str) -> String {
    format!("  \"{name}\": {value}")
}

fn text(value: Option<String>) -> String {
    value.map_or_else(|| "null".to_owned(), |value| quoted(&value))
}

/// Callsigns are printable ASCII, so only two characters need care.
fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::aircraft;

    #[test]
    fn json_has_the_payloads_fields() {
        let aircraft = aircraft("a13f1c", Some("UAL\"1"), 40.5, -73.25).build();
        let expected = r#"{
  "icao24": "a13f1c",
  "callsign": "UAL\"1",
  "position": { "lat": 40.5, "lon": -73.25 },
  "altitude_m": 10668,
  "geo_altitude_m": null,
  "velocity_mps": 231.5,
  "heading_deg": 90,
  "vertical_rate_mps": -0.33,
  "on_ground": false,
  "squawk": "1200",
  "spi": false,
  "time_position_unix": 1700000000,
  "last_contact_unix": 1700000000.5
}"#;
        assert_eq!(aircraft_json(&aircraft), expected.replace("UAL\"1", "UAL\\\"1"));
    }
}
