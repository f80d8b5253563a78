//! What a new observation does to the state: what of it is believed, and how fast the aircraft moves now.
//!
//! Sources round the time of a position to whole seconds, so most of what a new fix seems to correct along the
//! track is rounding: it is weighed against what the model may be wrong by. Across the track it is believed
//! whole. Speed and track come in messages of their own and are about half a second older than the position.

use crate::motion::plane::{Offset, arc, drawn_velocity, moved};
use crate::motion::turning::{TURN_TOLD_FROM_DEG, Turned};
use crate::motion::{acceleration_mps2, altitude_after_m, speed_mps, track_after_deg, track_deg, turn_dps};
use inflight_domain::math::{scaled, turn_deg};
use inflight_domain::motion::ACCELERATION_LASTS_S;
use inflight_domain::{Aircraft, MotionState, Position};

/// An observation that is this much later starts the filter anew.
const GAP_S: f64 = 75.0;

/// Corrections of more than this many seconds of flight, plus the slack, start it anew; so do those across it.
const ALONG_LIMIT_S: f64 = 1.6;
const ALONG_SLACK_M: f64 = 15.0;
const ACROSS_LIMIT_M: f64 = 300.0;

/// Standard deviation of a fix along the track: a stamp that is anywhere within its second (or tenth of one, from
/// sources that tell it), and the fix itself.
const WHOLE_STAMP_S: f64 = 0.29;
const FINE_STAMP_S: f64 = 0.03;
const FIX_M: f64 = 4.0;

/// What the way that is reckoned between two fixes may be wrong by: metres per second, share of the speed gained
/// or lost meanwhile, share of the way bent aside.
const DRIFT_MPS: f64 = 0.4;
const GAINED_SHARE: f64 = 0.2;
const BENT_SHARE: f64 = 0.06;

/// How much older than the position the speed and the track are, in seconds.
const VELOCITY_AGE_S: f64 = 0.5;

/// Two observations tell speed, track or rates if they lie this far apart.
const RATE_FROM_S: f64 = 2.0;
const RATE_TO_S: f64 = 25.0;
const TRAVELLED_TO_S: f64 = 40.0;

/// Rates seen over a shorter time are rounding for a part: the rate before is kept for that part.
const SETTLED_S: f64 = 4.0;

/// Ways that are shorter do not tell a track; for the shape of a turn they must be longer.
const WAY_FROM_M: f64 = 15.0;
const TURN_FROM_M: f64 = 200.0;
const TURN_FROM_S: f64 = 5.0;

const TURN_DEADBAND_DPS: f64 = 0.1;
const TURN_LIMIT_DPS: f64 = 3.5;
const ACCELERATION_DEADBAND_MPS2: f64 = 0.05;
const ACCELERATION_LIMIT_MPS2: f64 = 2.5;

/// A repeated speed is not believed if the way travelled disagrees by more: on the ground by this much, in flight
/// by what stamps that are so many seconds off cannot explain.
const GROUND_SPEED_SLACK_MPS: f64 = 3.0;
const FLIGHT_SPEED_SLACK_S: f64 = 2.0;

/// Of a change of travelled speed this part goes on; the speed has changed so long since the way's middle.
const TRAVELLED_CHANGE: f64 = 0.8;
const TRAVELLED_LEAD: f64 = 0.2;

/// An aircraft that has just landed brakes at least so hard above taxi speed; one that takes off gathers pace.
const LANDING_BRAKE_MPS2: f64 = 1.3;
const LANDING_FROM_MPS: f64 = 35.0;
const TAXI_MPS: f64 = 8.0;
const TAXI_BRAKE_MPS2: f64 = 0.4;
const TAKEOFF_GAIN: f64 = 1.3;
const TAKEOFF_FROM_MPS: f64 = 15.0;

/// Half of what an altitude is off from the foreseen is rounding to 25 ft, if it is no more than that.
const ALTITUDE_ROUNDING_M: f64 = 8.0;
/// A fifth of the last change of the vertical rate goes on, up to this much of it.
const CLIMB_CHANGE_SHARE: f64 = 0.2;
const CLIMB_CHANGE_MPS: f64 = 8.0;

/// [`MotionState::samples`] counts tenths of an observation.
const WEIGHT: f64 = 10.0;

/// The state after an observation; `previous` is the state before it and the row that it came from.
///
/// An observation whose position is not newer leaves the state as it is.
#[must_use]
pub fn advance(previous: Option<(&MotionState, &Aircraft)>, aircraft: &Aircraft) -> MotionState {
    let at = aircraft.position_time();
    let Some((state, before)) = previous else { return first(aircraft) };
    let elapsed_s = at.since(state.at) as f64 / 1000.0;
    if elapsed_s <= 0.0 {
        return *state;
    }
    let step = Step::new(state, before, aircraft, elapsed_s);
    let (position, weight) = step.place();
    let speed_mps = if aircraft.on_ground() {
        step.velocity.speed_mps
    } else {
        step.velocity.speed_mps + step.acceleration_mps2 * VELOCITY_AGE_S
    };
    let turn_dps = step.turn_dps;
    let lead_deg = if aircraft.on_ground() { 0.0 } else { turn_dps * VELOCITY_AGE_S };
    let (altitude_m, vertical_rate_mps) = step.height();
    let scale = |value: f64, scale: f64| scaled(value, scale) as i32;
    let (latitude_e7, longitude_e7) = position.to_e7();
    MotionState {
        at,
        latitude_e7,
        longitude_e7,
        altitude_cm: scale(altitude_m, 100.0),
        speed_cmps: scale(speed_mps.max(0.0), 100.0),
        track_cdeg: (scale(step.velocity.track_deg + lead_deg, 100.0)).rem_euclid(36_000),
        vertical_rate_cmps: scale(vertical_rate_mps, 100.0),
        turn_rate_mdps: scale(turn_dps, 1000.0),
        acceleration_mmps2: scale(step.acceleration_mps2, 1000.0),
        samples: scale(weight, WEIGHT).clamp(1, 255) as u8,
    }
}

/// A state of which nothing is known but one observation.
fn first(aircraft: &Aircraft) -> MotionState {
    let (latitude_e7, longitude_e7) = aircraft.position().to_e7();
    let altitude_m = altitude_m(aircraft).unwrap_or(0.0);
    let told = (aircraft.speed_mps().unwrap_or(0.0), aircraft.track_deg().unwrap_or(0.0));
    let (speed_mps, track_deg) = drawn_velocity(aircraft.position(), altitude_m, told.0, told.1);
    let scale = |value: f64, scale: f64| scaled(value, scale) as i32;
    MotionState {
        at: aircraft.position_time(),
        latitude_e7,
        longitude_e7,
        altitude_cm: scale(altitude_m, 100.0),
        speed_cmps: scale(speed_mps, 100.0),
        track_cdeg: scale(track_deg, 100.0).rem_euclid(36_000),
        vertical_rate_cmps: if aircraft.on_ground() {
            0
        } else {
            scale(aircraft.vertical_rate_mps().unwrap_or(0.0), 100.0)
        },
        samples: WEIGHT as u8,
        ..MotionState::default()
    }
}

#[derive(Clone, Copy)]
struct Velocity {
    speed_mps: f64,
    track_deg: f64,
}

/// The way between two fixes.
#[derive(Clone, Copy)]
struct Travelled {
    way: Offset,
    way_m: f64,
    during_s: f64,
}

/// One observation seen from the state before it.
struct Step<'a> {
    state: &'a MotionState,
    before: &'a Aircraft,
    aircraft: &'a Aircraft,
    elapsed_s: f64,
    foreseen_altitude_m: f64,
    /// As the sources told it at the state's time.
    old: Velocity,
    velocity: Velocity,
    turn_dps: f64,
    acceleration_mps2: f64,
}

impl<'a> Step<'a> {
    fn new(state: &'a MotionState, before: &'a Aircraft, aircraft: &'a Aircraft, elapsed_s: f64) -> Self {
        let foreseen_altitude_m = altitude_after_m(state, elapsed_s);
        let age_s = if before.on_ground() { 0.0 } else { VELOCITY_AGE_S };
        let old = Velocity {
            speed_mps: (speed_mps(state) - acceleration_mps2(state) * age_s).max(0.0),
            track_deg: track_deg(state) - turn_dps(state) * age_s,
        };
        let way = Offset::between(before.position(), aircraft.position());
        let during_s = aircraft.position_time().since(before.position_time()) as f64 / 1000.0;
        let travelled = Travelled { way, way_m: way.length_m(), during_s };
        let told = (
            aircraft.speed_mps().unwrap_or(old.speed_mps),
            aircraft.track_deg().unwrap_or_else(|| track_after_deg(state, elapsed_s)),
        );
        let height_m = altitude_m(aircraft).unwrap_or(foreseen_altitude_m);
        let (speed_mps, track_deg) = drawn_velocity(aircraft.position(), height_m, told.0, told.1);
        let velocity = Velocity { speed_mps, track_deg };
        let mut step = Self {
            state,
            before,
            aircraft,
            elapsed_s,
            foreseen_altitude_m,
            old,
            velocity,
            turn_dps: 0.0,
            acceleration_mps2: 0.0,
        };
        let mps2 = if aircraft.on_ground() { step.roll(travelled) } else { step.fly(travelled) };
        if elapsed_s <= RATE_TO_S {
            let share = (elapsed_s / SETTLED_S).min(1.0);
            let settled = |before: f64, now: f64| before + (now - before) * share;
            let mps2 = settled(acceleration_mps2(state), mps2);
            let dps = settled(turn_dps(state), step.turn(travelled));
            step.acceleration_mps2 = banded(mps2, ACCELERATION_DEADBAND_MPS2, ACCELERATION_LIMIT_MPS2);
            step.turn_dps = banded(dps, TURN_DEADBAND_DPS, TURN_LIMIT_DPS);
        }
        step
    }

    /// Whether speed and track are the same as before, to the last digit: then they may be frozen.
    fn repeats(&self) -> bool {
        self.aircraft.speed_mps() == self.before.speed_mps()
            && self.aircraft.track_deg() == self.before.track_deg()
    }

    /// In flight: settles the velocity and gives the acceleration.
    fn fly(&mut self, travelled: Travelled) -> f64 {
        let Travelled { way, way_m, during_s } = travelled;
        if (RATE_FROM_S..=TRAVELLED_TO_S).contains(&during_s) {
            let mps = way_m / during_s;
            let slack_mps = (self.velocity.speed_mps * FLIGHT_SPEED_SLACK_S + WAY_FROM_M) / during_s;
            let frozen = self.repeats() && (self.velocity.speed_mps - mps).abs() > slack_mps;
            if self.aircraft.speed_mps().is_none() || frozen {
                self.velocity.speed_mps = mps;
            }
            if self.aircraft.track_deg().is_none() && way_m > WAY_FROM_M {
                self.velocity.track_deg = way.bearing_deg();
            }
        }
        (self.velocity.speed_mps - self.old.speed_mps) / self.elapsed_s.max(0.2)
    }

    /// On the ground: settles the velocity and gives the acceleration.
    fn roll(&mut self, travelled: Travelled) -> f64 {
        let Travelled { way, way_m, during_s } = travelled;
        let mps = way_m / during_s.max(RATE_FROM_S);
        let told_mps = self.velocity.speed_mps;
        let untold = self.aircraft.speed_mps().is_none();
        let frozen = self.repeats() && (told_mps - mps).abs() > GROUND_SPEED_SLACK_MPS;
        let landed = !self.before.on_ground();
        let elapsed_s = self.elapsed_s.max(RATE_FROM_S);
        let mut mps2 = (told_mps - self.old.speed_mps) / elapsed_s;
        if (untold || frozen) && (RATE_FROM_S..=TRAVELLED_TO_S).contains(&during_s) {
            mps2 = if landed { (mps - told_mps).min(0.0) * 2.0 } else { mps - speed_mps(self.state) }
                / elapsed_s;
            mps2 = mps2.clamp(-ACCELERATION_LIMIT_MPS2, ACCELERATION_LIMIT_MPS2);
            self.velocity.speed_mps = (mps + mps2 * TRAVELLED_LEAD * during_s).max(0.0);
            self.velocity.track_deg =
                if way_m > WAY_FROM_M { way.bearing_deg() } else { track_deg(self.state) };
            mps2 *= TRAVELLED_CHANGE;
        } else if !landed && told_mps > TAKEOFF_FROM_MPS && mps2 > 0.5 {
            mps2 *= TAKEOFF_GAIN;
        }
        if landed && self.velocity.speed_mps > LANDING_FROM_MPS {
            mps2 = mps2.min(-LANDING_BRAKE_MPS2);
        }
        // Braking ends at taxi speed, and taxiing aircraft brake gently.
        let to_taxi_mps2 = (self.velocity.speed_mps - TAXI_MPS) / ACCELERATION_LASTS_S;
        mps2.max(-to_taxi_mps2.max(TAXI_BRAKE_MPS2))
    }

    /// Turn rate in degrees per second: the measured one, else what tracks and way tell.
    fn turn(&self, travelled: Travelled) -> f64 {
        if let Some(dps) = self.aircraft.turn_rate_dps().filter(|_| !self.aircraft.on_ground()) {
            return dps;
        }
        let turned_deg = turn_deg(self.old.track_deg, self.velocity.track_deg);
        let shaped = !self.aircraft.on_ground()
            && travelled.way_m > TURN_FROM_M
            && travelled.during_s >= TURN_FROM_S
            && turned_deg.abs() >= TURN_TOLD_FROM_DEG;
        let middle_deg = self.old.track_deg + turned_deg / 2.0;
        let turned = Turned {
            track_deg: turned_deg,
            during_s: self.elapsed_s.max(0.2),
            off_middle_deg: shaped.then(|| {
                turn_deg(middle_deg, travelled.way.bearing_deg())
                    - turned_deg / self.elapsed_s * VELOCITY_AGE_S
            }),
            before_dps: turn_dps(self.state),
        };
        let told = self.aircraft.track_deg().is_some() && !self.repeats();
        // Taxiways bend for a moment: what was only seen in the way is half over.
        if self.aircraft.on_ground() && !told { turned.rate_dps() / 2.0 } else { turned.rate_dps() }
    }

    /// The filtered place, and how many observations it is worth.
    fn place(&self) -> (Position, f64) {
        let fix = self.aircraft.position();
        let track_deg = self.velocity.track_deg;
        let off = Offset::between(self.state.position(), fix).minus(self.reckoned());
        let (along_m, across_m) = off.along_and_across(track_deg);
        let limit_m = ALONG_LIMIT_S * self.velocity.speed_mps + ALONG_SLACK_M;
        if self.aircraft.on_ground()
            || self.before.on_ground()
            || self.elapsed_s > GAP_S
            || along_m.abs() > limit_m
            || across_m.abs() > ACROSS_LIMIT_M
        {
            return (fix, 1.0);
        }
        let square = |value: f64| value * value;
        let whole = self.aircraft.position_time().0 % 1000 == 0;
        let stamp_s = if whole { WHOLE_STAMP_S } else { FINE_STAMP_S };
        let fix_m2 = square(stamp_s * self.velocity.speed_mps) + square(FIX_M);
        let turned_rad = turn_deg(self.old.track_deg, track_deg).to_radians();
        let gained_mps = self.velocity.speed_mps - self.old.speed_mps;
        let way_m2 = square(DRIFT_MPS)
            + square(GAINED_SHARE * gained_mps)
            + square(BENT_SHARE * turned_rad * self.velocity.speed_mps);
        let known_m2 =
            fix_m2 * WEIGHT / f64::from(self.state.samples.max(1)) + way_m2 * square(self.elapsed_s);
        let gain = known_m2 / (known_m2 + fix_m2);
        (moved(fix, Offset::polar(track_deg, -(1.0 - gain) * along_m)), 1.0 / gain)
    }

    /// The way since the state, now that the velocities at both ends are known.
    fn reckoned(&self) -> Offset {
        let turned_deg = turn_deg(self.old.track_deg, self.velocity.track_deg);
        let way_m = f64::midpoint(self.old.speed_mps, self.velocity.speed_mps) * self.elapsed_s;
        let lead_deg = turned_deg / self.elapsed_s * VELOCITY_AGE_S;
        arc(self.old.track_deg + lead_deg, turned_deg, way_m)
    }

    /// Altitude in metres, and vertical rate in metres per second.
    fn height(&self) -> (f64, f64) {
        let told_mps = self.aircraft.vertical_rate_mps().filter(|_| !self.aircraft.on_ground());
        let Some(told_m) = altitude_m(self.aircraft) else {
            let unknown_m = if self.aircraft.on_ground() { 0.0 } else { self.foreseen_altitude_m };
            return (unknown_m, told_mps.unwrap_or(0.0));
        };
        let Some(before_m) = altitude_m(self.before).filter(|_| self.elapsed_s < RATE_TO_S) else {
            return (told_m, told_mps.unwrap_or(0.0));
        };
        let off_m = told_m - self.foreseen_altitude_m;
        let rounding_m = off_m.clamp(-ALTITUDE_ROUNDING_M, ALTITUDE_ROUNDING_M) / 2.0;
        if self.aircraft.on_ground() {
            return (told_m, 0.0);
        }
        let mps = told_mps.unwrap_or((told_m - before_m) / self.elapsed_s.max(RATE_FROM_S));
        let change_mps = mps - self.before.vertical_rate_mps().unwrap_or(mps);
        let goes_on = mps + CLIMB_CHANGE_SHARE * change_mps.clamp(-CLIMB_CHANGE_MPS, CLIMB_CHANGE_MPS);
        (told_m - rounding_m, if goes_on * mps > 0.0 { goes_on } else { 0.0 })
    }
}

fn altitude_m(aircraft: &Aircraft) -> Option<f64> {
    aircraft.altitude_m().or(aircraft.geo_altitude_m())
}

/// Nothing within the dead band, and never more than the limit.
fn banded(value: f64, deadband: f64, limit: f64) -> f64 {
    if value.abs() < deadband { 0.0 } else { value.clamp(-limit, limit) }
}
