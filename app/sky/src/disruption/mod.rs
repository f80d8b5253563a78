//! Disruptions: what goes otherwise than planned, found on the stream of accepted observations.
//!
//! Pure and deterministic: the same polls give the same rows. Each kind has a room of its own and a small state per
//! aircraft; an aircraft that is silent for ten minutes is forgotten. What a detector cannot know (destination,
//! origin) is inferred from how the aircraft flew, and the evidence says so.

mod diversion;
mod emergency;
mod go_around;
mod holding;
mod implausible_jump;
mod level_off;
pub mod measure;
mod return_to_origin;
mod signal_lost;
mod step;
mod watch;

pub use implausible_jump::Jump;
pub use watch::Watch;
