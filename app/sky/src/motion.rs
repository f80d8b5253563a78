//! How an aircraft moves between observations: one model for the engine, the mirror and the picture.

use inflight_domain::{Aircraft, MotionState, Position, UnixMillis};

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

/// The state after an observation; `previous` is the state before it and the row that it came from.
#[must_use]
pub fn advance(previous: Option<(&MotionState, &Aircraft)>, aircraft: &Aircraft) -> MotionState {
    let _ = (previous, aircraft);
    MotionState::default()
}

/// Where the state leads.
#[must_use]
pub fn predict(state: &MotionState, at: UnixMillis) -> Predicted {
    let _ = at;
    Predicted { position: state.position(), altitude_m: 0.0, track_deg: 0.0, speed_mps: 0.0 }
}
