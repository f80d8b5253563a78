//! What happens at set times: schedules that are kept, and the task that begins their runs. Specification 004's
//! CronModule: schedule, execute, status, cancel.

pub mod cron;
mod noting;
pub mod plan;
pub mod row;
mod step;

use crate::agents::driver::DriveError;
use crate::agents::schedule::noting::MISSED;
use crate::agents::schedule::row::ScheduleRow;
use crate::agents::schedule::step::{Moment, Step};
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
        noting::came(agents, &document, Moment::Asked(now_ms), Ok(begun.run.clone())).await?;
        Ok(begun.run)
    }

    /// Notes of each schedule how its run ended, and looks anew when an agent has changed something.
    async fn follow(&self, agents: Agents) {
        let mut changes = agents.driver().changes();
        // What ended before anybody listened.
        let mut missed = true;
        loop {
            if missed {
                let settled = agents.driver().with_store(noting::settle).await;
                missed = settled.is_err();
                if let Err(cause) = settled {
                    warn!(%cause, "how runs of schedules ended is not known");
                }
                self.wake();
            }
            let change = match changes.recv().await {
                Ok(change) => change,
                Err(RecvError::Lagged(_)) => {
                    missed = true;
                    continue;
                }
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
            let status = row.status;
            let noted = move |store: &dyn Store| noting::ended(store, &business, &run, status);
            let noted = agents.driver().with_store(noted).await;
            if let Err(cause) = noted {
                warn!(%cause, "how a schedule's run ended was not noted");
                missed = true;
            }
            // The next may have waited for it.
            self.wake();
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
    let now_ms = clock::now().0;
    let later_ms = now_ms + LOOK_MS;
    let Ok(row) = ScheduleRow::read(document) else { return Ok(later_ms) };
    match step::next(&row, now_ms) {
        Step::Rest => Ok(later_ms),
        Step::Until(next_ms) => Ok(next_ms),
        Step::Run(moment) => begin(agents, document, &row, moment).await,
        Step::Pass(due) => {
            let look_ms = due.next_ms.unwrap_or(later_ms);
            noting::came(agents, document, Moment::Due(due), Err(MISSED.to_owned())).await?;
            Ok(look_ms)
        }
        Step::Plan(planned) => noting::planned(agents, document, *planned).await.map(|()| now_ms),
        Step::Never(cause) => noting::unplanned(agents, document, &row, &cause).await.map(|()| later_ms),
    }
}

/// Begins a run for a moment that has come; when to look at the schedule again.
async fn begin(
    agents: &Agents,
    document: &Document,
    row: &ScheduleRow,
    moment: Moment,
) -> Result<i64, RunError> {
    let now_ms = clock::now().0;
    // Switched off or busy, it stays due; what it misses meanwhile follows its policy.
    if !agents.are_on() {
        return Ok(now_ms + LOOK_MS);
    }
    if going_on(agents, row).await?.is_some() {
        return Ok(now_ms + LOOK_MS);
    }
    let (run_ms, why) = match &moment {
        Moment::Due(due) => (due.run_ms.unwrap_or(now_ms), "at"),
        Moment::Asked(asked_ms) => (*asked_ms, "now"),
    };
    let begun = agents.submit(row.input_at(document, run_ms, why)).await;
    // What the disk refused stays due.
    if let Err(SubmitError::Drive(DriveError::Store(cause))) = begun {
        return Err(cause.into());
    }
    let told = begun.map(|begun| begun.run).map_err(|cause| cause.to_string());
    noting::came(agents, document, moment, told).await?;
    Ok(now_ms)
}

/// The run of a schedule that still goes on.
async fn going_on(agents: &Agents, row: &ScheduleRow) -> Result<Option<String>, StoreError> {
    let Some(run) = row.last_run.clone().filter(|_| row.last_status.as_deref() == Some("running")) else {
        return Ok(None);
    };
    let (store, id) = (agents.store().clone(), run.clone());
    let goes_on = agents.driver().with_store(move |_| store.goes_on(&id)).await?;
    Ok(goes_on.then_some(run))
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
    let mut runs = store.runs(&filter)?;
    runs.retain(|row| is_input_of(id, &row.input));
    Ok(runs)
}

/// Whether an input has an identifier of those that [`ScheduleRow::input_at`] makes for a schedule, and for no other
/// whose name begins in the same way.
fn is_input_of(id: &str, input: &str) -> bool {
    let moment = input.strip_prefix("cron-").and_then(|rest| rest.strip_prefix(id));
    let moment = moment.and_then(|rest| rest.strip_prefix("-at-").or_else(|| rest.strip_prefix("-now-")));
    moment.is_some_and(|moment| moment.parse::<i64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_belong_to_the_schedule_that_they_name() {
        let check = |id: &str, input: &str, expected: bool| {
            assert_eq!(is_input_of(id, input), expected, "{id} {input}");
        };
        check("morning", "cron-morning-at-1700000000000", true);
        check("morning", "cron-morning-now-1700000000000", true);
        check("morning", "cron-morning-digest-at-1700000000000", false);
        check("morning", "cron-morning-at-at-1700000000000", false);
        check("morning-at", "cron-morning-at-at-1700000000000", true);
        check("morning", "cron-morning-at-", false);
    }
}
