//! Runs, their events and items, read back.

use crate::agents::store::{Work, word};
use inflight_agents::RunEvent;
use inflight_agents::rows::{ReviewRow, RunRow};
use inflight_agents::store::{ReviewFilter, RunFilter};
use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension, Params};
use serde::de::DeserializeOwned;

pub(super) fn load(connection: &Connection, run: &str) -> Work<Vec<RunEvent>> {
    rows(connection, "SELECT opened(event) FROM events WHERE run = ?1 ORDER BY seq", [run])
}

pub(super) fn unfinished(connection: &Connection) -> Work<Vec<String>> {
    let find = "SELECT id FROM runs WHERE over = 0 UNION SELECT run FROM outbox WHERE settled = 0 ORDER BY 1";
    let mut found = connection.prepare_cached(find)?;
    Ok(found.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

pub(super) fn goes_on(connection: &Connection, run: &str) -> Work<bool> {
    let find = "SELECT EXISTS (SELECT 1 FROM runs WHERE id = ?1 AND over = 0)";
    Ok(connection.prepare_cached(find)?.query_row([run], |row| row.get(0))?)
}

pub(super) fn runs(connection: &Connection, filter: &RunFilter) -> Work<Vec<RunRow>> {
    let status = filter.status.as_ref().map(word).transpose()?;
    let before = filter.before.map(|before| before.0);
    let mut find = Find::new("SELECT opened(row) FROM runs");
    find.only("business = ", filter.business.as_ref());
    find.only("status = ", status.as_ref());
    find.only("agent = ", filter.agent.as_ref());
    find.only("started_ms < ", before.as_ref());
    find.rows(connection, "started_ms DESC, id DESC", filter.limit)
}

pub(super) fn reviews(connection: &Connection, filter: &ReviewFilter) -> Work<Vec<ReviewRow>> {
    let status = filter.status.as_ref().map(word).transpose()?;
    let mut find = Find::new("SELECT opened(row) FROM reviews");
    find.only("business = ", filter.business.as_ref());
    find.only("run = ", filter.run.as_ref());
    find.only("status = ", status.as_ref());
    find.rows(connection, "created_ms DESC, id DESC", filter.limit)
}

pub(super) fn review(connection: &Connection, id: &str) -> Work<Option<ReviewRow>> {
    Ok(rows(connection, "SELECT opened(row) FROM reviews WHERE id = ?1", [id])?.pop())
}

pub(super) fn input_run(connection: &Connection, business: &str, input: &str) -> Work<Option<String>> {
    let find = "SELECT run FROM inputs WHERE business = ?1 AND id = ?2";
    let run = connection.prepare_cached(find)?.query_row((business, input), |row| row.get(0));
    Ok(run.optional()?)
}

/// A question to the file that is put together from what is asked for.
struct Find<'a> {
    text: String,
    values: Vec<&'a dyn ToSql>,
}

impl<'a> Find<'a> {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    fn only<T: ToSql>(&mut self, column: &str, value: Option<&'a T>) {
        let Some(value) = value else { return };
        let joint = if self.values.is_empty() { "WHERE" } else { "AND" };
        self.values.push(value);
        self.text = format!("{} {joint} {column}?{}", self.text, self.values.len());
    }

    fn rows<T: DeserializeOwned>(self, connection: &Connection, order: &str, limit: usize) -> Work<Vec<T>> {
        rows(connection, &format!("{} ORDER BY {order} LIMIT {limit}", self.text), &*self.values)
    }
}

fn rows<T: DeserializeOwned>(connection: &Connection, find: &str, values: impl Params) -> Work<Vec<T>> {
    let mut found = connection.prepare_cached(find)?;
    let mut rows = found.query(values)?;
    let mut read = Vec::new();
    while let Some(row) = rows.next()? {
        read.push(serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?);
    }
    Ok(read)
}
