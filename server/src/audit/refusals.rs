//! How often requests are refused, so that the trail gets a line a minute of each kind and not one of each.

use core::time::Duration;
use inflight_domain::SmallMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Refusals by their code; codes are our own words, so that there are few.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<SmallMap<&'static str, (Instant, u64)>>);

/// Time between two lines of one code.
const QUIET: Duration = Duration::from_secs(60);

impl Refusals {
    /// Counts one; how many of its code were not told since the last line if it is time for a line, else none.
    pub fn count(&self, code: &'static str, now: Instant) -> Option<u64> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match told.get_mut(code) {
            None => {
                told.insert(code, (now, 0));
                Some(0)
            }
            Some((at, unsaid)) if now.duration_since(*at) < QUIET => {
                *unsaid += 1;
                None
            }
            Some((at, unsaid)) => {
                *at = now;
                Some(core::mem::take(unsaid))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_a_line_a_minute() {
        let (refusals, start) = (Refusals::default(), Instant::now());
        let found: Vec<Option<u64>> =
            [(0, "a"), (1, "a"), (2, "b"), (59, "a"), (60, "a"), (61, "a"), (200, "a")]
                .into_iter()
                .map(|(second, code)| refusals.count(code, start + Duration::from_secs(second)))
                .collect();
        assert_eq!(found, [Some(0), None, Some(0), None, Some(2), None, Some(1)]);
    }
}
