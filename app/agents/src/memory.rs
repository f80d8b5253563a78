//! A store that forgets: for the browser, for tests and to measure against.

use crate::budget::{Crossing, Reserve};
use crate::effect::EffectKey;
use crate::event::RunEvent;
use crate::projection::{Projections, RowChange};
use crate::rows::{OutboxRow, ReviewRow, RunRow};
use crate::store::{
    BudgetKey, Cursor, DaySpent, Document, ReviewFilter, RunFilter, Store, StoreError, Table,
};
use inflight_domain::{SmallMap, UnixMillis};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Everything in maps behind one lock; sorted lists where a browser that runs agents would carry another tree. Clones are the same store.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    events: SmallMap<String, Vec<RunEvent>>,
    runs: SmallMap<String, RunRow>,
    reviews: SmallMap<String, ReviewRow>,
    inputs: SmallMap<(String, String), String>,
    cursors: SmallMap<String, Cursor>,
    /// Effects that came by once, so that they do nothing when they come again.
    seen: SmallMap<EffectKey, ()>,
    applied: SmallMap<EffectKey, ()>,
    outbox: SmallMap<EffectKey, Waiting>,
    documents: BTreeMap<(Table, String, String), Document>,
    days: BTreeMap<(String, i64), DaySpent>,
    /// What a question set aside; nothing any more once it is settled.
    reserved: BTreeMap<BudgetKey, Option<Reserve>>,
}

#[derive(Debug)]
struct Waiting {
    row: OutboxRow,
    /// Taken until then, or not due before.
    free_from: UnixMillis,
}

impl Memory {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Whoever panicked had changed nothing yet, or everything: nothing below can fail once it changes.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    fn append(
        &self,
        run: &str,
        expected_seq: u64,
        events: &[RunEvent],
        projections: &Projections,
    ) -> Result<(), StoreError> {
        let mut kept = self.kept();
        let found = kept.events.get(run).map_or(0, |events| events.len() as u64);
        if found != expected_seq {
            return Err(StoreError::Conflict { expected: expected_seq, found });
        }
        if events.iter().zip(expected_seq + 1..).any(|(event, seq)| event.seq != seq || event.run != run) {
            return Err(StoreError::Failed(["events out of order for", run].join(" ")));
        }
        if let Some(run) = projections.input.as_ref().and_then(|input| kept.inputs.get(input)) {
            return Err(StoreError::InputTaken { run: run.clone() });
        }
        kept.check(projections)?;
        if let Some(input) = &projections.input {
            kept.inputs.insert(input.clone(), run.to_owned());
        }
        kept.events.get_or_insert_with(run.to_owned(), Vec::new).extend_from_slice(events);
        kept.project(projections);
        Ok(())
    }

    fn load(&self, run: &str) -> Result<Vec<RunEvent>, StoreError> {
        Ok(self.kept().events.get(run).cloned().unwrap_or_default())
    }

    fn unfinished(&self) -> Result<Vec<String>, StoreError> {
        let kept = self.kept();
        let waits: BTreeSet<&str> = kept.outbox.values().map(|waiting| waiting.row.run.as_str()).collect();
        let unfinished = kept.runs.values().filter(|row| !row.status.is_over() || waits.contains(&*row.id));
        Ok(unfinished.map(|row| row.id.clone()).collect())
    }

    fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRow>, StoreError> {
        let kept = self.kept();
        let mut rows: Vec<&RunRow> = kept.runs.values().filter(|row| filter.takes(row)).collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.started_ms, &row.id)));
        Ok(rows.into_iter().take(filter.limit).cloned().collect())
    }

    fn reviews(&self, filter: &ReviewFilter) -> Result<Vec<ReviewRow>, StoreError> {
        let kept = self.kept();
        let mut rows: Vec<&ReviewRow> = kept.reviews.values().filter(|row| filter.takes(row)).collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.created_ms, &row.id)));
        Ok(rows.into_iter().take(filter.limit).cloned().collect())
    }

    fn review(&self, id: &str) -> Result<Option<ReviewRow>, StoreError> {
        Ok(self.kept().reviews.get(id).cloned())
    }

    fn cursor(&self, stream: &str) -> Result<Option<Cursor>, StoreError> {
        Ok(self.kept().cursors.get(stream).cloned())
    }

    fn move_cursor(&self, cursor: &Cursor) -> Result<(), StoreError> {
        self.kept().move_cursor(cursor);
        Ok(())
    }

    fn input_run(&self, business: &str, input: &str) -> Result<Option<String>, StoreError> {
        Ok(self.kept().inputs.get(&(business.to_owned(), input.to_owned())).cloned())
    }

    fn outbox_take(
        &self,
        now: UnixMillis,
        until: UnixMillis,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let mut kept = self.kept();
        let mut due: Vec<&mut Waiting> =
            kept.outbox.values_mut().filter(|waiting| waiting.free_from <= now).collect();
        due.sort_by(|a, b| (a.row.due_ms, &a.row.key).cmp(&(b.row.due_ms, &b.row.key)));
        let taken = due.into_iter().take(limit).map(|waiting| {
            waiting.free_from = until;
            waiting.row.clone()
        });
        Ok(taken.collect())
    }

    fn outbox_retry(&self, key: &EffectKey, due: UnixMillis, error: &str) -> Result<(), StoreError> {
        if let Some(waiting) = self.kept().outbox.get_mut(key) {
            waiting.row.attempts = waiting.row.attempts.saturating_add(1);
            waiting.row.error = Some(error.to_owned());
            (waiting.row.due_ms, waiting.free_from) = (due, due);
        }
        Ok(())
    }

    fn outbox_put_off(&self, key: &EffectKey, due: UnixMillis, why: &str) -> Result<(), StoreError> {
        if let Some(waiting) = self.kept().outbox.get_mut(key) {
            waiting.row.error = Some(why.to_owned());
            (waiting.row.due_ms, waiting.free_from) = (due, due);
        }
        Ok(())
    }

    fn outbox_next(&self) -> Result<Option<UnixMillis>, StoreError> {
        Ok(self.kept().outbox.values().map(|waiting| waiting.free_from).min())
    }

    fn budget_reserve(
        &self,
        of: &BudgetKey,
        reserve: Reserve,
        max: Reserve,
    ) -> Result<Option<Crossing>, StoreError> {
        let mut kept = self.kept();
        // Asked before, by a process that is gone: what it set aside is spent.
        let before = kept.reserved.get_mut(of).and_then(Option::take).unwrap_or_default();
        let day = kept.days.entry((of.business.clone(), of.day)).or_default();
        (day.reserved, day.spent) = (day.reserved.less(before), day.spent.plus(before));
        let crossing = day.crossed_by(reserve, max);
        if crossing.is_none() {
            day.reserved = day.reserved.plus(reserve);
            kept.reserved.insert(of.clone(), Some(reserve));
        }
        Ok(crossing)
    }

    fn budget_settle(&self, of: &BudgetKey, spent: Reserve) -> Result<(), StoreError> {
        let mut kept = self.kept();
        let Some(reserve) = kept.reserved.get_mut(of).and_then(Option::take) else { return Ok(()) };
        let day = kept.days.entry((of.business.clone(), of.day)).or_default();
        day.reserved = day.reserved.less(reserve);
        day.spent = day.spent.plus(spent);
        Ok(())
    }

    fn budget_day(&self, business: &str, day: i64) -> Result<DaySpent, StoreError> {
        Ok(self.kept().days.get(&(business.to_owned(), day)).copied().unwrap_or_default())
    }

    fn document(&self, table: Table, business: &str, id: &str) -> Result<Option<Document>, StoreError> {
        Ok(self.kept().documents.get(&(table, business.to_owned(), id.to_owned())).cloned())
    }

    fn documents(&self, table: Table, business: Option<&str>) -> Result<Vec<Document>, StoreError> {
        let kept = self.kept();
        let of = kept.documents.values().filter(|document| document.table == table);
        Ok(of.filter(|document| business.is_none_or(|one| document.business == one)).cloned().collect())
    }

    fn put(&self, document: &Document) -> Result<(), StoreError> {
        let mut kept = self.kept();
        let key = (document.table, document.business.clone(), document.id.clone());
        let found = kept.documents.get(&key).map_or(0, |stored| stored.version);
        if document.version != found + 1 {
            return Err(StoreError::Version { found });
        }
        kept.documents.insert(key, document.clone());
        Ok(())
    }

    fn remove(&self, table: Table, business: &str, id: &str) -> Result<(), StoreError> {
        self.kept().documents.remove(&(table, business.to_owned(), id.to_owned()));
        Ok(())
    }
}

impl Kept {
    /// Only the effect that an append settles expects something of a row, and it comes before all others.
    fn check(&self, projections: &Projections) -> Result<(), StoreError> {
        let business = &projections.run.business;
        for change in projections.rows.iter().filter(|change| !self.applied.contains_key(&change.key)) {
            let found = self.documents.get(&(change.table, business.clone(), change.id.clone()));
            change.check(found).map_err(StoreError::Stale)?;
        }
        Ok(())
    }

    fn move_cursor(&mut self, cursor: &Cursor) {
        let place = |cursor: &Cursor| (cursor.epoch, cursor.cut);
        if self.cursors.get(cursor.stream.as_str()).is_none_or(|known| place(known) < place(cursor)) {
            self.cursors.insert(cursor.stream.clone(), cursor.clone());
        }
    }

    fn project(&mut self, projections: &Projections) {
        if let Some(cursor) = &projections.cursor {
            self.move_cursor(cursor);
        }
        let row = &projections.run;
        self.runs.insert(row.id.clone(), row.clone());
        for review in &projections.reviews {
            self.reviews.insert(review.id.clone(), review.clone());
        }
        for waiting in &projections.outbox {
            if first(&mut self.seen, &waiting.key) {
                let (row, free_from) = (waiting.clone(), waiting.due_ms);
                self.outbox.insert(waiting.key.clone(), Waiting { row, free_from });
            }
        }
        for key in &projections.settled {
            self.seen.insert(key.clone(), ());
            self.outbox.remove(key);
        }
        for change in &projections.rows {
            if first(&mut self.applied, &change.key) {
                self.change(change, &row.business, row.changed_ms);
            }
        }
    }

    fn change(&mut self, change: &RowChange, business: &str, at: UnixMillis) {
        let key = (change.table, business.to_owned(), change.id.clone());
        let document = self.documents.entry(key).or_insert_with(|| Document {
            table: change.table,
            business: business.to_owned(),
            id: change.id.clone(),
            version: 0,
            changed: at,
            fields: serde_json::Map::new(),
        });
        change.apply(document, at);
    }
}

/// Whether a key comes for the first time.
fn first(all: &mut SmallMap<EffectKey, ()>, key: &EffectKey) -> bool {
    let is_new = !all.contains_key(key);
    all.insert(key.clone(), ());
    is_new
}
