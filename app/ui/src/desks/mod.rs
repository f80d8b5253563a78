//! The desks.

pub mod agents;
pub mod sky;
pub mod system;
