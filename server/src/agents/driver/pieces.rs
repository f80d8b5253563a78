//! Pieces of an answer that is being written, told to the room of its business at most four times a second.

use crate::agents::driver::answers::Asked;
use crate::agents::tell::{self, Telling};
use crate::clock;
use crate::hub::HubHandle;
use crate::reason::reply::Piece;
use core::time::Duration;
use serde_json::json;
use std::sync::{Mutex, PoisonError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;

/// Where the pieces of one answer go; the telling ends with it.
pub(super) struct Pieces {
    hub: Option<HubHandle>,
    run: String,
    business: String,
    id: String,
    sender: Mutex<Option<UnboundedSender<Option<String>>>>,
}

/// Time between two tellings.
const BETWEEN: Duration = Duration::from_millis(250);

impl Pieces {
    pub(super) fn new(hub: Option<HubHandle>, asked: &Asked) -> Self {
        let (run, business, id) = (asked.run.clone(), asked.business.clone(), asked.id.clone());
        Self { hub, run, business, id, sender: Mutex::default() }
    }

    /// One more piece; most answers have none.
    pub(super) fn say(&self, piece: Piece<'_>) {
        let Some(hub) = &self.hub else { return };
        let mut sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = sender.get_or_insert_with(|| {
            let (sender, pieces) = unbounded_channel();
            let row = (self.business.clone(), self.run.clone(), format!("{}/{}", self.run, self.id));
            tokio::spawn(told(hub.clone(), row, pieces));
            sender
        });
        drop(sender.send(match piece {
            Piece::Text(text) => Some(text.to_owned()),
            Piece::Restarted => None,
        }));
    }
}

/// Tells all that was written so far, again and again until the answer is whole.
async fn told(
    hub: HubHandle,
    (business, run, id): (String, String, String),
    mut pieces: UnboundedReceiver<Option<String>>,
) {
    let (mut text, at_ms) = (String::new(), clock::now().0);
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
        let row = json!({"id": id, "run": run, "business": business, "at_ms": at_ms, "text": text});
        tell::at_once(&hub, Telling { business: business.clone(), kind: "agent.reply", row }).await;
        sleep(BETWEEN).await;
    }
}
