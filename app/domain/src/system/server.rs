//! Rows of the `system` topic that a server tells of itself: process, connections, topics, limits, alerts, dependencies.

use crate::time::UnixMillis;
use serde::Serialize;

/// One row that a server tells of itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ServerRow {
    /// The process.
    Process(ProcessRow),
    /// Who is connected.
    Connections(ConnectionsRow),
    /// A topic that may be subscribed to.
    Topic(TopicRow),
    /// What a client may do at most, and what is switched on.
    Limits(LimitsRow),
    /// Something that a person should know of.
    Alert(AlertRow),
    /// Something that the server needs besides its sources.
    Dependency(DependencyRow),
}

/// The process; what the system does not tell is none.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProcessRow {
    /// Version of the program.
    pub version: String,
    /// When it started, on the wall's clock.
    pub started_at: UnixMillis,
    /// Processor time of the last sample, in hundredths of one core; several cores go beyond 100.
    pub cpu_pct: Option<f64>,
    /// Resident memory in bytes.
    pub memory_bytes: Option<u64>,
    /// Open files and sockets.
    pub open_files: Option<u64>,
    /// Tasks of the runtime that have not ended.
    pub tasks: u64,
    /// Milliseconds below which 95 of 100 ticks of the last sample stayed; none where no tick changed anything.
    pub tick_p95_ms: Option<f64>,
}

/// Who is connected.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ConnectionsRow {
    /// Open now.
    pub open: u64,
    /// Most at once since the start.
    pub most: u64,
    /// Different users among them; all that did not log in are one.
    pub users: u64,
    /// Turned away since the start.
    pub refused: u64,
    /// By endpoint and form, in their order.
    pub by: Vec<EndpointRow>,
}

/// One kind of connection.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EndpointRow {
    /// Where they connected: `stream`, `flights`, `sse`.
    pub endpoint: String,
    /// How messages travel: `msgpack`, `json`, `deflate`, `plain`.
    pub form: String,
    /// Open now.
    pub open: u64,
    /// Messages sent to them per second.
    pub messages_per_s: f64,
    /// Bytes of these messages per second.
    pub bytes_per_s: f64,
}

/// A topic that may be subscribed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TopicRow {
    /// Its name.
    pub name: String,
    /// Whether the latest row counts, or every entry.
    pub form: TopicForm,
    /// Rows in the table; none for a log.
    pub rows: Option<u64>,
    /// Connections that have it.
    pub subscribers: u64,
    /// Times that a client's table was not ours, since the start; none for topics without a digest.
    pub digest_mismatches: Option<u64>,
}

/// The two kinds of topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TopicForm {
    /// A table: the latest row wins.
    State,
    /// A log: every entry counts.
    Event,
}

/// What a client may do at most, and what is switched on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LimitsRow {
    /// Messages in a minute, for a connection and for a user.
    pub messages_per_minute: u64,
    /// Messages at once after a silence.
    pub burst: u64,
    /// Connections in all.
    pub connections: u64,
    /// Connections of one user.
    pub connections_per_user: u64,
    /// Largest message in bytes.
    pub message_bytes: u64,
    /// Time in which a client must say who it is, in milliseconds.
    pub sign_in_ms: u64,
    /// Time after which a client that takes nothing is closed, in milliseconds.
    pub stall_ms: u64,
    /// Messages and connections that went over a limit, since the start.
    pub rate_limited: u64,
    /// What can be switched, in the order of names.
    pub features: Vec<FeatureRow>,
}

/// Something that can be switched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeatureRow {
    /// Its name.
    pub name: String,
    /// Whether it is on.
    pub on: bool,
}

/// Something that a person should know of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AlertRow {
    /// Which rule: `tick_slow`, `source_degraded/opensky`.
    pub code: String,
    /// How much it matters.
    pub level: AlertLevel,
    /// What is wrong, in English; a client that knows the code says it in its own words.
    pub text: String,
    /// What was measured, where something was.
    pub value: Option<f64>,
    /// What it was held against.
    pub threshold: Option<f64>,
    /// When it began, on the wall's clock.
    pub since: UnixMillis,
    /// When it was over.
    pub ended: Option<UnixMillis>,
}

/// How much an alert matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertLevel {
    /// Good to know.
    Info,
    /// Somebody should look.
    Attention,
    /// Somebody must act.
    Alarm,
}

/// Something that the server needs besides its sources, which have rows of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DependencyRow {
    /// Its name: `journal`, `audit`, `history`.
    pub name: String,
    /// How it is.
    pub state: DependencyState,
    /// A code that can be searched, for example `disk_full`; empty when all is well.
    pub code: String,
    /// Since when it is so, on the wall's clock.
    pub since: UnixMillis,
}

/// How a dependency is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DependencyState {
    /// All is well.
    Up,
    /// The server goes on without part of it.
    Degraded,
    /// It is gone.
    Down,
}

impl ServerRow {
    /// The row's key: `process`, `topic/flights`, `alert/tick_slow`, `dependency/journal`.
    #[must_use]
    pub fn key(&self) -> String {
        let (kind, name) = match self {
            Self::Process(_) => return "process".to_owned(),
            Self::Connections(_) => return "connections".to_owned(),
            Self::Limits(_) => return "limits".to_owned(),
            Self::Topic(row) => ("topic/", &row.name),
            Self::Alert(row) => ("alert/", &row.code),
            Self::Dependency(row) => ("dependency/", &row.name),
        };
        [kind, name].concat()
    }
}

impl TopicForm {
    /// Both.
    pub const ALL: [Self; 2] = [Self::State, Self::Event];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Event => "event",
        }
    }
}

impl AlertLevel {
    /// All levels, the least first.
    pub const ALL: [Self; 3] = [Self::Info, Self::Attention, Self::Alarm];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Attention => "attention",
            Self::Alarm => "alarm",
        }
    }
}

impl DependencyState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Up, Self::Degraded, Self::Down];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }
}
