//! What is kept no longer: runs that ended, decisions and messages, each after its time.

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

/// What has gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Runs, with their events, reviews and effects.
    pub runs: usize,
    /// Decisions.
    pub decisions: usize,
    /// Messages.
    pub messages: usize,
}

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
                    all = Gone {
                        runs: all.runs + gone.runs,
                        decisions: all.decisions + gone.decisions,
                        messages: all.messages + gone.messages,
                    };
                    if gone.runs.max(gone.decisions).max(gone.messages) < AT_ONCE {
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
    let old_runs = "DELETE FROM runs WHERE id IN (SELECT id FROM runs WHERE over = 1 AND changed_ms < ?1
        AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.run = runs.id AND settled = 0) LIMIT ?2)";
    let old_rows = "DELETE FROM documents WHERE rowid IN
        (SELECT rowid FROM documents WHERE kind = ?3 AND changed_ms < ?1 LIMIT ?2)";
    let rows = |kind: &str, days| connection.execute(old_rows, (before(days), limit, kind));
    Ok(Gone {
        runs: connection.execute(old_runs, (before(keep.runs_days), limit))?,
        decisions: rows("decisions", keep.decisions_days)?,
        messages: rows("messages", keep.messages_days)?,
    })
}

fn tell(agents: &Agents, gone: Gone) {
    let Gone { runs, decisions, messages } = gone;
    info!(runs, decisions, messages, "what was kept long enough has gone");
    agents.outside().audit.note(Entry {
        actor: "system".to_owned(),
        action: "agent_retention",
        target: format!("{runs} runs, {decisions} decisions, {messages} messages"),
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
    use inflight_agents::clerk::Clerk;
    use inflight_agents::conformance::{World, commit, start};
    use inflight_agents::{Run, Store, Typed};
    use inflight_domain::UnixMillis;

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
        let keep = Keep { runs_days: 1, decisions_days: 1, messages_days: 3 };
        let at = |days: i64| store.db().write(move |file| let_go(file, keep, days * DAY_MS, 10)).unwrap();
        assert_eq!(at(1), Gone::default());
        assert_eq!(at(2), Gone { runs: 1, ..Gone::default() });
        assert_eq!((store.load("ended").unwrap().len(), store.load("open").unwrap().is_empty()), (0, false));
        assert_eq!(at(4), Gone { messages: 1, ..Gone::default() });
    }
}
