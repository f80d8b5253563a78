//! What a server sends: a header of the client's own, then segments that clients share.

use crate::bin::Bin;
use inflight_domain::{Cut, Disruption, Epoch, SystemRow, TrailPoint, UnixMillis};
use serde::{Serialize, Serializer};

/// One message from server to client.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerFrame {
    /// What it is.
    pub header: Header,
    /// The changes that it carries, at most one per topic.
    pub segments: Vec<Segment>,
}

/// First element of a frame.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Header {
    /// First frame of a connection.
    Hello(Hello),
    /// A piece of a whole table; the first piece empties what the client has.
    Snapshot(SnapshotHeader),
    /// What changed from one cut to another; without segments a sign of life.
    Tick(TickHeader),
    /// The hash of the aircraft table at a cut.
    Digest(Digest),
    /// The client asked for something that was done.
    Done {
        /// The number that the client gave.
        id: u64,
    },
    /// Answer to a ping.
    Pong {
        /// The number that the client gave.
        id: u64,
    },
    /// Where an aircraft has been, oldest first.
    Trail {
        /// The number that the client gave.
        id: u64,
        /// Six hex digits.
        icao24: String,
        /// The points.
        points: Vec<TrailPoint>,
    },
    /// The client asked for something that cannot be.
    Error(ErrorBody),
    /// The server will close the connection.
    Bye {
        /// Why.
        reason: String,
        /// When to come back, in milliseconds from now.
        retry_ms: u64,
    },
    /// Something of a later version; it is read over.
    Unknown,
}

/// What a client learns on connecting.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hello {
    /// `inflight.v1`.
    pub protocol: String,
    /// Fingerprint of the row shapes.
    pub schema: String,
    /// The epoch that the server is in.
    pub epoch: Epoch,
    /// Milliseconds between ticks.
    pub tick_ms: u64,
    /// Largest message that the server takes, in bytes.
    pub message_bytes: usize,
    /// Topics that may be subscribed to.
    pub topics: Vec<String>,
}

/// The clock of what is shown: live time, or the time inside a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StreamClock {
    /// Stream time at sending, in milliseconds since 1970.
    pub stream_ms: i64,
    /// Stream seconds per second; 0 while paused.
    pub rate: f64,
}

/// Which piece of which table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SnapshotHeader {
    /// Epoch of the table.
    pub epoch: Epoch,
    /// Cut of the table.
    pub cut: Cut,
    /// Number of this piece, from 0.
    pub part: u32,
    /// How many pieces there are.
    pub parts: u32,
    /// Stream time at sending, in milliseconds since 1970.
    pub stream_ms: i64,
    /// Stream seconds per second; 0 while paused.
    #[serde(serialize_with = "short")]
    pub rate: f64,
}

/// From where to where.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TickHeader {
    /// Epoch of both cuts.
    pub epoch: Epoch,
    /// The cut that the client must have.
    pub base: Cut,
    /// The cut that it has afterwards.
    pub cut: Cut,
    /// Stream time at sending, in milliseconds since 1970.
    pub stream_ms: i64,
    /// Stream seconds per second; 0 while paused.
    #[serde(serialize_with = "short")]
    pub rate: f64,
}

/// Proof of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Digest {
    /// Epoch of the cut.
    pub epoch: Epoch,
    /// The cut that it holds for.
    pub cut: Cut,
    /// Sixteen hex digits over the aircraft table.
    pub flights: String,
}

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorBody {
    /// Stable code that can be searched.
    pub code: String,
    /// What is wrong and what was expected.
    pub message: String,
    /// The number that the client gave, if it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
}

/// The changes of one topic.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "topic", rename_all = "snake_case")]
pub enum Segment {
    /// Aircraft.
    Flights {
        /// Packed rows ([`crate::packed`]).
        rows: Bin,
        /// Slots of aircraft that are gone.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        removed: Vec<u32>,
    },
    /// Sources, drops, dead letters.
    System {
        /// Whole rows.
        updated: Vec<SystemRow>,
        /// Keys of rows that are gone.
        removed: Vec<String>,
    },
    /// What goes otherwise than planned.
    Disruptions {
        /// Whole rows.
        updated: Vec<Disruption>,
        /// Keys of rows that are gone.
        removed: Vec<String>,
    },
    /// Alerts out of `system`, as far as a screen that is not about them shows them; nobody writes these.
    #[serde(skip_serializing)]
    Alerts(Vec<AlertNote>),
    /// Entries of event topics, as far as a screen shows them; servers write them by [`crate::events`].
    #[serde(skip_serializing)]
    Events {
        /// The entries, oldest first.
        entries: Vec<Told>,
        /// How many more there may be that the server no longer has at hand.
        lost: u64,
    },
}

/// An alert as a screen that is not about alerts shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertNote {
    /// Its code.
    pub code: String,
    /// What it says.
    pub text: String,
    /// Whether it has not ended.
    pub open: bool,
}

/// An entry of an event topic as a screen shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Its number among all entries.
    pub offset: u64,
    /// The topic or room.
    pub topic: String,
    /// When.
    pub at: UnixMillis,
    /// What happened.
    pub kind: String,
    /// How much it matters, where it says so.
    pub level: String,
    /// What it says.
    pub text: String,
}

/// A whole number costs a byte where a fraction costs nine.
fn short<S: Serializer>(rate: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    let whole = *rate as u8;
    if f64::from(whole) == *rate { serializer.serialize_u8(whole) } else { serializer.serialize_f64(*rate) }
}
