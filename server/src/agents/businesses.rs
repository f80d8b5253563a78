//! Businesses as the server needs them: whether there is one, and whether it is made up.

use crate::auth::{Principal, Scope};
use inflight_agents::approval::Role;
use inflight_agents::ports::rows;
use inflight_agents::spec::BusinessInfo;
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

/// The same of a row as agents and people see it, by its name here or in specification 004.
#[must_use]
pub fn place_of(row: &Value) -> Option<&str> {
    let mut named = ["location", "locationId"].into_iter().filter_map(|name| row.get(name)?.as_str());
    named.find(|place| !place.is_empty())
}

/// What a business is.
///
/// # Errors
/// Its row cannot be read as one.
pub fn read(business: &Document) -> Result<BusinessInfo, serde_json::Error> {
    rows::business(business)
}

/// Whether somebody may speak and decide for a business or one of its places: the server lets them, and so does the
/// business where it lists its people. Admins of the server write that list, so it does not keep them out.
#[must_use]
pub fn may_coordinate(
    who: &Principal,
    business: &str,
    found: Option<&Document>,
    location: Option<&str>,
) -> bool {
    let example = found.is_some_and(is_example);
    who.may_coordinate(Scope { business: Some(business), location }, example)
        && admits(who, found, location, Role::Coordinator)
}

/// Whether a business lets somebody act in this role for it or one of its places, whom the server lets. One whose row
/// cannot be read may list its people, so that it lets nobody.
#[must_use]
pub fn admits(who: &Principal, found: Option<&Document>, location: Option<&str>, wanted: Role) -> bool {
    let user = who.user.as_str();
    who.may_administer()
        || found.is_none_or(|found| read(found).is_ok_and(|info| info.admits_at(user, location, wanted)))
}
