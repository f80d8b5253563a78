//! The server's journal as far as its lines go, by path.

#[path = "../../src/journal/record.rs"]
pub mod record;
