//! What is written down of a schedule: what came of its moments, how its runs ended, when it is due next.

use crate::agents::schedule::RunError;
use crate::agents::schedule::cron::CronError;
use crate::agents::schedule::row::ScheduleRow;
use crate::agents::schedule::step::Moment;
use crate::agents::service::Agents;
use inflight_agents::{Document, Run, Status, Store, StoreError, Table};

/// In place of a status where moments passed without a run.
pub(super) const MISSED: &str = "missed";

/// Writes down what came of a moment: a run, or why there is none.
pub(super) async fn came(
    agents: &Agents,
    document: &Document,
    moment: Moment,
    told: Result<String, String>,
) -> Result<(), StoreError> {
    let read = document.clone();
    agents.driver().with_store(move |store| note(store, &read, &moment, &told)).await
}

/// Writes down when a schedule is due, which was not known any more.
pub(super) async fn planned(
    agents: &Agents,
    document: &Document,
    mut row: ScheduleRow,
) -> Result<(), RunError> {
    if row.last_why.take().is_some() {
        row.last_status = None;
    }
    let next = row.written(document);
    Ok(agents.driver().with_store(move |store| store.put(&next)).await?)
}

/// Writes down, once, why a schedule that ought to run is not due at any time.
pub(super) async fn unplanned(
    agents: &Agents,
    document: &Document,
    row: &ScheduleRow,
    cause: &CronError,
) -> Result<(), RunError> {
    let why = cause.to_string();
    if row.last_why.as_ref() == Some(&why) && row.next_ms.is_empty() {
        return Ok(());
    }
    let row = ScheduleRow {
        next_ms: Vec::new(),
        last_status: Some("failed".to_owned()),
        last_why: Some(why),
        ..row.clone()
    };
    let next = row.written(document);
    Ok(agents.driver().with_store(move |store| store.put(&next)).await?)
}

/// Writes down how a run ended, where it is the last one of a schedule.
pub(super) fn ended(store: &dyn Store, business: &str, run: &str, status: Status) -> Result<(), StoreError> {
    let status = serde_json::to_value(status).ok().and_then(|status| status.as_str().map(str::to_owned));
    stands(store, business, run, status.as_deref())
}

fn stands(store: &dyn Store, business: &str, run: &str, status: Option<&str>) -> Result<(), StoreError> {
    for document in store.documents(Table::Schedules, Some(business))? {
        revise(store, document, |_, row| {
            let is_news = row.last_run.as_deref() == Some(run) && row.last_status.as_deref() != status;
            if is_news {
                row.last_status = status.map(str::to_owned);
            }
            is_news
        })?;
    }
    Ok(())
}

/// Writes down how the last runs of schedules ended that seem to go on, where nobody heard of it: the process was killed,
/// or had more to hear of than it could.
pub(super) fn settle(store: &dyn Store) -> Result<(), StoreError> {
    for document in store.documents(Table::Schedules, None)? {
        let Ok(row) = ScheduleRow::read(&document) else { continue };
        let Some(run) = row.last_run.filter(|_| row.last_status.as_deref() == Some("running")) else {
            continue;
        };
        settle_run(store, &document.business, &run)?;
    }
    Ok(())
}

fn settle_run(store: &dyn Store, business: &str, run: &str) -> Result<(), StoreError> {
    let events = store.load(run)?;
    // It was let go of long after its end, and nobody knows any more how that was.
    if events.is_empty() {
        return stands(store, business, run, None);
    }
    let status = Run::fold(events).ok().map(|run| run.status());
    match status.filter(|status| status.is_over()) {
        Some(status) => ended(store, business, run, status),
        None => Ok(()),
    }
}

fn note(
    store: &dyn Store,
    read: &Document,
    moment: &Moment,
    told: &Result<String, String>,
) -> Result<(), StoreError> {
    revise(store, read.clone(), |document, row| {
        match moment {
            Moment::Asked(asked_ms) => {
                row.asked_ms = row.asked_ms.filter(|own_ms| own_ms != asked_ms);
                row.last_ms = Some(*asked_ms);
            }
            Moment::Due(due) => {
                row.missed_count += due.passed;
                row.last_ms = due.run_ms.or(row.last_ms);
                // Whoever changed the schedule meanwhile has planned it anew.
                if document.fields.get("next_ms") == read.fields.get("next_ms") {
                    row.next_ms = row.plan().map(|plan| plan.shown(due.next_ms)).unwrap_or_default();
                }
            }
        }
        row.last_why = None;
        match told {
            Ok(run) => (row.last_run, row.last_status) = (Some(run.clone()), Some("running".to_owned())),
            Err(why) if why == MISSED => row.last_status = Some(why.clone()),
            Err(why) => {
                (row.last_status, row.last_why) = (Some("failed".to_owned()), Some(why.clone()));
            }
        }
        true
    })?;
    // A run may be over before it is written down that it began; its end was told to nobody then.
    let Ok(run) = told else { return Ok(()) };
    settle_run(store, &read.business, run)
}

/// Changes a schedule as it is now, again until nobody comes between. Nothing is written where nothing changes.
fn revise(
    store: &dyn Store,
    mut document: Document,
    change: impl Fn(&Document, &mut ScheduleRow) -> bool,
) -> Result<(), StoreError> {
    loop {
        let Ok(mut row) = ScheduleRow::read(&document) else { return Ok(()) };
        if !change(&document, &mut row) {
            return Ok(());
        }
        match store.put(&row.written(&document)) {
            Err(StoreError::Version { .. }) => {
                let found = store.document(Table::Schedules, &document.business, &document.id)?;
                let Some(found) = found else { return Ok(()) };
                document = found;
            }
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::schedule::plan::Due;
    use inflight_agents::clerk::Clerk;
    use inflight_agents::conformance::{commit, start};
    use inflight_agents::memory::Memory;
    use inflight_agents::{RunInput, Typed};
    use inflight_domain::UnixMillis;

    fn schedule(store: &Memory) -> Document {
        let row = ScheduleRow {
            name: "Morning".to_owned(),
            cron: "@hourly".to_owned(),
            time_zone: "UTC".to_owned(),
            agent: "clerk".to_owned(),
            status: "active".to_owned(),
            ..ScheduleRow::default()
        };
        let document = row.planned_from(0).unwrap().new_document("B1", "morning");
        store.put(&document).unwrap();
        document
    }

    fn now(store: &Memory) -> ScheduleRow {
        ScheduleRow::read(&store.document(Table::Schedules, "B1", "morning").unwrap().unwrap()).unwrap()
    }

    /// A run in the store, over or not.
    fn run(store: &Memory, id: &str, is_over: bool) {
        let agent = Typed(Clerk::new().unwrap());
        let (mut run, events) = Run::start(&agent, start(id, 200.0, 90.0), UnixMillis(1000));
        commit(store, &run, &events).unwrap();
        if is_over {
            let cancel = RunInput::Cancel { by: "ana".to_owned() };
            let events = run.advance(&agent, cancel, UnixMillis(2000)).unwrap();
            commit(store, &run, &events).unwrap();
        }
    }

    #[test]
    fn a_run_that_is_over_before_it_is_noted_does_not_stay_running() {
        let due = Due { run_ms: Some(3_600_000), next_ms: Some(7_200_000), passed: 0 };
        for (is_over, expected) in [(true, "cancelled"), (false, "running")] {
            let store = Memory::default();
            let read = schedule(&store);
            run(&store, "r1", is_over);
            note(&store, &read, &Moment::Due(due.clone()), &Ok("r1".to_owned())).unwrap();
            let row = now(&store);
            assert_eq!((row.last_status.as_deref(), row.next_ms[0]), (Some(expected), 7_200_000));
            ended(&store, "B1", "r1", Status::Done).unwrap();
            assert_eq!(now(&store).last_status.as_deref(), Some("done"));
        }
    }

    #[test]
    fn what_ended_while_nobody_listened_is_settled_from_the_run_itself() {
        for (is_over, expected) in
            [(Some(true), Some("cancelled")), (Some(false), Some("running")), (None, None)]
        {
            let store = Memory::default();
            let read = schedule(&store);
            let row = ScheduleRow {
                last_run: Some("r1".to_owned()),
                last_status: Some("running".to_owned()),
                ..now(&store)
            };
            store.put(&row.written(&read)).unwrap();
            is_over.iter().for_each(|is_over| run(&store, "r1", *is_over));
            settle(&store).unwrap();
            assert_eq!(now(&store).last_status.as_deref(), expected);
        }
    }

    #[test]
    fn whoever_changes_a_schedule_while_it_begins_a_run_has_their_way() {
        let store = Memory::default();
        let read = schedule(&store);
        let changed = ScheduleRow { cron: "@daily".to_owned(), asked_ms: Some(5), ..now(&store) };
        store.put(&changed.planned_from(0).unwrap().written(&read)).unwrap();
        let due = Due { run_ms: Some(3_600_000), next_ms: Some(7_200_000), passed: 2 };
        note(&store, &read, &Moment::Due(due), &Err("no agent".to_owned())).unwrap();
        let row = now(&store);
        assert_eq!((row.cron.as_str(), row.next_ms[0], row.missed_count), ("@daily", 86_400_000, 2));
        assert_eq!((row.last_status.as_deref(), row.last_why.as_deref()), (Some("failed"), Some("no agent")));
        run(&store, "r2", false);
        note(&store, &read, &Moment::Asked(5), &Ok("r2".to_owned())).unwrap();
        let row = now(&store);
        assert_eq!((row.asked_ms, row.last_why, row.next_ms[0]), (None, None, 86_400_000));
    }
}
