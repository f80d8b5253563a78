//! New events of a run and all that follows from them, written together or not at all.

use crate::agents::store::{Undone, Work, cursors, documents, kept, outbox, read, sealing, word};
use crate::agents::tell::{self, Telling};
use inflight_agents::projection::RowChange;
use inflight_agents::rows::{OutboxRow, ReviewRow, RunRow};
use inflight_agents::{Cursor, EffectKey, Projections, RunEvent, StoreError};
use inflight_domain::UnixMillis;
use rusqlite::{Connection, OptionalExtension};
use serde_json::to_value;

/// What one call of `append` writes, made ready outside the writer's thread.
pub(super) struct Appended {
    run: String,
    expected_seq: u64,
    in_order: bool,
    at: UnixMillis,
    /// Number, time and line of each event.
    events: Vec<(i64, i64, String)>,
    row: RunRow,
    reviews: Vec<ReviewRow>,
    changes: Vec<RowChange>,
    outbox: Vec<OutboxRow>,
    settled: Vec<EffectKey>,
    input: Option<(String, String)>,
    cursor: Option<Cursor>,
    /// Whether something in it is marked as sensitive: then all of it is sealed, and all that follows.
    sensitive: bool,
}

impl Appended {
    pub(super) fn new(run: &str, expected_seq: u64, events: &[RunEvent], projections: &Projections) -> Self {
        let expected = expected_seq + 1..;
        let in_order = events.iter().zip(expected).all(|(event, seq)| event.seq == seq && event.run == run);
        let Projections { run: row, reviews, rows, outbox, settled, input, cursor } = projections.clone();
        Self {
            run: run.to_owned(),
            in_order,
            expected_seq,
            at: row.changed_ms,
            events: events.iter().map(|event| (kept(event.seq), event.at.0, event.line())).collect(),
            row,
            reviews,
            changes: rows,
            outbox,
            settled,
            input,
            cursor,
            sensitive: events.iter().any(|event| event.kind.is_sensitive()),
        }
    }

    pub(super) fn write(mut self, connection: &Connection) -> Work<()> {
        let found = connection
            .prepare_cached("SELECT seq, is_sealed(row) FROM runs WHERE id = ?1")?
            .query_row([&self.run], |row| Ok((row.get(0)?, row.get::<_, bool>(1)?)))
            .optional()?;
        let (found, was_sensitive) = found.map_or((0, false), |(seq, is_sealed)| (read(seq), is_sealed));
        self.sensitive |= was_sensitive;
        let is_sensitive = self.sensitive;
        if found != self.expected_seq {
            return Err(StoreError::Conflict { expected: self.expected_seq, found }.into());
        }
        if !self.in_order {
            return Err(StoreError::Failed(format!("events out of order for {}", self.run)).into());
        }
        if let Some((business, id)) = &self.input {
            refuse_taken(connection, business, id)?;
        }
        self.put_run(connection)?;
        if let Some((business, id)) = &self.input {
            let put = "INSERT INTO inputs (business, id, run, taken_ms) VALUES (?1, ?2, ?3, ?4)";
            connection.prepare_cached(put)?.execute((business, id, &self.run, self.at.0))?;
        }
        self.cursor.iter().try_for_each(|cursor| cursors::advance(connection, cursor))?;
        let mut put = connection
            .prepare_cached("INSERT INTO events (run, seq, at_ms, event) VALUES (?1, ?2, ?3, ?4)")?;
        for (seq, at_ms, line) in self.events {
            put.execute((&self.run, seq, at_ms, sealing::stored(connection, line, is_sensitive)?))?;
        }
        self.reviews.iter().try_for_each(|review| put_review(connection, review, is_sensitive))?;
        for change in &self.changes {
            if is_first(connection, &change.key, &self.run)? {
                documents::change(connection, &self.row.business, change, self.at, is_sensitive)?;
            }
        }
        self.outbox.iter().try_for_each(|row| outbox::put(connection, row, is_sensitive))?;
        self.settled.iter().try_for_each(|key| outbox::settle(connection, key))
    }

    fn put_run(&self, connection: &Connection) -> Work<()> {
        let row = &self.row;
        let told = to_value(row)?;
        let put = "INSERT INTO runs (id, business, agent, status, over, seq, started_ms, changed_ms, row)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            ON CONFLICT (id) DO UPDATE SET status = ?4, over = ?5, seq = ?6, changed_ms = ?8, row = ?9";
        connection.prepare_cached(put)?.execute((
            &self.run,
            &row.business,
            &row.agent,
            word(&row.status)?,
            row.status.is_over(),
            kept(row.seq),
            row.started_ms.0,
            row.changed_ms.0,
            sealing::stored(connection, told.to_string(), self.sensitive)?,
        ))?;
        let told = sealing::told(told, self.sensitive);
        Ok(tell::note(connection, &Telling { business: row.business.clone(), kind: "agent.run", row: told })?)
    }
}

fn put_review(connection: &Connection, review: &ReviewRow, is_sensitive: bool) -> Work<()> {
    let row = to_value(review)?;
    let put =
        "INSERT INTO reviews (id, run, business, status, created_ms, row) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (id) DO UPDATE SET status = ?4, row = ?6";
    connection.prepare_cached(put)?.execute((
        &review.id,
        &review.run,
        &review.business,
        word(&review.status)?,
        review.created_ms.0,
        sealing::stored(connection, row.to_string(), is_sensitive)?,
    ))?;
    let row = sealing::told(row, is_sensitive);
    Ok(tell::note(connection, &Telling { business: review.business.clone(), kind: "agent.review", row })?)
}

fn refuse_taken(connection: &Connection, business: &str, id: &str) -> Work<()> {
    let taken = "SELECT run FROM inputs WHERE business = ?1 AND id = ?2";
    let run = connection.prepare_cached(taken)?.query_row((business, id), |row| row.get(0)).optional()?;
    run.map_or(Ok(()), |run| Err(Undone::Store(StoreError::InputTaken { run })))
}

/// Whether this key was never seen before, and notes it.
fn is_first(connection: &Connection, key: &EffectKey, run: &str) -> Work<bool> {
    let put = "INSERT INTO applied (key, run) VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING";
    Ok(connection.prepare_cached(put)?.execute((&key.0, run))? == 1)
}
