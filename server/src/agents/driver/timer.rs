//! Moments that runs wait for.

use crate::clock;
use core::time::Duration;
use inflight_domain::UnixMillis;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;
use tokio::time::sleep;

/// Which run waits for which moment.
#[derive(Debug, Default)]
pub(super) struct Timer {
    moments: Mutex<BTreeSet<(i64, String)>>,
    changed: Notify,
}

/// The clock on the wall may be put right meanwhile.
const LONGEST_SLEEP_MS: i64 = 30_000;

impl Timer {
    /// A run is to be woken at this time.
    pub(super) fn set(&self, at: UnixMillis, run: &str) {
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        if moments.insert((at.0, run.to_owned())) {
            self.changed.notify_one();
        }
    }

    /// Waits for the next run that is due. May be dropped and called again.
    pub(super) async fn next(&self) -> String {
        loop {
            let wait_ms = {
                let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
                let now_ms = clock::now().0;
                match moments.first().map(|(at_ms, _)| at_ms - now_ms) {
                    Some(wait_ms) if wait_ms <= 0 => {
                        if let Some((_, run)) = moments.pop_first() {
                            return run;
                        }
                        continue;
                    }
                    Some(wait_ms) => wait_ms.min(LONGEST_SLEEP_MS),
                    None => LONGEST_SLEEP_MS,
                }
            };
            let wait = Duration::from_millis(u64::try_from(wait_ms).unwrap_or_default());
            tokio::select! {
                () = sleep(wait) => {}
                () = self.changed.notified() => {}
            }
        }
    }
}
