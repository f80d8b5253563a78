//! How an aircraft is held to move between observations, as scaled integers.
//!
//! The state is derived from observations by `sky::motion` on both sides. It is quantised after every step,
//! so that a client that received it in a snapshot goes on bit for bit as the server does.

use crate::aircraft::{FNV_OFFSET, fnv1a, mix};
use crate::geo::Position;
use crate::time::UnixMillis;

/// Seconds after which a state leads no further: nothing is known of the aircraft any more.
pub const HOLD_AFTER_S: f64 = 60.0;

/// For how many seconds a turn is held to go on; then the aircraft flies straight.
pub const TURN_LASTS_S: f64 = 20.0;

/// For how many seconds an acceleration is held to go on; then the speed stays.
pub const ACCELERATION_LASTS_S: f64 = 7.0;

/// Filtered position and its derivatives at one moment; what is unknown stands as zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MotionState {
    /// The moment that everything below holds for.
    pub at: UnixMillis,
    /// Filtered latitude in 1e-7 degree.
    pub latitude_e7: i32,
    /// Filtered longitude in 1e-7 degree.
    pub longitude_e7: i32,
    /// Altitude in centimetres.
    pub altitude_cm: i32,
    /// Speed over ground in centimetres per second.
    pub speed_cmps: i32,
    /// Track in 1e-2 degree.
    pub track_cdeg: i32,
    /// Vertical rate in centimetres per second.
    pub vertical_rate_cmps: i32,
    /// Turn rate in 1e-3 degree per second, right positive.
    pub turn_rate_mdps: i32,
    /// Acceleration along the track in millimetres per second squared.
    pub acceleration_mmps2: i32,
    /// How many observations the filtered position is worth, in tenths, at most 255.
    pub samples: u8,
}

impl MotionState {
    /// The filtered position.
    #[must_use]
    pub fn position(&self) -> Position {
        Position::from_e7(self.latitude_e7, self.longitude_e7)
    }

    /// The state's numbers in the order of the wire, without time and sample count.
    #[must_use]
    pub fn numbers(&self) -> [i32; 8] {
        [
            self.latitude_e7,
            self.longitude_e7,
            self.altitude_cm,
            self.speed_cmps,
            self.track_cdeg,
            self.vertical_rate_cmps,
            self.turn_rate_mdps,
            self.acceleration_mmps2,
        ]
    }

    /// The state that [`MotionState::numbers`] told of.
    #[must_use]
    pub fn from_numbers(at: UnixMillis, numbers: [i32; 8], samples: u8) -> Self {
        let [
            latitude_e7,
            longitude_e7,
            altitude_cm,
            speed_cmps,
            track_cdeg,
            vertical_rate_cmps,
            turn,
            acceleration,
        ] = numbers;
        Self {
            at,
            latitude_e7,
            longitude_e7,
            altitude_cm,
            speed_cmps,
            track_cdeg,
            vertical_rate_cmps,
            turn_rate_mdps: turn,
            acceleration_mmps2: acceleration,
            samples,
        }
    }

    /// Digest of the state, for the state hash of a replay.
    #[must_use]
    pub fn digest(&self) -> u64 {
        let numbers = self.numbers();
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
        mix(fnv1a(FNV_OFFSET, self.at.0.to_le_bytes().into_iter().chain(bytes).chain([self.samples])))
    }
}
