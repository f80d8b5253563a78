//! The altitude of an aircraft since the page was opened, as a small line.

use crate::state::trail::TrailPoint;

/// Size of the drawing.
const WIDTH: i64 = 320;
const HEIGHT: i64 = 48;

/// Least span of altitudes, in centimetres, so that level flight is a level line.
const LEAST_SPAN_CM: i64 = 60_000;

/// A profile as an SVG path, with its lowest and highest altitude in metres.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The path in a field of 320 by 48.
    pub path: String,
    /// Lowest altitude in metres.
    pub low_m: f64,
    /// Highest altitude in metres.
    pub high_m: f64,
    /// Time from the first to the last point in milliseconds.
    pub span_ms: i64,
}

/// The profile of a trail; none before it has three points.
#[must_use]
pub fn profile<'a>(points: impl Iterator<Item = &'a TrailPoint>) -> Option<Profile> {
    let points: Vec<&TrailPoint> = points.collect();
    let (first, last) = (points.first()?, points.last()?);
    let span_ms = last.at_ms - first.at_ms;
    if points.len() < 3 || span_ms <= 0 {
        return None;
    }
    let altitudes = points.iter().map(|point| i64::from(point.altitude_cm));
    let (low, high) = (altitudes.clone().min()?, altitudes.max()?);
    let spare = (LEAST_SPAN_CM - (high - low)).max(0) / 2;
    let (bottom, span) = (low - spare, (high - low).max(LEAST_SPAN_CM));
    let mut path = String::new();
    for (index, point) in points.iter().enumerate() {
        let x = (point.at_ms - first.at_ms) * WIDTH / span_ms;
        let y = HEIGHT - 2 - (i64::from(point.altitude_cm) - bottom) * (HEIGHT - 4) / span;
        path.push_str(&format!("{}{x} {y}", if index == 0 { 'M' } else { 'L' }));
    }
    Some(Profile { path, low_m: low as f64 / 100.0, high_m: high as f64 / 100.0, span_ms })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at_s: i64, altitude_m: i32) -> TrailPoint {
        TrailPoint { at_ms: at_s * 1000, latitude_e7: 0, longitude_e7: 0, altitude_cm: altitude_m * 100 }
    }

    #[test]
    fn a_climb_goes_up_and_level_flight_is_level() {
        let climb = [point(0, 0), point(10, 500), point(20, 1000)];
        let drawn = profile(climb.iter()).unwrap();
        assert_eq!((drawn.path.as_str(), drawn.high_m), ("M0 46L160 24L320 2", 1000.0));
        let level = [point(0, 9000), point(10, 9000), point(20, 9000)];
        assert_eq!(profile(level.iter()).unwrap().path, "M0 24L160 24L320 24");
        assert_eq!(profile(climb[..2].iter()), None);
    }
}
