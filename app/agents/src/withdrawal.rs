//! Proposals that their cases went on without: a case was closed, or a later run proposes something in its place.

use crate::advance::RunInput;
use crate::event::EventKind;
use crate::rows::{ReviewRow, ReviewStatus};
use crate::spec::AgentAction;
use crate::store::{Document, ReviewFilter, Store, StoreError, Table};
use crate::watcher;
use inflight_domain::UnixMillis;
use serde_json::Value;

/// The case is closed.
pub const CLOSED: &str = "case_closed";

/// A later run looked at the case and has its say now.
pub const SUPERSEDED: &str = "case_superseded";

/// Open items that are looked at.
const MOST: usize = 10_000;

/// Items that are decided and may not hold yet: only the newest, as each matters for seconds.
const RECENT: usize = 200;

/// The case that an action is about, if it is about one.
#[must_use]
pub fn case_of(action: &AgentAction) -> Option<&str> {
    action.payload.get("case").and_then(Value::as_str)
}

/// Items that are to be withdrawn, each with what its run is to be told: of a case (business and identifier), or of all.
///
/// # Errors
/// What is stored cannot be read.
pub fn due(
    store: &dyn Store,
    of: Option<(&str, &str)>,
    now: UnixMillis,
) -> Result<Vec<(ReviewRow, RunInput)>, StoreError> {
    let mut due = Vec::new();
    let standings =
        [(ReviewStatus::Open, MOST), (ReviewStatus::Approved, RECENT), (ReviewStatus::Edited, RECENT)];
    for (status, limit) in standings {
        let business = of.map(|(business, _)| business.to_owned());
        let filter = ReviewFilter { business, run: None, status: Some(status), limit };
        for row in store.reviews(&filter)? {
            let is_its = of.is_none_or(|(_, case)| case_of(&row.action) == Some(case));
            if let Some(input) = if is_its { lapsed(store, &row, now)? } else { None } {
                due.push((row, input));
            }
        }
    }
    Ok(due)
}

/// What the run of an item is to be told, if its case went on without it and nothing holds yet that was decided.
///
/// # Errors
/// What is stored cannot be read.
pub fn lapsed<S: Store + ?Sized>(
    store: &S,
    row: &ReviewRow,
    now: UnixMillis,
) -> Result<Option<RunInput>, StoreError> {
    let may = match row.status {
        ReviewStatus::Open => true,
        ReviewStatus::Approved | ReviewStatus::Edited => row.undo_until_ms.is_some_and(|until| now < until),
        _ => false,
    };
    let Some(case) = case_of(&row.action).filter(|_| may) else { return Ok(None) };
    let Some(case) = store.document(Table::Cases, &row.business, case)? else { return Ok(None) };
    let (by, reason) = if text(&case, "status") == Some("closed") {
        (text(&case, "closed_by").unwrap_or(watcher::NAME), CLOSED)
    } else if is_anothers(store, &case, &row.run)? {
        (watcher::NAME, SUPERSEDED)
    } else {
        return Ok(None);
    };
    let (approval, by, reason) = (row.id.clone(), by.to_owned(), reason.to_owned());
    Ok(Some(RunInput::Withdraw { approval, by, reason }))
}

/// Whether another run has its say in the case. One that was taken from that run tries what else it might say.
fn is_anothers<S: Store + ?Sized>(store: &S, case: &Document, run: &str) -> Result<bool, StoreError> {
    let Some(own) = text(case, "run").filter(|own| *own != run) else { return Ok(false) };
    let mut run = run.to_owned();
    loop {
        let first = store.load(&run)?.into_iter().next().map(|event| event.kind);
        // A run that has gone cannot tell what it was taken from.
        let Some(EventKind::Started(started)) = first else { return Ok(false) };
        match started.forked_from {
            Some(from) if from.run != own => run = from.run,
            from => return Ok(from.is_none()),
        }
    }
}

fn text<'a>(case: &'a Document, name: &str) -> Option<&'a str> {
    case.fields.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{commit, start};
    use crate::memory::Memory;
    use crate::replay::fork;
    use crate::run::Run;
    use crate::typed::Typed;

    #[test]
    fn a_fork_of_a_fork_tries_what_the_run_of_the_case_might_have_said() {
        let (store, agent) = (Memory::default(), Typed(crate::clerk::Clerk::new().unwrap()));
        let begin = |start| {
            let (run, events) = Run::start(&agent, start, UnixMillis(1000));
            commit(&store, &run, &events).unwrap();
            events
        };
        let first = begin(start("first", 90.0, 250.0));
        let second = begin(fork(&first, 1, "second", None).unwrap());
        begin(fork(&second, 1, "third", None).unwrap());
        begin(start("another", 90.0, 250.0));
        let fields = serde_json::json!({"run": "first"}).as_object().cloned().unwrap();
        let (id, business, changed) = ("case".to_owned(), "b".to_owned(), UnixMillis(1000));
        let case = Document { table: Table::Cases, business, id, version: 1, changed, fields };
        let anothers =
            ["first", "second", "third", "another"].map(|run| is_anothers(&store, &case, run).unwrap());
        assert_eq!(anothers, [false, false, false, true]);
    }
}
