//! Ways on the plane that touches the drawn sphere, and what speed over the real Earth means on it.

use inflight_domain::Position;
use inflight_domain::geo::EARTH_RADIUS_M;
use inflight_domain::math::{atan2, cos, hypot, sin, sqrt, turn_deg, wrap};

/// Above this latitude the series for great circles is left for their formula.
const SERIES_BELOW_DEG: f64 = 60.0;

/// Equatorial radius and squared eccentricity of WGS 84, which receivers navigate by.
const EQUATOR_M: f64 = 6_378_137.0;
const ECCENTRICITY_SQUARED: f64 = 0.006_694_38;

/// A way east and north in metres.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offset {
    pub(super) east_m: f64,
    pub(super) north_m: f64,
}

impl Offset {
    pub(super) fn polar(bearing_deg: f64, distance_m: f64) -> Self {
        let bearing = bearing_deg.to_radians();
        Self { east_m: sin(bearing) * distance_m, north_m: cos(bearing) * distance_m }
    }

    pub(super) fn between(from: Position, to: Position) -> Self {
        let middle = f64::midpoint(from.latitude_deg(), to.latitude_deg()).to_radians();
        let east_deg = turn_deg(from.longitude_deg(), to.longitude_deg());
        Self {
            east_m: east_deg.to_radians() * cos(middle) * EARTH_RADIUS_M,
            north_m: (to.latitude_deg() - from.latitude_deg()).to_radians() * EARTH_RADIUS_M,
        }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self { east_m: self.east_m + other.east_m, north_m: self.north_m + other.north_m }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self { east_m: self.east_m - other.east_m, north_m: self.north_m - other.north_m }
    }

    pub(super) fn length_m(self) -> f64 {
        hypot(self.east_m, self.north_m)
    }

    pub(super) fn bearing_deg(self) -> f64 {
        wrap(atan2(self.east_m, self.north_m).to_degrees(), 360.0)
    }

    /// How far it leads along a bearing, and to the right of it.
    pub(super) fn along_and_across(self, bearing_deg: f64) -> (f64, f64) {
        let ahead = Self::polar(bearing_deg, 1.0);
        (
            self.east_m * ahead.east_m + self.north_m * ahead.north_m,
            self.east_m * ahead.north_m - self.north_m * ahead.east_m,
        )
    }
}

/// The way along an arc of this length that begins on one track and ends `turned_deg` further.
pub(super) fn arc(track_deg: f64, turned_deg: f64, length_m: f64) -> Offset {
    let half_rad = (turned_deg / 2.0).to_radians();
    let chord = if half_rad.abs() < 1e-6 { 1.0 } else { sin(half_rad) / half_rad };
    Offset::polar(track_deg + turned_deg / 2.0, length_m * chord)
}

/// The place that lies this way off along a great circle; over the few kilometres of a reckoning the first two
/// terms of its series are right to half a metre.
pub(super) fn moved(from: Position, way: Offset) -> Position {
    if from.latitude_deg().abs() > SERIES_BELOW_DEG {
        return from.destination(way.bearing_deg(), way.length_m());
    }
    let latitude = from.latitude_deg().to_radians();
    let (north, east) = (way.north_m / EARTH_RADIUS_M, way.east_m / EARTH_RADIUS_M);
    let (cosine, slope) = (cos(latitude), sin(latitude) / cos(latitude));
    let north_deg = (north - east * east * slope / 2.0).to_degrees();
    let east_deg = ((east + east * north * slope) / cosine).to_degrees();
    let longitude = wrap(from.longitude_deg() + east_deg + 180.0, 360.0) - 180.0;
    Position::new(from.latitude_deg() + north_deg, longitude).unwrap_or(from)
}

/// Speed and track over the drawn sphere of an aircraft whose speed and track over the ellipsoid are told.
///
/// A degree is longer there than here by up to 0.5 %, more so aloft: at 12 km, flying east, 230 m/s are drawn
/// as 229. It is little, but a filter that trusts the told speed would fall behind by it at every step.
pub(super) fn drawn_velocity(at: Position, altitude_m: f64, speed_mps: f64, track_deg: f64) -> (f64, f64) {
    let sine = sin(at.latitude_deg().to_radians());
    let flattened = 1.0 - ECCENTRICITY_SQUARED * sine * sine;
    let across_m = EQUATOR_M / sqrt(flattened);
    let along_m = across_m * (1.0 - ECCENTRICITY_SQUARED) / flattened;
    let ahead = Offset::polar(track_deg, 1.0);
    // The factors differ from one by so little that their squares do not count.
    let (east, north) =
        (EARTH_RADIUS_M / (across_m + altitude_m) - 1.0, EARTH_RADIUS_M / (along_m + altitude_m) - 1.0);
    let longer = east * ahead.east_m * ahead.east_m + north * ahead.north_m * ahead.north_m;
    let turned_deg = ((east - north) * ahead.east_m * ahead.north_m).to_degrees();
    (speed_mps * (1.0 + longer), track_deg + turned_deg)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_moved(latitude_deg: f64, bearing_deg: f64, way_m: f64) {
        let from = Position::new(latitude_deg, 179.95).unwrap();
        let expected = from.destination(bearing_deg, way_m);
        let error_m = moved(from, Offset::polar(bearing_deg, way_m)).distance_m(expected);
        assert!(error_m < 0.5, "{latitude_deg} {bearing_deg} {way_m}: {error_m} m");
    }

    #[test]
    fn ways_follow_great_circles() {
        for latitude_deg in [-85.0, -59.0, -33.0, 0.0, 48.0, 60.0] {
            for bearing_deg in [0.0, 37.0, 90.0, 200.0, 275.0] {
                check_moved(latitude_deg, bearing_deg, 2_500.0);
                check_moved(latitude_deg, bearing_deg, 18_000.0);
            }
        }
    }

    fn check_drawn(latitude_deg: f64, altitude_m: f64, track_deg: f64, expected_mps: f64) {
        let at = Position::new(latitude_deg, 10.0).unwrap();
        let (mps, deg) = drawn_velocity(at, altitude_m, 250.0, track_deg);
        assert!((mps - expected_mps).abs() < 0.02, "{latitude_deg} {altitude_m} {track_deg}: {mps} m/s");
        assert!(turn_deg(deg, track_deg).abs() < 0.2, "{deg}");
    }

    #[test]
    fn speeds_are_those_of_the_drawn_sphere() {
        // Radii of curvature of WGS 84: 6378.1 km along the equator, 6335.4 km across it, 6399.6 km at the poles.
        check_drawn(0.0, 0.0, 90.0, 249.72);
        check_drawn(0.0, 0.0, 0.0, 251.41);
        check_drawn(89.9, 0.0, 0.0, 248.88);
        check_drawn(40.0, 12_000.0, 270.0, 248.91);
        assert_eq!(drawn_velocity(Position::new(1.0, 1.0).unwrap(), 0.0, 0.0, 77.0).0, 0.0);
    }
}
