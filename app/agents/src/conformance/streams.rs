//! How far streams are taken in, written with the inputs that they bring.

use crate::conformance::Open;
use crate::conformance::log::clerk;
use crate::conformance::world::start;
use crate::projection::Projections;
use crate::run::Run;
use crate::store::{Cursor, Store, StoreError};
use inflight_domain::{Cut, Epoch, UnixMillis};

pub(super) fn a_cursor_moves_with_its_input_and_never_back(open: Open<'_>) {
    let place = |epoch, cut| Cursor { stream: "hub".to_owned(), epoch: Epoch(epoch), cut: Cut(cut) };
    let begin = |store: &dyn Store, run: &str, cursor: Cursor| {
        let (run, events) = Run::start(&clerk(), start(run, 90.0, 250.0), UnixMillis(1000));
        let projections = Projections { cursor: Some(cursor), ..Projections::of(&run, &events) };
        store.append(run.id(), 0, &events, &projections)
    };
    let check = |store: &dyn Store, expected: Option<Cursor>| {
        assert_eq!(store.cursor("hub").expect("a cursor"), expected);
    };
    let store = open("cursors");
    check(&*store, None);
    store.move_cursor(&place(1, 5)).expect("the first");
    begin(&*store, "r1", place(1, 9)).expect("a new run");
    check(&*store, Some(place(1, 9)));
    store.move_cursor(&place(1, 8)).expect("not back");
    check(&*store, Some(place(1, 9)));
    store.move_cursor(&place(2, 1)).expect("a later life");
    check(&*store, Some(place(2, 1)));
    let again = begin(&*store, "r1", place(3, 1));
    assert!(matches!(again, Err(StoreError::Conflict { .. } | StoreError::InputTaken { .. })), "{again:?}");
    check(&*store, Some(place(2, 1)));
    assert_eq!(store.cursor("another").expect("nothing"), None);
    drop(store);
    check(&*open("cursors"), Some(place(2, 1)));
}
