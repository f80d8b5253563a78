//! Aircraft and their trails as GeoJSON and as KML, for maps rather than for eyes: degrees, metres, UTC.

use crate::state::trail::{TrailPoint, Trails};
use crate::text::{aircraft_json, decimal};
use inflight_domain::Aircraft;
use inflight_domain::aircraft::Field;

/// 180 degrees in 1e-7 degree.
const HALF_TURN_E7: i64 = 1_800_000_000;

/// A feature collection: a point for each aircraft, and lines where its trail is known.
#[must_use]
pub fn aircraft_geojson<'a>(aircraft: impl Iterator<Item = &'a Aircraft>, trails: &Trails) -> String {
    let mut features: Vec<String> = Vec::new();
    for aircraft in aircraft {
        let hex = aircraft.icao24;
        let point = place(aircraft);
        let properties = aircraft_json(aircraft);
        features.push(feature(&hex.to_string(), "Point", &format!("[{point}]"), &properties));
        let lines = lines(trails.of(hex), "[", "]", ",");
        if !lines.is_empty() {
            let properties = format!("{{ \"icao24\": \"{hex}\", \"kind\": \"trail\" }}");
            let coordinates = format!("[[{}]]", lines.join("],["));
            features.push(feature(&format!("{hex}-trail"), "MultiLineString", &coordinates, &properties));
        }
    }
    format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", features.join(",\n"))
}

/// A document with a placemark for each aircraft: a point, and lines where its trail is known.
#[must_use]
pub fn aircraft_kml<'a>(aircraft: impl Iterator<Item = &'a Aircraft>, trails: &Trails) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document><name>Inflight</name>\n",
    );
    for aircraft in aircraft {
        let hex = aircraft.icao24;
        let name = aircraft.callsign().map_or_else(|| hex.to_string(), |callsign| escaped(callsign.as_str()));
        let point = geometry("Point", &place(aircraft));
        let trail: String =
            lines(trails.of(hex), "", "", " ").iter().map(|line| geometry("LineString", line)).collect();
        let shape =
            if trail.is_empty() { point } else { format!("<MultiGeometry>{point}{trail}</MultiGeometry>") };
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

/// A trail as lines: cut where nobody saw the aircraft, and at 180 degrees as RFC 7946, 3.1.9 has it.
fn lines<'a>(
    points: impl Iterator<Item = &'a TrailPoint>,
    open: &str,
    close: &str,
    between: &str,
) -> Vec<String> {
    let mut lines: Vec<Vec<TrailPoint>> = Vec::new();
    let mut before: Option<&TrailPoint> = None;
    for point in points {
        match (lines.last_mut(), before.filter(|before| !before.is_before_gap(point))) {
            (Some(line), Some(before)) => match at_date_line(before, point) {
                Some([here, there]) => {
                    line.push(here);
                    lines.push(vec![there, *point]);
                }
                None => line.push(*point),
            },
            _ => lines.push(vec![*point]),
        }
        before = Some(point);
    }
    let corner = |point: &TrailPoint| {
        let (longitude, latitude) = (i64::from(point.longitude_e7), i64::from(point.latitude_e7));
        let altitude = decimal(i64::from(point.altitude_cm), 2);
        format!("{open}{},{},{altitude}{close}", decimal(longitude, 7), decimal(latitude, 7))
    };
    let told = lines.iter().map(|line| {
        let mut corners: Vec<String> = line.iter().map(corner).collect();
        corners.dedup();
        corners
    });
    told.filter(|corners| corners.len() > 1).map(|corners| corners.join(between)).collect()
}

/// Where the way from one point to the next crosses 180 degrees: on this side of it, and on the other.
fn at_date_line(from: &TrailPoint, to: &TrailPoint) -> Option<[TrailPoint; 2]> {
    let east_e7 = i64::from(to.longitude_e7) - i64::from(from.longitude_e7);
    if east_e7.abs() <= HALF_TURN_E7 {
        return None;
    }
    let side = if east_e7 < 0 { HALF_TURN_E7 } else { -HALF_TURN_E7 };
    let share = (side - i64::from(from.longitude_e7)) as f64 / (east_e7 + 2 * side) as f64;
    let on_way = |from: i32, to: i32| from + (f64::from(to - from) * share) as i32;
    let here = TrailPoint {
        longitude_e7: side as i32,
        latitude_e7: on_way(from.latitude_e7, to.latitude_e7),
        altitude_cm: on_way(from.altitude_cm, to.altitude_cm),
        ..*from
    };
    Some([here, TrailPoint { longitude_e7: -side as i32, ..here }])
}

/// Callsigns are printable ASCII, of which three characters mean something to XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::aircraft;
    use inflight_domain::{Icao24, MotionState, UnixMillis};

    /// Trails of an aircraft from seconds and longitudes in 1e-7 degree, which climbs by a metre a second.
    fn trails(icao24: Icao24, points: &[(i64, i32)]) -> Trails {
        let mut trails = Trails::default();
        for (second, longitude_e7) in points {
            let motion = MotionState {
                at: UnixMillis(second * 1000),
                latitude_e7: 405_000_000,
                longitude_e7: *longitude_e7,
                altitude_cm: 1_066_800 + *second as i32 * 100,
                ..MotionState::default()
            };
            trails.record(icao24, &motion);
        }
        trails
    }

    fn check(points: &[(i64, i32)], expected: &[&str]) {
        let row = aircraft("a13f1c", Some("A&B"), 40.5, -73.25).build();
        let trails = trails(row.icao24, points);
        let json = aircraft_geojson([row].iter(), &trails);
        let lines: Vec<String> = expected.iter().map(|line| format!("[{line}]")).collect();
        let shape = format!("\"type\":\"MultiLineString\",\"coordinates\":[{}]", lines.join(","));
        assert_eq!(json.contains(&shape), !expected.is_empty(), "{json}");
        assert_eq!(json.matches("LineString").count(), usize::from(!expected.is_empty()), "{json}");
        let kml = aircraft_kml([row].iter(), &trails);
        assert_eq!(kml.matches("<LineString>").count(), expected.len(), "{kml}");
        for line in expected {
            let line = line.replace("],[", " ").replace(['[', ']'], "");
            assert!(kml.contains(&format!("<coordinates>{line}</coordinates>")), "{kml}");
        }
    }

    #[test]
    fn points_and_trails_are_there() {
        let row = aircraft("a13f1c", Some("A&B"), 40.5, -73.25).build();
        let json = aircraft_geojson([row].iter(), &Trails::default());
        assert!(json.contains("\"type\":\"Point\",\"coordinates\":[-73.25,40.5,10668]"), "{json}");
        let kml = aircraft_kml([row].iter(), &Trails::default());
        assert!(kml.contains("<name>A&amp;B</name>"), "{kml}");
        check(&[(0, -732_500_000), (10, -732_499_990)], &["[-73.25,40.5,10668],[-73.249999,40.5,10678]"]);
        check(&[(0, -732_500_000)], &[]);
    }

    #[test]
    fn trails_are_cut_at_gaps_and_at_the_date_line() {
        let [west, east] =
            ["[-73.25,40.5,10668],[-73.24,40.5,10678]", "[-73.1,40.5,10868],[-73.09,40.5,10878]"];
        check(
            &[(0, -732_500_000), (10, -732_400_000), (200, -731_000_000), (210, -730_900_000)],
            &[west, east],
        );
        // What is seen alone between two gaps is no line.
        check(
            &[
                (0, -732_500_000),
                (10, -732_400_000),
                (100, -731_900_000),
                (200, -731_000_000),
                (210, -730_900_000),
            ],
            &[west, east],
        );
        check(
            &[(0, 1_799_000_000), (10, -1_797_000_000)],
            &["[179.9,40.5,10668],[180,40.5,10670.5]", "[-180,40.5,10670.5],[-179.7,40.5,10678]"],
        );
        check(
            &[(0, -1_799_000_000), (10, 1_799_000_000)],
            &["[-179.9,40.5,10668],[-180,40.5,10673]", "[180,40.5,10673],[179.9,40.5,10678]"],
        );
        // On the line itself: no piece of a single place.
        check(
            &[(0, 1_799_000_000), (10, 1_800_000_000), (20, -1_799_000_000)],
            &["[179.9,40.5,10668],[180,40.5,10678]", "[-180,40.5,10678],[-179.9,40.5,10688]"],
        );
    }
}
