//! The kernel: composes the desks into one World of versioned tables, and says what changed since any cut.
//!
//! Nothing but [`Engine::advance`] moves it. It has no clock, socket, file or thread of its own, so that the
//! server and the browser's worker drive the same engine and a recording gives the same World everywhere.

pub mod disruptions;
pub mod engine;
pub mod events;
pub mod flights;
pub mod presence;
pub mod replay;
pub mod summary;
pub mod system;
pub mod tiles;
pub mod tombstones;
pub mod topics;
pub mod world;

pub use engine::{Engine, Input, Now, Outputs};
pub use events::{EventLog, Logged, Missed};
pub use replay::Player;
pub use topics::Topics;
pub use world::{EventInput, EventOutputs, World};
