//! Pieces of an answer that is being written, told to the room of its business at most four times a second.

use crate::agents::db::{Db, DbError};
use crate::agents::driver::answers::Asked;
use crate::agents::tell::{self, Telling, beside};
use crate::clock;
use crate::hub::HubHandle;
use crate::reason::reply::Piece;
use core::mem::take;
use core::time::Duration;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;
use tracing::warn;

/// The rooms that hear pieces, and the file that knows of which answers they do; clones are the same.
#[derive(Clone)]
pub struct Rooms {
    hub: HubHandle,
    db: Db,
    /// What an earlier process was writing when it ended.
    left: Arc<Mutex<Vec<Reply>>>,
}

/// An answer that is being written.
#[derive(Clone, Debug)]
struct Reply {
    id: String,
    business: String,
    row: Value,
}

/// Where the pieces of one answer go. What was begun is told to be over once this goes, whatever came of it.
pub(super) struct Pieces {
    rooms: Option<Rooms>,
    reply: Reply,
    sender: Mutex<Option<UnboundedSender<Option<String>>>>,
}

/// Time between two tellings.
const BETWEEN: Duration = Duration::from_millis(250);

impl Rooms {
    /// The rooms of this hub. Blocking.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(hub: HubHandle, db: Db) -> Result<Self, DbError> {
        let left = Arc::new(Mutex::new(db.read(left)?));
        Ok(Self { hub, db, left })
    }

    /// Tells that no more comes of what an earlier process was writing: whoever heard a piece of it waits for the end.
    /// What is asked again begins anew.
    pub(super) async fn end_left(&self) {
        let left = take(&mut *self.left.lock().unwrap_or_else(PoisonError::into_inner));
        for reply in left {
            self.end(reply).await;
        }
    }

    /// Remembers an answer before anybody hears of it.
    async fn begin(&self, reply: &Reply) {
        let Reply { id, business, row } = reply.clone();
        let noted = move |file: &Connection| -> Result<(), DbError> {
            let put = "INSERT OR REPLACE INTO replies (id, business, row) VALUES (?1, ?2, ?3)";
            file.prepare_cached(put)?.execute((id, business, row.to_string()))?;
            Ok(())
        };
        if let Err(cause) = beside(&self.db, move |db| db.write(noted)).await {
            warn!(%cause, "should the server be killed now, nobody hears the end of an answer");
        }
    }

    async fn tell(&self, reply: &Reply) -> bool {
        let (business, row) = (reply.business.clone(), reply.row.clone());
        tell::at_once(&self.hub, Telling { business, kind: "agent.reply", row }).await
    }

    /// Nobody is to think that more will come: the message that it became, if it did, is there by now.
    async fn end(&self, mut reply: Reply) {
        if let Some(row) = reply.row.as_object_mut() {
            row.remove("text");
            row.insert("deleted".to_owned(), true.into());
        }
        if !self.tell(&reply).await {
            return;
        }
        let forgotten = move |file: &Connection| -> Result<(), DbError> {
            file.prepare_cached("DELETE FROM replies WHERE id = ?1")?.execute([reply.id])?;
            Ok(())
        };
        if let Err(cause) = beside(&self.db, move |db| db.write(forgotten)).await {
            warn!(%cause, "the end of an answer is told again after the next start");
        }
    }
}

impl Pieces {
    pub(super) fn new(rooms: Option<Rooms>, asked: &Asked) -> Self {
        let (id, business) = (format!("{}/{}", asked.run, asked.id), asked.business.clone());
        let mut row = json!({"id": id, "run": asked.run, "business": business});
        if let Some(location) = &asked.location {
            row["location"] = json!(location);
        }
        Self { rooms, reply: Reply { id, business, row }, sender: Mutex::default() }
    }

    /// One more piece; most answers have none.
    pub(super) fn say(&self, piece: Piece<'_>) {
        let Some(rooms) = &self.rooms else { return };
        let mut sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = sender.get_or_insert_with(|| {
            let (sender, pieces) = unbounded_channel();
            tokio::spawn(told(rooms.clone(), self.reply.clone(), pieces));
            sender
        });
        drop(sender.send(match piece {
            Piece::Text(text) => Some(text.to_owned()),
            Piece::Restarted => None,
        }));
    }
}

/// Tells all that was written so far, again and again until nothing more can come, and then that it is over.
async fn told(rooms: Rooms, mut reply: Reply, mut pieces: UnboundedReceiver<Option<String>>) {
    let mut text = String::new();
    reply.row["at_ms"] = json!(clock::now().0);
    rooms.begin(&reply).await;
    while let Some(piece) = pieces.recv().await {
        let mut newest = Some(piece);
        while let Some(piece) = newest {
            match piece {
                Some(piece) => text.push_str(&piece),
                // What was heard so far does not count.
                None => text.clear(),
            }
            newest = pieces.try_recv().ok();
        }
        reply.row["text"] = json!(text);
        rooms.tell(&reply).await;
        sleep(BETWEEN).await;
    }
    rooms.end(reply).await;
}

fn left(file: &Connection) -> Result<Vec<Reply>, DbError> {
    let mut found = file.prepare("SELECT id, business, row FROM replies")?;
    let rows = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)))?;
    let mut left = Vec::new();
    for row in rows {
        let (id, business, row) = row?;
        left.push(Reply { id, business, row: serde_json::from_str(&row)? });
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::db::tests::Folder;
    use crate::agents::driver::tests::driver_of_rooms;
    use crate::hub::events::EventFeed;
    use crate::hub::interest::Interest;
    use crate::hub::task::{Drive, Hub, HubConfig};
    use crate::journal::{self, JournalSettings};
    use crate::metrics::Metrics;
    use inflight_agents::Question;
    use inflight_agents::budget::Reserve;
    use inflight_domain::{Epoch, EventData, TopicName};
    use tokio::time::timeout;

    const PATIENCE: Duration = Duration::from_secs(20);

    fn hub(folder: &Folder) -> HubHandle {
        let (tick, stale_after) = (Duration::from_millis(20), Duration::from_secs(60));
        let config = HubConfig { tick, stale_after, epoch: Epoch(7) };
        let (task, mut hub) = Hub::new(config, Drive::Live, Metrics::new(&[String::new(), String::new()]));
        let settings = JournalSettings { folder: folder.0.clone(), max_bytes: 1 << 20 };
        let (journal, answers, recovered, _writing) = journal::start(&settings, "a");
        tokio::spawn(task.journal(&mut hub, (journal, answers), recovered.log).run());
        hub
    }

    /// The next row that the room hears: its identifier, its text, and whether it is gone.
    async fn next(heard: &mut EventFeed) -> (String, Option<String>, bool) {
        let news = timeout(PATIENCE, heard.next()).await.unwrap().unwrap();
        let entry = news.entries.last().unwrap().entry().clone();
        let EventData::Room(event) = entry.data else { panic!("{entry:?}") };
        let text = event.data.text("text").map(str::to_owned);
        (event.data.text("id").unwrap().to_owned(), text, event.data.get("deleted").is_some())
    }

    #[tokio::test]
    async fn what_a_killed_process_was_writing_is_told_to_be_over_after_the_next_start() {
        let folder = Folder::new();
        let db = Db::open(&folder.0).unwrap();
        let hub = hub(&folder);
        let mut heard = hub.events(Interest::of(TopicName::parse("business/b")), None).await.unwrap();
        let rooms = Rooms::open(hub.clone(), db.clone()).unwrap();
        let asked = |run: &str| Asked {
            run: run.to_owned(),
            business: "b".to_owned(),
            location: None,
            correlation: None,
            example: false,
            id: "1.0".to_owned(),
            question: Question::Model(Box::default()),
            degraded: None,
            reserve: Reserve::default(),
            sensitive: false,
        };
        let over = Pieces::new(Some(rooms.clone()), &asked("r1"));
        over.say(Piece::Text("All of it"));
        let of = |run: &str| [run, "/1.0"].concat();
        assert_eq!(next(&mut heard).await, (of("r1"), Some("All of it".to_owned()), false));
        drop(over);
        assert_eq!(next(&mut heard).await, (of("r1"), None, true));
        let cut_short = Pieces::new(Some(rooms), &asked("r2"));
        cut_short.say(Piece::Text("Half of"));
        assert_eq!(next(&mut heard).await, (of("r2"), Some("Half of".to_owned()), false));
        // A process that is killed lets go of nothing.
        core::mem::forget(cut_short);
        let driver = driver_of_rooms(Rooms::open(hub, db.clone()).unwrap());
        driver.run();
        assert_eq!(next(&mut heard).await, (of("r2"), None, true));
        driver.stop().await;
        assert!(db.read(left).unwrap().is_empty());
    }
}
