//! The store in a file keeps what every store must keep, also when it is opened anew.

use crate::agents::db::Db;
use crate::agents::db::tests::Folder;
use crate::agents::store::SqliteStore;
use crate::agents::tell::Tell;
use inflight_agents::conformance;
use inflight_agents::memory::Memory;
use std::cell::RefCell;
use std::collections::BTreeMap;

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
