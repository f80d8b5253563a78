//! The store of runs over SQLite: what a run's events change goes into one transaction with them, and with what rooms
//! are told of it.

mod budgets;
mod cursors;
pub(in crate::agents) mod documents;
mod outbox;
mod runs;
mod sealing;
mod write;

use crate::agents::db::{Db, DbError};
pub(in crate::agents) use crate::agents::store::sealing::UNTOLD;
use crate::agents::tell::Tell;
use inflight_agents::budget::{Crossing, Reserve};
use inflight_agents::rows::{OutboxRow, ReviewRow, RunRow};
use inflight_agents::store::{BudgetKey, DaySpent, ReviewFilter, RunFilter};
use inflight_agents::{Cursor, Document, EffectKey, Projections, RunEvent, Store, StoreError, Table};
use inflight_domain::UnixMillis;
use rusqlite::Connection;
use std::collections::BTreeSet;

/// A store in one file; clones are the same.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    db: Db,
    tell: Tell,
}

/// Why a piece of work is taken back.
#[derive(Debug)]
enum Undone {
    Store(StoreError),
    Db(DbError),
}

type Work<T> = Result<T, Undone>;

impl SqliteStore {
    /// The store in this file, whose changes are told.
    #[must_use]
    pub fn new(db: Db, tell: Tell) -> Self {
        Self { db, tell }
    }

    /// The file.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Rows by a question of the caller's own. Blocking.
    ///
    /// # Errors
    /// What is stored cannot be read.
    pub fn read_rows<T>(
        &self,
        find: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, StoreError> {
        self.read(|connection| Ok(find(connection)?))
    }

    /// Nobody is to hear of what was written so far.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn forget_tellings(&self) -> Result<(), StoreError> {
        self.write(|connection| Ok(connection.execute("DELETE FROM tellings", []).map(drop)?))
    }

    /// Frees what a process that is gone had taken for delivery. Only one process has the file.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn free_taken(&self) -> Result<(), StoreError> {
        self.write(outbox::free_taken)
    }

    /// Whether there is such a run that is not over. Blocking.
    ///
    /// # Errors
    /// What is stored cannot be read.
    pub fn goes_on(&self, run: &str) -> Result<bool, StoreError> {
        self.read(|connection| runs::goes_on(connection, run))
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Work<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let done = self.db.write(work)?;
        self.tell.wake();
        Ok(done)
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Work<T>) -> Result<T, StoreError> {
        Ok(self.db.read(work)?)
    }
}

impl Store for SqliteStore {
    fn append(
        &self,
        run: &str,
        expected_seq: u64,
        events: &[RunEvent],
        projections: &Projections,
    ) -> Result<(), StoreError> {
        let appended = write::Appended::new(run, expected_seq, events, projections);
        self.write(move |connection| appended.write(connection))
    }

    fn load(&self, run: &str) -> Result<Vec<RunEvent>, StoreError> {
        self.read(|connection| runs::load(connection, run))
    }

    fn unfinished(&self) -> Result<Vec<String>, StoreError> {
        self.read(runs::unfinished)
    }

    fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRow>, StoreError> {
        self.read(|connection| runs::runs(connection, filter))
    }

    fn reviews(&self, filter: &ReviewFilter) -> Result<Vec<ReviewRow>, StoreError> {
        self.read(|connection| runs::reviews(connection, filter))
    }

    fn review(&self, id: &str) -> Result<Option<ReviewRow>, StoreError> {
        self.read(|connection| runs::review(connection, id))
    }

    fn mark(&self, table: Table, business: &str) -> Result<Option<u64>, StoreError> {
        self.read(|connection| documents::mark(connection, table, business))
    }

    fn holds_sealed(&self, among: &str, business: &str, ids: &BTreeSet<String>) -> Result<bool, StoreError> {
        self.read(|connection| sealing::holds(connection, among, business, ids))
    }

    fn cursor(&self, stream: &str) -> Result<Option<Cursor>, StoreError> {
        self.read(|connection| cursors::one(connection, stream))
    }

    fn move_cursor(&self, cursor: &Cursor) -> Result<(), StoreError> {
        let cursor = cursor.clone();
        self.write(move |connection| cursors::advance(connection, &cursor))
    }

    fn input_run(&self, business: &str, input: &str) -> Result<Option<String>, StoreError> {
        self.read(|connection| runs::input_run(connection, business, input))
    }

    fn outbox_take(
        &self,
        now: UnixMillis,
        until: UnixMillis,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        self.write(move |connection| outbox::take(connection, now, until, limit))
    }

    fn outbox_retry(&self, key: &EffectKey, due: UnixMillis, error: &str) -> Result<(), StoreError> {
        let (key, error) = (key.clone(), error.to_owned());
        self.write(move |connection| outbox::retry(connection, &key, due, &error))
    }

    fn outbox_put_off(&self, key: &EffectKey, due: UnixMillis, why: &str) -> Result<(), StoreError> {
        let (key, why) = (key.clone(), why.to_owned());
        self.write(move |connection| outbox::put_off(connection, &key, due, &why))
    }

    fn outbox_next(&self) -> Result<Option<UnixMillis>, StoreError> {
        self.read(outbox::next)
    }

    fn budget_reserve(
        &self,
        of: &BudgetKey,
        reserve: Reserve,
        max: Reserve,
    ) -> Result<Option<Crossing>, StoreError> {
        let of = of.clone();
        self.write(move |connection| budgets::reserve(connection, &of, reserve, max))
    }

    fn budget_settle(&self, of: &BudgetKey, spent: Reserve) -> Result<(), StoreError> {
        let of = of.clone();
        self.write(move |connection| budgets::settle(connection, &of, spent))
    }

    fn budget_day(&self, business: &str, day: i64) -> Result<DaySpent, StoreError> {
        self.read(|connection| budgets::day(connection, business, day))
    }

    fn document(&self, table: Table, business: &str, id: &str) -> Result<Option<Document>, StoreError> {
        self.read(|connection| documents::one(connection, table, business, id))
    }

    fn documents(&self, table: Table, business: Option<&str>) -> Result<Vec<Document>, StoreError> {
        self.read(|connection| documents::all(connection, table, business))
    }

    fn put(&self, document: &Document) -> Result<(), StoreError> {
        let document = document.clone();
        self.write(move |connection| documents::put(connection, &document))
    }

    fn remove(&self, table: Table, business: &str, id: &str) -> Result<(), StoreError> {
        let (business, id) = (business.to_owned(), id.to_owned());
        self.write(move |connection| documents::remove(connection, table, &business, &id))
    }
}

impl From<DbError> for Undone {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl From<rusqlite::Error> for Undone {
    fn from(error: rusqlite::Error) -> Self {
        Self::Db(error.into())
    }
}

impl From<serde_json::Error> for Undone {
    fn from(error: serde_json::Error) -> Self {
        Self::Db(error.into())
    }
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Undone> for StoreError {
    fn from(undone: Undone) -> Self {
        match undone {
            Undone::Store(error) => error,
            Undone::Db(error) => Self::Failed(error.to_string()),
        }
    }
}

/// A number as SQLite keeps it.
fn kept(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The same back.
fn read(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// The word of a unit variant on the wire.
fn word<T: serde::Serialize>(value: &T) -> Work<String> {
    Ok(serde_json::to_value(value)?.as_str().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests;
