//! Positions on the sphere, great circles and bounding boxes.

use crate::math::{asin, atan2, cos, scaled, sin, sqrt, wrap};
use serde::{Deserialize, Serialize};

/// Mean radius of the Earth in metres (IUGG).
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A point on the Earth's surface; latitude in [-90, 90], longitude in [-180, 180].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    latitude_deg: f64,
    longitude_deg: f64,
}

/// A box of latitudes and longitudes in degrees; it does not cross the antimeridian.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoundingBox {
    /// Southern edge.
    pub lat_min: f64,
    /// Northern edge.
    pub lat_max: f64,
    /// Western edge.
    pub lon_min: f64,
    /// Eastern edge.
    pub lon_max: f64,
}

/// Why four numbers are no bounding box.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BoundingBoxError {
    /// An edge is outside the globe or not a number.
    #[error("{edge} is {value}, expected a number from {low} to {high}")]
    EdgeOutOfRange {
        /// Name of the edge, as the setting is called.
        edge: &'static str,
        /// What was given.
        value: f64,
        /// Lowest legal value.
        low: f64,
        /// Highest legal value.
        high: f64,
    },
    /// A minimum is not below its maximum.
    #[error("{low_name} ({low}) must be less than {high_name} ({high})")]
    Inverted {
        /// Name of the lower edge.
        low_name: &'static str,
        /// Value of the lower edge.
        low: f64,
        /// Name of the upper edge.
        high_name: &'static str,
        /// Value of the upper edge.
        high: f64,
    },
}

impl Position {
    /// A position, if both numbers are finite and in range.
    #[must_use]
    pub fn new(latitude_deg: f64, longitude_deg: f64) -> Option<Self> {
        let legal = (-90.0..=90.0).contains(&latitude_deg) && (-180.0..=180.0).contains(&longitude_deg);
        legal.then_some(Self { latitude_deg, longitude_deg })
    }

    /// Latitude in degrees, north positive.
    #[must_use]
    pub fn latitude_deg(self) -> f64 {
        self.latitude_deg
    }

    /// Longitude in degrees, east positive.
    #[must_use]
    pub fn longitude_deg(self) -> f64 {
        self.longitude_deg
    }

    /// Great-circle distance in metres (haversine).
    #[must_use]
    pub fn distance_m(self, other: Self) -> f64 {
        let (lat1, lat2) = (self.latitude_deg.to_radians(), other.latitude_deg.to_radians());
        let half_lat = sin((lat2 - lat1) / 2.0);
        let half_lon = sin((other.longitude_deg - self.longitude_deg).to_radians() / 2.0);
        let chord = half_lat * half_lat + cos(lat1) * cos(lat2) * half_lon * half_lon;
        2.0 * EARTH_RADIUS_M * asin(sqrt(chord))
    }

    /// Distance in metres as on a plane where it is less than half a degree, good to a metre below 75 degrees of
    /// latitude; [`Position::distance_m`] elsewhere, which costs five times as much.
    #[must_use]
    pub fn step_m(self, other: Self) -> f64 {
        let north_deg = other.latitude_deg - self.latitude_deg;
        let east_deg = other.longitude_deg - self.longitude_deg;
        let middle_deg = f64::midpoint(self.latitude_deg, other.latitude_deg);
        if north_deg.abs() > 0.5 || east_deg.abs() > 0.5 || middle_deg.abs() > 75.0 {
            return self.distance_m(other);
        }
        let east_deg = east_deg * cos(middle_deg.to_radians());
        EARTH_RADIUS_M * sqrt(north_deg * north_deg + east_deg * east_deg).to_radians()
    }

    /// Initial bearing to another point in degrees, in [0, 360).
    #[must_use]
    pub fn bearing_deg(self, other: Self) -> f64 {
        let (lat1, lat2) = (self.latitude_deg.to_radians(), other.latitude_deg.to_radians());
        let lon = (other.longitude_deg - self.longitude_deg).to_radians();
        let east = sin(lon) * cos(lat2);
        let north = cos(lat1) * sin(lat2) - sin(lat1) * cos(lat2) * cos(lon);
        wrap(atan2(east, north).to_degrees(), 360.0)
    }

    /// The point reached by a great circle of `distance_m` metres that starts along `bearing_deg`.
    #[must_use]
    pub fn destination(self, bearing_deg: f64, distance_m: f64) -> Self {
        let angle = distance_m / EARTH_RADIUS_M;
        let (lat, bearing) = (self.latitude_deg.to_radians(), bearing_deg.to_radians());
        let sin_lat2 = sin(lat) * cos(angle) + cos(lat) * sin(angle) * cos(bearing);
        let lon_step =
            atan2(sin(bearing) * sin(angle) * cos(lat), cos(angle) - sin(lat) * sin_lat2).to_degrees();
        Self {
            latitude_deg: asin(sin_lat2).to_degrees(),
            longitude_deg: wrap(self.longitude_deg + lon_step + 180.0, 360.0) - 180.0,
        }
    }

    /// Latitude and longitude as integers of 1e-7 degree.
    #[must_use]
    pub fn to_e7(self) -> (i32, i32) {
        (scaled(self.latitude_deg, 1e7) as i32, scaled(self.longitude_deg, 1e7) as i32)
    }

    /// The position that [`Position::to_e7`] made; values outside the globe are clamped to its edge.
    #[must_use]
    pub fn from_e7(latitude_e7: i32, longitude_e7: i32) -> Self {
        Self {
            latitude_deg: (f64::from(latitude_e7) / 1e7).clamp(-90.0, 90.0),
            longitude_deg: (f64::from(longitude_e7) / 1e7).clamp(-180.0, 180.0),
        }
    }
}

impl BoundingBox {
    /// The whole globe.
    pub const WORLD: Self = Self { lat_min: -90.0, lat_max: 90.0, lon_min: -180.0, lon_max: 180.0 };

    /// The New York box of specification 003.
    pub const NEW_YORK: Self = Self { lat_min: 40.40, lat_max: 41.20, lon_min: -74.50, lon_max: -73.50 };

    /// A box, if its edges are on the globe and in order; errors name the setting (`BBOX_LAT_MIN`, ...).
    ///
    /// # Errors
    /// The first edge that is out of range, or the first pair that is not in order.
    pub fn new(lat_min: f64, lat_max: f64, lon_min: f64, lon_max: f64) -> Result<Self, BoundingBoxError> {
        let edges = [
            ("BBOX_LAT_MIN", lat_min, 90.0),
            ("BBOX_LAT_MAX", lat_max, 90.0),
            ("BBOX_LON_MIN", lon_min, 180.0),
            ("BBOX_LON_MAX", lon_max, 180.0),
        ];
        for (edge, value, limit) in edges {
            if !(-limit..=limit).contains(&value) {
                return Err(BoundingBoxError::EdgeOutOfRange { edge, value, low: -limit, high: limit });
            }
        }
        for [(low_name, low, _), (high_name, high, _)] in [[edges[0], edges[1]], [edges[2], edges[3]]] {
            if low >= high {
                return Err(BoundingBoxError::Inverted { low_name, low, high_name, high });
            }
        }
        Ok(Self { lat_min, lat_max, lon_min, lon_max })
    }

    /// Whether the point is inside or on the edge.
    #[must_use]
    pub fn contains(&self, point: Position) -> bool {
        (self.lat_min..=self.lat_max).contains(&point.latitude_deg)
            && (self.lon_min..=self.lon_max).contains(&point.longitude_deg)
    }

    /// Area in square degrees, by which OpenSky prices a request.
    #[must_use]
    pub fn area_sq_deg(&self) -> f64 {
        (self.lat_max - self.lat_min) * (self.lon_max - self.lon_min)
    }

    /// The middle of the box.
    #[must_use]
    pub fn centre(&self) -> Position {
        Position {
            latitude_deg: f64::midpoint(self.lat_min, self.lat_max),
            longitude_deg: f64::midpoint(self.lon_min, self.lon_max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point() -> impl Strategy<Value = Position> {
        (-89.0..89.0_f64, -180.0..180.0_f64).prop_map(|(lat, lon)| Position::new(lat, lon).unwrap())
    }

    proptest! {
        #[test]
        fn distance_is_symmetric(a in point(), b in point()) {
            prop_assert!((a.distance_m(b) - b.distance_m(a)).abs() < 1e-3);
        }

        #[test]
        fn a_step_is_a_short_distance(a in point(), bearing in 0.0..360.0_f64, distance_m in 0.0..1e5_f64) {
            let b = a.destination(bearing, distance_m);
            prop_assert!((a.step_m(b) - a.distance_m(b)).abs() < 1.0, "{} m", a.step_m(b));
        }

        #[test]
        fn destination_is_that_far_away(a in point(), bearing in 0.0..360.0_f64, distance_m in 1.0..5e6_f64) {
            let b = a.destination(bearing, distance_m);
            prop_assert!((a.distance_m(b) - distance_m).abs() < 0.1, "{} m", a.distance_m(b));
            prop_assert!(Position::new(b.latitude_deg(), b.longitude_deg()).is_some());
        }
    }

    #[test]
    fn known_distance() {
        let jfk = Position::new(40.6413, -73.7781).unwrap();
        let lhr = Position::new(51.4700, -0.4543).unwrap();
        assert!((jfk.distance_m(lhr) - 5_540_000.0).abs() < 10_000.0);
        assert!((jfk.bearing_deg(lhr) - 51.4).abs() < 0.5);
    }

    #[test]
    fn bad_boxes_name_the_edge() {
        for (edges, expected) in [
            ((40.0, 41.0, -200.0, 0.0), "BBOX_LON_MIN is -200, expected a number from -180 to 180"),
            ((f64::NAN, 41.0, -2.0, 0.0), "BBOX_LAT_MIN is NaN, expected a number from -90 to 90"),
            ((41.0, 40.0, -2.0, 0.0), "BBOX_LAT_MIN (41) must be less than BBOX_LAT_MAX (40)"),
        ] {
            let error = BoundingBox::new(edges.0, edges.1, edges.2, edges.3).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }
}
