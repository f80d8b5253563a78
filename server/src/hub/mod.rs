//! The hub: one task owns the engine, everybody else talks to it by messages.
//!
//! There is no lock around the World. Sources and clients put requests into one queue; every tick the hub
//! advances the engine and hands the frames of the cut, encoded once per form, to all connections.

pub mod events;
pub mod form;
pub mod interest;
pub mod pulse;
pub mod status;
pub mod task;
pub mod variant;

use crate::hub::events::{PublishError, Receipt};
use crate::hub::interest::Interest;
use crate::hub::pulse::{CatchUp, Pulse};
use crate::hub::status::Status;
use crate::hub::variant::{Looking, Variant, Watchers, Watching};
use crate::journal::JournalState;
use core::time::Duration;
use inflight_domain::{Draft, TopicName, UserId};
use inflight_engine::tiles::Tiles;
use inflight_engine::{Input, Missed};
use inflight_wire::{Format, ReplayCommand, Resume};
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::time::Instant;

/// What the hub is asked.
#[derive(Debug)]
pub enum Request {
    /// Meet a defect.
    #[cfg(test)]
    Defect,
    /// Take these in with the next cut.
    Inputs(Vec<Input>),
    /// Bring a client up to date.
    CatchUp {
        /// The form that the client wants.
        variant: Variant,
        /// The event topics that it wants beside.
        interest: Interest,
        /// Where it is.
        origin: Origin,
        /// Where the answer goes.
        reply: oneshot::Sender<CatchUp>,
    },
    /// A connection is in these rooms.
    Present {
        /// Who, and the number of the connection.
        who: (UserId, u64),
        /// The rooms.
        rooms: Vec<TopicName>,
        /// When it was last heard.
        heard_at: Instant,
    },
    /// A connection is in these rooms no longer.
    Absent {
        /// Who, and the number of the connection.
        who: (UserId, u64),
        /// The rooms.
        rooms: Vec<TopicName>,
    },
    /// Publish an entry.
    Publish {
        /// What.
        draft: Draft,
        /// Where the answer goes, once it is on the disk.
        reply: oneshot::Sender<Result<Receipt, PublishError>>,
    },
    /// Tell what a client of event topics missed.
    Missed {
        /// What it wants.
        interest: Interest,
        /// Where it is; none for nothing but the position.
        from: Option<Resume>,
        /// Where the answer goes.
        reply: oneshot::Sender<(Resume, Missed)>,
    },
    /// Move the recording.
    Control {
        /// What to do.
        command: ReplayCommand,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<(), ControlError>>,
    },
}

/// Where a client is that wants to be brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: it gets a snapshot and the newest entries.
    Nowhere,
    /// It has the entries up to this position, and gets a snapshot of the tables.
    Entries(Resume),
    /// It has everything up to this position, of the aircraft those on these tiles.
    At(Resume, Option<Tiles>),
    /// It comes back with everything up to this position; but who is in its rooms, which comes behind a snapshot, it may
    /// not have been told.
    Back(Resume),
    /// Its tables are at a position from which they cannot be brought up to date; of the entries it was told those up
    /// to another one.
    Recalling {
        /// Where the tables are.
        at: Resume,
        /// Up to where it was told.
        told: Resume,
    },
}

/// Why the recording was not moved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// There is none, or this server does not let clients move it.
    #[error(
        "no recording can be moved here: that takes replay mode and a server that listens on loopback only"
    )]
    NotControllable,
    /// A value is out of range.
    #[error("{0}")]
    BadValue(String),
}

/// The hub has ended; the process is about to end too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the hub has ended")]
pub struct HubEnded;

/// A way to the hub.
#[derive(Clone, Debug)]
pub struct HubHandle {
    requests: mpsc::Sender<Request>,
    pulses: broadcast::Sender<Arc<Pulse>>,
    status: watch::Receiver<Arc<Status>>,
    watchers: Arc<Watchers>,
    journal: Option<watch::Receiver<JournalState>>,
    started: Instant,
    /// Milliseconds between ticks.
    pub tick_ms: u64,
}

/// Requests that may wait for the hub.
const QUEUE: usize = 1024;

/// Pulses that a connection may be behind before it is brought up to date in one step.
pub const PULSES: usize = 16;

impl Origin {
    /// The position up to which the client has the entries.
    #[must_use]
    pub fn entries(self) -> Option<Resume> {
        match self {
            Self::Nowhere => None,
            Self::Entries(from)
            | Self::At(from, _)
            | Self::Back(from)
            | Self::Recalling { told: from, .. } => Some(from),
        }
    }

    /// Where the client stands.
    #[must_use]
    pub fn place(self) -> Option<Resume> {
        match self {
            Self::Nowhere => None,
            Self::Entries(at) | Self::At(at, _) | Self::Back(at) | Self::Recalling { at, .. } => Some(at),
        }
    }
}

impl HubHandle {
    /// Hands inputs to the engine.
    ///
    /// # Errors
    /// The hub has ended.
    pub async fn feed(&self, inputs: Vec<Input>) -> Result<(), HubEnded> {
        self.requests.send(Request::Inputs(inputs)).await.map_err(|_| HubEnded)
    }

    /// Everything from now on; ask for it before [`HubHandle::catch_up`], so that nothing is lost between.
    #[must_use]
    pub fn pulses(&self) -> broadcast::Receiver<Arc<Pulse>> {
        self.pulses.subscribe()
    }

    /// Notes that a client wants frames of this form.
    #[must_use]
    pub fn watch(&self, variant: Variant) -> Watching {
        self.watchers.watch(variant)
    }

    /// Notes that a client looks at tiles.
    #[must_use]
    pub fn look(&self, tiles: Tiles, format: Format) -> Looking {
        self.watchers.look(tiles, format)
    }

    /// The next moment of this pace, the same for all who have it.
    #[must_use]
    pub fn next_beat(&self, pace: Duration) -> Instant {
        let now = Instant::now();
        let past = now.duration_since(self.started).as_nanos() % pace.as_nanos().max(1);
        now + pace - Duration::from_nanos(u64::try_from(past).unwrap_or_default())
    }

    /// A number for a connection, unlike all others.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.watchers.number()
    }

    /// Somebody is in these rooms until half a minute after they were last heard.
    ///
    /// # Errors
    /// The hub has ended.
    pub async fn present(
        &self,
        who: (UserId, u64),
        rooms: Vec<TopicName>,
        heard_at: Instant,
    ) -> Result<(), HubEnded> {
        self.requests.send(Request::Present { who, rooms, heard_at }).await.map_err(|_| HubEnded)
    }

    /// Somebody is in these rooms no longer.
    ///
    /// # Errors
    /// The hub has ended.
    pub async fn absent(&self, who: (UserId, u64), rooms: Vec<TopicName>) -> Result<(), HubEnded> {
        self.requests.send(Request::Absent { who, rooms }).await.map_err(|_| HubEnded)
    }

    /// Follows how many clients there are.
    #[must_use]
    pub fn follow_watchers(&self) -> watch::Receiver<usize> {
        self.watchers.follow()
    }

    /// What a client needs to be up to date.
    ///
    /// # Errors
    /// The hub has ended.
    pub async fn catch_up(
        &self,
        variant: Variant,
        interest: Interest,
        origin: Origin,
    ) -> Result<CatchUp, HubEnded> {
        let (reply, answer) = oneshot::channel();
        let request = Request::CatchUp { variant, interest, origin, reply };
        self.requests.send(request).await.map_err(|_| HubEnded)?;
        answer.await.map_err(|_| HubEnded)
    }

    /// Moves the recording.
    ///
    /// # Errors
    /// The hub has ended, or (inside) the command was refused.
    pub async fn control(&self, command: ReplayCommand) -> Result<Result<(), ControlError>, HubEnded> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::Control { command, reply }).await.map_err(|_| HubEnded)?;
        answer.await.map_err(|_| HubEnded)
    }

    /// Follows how the journal is; none where there is none.
    #[must_use]
    pub fn follow_journal(&self) -> Option<watch::Receiver<JournalState>> {
        self.journal.clone()
    }

    /// The newest state of the sources.
    #[must_use]
    pub fn status(&self) -> Arc<Status> {
        self.status.borrow().clone()
    }

    /// Follows the state of the sources.
    #[must_use]
    pub fn follow_status(&self) -> watch::Receiver<Arc<Status>> {
        self.status.clone()
    }
}
