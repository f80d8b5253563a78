//! Protocol inflight.v1: frames, codecs, packed aircraft rows, limits, backoff and the client's mirror.
//!
//! Knows the rows of `domain` and nothing of engines, sockets or screens. PROTOCOL.md beside this crate is the
//! document that an independent client is written from; the golden bytes in `fixtures/wire` hold both to it.

pub mod backoff;
pub mod bin;
pub mod client;
pub mod close;
pub mod codec;
pub mod datum;
pub mod events;
pub mod flights;
pub mod frame;
pub mod limits;
pub mod mirror;
pub mod pack;
pub mod packed;
pub mod read;
pub mod schema;
pub mod unpack;
pub mod varint;

pub use client::{ClientFrame, ReplayCommand, Resume, Subscribe};
pub use close::CloseCode;
pub use codec::Format;
pub use datum::Datum;
pub use frame::{AlertNote, Header, Segment, ServerFrame, Told};
pub use mirror::{Mirror, MirrorError};
pub use read::{ReadError, RowsFrame, decode_rows, decode_server};

/// WebSocket subprotocol of the binary form.
pub const SUBPROTOCOL_MSGPACK: &str = "inflight.v1.msgpack";

/// WebSocket subprotocol of the binary form, with each message of the server deflated.
pub const SUBPROTOCOL_DEFLATE: &str = "inflight.v1.msgpack.deflate";

/// WebSocket subprotocol of the JSON form.
pub const SUBPROTOCOL_JSON: &str = "inflight.v1.json";

/// Name of the aircraft table.
pub const TOPIC_FLIGHTS: &str = "flights";

/// Name of the table of sources, drops and dead letters.
pub const TOPIC_SYSTEM: &str = "system";

/// Name of the table of disruptions.
pub const TOPIC_DISRUPTIONS: &str = "disruptions";

/// All state topics of this version, in the order in which a hello lists them.
pub const TOPICS: [&str; 3] = [TOPIC_FLIGHTS, TOPIC_SYSTEM, TOPIC_DISRUPTIONS];

/// The event topics that are no rooms; a hello of a server lists them after the state topics.
pub const EVENT_TOPICS: [&str; 6] = ["signal", "proposal", "decision", "outcome", "risk", "notice"];
