//! Where an aircraft is drawn at a moment: the same formulas as the vertex shader, in f64.

use crate::scene::AircraftInstance;
use crate::vector::{Frame, Vec3};
use inflight_domain::Position;
use inflight_domain::geo::EARTH_RADIUS_M;
use inflight_domain::motion::{ACCELERATION_LASTS_S, HOLD_AFTER_S, TURN_LASTS_S};

/// An aircraft is led on for at most this long after its base state, then it stands.
pub const HORIZON_S: f64 = HOLD_AFTER_S;

/// A base state that is ahead of the stream is led back for at most this long.
pub const LEAD_BACK_S: f64 = 15.0;

/// How long a correction takes to decay that is less than half a second of flight; the usual larger ones take up
/// to two seconds, rare ones up to [`EASE_LONGEST_S`].
pub const EASE_S: f64 = 1.0;

/// Longest decay of a correction. It grows with the correction, so that easing never moves an aircraft backwards.
pub const EASE_LONGEST_S: f64 = 10.0;

/// A correction longer than this is not eased.
pub const EASE_LIMIT_M: f64 = 20_000.0;

/// Below this speed a correction decays as if the aircraft had it.
pub const EASE_SLOWEST_MPS: f64 = 20.0;

/// The two clocks at a frame, both in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Now {
    /// Time in the stream; it moves aircraft. In a replay it may run faster or stand still.
    pub stream_ms: f64,
    /// Time on the wall; corrections decay by it.
    pub wall_ms: f64,
}

/// Where an aircraft is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    /// The place below it.
    pub position: Position,
    /// Altitude in metres.
    pub altitude_m: f64,
    /// Direction of motion, clockwise from north, in [0, 360).
    pub track_deg: f64,
}

/// Where an aircraft is drawn, in the Earth-fixed frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DrawnPoint {
    /// Position in metres.
    pub point: Vec3,
    /// Unit vector along the track.
    pub forward: Vec3,
    /// Altitude in metres.
    pub altitude_m: f64,
}

/// Where an aircraft is drawn: turn rate and acceleration from its base state while they last, plus what is left
/// of its correction.
#[must_use]
pub fn drawn(instance: &AircraftInstance, now: Now) -> Drawn {
    let DrawnPoint { point, forward, altitude_m } = drawn_point(instance, now);
    let track_deg = Frame::at_up(point.unit()).heading_of(forward);
    Drawn { position: point.position(), altitude_m, track_deg }
}

/// As [`drawn`], but without the way back to latitude and longitude.
#[must_use]
pub fn drawn_point(instance: &AircraftInstance, now: Now) -> DrawnPoint {
    let frame = Frame::at_up(Vec3::up_at(instance.position));
    let ahead_s = lead_s(instance, now);
    let turning_s = ahead_s.clamp(-TURN_LASTS_S, TURN_LASTS_S);
    let turn_rad = (instance.turn_rate_dps * turning_s).to_radians();
    let track_rad = instance.track_deg.to_radians();
    let half = turn_rad / 2.0;
    let arc_m = distance_m(instance, turning_s);
    let (chord_m, straight_m) = (arc_m * sinc(half), distance_m(instance, ahead_s) - arc_m);
    let (sin_chord, cos_chord) = (track_rad + half).sin_cos();
    let (sin_track, cos_track) = (track_rad + turn_rad).sin_cos();
    let left = ease_left(instance, now.wall_ms);
    let step = frame.east * (chord_m * sin_chord + straight_m * sin_track + left * instance.ease_east_m)
        + frame.north * (chord_m * cos_chord + straight_m * cos_track + left * instance.ease_north_m);
    let climb_m = instance.vertical_rate_mps * ahead_s + left * instance.ease_up_m;
    let altitude_m = instance.altitude_m + if instance.on_ground { 0.0 } else { climb_m };
    let angle = step.length() / EARTH_RADIUS_M;
    let up = frame.up * angle.cos() + step * (sinc(angle) / EARTH_RADIUS_M);
    let heading = frame.east * sin_track + frame.north * cos_track;
    // Carried along the great circle without turning.
    let forward = heading - (frame.up + up) * (heading.dot(up) / (1.0 + frame.up.dot(up)));
    DrawnPoint { point: up * (EARTH_RADIUS_M + altitude_m), forward, altitude_m }
}

/// Sets the correction of `next` so that it is drawn where `previous` is drawn now.
pub(crate) fn ease_from_to(previous: &AircraftInstance, next: &mut AircraftInstance, now: Now) {
    (next.ease_east_m, next.ease_north_m, next.ease_up_m) = (0.0, 0.0, 0.0);
    next.ease_from_ms = now.wall_ms;
    let (old, new) = (drawn_point(previous, now), drawn_point(next, now));
    let frame = Frame::at_up(Vec3::up_at(next.position));
    // At ground level, because the correction is applied there.
    let gap = (old.point.unit() - new.point.unit()) * EARTH_RADIUS_M;
    if gap.length() > EASE_LIMIT_M {
        return;
    }
    next.ease_east_m = gap.dot(frame.east);
    next.ease_north_m = gap.dot(frame.north);
    next.ease_up_m = if next.on_ground { 0.0 } else { old.altitude_m - new.altitude_m };
}

/// How far the base state is led on or back, in seconds.
fn lead_s(instance: &AircraftInstance, now: Now) -> f64 {
    ((now.stream_ms - instance.at_ms) / 1000.0).clamp(-LEAD_BACK_S, HORIZON_S)
}

/// Distance along the track; an acceleration ends, and a braking aircraft stops rather than turns round.
fn distance_m(instance: &AircraftInstance, seconds: f64) -> f64 {
    let (speed_mps, mps2) = (instance.speed_mps, instance.acceleration_mps2);
    let mut during_s = seconds.clamp(-ACCELERATION_LASTS_S, ACCELERATION_LASTS_S);
    if mps2 * during_s < 0.0 {
        let stop_s = speed_mps / mps2.abs();
        during_s = during_s.clamp(-stop_s, stop_s);
    }
    let gained_mps = mps2 * during_s;
    (speed_mps + gained_mps / 2.0) * during_s + (speed_mps + gained_mps) * (seconds - during_s)
}

/// The part of the correction that is left, from 1 to 0, without a kink at either end.
fn ease_left(instance: &AircraftInstance, wall_ms: f64) -> f64 {
    let length_m = instance.ease_east_m.hypot(instance.ease_north_m);
    let lasts_s = (2.0 * length_m / instance.speed_mps.max(EASE_SLOWEST_MPS)).clamp(EASE_S, EASE_LONGEST_S);
    let done = ((wall_ms - instance.ease_from_ms) / 1000.0 / lasts_s).clamp(0.0, 1.0);
    1.0 - done * done * (3.0 - 2.0 * done)
}

fn sinc(angle: f64) -> f64 {
    if angle.abs() < 1e-4 { 1.0 - angle * angle / 6.0 } else { angle.sin() / angle }
}

#[cfg(test)]
mod tests;
