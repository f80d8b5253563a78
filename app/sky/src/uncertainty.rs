//! How far from its drawn place an aircraft may be: an ellipse that 95 of 100 stay within, growing with age.
//!
//! Fitted to the errors of [`crate::motion::predict`] on two recordings (mid-Atlantic 2023 with its truth, Paris
//! 2021), from 5 s to 300 s ahead; `tests/uncertainty.rs` holds it to them. Aircraft turn, brake and climb at
//! about constant accelerations, so the errors grow with the square of the time while the reckoning goes on.
//! Then it stands still, and the error grows as fast as the aircraft may go.

use crate::motion::HOLD_AFTER_MS;
use inflight_domain::{Aircraft, MotionState, UnixMillis};

/// Half axes of the ellipse in metres, along the track and across it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uncertainty {
    /// Half axis along the track.
    pub along_m: f64,
    /// Half axis across the track.
    pub across_m: f64,
}

/// Rounding of the stamp in seconds: what it stands for may be so much earlier or later.
const STAMP_S: f64 = 0.5;

/// Rounding of latitude and longitude, and the fix itself.
const FIX_M: f64 = 20.0;

/// Turn rate in thousandths of a degree per second from which an aircraft counts as turning.
const TURNING_FROM_MDPS: i32 = 500;

/// Speed in centimetres per second below which an aircraft on the ground stands.
const STANDS_BELOW_CMPS: i32 = 200;

/// Beyond the reckoning the curve goes on as a line, steeper than its tangent by this.
const BEYOND: f64 = 1.5;

/// Where the aircraft may be at `at`, around the place that [`crate::motion::predict`] tells.
#[must_use]
pub fn uncertainty(aircraft: &Aircraft, motion: &MotionState, at: UnixMillis) -> Uncertainty {
    let age_s = at.since(motion.at).max(0) as f64 / 1000.0;
    let reckoned_s = age_s.min(HOLD_AFTER_MS as f64 / 1000.0);
    let held_s = age_s - reckoned_s;
    let speed_mps = f64::from(motion.speed_cmps) / 100.0;
    let (along_mps2, across_mps2) = accelerations_mps2(aircraft, motion);
    let grown = |mps2: f64| mps2 * reckoned_s * (reckoned_s / 2.0 + BEYOND * held_s);
    Uncertainty {
        along_m: FIX_M + STAMP_S * speed_mps + grown(along_mps2) + speed_mps * held_s,
        across_m: FIX_M + grown(across_mps2),
    }
}

/// Radius in metres of the circle around the ellipse.
#[must_use]
pub fn uncertainty_m(aircraft: &Aircraft, motion: &MotionState, at: UnixMillis) -> f64 {
    let Uncertainty { along_m, across_m } = uncertainty(aircraft, motion, at);
    along_m.max(across_m)
}

/// Along and across the track: what the model did not foresee, of 95 in 100 aircraft.
fn accelerations_mps2(aircraft: &Aircraft, motion: &MotionState) -> (f64, f64) {
    if aircraft.on_ground() {
        let stands = motion.speed_cmps < STANDS_BELOW_CMPS;
        return if stands { (0.25, 0.25) } else { (1.6, 1.6) };
    }
    if motion.turn_rate_mdps.abs() >= TURNING_FROM_MDPS { (1.4, 2.9) } else { (0.8, 1.5) }
}
