//! How an aircraft moves between observations: one model for the engine, the mirror and the picture.
//!
//! Constant turn rate and acceleration lead on from a filtered base; [`advance`] says how they are found. Every
//! step ends in scaled integers, so that whoever starts from the same state and row goes on bit for bit the same.
//! The globe draws by the same formulas; a test of the screen holds it to [`predict`].
//! `inflight bench motion` measures it, ARCHITECTURE.md tells what was found.

mod observed;
mod plane;
mod turning;

pub use observed::advance;

use inflight_domain::math::wrap;
use inflight_domain::motion::{ACCELERATION_LASTS_S, HOLD_AFTER_S, TURN_LASTS_S};
use inflight_domain::{MotionState, Position, UnixMillis};
use plane::{Offset, arc, moved};

/// Time in milliseconds after which the reckoning stands still: nothing is known of the aircraft any more.
pub const HOLD_AFTER_MS: i64 = (HOLD_AFTER_S * 1000.0) as i64;

/// Where an aircraft is held to be at some moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Predicted {
    /// Position.
    pub position: Position,
    /// Altitude in metres.
    pub altitude_m: f64,
    /// Track in degrees, in [0, 360).
    pub track_deg: f64,
    /// Speed over ground in metres per second.
    pub speed_mps: f64,
}

/// Where the state leads. Before its own time, and [`HOLD_AFTER_MS`] after it, it stands still.
#[must_use]
pub fn predict(state: &MotionState, at: UnixMillis) -> Predicted {
    let seconds = at.since(state.at).clamp(0, HOLD_AFTER_MS) as f64 / 1000.0;
    let track_deg = track_deg(state);
    let turning_s = seconds.min(TURN_LASTS_S);
    let arc_m = travelled_m(state, turning_s);
    let turned_deg = turn_dps(state) * turning_s;
    let mut way = arc(track_deg, turned_deg, arc_m);
    if seconds > turning_s {
        way = way.plus(Offset::polar(track_deg + turned_deg, travelled_m(state, seconds) - arc_m));
    }
    Predicted {
        position: moved(state.position(), way),
        altitude_m: altitude_after_m(state, seconds),
        track_deg: track_after_deg(state, seconds),
        speed_mps: speed_after(state, seconds),
    }
}

fn speed_mps(state: &MotionState) -> f64 {
    f64::from(state.speed_cmps) / 100.0
}

fn track_deg(state: &MotionState) -> f64 {
    f64::from(state.track_cdeg) / 100.0
}

fn turn_dps(state: &MotionState) -> f64 {
    f64::from(state.turn_rate_mdps) / 1000.0
}

fn acceleration_mps2(state: &MotionState) -> f64 {
    f64::from(state.acceleration_mmps2) / 1000.0
}

fn altitude_after_m(state: &MotionState, seconds: f64) -> f64 {
    (f64::from(state.altitude_cm) + f64::from(state.vertical_rate_cmps) * seconds) / 100.0
}

fn track_after_deg(state: &MotionState, seconds: f64) -> f64 {
    wrap(track_deg(state) + turn_dps(state) * seconds.min(TURN_LASTS_S), 360.0)
}

/// How long the acceleration goes on within `seconds`: it ends, and braking ends when the aircraft stands.
fn accelerating_s(state: &MotionState, seconds: f64) -> f64 {
    let mps2 = acceleration_mps2(state);
    let stands_after_s = if mps2 < 0.0 { speed_mps(state) / -mps2 } else { seconds };
    seconds.min(ACCELERATION_LASTS_S).min(stands_after_s)
}

fn speed_after(state: &MotionState, seconds: f64) -> f64 {
    (speed_mps(state) + acceleration_mps2(state) * accelerating_s(state, seconds)).max(0.0)
}

fn travelled_m(state: &MotionState, seconds: f64) -> f64 {
    let during_s = accelerating_s(state, seconds);
    let after_mps = speed_after(state, seconds);
    f64::midpoint(speed_mps(state), after_mps) * during_s + after_mps * (seconds - during_s)
}
