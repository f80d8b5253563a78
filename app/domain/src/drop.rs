//! Why an observation was turned away, and what is kept of it.

use crate::time::UnixMillis;
use serde::Serialize;

/// Why an entry never reached the table. Each is counted under its snake-case name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DropReason {
    /// The line is not JSON.
    NotJson,
    /// JSON, but neither a response, a row nor an envelope of a known version and type.
    WrongShape,
    /// The address is not six hex digits.
    BadIcao24,
    /// A required field is absent or null.
    MissingField,
    /// No position; OpenSky sends such rows for aircraft that it only hears.
    MissingPosition,
    /// A field has the wrong JSON type.
    WrongType,
    /// A number is outside what is possible.
    OutOfRange,
    /// A number is NaN or infinite.
    NotFinite,
    /// Older than what is already known: of a whole poll, or of one aircraft.
    TimeRegression,
    /// The same aircraft a second time in one poll.
    Duplicate,
    /// An address that some receiver made up (`~...`); it may be that of another aircraft.
    NonIcao,
    /// Another source knows the aircraft better; this entry is no error.
    Superseded,
    /// The aircraft would have had to fly faster than Mach 2.5.
    ImplausibleJump,
}

/// One entry that was turned away, as an operator may want to see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeadLetter {
    /// When, in stream time.
    pub at: UnixMillis,
    /// Source that sent it.
    pub source: String,
    /// Why.
    pub reason: DropReason,
    /// Which field, what was expected, what came.
    pub detail: String,
    /// The entry's line in its recording, or its place in the response, from 1.
    pub line: u64,
    /// The first characters of the entry.
    pub excerpt: String,
}

impl DropReason {
    /// All reasons, in the order in which they are listed.
    pub const ALL: [Self; 13] = [
        Self::NotJson,
        Self::WrongShape,
        Self::BadIcao24,
        Self::MissingField,
        Self::MissingPosition,
        Self::WrongType,
        Self::OutOfRange,
        Self::NotFinite,
        Self::TimeRegression,
        Self::Duplicate,
        Self::ImplausibleJump,
        Self::NonIcao,
        Self::Superseded,
    ];

    /// Whether it belongs to a source that is well: then it is counted, but no letter is kept of it.
    #[must_use]
    pub fn is_ordinary(self) -> bool {
        matches!(self, Self::NonIcao | Self::Superseded)
    }

    /// The name under which it is counted.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotJson => "not_json",
            Self::WrongShape => "wrong_shape",
            Self::BadIcao24 => "bad_icao24",
            Self::MissingField => "missing_field",
            Self::MissingPosition => "missing_position",
            Self::WrongType => "wrong_type",
            Self::OutOfRange => "out_of_range",
            Self::NotFinite => "not_finite",
            Self::TimeRegression => "time_regression",
            Self::Duplicate => "duplicate",
            Self::ImplausibleJump => "implausible_jump",
            Self::NonIcao => "non_icao",
            Self::Superseded => "superseded",
        }
    }
}

impl DeadLetter {
    /// Characters of an entry that are kept.
    pub const EXCERPT_CHARS: usize = 240;

    /// The beginning of an entry's text.
    #[must_use]
    pub fn excerpt_of(text: &str) -> String {
        text.chars().take(Self::EXCERPT_CHARS).collect()
    }
}
