//! What the screen knows and remembers, as plain structs that are tested without a browser.

pub mod agents;
pub mod badge;
pub mod board;
pub mod cases;
pub mod choices;
pub mod filter;
pub mod follow;
pub mod keys;
pub mod past;
pub mod percent;
pub mod picks;
pub mod search;
pub mod settings;
pub mod sieve;
pub mod statistics;
pub mod stream_time;
pub mod system;
pub mod table;
pub mod trail;
pub mod view;
