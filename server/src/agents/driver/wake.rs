//! What sets runs going again: the start of the server, time, and a disk that takes more again.

use crate::agents::driver::{DriveError, Driver};
use crate::clock;
use core::time::Duration;
use inflight_agents::RunInput;
use inflight_domain::UnixMillis;
use tokio::time::sleep;
use tracing::{error, info, warn};

/// A store that refuses is asked again after this long.
const AGAIN: Duration = Duration::from_secs(2);

impl Driver {
    /// Goes on with every run that an earlier process left.
    pub(super) async fn take_up(&self) {
        // Before anything is asked again, which begins it anew.
        if let Some(rooms) = &self.0.parts.rooms {
            rooms.end_left().await;
        }
        let unfinished = loop {
            match self.with_store(|store| store.unfinished()).await {
                Ok(unfinished) => break unfinished,
                Err(cause) => error!(%cause, "runs of an earlier process stand still"),
            }
            if self.0.stop.run_until_cancelled(sleep(AGAIN)).await.is_none() {
                return;
            }
        };
        if !unfinished.is_empty() {
            info!(runs = unfinished.len(), "runs of an earlier process go on");
        }
        for id in unfinished {
            if self.0.stop.is_cancelled() {
                return;
            }
            let held = self.hold(&id);
            let mut place = held.slot.run.lock().await;
            match self.known(&mut place, &id).await {
                Ok(run) => {
                    self.act(&held.slot, &run);
                    *place = Some(run);
                }
                Err(cause) => {
                    warn!(run = id, %cause, "a run of an earlier process stands still");
                    self.later(&id, &cause);
                }
            }
        }
        self.withdraw(None, "").await;
    }

    /// Wakes runs when a time comes that they wait for.
    pub(super) async fn keep_time(&self) {
        while let Some(run) = self.0.stop.run_until_cancelled(self.0.timer.next()).await {
            if let Err(cause) = self.input(&run, RunInput::Tick).await {
                warn!(run, %cause, "a run was not woken");
                self.later(&run, &cause);
            }
        }
    }

    /// What the disk refused is tried again.
    pub(super) fn later(&self, run: &str, cause: &DriveError) {
        if matches!(cause, DriveError::Store(_)) {
            let again_ms = i64::try_from(AGAIN.as_millis()).unwrap_or_default();
            self.0.timer.set(UnixMillis(clock::now().0 + again_ms), run);
        }
    }
}
