//! Vectors of three f64 in the Earth-fixed frame: x to 0 N 0 E, y to 0 N 90 E, z to the north pole, in metres.

use core::ops::{Add, Mul, Neg, Sub};
use inflight_domain::Position;
use inflight_domain::geo::EARTH_RADIUS_M;

/// A point or direction in the Earth-fixed frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Vec3 {
    /// Towards 0 N 0 E.
    pub x: f64,
    /// Towards 0 N 90 E.
    pub y: f64,
    /// Towards the north pole.
    pub z: f64,
}

/// The three local directions at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Unit vector to the east.
    pub east: Vec3,
    /// Unit vector to the north.
    pub north: Vec3,
    /// Unit vector away from the Earth's centre.
    pub up: Vec3,
}

impl Vec3 {
    /// A vector from its parts.
    #[must_use]
    pub const fn new(x: f64, y: f64, z: f64) -> Self {
        Self { x, y, z }
    }

    /// The unit vector from the Earth's centre to a place.
    #[must_use]
    pub fn up_at(position: Position) -> Self {
        let (sin_lat, cos_lat) = position.latitude_deg().to_radians().sin_cos();
        let (sin_lon, cos_lon) = position.longitude_deg().to_radians().sin_cos();
        Self::new(cos_lat * cos_lon, cos_lat * sin_lon, sin_lat)
    }

    /// The point at a height over a place.
    #[must_use]
    pub fn at(position: Position, altitude_m: f64) -> Self {
        Self::up_at(position) * (EARTH_RADIUS_M + altitude_m)
    }

    /// The place below this point; the poles lie on longitude 0.
    #[must_use]
    pub fn position(self) -> Position {
        let latitude_deg = self.z.atan2(self.x.hypot(self.y)).to_degrees();
        let longitude_deg =
            if self.x == 0.0 && self.y == 0.0 { 0.0 } else { self.y.atan2(self.x).to_degrees() };
        Position::new(latitude_deg, longitude_deg).unwrap_or_else(origin)
    }

    /// Scalar product.
    #[must_use]
    pub fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    /// Vector product.
    #[must_use]
    pub fn cross(self, other: Self) -> Self {
        Self::new(
            self.y * other.z - self.z * other.y,
            self.z * other.x - self.x * other.z,
            self.x * other.y - self.y * other.x,
        )
    }

    /// Length.
    #[must_use]
    pub fn length(self) -> f64 {
        self.dot(self).sqrt()
    }

    /// The same direction with length one; the zero vector stays zero.
    #[must_use]
    pub fn unit(self) -> Self {
        let length = self.length();
        if length > 0.0 { self * (1.0 / length) } else { self }
    }

    /// Turned by an angle in radians around a unit axis (right-handed).
    #[must_use]
    pub fn rotated(self, axis: Self, radians: f64) -> Self {
        let (sin, cos) = radians.sin_cos();
        self * cos + axis.cross(self) * sin + axis * (axis.dot(self) * (1.0 - cos))
    }

    /// As two arrays of f32 whose sum is the vector to about a micrometre at the Earth's radius.
    #[must_use]
    pub fn split(self) -> ([f32; 3], [f32; 3]) {
        let high = [self.x as f32, self.y as f32, self.z as f32];
        let rest = |value: f64, high: f32| (value - f64::from(high)) as f32;
        (high, [rest(self.x, high[0]), rest(self.y, high[1]), rest(self.z, high[2])])
    }

    /// Rounded to f32.
    #[must_use]
    pub fn to_f32(self) -> [f32; 3] {
        [self.x as f32, self.y as f32, self.z as f32]
    }
}

impl Frame {
    /// East, north and up at a unit vector; at the poles east is that of longitude 0.
    #[must_use]
    pub fn at_up(up: Vec3) -> Self {
        let flat = up.x.hypot(up.y);
        let east =
            if flat > 1e-12 { Vec3::new(-up.y / flat, up.x / flat, 0.0) } else { Vec3::new(0.0, 1.0, 0.0) };
        Self { east, north: up.cross(east), up }
    }

    /// The horizontal unit vector of a heading in degrees.
    #[must_use]
    pub fn heading(&self, heading_deg: f64) -> Vec3 {
        let (sin, cos) = heading_deg.to_radians().sin_cos();
        self.east * sin + self.north * cos
    }

    /// Heading in degrees, in [0, 360), of the horizontal part of a direction.
    #[must_use]
    pub fn heading_of(&self, direction: Vec3) -> f64 {
        inflight_domain::math::wrap(
            direction.dot(self.east).atan2(direction.dot(self.north)).to_degrees(),
            360.0,
        )
    }
}

impl Add for Vec3 {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y, self.z + other.z)
    }
}

impl Sub for Vec3 {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y, self.z - other.z)
    }
}

impl Mul<f64> for Vec3 {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        Self::new(self.x * factor, self.y * factor, self.z * factor)
    }
}

impl Neg for Vec3 {
    type Output = Self;
    fn neg(self) -> Self {
        self * -1.0
    }
}

/// A place that is always there: the point 0 N 0 E.
#[must_use]
pub fn origin() -> Position {
    Position::from_e7(0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn position_round_trips(lat in -89.9..89.9_f64, lon in -179.9..179.9_f64, altitude_m in 0.0..1e7_f64) {
            let place = Position::new(lat, lon).unwrap();
            let back = Vec3::at(place, altitude_m).position();
            prop_assert!((back.latitude_deg() - lat).abs() < 1e-9 && (back.longitude_deg() - lon).abs() < 1e-9);
        }

        #[test]
        fn split_keeps_a_micrometre(x in -7e6..7e6_f64, y in -7e6..7e6_f64, z in -7e6..7e6_f64) {
            let (high, low) = Vec3::new(x, y, z).split();
            for (axis, value) in [x, y, z].into_iter().enumerate() {
                prop_assert!((f64::from(high[axis]) + f64::from(low[axis]) - value).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn frame_points_the_right_way() {
        let frame = Frame::at_up(Vec3::up_at(Position::new(0.0, 0.0).unwrap()));
        assert!((frame.east - Vec3::new(0.0, 1.0, 0.0)).length() < 1e-12);
        assert!((frame.north - Vec3::new(0.0, 0.0, 1.0)).length() < 1e-12);
        assert!((frame.heading_of(frame.heading(123.0)) - 123.0).abs() < 1e-9);
    }
}
