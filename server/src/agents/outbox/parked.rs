//! Effects whose runs cannot take what comes of them: how often each came up, and how long it is left the next time.

use inflight_agents::EffectKey;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How often each came up in this process.
#[derive(Debug, Default)]
pub(super) struct Parked(Mutex<BTreeMap<EffectKey, u32>>);

/// It is left so long the first time, and twice as long each time after.
const FIRST_MS: i64 = 60_000;

/// But no longer than this.
const LONGEST_MS: i64 = 3_600_000;

impl Parked {
    /// One more time for this effect: how often it came up before, and how long it is left now.
    pub(super) fn again(&self, key: &EffectKey) -> (u32, i64) {
        let mut parked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = parked.entry(key.clone()).or_default();
        let (before, wait_ms) = (*times, FIRST_MS.saturating_mul(1 << (*times).min(16)));
        *times = times.saturating_add(1);
        (before, wait_ms.min(LONGEST_MS))
    }

    /// It was settled after all.
    pub(super) fn freed(&self, key: &EffectKey) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_is_longer_and_none_too_long() {
        let (parked, key) = (Parked::default(), EffectKey("k".to_owned()));
        let waits: Vec<i64> = (0..9).map(|_| parked.again(&key).1 / FIRST_MS).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(parked.again(&EffectKey("other".to_owned())).0, 0);
        parked.freed(&key);
        assert_eq!(parked.again(&key), (0, FIRST_MS));
    }
}
