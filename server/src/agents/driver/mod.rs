//! Drives runs: one input at a time for each, many runs at once; nothing is done before its events are on the disk.

pub mod answers;
mod ask;
mod pieces;
mod timer;
mod wake;

use crate::agents::driver::answers::Answers;
use crate::agents::driver::timer::Timer;
use crate::agents::outbox::Outbox;
use crate::agents::registry::Registry;
use crate::clock;
use crate::hub::HubHandle;
use crate::metrics::Metrics;
use inflight_agents::budget::Reserve;
use inflight_agents::projection::run_row;
use inflight_agents::rows::RunRow;
use inflight_agents::run::End;
use inflight_agents::{
    Agent, AgentOutput, Projections, Refused, Run, RunEvent, RunInput, Start, Store, StoreError, Want,
};
use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Semaphore, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::error;

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
    /// Where pieces of answers are told while they are written.
    pub hub: Option<HubHandle>,
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

    /// Begins a run of an agent, once for its input.
    ///
    /// # Errors
    /// There is no such agent, it has a defect, or the disk refuses.
    pub async fn begin(&self, agent: &str, start: Start) -> Result<Begun, DriveError> {
        let (driver, agent) = (self.clone(), self.agent(agent)?);
        self.apart(async move { driver.started(agent, start).await }).await.unwrap_or(Err(DriveError::Defect))
    }

    async fn started(&self, agent: Arc<dyn Agent>, start: Start) -> Result<Begun, DriveError> {
        let held = self.hold(&start.run);
        let mut place = held.slot.run.lock().await;
        let now = clock::now();
        let started = catch_unwind(AssertUnwindSafe(|| Run::start(&*agent, start, now)));
        let (run, events) = started.map_err(|_| self.defect(&held.id))?;
        match self.keep(&run, 0, events).await {
            Err(StoreError::InputTaken { run }) => return Ok(Begun { run, repeated: true }),
            kept => kept?,
        }
        let begun = Begun { run: run.id().to_owned(), repeated: false };
        self.act(&held.slot, &run);
        *place = Some(run);
        Ok(begun)
    }

    /// Hands something to a run and does what it can do then; its row afterwards.
    ///
    /// # Errors
    /// There is no such run, it does not take this, or the disk refuses.
    pub async fn input(&self, run: &str, input: RunInput) -> Result<RunRow, DriveError> {
        let (driver, run) = (self.clone(), run.to_owned());
        self.apart(async move { driver.taken(&run, input).await }).await.unwrap_or(Err(DriveError::Defect))
    }

    async fn taken(&self, run: &str, input: RunInput) -> Result<RunRow, DriveError> {
        let held = self.hold(run);
        let mut place = held.slot.run.lock().await;
        let answered = ask::answered(&input).map(str::to_owned);
        let done = self.advanced(&mut place, run, input).await;
        // What the disk refused is handed over again: until then nobody else asks the same.
        if let Some(id) = answered.filter(|_| !matches!(done, Err(DriveError::Store(_)))) {
            locked(&held.slot.asking).remove(&id);
        }
        let known = done?;
        self.act(&held.slot, &known);
        let row = run_row(&known);
        *place = Some(known);
        Ok(row)
    }

    /// The run with what an input brought about, which is on the disk.
    async fn advanced(&self, place: &mut Option<Run>, run: &str, input: RunInput) -> Result<Run, DriveError> {
        let mut known = self.known(place, run).await?;
        let agent = self.agent(&known.started().agent)?;
        let expected = known.seq();
        let now = clock::now();
        let advanced = catch_unwind(AssertUnwindSafe(|| {
            known.advance(&*agent, input, now).map(|events| (known, events))
        }));
        let (known, events) = match advanced {
            Ok(advanced) => advanced?,
            Err(_) => {
                self.defect(run);
                self.end_by_defect(&*agent, run).await?
            }
        };
        self.keep(&known, expected, events).await?;
        Ok(known)
    }

    /// An agent that met a defect is not called again: its run ends, and no other.
    async fn end_by_defect(&self, agent: &dyn Agent, run: &str) -> Result<(Run, Vec<RunEvent>), DriveError> {
        let mut known = self.load(run).await?;
        let by = "a defect of the agent".to_owned();
        let events = known.advance(agent, RunInput::Cancel { by }, clock::now())?;
        Ok((known, events))
    }

    /// The run as it was left, or as its events tell. It is taken out, so that what goes wrong is folded anew.
    async fn known(&self, place: &mut Option<Run>, run: &str) -> Result<Run, DriveError> {
        match place.take() {
            Some(known) => Ok(known),
            None => self.load(run).await,
        }
    }

    async fn load(&self, run: &str) -> Result<Run, DriveError> {
        let id = run.to_owned();
        let events = self.with_store(move |store| store.load(&id)).await?;
        if events.is_empty() {
            return Err(DriveError::NoRun(run.to_owned()));
        }
        Run::fold(events).map_err(|broken| {
            error!(run, %broken, "a run's events are broken");
            DriveError::Broken(format!("the events of {run} are broken: {broken}"))
        })
    }

    async fn keep(&self, run: &Run, expected: u64, events: Vec<RunEvent>) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let (id, projections) = (run.id().to_owned(), Projections::of(run, &events));
        let row = projections.run.clone();
        let events = Arc::new(events);
        let kept = Arc::clone(&events);
        self.with_store(move |store| store.append(&id, expected, &kept, &projections)).await?;
        let output = match run.end() {
            Some(End::Done(output)) => Some((**output).clone()),
            _ => None,
        };
        self.0.parts.metrics.agent_events(events.len() as u64);
        let events = Arc::try_unwrap(events).unwrap_or_else(|shared| (*shared).clone());
        drop(self.0.changes.send(Arc::new(Change { row, output, events })));
        Ok(())
    }

    /// Does what a run wants, once its events are on the disk.
    fn act(&self, slot: &Arc<Slot>, run: &Run) {
        for want in run.wants() {
            match want {
                Want::Ask { id, question, degraded, reserve } => {
                    if locked(&slot.asking).insert(id.clone()) {
                        let asked = answers::Asked::of(run, id, question, degraded, reserve);
                        let driver = self.clone();
                        self.0.tasks.spawn(async move { driver.ask(asked).await });
                    }
                }
                Want::Deliver { .. } => self.0.outbox.wake(),
                Want::Decide { .. } => {}
                Want::Tick { at } => self.0.timer.set(at, run.id()),
            }
        }
    }

    fn agent(&self, name: &str) -> Result<Arc<dyn Agent>, DriveError> {
        self.0.parts.registry.agent(name).ok_or_else(|| DriveError::NoAgent(name.to_owned()))
    }

    fn defect(&self, run: &str) -> DriveError {
        error!(run, "a defect in an agent; its run ends");
        self.0.parts.metrics.survived("agent");
        DriveError::Defect
    }

    fn hold(&self, run: &str) -> Held {
        let slot = locked(&self.0.going).entry(run.to_owned()).or_default().clone();
        Held { driver: self.clone(), id: run.to_owned(), slot }
    }
}

/// A run's place, as long as somebody works on it; then it is forgotten and comes from the store again.
struct Held {
    driver: Driver,
    id: String,
    slot: Arc<Slot>,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut going = locked(&self.driver.0.going);
        // Let go under the lock, so that of two who leave at once the later one clears up.
        drop(core::mem::take(&mut self.slot));
        let nobody = |slot: &Arc<Slot>| Arc::strong_count(slot) == 1 && locked(&slot.asking).is_empty();
        if going.get(&self.id).is_some_and(nobody) {
            going.remove(&self.id);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
