//! Runs go on whoever hangs up, and where the disk refuses for a while.

use super::*;
use crate::agents::db::Db;
use crate::agents::db::tests::Folder;
use crate::agents::driver::answers::{Answering, Asked, Piece, StoreAnswers, failure};
use crate::agents::outbox::call::Calls;
use crate::agents::store::SqliteStore;
use crate::agents::tell::Tell;
use core::time::Duration;
use futures_util::FutureExt;
use inflight_agents::clerk::Clerk;
use inflight_agents::conformance::{self, World, start};
use inflight_agents::memory::Memory;
use inflight_agents::store::{BudgetKey, ReviewFilter, RunFilter};
use inflight_agents::{
    Answer, AskFailure, Decision, DecisionKind, Document, EffectOutcome, Role, Run, RunInput, Status, Table,
    Typed, Usage, Want,
};
use inflight_domain::UnixMillis;
use rusqlite::Connection;
use serde_json::json;
use std::sync::atomic::Ordering;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

/// Answers nothing.
struct Nobody;

impl Answers for Nobody {
    fn answer<'a>(&'a self, _: &'a Asked, _: Piece<'a>) -> Answering<'a> {
        Box::pin(core::future::pending())
    }
}

fn driver() -> Driver {
    driver_of(Registry::of_checks())
}

fn driver_of(registry: Registry) -> Driver {
    driver_over(Memory::default(), registry)
}

pub(super) fn driver_over(memory: Memory, registry: Registry) -> Driver {
    let store: Arc<dyn Store> = Arc::new(memory);
    driver_with(Arc::clone(&store), Arc::new(StoreAnswers::new(store, None, None)), registry)
}

pub(super) fn driver_with(store: Arc<dyn Store>, answers: Arc<dyn Answers>, registry: Registry) -> Driver {
    Driver::new(parts(store, answers, registry), Outbox::new(Calls::new(Vec::new()).unwrap()))
}

/// One that has nothing to drive, and rooms.
pub(super) fn driver_of_rooms(rooms: Rooms) -> Driver {
    let parts = parts(Arc::new(Memory::default()), Arc::new(Nobody), Registry::of_checks());
    Driver::new(Parts { rooms: Some(rooms), ..parts }, Outbox::new(Calls::new(Vec::new()).unwrap()))
}

fn parts(store: Arc<dyn Store>, answers: Arc<dyn Answers>, registry: Registry) -> Parts {
    Parts {
        answers,
        store,
        registry,
        at_once: 4,
        day_max: Reserve { tokens: 1_000_000, cost_microusd: 1_000_000 },
        metrics: Metrics::new(&[String::new(), String::new()]),
        audit: Audit::default(),
        low_confidence: 0.5,
        rooms: None,
    }
}

#[tokio::test]
async fn whoever_hangs_up_leaves_no_run_behind() {
    let driver = driver();
    let mut changes = driver.changes();
    let mut beginning = Box::pin(driver.begin("clerk", start("r1", 200.0, 90.0)));
    assert!(beginning.as_mut().now_or_never().is_none());
    drop(beginning);
    let change = timeout(PATIENCE, changes.recv()).await.unwrap().unwrap();
    assert_eq!((change.row.id.as_str(), change.row.status.is_over()), ("r1", false));
    let by = "ana".to_owned();
    let mut cancelling = Box::pin(driver.input("r1", RunInput::Cancel { by }));
    assert!(cancelling.as_mut().now_or_never().is_none());
    drop(cancelling);
    let ended = async { while !changes.recv().await.unwrap().row.status.is_over() {} };
    timeout(PATIENCE, ended).await.unwrap();
}

fn document(table: Table, id: &str, fields: serde_json::Value) -> Document {
    let (id, fields) = (id.to_owned(), fields.as_object().cloned().unwrap());
    Document { table, business: "b1".to_owned(), id, version: 1, changed: UnixMillis(1), fields }
}

/// Waits until a run is as wanted.
async fn reach(driver: &Driver, run: &str, wanted: impl Fn(&RunRow) -> bool) -> RunRow {
    let mut changes = driver.changes();
    let filter = RunFilter { limit: 9, ..RunFilter::default() };
    let reached = async {
        loop {
            let rows = driver.store().runs(&filter).unwrap();
            if let Some(row) = rows.into_iter().find(|row| row.id == run && wanted(row)) {
                return row;
            }
            changes.recv().await.unwrap();
        }
    };
    timeout(PATIENCE, reached).await.unwrap()
}

#[tokio::test]
async fn of_two_who_change_one_row_the_second_is_told_and_changes_nothing() {
    let driver = driver_of(Registry::of_this_build());
    driver.run();
    let gate = json!({"type": "gate", "name": "Gate B12", "status": "open", "attributes": {}});
    driver.store().put(&document(Table::Businesses, "b1", json!({"name": "B", "type": "airline"}))).unwrap();
    driver.store().put(&document(Table::Resources, "gate-b12", gate)).unwrap();
    let mut deciding = Vec::new();
    for (run, text) in [("r1", "close gate B12"), ("r2", "set gate B12 to maintenance")] {
        let mut start = start(run, 0.0, 0.0);
        start.input.content.text = Some(text.to_owned());
        driver.begin("coordinator", start).await.unwrap();
        reach(&driver, run, |row| row.status == Status::Review).await;
        let approval = driver.store().reviews(&ReviewFilter {
            run: Some(run.to_owned()),
            limit: 1,
            ..ReviewFilter::default()
        });
        let approval = approval.unwrap().remove(0).id;
        let (by, decision) = (["by", run].concat(), DecisionKind::Approve { payload: None });
        let decision = Decision { approval, by, role: Role::Admin, decision, reason: None, undo_ms: 0 };
        deciding.push(driver.input(run, RunInput::Decide(decision)));
    }
    let [one, other] = <[_; 2]>::try_from(deciding).ok().unwrap();
    let (one, other) = tokio::join!(one, other);
    one.and(other).unwrap();
    let mut codes = Vec::new();
    for run in ["r1", "r2"] {
        codes.extend(reach(&driver, run, |row| row.status.is_over()).await.decision_code);
    }
    let row = driver.store().document(Table::Resources, "b1", "gate-b12").unwrap().unwrap();
    let winner = usize::from(codes[0] != "assistant-changed");
    assert_eq!(codes[1 - winner], "assistant-changed-meanwhile");
    let expected = [("closed", "byr1"), ("maintenance", "byr2")][winner];
    assert_eq!(
        (row.version, &row.fields["status"], &row.fields["changed_by"]),
        (2, &json!(expected.0), &json!(expected.1))
    );
    driver.stop().await;
}

#[tokio::test]
async fn what_the_disk_refused_is_tried_again_and_nothing_else() {
    let driver = driver();
    driver.later("lost", &DriveError::NoRun("lost".to_owned()));
    driver.later("refused", &DriveError::Store(StoreError::Failed("full".to_owned())));
    assert_eq!(timeout(PATIENCE, driver.0.timer.next()).await, Ok("refused".to_owned()));
}

#[tokio::test]
async fn what_was_paid_for_nothing_counts_for_the_day() {
    let driver = driver();
    let key = |question: &str| BudgetKey {
        business: "b1".to_owned(),
        day: 1,
        run: "r1".to_owned(),
        question: question.to_owned(),
    };
    let (aside, max) = (Reserve { tokens: 900, cost_microusd: 90 }, driver.0.parts.day_max);
    let usage = Usage { input_tokens: 60, output_tokens: 40, cost_microusd: 7, took_ms: 0 };
    let failed = AskFailure { usage, ..AskFailure::new("invalid", "no schema") };
    for (question, answer) in [("1.0", Err(failed)), ("1.1", Ok(Answer { usage, ..Answer::default() }))] {
        let of = key(question);
        driver.with_store(move |store| store.budget_reserve(&of, aside, max)).await.unwrap();
        driver.settle(Some(key(question)), &answer).await;
    }
    let day = driver.with_store(|store| store.budget_day("b1", 1)).await.unwrap();
    assert_eq!((day.spent, day.reserved), (Reserve { tokens: 200, cost_microusd: 14 }, Reserve::default()));
}

#[tokio::test]
async fn a_question_whose_answer_the_disk_refused_is_not_asked_by_others() {
    let folder = Folder::new();
    let store = SqliteStore::new(Db::open(&folder.0).unwrap(), Tell::default());
    let driver = driver_with(Arc::new(store), Arc::new(Nobody), Registry::of_checks());
    driver.begin("clerk", start("r1", 200.0, 90.0)).await.unwrap();
    let run = Run::fold(driver.store().load("r1").unwrap()).unwrap();
    let asked = run.wants().into_iter().find_map(|want| match want {
        Want::Ask { id, .. } => Some(id),
        _ => None,
    });
    let id = asked.unwrap();
    let is_asked = || locked(&driver.hold("r1").slot.asking).contains(&id);
    let answer = || RunInput::AnswerFailed { id: id.clone(), failure: failure("timeout", "too late") };
    let disk = Connection::open(folder.0.join("agents.sqlite")).unwrap();
    disk.execute_batch("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'full'); END")
        .unwrap();
    let refused = driver.input("r1", answer()).await;
    assert!(matches!(refused, Err(DriveError::Store(_))), "{refused:?}");
    assert!(is_asked());
    disk.execute_batch("DROP TRIGGER full").unwrap();
    driver.input("r1", answer()).await.unwrap();
    assert!(!is_asked());
}

#[tokio::test]
async fn an_effect_of_an_agent_that_is_gone_is_parked_and_told_once() {
    let memory = Memory::default();
    let agent = Typed(Clerk::new().unwrap());
    let (mut run, events) = Run::start(&agent, start("r1", 200.0, 0.0), UnixMillis(1000));
    conformance::commit(&memory, &run, &events).unwrap();
    let mut world = World { now: UnixMillis(1000), ..World::default() };
    let input = world.serve(&run).unwrap();
    world.take(&memory, &agent, &mut run, input).unwrap();
    assert_eq!(run.node(), "check", "its call waits in the outbox");
    let driver = driver_over(memory, Registry::default());
    driver.run();
    let count = || driver.metrics().render().contains("inflight_agent_effects_total{result=\"parked\"} 2");
    let parked = async {
        while !count() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, parked).await.unwrap();
    let failures = driver.metrics().tally.agent_failures.load(Ordering::Relaxed);
    assert_eq!(failures, 2, "once for each of its effects");
    driver.stop().await;
}

#[tokio::test]
async fn an_end_is_counted_once_also_where_effects_come_after_it() {
    let driver = driver();
    driver.run();
    driver.begin("clerk", start("r1", 200.0, 0.0)).await.unwrap();
    reach(&driver, "r1", |row| row.status.is_over()).await;
    let run = Run::fold(driver.store().load("r1").unwrap()).unwrap();
    let later = run.effects().iter().find(|(_, sent)| sent.outcome.is_none()).map(|(key, _)| key.clone());
    let outcome = EffectOutcome::Done { answer: serde_json::Value::Null };
    driver.input("r1", RunInput::EffectSettled { key: later.unwrap(), outcome }).await.unwrap();
    let told = driver.metrics().render();
    assert!(told.contains("inflight_agent_runs_total{status=\"done\"} 1"), "{told}");
    driver.stop().await;
}
