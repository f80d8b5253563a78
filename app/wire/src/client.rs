//! What a client sends.

use inflight_domain::{Cut, Epoch, UnixMillis};
use serde::{Deserialize, Serialize};

/// One message from client to server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientFrame {
    /// Asks for topics, from scratch or from where the client was; also what a client sends that has lost step.
    Subscribe(Subscribe),
    /// Looks at another part of the world, where the subscription has a box. Costs nothing of what a client may send.
    Look {
        /// South, west, north, east in degrees.
        #[serde(rename = "box")]
        area: [f64; 4],
    },
    /// Asks for a sign of life.
    Ping {
        /// Comes back in the pong.
        id: u64,
    },
    /// Moves the recording that is played, where that is allowed.
    Replay {
        /// Comes back in `done` or `error`.
        id: u64,
        /// What to do.
        command: ReplayCommand,
    },
    /// Asks where an aircraft has been.
    Trail {
        /// Comes back in `trail` or `error`.
        id: u64,
        /// Six hex digits.
        icao24: String,
    },
}

/// What a client wants.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscribe {
    /// Names of topics.
    pub topics: Vec<String>,
    /// Where the client was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
    /// At most so many ticks in a second; none for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_hz: Option<f64>,
    /// The part of the world that the client looks at: south, west, north, east in degrees.
    #[serde(default, rename = "box", skip_serializing_if = "Option::is_none")]
    pub area: Option<[f64; 4]>,
    /// The `schema` that the client was built for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
}

/// A position in the World.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// Epoch of the cut.
    pub epoch: Epoch,
    /// The last cut that was applied.
    pub cut: Cut,
}

/// What can be done to a recording.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum ReplayCommand {
    /// Go on.
    Play {},
    /// Stand still.
    Pause {},
    /// Set the speed in stream seconds per second, 0.1 to 100.
    Speed {
        /// The speed.
        value: f64,
    },
    /// Go to a moment, clamped to the recording.
    Seek {
        /// The moment, in seconds since 1970.
        to: UnixMillis,
    },
    /// Start again at the end, or stop there.
    Loop {
        /// Whether to start again.
        on: bool,
    },
    /// Stand still so many polls further on, or back where negative.
    Step {
        /// How many.
        polls: i64,
    },
}

impl Resume {
    /// Reads `EPOCH:CUT`, as the id of a Server-Sent Event tells it: digits only.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (epoch, cut) = text.split_once(':')?;
        let number =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
        Some(Self { epoch: Epoch(number(epoch)?), cut: Cut(number(cut)?) })
    }
}

impl Subscribe {
    /// All of these topics, from where the client was if it was anywhere.
    #[must_use]
    pub fn to(topics: &[&str], resume: Option<Resume>) -> Self {
        Self { topics: topics.iter().map(|topic| (*topic).to_owned()).collect(), resume, ..Self::default() }
    }
}
