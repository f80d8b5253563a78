//! The child of the check of decisions: drives one run, and stops at each boundary until its parent lets it go on.

use crate::agents::db::Db;
use crate::agents::driver::answers::StoreAnswers;
use crate::agents::driver::{Driver, Parts};
use crate::agents::outbox::Outbox;
use crate::agents::outbox::call::{Calls, Place};
use crate::agents::registry::Registry;
use crate::agents::store::SqliteStore;
use crate::agents::tell::Tell;
use crate::audit::Audit;
use crate::exit::AppError;
use crate::metrics::Metrics;
use core::fmt::Display;
use inflight_agents::budget::{Crossing, Reserve};
use inflight_agents::conformance::start;
use inflight_agents::rows::{OutboxRow, ReviewRow, ReviewStatus, RunRow};
use inflight_agents::store::{BudgetKey, DaySpent, ReviewFilter, RunFilter};
use inflight_agents::{
    Cursor, Decision, DecisionKind, Document, EffectKey, Projections, RunEvent, RunInput, Store, StoreError,
    Table,
};
use inflight_domain::UnixMillis;
use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The run that is driven.
const RUN: &str = "r1";

/// Drives the run to its end.
///
/// # Errors
/// The store cannot be opened, or the run does not begin.
pub async fn run(folder: &Path, hook: &str) -> Result<(), AppError> {
    let db = Db::open(folder).map_err(failed)?;
    let sqlite = SqliteStore::new(db.clone(), Tell::default());
    sqlite.free_taken().map_err(failed)?;
    let store: Arc<dyn Store> = Arc::new(Stopping { store: sqlite, one: Mutex::default() });
    let parts = Parts {
        answers: Arc::new(StoreAnswers::new(Arc::clone(&store), None, None)),
        store: Arc::clone(&store),
        registry: Registry::of_checks(),
        at_once: 4,
        day_max: Reserve { tokens: 1_000_000, cost_microusd: 1_000_000 },
        metrics: Metrics::new(&[String::new(), String::new()]),
        audit: Audit::default(),
        low_confidence: 0.5,
        rooms: None,
    };
    let calls = Calls::new(vec![Place::named("hook", hook)]).map_err(failed)?;
    let driver = Driver::new(parts, Outbox::new(calls));
    let mut changes = driver.changes();
    driver.run();
    if store.load(RUN).map_err(failed)?.is_empty() {
        driver.begin("clerk", start(RUN, 200.0, 90.0)).await.map_err(failed)?;
    }
    loop {
        decide(&driver, &*store).await?;
        let unfinished = driver.with_store(|store| store.unfinished()).await.map_err(failed)?;
        if unfinished.is_empty() {
            break;
        }
        // What came between was missed, and is looked at all the same.
        drop(changes.recv().await);
    }
    driver.stop().await;
    db.close();
    say("end");
    Ok(())
}

/// Decides what is open, as a person would.
async fn decide(driver: &Driver, store: &dyn Store) -> Result<(), AppError> {
    let open = ReviewFilter { status: Some(ReviewStatus::Open), limit: 10, ..ReviewFilter::default() };
    for review in store.reviews(&open).map_err(failed)? {
        let decision = Decision {
            approval: review.id,
            by: "ana".to_owned(),
            role: review.role,
            decision: DecisionKind::Approve { payload: None },
            reason: None,
            undo_ms: 0,
        };
        driver.input(&review.run, RunInput::Decide(decision)).await.map_err(failed)?;
    }
    Ok(())
}

/// A store that stops before and after each change.
struct Stopping {
    store: SqliteStore,
    /// One at a time says where it is.
    one: Mutex<()>,
}

impl Stopping {
    fn around<T>(&self, what: &str, act: impl FnOnce() -> T) -> T {
        let _one = self.one.lock().unwrap_or_else(PoisonError::into_inner);
        stop(&format!("before {what}"));
        let done = act();
        stop(&format!("after {what}"));
        done
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}

/// Waits until the parent lets it go on, or kills it.
fn stop(place: &str) {
    say(&format!("boundary {place}"));
    drop(std::io::stdin().lock().read_line(&mut String::new()));
}

fn failed(error: impl Display) -> AppError {
    AppError::Other(error.to_string())
}

impl Store for Stopping {
    fn append(
        &self,
        run: &str,
        expected_seq: u64,
        events: &[RunEvent],
        projections: &Projections,
    ) -> Result<(), StoreError> {
        self.around("append", || self.store.append(run, expected_seq, events, projections))
    }

    fn load(&self, run: &str) -> Result<Vec<RunEvent>, StoreError> {
        self.store.load(run)
    }

    fn unfinished(&self) -> Result<Vec<String>, StoreError> {
        self.store.unfinished()
    }

    fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRow>, StoreError> {
        self.store.runs(filter)
    }

    fn reviews(&self, filter: &ReviewFilter) -> Result<Vec<ReviewRow>, StoreError> {
        self.store.reviews(filter)
    }

    fn review(&self, id: &str) -> Result<Option<ReviewRow>, StoreError> {
        self.store.review(id)
    }

    fn cursor(&self, stream: &str) -> Result<Option<Cursor>, StoreError> {
        self.store.cursor(stream)
    }

    fn move_cursor(&self, cursor: &Cursor) -> Result<(), StoreError> {
        self.around("cursor", || self.store.move_cursor(cursor))
    }

    fn input_run(&self, business: &str, input: &str) -> Result<Option<String>, StoreError> {
        self.store.input_run(business, input)
    }

    fn outbox_take(
        &self,
        now: UnixMillis,
        until: UnixMillis,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let taken = self.store.outbox_take(now, until, limit)?;
        if !taken.is_empty() {
            self.around("delivery", || ());
        }
        Ok(taken)
    }

    fn outbox_retry(&self, key: &EffectKey, due: UnixMillis, error: &str) -> Result<(), StoreError> {
        self.around("retry", || self.store.outbox_retry(key, due, error))
    }

    fn outbox_put_off(&self, key: &EffectKey, due: UnixMillis, why: &str) -> Result<(), StoreError> {
        self.around("put off", || self.store.outbox_put_off(key, due, why))
    }

    fn outbox_next(&self) -> Result<Option<UnixMillis>, StoreError> {
        self.store.outbox_next()
    }

    fn budget_reserve(
        &self,
        of: &BudgetKey,
        reserve: Reserve,
        max: Reserve,
    ) -> Result<Option<Crossing>, StoreError> {
        self.around("reserve", || self.store.budget_reserve(of, reserve, max))
    }

    fn budget_settle(&self, of: &BudgetKey, spent: Reserve) -> Result<(), StoreError> {
        self.around("settle", || self.store.budget_settle(of, spent))
    }

    fn budget_day(&self, business: &str, day: i64) -> Result<DaySpent, StoreError> {
        self.store.budget_day(business, day)
    }

    fn document(&self, table: Table, business: &str, id: &str) -> Result<Option<Document>, StoreError> {
        self.store.document(table, business, id)
    }

    fn documents(&self, table: Table, business: Option<&str>) -> Result<Vec<Document>, StoreError> {
        self.store.documents(table, business)
    }

    fn put(&self, document: &Document) -> Result<(), StoreError> {
        self.store.put(document)
    }

    fn remove(&self, table: Table, business: &str, id: &str) -> Result<(), StoreError> {
        self.store.remove(table, business, id)
    }
}
