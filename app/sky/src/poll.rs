//! One poll of a source as read: what was usable, and what was not and why.

use inflight_domain::{DeadLetter, DropReason, Icao24, Observation, UnixMillis};

/// Everything that a source said at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Poll {
    /// When the source answered, by its own clock.
    pub time: UnixMillis,
    /// What the source was called when this was recorded, where the recording tells.
    pub source: Option<String>,
    /// Entries as read, before anything was dropped; always `observations` plus `dropped`.
    pub entries: u64,
    /// The usable entries, in the order of the source.
    pub observations: Vec<Observation>,
    /// The entries that were turned away.
    pub dropped: Vec<Dropped>,
    /// Every aircraft that the poll named by a valid address, also where its entry was dropped; sorted, each
    /// once. Freshness asks this list whether the source still knows of an aircraft.
    pub listed: Vec<Icao24>,
}

/// One entry that was turned away.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("line {line}: {}: {detail}", .reason.name())]
pub struct Dropped {
    /// Why.
    pub reason: DropReason,
    /// Which field, what was expected, what came.
    pub detail: String,
    /// Line of the recording, from 1; 1 for a live answer, 0 for an entry that was read, but judged implausible.
    pub line: u64,
    /// The first characters of the entry.
    pub excerpt: String,
}

impl Dropped {
    /// A drop of the entry with this text; only the beginning of the text is kept.
    #[must_use]
    pub fn new(reason: DropReason, detail: impl Into<String>, line: u64, text: &str) -> Self {
        Self { reason, detail: detail.into(), line, excerpt: DeadLetter::excerpt_of(text) }
    }

    /// The drop as a dead letter.
    #[must_use]
    pub fn into_letter(self, at: UnixMillis, source: &str) -> DeadLetter {
        DeadLetter {
            at,
            source: source.to_owned(),
            reason: self.reason,
            detail: self.detail,
            line: self.line,
            excerpt: self.excerpt,
        }
    }
}
