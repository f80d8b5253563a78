//! The desks.

pub mod sky;
pub mod system;
