//! Where the sun stands: the subsolar point to about 0.02 degrees, and the terminator.

use crate::vector::Vec3;
use inflight_domain::{Position, UnixMillis};

/// Noon of 2000-01-01 UTC in milliseconds since 1970: the epoch of the series below.
const J2000_MS: f64 = 946_728_000_000.0;

/// The place where the sun is in the zenith. From the low-precision series of the Astronomical Almanac.
#[must_use]
pub fn subsolar(time: UnixMillis) -> Position {
    let days = (time.0 as f64 - J2000_MS) / 86_400_000.0;
    let mean_longitude_deg = 280.460 + 0.985_647_4 * days;
    let anomaly = (357.528 + 0.985_600_3 * days).to_radians();
    let longitude = (mean_longitude_deg + 1.915 * anomaly.sin() + 0.020 * (2.0 * anomaly).sin()).to_radians();
    let obliquity = (23.439 - 4e-7 * days).to_radians();
    let ascension_deg = (obliquity.cos() * longitude.sin()).atan2(longitude.cos()).to_degrees();
    let declination_deg = (obliquity.sin() * longitude.sin()).asin().to_degrees();
    let sidereal_deg = 280.460_618_37 + 360.985_647_366_29 * days;
    let longitude_deg = (ascension_deg - sidereal_deg + 180.0).rem_euclid(360.0) - 180.0;
    Position::new(declination_deg, longitude_deg).unwrap_or_else(crate::vector::origin)
}

/// Height of the sun over the horizon at a place, in degrees; below zero it is night.
#[must_use]
pub fn elevation_deg(place: Position, subsolar: Position) -> f64 {
    Vec3::up_at(place).dot(Vec3::up_at(subsolar)).clamp(-1.0, 1.0).asin().to_degrees()
}

/// Points on the line between day and night, `count` of them, evenly spaced along its great circle.
#[must_use]
pub fn terminator(subsolar: Position, count: usize) -> Vec<Position> {
    (0..count)
        .map(|step| {
            subsolar.destination(
                360.0 * step as f64 / count as f64,
                std::f64::consts::FRAC_PI_2 * inflight_domain::geo::EARTH_RADIUS_M,
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times and places of equinoxes, solstices and an ordinary day, from published almanacs.
    #[test]
    fn stands_where_almanacs_say() {
        for (time, latitude_deg, longitude_deg) in [
            ("2024-03-20T03:06:00Z", 0.0, 135.4),
            ("2024-06-20T20:51:00Z", 23.44, -132.3),
            ("2024-12-21T09:21:00Z", -23.44, 39.3),
            ("2023-11-03T12:00:00Z", -15.03, -4.11),
        ] {
            let place = subsolar(UnixMillis::parse_rfc3339(time).unwrap());
            assert!((place.latitude_deg() - latitude_deg).abs() < 0.1, "{time}: {place:?}");
            assert!((place.longitude_deg() - longitude_deg).abs() < 0.15, "{time}: {place:?}");
        }
    }

    #[test]
    fn terminator_sees_the_sun_on_the_horizon() {
        let sun = subsolar(UnixMillis(1_700_000_000_000));
        let line = terminator(sun, 36);
        assert_eq!(line.len(), 36);
        for place in line {
            assert!(elevation_deg(place, sun).abs() < 1e-6);
        }
    }
}
