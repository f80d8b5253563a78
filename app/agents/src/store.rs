//! What a store must keep for runs: events that are chained, and beside them in the same transaction all that follows from them.

use crate::budget::{Crossing, Reserve};
use crate::effect::{EffectKey, Stale};
use crate::event::RunEvent;
use crate::projection::Projections;
use crate::rows::{OutboxRow, ReviewRow, ReviewStatus, RunRow};
use crate::run::Status;
use crate::times;
use inflight_domain::{Cut, Epoch, UnixMillis};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use thiserror::Error;

/// The tables of rows that agents and people make and change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Businesses with their places, settings and permissions.
    Businesses,
    /// What somebody has to look after.
    Cases,
    /// Decisions for the search of similar ones.
    Decisions,
    /// The chat, both sides.
    Messages,
    /// Message models; the identifier is code and version.
    Models,
    /// What a business has: gates, crews, vehicles.
    Resources,
    /// What is done at certain times.
    Schedules,
}

/// A row of one of these tables.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The table.
    pub table: Table,
    /// The business.
    pub business: String,
    /// Unique in table and business.
    pub id: String,
    /// From 1, one more with each change.
    pub version: u64,
    /// When it changed.
    #[serde(with = "times::ms")]
    pub changed: UnixMillis,
    /// Its fields.
    pub fields: Map<String, Value>,
}

/// How far a stream was taken in: all up to this position is dealt with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Which stream.
    pub stream: String,
    /// The life of the World that the position is of; later ones are greater.
    pub epoch: Epoch,
    /// The position in it.
    pub cut: Cut,
}

/// Which runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Of this business.
    pub business: Option<String>,
    /// That are so.
    pub status: Option<Status>,
    /// Of this agent.
    pub agent: Option<String>,
    /// That began before this time.
    pub before: Option<UnixMillis>,
    /// At most so many, the newest first.
    pub limit: usize,
}

/// Which items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewFilter {
    /// Of this business.
    pub business: Option<String>,
    /// Of this run.
    pub run: Option<String>,
    /// That are so.
    pub status: Option<ReviewStatus>,
    /// At most so many, the newest first.
    pub limit: usize,
}

/// Tokens and money that a business has set aside or spent in a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaySpent {
    /// Spent.
    pub spent: Reserve,
    /// Set aside for questions that are open.
    pub reserved: Reserve,
}

impl DaySpent {
    /// The limit that setting this aside would cross.
    #[must_use]
    pub fn crossed_by(&self, more: Reserve, max: Reserve) -> Option<Crossing> {
        let all = self.spent.plus(self.reserved).plus(more);
        let crossing = |limit: &str, would_be: u64, max: u64| {
            (would_be > max).then(|| Crossing { limit: limit.to_owned(), would_be, max })
        };
        crossing("tokens of the day", all.tokens, max.tokens)
            .or_else(|| crossing("cost of the day", all.cost_microusd, max.cost_microusd))
    }
}

impl RunFilter {
    /// Whether it takes this row; the limit is for the caller to keep.
    #[must_use]
    pub fn takes(&self, row: &RunRow) -> bool {
        self.business.as_ref().is_none_or(|business| row.business == *business)
            && self.status.is_none_or(|status| row.status == status)
            && self.agent.as_ref().is_none_or(|agent| row.agent == *agent)
            && self.before.is_none_or(|before| row.started_ms < before)
    }
}

impl ReviewFilter {
    /// Whether it takes this row; the limit is for the caller to keep.
    #[must_use]
    pub fn takes(&self, row: &ReviewRow) -> bool {
        self.business.as_ref().is_none_or(|business| row.business == *business)
            && self.run.as_ref().is_none_or(|run| row.run == *run)
            && self.status.is_none_or(|status| row.status == status)
    }
}

/// Why a store did not do it. Nothing was changed then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// Somebody else was first: fold the run anew.
    #[error("the run is at event {found}, not {expected}")]
    Conflict {
        /// Where it was thought to be.
        expected: u64,
        /// Where it is.
        found: u64,
    },
    /// The input was taken already, by this run.
    #[error("the input was taken by run {run}")]
    InputTaken {
        /// The run.
        run: String,
    },
    /// The row has another version.
    #[error("the row is at version {found}")]
    Version {
        /// The version that it has; 0 if there is none.
        found: u64,
    },
    /// A row is not what a change was decided on: settle its effect with [`RunInput::conflicted`].
    ///
    /// [`RunInput::conflicted`]: crate::RunInput::conflicted
    #[error("the row was changed meanwhile and is at version {}", .0.version)]
    Stale(Stale),
    /// Disk, database, or what stands in it.
    #[error("{0}")]
    Failed(String),
}

/// Keeps runs. Calls may come from several threads; each is one transaction, all or nothing, and what it
/// returned stays through a crash.
pub trait Store: Send + Sync {
    /// Adds events to a run whose newest event is `expected_seq` (0 for a new one), with what follows from them.
    /// A row change or an outbox row whose key was seen before is passed over.
    ///
    /// # Errors
    /// The run has gone on, the input was taken, or a row is not what its change was decided on.
    fn append(
        &self,
        run: &str,
        expected_seq: u64,
        events: &[RunEvent],
        projections: &Projections,
    ) -> Result<(), StoreError>;

    /// The events of a run in their order, none if it is not known.
    ///
    /// # Errors
    /// What is stored cannot be read.
    fn load(&self, run: &str) -> Result<Vec<RunEvent>, StoreError>;

    /// Runs that are not over, or have effects to deliver.
    ///
    /// # Errors
    /// What is stored cannot be read.
    fn unfinished(&self) -> Result<Vec<String>, StoreError>;

    /// Rows of runs.
    ///
    /// # Errors
    /// What is stored cannot be read.
    fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRow>, StoreError>;

    /// Rows of items.
    ///
    /// # Errors
    /// What is stored cannot be read.
    fn reviews(&self, filter: &ReviewFilter) -> Result<Vec<ReviewRow>, StoreError>;

    /// One item.
    ///
    /// # Errors
    /// What is stored cannot be read.
    fn review(&self, id: &str) -> Result<Option<ReviewRow>, StoreError>;

    /// A number that is another one after the rows of this table and business have changed, so that what was made of
    /// them need not be made again; none where the store does not count.
    ///
    /// # Errors
    /// What is stored cannot be read.
    fn mark(&self, _table: Table, _business: &str) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }

    /// Whether any of these rows of a business is kept sealed, in a list by its name in [`crate::Question::Search`] or
    /// `resources`: what is read of it is to be sealed again.
    ///
    /// # Errors
    /// What is stored cannot be read.
    fn holds_sealed(
        &self,
        _among: &str,
        _business: &str,
        _ids: &BTreeSet<String>,
    ) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// How far a stream was taken in; none if nobody ever noted it.
    ///
    /// # Errors
    /// What is stored cannot be read.
    fn cursor(&self, stream: &str) -> Result<Option<Cursor>, StoreError>;

    /// Notes how far a stream was taken in, where that is further than before.
    ///
    /// # Errors
    /// What is stored cannot be written.
    fn move_cursor(&self, cursor: &Cursor) -> Result<(), StoreError>;

    /// The run that took an input.
    ///
    /// # Errors
    /// What is stored cannot be read.
    fn input_run(&self, business: &str, input: &str) -> Result<Option<String>, StoreError>;

    /// Takes effects that are due, the oldest first, so that nobody else gets them before `until`. A crash
    /// frees them at that time.
    ///
    /// # Errors
    /// What is stored cannot be read or written.
    fn outbox_take(
        &self,
        now: UnixMillis,
        until: UnixMillis,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreError>;

    /// A try failed: counts it, and gives the effect free again at this time. It is settled by
    /// [`Store::append`].
    ///
    /// # Errors
    /// What is stored cannot be written.
    fn outbox_retry(&self, key: &EffectKey, due: UnixMillis, error: &str) -> Result<(), StoreError>;

    /// It could not be tried: gives the effect free again at this time, and counts nothing.
    ///
    /// # Errors
    /// What is stored cannot be written.
    fn outbox_put_off(&self, key: &EffectKey, due: UnixMillis, why: &str) -> Result<(), StoreError>;

    /// When the next effect is due, or is free again if somebody has taken it.
    ///
    /// # Errors
    /// What is stored cannot be read.
    fn outbox_next(&self) -> Result<Option<UnixMillis>, StoreError>;

    /// Sets aside for a question of a business on a day if both stay within `max`; says which does not.
    /// The same question of the same run sets aside once.
    ///
    /// # Errors
    /// What is stored cannot be read or written.
    fn budget_reserve(
        &self,
        of: &BudgetKey,
        reserve: Reserve,
        max: Reserve,
    ) -> Result<Option<Crossing>, StoreError>;

    /// What was set aside for a question becomes what it cost. Once.
    ///
    /// # Errors
    /// What is stored cannot be read or written.
    fn budget_settle(&self, of: &BudgetKey, spent: Reserve) -> Result<(), StoreError>;

    /// What a business has spent on a day.
    ///
    /// # Errors
    /// What is stored cannot be read.
    fn budget_day(&self, business: &str, day: i64) -> Result<DaySpent, StoreError>;

    /// A row.
    ///
    /// # Errors
    /// What is stored cannot be read.
    fn document(&self, table: Table, business: &str, id: &str) -> Result<Option<Document>, StoreError>;

    /// Rows of a table, all businesses' if none is named, by business and identifier.
    ///
    /// # Errors
    /// What is stored cannot be read.
    fn documents(&self, table: Table, business: Option<&str>) -> Result<Vec<Document>, StoreError>;

    /// Writes a row whole. Its version must be the one after the stored one; 1 for a new row.
    ///
    /// # Errors
    /// Somebody changed it meanwhile.
    fn put(&self, document: &Document) -> Result<(), StoreError>;

    /// Removes a row.
    ///
    /// # Errors
    /// What is stored cannot be written.
    fn remove(&self, table: Table, business: &str, id: &str) -> Result<(), StoreError>;
}

/// For what something is set aside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BudgetKey {
    /// Who pays.
    pub business: String,
    /// Days since 1970.
    pub day: i64,
    /// The run.
    pub run: String,
    /// The question's.
    pub question: String,
}
