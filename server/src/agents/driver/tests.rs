//! Runs go on whoever hangs up, and where the disk refuses for a while.

use super::*;
use crate::agents::driver::answers::StoreAnswers;
use crate::agents::outbox::call::Calls;
use core::time::Duration;
use futures_util::FutureExt;
use inflight_agents::conformance::start;
use inflight_agents::memory::Memory;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

fn driver() -> Driver {
    let store: Arc<dyn Store> = Arc::new(Memory::default());
    let parts = Parts {
        answers: Arc::new(StoreAnswers::new(Arc::clone(&store), None, None)),
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
