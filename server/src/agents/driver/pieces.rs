//! Pieces of an answer that is being written, told to the room of its business at most four times a second.

use crate::agents::driver::answers::Asked;
use crate::agents::tell::{self, Telling};
use crate::clock;
use crate::hub::HubHandle;
use crate::reason::reply::Piece;
use core::time::Duration;
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;

/// Where the pieces of one answer go. What was begun is told to be over once this goes, whatever came of it.
pub(super) struct Pieces {
    hub: Option<HubHandle>,
    run: String,
    business: String,
    location: Option<String>,
    id: String,
    sender: Mutex<Option<UnboundedSender<Option<String>>>>,
}

/// Time between two tellings.
const BETWEEN: Duration = Duration::from_millis(250);

impl Pieces {
    pub(super) fn new(hub: Option<HubHandle>, asked: &Asked) -> Self {
        let (run, business, id) = (asked.run.clone(), asked.business.clone(), asked.id.clone());
        Self { hub, run, business, location: asked.location.clone(), id, sender: Mutex::default() }
    }

    /// One more piece; most answers have none.
    pub(super) fn say(&self, piece: Piece<'_>) {
        let Some(hub) = &self.hub else { return };
        let mut sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = sender.get_or_insert_with(|| {
            let (sender, pieces) = unbounded_channel();
            let id = format!("{}/{}", self.run, self.id);
            let mut row = json!({"id": id, "run": self.run, "business": self.business});
            if let Some(location) = &self.location {
                row["location"] = json!(location);
            }
            tokio::spawn(told(hub.clone(), self.business.clone(), row, pieces));
            sender
        });
        drop(sender.send(match piece {
            Piece::Text(text) => Some(text.to_owned()),
            Piece::Restarted => None,
        }));
    }
}

/// Tells all that was written so far, again and again until nothing more can come, and then that it is over.
async fn told(hub: HubHandle, business: String, row: Value, mut pieces: UnboundedReceiver<Option<String>>) {
    let (mut text, mut row) = (String::new(), row);
    row["at_ms"] = json!(clock::now().0);
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
        row["text"] = json!(text);
        let telling = Telling { business: business.clone(), kind: "agent.reply", row: row.clone() };
        tell::at_once(&hub, telling).await;
        sleep(BETWEEN).await;
    }
    // The message that it became is there by now, if it became one; nobody is to think that more will come.
    if let Some(row) = row.as_object_mut() {
        row.remove("text");
        row.insert("deleted".to_owned(), true.into());
    }
    tell::at_once(&hub, Telling { business, kind: "agent.reply", row }).await;
}
