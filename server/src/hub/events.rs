//! Entries on their way out: encoded once for each form, and a feed of them for clients that have no tables.

use crate::hub::interest::Interest;
use crate::hub::pulse::{Pulse, PulseKind};
use crate::hub::{HubEnded, HubHandle, Request};
use bytes::Bytes;
use inflight_domain::{Draft, Entry};
use inflight_engine::{Logged, Missed};
use inflight_wire::{Format, Resume};
use std::sync::{Arc, OnceLock};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, oneshot};

/// An entry that everybody may have; its bytes are made when first asked for.
#[derive(Debug)]
pub struct Shown {
    /// The entry and its position.
    pub logged: Arc<Logged>,
    forms: [OnceLock<Bytes>; 2],
}

/// What the publisher of an entry learns, once it is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The entry's number.
    pub offset: u64,
    /// From here on everybody has it.
    pub position: Resume,
}

/// Why an entry was not published.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The disk did not take it; it may be tried again.
    #[error("the journal does not take entries ({code}): {detail}")]
    Journal {
        /// `disk_full`, `disk_error` or `not_opened`.
        code: &'static str,
        /// What the system said.
        detail: String,
    },
    /// Too many wait for the disk; it may be tried again.
    #[error("too many entries wait for the disk; try again")]
    Busy,
    /// A defect came between: the entry may be on the disk, or not.
    #[error("it is not known whether the entry was taken; look before you try again")]
    Unknown,
    /// The server stops; an entry that was on its way may be on the disk, or not.
    #[error(transparent)]
    Ended(#[from] HubEnded),
}

/// New entries for one client of event topics.
#[derive(Clone, Debug, Default)]
pub struct EventNews {
    /// The entries, oldest first.
    pub entries: Vec<Arc<Shown>>,
    /// Up to which offset there may have been more that are no longer at hand; 0 if none are missing.
    pub lost: u64,
    /// Where the client is afterwards.
    pub position: Resume,
}

/// The entries of some topics from a position on, each once and in order.
#[derive(Debug)]
pub struct EventFeed {
    hub: HubHandle,
    interest: Interest,
    pulses: broadcast::Receiver<Arc<Pulse>>,
    cursor: Resume,
    backlog: Option<EventNews>,
    /// Where the client was before the backlog, as long as that is not told.
    before: Resume,
}

impl Shown {
    /// An entry that is shown.
    #[must_use]
    pub fn new(logged: Arc<Logged>) -> Self {
        Self { logged, forms: [const { OnceLock::new() }; 2] }
    }

    /// The entry.
    #[must_use]
    pub fn entry(&self) -> &Entry {
        &self.logged.entry
    }

    /// Its bytes.
    #[must_use]
    pub fn encoded(&self, format: Format) -> &Bytes {
        self.forms[format as usize].get_or_init(|| format.encode(&self.logged.entry).into())
    }
}

impl HubHandle {
    /// Publishes an entry; the answer comes when it is on the disk and shown.
    ///
    /// # Errors
    /// It was refused and nobody saw it, or nobody knows what became of it.
    pub async fn publish(&self, draft: Draft) -> Result<Receipt, PublishError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.requests.send(Request::Publish { draft, reply }).await;
        sent.map_err(|_| HubEnded)?;
        answer.await.map_err(|_| HubEnded)?
    }

    /// The entries of some topics: from now on, or all since a position.
    ///
    /// # Errors
    /// The hub has ended.
    pub async fn events(&self, interest: Interest, from: Option<Resume>) -> Result<EventFeed, HubEnded> {
        let pulses = self.pulses();
        let (cursor, missed) = self.missed(interest.clone(), from).await?;
        let backlog = from.is_some().then(|| EventNews::of(missed, cursor));
        let backlog = backlog.filter(|news| !news.entries.is_empty() || news.lost > 0);
        Ok(EventFeed { hub: self.clone(), interest, pulses, cursor, backlog, before: from.unwrap_or(cursor) })
    }

    async fn missed(&self, interest: Interest, from: Option<Resume>) -> Result<(Resume, Missed), HubEnded> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Missed { interest, from, reply };
        self.requests.send(request).await.map_err(|_| HubEnded)?;
        answer.await.map_err(|_| HubEnded)
    }
}

impl EventFeed {
    /// Where the client is: it was told everything up to here, and nothing beyond.
    #[must_use]
    pub fn position(&self) -> Resume {
        if self.backlog.is_some() { self.before } else { self.cursor }
    }

    /// Waits for new entries. May be dropped and called again.
    ///
    /// # Errors
    /// The hub has ended.
    pub async fn next(&mut self) -> Result<EventNews, HubEnded> {
        loop {
            if let Some(news) = self.backlog.take() {
                return Ok(news);
            }
            match self.pulses.recv().await {
                Ok(pulse) => {
                    self.before = self.cursor;
                    self.backlog = self.news_of(&pulse);
                }
                Err(RecvError::Closed) => return Err(HubEnded),
                Err(RecvError::Lagged(_)) => {
                    // What waits is told again, and then known. Dropped half-way, the next call finds nothing amiss.
                    let pulses = self.hub.pulses();
                    let (position, missed) =
                        self.hub.missed(self.interest.clone(), Some(self.cursor)).await?;
                    self.pulses = pulses;
                    self.before = self.cursor;
                    self.cursor = position;
                    self.backlog = Some(EventNews::of(missed, position));
                }
            }
        }
    }

    fn news_of(&mut self, pulse: &Pulse) -> Option<EventNews> {
        let position = pulse.position();
        let known = (position.epoch, position.cut) <= (self.cursor.epoch, self.cursor.cut);
        if pulse.kind != PulseKind::Events || known {
            return None;
        }
        self.cursor = position;
        let wanted = pulse.own.entries.iter().filter(|shown| self.interest.wants(shown.entry()));
        let entries: Vec<_> = wanted.cloned().collect();
        (!entries.is_empty()).then_some(EventNews { entries, lost: 0, position })
    }
}

impl EventNews {
    fn of(missed: Missed, position: Resume) -> Self {
        let entries = missed.entries.into_iter().map(|logged| Arc::new(Shown::new(logged))).collect();
        Self { entries, lost: missed.lost, position }
    }
}
