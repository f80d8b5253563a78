//! One run going on: it begins, takes what comes, and what it wants is done once its events are on the disk.

use crate::agents::driver::{
    Alongside, Begun, Change, DriveError, Driver, Slot, answers, ask, lapse, locked,
};
use crate::agents::watching;
use crate::clock;
use inflight_agents::projection::run_row;
use inflight_agents::rows::RunRow;
use inflight_agents::run::End;
use inflight_agents::{Agent, Projections, Run, RunEvent, RunInput, Start, StoreError, Want};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tracing::error;

impl Driver {
    /// Begins a run of an agent, once for its input.
    ///
    /// # Errors
    /// There is no such agent, it has a defect, or the disk refuses.
    pub async fn begin(&self, agent: &str, start: Start) -> Result<Begun, DriveError> {
        self.begin_with(agent, start, Alongside::default()).await
    }

    /// The same, with what is written when the run begins and not without it.
    ///
    /// # Errors
    /// As [`Driver::begin`].
    pub async fn begin_with(
        &self,
        agent: &str,
        start: Start,
        alongside: Alongside,
    ) -> Result<Begun, DriveError> {
        let (driver, agent) = (self.clone(), self.agent(agent)?);
        let started = self.apart(async move { driver.started(agent, start, alongside).await }).await;
        started.unwrap_or(Err(DriveError::Defect))
    }

    async fn started(
        &self,
        agent: Arc<dyn Agent>,
        start: Start,
        alongside: Alongside,
    ) -> Result<Begun, DriveError> {
        let held = self.hold(&start.run);
        let mut place = held.slot.run.lock().await;
        let now = clock::now();
        let started = catch_unwind(AssertUnwindSafe(|| Run::start(&*agent, start, now)));
        let (run, events) = started.map_err(|_| self.defect(&held.id))?;
        match self.keep(&run, 0, events, alongside).await {
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
        self.lapse_first(&held, &mut place, &input).await?;
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
    pub(super) async fn advanced(
        &self,
        place: &mut Option<Run>,
        run: &str,
        input: RunInput,
    ) -> Result<Run, DriveError> {
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
        self.keep(&known, expected, events, Alongside::default()).await?;
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
    pub(super) async fn known(&self, place: &mut Option<Run>, run: &str) -> Result<Run, DriveError> {
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

    async fn keep(
        &self,
        run: &Run,
        expected: u64,
        events: Vec<RunEvent>,
        alongside: Alongside,
    ) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let (id, mut projections) = (run.id().to_owned(), Projections::of(run, &events));
        projections.rows.extend(alongside.row);
        projections.cursor = alongside.cursor;
        let (row, cases) = (projections.run.clone(), lapse::cases(run, &projections, &events));
        let events = Arc::new(events);
        let kept = Arc::clone(&events);
        self.with_store(move |store| store.append(&id, expected, &kept, &projections)).await?;
        let output = match run.end() {
            Some(End::Done(output)) => Some((**output).clone()),
            _ => None,
        };
        self.0.parts.metrics.agent_events(events.len() as u64);
        if events.iter().any(|event| event.kind.is_end()) {
            watching::ended(&self.0.parts.metrics, self.0.parts.low_confidence, &row);
        }
        self.lapse_later(&row, cases);
        let events = Arc::try_unwrap(events).unwrap_or_else(|shared| (*shared).clone());
        drop(self.0.changes.send(Arc::new(Change { row, output, events })));
        Ok(())
    }

    /// Does what a run wants, once its events are on the disk.
    pub(super) fn act(&self, slot: &Arc<Slot>, run: &Run) {
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

    /// Holds a run that can go on, so that it is known when it does.
    ///
    /// # Errors
    /// There is no such run, nobody knows its agent, or what the disk has of it cannot be read.
    pub(in crate::agents) async fn ready(&self, run: &str) -> Result<Held, DriveError> {
        let held = self.hold(run);
        let mut place = held.slot.run.lock().await;
        let known = self.known(&mut place, run).await?;
        let agent = self.agent(&known.started().agent);
        *place = Some(known);
        drop(place);
        agent.map(|_| held)
    }

    pub(super) fn hold(&self, run: &str) -> Held {
        let slot = locked(&self.0.going).entry(run.to_owned()).or_default().clone();
        Held { driver: self.clone(), id: run.to_owned(), slot }
    }
}

/// A run's place, as long as somebody works on it; then it is forgotten and comes from the store again.
pub(in crate::agents) struct Held {
    driver: Driver,
    pub(super) id: String,
    pub(super) slot: Arc<Slot>,
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
