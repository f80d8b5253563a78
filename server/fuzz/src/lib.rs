//! Functions that must take whatever bytes they are given.

pub mod targets;
