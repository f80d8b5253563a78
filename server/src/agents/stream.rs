//! The hub's event topics as inputs for agents: market and code events, each once for each business that it concerns.
//!
//! Followed from the journal: how far is written with the input that an entry becomes, so that a process that is killed
//! leaves nothing out and takes nothing twice. One entry at a time, and no faster than runs end: what waits stays in the
//! journal.

use crate::agents::driver::{Alongside, Begun, DriveError};
use crate::agents::service::{Agents, SubmitError, new_run, taken_word};
use crate::agents::store::SqliteStore;
use crate::hub::events::EventNews;
use crate::hub::interest::Interest;
use crate::journal::{Past, Recalled};
use core::time::Duration;
use inflight_agents::{AgentInput, Cursor, Store, StoreError, stream};
use inflight_domain::Entry;
use inflight_engine::Logged;
use inflight_wire::Resume;
use std::io;
use std::sync::Arc;
use tokio::time::{sleep, timeout};
use tracing::{error, warn};

/// The name of the stream in the store.
const HUB: &str = "hub";

/// How it is counted where inputs come from.
const SOURCE: &str = "hub";

/// Runs that may be under way before another entry begins one.
const RUNS: usize = 64;

/// Entries that are read from the journal's files at once.
const READ: usize = 1000;

/// Where nothing comes, how far the hub is is noted this often at most.
const IDLE: Duration = Duration::from_secs(15);

/// What is refused is tried again after this long, and each time after twice as long.
const AGAIN: Duration = Duration::from_millis(250);

/// But never later than this.
const LONGEST: Duration = Duration::from_secs(15);

/// A service that does not answer is asked this often about one entry; then it is passed by.
const ASKED: u32 = 6;

struct Follower {
    agents: Agents,
    past: Past,
    /// Everything up to here is dealt with.
    at: Resume,
    /// The store knows that up to here.
    kept: Resume,
}

/// Why an entry was not dealt with yet.
#[derive(Debug, thiserror::Error)]
enum Waits {
    #[error("agents are switched off")]
    Off,
    #[error("{0}")]
    Store(DriveError),
    #[error("{0}")]
    Service(String),
}

/// A store that never followed the hub begins at its end: what was said to earlier programs is past. Blocking.
///
/// # Errors
/// The disk refuses.
pub fn begin(store: &SqliteStore, end: Resume) -> Result<(), StoreError> {
    if store.cursor(HUB)?.is_some() { Ok(()) } else { store.move_cursor(&cursor(end)) }
}

/// Follows the event topics until the hub ends.
pub async fn run(agents: Agents, past: Past) {
    let at = loop {
        match agents.driver().with_store(|store| store.cursor(HUB)).await {
            Ok(cursor) => break cursor.map(|Cursor { epoch, cut, .. }| Resume { epoch, cut }),
            Err(cause) => warn!(%cause, "event topics wait: how far they are taken in cannot be read"),
        }
        sleep(LONGEST).await;
    };
    let interest = Interest::of_kinds(&stream::KINDS).seen_by(Arc::new(stream::takes));
    let Ok(mut feed) = agents.outside().hub.events(interest, at).await else { return };
    let at = at.unwrap_or_else(|| feed.position());
    let mut follower = Follower { agents, past, at, kept: at };
    loop {
        match timeout(IDLE, feed.next()).await {
            Ok(Ok(news)) => follower.take(news).await,
            Ok(Err(_)) => return,
            Err(_) => {
                follower.at = feed.position();
                follower.note().await;
            }
        }
    }
}

impl Agents {
    /// Begins the run that deals with an input of the hub, and notes how far the hub is taken in with it.
    async fn follow(&self, input: AgentInput, cursor: Option<Cursor>) -> Result<Begun, SubmitError> {
        let done = self.begin(&new_run(), input, Alongside { row: None, cursor }).await;
        self.outside().metrics.agent_input(SOURCE, taken_word(&done));
        done
    }
}

impl Follower {
    async fn take(&mut self, news: EventNews) {
        if news.lost > 0 {
            self.recall(news.lost).await;
        }
        let mut waiting = news.entries.len();
        for shown in &news.entries {
            self.agents.outside().metrics.agent_stream_waiting(waiting);
            self.deal(&shown.logged).await;
            waiting -= 1;
        }
        self.agents.outside().metrics.agent_stream_waiting(0);
        if is_after(news.position, self.at) {
            self.at = news.position;
        }
    }

    /// Deals with what the hub has no longer at hand, as far as the journal has it.
    async fn recall(&mut self, up_to: u64) {
        loop {
            let (past, from) = (self.past.clone(), self.at);
            let read = move || past.between(from, up_to, READ, stream::takes);
            let read = tokio::task::spawn_blocking(read).await;
            let Recalled { entries, has_more, gone } =
                match read.unwrap_or_else(|_| Err(io::Error::other("a defect"))) {
                    Ok(recalled) => recalled,
                    Err(cause) => {
                        warn!(%cause, "event topics wait: the journal cannot be read");
                        sleep(LONGEST).await;
                        continue;
                    }
                };
            if gone > 0 {
                error!(up_to = gone, "the journal has entries no more that agents may have missed");
                self.agents.outside().metrics.agent_stream_lost(1);
            }
            for logged in &entries {
                self.deal(logged).await;
            }
            if !has_more {
                return;
            }
        }
    }

    /// Deals with an entry, however long that takes, and notes it.
    async fn deal(&mut self, logged: &Logged) {
        if !is_after(logged.position, self.at) {
            return;
        }
        let (mut pause, mut asked) = (AGAIN, 0);
        let was_noted = loop {
            self.ready().await;
            match self.try_once(logged).await {
                Ok(was_noted) => break was_noted,
                Err(Waits::Off) => continue,
                Err(Waits::Service(cause)) if asked >= ASKED => {
                    warn!(
                        offset = logged.entry.offset,
                        cause, "an entry was passed by: its business is not known"
                    );
                    break false;
                }
                Err(cause) => {
                    asked += u32::from(matches!(cause, Waits::Service(_)));
                    warn!(offset = logged.entry.offset, %cause, "event topics wait");
                }
            }
            sleep(pause).await;
            pause = LONGEST.min(pause * 2);
        };
        self.at = logged.position;
        if was_noted {
            self.kept = self.at;
        }
        self.note().await;
    }

    /// Agents are on, and not too many runs go on.
    async fn ready(&self) {
        let mut features = self.agents.outside().features.clone();
        while !self.agents.are_on() {
            if features.changed().await.is_err() {
                return core::future::pending().await;
            }
        }
        self.agents.driver().calm(RUNS).await;
    }

    /// Hands an entry to every business that it concerns; whether the store has noted that.
    async fn try_once(&self, logged: &Logged) -> Result<bool, Waits> {
        let (entry, mut was_noted) = (&logged.entry, false);
        let businesses = self.concerned(entry).await?;
        for (place, business) in businesses.iter().enumerate() {
            let input = match stream::input(business, entry, logged.position.epoch) {
                Ok(input) => input,
                Err(errors) => {
                    let error = errors.into_iter().next();
                    let (field, expected) = error.map(|error| (error.field, error.expected)).unzip();
                    let (offset, topic) = (entry.offset, entry.topic.as_str());
                    warn!(offset, topic, business, field, expected, "an entry is no input");
                    self.agents.outside().metrics.agent_input(SOURCE, "invalid");
                    continue;
                }
            };
            let is_last = place + 1 == businesses.len();
            let done = self.agents.follow(input, is_last.then(|| cursor(logged.position))).await;
            match done {
                Ok(begun) => was_noted = is_last && !begun.repeated,
                Err(SubmitError::Off) => return Err(Waits::Off),
                Err(SubmitError::Service(cause)) => return Err(Waits::Service(cause)),
                Err(SubmitError::Drive(cause @ (DriveError::Store(_) | DriveError::Stopping))) => {
                    return Err(Waits::Store(cause));
                }
                // It alone is not taken, and would not be the next time; the others may be.
                Err(cause) => warn!(offset = entry.offset, business, %cause, "an entry was not taken"),
            }
        }
        Ok(was_noted)
    }

    /// The business whose room it is, or all that follow its topic.
    async fn concerned(&self, entry: &Entry) -> Result<Vec<String>, Waits> {
        if let Some(business) = entry.business() {
            return Ok(vec![business.to_owned()]);
        }
        let all = self.agents.houses().await.map_err(|cause| Waits::Store(cause.into()))?;
        Ok(all
            .into_iter()
            .filter(|info| stream::concerns(info, entry))
            .map(|info| info.business_id)
            .collect())
    }

    /// Tells the store how far the hub is taken in. What it refuses is dealt with again after a restart, and then known.
    async fn note(&mut self) {
        if !is_after(self.at, self.kept) {
            return;
        }
        let cursor = cursor(self.at);
        match self.agents.driver().with_store(move |store| store.move_cursor(&cursor)).await {
            Ok(()) => self.kept = self.at,
            Err(cause) => warn!(%cause, "how far event topics are taken in is not noted"),
        }
    }
}

fn is_after(position: Resume, than: Resume) -> bool {
    (position.epoch, position.cut) > (than.epoch, than.cut)
}

fn cursor(Resume { epoch, cut }: Resume) -> Cursor {
    Cursor { stream: HUB.to_owned(), epoch, cut }
}
