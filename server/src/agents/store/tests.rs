//! The store in a file keeps what every store must keep, also when it is opened anew, and seals what is marked.

use crate::agents::db::tests::Folder;
use crate::agents::db::{Db, DbError};
use crate::agents::store::{SqliteStore, sealing};
use crate::agents::tell::Tell;
use crate::reason::seal::Sealer;
use crate::settings::Secret;
use inflight_agents::clerk::Clerk;
use inflight_agents::conformance::{self, World};
use inflight_agents::memory::Memory;
use inflight_agents::store::{ReviewFilter, RunFilter};
use inflight_agents::{Document, Run, Store, Table, Typed};
use inflight_domain::UnixMillis;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

#[test]
fn it_keeps_what_every_store_must_keep() {
    let folder = Folder::new();
    // Only one way into a file may be open, and a crash closes it.
    let open: RefCell<BTreeMap<String, Db>> = RefCell::default();
    conformance::check(&|name| {
        if let Some(db) = open.borrow_mut().remove(name) {
            db.close();
            drop(db);
        }
        let db = Db::open(&folder.0.join(name)).unwrap();
        open.borrow_mut().insert(name.to_owned(), db.clone());
        Box::new(SqliteStore::new(db, Tell::default()))
    });
}

#[test]
fn a_store_in_memory_keeps_the_same() {
    let open: RefCell<BTreeMap<String, Memory>> = RefCell::default();
    conformance::check(&|name| Box::new(open.borrow_mut().entry(name.to_owned()).or_default().clone()));
}

const MARK: &str = "Passenger 4711";

/// A run whose input holds the mark, driven to its end.
fn drive(store: &SqliteStore, id: &str, metadata: Option<Value>) {
    let agent = Typed(Clerk::new().unwrap());
    let mut begin = conformance::start(id, 200.0, 90.0);
    begin.title = format!("{MARK} waits");
    begin.input.content.text = Some(MARK.to_owned());
    begin.input.content.metadata = metadata.and_then(|marks| marks.as_object().cloned());
    let (mut run, events) = Run::start(&agent, begin, UnixMillis(1000));
    conformance::commit(store, &run, &events).unwrap();
    let mut world = World { now: UnixMillis(1000), ..World::default() };
    world.finish(store, &agent, &mut run).unwrap();
}

/// A row that holds the mark, changed once.
fn put(store: &SqliteStore, id: &str, marks: Value) {
    for version in [1, 2] {
        let mut fields =
            json!({"name": MARK, "type": "seat", "status": "free"}).as_object().cloned().unwrap();
        if version == 1 {
            fields.insert("sensitive".to_owned(), marks.clone());
        }
        let (table, business, changed) = (Table::Resources, "b".to_owned(), UnixMillis(1));
        store.put(&Document { table, business, id: id.to_owned(), version, changed, fields }).unwrap();
    }
}

fn plain_marks(folder: &Path) -> usize {
    let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    files.map(|bytes| bytes.windows(MARK.len()).filter(|part| *part == MARK.as_bytes()).count()).sum()
}

fn open(folder: &Path, key: &str) -> Result<SqliteStore, DbError> {
    let sealer = Sealer::new(&[Secret::new(key.repeat(32))], folder).unwrap();
    Ok(SqliteStore::new(Db::open_with(folder, sealer)?, Tell::default()))
}

#[test]
fn what_is_marked_is_in_no_file_and_comes_back_with_its_key() {
    let folder = Folder::new();
    let store = open(&folder.0, "a1").unwrap();
    drive(&store, "r1", Some(json!({"sensitive": ["text"]})));
    put(&store, "seat-1", json!(["name"]));
    let tellings = store
        .read_rows(|file| file.query_row("SELECT COUNT(*) FROM tellings", [], |row| row.get::<_, i64>(0)));
    assert!(tellings.unwrap() > 4, "rooms are told of it");
    store.db().close();
    assert_eq!(plain_marks(&folder.0), 0);

    let other = open(&folder.0, "b2").map(drop).unwrap_err();
    let told = other.to_string();
    assert!(other.code == "sealed" && told.contains("not among those of ENCRYPTION_KEY"), "{told}");
    let store = open(&folder.0, "a1").unwrap();
    let run = Run::fold(store.load("r1").unwrap()).unwrap();
    assert_eq!(run.started().input.content.text.as_deref(), Some(MARK));
    let business = run.started().input.business_id.clone();
    let row = store.runs(&RunFilter { business: Some(business), limit: 9, ..RunFilter::default() }).unwrap();
    assert_eq!(row[0].title, format!("{MARK} waits"));
    assert!(!store.reviews(&ReviewFilter { limit: 9, ..ReviewFilter::default() }).unwrap().is_empty());
    let seat = store.document(Table::Resources, "b", "seat-1").unwrap().unwrap();
    assert_eq!((seat.version, &seat.fields["name"]), (2, &json!(MARK)));

    drive(&store, "r2", None);
    put(&store, "seat-2", json!(false));
    store.db().close();
    assert!(plain_marks(&folder.0) > 4, "what is not marked is stored as it is");
}

#[test]
fn rooms_hear_only_the_outline_of_what_is_sealed() {
    let row =
        json!({"id": "r", "status": "done", "title": MARK, "action": {"payload": MARK}, "changed_ms": 5});
    assert_eq!(sealing::told(row.clone(), false), row);
    let outline = json!({"id": "r", "status": "done", "title": "•••", "changed_ms": 5, "sensitive": true});
    assert_eq!(sealing::told(row, true), outline);
}
