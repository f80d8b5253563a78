//! Functions that must take whatever bytes they are given.
//!
//! The server as a whole is too much to build with instruments: the rooms of it that read bytes stand here by path, with
//! what little they ask of others.

#[path = "../../src/clock.rs"]
pub mod clock;
#[path = "../../src/events/mod.rs"]
pub mod events;
pub mod hub;
pub mod journal;
pub mod plain;
pub mod targets;

/// As the server names it.
pub mod ws {
    pub use crate::plain;
}
