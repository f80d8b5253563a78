//! What is kept no longer, each kind after its time.

use crate::agents::db::DbError;
use crate::agents::service::Agents;
use crate::audit::Entry;
use crate::clock;
use crate::settings::agents::Keep;
use core::time::Duration;
use rusqlite::Connection;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{info, warn};

/// How often what is old is looked for.
const EVERY: Duration = Duration::from_secs(3600);

/// Rows that go with one commit, so that nobody waits long for the writer.
const AT_ONCE: usize = 500;

const DAY_MS: i64 = 86_400_000;

/// What has gone, in the order of [`KINDS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gone(pub [usize; KINDS.len()]);

/// What goes: runs with their events, reviews and effects, decisions, messages, closed cases, versions of message
/// models that a newer one replaced, identifiers of inputs that were taken, and what was set aside on a day.
pub const KINDS: [&str; 7] = ["runs", "decisions", "messages", "cases", "models", "inputs", "budgets"];

/// Lets go what is old, again and again.
pub async fn run(agents: Agents) {
    let keep = agents.outside().settings.keep;
    let mut every = interval(EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let mut all = Gone::default();
        loop {
            let (db, now_ms) = (agents.store().db().clone(), clock::now().0);
            let going = move || db.write(move |connection| let_go(connection, keep, now_ms, AT_ONCE));
            match tokio::task::spawn_blocking(going).await {
                Ok(Ok(gone)) => {
                    all.0.iter_mut().zip(gone.0).for_each(|(all, gone)| *all += gone);
                    if gone.0.iter().all(|gone| *gone < AT_ONCE) {
                        break;
                    }
                }
                Ok(Err(cause)) => {
                    warn!(%cause, "what is old stays for now");
                    break;
                }
                Err(_) => break,
            }
        }
        if all != Gone::default() {
            tell(&agents, all);
        }
    }
}

/// Removes what is older than it is to be kept, at most so many rows of each kind.
///
/// # Errors
/// The disk refuses.
pub fn let_go(connection: &Connection, keep: Keep, now_ms: i64, limit: usize) -> Result<Gone, DbError> {
    let before = |days: u64| now_ms - i64::try_from(days).unwrap_or(i64::MAX / DAY_MS) * DAY_MS;
    let limit = limit as i64;
    let rows = |kind: &str, days| connection.execute(OLD_ROWS, (before(days), limit, kind));
    let oldest_day = before(keep.runs_days).div_euclid(DAY_MS);
    Ok(Gone([
        connection.execute(OLD_RUNS, (before(keep.runs_days), limit))?,
        rows("decisions", keep.decisions_days)?,
        rows("messages", keep.messages_days)?,
        connection.execute(OLD_CASES, (before(keep.cases_days), limit))?,
        connection.execute(OLD_MODELS, (before(keep.models_days), limit))?,
        connection.execute(OLD_INPUTS, (before(keep.inputs_days), limit))?,
        connection.execute(OLD_BUDGETS, (oldest_day, limit))?,
    ]))
}

const OLD_RUNS: &str = "DELETE FROM runs WHERE id IN (SELECT id FROM runs WHERE over = 1 AND changed_ms < ?1
    AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.run = runs.id AND settled = 0) LIMIT ?2)";

const OLD_ROWS: &str = "DELETE FROM documents WHERE rowid IN
    (SELECT rowid FROM documents WHERE kind = ?3 AND changed_ms < ?1 LIMIT ?2)";

const OLD_CASES: &str = "DELETE FROM documents WHERE rowid IN (SELECT rowid FROM documents
    WHERE kind = 'cases' AND changed_ms < ?1 AND json_extract(opened(fields), '$.status') = 'closed' LIMIT ?2)";

/// Each that was not used for as long, where there is a newer one for the same trade and place.
const OLD_MODELS: &str = "DELETE FROM documents WHERE rowid IN (SELECT old.rowid FROM documents AS old
    WHERE old.kind = 'models' AND old.changed_ms < ?1 AND EXISTS (SELECT 1 FROM documents AS new
        WHERE new.kind = 'models' AND new.business = old.business
        AND json_extract(opened(new.fields), '$.version') > json_extract(opened(old.fields), '$.version')
        AND json_extract(opened(new.fields), '$.decisionCode') = json_extract(opened(old.fields), '$.decisionCode')
        AND json_extract(opened(new.fields), '$.businessType') IS json_extract(opened(old.fields), '$.businessType')
        AND json_extract(opened(new.fields), '$.locationContext') IS json_extract(opened(old.fields), '$.locationContext'))
    LIMIT ?2)";

/// As long as its run is there, an input is not taken again.
const OLD_INPUTS: &str = "DELETE FROM inputs WHERE (business, id) IN (SELECT business, id FROM inputs
    WHERE taken_ms < ?1 AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.id = inputs.run) LIMIT ?2)";

const OLD_BUDGETS: &str = "DELETE FROM budgets WHERE (business, day, run, question) IN
    (SELECT business, day, run, question FROM budgets WHERE day < ?1 LIMIT ?2)";

fn tell(agents: &Agents, gone: Gone) {
    let counts: Vec<String> = KINDS
        .iter()
        .zip(gone.0)
        .filter(|(_, count)| *count > 0)
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    let counts = counts.join(", ");
    info!(counts, "what was kept long enough has gone");
    agents.outside().audit.note(Entry {
        actor: "system".to_owned(),
        action: "agent_retention",
        target: counts,
        result: "done".to_owned(),
        correlation_id: String::new(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::db::Db;
    use crate::agents::db::tests::Folder;
    use crate::agents::store::SqliteStore;
    use crate::agents::tell::Tell;
    use inflight_agents::budget::Reserve;
    use inflight_agents::clerk::Clerk;
    use inflight_agents::conformance::{World, commit, start};
    use inflight_agents::store::BudgetKey;
    use inflight_agents::{Document, Run, Store, Table, Typed};
    use inflight_domain::UnixMillis;
    use serde_json::{Value, json};

    #[test]
    fn only_what_ended_long_ago_goes() {
        let folder = Folder::new();
        let store = SqliteStore::new(Db::open(&folder.0).unwrap(), Tell::default());
        let agent = Typed(Clerk::new().unwrap());
        for id in ["ended", "open"] {
            let (mut run, events) = Run::start(&agent, start(id, 200.0, 90.0), UnixMillis(1000));
            commit(&store, &run, &events).unwrap();
            if id == "ended" {
                World { now: UnixMillis(1000), ..World::default() }.finish(&store, &agent, &mut run).unwrap();
            }
        }
        let keep = Keep { runs_days: 1, messages_days: 3, inputs_days: 9, ..KEEP };
        let at = |days: i64| store.db().write(move |file| let_go(file, keep, days * DAY_MS, 10)).unwrap();
        assert_eq!(at(1), Gone::default());
        assert_eq!(at(2), Gone([1, 0, 0, 0, 0, 0, 0]));
        assert_eq!((store.load("ended").unwrap().len(), store.load("open").unwrap().is_empty()), (0, false));
        assert_eq!(at(4), Gone([0, 0, 1, 0, 0, 0, 0]));
        let taken = |input: &str| store.input_run("b1", input).unwrap();
        assert_eq!(at(9), Gone::default());
        assert_eq!(
            taken("in_ended").as_deref(),
            Some("ended"),
            "it is not taken again although its run has gone"
        );
        assert_eq!(at(11), Gone([0, 0, 0, 0, 0, 1, 0]));
        assert_eq!((taken("in_ended"), taken("in_open").as_deref()), (None, Some("open")));
    }

    const KEEP: Keep = Keep {
        runs_days: 1000,
        decisions_days: 1000,
        messages_days: 1000,
        cases_days: 1000,
        models_days: 1000,
        inputs_days: 1000,
    };

    /// Of these rows those with these identifiers are left, where the kind is kept for a day.
    fn check(table: Table, keep: Keep, rows: &[(&str, i64, Value)], left: &[&str]) {
        let folder = Folder::new();
        let store = SqliteStore::new(Db::open(&folder.0).unwrap(), Tell::default());
        for (id, day, fields) in rows {
            let (id, fields) = ((*id).to_owned(), fields.as_object().cloned().unwrap());
            let (business, changed) = ("b1".to_owned(), UnixMillis(day * DAY_MS));
            store.put(&Document { table, business, id, version: 1, changed, fields }).unwrap();
        }
        store.db().write(move |file| let_go(file, keep, 10 * DAY_MS, 10)).unwrap();
        let found: Vec<String> =
            store.documents(table, None).unwrap().into_iter().map(|document| document.id).collect();
        assert_eq!(found, left, "{table:?}");
    }

    #[test]
    fn cases_go_once_closed_and_models_once_replaced() {
        let case = |status: &str| json!({"status": status, "sensitive": true});
        let rows = [("closed", 1, case("closed")), ("new", 9, case("closed")), ("open", 1, case("open"))];
        check(Table::Cases, Keep { cases_days: 1, ..KEEP }, &rows, &["new", "open"]);
        let model = |version: u32, place: Option<&str>| json!({"decisionCode": "c", "version": version, "locationContext": place});
        let rows = [
            ("c/1", 1, model(1, None)),
            ("c/2", 1, model(2, Some("EWR"))),
            ("c/3", 9, model(3, None)),
            ("c/4", 1, model(4, None)),
        ];
        check(Table::Models, Keep { models_days: 1, ..KEEP }, &rows, &["c/2", "c/3", "c/4"]);
    }

    #[test]
    fn days_that_nobody_asks_for_go() {
        let folder = Folder::new();
        let store = SqliteStore::new(Db::open(&folder.0).unwrap(), Tell::default());
        let some = Reserve { tokens: 5, cost_microusd: 5 };
        for day in [7, 8, 9] {
            let [business, run, question] = ["b1", "r", "q"].map(str::to_owned);
            let of = BudgetKey { business, day, run, question };
            store.budget_reserve(&of, some, some).unwrap();
        }
        let keep = Keep { runs_days: 1, ..KEEP };
        store.db().write(move |file| let_go(file, keep, 9 * DAY_MS, 10)).unwrap();
        let reserved = [7, 8, 9].map(|day| store.budget_day("b1", day).unwrap().reserved.tokens);
        assert_eq!(reserved, [0, 5, 5]);
    }
}
