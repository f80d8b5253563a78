//! The thread that writes: takes all that waits, does each piece within a savepoint, commits once, answers.

use crate::agents::db::DbError;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Receiver;
use tracing::{error, warn};

/// A piece of work: says whether it is to stand, and what is to be told once that is sure.
pub(super) type Job = Box<dyn FnOnce(Result<&Connection, DbError>) -> (bool, Told) + Send>;

/// Told when the commit is through, or why it is not.
pub(super) type Told = Box<dyn FnOnce(Result<(), DbError>) + Send>;

/// Pieces that go out with one commit at most, so that answers stay quick.
const MOST_JOBS: usize = 256;

/// A piece of work and whom to tell what came of it.
pub(super) fn job<T, E>(
    work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    tell: impl FnOnce(Result<T, E>) + Send + 'static,
) -> Job
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    Box::new(move |connection| {
        let done = connection.map_err(E::from).and_then(work);
        let stands = done.is_ok();
        let told: Told = Box::new(move |committed| tell(committed.map_err(E::from).and(done)));
        (stands, told)
    })
}

/// Runs until nobody can order anything.
pub(super) fn run(connection: &Connection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let begun = connection.execute_batch("BEGIN IMMEDIATE").map_err(DbError::from);
        let all = core::iter::once(first).chain(jobs.try_iter().take(MOST_JOBS - 1));
        let told: Vec<Told> = all.filter_map(|job| one(connection, job, &begun)).collect();
        let done = begun.and_then(|()| Ok(connection.execute_batch("COMMIT")?));
        if let Err(cause) = &done {
            warn!(code = cause.code, %cause, "what was to be written is refused");
            if !connection.is_autocommit()
                && let Err(cause) = connection.execute_batch("ROLLBACK")
            {
                error!(%cause, "a transaction could not be taken back");
            }
        }
        told.into_iter().for_each(|tell| tell(done.clone()));
    }
}

/// Does one piece; what fails is taken back alone. A defect in it costs only its own answer.
fn one(connection: &Connection, job: Job, begun: &Result<(), DbError>) -> Option<Told> {
    let open = match begun {
        // A disk that is full may end the transaction under us; what follows must not stand without what was before.
        Ok(()) if connection.is_autocommit() => Err(DbError::new("disk_error", "the transaction was lost")),
        Ok(()) => connection.execute_batch("SAVEPOINT piece").map_err(DbError::from),
        Err(cause) => Err(cause.clone()),
    };
    let inside = open.is_ok();
    let done = catch_unwind(AssertUnwindSafe(|| job(open.map(|()| connection))));
    let (stands, told) = match done {
        Ok((stands, told)) => (stands, Some(told)),
        Err(_) => {
            error!("a defect in what was to be written; it is taken back");
            (false, None)
        }
    };
    let end = if stands { "RELEASE piece" } else { "ROLLBACK TO piece; RELEASE piece" };
    if inside
        && !connection.is_autocommit()
        && let Err(cause) = connection.execute_batch(end)
    {
        error!(%cause, "a savepoint could not be ended");
    }
    told
}
