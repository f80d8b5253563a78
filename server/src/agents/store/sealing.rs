//! What is marked sensitive is sealed whole before it is stored, and rooms, whose journal is not sealed, hear only that
//! it changed.

use crate::agents::store::Work;
use crate::reason::seal::Sealer;
use rusqlite::Connection;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Members of a row that say nothing of what it is about; besides them those that end in `_ms`.
const STRUCTURE: [&str; 19] = [
    "id",
    "business",
    "location",
    "run",
    "agent",
    "version",
    "status",
    "node",
    "step",
    "seq",
    "from",
    "by",
    "role",
    "policy",
    "severity",
    "budget",
    "review",
    "decisionCode",
    "deleted",
];

/// Stands in rooms for text that is not told there.
pub(in crate::agents) const UNTOLD: &str = "•••";

/// The text as it is stored.
pub(super) fn stored(connection: &Connection, text: String, is_sensitive: bool) -> Work<String> {
    if !is_sensitive {
        return Ok(text);
    }
    let sealed: String =
        connection.prepare_cached("SELECT sealed(?1)")?.query_row([text], |row| row.get(0))?;
    if let Some(key_id) = Sealer::key_id(&sealed) {
        let note = "INSERT INTO seals (key_id) VALUES (?1) ON CONFLICT (key_id) DO NOTHING";
        connection.prepare_cached(note)?.execute([key_id])?;
    }
    Ok(sealed)
}

/// Whether any of these rows of a business is sealed. Words and schedules hold nothing of what runs are about. Each row is
/// found by its key, so that it does not matter how many others there are.
pub(super) fn holds(
    connection: &Connection,
    among: &str,
    business: &str,
    ids: &BTreeSet<String>,
) -> Work<bool> {
    if ids.is_empty() || matches!(among, "models" | "schedules") {
        return Ok(false);
    }
    let ids = serde_json::to_string(ids)?;
    if among == "reviews" {
        let find = "SELECT EXISTS (SELECT 1 FROM json_each(?1) AS asked CROSS JOIN reviews ON reviews.id = asked.value
            WHERE reviews.business = ?2 AND substr(reviews.row, 1, 7) = 'sealed:')";
        return Ok(connection.prepare_cached(find)?.query_row((ids, business), |row| row.get(0))?);
    }
    let find = "SELECT EXISTS (SELECT 1 FROM json_each(?1) AS asked CROSS JOIN documents
        ON documents.kind = ?3 AND documents.business = ?2 AND documents.id = asked.value
        WHERE substr(documents.fields, 1, 7) = 'sealed:')";
    Ok(connection.prepare_cached(find)?.query_row((ids, business, among), |row| row.get(0))?)
}

/// The row as rooms are told of it.
pub(super) fn told(row: Value, is_sensitive: bool) -> Value {
    let Value::Object(members) = row else { return row };
    if !is_sensitive {
        return Value::Object(members);
    }
    let mut told: Map<String, Value> =
        members.into_iter().filter_map(|(name, value)| outline(name, value)).collect();
    told.insert("sensitive".to_owned(), true.into());
    Value::Object(told)
}

fn outline(name: String, value: Value) -> Option<(String, Value)> {
    if STRUCTURE.contains(&name.as_str()) || name.ends_with("_ms") {
        return Some((name, value));
    }
    value.is_string().then(|| (name, UNTOLD.into()))
}
