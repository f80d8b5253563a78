//! Entries of event topics at the edge: from JSON with every mistake named by its place, and to JSON.

mod fields;
mod read;

pub use fields::{Fields, Mistake, tree};
pub use read::read;
