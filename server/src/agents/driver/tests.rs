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
use inflight_agents::conformance::start;
use inflight_agents::memory::Memory;
use rusqlite::Connection;
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
    let store: Arc<dyn Store> = Arc::new(Memory::default());
    driver_with(Arc::clone(&store), Arc::new(StoreAnswers::new(store, None, None)))
}

pub(super) fn driver_with(store: Arc<dyn Store>, answers: Arc<dyn Answers>) -> Driver {
    let parts = Parts {
        answers,
        store,
        registry: Registry::of_checks(),
        at_once: 4,
        day_max: Reserve { tokens: 1_000_000, cost_microusd: 1_000_000 },
        metrics: Metrics::new(&[String::new(), String::new()]),
        hub: None,
    };
    Driver::new(parts, Outbox::new(Calls::new(Vec::new()).unwrap()))
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

#[tokio::test]
async fn what_the_disk_refused_is_tried_again_and_nothing_else() {
    let driver = driver();
    driver.later("lost", &DriveError::NoRun("lost".to_owned()));
    driver.later("refused", &DriveError::Store(StoreError::Failed("full".to_owned())));
    assert_eq!(timeout(PATIENCE, driver.0.timer.next()).await, Ok("refused".to_owned()));
}

#[tokio::test]
async fn a_question_whose_answer_the_disk_refused_is_not_asked_by_others() {
    let folder = Folder::new();
    let store = SqliteStore::new(Db::open(&folder.0).unwrap(), Tell::default());
    let driver = driver_with(Arc::new(store), Arc::new(Nobody));
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
