//! Businesses as the server needs them: whether there is one, and whether it is made up.

use inflight_agents::{Document, Store, StoreError, Table};
use serde_json::Value;

/// Whether a business is made up, to be tried by whoever sits at this machine.
#[must_use]
pub fn is_example(business: &Document) -> bool {
    business.fields.get("metadata").and_then(|about| about.get("example")) == Some(&Value::Bool(true))
}

/// Whether there is a made-up business of this name. Blocking.
///
/// # Errors
/// What is stored cannot be read.
pub fn is_example_named(store: &dyn Store, id: &str) -> Result<bool, StoreError> {
    Ok(find(store, id)?.as_ref().is_some_and(is_example))
}

/// The business of this name. Blocking.
///
/// # Errors
/// What is stored cannot be read.
pub fn find(store: &dyn Store, id: &str) -> Result<Option<Document>, StoreError> {
    store.document(Table::Businesses, id, id)
}

/// The place that a row is for, where it is not for the whole business.
#[must_use]
pub fn place(document: &Document) -> Option<&str> {
    document.fields.get("location").and_then(Value::as_str)
}
