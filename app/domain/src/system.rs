//! Rows of the `system` topic: how the sources are and what was turned away.

pub mod server;

pub use server::{
    AlertLevel, AlertRow, ConnectionsRow, DependencyRow, DependencyState, EndpointRow, FeatureRow, LimitsRow,
    ProcessRow, ServerRow, TopicForm, TopicRow,
};

use crate::drop::{DeadLetter, DropReason};
use crate::time::UnixMillis;
use serde::Serialize;

/// One row of the `system` topic; its key is unique among all kinds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SystemRow {
    /// A source of observations.
    Source(SourceRow),
    /// How many entries were turned away for one reason.
    Drops(DropsRow),
    /// One of the newest entries that were turned away.
    DeadLetter(DeadLetterRow),
    /// What can be looked back at.
    History(HistoryRow),
    /// What a server tells of itself. Nothing in a browser tells such rows, and who shows them reads them as what
    /// they are, so that nobody downloads what keeps and writes them.
    #[cfg(not(target_family = "wasm"))]
    #[serde(untagged)]
    Server(Box<ServerRow>),
}

/// State of one source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceRow {
    /// Name, unique among the sources: `opensky`, `replay`.
    pub name: String,
    /// What rows of aircraft call it, see [`crate::Field::Feed`]; the engine gives it.
    pub number: u8,
    /// How it is.
    pub state: SourceState,
    /// A code that can be searched, for example `http_503`; empty when all is well.
    pub code: String,
    /// When the next attempt comes, where one is waited for.
    pub retry_at: Option<UnixMillis>,
    /// Time of the newest poll that was taken in, in stream time.
    pub newest_poll: Option<UnixMillis>,
    /// Seconds between polls as now planned.
    pub poll_interval_s: f64,
    /// Polls that were taken in since the start of the epoch.
    pub polls: u64,
    /// Requests that are left today, where the source tells.
    pub credits_remaining: Option<u64>,
    /// The recording, if it is one.
    pub replay: Option<ReplayRow>,
}

/// How a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// No answer yet.
    Starting,
    /// Current data arrives.
    Live,
    /// A recording plays or is paused.
    Replay,
    /// Errors or late data; what is shown ages.
    Degraded,
    /// The source told to wait until `retry_at`.
    RateLimited,
    /// The source does not accept the credentials.
    Unauthorised,
    /// Nobody watches, so nothing is asked for.
    Idle,
    /// It has ended and does not come back by itself.
    Stopped,
}

/// Where a recording stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReplayRow {
    /// File name without its folder.
    pub recording: String,
    /// Time of the first poll.
    pub start: UnixMillis,
    /// Time of the last poll.
    pub end: UnixMillis,
    /// Seconds of the recording per second of the wall.
    pub speed: f64,
    /// Stands still.
    pub paused: bool,
    /// Starts again after its end.
    pub looped: bool,
    /// Whether this client may pause, seek and change the speed.
    pub controllable: bool,
}

/// What the server keeps of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct HistoryRow {
    /// Time of the oldest poll that is kept.
    pub from: UnixMillis,
    /// Time of the newest.
    pub to: UnixMillis,
    /// Bytes of all of it as a recording, before compression.
    pub raw_bytes: u64,
}

/// Count of one reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DropsRow {
    /// Why they were turned away.
    pub reason: DropReason,
    /// How many since the start of the epoch.
    pub count: u64,
}

/// One place in the ring of newest dead letters.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeadLetterRow {
    /// Place in the ring.
    pub place: u32,
    /// What was turned away.
    pub letter: DeadLetter,
}

impl SourceState {
    /// All states.
    pub const ALL: [Self; 8] = [
        Self::Starting,
        Self::Live,
        Self::Replay,
        Self::Degraded,
        Self::RateLimited,
        Self::Unauthorised,
        Self::Idle,
        Self::Stopped,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Live => "live",
            Self::Replay => "replay",
            Self::Degraded => "degraded",
            Self::RateLimited => "rate_limited",
            Self::Unauthorised => "unauthorised",
            Self::Idle => "idle",
            Self::Stopped => "stopped",
        }
    }
}

impl SystemRow {
    /// The row's key: `source/opensky`, `drops/not_json`, `dead_letter/7`, `history`.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Source(row) => format!("source/{}", row.name),
            Self::Drops(row) => format!("drops/{}", row.reason.name()),
            Self::DeadLetter(row) => format!("dead_letter/{}", row.place),
            Self::History(_) => "history".to_owned(),
            #[cfg(not(target_family = "wasm"))]
            Self::Server(row) => row.key(),
        }
    }
}
