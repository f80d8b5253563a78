//! How an aircraft moves between observations: one model for the engine, the mirror and the picture.
//!
//! Constant turn rate and acceleration, taken from the last two observations, lead on from a filtered base.
//! OpenSky rounds times to whole seconds, so most of what a new observation seems to correct along the track is
//! rounding: only part of it is believed. Across the track it is believed whole. Every step ends in scaled
//! integers, so that whoever starts from the same state and row goes on bit for bit the same.

use inflight_domain::geo::EARTH_RADIUS_M;
use inflight_domain::math::{atan2, cos, hypot, scaled, sin, turn_deg, wrap};
use inflight_domain::{Aircraft, MotionState, Position, UnixMillis};

/// Time in milliseconds after which the reckoning stands still: nothing is known of the aircraft any more.
pub const HOLD_AFTER_MS: i64 = 60_000;

/// Share of an along-track correction that is believed once the filter has settled.
const ALONG_GAIN: f64 = 0.3;

/// An observation that is this much later starts the filter anew.
const GAP_S: f64 = 30.0;

/// Along-track corrections of more than this many seconds of flight, plus [`ALONG_SLACK_M`], start it anew.
const ALONG_LIMIT_S: f64 = 1.2;
const ALONG_SLACK_M: f64 = 30.0;

/// Corrections across the track of more than this start it anew.
const ACROSS_LIMIT_M: f64 = 150.0;

/// Two observations tell turn rate and acceleration if they lie this far apart; nearer ones tell a part.
const RATE_FROM_S: f64 = 2.0;
const RATE_TO_S: f64 = 25.0;

const TURN_DEADBAND_DPS: f64 = 0.15;
const TURN_LIMIT_DPS: f64 = 3.5;
const ACCELERATION_DEADBAND_MPS2: f64 = 0.15;
const ACCELERATION_LIMIT_MPS2: f64 = 2.0;

/// For how long a turn and an acceleration are held to go on.
const TURN_LASTS_S: f64 = 30.0;
const ACCELERATION_LASTS_S: f64 = 15.0;

/// On the ground, a reported speed that differs by more than this from the travelled one is not believed.
const GROUND_SPEED_SLACK_MPS: f64 = 2.0;

/// Above this latitude the plane tangent to the Earth is left for great circles.
const FLAT_BELOW_DEG: f64 = 70.0;

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
///
/// An observation whose position is not newer leaves the state as it is.
#[must_use]
pub fn advance(previous: Option<(&MotionState, &Aircraft)>, aircraft: &Aircraft) -> MotionState {
    let at = aircraft.position_time();
    let Some((state, before)) = previous else { return started(None, aircraft) };
    let elapsed_s = at.since(state.at) as f64 / 1000.0;
    if elapsed_s <= 0.0 {
        return *state;
    }
    let step = Step::new(state, before, aircraft, elapsed_s);
    if elapsed_s > GAP_S {
        return started(Some(&step), aircraft);
    }
    let (along_m, across_m) = step.innovation();
    let resets =
        along_m.abs() > ALONG_LIMIT_S * step.speed_mps + ALONG_SLACK_M || across_m.abs() > ACROSS_LIMIT_M;
    if resets {
        return started(Some(&step), aircraft);
    }
    let samples = state.samples.saturating_add(1);
    // On the ground the speed is the doubtful part, not the stamp.
    let gain = if aircraft.on_ground() { 1.0 } else { ALONG_GAIN.max(1.0 / f64::from(samples)) };
    let held_back = Offset::polar(step.track_deg, -(1.0 - gain) * along_m);
    quantised(at, moved(aircraft.position(), held_back), &step, step.rates(), samples)
}

/// Where the state leads. Before its own time, and [`HOLD_AFTER_MS`] after it, it stands still.
#[must_use]
pub fn predict(state: &MotionState, at: UnixMillis) -> Predicted {
    let seconds = at.since(state.at).clamp(0, HOLD_AFTER_MS) as f64 / 1000.0;
    let turn_dps = f64::from(state.turn_rate_mdps) / 1000.0;
    let track_deg = f64::from(state.track_cdeg) / 100.0;
    let turning_s = seconds.min(TURN_LASTS_S);
    let arc_m = travelled_m(state, turning_s);
    let turned_deg = turn_dps * turning_s;
    let half_rad = (turned_deg / 2.0).to_radians();
    let chord = if half_rad.abs() < 1e-6 { 1.0 } else { sin(half_rad) / half_rad };
    let mut offset = Offset::polar(track_deg + turned_deg / 2.0, arc_m * chord);
    if seconds > turning_s {
        offset = offset.plus(Offset::polar(track_deg + turned_deg, travelled_m(state, seconds) - arc_m));
    }
    Predicted {
        position: moved(state.position(), offset),
        altitude_m: (f64::from(state.altitude_cm) + f64::from(state.vertical_rate_cmps) * seconds) / 100.0,
        track_deg: wrap(track_deg + turned_deg, 360.0),
        speed_mps: speed_after(state, seconds),
    }
}

/// A way east and north in metres.
#[derive(Clone, Copy)]
struct Offset {
    east_m: f64,
    north_m: f64,
}

impl Offset {
    fn polar(bearing_deg: f64, distance_m: f64) -> Self {
        let bearing = bearing_deg.to_radians();
        Self { east_m: sin(bearing) * distance_m, north_m: cos(bearing) * distance_m }
    }

    fn between(from: Position, to: Position) -> Self {
        let middle = f64::midpoint(from.latitude_deg(), to.latitude_deg()).to_radians();
        let east_deg = turn_deg(from.longitude_deg(), to.longitude_deg());
        Self {
            east_m: east_deg.to_radians() * cos(middle) * EARTH_RADIUS_M,
            north_m: (to.latitude_deg() - from.latitude_deg()).to_radians() * EARTH_RADIUS_M,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self { east_m: self.east_m + other.east_m, north_m: self.north_m + other.north_m }
    }

    fn length_m(self) -> f64 {
        hypot(self.east_m, self.north_m)
    }

    fn bearing_deg(self) -> f64 {
        wrap(atan2(self.east_m, self.north_m).to_degrees(), 360.0)
    }
}

/// One observation seen from the state before it.
struct Step<'a> {
    state: &'a MotionState,
    aircraft: &'a Aircraft,
    elapsed_s: f64,
    predicted: Predicted,
    speed_mps: f64,
    track_deg: f64,
}

impl<'a> Step<'a> {
    fn new(state: &'a MotionState, before: &Aircraft, aircraft: &'a Aircraft, elapsed_s: f64) -> Self {
        let predicted = predict(state, aircraft.position_time());
        let mut step = Self {
            state,
            aircraft,
            elapsed_s,
            predicted,
            speed_mps: aircraft.speed_mps().unwrap_or(predicted.speed_mps),
            track_deg: aircraft.track_deg().unwrap_or(predicted.track_deg),
        };
        let untold = aircraft.speed_mps().is_none() || aircraft.track_deg().is_none();
        if untold || aircraft.on_ground() {
            step.travelled(before);
        }
        step
    }

    /// Takes speed and track from the way travelled where they are not told, or told wrong on the ground.
    fn travelled(&mut self, before: &Aircraft) {
        let between_s = self.aircraft.position_time().since(before.position_time()) as f64 / 1000.0;
        if !(RATE_FROM_S..=GAP_S).contains(&between_s) {
            return;
        }
        let way = Offset::between(before.position(), self.aircraft.position());
        let (way_m, travelled_mps) = (way.length_m(), way.length_m() / between_s);
        let untold = self.aircraft.speed_mps().is_none();
        if untold || (self.speed_mps - travelled_mps).abs() > GROUND_SPEED_SLACK_MPS {
            self.speed_mps = travelled_mps;
        }
        if self.aircraft.track_deg().is_none() && way_m > 0.0 {
            self.track_deg = way.bearing_deg();
        }
    }

    /// How far the observation lies ahead of the prediction, and to the right of it, in metres.
    fn innovation(&self) -> (f64, f64) {
        let off = Offset::between(self.predicted.position, self.aircraft.position());
        let ahead = Offset::polar(self.track_deg, 1.0);
        (
            off.east_m * ahead.east_m + off.north_m * ahead.north_m,
            off.east_m * ahead.north_m - off.north_m * ahead.east_m,
        )
    }

    /// Turn rate in degrees per second and acceleration in metres per second squared.
    fn rates(&self) -> (f64, f64) {
        if self.elapsed_s > RATE_TO_S {
            return (0.0, 0.0);
        }
        let share = (self.elapsed_s / RATE_FROM_S).min(1.0);
        let blend = |before: f64, now: f64| before + (now - before) * share;
        let turned_deg = turn_deg(f64::from(self.state.track_cdeg) / 100.0, self.track_deg);
        let gained_mps = self.speed_mps - f64::from(self.state.speed_cmps) / 100.0;
        let turn_dps = blend(f64::from(self.state.turn_rate_mdps) / 1000.0, turned_deg / self.elapsed_s);
        let mps2 = blend(f64::from(self.state.acceleration_mmps2) / 1000.0, gained_mps / self.elapsed_s);
        (
            banded(turn_dps, TURN_DEADBAND_DPS, TURN_LIMIT_DPS),
            banded(mps2, ACCELERATION_DEADBAND_MPS2, ACCELERATION_LIMIT_MPS2),
        )
    }
}

/// A state that trusts the observation for its place; how it moves may still be known from before.
fn started(step: Option<&Step<'_>>, aircraft: &Aircraft) -> MotionState {
    let fresh;
    let step = match step {
        Some(step) => step,
        None => {
            fresh = MotionState { at: aircraft.position_time(), ..MotionState::default() };
            &Step::new(&fresh, aircraft, aircraft, 0.0)
        }
    };
    let rates = if step.elapsed_s > 0.0 { step.rates() } else { (0.0, 0.0) };
    quantised(aircraft.position_time(), aircraft.position(), step, rates, 1)
}

fn quantised(
    at: UnixMillis,
    position: Position,
    step: &Step<'_>,
    (turn_dps, acceleration_mps2): (f64, f64),
    samples: u8,
) -> MotionState {
    let (latitude_e7, longitude_e7) = position.to_e7();
    let aircraft = step.aircraft;
    let altitude_m = aircraft.altitude_m().or(aircraft.geo_altitude_m());
    let unknown_altitude_m = if aircraft.on_ground() { 0.0 } else { step.predicted.altitude_m };
    let integer = |value: f64, scale: f64| scaled(value, scale) as i32;
    MotionState {
        at,
        latitude_e7,
        longitude_e7,
        altitude_cm: integer(altitude_m.unwrap_or(unknown_altitude_m), 100.0),
        speed_cmps: integer(step.speed_mps, 100.0),
        track_cdeg: integer(step.track_deg, 100.0) % 36_000,
        vertical_rate_cmps: integer(aircraft.vertical_rate_mps().unwrap_or(0.0), 100.0),
        turn_rate_mdps: integer(turn_dps, 1000.0),
        acceleration_mmps2: integer(acceleration_mps2, 1000.0),
        samples,
    }
}

/// Nothing within the dead band, and never more than the limit.
fn banded(value: f64, deadband: f64, limit: f64) -> f64 {
    if value.abs() < deadband { 0.0 } else { value.clamp(-limit, limit) }
}

/// How long the acceleration goes on within `seconds`: it ends, and braking ends when the aircraft stands.
fn accelerating_s(state: &MotionState, seconds: f64) -> f64 {
    let (speed_mps, mps2) =
        (f64::from(state.speed_cmps) / 100.0, f64::from(state.acceleration_mmps2) / 1000.0);
    let stands_after_s = if mps2 < 0.0 { speed_mps / -mps2 } else { seconds };
    seconds.min(ACCELERATION_LASTS_S).min(stands_after_s)
}

fn speed_after(state: &MotionState, seconds: f64) -> f64 {
    let gained = f64::from(state.acceleration_mmps2) / 1000.0 * accelerating_s(state, seconds);
    (f64::from(state.speed_cmps) / 100.0 + gained).max(0.0)
}

fn travelled_m(state: &MotionState, seconds: f64) -> f64 {
    let during_s = accelerating_s(state, seconds);
    let (before_mps, after_mps) = (f64::from(state.speed_cmps) / 100.0, speed_after(state, seconds));
    f64::midpoint(before_mps, after_mps) * during_s + after_mps * (seconds - during_s)
}

/// The place that lies this way off. Over the few kilometres of a reckoning the tangent plane is exact enough.
fn moved(from: Position, way: Offset) -> Position {
    if from.latitude_deg().abs() > FLAT_BELOW_DEG {
        return from.destination(way.bearing_deg(), way.length_m());
    }
    let north_deg = (way.north_m / EARTH_RADIUS_M).to_degrees();
    let middle = (from.latitude_deg() + north_deg / 2.0).to_radians();
    let east_deg = (way.east_m / (EARTH_RADIUS_M * cos(middle))).to_degrees();
    let longitude = wrap(from.longitude_deg() + east_deg + 180.0, 360.0) - 180.0;
    Position::new(from.latitude_deg() + north_deg, longitude).unwrap_or(from)
}
