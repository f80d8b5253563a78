//! Transcendental functions that give the same bits natively and in wasm (libm), and rounding to integers.
//!
//! The standard library's `sin`, `atan2`, `exp` and their kin differ by one unit in the last place between
//! targets, which would make the state hash depend on the machine. Square root and the four operations are
//! exact everywhere and may be used directly.

pub use core::f64::consts::{PI, TAU};

/// Sine of an angle in radians.
#[must_use]
pub fn sin(radians: f64) -> f64 {
    libm::sin(radians)
}

/// Cosine of an angle in radians.
#[must_use]
pub fn cos(radians: f64) -> f64 {
    libm::cos(radians)
}

/// Arc sine in radians; the input is clamped to [-1, 1].
#[must_use]
pub fn asin(value: f64) -> f64 {
    libm::asin(value.clamp(-1.0, 1.0))
}

/// Angle of the point (x, y) in radians, in (-pi, pi].
#[must_use]
pub fn atan2(y: f64, x: f64) -> f64 {
    libm::atan2(y, x)
}

/// Square root, zero for negative input.
#[must_use]
pub fn sqrt(value: f64) -> f64 {
    libm::sqrt(value.max(0.0))
}

/// Length of the vector (x, y).
#[must_use]
pub fn hypot(x: f64, y: f64) -> f64 {
    libm::hypot(x, y)
}

/// e to the power of the value.
#[must_use]
pub fn exp(value: f64) -> f64 {
    libm::exp(value)
}

/// Natural logarithm.
#[must_use]
pub fn ln(value: f64) -> f64 {
    libm::log(value)
}

/// The value times `scale`, rounded half away from zero, saturating at the ends of `i64`.
#[must_use]
pub fn scaled(value: f64, scale: f64) -> i64 {
    let value = value * scale;
    // Faster than `libm::round`, and the same: what is cut off is exact.
    let whole = value as i64;
    let rest = value - whole as f64;
    if rest >= 0.5 {
        whole.saturating_add(1)
    } else if rest <= -0.5 {
        whole.saturating_sub(1)
    } else {
        whole
    }
}

/// Remainder in [0, modulus).
#[must_use]
pub fn wrap(value: f64, modulus: f64) -> f64 {
    // Nearly always: a remainder is dear, and this one is the value itself.
    if (0.0..modulus).contains(&value) {
        return value;
    }
    let rest = libm::fmod(value, modulus);
    let positive = if rest < 0.0 { rest + modulus } else { rest };
    if positive >= modulus { 0.0 } else { positive }
}

/// Smallest signed turn from one direction to another, in degrees, in [-180, 180).
#[must_use]
pub fn turn_deg(from_deg: f64, to_deg: f64) -> f64 {
    wrap(to_deg - from_deg + 180.0, 360.0) - 180.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rounds_as_libm_does(value in prop_oneof![-1e7..1e7_f64, any::<f64>(), (-9_999_i32..9_999).prop_map(|half| f64::from(half) / 2.0)]) {
            prop_assert_eq!(scaled(value, 1.0), libm::round(value) as i64);
        }

        #[test]
        fn wraps_as_a_remainder_does(value in -1e4..1e4_f64) {
            let rest = libm::fmod(value, 360.0);
            let expected = if rest < 0.0 { rest + 360.0 } else { rest };
            prop_assert_eq!(wrap(value, 360.0), if expected >= 360.0 { 0.0 } else { expected });
        }
    }

    #[test]
    fn wraps_into_range() {
        for (value, expected) in [(370.0, 10.0), (-10.0, 350.0), (360.0, 0.0), (0.0, 0.0), (-720.0, 0.0)] {
            assert_eq!(wrap(value, 360.0), expected, "wrap({value})");
        }
    }

    #[test]
    fn turns_the_short_way() {
        for (from, to, expected) in [(350.0, 10.0, 20.0), (10.0, 350.0, -20.0), (0.0, 180.0, -180.0)] {
            assert_eq!(turn_deg(from, to), expected, "turn_deg({from}, {to})");
        }
    }
}
