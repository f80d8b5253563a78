//! A point of where an aircraft has been.

use crate::time::UnixMillis;
use serde::{Serialize, Serializer};

/// Where an aircraft was seen. On the wire it is an array of its five members, the time in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailPoint {
    /// When the position was received.
    pub at: UnixMillis,
    /// Latitude in 1e-6 degree.
    pub latitude_e6: i32,
    /// Longitude in 1e-6 degree.
    pub longitude_e6: i32,
    /// Barometric altitude, else the geometric one, in centimetres.
    pub altitude_cm: Option<i32>,
    /// On the ground.
    pub on_ground: bool,
}

impl Serialize for TrailPoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.at.0, self.latitude_e6, self.longitude_e6, self.altitude_cm, self.on_ground)
            .serialize(serializer)
    }
}
