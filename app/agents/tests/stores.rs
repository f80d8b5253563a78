//! The store in memory does what every store must do.

use inflight_agents::{Memory, Store, conformance};
use std::cell::RefCell;
use std::collections::BTreeMap;

#[test]
fn memory_does_what_every_store_must() {
    let stores = RefCell::new(BTreeMap::<String, Memory>::new());
    conformance::check(&|name| -> Box<dyn Store> {
        Box::new(stores.borrow_mut().entry(name.to_owned()).or_default().clone())
    });
}
