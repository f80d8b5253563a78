//! Aircraft and their trails as GeoJSON and as KML, for maps rather than for eyes: degrees, metres, UTC.

use crate::state::trail::{TrailPoint, Trails};
use crate::text::{aircraft_json, decimal};
use inflight_domain::Aircraft;
use inflight_domain::aircraft::Field;

/// A feature collection: a point for each aircraft, and a line where its trail is known.
#[must_use]
pub fn aircraft_geojson<'a>(aircraft: impl Iterator<Item = &'a Aircraft>, trails: &Trails) -> String {
    let mut features: Vec<String> = Vec::new();
    for aircraft in aircraft {
        let hex = aircraft.icao24;
        let point = place(aircraft);
        let properties = aircraft_json(aircraft);
        features.push(feature(&hex.to_string(), "Point", &format!("[{point}]"), &properties));
        if let Some(line) = line(trails.of(hex), "[", "]", ",") {
            let properties = format!("{{ \"icao24\": \"{hex}\", \"kind\": \"trail\" }}");
            features.push(feature(&format!("{hex}-trail"), "LineString", &format!("[{line}]"), &properties));
        }
    }
    format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", features.join(",\n"))
}

/// A document with a placemark for each aircraft: a point, and a line where its trail is known.
#[must_use]
pub fn aircraft_kml<'a>(aircraft: impl Iterator<Item = &'a Aircraft>, trails: &Trails) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document><name>Inflight</name>\n",
    );
    for aircraft in aircraft {
        let hex = aircraft.icao24;
        let name = aircraft.callsign().map_or_else(|| hex.to_string(), |callsign| escaped(callsign.as_str()));
        let point = geometry("Point", &place(aircraft));
        let trail = line(trails.of(hex), "", "", " ").map(|line| geometry("LineString", &line));
        let shape = match trail {
            Some(trail) => format!("<MultiGeometry>{point}{trail}</MultiGeometry>"),
            None => point,
        };
        text.push_str(&format!("<Placemark id=\"a{hex}\"><name>{name}</name><description>{hex}</description>{shape}</Placemark>\n"));
    }
    text.push_str("</Document></kml>\n");
    text
}

fn feature(id: &str, kind: &str, coordinates: &str, properties: &str) -> String {
    format!(
        "{{\"type\":\"Feature\",\"id\":\"{id}\",\"geometry\":{{\"type\":\"{kind}\",\"coordinates\":{coordinates}}},\"properties\":{properties}}}"
    )
}

fn geometry(kind: &str, coordinates: &str) -> String {
    format!("<{kind}><altitudeMode>absolute</altitudeMode><coordinates>{coordinates}</coordinates></{kind}>")
}

/// Longitude, latitude and, where it is known, altitude.
fn place(aircraft: &Aircraft) -> String {
    let number = |field: Field, decimals: usize| aircraft.get(field).map(|scaled| decimal(scaled, decimals));
    let altitude = number(Field::GeoAltitude, 2).or_else(|| number(Field::Altitude, 2));
    [number(Field::Longitude, 6), number(Field::Latitude, 6), altitude]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(",")
}

fn line<'a>(
    points: impl Iterator<Item = &'a TrailPoint>,
    open: &str,
    close: &str,
    between: &str,
) -> Option<String> {
    let corners: Vec<String> = points
        .map(|point| {
            let (longitude, latitude) = (i64::from(point.longitude_e7), i64::from(point.latitude_e7));
            let altitude = decimal(i64::from(point.altitude_cm), 2);
            format!("{open}{},{},{altitude}{close}", decimal(longitude, 7), decimal(latitude, 7))
        })
        .collect();
    (corners.len() > 1).then(|| corners.join(between))
}

/// Callsigns are printable ASCII, of which three characters mean something to XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::aircraft;
    use inflight_domain::{MotionState, UnixMillis};

    #[test]
    fn points_and_trails_are_there() {
        let row = aircraft("a13f1c", Some("A&B"), 40.5, -73.25).build();
        let mut trails = Trails::default();
        for second in [0, 10] {
            let motion = MotionState {
                at: UnixMillis(second * 1000),
                latitude_e7: 405_000_000,
                longitude_e7: -732_500_000 + second as i32,
                altitude_cm: 1_066_800,
                ..MotionState::default()
            };
            trails.record(row.icao24, &motion);
        }
        let json = aircraft_geojson([row].iter(), &trails);
        assert!(json.contains("\"type\":\"Point\",\"coordinates\":[-73.25,40.5,10668]"), "{json}");
        assert!(json.contains("[[-73.25,40.5,10668],[-73.249999,40.5,10668]]"), "{json}");
        let kml = aircraft_kml([row].iter(), &trails);
        assert!(kml.contains("<name>A&amp;B</name>"), "{kml}");
        assert!(kml.contains("<coordinates>-73.25,40.5,10668 -73.249999,40.5,10668</coordinates>"), "{kml}");
        assert!(!aircraft_kml([row].iter(), &Trails::default()).contains("LineString"));
    }
}
