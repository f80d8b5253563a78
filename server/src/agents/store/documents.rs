//! Rows that agents and people make and change: businesses, cases, decisions, messages, models, resources, schedules.

use crate::agents::businesses::place;
use crate::agents::store::{Work, kept, read, sealing, word};
use crate::agents::tell::{self, Telling};
use inflight_agents::ports::rows::row as shown;
use inflight_agents::projection::RowChange;
use inflight_agents::{Document, StoreError, Table};
use inflight_domain::UnixMillis;
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::{Map, Value, json};

/// Where a row is; none for the whole business.
type Place = Option<String>;

/// What stands in a row's place so far; nothing at version 0.
#[derive(Default)]
struct Before {
    version: u64,
    is_sealed: bool,
    place: Option<Place>,
}

/// The event that tells rooms of a row of this table, if they are told.
#[must_use]
pub(in crate::agents) fn event_of(table: Table) -> Option<&'static str> {
    match table {
        Table::Cases => Some("agent.case"),
        Table::Messages => Some("agent.message"),
        Table::Models => Some("agent.model"),
        Table::Resources => Some("agent.resource"),
        Table::Schedules => Some("agent.schedule"),
        Table::Businesses | Table::Decisions => None,
    }
}

pub(super) fn one(connection: &Connection, table: Table, business: &str, id: &str) -> Work<Option<Document>> {
    let find = "SELECT business, id, version, changed_ms, opened(fields) FROM documents
        WHERE kind = ?1 AND business = ?2 AND id = ?3";
    let found = connection
        .prepare_cached(find)?
        .query_row((word(&table)?, business, id), |row| document(table, row))
        .optional()?;
    Ok(found)
}

pub(super) fn all(connection: &Connection, table: Table, business: Option<&str>) -> Work<Vec<Document>> {
    let find = "SELECT business, id, version, changed_ms, opened(fields) FROM documents
        WHERE kind = ?1 AND (?2 IS NULL OR business = ?2) ORDER BY business, id";
    let mut found = connection.prepare_cached(find)?;
    let rows = found.query_map((word(&table)?, business), |row| document(table, row))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How often the rows of a business changed; counted for decisions alone.
pub(super) fn mark(connection: &Connection, table: Table, business: &str) -> Work<Option<u64>> {
    if table != Table::Decisions {
        return Ok(None);
    }
    let find = "SELECT number FROM marks WHERE business = ?1";
    let found = connection.prepare_cached(find)?.query_row([business], |row| row.get(0)).optional()?;
    Ok(Some(found.map_or(0, read)))
}

/// The newest rows of a table in a business that changed before a time if one is named, the newest first.
pub(in crate::agents) fn newest(
    connection: &Connection,
    table: Table,
    business: &str,
    before: Option<UnixMillis>,
    limit: usize,
) -> Result<Vec<Document>, rusqlite::Error> {
    let find = "SELECT business, id, version, changed_ms, opened(fields) FROM documents
        WHERE kind = ?1 AND business = ?2 AND changed_ms < ?4 ORDER BY changed_ms DESC, rowid DESC LIMIT ?3";
    let kind = word(&table).unwrap_or_default();
    let mut found = connection.prepare_cached(find)?;
    let before_ms = before.map_or(i64::MAX, |before| before.0);
    let rows = found.query_map((kind, business, limit as i64, before_ms), |row| document(table, row))?;
    rows.collect()
}

pub(super) fn put(connection: &Connection, document: &Document) -> Work<()> {
    put_as(connection, document, false)
}

/// What was sealed once stays so.
fn put_as(connection: &Connection, document: &Document, is_sensitive: bool) -> Work<()> {
    let before = before(connection, document.table, &document.business, &document.id)?;
    if document.version != before.version + 1 {
        return Err(StoreError::Version { found: before.version }.into());
    }
    let is_sensitive = is_sensitive || before.is_sealed || document.is_sensitive();
    let put = "INSERT INTO documents (kind, business, id, version, changed_ms, fields) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (kind, business, id) DO UPDATE SET version = ?4, changed_ms = ?5, fields = ?6";
    connection.prepare_cached(put)?.execute((
        word(&document.table)?,
        &document.business,
        &document.id,
        kept(document.version),
        document.changed.0,
        sealing::stored(connection, serde_json::to_string(&document.fields)?, is_sensitive)?,
    ))?;
    withdraw(connection, document, before.place)?;
    note(connection, document.table, &document.business, sealing::told(shown(document), is_sensitive))
}

/// Whoever could see a row where it was before, and cannot where it is now, is told that it is gone.
fn withdraw(connection: &Connection, document: &Document, before: Option<Place>) -> Work<()> {
    let Some(before) = before.filter(|before| before.as_deref() != place(document)) else { return Ok(()) };
    note(connection, document.table, &document.business, gone(&document.business, &document.id, before))
}

/// What is told of a row that is not there any more, to those who could see it there.
fn gone(business: &str, id: &str, place: Place) -> Value {
    let mut told = json!({"id": id, "business": business, "deleted": true});
    if let Some(place) = place {
        told["location"] = place.into();
    }
    told
}

/// An effect changes a row, or makes it; one of a sensitive run makes it sensitive too.
pub(super) fn change(
    connection: &Connection,
    business: &str,
    change: &RowChange,
    at: UnixMillis,
    is_sensitive: bool,
) -> Work<()> {
    let found = one(connection, change.table, business, &change.id)?;
    change.check(found.as_ref()).map_err(StoreError::Stale)?;
    let (table, business, id) = (change.table, business.to_owned(), change.id.clone());
    let fresh = || Document { table, business, id, version: 0, changed: at, fields: Map::new() };
    let mut document = found.unwrap_or_else(fresh);
    change.apply(&mut document, at);
    put_as(connection, &document, is_sensitive && holds_what_was_said(table))
}

/// Rows of these tables are shared: people keep them and read them in forms, and one sensitive message that changes them
/// must not hide them from everybody for good. They are sealed only where they are marked themselves.
fn holds_what_was_said(table: Table) -> bool {
    !matches!(table, Table::Businesses | Table::Models | Table::Resources | Table::Schedules)
}

pub(super) fn remove(connection: &Connection, table: Table, business: &str, id: &str) -> Work<()> {
    let remove = "DELETE FROM documents WHERE kind = ?1 AND business = ?2 AND id = ?3";
    let before = before(connection, table, business, id)?;
    connection.prepare_cached(remove)?.execute((word(&table)?, business, id))?;
    let Some(place) = before.place else { return Ok(()) };
    note(connection, table, business, gone(business, id, place))
}

fn note(connection: &Connection, table: Table, business: &str, row: Value) -> Work<()> {
    if let Some(kind) = event_of(table) {
        tell::note(connection, &Telling { business: business.to_owned(), kind, row })?;
    }
    Ok(())
}

fn before(connection: &Connection, table: Table, business: &str, id: &str) -> Work<Before> {
    let find = "SELECT version, is_sealed(fields),
            CASE json_type(opened(fields), '$.location') WHEN 'text' THEN opened(fields) ->> 'location' END
        FROM documents
        WHERE kind = ?1 AND business = ?2 AND id = ?3";
    let found = connection
        .prepare_cached(find)?
        .query_row((word(&table)?, business, id), |row| {
            Ok(Before { version: read(row.get(0)?), is_sealed: row.get(1)?, place: Some(row.get(2)?) })
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

fn document(table: Table, row: &Row<'_>) -> rusqlite::Result<Document> {
    let fields: String = row.get(4)?;
    let bad =
        |error| rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, Box::new(error));
    Ok(Document {
        table,
        business: row.get(0)?,
        id: row.get(1)?,
        version: read(row.get(2)?),
        changed: UnixMillis(row.get(3)?),
        fields: serde_json::from_str(&fields).map_err(bad)?,
    })
}
