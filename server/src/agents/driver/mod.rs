//! Drives runs: one input at a time for each, many runs at once; nothing is done before its events are on the disk.

pub mod answers;
mod ask;
mod found;
mod going;
mod lapse;
pub mod pieces;
mod timer;
mod wake;

use crate::agents::driver::answers::Answers;
use crate::agents::driver::pieces::Rooms;
use crate::agents::driver::timer::Timer;
use crate::agents::outbox::Outbox;
use crate::agents::registry::Registry;
use crate::audit::Audit;
use crate::metrics::Metrics;
use core::time::Duration;
use inflight_agents::budget::Reserve;
use inflight_agents::projection::RowChange;
use inflight_agents::rows::RunRow;
use inflight_agents::{AgentOutput, Cursor, Refused, Run, RunEvent, Store, StoreError};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Semaphore, broadcast};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Drives runs; clones drive the same.
#[derive(Clone)]
pub struct Driver(Arc<Inner>);

/// What a driver needs.
pub struct Parts {
    /// Where runs are kept.
    pub store: Arc<dyn Store>,
    /// The agents.
    pub registry: Registry,
    /// Who answers the questions of runs.
    pub answers: Arc<dyn Answers>,
    /// Questions that are answered at once.
    pub at_once: usize,
    /// What a business may spend in a day.
    pub day_max: Reserve,
    /// What is counted.
    pub metrics: Metrics,
    /// Who did what.
    pub audit: Audit,
    /// Decisions below this confidence raise an alert.
    pub low_confidence: f64,
    /// Where pieces of answers are told while they are written.
    pub rooms: Option<Rooms>,
}

struct Inner {
    parts: Parts,
    going: Mutex<HashMap<String, Arc<Slot>>>,
    room: Semaphore,
    timer: Timer,
    outbox: Outbox,
    changes: broadcast::Sender<Arc<Change>>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// A run that somebody works on.
#[derive(Default)]
struct Slot {
    run: tokio::sync::Mutex<Option<Run>>,
    /// Questions that are being answered.
    asking: Mutex<BTreeSet<String>>,
}

/// A run went on.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its row.
    pub row: RunRow,
    /// What it decided, once it is done.
    pub output: Option<AgentOutput>,
    /// Its events that are new.
    pub events: Vec<RunEvent>,
}

/// A run that has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The run.
    pub run: String,
    /// Its input was taken before.
    pub repeated: bool,
}

/// What is written with the beginning of a run, and not without it.
#[derive(Clone, Debug, Default)]
pub struct Alongside {
    /// A row.
    pub row: Option<RowChange>,
    /// How far the stream that brought its input is taken in.
    pub cursor: Option<Cursor>,
}

/// Why a run did not go on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DriveError {
    /// There is none.
    #[error("there is no run {0}")]
    NoRun(String),
    /// Nobody knows its agent.
    #[error("there is no agent {0}")]
    NoAgent(String),
    /// The run does not take this.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The disk does not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the disk has of it does not hold together.
    #[error("{0}")]
    Broken(String),
    /// A defect of the agent.
    #[error("the agent met a defect; the log says where")]
    Defect,
    /// The server stops.
    #[error("the server stops")]
    Stopping,
}

/// Milliseconds of a day, in which a business may spend so much.
pub const DAY_MS: i64 = 86_400_000;

/// Who waits for runs to end looks this often at least.
const LOOK: Duration = Duration::from_millis(50);

/// Changes that somebody may be behind who waits for one.
const CHANGES: usize = 1024;

impl Driver {
    /// A driver that does nothing yet.
    #[must_use]
    pub fn new(parts: Parts, outbox: Outbox) -> Self {
        let room = Semaphore::new(parts.at_once);
        Self(Arc::new(Inner {
            parts,
            going: Mutex::default(),
            room,
            timer: Timer::default(),
            outbox,
            changes: broadcast::Sender::new(CHANGES),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }))
    }

    /// Takes up all runs that are not over, and goes on with what time and the outbox bring.
    pub fn run(&self) {
        let inner = &self.0;
        let (driver, outbox) = (self.clone(), inner.outbox.clone());
        inner.tasks.spawn(async move { driver.take_up().await });
        let driver = self.clone();
        inner.tasks.spawn(async move { driver.keep_time().await });
        let driver = self.clone();
        inner.tasks.spawn(async move { outbox.run(driver).await });
    }

    /// Ends; what is not done is taken up at the next start.
    pub async fn stop(&self) {
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Does something beside that ends when the driver does.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.0.stop.clone();
        self.0.tasks.spawn(async move { stop.run_until_cancelled(work).await.unwrap_or_default() });
    }

    /// Ends with the driver.
    #[must_use]
    pub fn stopped(&self) -> &CancellationToken {
        &self.0.stop
    }

    /// Where runs are kept.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.0.parts.store
    }

    /// The agents.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.0.parts.registry
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.0.parts.metrics
    }

    /// Follows all changes of runs.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Arc<Change>> {
        self.0.changes.subscribe()
    }

    /// Waits until fewer than so many runs are being worked on, for who begins them faster than they end.
    pub async fn calm(&self, most: usize) {
        let mut changes = self.changes();
        while locked(&self.0.going).len() >= most {
            // Whoever lets a run go tells nobody, so that it is looked at now and then as well.
            drop(timeout(LOOK, changes.recv()).await);
        }
    }

    /// Does something with the store that blocks.
    ///
    /// # Errors
    /// The store refuses.
    pub async fn with_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = Arc::clone(self.store());
        let done = tokio::task::spawn_blocking(move || work(&*store)).await;
        done.unwrap_or_else(|_| Err(StoreError::Failed("a defect; the log says where".to_owned())))
    }

    /// Does something in a task of its own: whoever waits for it may hang up meanwhile, and it is done all the same.
    /// None where it met a defect.
    pub async fn apart<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        self.0.tasks.spawn(work).await.ok()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
