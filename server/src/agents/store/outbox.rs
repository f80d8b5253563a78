//! Effects that wait for their delivery.

use crate::agents::store::{Work, sealing};
use inflight_agents::EffectKey;
use inflight_agents::rows::OutboxRow;
use inflight_domain::UnixMillis;
use rusqlite::{Connection, Row};

const COLUMNS: &str = "key, run, business, opened(effect), due_ms, attempts, error,
    (SELECT opened(row) ->> '$.correlation' FROM runs WHERE runs.id = outbox.run)";

/// Puts in what is not known yet; what was settled long ago stays settled.
pub(super) fn put(connection: &Connection, row: &OutboxRow, is_sensitive: bool) -> Work<()> {
    let put = "INSERT INTO outbox (key, run, business, effect, due_ms, attempts, error)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (key) DO NOTHING";
    connection.prepare_cached(put)?.execute((
        &row.key.0,
        &row.run,
        &row.business,
        sealing::stored(connection, serde_json::to_string(&row.effect)?, is_sensitive)?,
        row.due_ms.0,
        row.attempts,
        &row.error,
    ))?;
    Ok(())
}

pub(super) fn settle(connection: &Connection, key: &EffectKey) -> Work<()> {
    connection.prepare_cached("UPDATE outbox SET settled = 1 WHERE key = ?1")?.execute([&key.0])?;
    Ok(())
}

pub(super) fn take(
    connection: &Connection,
    now: UnixMillis,
    until: UnixMillis,
    limit: usize,
) -> Work<Vec<OutboxRow>> {
    let find = format!(
        "SELECT {COLUMNS} FROM outbox WHERE settled = 0 AND due_ms <= ?1 AND taken_until_ms <= ?1
            ORDER BY due_ms, rowid LIMIT ?2"
    );
    let mut found = connection.prepare_cached(&find)?;
    let rows = found.query_map((now.0, limit as i64), outbox_row)?.collect::<Result<Vec<_>, _>>()?;
    let mut take = connection.prepare_cached("UPDATE outbox SET taken_until_ms = ?2 WHERE key = ?1")?;
    for row in &rows {
        take.execute((&row.key.0, until.0))?;
    }
    Ok(rows)
}

pub(super) fn retry(connection: &Connection, key: &EffectKey, due: UnixMillis, error: &str) -> Work<()> {
    free(connection, key, (due, 1), error)
}

pub(super) fn put_off(connection: &Connection, key: &EffectKey, due: UnixMillis, why: &str) -> Work<()> {
    free(connection, key, (due, 0), why)
}

fn free(connection: &Connection, key: &EffectKey, (due, tries): (UnixMillis, u16), why: &str) -> Work<()> {
    let change = "UPDATE outbox SET attempts = attempts + ?4, due_ms = ?2, error = ?3, taken_until_ms = 0
        WHERE key = ?1 AND settled = 0";
    connection.prepare_cached(change)?.execute((&key.0, due.0, why, tries))?;
    Ok(())
}

pub(super) fn next(connection: &Connection) -> Work<Option<UnixMillis>> {
    let find = "SELECT MIN(due_ms) FROM outbox WHERE settled = 0 AND taken_until_ms = 0";
    let next: Option<i64> = connection.prepare_cached(find)?.query_row([], |row| row.get(0))?;
    Ok(next.map(UnixMillis))
}

pub(super) fn free_taken(connection: &Connection) -> Work<()> {
    connection.execute("UPDATE outbox SET taken_until_ms = 0 WHERE settled = 0", [])?;
    Ok(())
}

fn outbox_row(row: &Row<'_>) -> rusqlite::Result<OutboxRow> {
    let effect: String = row.get(3)?;
    let bad =
        |error| rusqlite::Error::FromSqlConversionFailure(3, rusqlite::types::Type::Text, Box::new(error));
    Ok(OutboxRow {
        key: EffectKey(row.get(0)?),
        run: row.get(1)?,
        business: row.get(2)?,
        correlation: row.get(7)?,
        effect: serde_json::from_str(&effect).map_err(bad)?,
        due_ms: UnixMillis(row.get(4)?),
        attempts: row.get(5)?,
        error: row.get(6)?,
    })
}
