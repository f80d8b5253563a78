//! How far streams are taken in.

use crate::agents::store::{Work, kept, read};
use inflight_agents::Cursor;
use inflight_domain::{Cut, Epoch};
use rusqlite::{Connection, OptionalExtension};

pub(super) fn one(connection: &Connection, stream: &str) -> Work<Option<Cursor>> {
    let find = "SELECT epoch, cut FROM cursors WHERE stream = ?1";
    let found = connection
        .prepare_cached(find)?
        .query_row([stream], |row| {
            let (epoch, cut) = (Epoch(read(row.get(0)?)), Cut(read(row.get(1)?)));
            Ok(Cursor { stream: stream.to_owned(), epoch, cut })
        })
        .optional()?;
    Ok(found)
}

/// One that is further stays there.
pub(super) fn advance(connection: &Connection, cursor: &Cursor) -> Work<()> {
    let put = "INSERT INTO cursors (stream, epoch, cut) VALUES (?1, ?2, ?3)
        ON CONFLICT (stream) DO UPDATE SET epoch = ?2, cut = ?3 WHERE (epoch, cut) < (?2, ?3)";
    connection.prepare_cached(put)?.execute((&cursor.stream, kept(cursor.epoch.0), kept(cursor.cut.0)))?;
    Ok(())
}
