//! Connections: one task each, a cursor into the cuts and nothing queued.

pub mod authenticate;
pub mod close;
pub mod comeback;
pub mod event_stream;
pub mod feed;
pub mod flights;
pub mod link;
pub mod plain;
pub mod rooms;
pub mod socket;
pub mod stream;
pub mod topics;
pub mod transport;
pub mod turn;
