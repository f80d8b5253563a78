//! What happens at set times: schedules that are kept, and the task that begins their runs. Specification 004's
//! CronModule: schedule, execute, status, cancel.

pub mod cron;
pub mod plan;
pub mod row;

use crate::agents::driver::DriveError;
use crate::agents::schedule::plan::Due;
use crate::agents::schedule::row::ScheduleRow;
use crate::agents::service::{Agents, SubmitError};
use crate::clock;
use core::time::Duration;
use inflight_agents::spec::InputSource;
use inflight_agents::store::RunFilter;
use inflight_agents::{Document, EventKind, Store, StoreError, Table};
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::sleep;
use tracing::warn;

/// The task that begins runs at set times, and a way to wake it; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Schedules(Arc<Notify>);

/// Why a schedule did not run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RunError {
    /// There is none.
    #[error("there is no schedule {0}")]
    NoSchedule(String),
    /// The run before still goes on.
    #[error("its run {0} still goes on")]
    GoesOn(String),
    /// The input was not taken.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// The disk.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Schedules are looked at this often at least: the clock on the wall may be put right.
const LOOK_MS: i64 = 15_000;

/// A run that still goes on when the next is due is looked at again after this long.
const BUSY_MS: i64 = 1000;

impl Schedules {
    /// A schedule was changed.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Begins runs at their times until the agents stop.
    pub async fn run(self, agents: Agents) {
        let ended = self.follow(agents.clone());
        let due = async {
            loop {
                let wait_ms = execute_due(&agents).await;
                let wait = Duration::from_millis(u64::try_from(wait_ms).unwrap_or_default());
                tokio::select! {
                    () = sleep(wait) => {}
                    () = self.0.notified() => {}
                }
            }
        };
        tokio::join!(ended, due);
    }

    /// Begins a run of a schedule now, whatever its times are; the run.
    ///
    /// # Errors
    /// There is no such schedule, its last run still goes on, or the input is not taken.
    pub async fn run_now(&self, agents: &Agents, business: &str, id: &str) -> Result<String, RunError> {
        let (table, of, named) = (Table::Schedules, business.to_owned(), id.to_owned());
        let found = agents.driver().with_store(move |store| store.document(table, &of, &named)).await?;
        let document = found.ok_or_else(|| RunError::NoSchedule(id.to_owned()))?;
        let row = ScheduleRow::read(&document).map_err(|error| StoreError::Failed(error.to_string()))?;
        if let Some(run) = going_on(agents, &row).await? {
            return Err(RunError::GoesOn(run));
        }
        let now_ms = clock::now().0;
        let begun = agents.submit(row.input_at(&document, now_ms, "now")).await?;
        let due = Due { run_ms: Some(now_ms), next_ms: row.next_ms.first().copied(), passed: 0 };
        note(agents, &document, row, &due, Ok(begun.run.clone())).await?;
        Ok(begun.run)
    }

    /// Notes of each schedule how its run ended, and looks anew when an agent has changed something.
    async fn follow(&self, agents: Agents) {
        let mut changes = agents.driver().changes();
        loop {
            let change = match changes.recv().await {
                Ok(change) => change,
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            };
            if change.events.iter().any(|event| matches!(event.kind, EventKind::EffectSettled { .. })) {
                self.wake();
            }
            let row = &change.row;
            if !row.status.is_over() || row.input_source != InputSource::Cron {
                continue;
            }
            let (business, run) = (row.business.clone(), row.id.clone());
            let status = serde_json::to_value(row.status).ok();
            let status = status.and_then(|status| status.as_str().map(str::to_owned)).unwrap_or_default();
            let noted = agents.driver().with_store(move |store| ended(store, &business, &run, &status)).await;
            if let Err(cause) = noted {
                warn!(%cause, "how a schedule's run ended was not noted");
            }
        }
    }
}

/// Begins what is due; how long nothing else will be.
async fn execute_due(agents: &Agents) -> i64 {
    let documents = agents.driver().with_store(|store| store.documents(Table::Schedules, None)).await;
    let documents = documents.unwrap_or_else(|cause| {
        warn!(%cause, "schedules cannot be read");
        Vec::new()
    });
    let mut wait_ms = LOOK_MS;
    for document in documents {
        match execute(agents, &document).await {
            Ok(next_ms) => wait_ms = wait_ms.min(next_ms - clock::now().0),
            Err(cause) => warn!(schedule = document.id, %cause, "a schedule did not run"),
        }
    }
    wait_ms.max(0)
}

/// Begins a run of one schedule if it is due; when to look at it again.
async fn execute(agents: &Agents, document: &Document) -> Result<i64, RunError> {
    let never = clock::now().0 + LOOK_MS;
    let Ok(row) = ScheduleRow::read(document) else { return Ok(never) };
    let (Ok(plan), Some(next_ms)) = (row.plan(), row.next_ms.first().copied()) else { return Ok(never) };
    if row.status != "active" {
        return Ok(never);
    }
    let now_ms = clock::now().0;
    let due = plan.due(next_ms, now_ms);
    let Some(run_ms) = due.run_ms else {
        let moved = due.next_ms.filter(|moved_ms| *moved_ms != next_ms);
        if moved.is_some() {
            note(agents, document, row, &due, Err("missed".to_owned())).await?;
        }
        return Ok(due.next_ms.unwrap_or(never));
    };
    // Switched off or busy, it stays due; what it misses meanwhile follows its policy.
    if !agents.are_on() {
        return Ok(never);
    }
    if going_on(agents, &row).await?.is_some() {
        return Ok(now_ms + BUSY_MS);
    }
    let begun = agents.submit(row.input_at(document, run_ms, "at")).await;
    // What the disk refused stays due.
    if let Err(SubmitError::Drive(DriveError::Store(cause))) = begun {
        return Err(cause.into());
    }
    let told = begun.map(|begun| begun.run).map_err(|cause| cause.to_string());
    note(agents, document, row, &due, told).await?;
    Ok(now_ms)
}

/// The run of a schedule that still goes on.
async fn going_on(agents: &Agents, row: &ScheduleRow) -> Result<Option<String>, StoreError> {
    let Some(run) = row.last_run.clone().filter(|_| row.last_status.as_deref() == Some("running")) else {
        return Ok(None);
    };
    let id = run.clone();
    let events = agents.driver().with_store(move |store| store.load(&id)).await?;
    let over = inflight_agents::Run::fold(events).map_or(true, |run| run.status().is_over());
    Ok((!over).then_some(run))
}

/// Writes down what came of a moment.
async fn note(
    agents: &Agents,
    document: &Document,
    mut row: ScheduleRow,
    due: &Due,
    told: Result<String, String>,
) -> Result<(), StoreError> {
    row.next_ms = row.plan().map(|plan| plan.shown(due.next_ms)).unwrap_or_default();
    if due.passed > 0 {
        row.missed_count += due.passed;
    }
    match told {
        Ok(run) => (row.last_run, row.last_status) = (Some(run), Some("running".to_owned())),
        Err(why) => row.last_status = Some(why),
    }
    row.last_ms = due.run_ms.or(row.last_ms);
    let changed = row.written(document);
    agents.driver().with_store(move |store| store.put(&changed)).await
}

fn ended(store: &dyn Store, business: &str, run: &str, status: &str) -> Result<(), StoreError> {
    for document in store.documents(Table::Schedules, Some(business))? {
        if let Ok(mut row) = ScheduleRow::read(&document)
            && row.last_run.as_deref() == Some(run)
        {
            row.last_status = Some(status.to_owned());
            store.put(&row.written(&document))?;
        }
    }
    Ok(())
}

/// The newest runs of a schedule, for its status.
///
/// # Errors
/// What is stored cannot be read.
pub fn runs_of(
    store: &dyn Store,
    business: &str,
    id: &str,
) -> Result<Vec<inflight_agents::rows::RunRow>, StoreError> {
    let filter = RunFilter { business: Some(business.to_owned()), limit: 200, ..RunFilter::default() };
    let begins = format!("cron-{id}-");
    let mut runs = store.runs(&filter)?;
    runs.retain(|row| row.input.starts_with(&begins));
    Ok(runs)
}
