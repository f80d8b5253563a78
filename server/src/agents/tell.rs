//! Tells rooms what changed: rows that were written with the change itself, in their order, until the journal has them.

use crate::agents::db::{Db, DbError};
use crate::agents::json;
use crate::hub::HubHandle;
use crate::hub::events::PublishError;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use inflight_domain::{Draft, EventData, RoomEvent, TopicName};
use rusqlite::Connection;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::time::sleep;
use tracing::{error, warn};

/// A way to have changes told; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Tell(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    waiting: Notify,
    newest: AtomicU64,
}

/// A row that somebody is to hear of.
#[derive(Clone, Debug, PartialEq)]
pub struct Telling {
    /// The business in whose room.
    pub business: String,
    /// The event's name, such as `agent.run`.
    pub kind: &'static str,
    /// The whole row.
    pub row: Value,
}

struct Waiting {
    number: i64,
    business: String,
    kind: String,
    row: String,
}

/// Rows that are on their way to the journal at once.
const MOST: i64 = 64;

/// A journal that refuses is asked again after this long.
const AGAIN: Duration = Duration::from_millis(500);

/// Writes down what is to be told, in the transaction of the change itself.
///
/// # Errors
/// The disk refuses.
pub fn note(connection: &Connection, telling: &Telling) -> Result<(), DbError> {
    let Telling { business, kind, row } = telling;
    let mut put =
        connection.prepare_cached("INSERT INTO tellings (business, kind, row) VALUES (?1, ?2, ?3)")?;
    put.execute((business, kind, row.to_string()))?;
    Ok(())
}

impl Tell {
    /// Something was written that is to be told.
    pub fn wake(&self) {
        self.0.waiting.notify_one();
    }

    /// Everything up to this offset of the hub is in what the store says now.
    #[must_use]
    pub fn newest_offset(&self) -> u64 {
        self.0.newest.load(Ordering::Acquire)
    }

    /// Tells until the hub has ended.
    pub async fn run(self, db: Db, hub: HubHandle, newest_offset: u64) {
        self.0.newest.store(newest_offset, Ordering::Release);
        // The newest that was told, and whether the file still has it: what it cannot let go is not told again.
        let (mut told, mut is_kept) = (0, false);
        loop {
            let done = match beside(&db, move |db| db.read(|file| waiting(file, told))).await {
                Ok(waiting) if !waiting.is_empty() => match self.publish(&hub, waiting).await {
                    Ok(last) => {
                        (told, is_kept) = (last, true);
                        Ok(())
                    }
                    Err(PublishError::Ended(_)) => return,
                    Err(cause) => Err(cause.to_string()),
                },
                Ok(_) if !is_kept => {
                    self.0.waiting.notified().await;
                    Ok(())
                }
                Ok(_) => Ok(()),
                Err(cause) => Err(cause),
            };
            let done = match done {
                Ok(()) if is_kept => {
                    let forgotten = beside(&db, move |db| db.write(move |file| forget(file, told))).await;
                    is_kept = forgotten.is_err();
                    forgotten
                }
                done => done,
            };
            if let Err(cause) = done {
                warn!(%cause, "what changed is not told yet, or not forgotten");
                sleep(AGAIN).await;
            }
        }
    }

    /// Publishes all in their order. Each is a whole row, so that the newest of a row stands for those before.
    async fn publish(&self, hub: &HubHandle, waiting: Vec<Waiting>) -> Result<i64, PublishError> {
        let last = waiting.last().map_or(0, |waiting| waiting.number);
        let mut seen = BTreeSet::new();
        let mut drafts: Vec<Draft> =
            waiting.into_iter().rev().filter_map(|waiting| draft(waiting, &mut seen)).collect();
        drafts.reverse();
        // The first poll puts each into the hub's queue, in this order.
        let published =
            futures_util::future::join_all(drafts.into_iter().map(|draft| hub.publish(draft))).await;
        for receipt in published {
            self.0.newest.fetch_max(receipt?.offset, Ordering::AcqRel);
        }
        Ok(last)
    }
}

/// What a room is told now and nowhere kept but in the journal: a piece of an answer that is being written. Whether it
/// was told.
pub async fn at_once(hub: &HubHandle, telling: Telling) -> bool {
    let Telling { business, kind, mut row } = telling;
    name_place(&mut row);
    let Some(topic) = TopicName::parse(&format!("business/{business}")) else { return false };
    let data = EventData::Room(RoomEvent { kind: kind.to_owned(), data: json::tree(row) });
    let told = hub.publish(Draft { topic, data, by: None }).await;
    if let Err(cause) = &told {
        warn!(%cause, "a piece of an answer was not told");
    }
    told.is_ok()
}

/// Does something with the file that blocks.
pub(in crate::agents) async fn beside<T: Send + 'static>(
    db: &Db,
    work: impl FnOnce(&Db) -> Result<T, DbError> + Send + 'static,
) -> Result<T, String> {
    let db = db.clone();
    let done = tokio::task::spawn_blocking(move || work(&db)).await;
    done.map_err(|_| "a defect; the log says where".to_owned())?.map_err(|error| error.to_string())
}

fn waiting(connection: &Connection, told: i64) -> Result<Vec<Waiting>, DbError> {
    let find = "SELECT id, business, kind, row FROM tellings WHERE id > ?1 ORDER BY id LIMIT ?2";
    let mut found = connection.prepare_cached(find)?;
    let rows = found.query_map([told, MOST], |row| {
        Ok(Waiting { number: row.get(0)?, business: row.get(1)?, kind: row.get(2)?, row: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn forget(connection: &Connection, told: i64) -> Result<(), DbError> {
    connection.prepare_cached("DELETE FROM tellings WHERE id <= ?1")?.execute([told])?;
    Ok(())
}

/// The place of a row in the name by which the hub knows it, so that only those hear of it who may see there.
fn name_place(row: &mut Value) {
    if let Some(location) = row.get("location").filter(|location| location.is_string()).cloned() {
        row["locationId"] = location;
    }
}

/// Business, kind and identifier of a row, and for one that is gone where that was.
type Seen = (String, String, String, Option<Option<String>>);

/// The entry for a row; none for one that a later row replaces.
fn draft(waiting: Waiting, seen: &mut BTreeSet<Seen>) -> Option<Draft> {
    let Waiting { number, business, kind, row } = waiting;
    let (Some(topic), Ok(mut row)) =
        (TopicName::parse(&format!("business/{business}")), serde_json::from_str::<Value>(&row))
    else {
        error!(number, business, kind, "a change cannot be told");
        return None;
    };
    name_place(&mut row);
    let id = row.get("id").or_else(|| row.get("decisionCode")).map(ToString::to_string).unwrap_or_default();
    // That it is gone from where it was is for others than what it is now.
    let gone = row.get("deleted").map(|_| row.get("location").map(ToString::to_string));
    let fresh = seen.insert((business, kind.clone(), id, gone));
    fresh.then(|| Draft { topic, data: EventData::Room(RoomEvent { kind, data: json::tree(row) }), by: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::db::tests::Folder;
    use crate::hub::interest::Interest;
    use crate::hub::task::{Drive, Hub, HubConfig};
    use crate::journal::{self, JournalSettings};
    use crate::metrics::Metrics;
    use inflight_domain::Epoch;
    use serde_json::json;
    use tokio::time::timeout;

    const PATIENCE: Duration = Duration::from_secs(20);

    /// Of rows in the order of their changes, what is told: the place by which the hub knows it, and the row's number.
    fn check(rows: &[Value], expected: &[(Option<&str>, i64)]) {
        let mut seen = BTreeSet::new();
        let one = |(number, row): (usize, &Value)| {
            let mut row = row.clone();
            row["number"] = json!(number.to_string());
            let (business, kind) = ("b".to_owned(), "agent.resource".to_owned());
            draft(Waiting { number: number as i64, business, kind, row: row.to_string() }, &mut seen)
        };
        let mut told: Vec<Draft> = rows.iter().enumerate().rev().filter_map(one).collect();
        told.reverse();
        let number = |told: &Draft| match &told.data {
            EventData::Room(event) => event.data.text("number").unwrap().parse().unwrap(),
            other => panic!("{other:?}"),
        };
        let told: Vec<_> = told.iter().map(|told| (told.data.location(), number(told))).collect();
        assert_eq!(told, expected, "{rows:?}");
    }

    #[tokio::test]
    async fn what_the_file_does_not_let_go_is_not_told_again() {
        let folder = Folder::new();
        let db = Db::open(&folder.0).unwrap();
        let config = HubConfig {
            tick: Duration::from_millis(20),
            stale_after: Duration::from_secs(60),
            epoch: Epoch(7),
        };
        let (task, mut hub) = Hub::new(config, Drive::Live, Metrics::new(&[String::new(), String::new()]));
        let settings = JournalSettings { folder: folder.0.clone(), max_bytes: 1 << 20 };
        let (journal, answers, recovered, _writing) = journal::start(&settings, "a");
        tokio::spawn(task.journal(&mut hub, (journal, answers), recovered.log).run());
        let room = Interest::of(TopicName::parse("business/b"));
        let mut heard = hub.events(room, None).await.unwrap();
        let disk = Connection::open(folder.0.join("agents.sqlite")).unwrap();
        disk.execute_batch(
            "CREATE TRIGGER full BEFORE DELETE ON tellings BEGIN SELECT RAISE(ABORT, 'full'); END",
        )
        .unwrap();
        let tell = Tell::default();
        tokio::spawn(tell.clone().run(db.clone(), hub, 0));
        for id in ["a", "b"] {
            let row = json!({"id": id});
            let telling = Telling { business: "b".to_owned(), kind: "agent.case", row };
            db.write(move |file| note(file, &telling)).unwrap();
            tell.wake();
            timeout(PATIENCE, heard.next()).await.unwrap().unwrap();
        }
        disk.execute_batch("DROP TRIGGER full").unwrap();
        let count = || disk.query_row("SELECT COUNT(*) FROM tellings", [], |row| row.get::<_, i64>(0));
        let forgotten = async {
            while count().unwrap() > 0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, forgotten).await.unwrap();
        assert_eq!(tell.newest_offset(), 2, "each is told once");
    }

    #[test]
    fn the_newest_of_a_row_is_told_with_its_place_and_where_it_is_gone_from() {
        let row = |id: &str, location: Option<&str>| json!({"id": id, "location": location});
        let gone = |id: &str, location: &str| json!({"id": id, "location": location, "deleted": true});
        check(&[row("a", None), row("a", None), row("b", Some("OTP"))], &[(None, 1), (Some("OTP"), 2)]);
        let moved = [row("a", Some("OTP")), gone("a", "OTP"), row("a", Some("CLJ")), row("a", Some("CLJ"))];
        check(&moved, &[(Some("OTP"), 1), (Some("CLJ"), 3)]);
        check(&[gone("a", "OTP"), gone("a", "CLJ")], &[(Some("OTP"), 0), (Some("CLJ"), 1)]);
    }
}
