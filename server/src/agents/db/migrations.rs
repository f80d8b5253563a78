//! The shape of the file, in numbered steps. A step that was ever shipped is never changed; a new one follows it.

use crate::agents::db::DbError;
use rusqlite::Connection;

/// All steps; the file's `user_version` says how many it has been through.
const STEPS: [&str; 6] = [
    include_str!("001_begin.sql"),
    include_str!("002_seals.sql"),
    include_str!("003_marks.sql"),
    include_str!("004_inputs.sql"),
    include_str!("005_cursors.sql"),
    include_str!("006_replies.sql"),
];

/// Brings a file up to date, each step in a transaction of its own.
///
/// # Errors
/// The file is newer than this program, or the disk refuses.
pub fn migrate(connection: &mut Connection) -> Result<(), DbError> {
    let known = STEPS.len();
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let found = usize::try_from(found).unwrap_or(usize::MAX);
    if found > known {
        return Err(DbError::newer(found, known));
    }
    for (number, step) in STEPS.iter().enumerate().skip(found) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", number as i64 + 1)?;
        transaction.commit()?;
    }
    Ok(())
}
