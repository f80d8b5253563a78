//! What is told as written stands, what fails leaves nothing, and a file of tomorrow is refused.

use crate::agents::db::{Db, DbError, migrations};
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder that goes with the test.
pub(crate) struct Folder(pub PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("inflight-agents-{}-{number}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn put(db: &Db, name: &'static str) -> Result<(), DbError> {
    db.write(move |connection| {
        connection
            .execute("INSERT INTO tellings (id, business, kind, row) VALUES (NULL, ?1, '', '')", [name])?;
        if name == "twice" {
            connection.execute("INSERT INTO tellings SELECT * FROM tellings", [])?;
        }
        if name == "bad" {
            return Err(DbError::new("conflict", "as the test wants it"));
        }
        assert!(name != "defect", "as the test wants it");
        Ok(())
    })
}

fn names(db: &Db) -> Vec<String> {
    let read: Result<Vec<String>, DbError> = db.read(|connection| {
        let mut found = connection.prepare("SELECT business FROM tellings ORDER BY business")?;
        let rows = found.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    });
    read.unwrap()
}

#[test]
fn what_fails_leaves_nothing_and_costs_nobody_else() {
    let folder = Folder::new();
    let db = Db::open(&folder.0).unwrap();
    let spread = |name| {
        let db = db.clone();
        std::thread::spawn(move || put(&db, name).map_err(|error| error.code))
    };
    let threads = ["a", "bad", "defect", "b", "c"].map(spread);
    let told = threads.map(|thread| thread.join().unwrap());
    assert_eq!(told, [Ok(()), Err("conflict"), Err("defect"), Ok(()), Ok(())]);
    assert_eq!(put(&db, "twice").unwrap_err().code, "conflict", "a number is there once");
    assert_eq!(names(&db), ["a", "b", "c"]);
    assert_eq!(Db::open(&folder.0).unwrap_err().code, "locked");
    db.close();
    assert_eq!(put(&db, "d").unwrap_err().code, "ended");
    drop(db);
    assert_eq!(names(&Db::open(&folder.0).unwrap()), ["a", "b", "c"]);
}

#[test]
fn a_file_of_a_newer_program_is_refused() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrations::migrate(&mut connection).unwrap();
    migrations::migrate(&mut connection).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    let refused = migrations::migrate(&mut connection).unwrap_err();
    assert_eq!((refused.code, refused.detail.starts_with("its file has shape 99")), ("newer", true));
}
