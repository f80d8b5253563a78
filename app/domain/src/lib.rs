//! The vocabulary of Inflight: ids, units, time, geography and every row type that both sides share.
//!
//! Knows no protocol, no source, no engine and no screen. Numbers that stand in a table are scaled
//! integers ([`aircraft`]), so that a row has one canonical form on every machine; maths goes through
//! [`math`], so that a result is the same natively and in wasm.

pub mod aircraft;
pub mod country;
pub mod disruption;
pub mod drop;
pub mod envelope;
pub mod event;
pub mod geo;
pub mod ids;
pub mod math;
pub mod motion;
pub mod observation;
pub mod presence;
pub mod small_map;
pub mod system;
pub mod time;
pub mod trail;

pub use aircraft::{Aircraft, Field};
pub use country::{countries, country};
pub use disruption::{AirportCode, Disruption, DisruptionKind, Evidence, Measure, Severity};
pub use drop::{DeadLetter, DropReason};
pub use event::{Draft, Entry, EventData, Json, RoomEvent, TopicKind, TopicName};
pub use geo::{BoundingBox, Position};
pub use ids::{Callsign, Cut, Epoch, Icao24, ShortText, Slot, Squawk, UserId};
pub use motion::MotionState;
pub use observation::{Extras, Observation};
pub use small_map::SmallMap;
pub use system::{SourceRow, SourceState, SystemRow};
pub use time::UnixMillis;
pub use trail::TrailPoint;
