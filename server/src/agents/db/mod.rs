//! One SQLite file: a thread that writes and joins what waits into one commit, and readers beside it.

mod functions;
mod migrations;
mod writer;

use crate::agents::db::writer::Job;
use crate::reason::seal::{SealError, Sealer};
use core::fmt;
use core::time::Duration;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// A way to the file; clones share its writer and its readers.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    path: PathBuf,
    sealer: Sealer,
    jobs: Mutex<Option<Sender<Job>>>,
    readers: Mutex<Vec<Connection>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    lock: Mutex<Option<File>>,
}

/// Why something was not read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the agents' store: {detail} ({code})")]
pub struct DbError {
    /// A word that can be searched: `disk_full`, `disk_error`, `locked`, `newer`, `ended`, `defect`, `conflict`, `bad_row`, `sealed`.
    pub code: &'static str,
    /// What the system said, for people.
    pub detail: String,
}

/// Another connection may hold the file for a moment.
const BUSY: Duration = Duration::from_secs(5);

/// Readers that are kept for the next one who asks.
const SPARE_READERS: usize = 4;

impl Db {
    /// Opens the file in a folder, with a key of its own for what is sealed. Blocking.
    ///
    /// # Errors
    /// As [`Db::open_with`].
    pub fn open(folder: &Path) -> Result<Self, DbError> {
        Self::open_with(folder, Sealer::new(&[], folder).map_err(DbError::sealed)?)
    }

    /// Opens the file in a folder, both made where they are absent, and brings it up to date. Blocking.
    ///
    /// # Errors
    /// The folder cannot be used, another process uses it, the file is newer than this program, or something in it
    /// was sealed with a key that is not there.
    pub fn open_with(folder: &Path, sealer: Sealer) -> Result<Self, DbError> {
        std::fs::create_dir_all(folder).map_err(|cause| DbError::disk(&cause))?;
        let lock =
            OpenOptions::new().create(true).write(true).truncate(false).open(folder.join("agents.lock"));
        let lock = lock.map_err(|cause| DbError::disk(&cause))?;
        lock.try_lock()
            .map_err(|_| DbError::new("locked", format!("another process uses {}", folder.display())))?;
        let path = folder.join("agents.sqlite");
        let mut connection = Connection::open(&path)?;
        prepare(&connection, &sealer)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        migrations::migrate(&mut connection)?;
        check_keys(&connection, &sealer)?;
        let (jobs, waiting) = channel();
        let run = move || writer::run(&connection, &waiting);
        let thread = thread::Builder::new().name("agents-store".to_owned()).spawn(run);
        let thread = thread.map_err(|cause| DbError::disk(&cause))?;
        Ok(Self(Arc::new(Inner {
            path,
            sealer,
            jobs: Mutex::new(Some(jobs)),
            readers: Mutex::default(),
            thread: Mutex::new(Some(thread)),
            lock: Mutex::new(Some(lock)),
        })))
    }

    /// Writes in a transaction and returns when it is on the disk; what fails leaves nothing behind. Blocking.
    ///
    /// # Errors
    /// What `work` says, or the disk refuses.
    pub fn write<T, E>(&self, work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (reply, answer) = channel();
        self.order(writer::job(work, move |done| drop(reply.send(done))))?;
        answer.recv().unwrap_or_else(|_| Err(DbError::defect().into()))
    }

    /// Reads from a state that stays the same meanwhile. Blocking.
    ///
    /// # Errors
    /// What `work` says, or the disk refuses.
    pub fn read<T, E: From<DbError>>(&self, work: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        let spare = locked(&self.0.readers).pop();
        let reader = match spare {
            Some(reader) => reader,
            None => self.reader()?,
        };
        reader.execute_batch("BEGIN DEFERRED").map_err(DbError::from)?;
        let done = work(&reader);
        reader.execute_batch("COMMIT").map_err(DbError::from)?;
        let mut readers = locked(&self.0.readers);
        if readers.len() < SPARE_READERS {
            readers.push(reader);
        }
        done
    }

    /// Waits until everything is written; nothing is taken afterwards. Blocking.
    pub fn close(&self) {
        drop(locked(&self.0.jobs).take());
        if let Some(thread) = locked(&self.0.thread).take() {
            drop(thread.join());
        }
        locked(&self.0.readers).clear();
        drop(locked(&self.0.lock).take());
    }

    fn order(&self, job: Job) -> Result<(), DbError> {
        let sent = locked(&self.0.jobs).as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        if sent { Ok(()) } else { Err(DbError::new("ended", "it is closed")) }
    }

    fn reader(&self) -> Result<Connection, DbError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let reader = Connection::open_with_flags(&self.0.path, flags)?;
        prepare(&reader, &self.0.sealer)?;
        Ok(reader)
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db").field("path", &self.0.path).finish_non_exhaustive()
    }
}

impl DbError {
    /// An error of a kind.
    #[must_use]
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    fn newer(found: usize, known: usize) -> Self {
        let detail = format!("its file has shape {found}, this program knows up to {known}: use a newer one");
        Self::new("newer", detail)
    }

    fn defect() -> Self {
        Self::new("defect", "what was to be done met a defect; the log says where")
    }

    fn sealed(cause: SealError) -> Self {
        Self::new("sealed", cause.to_string())
    }

    fn disk(cause: &std::io::Error) -> Self {
        Self::new("disk_error", cause.to_string())
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        let detail = error.to_string();
        let code = match error.sqlite_error_code() {
            // A function of ours fails with what it says alone.
            Some(ErrorCode::Unknown) if detail.contains("seal") => "sealed",
            Some(ErrorCode::DiskFull) => "disk_full",
            Some(ErrorCode::ConstraintViolation) => "conflict",
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "locked",
            None => "bad_row",
            Some(_) => "disk_error",
        };
        Self::new(code, detail)
    }
}

impl From<serde_json::Error> for DbError {
    fn from(error: serde_json::Error) -> Self {
        Self::new("bad_row", error.to_string())
    }
}

fn prepare(connection: &Connection, sealer: &Sealer) -> Result<(), DbError> {
    functions::add(connection, sealer)?;
    connection.busy_timeout(BUSY)?;
    // What is told as done is on the disk, and no row names one that is not there.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Every key that something was sealed with must be there, or what is stored could not be read.
fn check_keys(connection: &Connection, sealer: &Sealer) -> Result<(), DbError> {
    let mut found = connection.prepare("SELECT key_id FROM seals")?;
    let ids = found.query_map([], |row| row.get::<_, String>(0))?;
    for id in ids {
        sealer.check(&id?).map_err(DbError::sealed)?;
    }
    Ok(())
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
pub(crate) mod tests;
