//! Publishing: numbered, journalled, then shown at once in a cut of its own, then acknowledged.

use crate::clock;
use crate::hub::events::{PublishError, Receipt, Shown};
use crate::hub::interest::Interest;
use crate::hub::pulse::{Own, PulseKind};
use crate::hub::status;
use crate::hub::task::Hub;
use crate::journal::{Answer, JournalState};
use inflight_domain::{Draft, TopicName, UserId};
use inflight_engine::presence::PRESENT_MS;
use inflight_engine::{EventInput, Missed};
use inflight_wire::Resume;
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::error;

/// Somebody who waits for the disk.
pub(super) struct Publisher {
    receipt: Receipt,
    reply: oneshot::Sender<Result<Receipt, PublishError>>,
}

/// Entries that may wait for the disk.
const MOST_WAITING: usize = 4096;

impl Hub {
    /// Hands an entry to the journal.
    pub(super) fn propose(&mut self, draft: Draft, reply: oneshot::Sender<Result<Receipt, PublishError>>) {
        let refusal = match &self.journal {
            None => Some(PublishError::Journal { code: "not_opened", detail: "there is none".to_owned() }),
            Some(_) if self.world.log().waiting() >= MOST_WAITING => Some(PublishError::Busy),
            Some(_) => None,
        };
        if let Some(refusal) = refusal {
            drop(reply.send(Err(refusal)));
            return;
        }
        let out = self.world.take(EventInput::Publish { draft, at: clock::now() });
        let (Some(journal), Some(logged)) = (&self.journal, out.append) else { return };
        let receipt = Receipt { offset: logged.entry.offset, position: logged.position };
        self.publishers.push_back(Publisher { receipt, reply });
        if let Err(state) = journal.append(logged) {
            self.journalled(Answer::Failed { up_to: receipt.offset, state });
        }
    }

    /// Shows what is on the disk, and tells those who published it.
    pub(super) fn journalled(&mut self, answer: Answer) {
        let (up_to, refusal) = match answer {
            Answer::Durable(up_to) => {
                let out = self.world.take(EventInput::Appended(up_to));
                let entries = out.shown.into_iter().map(|logged| Arc::new(Shown::new(logged))).collect();
                self.made.clear();
                let entries_at_hand = status::entries(self.world.log());
                self.status.send_if_modified(|status| {
                    Arc::make_mut(status).entries = entries_at_hand;
                    // Nobody waits for it; the next sample tells it.
                    false
                });
                self.pulse(PulseKind::Events, None, Own { entries, ..Own::default() });
                (up_to, None)
            }
            Answer::Failed { up_to, state: JournalState { code, detail, .. } } => {
                self.world.take(EventInput::Refused(up_to));
                (up_to, Some(PublishError::Journal { code, detail }))
            }
        };
        while self.publishers.front().is_some_and(|publisher| publisher.receipt.offset <= up_to) {
            let Some(Publisher { receipt, reply }) = self.publishers.pop_front() else { return };
            drop(reply.send(refusal.clone().map_or(Ok(receipt), Err)));
        }
    }

    /// The journal's thread has ended: nobody waits for it, and nothing more is taken.
    pub(super) fn journal_ended(&mut self) {
        error!("the journal has ended: nothing can be published until the server starts again");
        self.journal = None;
        self.refuse_all(&PublishError::Unknown);
    }

    /// Nothing of what waits is shown, and all who published it are told.
    pub(super) fn refuse_all(&mut self, refusal: &PublishError) {
        self.world.take(EventInput::Refused(u64::MAX));
        for Publisher { reply, .. } in self.publishers.drain(..) {
            drop(reply.send(Err(refusal.clone())));
        }
    }

    /// Somebody is in rooms.
    pub(super) fn present(
        &mut self,
        (user, connection): (UserId, u64),
        rooms: Vec<TopicName>,
        heard_at: Instant,
    ) {
        let silent_ms = i64::try_from(heard_at.elapsed().as_millis()).unwrap_or(PRESENT_MS);
        let (since, until_ms) = (clock::now(), self.wall_ms() + PRESENT_MS - silent_ms);
        for room in rooms {
            self.world.presence_mut().sit(room, user.clone(), connection, since, until_ms);
        }
    }

    /// What a client of event topics missed, and where it is then.
    pub(super) fn missed(&self, interest: &Interest, from: Option<Resume>) -> (Resume, Missed) {
        let missed = from.map(|from| self.world.log().since(from, |entry| interest.wants(entry)));
        (self.world.position(), missed.unwrap_or_default())
    }
}
