//! Sources of observations: adapters with sockets and files around the pure readers of `sky`.

pub mod opensky;
pub mod replay;
