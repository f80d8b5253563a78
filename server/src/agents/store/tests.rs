//! The store in a file keeps what every store must keep, also when it is opened anew, and seals what is marked.

use crate::agents::db::tests::Folder;
use crate::agents::db::{Db, DbError};
use crate::agents::store::{SqliteStore, documents, sealing};
use crate::agents::tell::Tell;
use crate::reason::seal::Sealer;
use crate::settings::Secret;
use inflight_agents::clerk::Clerk;
use inflight_agents::conformance::{self, World};
use inflight_agents::memory::Memory;
use inflight_agents::ports::embedded::{Embedded, Services};
use inflight_agents::ports::{Call, Port, Reply};
use inflight_agents::projection::RowChange;
use inflight_agents::search::Filter;
use inflight_agents::spec::DecisionModel;
use inflight_agents::store::{ReviewFilter, RunFilter};
use inflight_agents::{Document, EffectKey, Run, Store, Table, Typed};
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

/// What rooms are told, in order: the event's name and the row.
fn tellings(store: &SqliteStore) -> Vec<(String, Value)> {
    let find = "SELECT kind, row FROM tellings ORDER BY id";
    let rows = store.read_rows(|file| {
        let mut found = file.prepare(find)?;
        let rows = found.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
        rows.collect::<Result<Vec<_>, _>>()
    });
    rows.unwrap().into_iter().map(|(kind, row)| (kind, serde_json::from_str(&row).unwrap())).collect()
}

#[test]
fn a_sensitive_run_seals_what_it_says_and_not_what_is_shared() {
    let folder = Folder::new();
    let store = open(&folder.0, "a1").unwrap();
    let all = [Table::Cases, Table::Messages, Table::Resources, Table::Models, Table::Schedules];
    for (number, table) in all.into_iter().enumerate() {
        let fields = json!({"name": MARK, "type": "gate"}).as_object().cloned().unwrap();
        let change = RowChange::new(EffectKey(number.to_string()), table, "row", fields);
        store.write(move |file| documents::change(file, "b", &change, UnixMillis(1), true)).unwrap();
    }
    let told = tellings(&store);
    let names: Vec<_> =
        told.iter().map(|(kind, row)| (kind.as_str(), row["name"].as_str().unwrap())).collect();
    let expected = [
        ("agent.case", "•••"),
        ("agent.message", "•••"),
        ("agent.resource", MARK),
        ("agent.model", MARK),
        ("agent.schedule", MARK),
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_row_that_moves_is_gone_where_it_was() {
    let folder = Folder::new();
    let store = open(&folder.0, "a1").unwrap();
    for (version, location) in (1..).zip([json!(null), json!("OTP"), json!("CLJ"), json!("CLJ"), json!(7)]) {
        let fields = json!({"name": "Gate B12", "location": location}).as_object().cloned().unwrap();
        let (table, business, id) = (Table::Resources, "b".to_owned(), "gate".to_owned());
        store.put(&Document { table, business, id, version, changed: UnixMillis(1), fields }).unwrap();
    }
    store.remove(Table::Resources, "b", "gate").unwrap();
    store.remove(Table::Resources, "b", "gate").unwrap();
    let told = tellings(&store);
    let told: Vec<_> =
        told.iter().map(|(_, row)| (row["location"].clone(), row["deleted"] == true)).collect();
    let expected = [
        (json!(null), false),
        (json!(null), true),
        (json!("OTP"), false),
        (json!("OTP"), true),
        (json!("CLJ"), false),
        (json!("CLJ"), false),
        (json!("CLJ"), true),
        (json!(7), false),
        (json!(null), true),
    ];
    assert_eq!(told, expected);
}

/// The identifiers of what is found among the decisions of a business.
fn search(store: &SqliteStore, embedded: &mut Embedded, query: &str) -> Vec<String> {
    let filter = Filter { business_id: Some("b".to_owned()), ..Filter::default() };
    let call = Call::SearchSimilarDecisions { query: query.to_owned(), filter, limit: 10 };
    let Ok(Reply::Decisions(found)) = Services { store, embedded }.call(&call, UnixMillis(1)) else {
        panic!()
    };
    found.into_iter().map(|decision| decision.id).collect()
}

#[test]
fn decisions_are_indexed_anew_only_when_they_have_changed() {
    let folder = Folder::new();
    let store = SqliteStore::new(Db::open(&folder.0).unwrap(), Tell::default());
    let mut embedded = Embedded::default();
    let keep = |id: &str| {
        let decision = json!({
            "id": id, "businessId": "b", "decisionCode": "fog", "decisionType": "weather", "context": "harbour",
            "reasoning": "fog over the harbour", "confidence": 1.0, "outcome": "done", "businessType": "airline",
            "createdAt": "2026-11-21T20:30:00Z",
        });
        let decision: DecisionModel = serde_json::from_value(decision).unwrap();
        let call = Call::StoreDecision(Box::new(decision));
        Services { store: &store, embedded: &mut Embedded::default() }.call(&call, UnixMillis(1)).unwrap();
    };
    keep("d1");
    let mark = || store.mark(Table::Decisions, "b").unwrap();
    let first = mark();
    assert_eq!(search(&store, &mut embedded, "fog"), ["d1"]);
    put(&store, "seat", json!(false));
    assert_eq!(mark(), first, "another table is another thing");
    keep("d2");
    assert_ne!(mark(), first);
    assert_eq!(search(&store, &mut embedded, "fog").len(), 2);
    // As if the count had missed it: what is not counted is not looked for.
    let behind = mark();
    keep("d3");
    let own = behind.unwrap() as i64;
    store
        .db()
        .write(move |file| Ok::<_, DbError>(file.execute("UPDATE marks SET number = ?1", [own])?))
        .unwrap();
    assert_eq!(search(&store, &mut embedded, "fog").len(), 2);
    store.remove(Table::Decisions, "b", "d1").unwrap();
    let mut found = search(&store, &mut embedded, "fog");
    found.sort();
    assert_eq!(found, ["d2", "d3"]);
}
