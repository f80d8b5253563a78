//! Specification 003's flight envelopes, one aircraft per line.

use crate::Dropped;
use inflight_domain::{Observation, UnixMillis};

/// Reads one envelope: when its poll was made, and the aircraft.
///
/// # Errors
/// The line cannot be used.
pub fn parse_line(text: &str, line: u64) -> Result<(UnixMillis, Observation), Dropped> {
    Err(Dropped::new(inflight_domain::DropReason::NotJson, "", line, text))
}
