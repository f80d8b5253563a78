//! Specification 003's flight envelope: what recordings hold and what `/ws/flights` sends.

use crate::geo::BoundingBox;
use crate::time::UnixMillis;
use serde::{Deserialize, Serialize};

/// One aircraft with the circumstances of its observation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlightEnvelope {
    /// Version of this shape, 1.
    pub schema_version: u32,
    /// `flight_state` or `flight_update`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When the poll was made, RFC 3339.
    pub produced_at: String,
    /// Where it comes from.
    pub source: EnvelopeSource,
    /// The aircraft.
    pub payload: FlightPayload,
}

/// Provider, mode and extent of a poll.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnvelopeSource {
    /// Name of the provider (`opensky`).
    pub provider: String,
    /// `live` or `replay`.
    pub mode: String,
    /// The box that was asked for.
    pub bbox: BoundingBox,
    /// Seconds between polls.
    pub poll_interval_s: f64,
}

/// One aircraft under specification 003's field names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlightPayload {
    /// Address, six lower-case hex digits.
    pub icao24: String,
    /// Callsign without padding.
    pub callsign: Option<String>,
    /// Last known position.
    pub position: PayloadPosition,
    /// Barometric altitude in metres.
    pub altitude_m: Option<f64>,
    /// Geometric altitude in metres.
    pub geo_altitude_m: Option<f64>,
    /// Speed over ground in metres per second.
    pub velocity_mps: Option<f64>,
    /// Track over ground in degrees.
    pub heading_deg: Option<f64>,
    /// Vertical rate in metres per second.
    pub vertical_rate_mps: Option<f64>,
    /// On the ground.
    pub on_ground: bool,
    /// Transponder code.
    pub squawk: Option<String>,
    /// Special position identification.
    pub spi: bool,
    /// When the position was received, in seconds since 1970.
    pub time_position_unix: Option<UnixMillis>,
    /// When anything was last received, in seconds since 1970.
    pub last_contact_unix: UnixMillis,
}

/// Latitude and longitude in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PayloadPosition {
    /// Latitude, north positive.
    pub lat: f64,
    /// Longitude, east positive.
    pub lon: f64,
}
