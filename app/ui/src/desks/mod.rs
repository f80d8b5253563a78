//! The desks.

pub mod sky;
