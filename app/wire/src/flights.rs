//! The plain form of `/ws/flights` and of JSON segments: whole payloads of specification 003.

use inflight_domain::envelope::FlightPayload;
use inflight_domain::{Cut, Epoch};
use serde::Serialize;

/// Version of the payload that is sent.
pub const SCHEMA_VERSION: u32 = 1;

/// A message of `/ws/flights`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FlightsMessage {
    /// All aircraft.
    Snapshot {
        /// [`SCHEMA_VERSION`].
        schema_version: u32,
        /// Epoch of the cut.
        epoch: Epoch,
        /// The cut.
        cut: Cut,
        /// Every aircraft.
        flights: Vec<FlightPayload>,
    },
    /// What changed.
    Delta {
        /// The cut that the client must have.
        base: Cut,
        /// The cut that it has afterwards.
        cut: Cut,
        /// New and changed aircraft, whole.
        updated: Vec<FlightPayload>,
        /// Addresses of aircraft that are gone.
        removed: Vec<String>,
    },
}

/// The segment of the `flights` topic in the JSON subprotocol.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FlightsSegment {
    /// `flights`.
    pub topic: &'static str,
    /// New and changed aircraft, whole.
    pub updated: Vec<FlightPayload>,
    /// Addresses of aircraft that are gone.
    pub removed: Vec<String>,
}
