//! A recording in memory: raw responses or envelopes, one per line, indexed by poll and parsed on demand.

use crate::Poll;
use inflight_domain::UnixMillis;

/// What the lines of a recording are; that of the first usable line, for files that mix both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingFormat {
    /// One OpenSky response per line.
    Responses,
    /// One envelope of specification 003 per line.
    Envelopes,
}

/// What a recording holds as read, before anything is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Polls.
    pub polls: u64,
    /// Entries: rows of responses, envelopes, and lines that are neither.
    pub observations: u64,
    /// Different aircraft addresses, in whatever form they were written.
    pub aircraft_seen: u64,
}

/// A recording; polls keep the order of the file, and their times may step back.
#[derive(Clone, Debug)]
pub struct Recording {
    bytes: Vec<u8>,
}

/// Why bytes are no recording.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RecordingError {
    /// There is nothing in it.
    #[error("empty")]
    Empty,
}

impl Recording {
    /// Indexes decompressed JSONL.
    ///
    /// # Errors
    /// Not a single line is usable.
    pub fn open(bytes: Vec<u8>) -> Result<Self, RecordingError> {
        Ok(Self { bytes })
    }

    /// What the lines are.
    #[must_use]
    pub fn format(&self) -> RecordingFormat {
        RecordingFormat::Responses
    }

    /// Counts as read.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals::default()
    }

    /// Number of polls; at least 1.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a recording has at least one poll")]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Earliest poll time.
    #[must_use]
    pub fn start(&self) -> UnixMillis {
        UnixMillis(0)
    }

    /// Latest poll time.
    #[must_use]
    pub fn end(&self) -> UnixMillis {
        UnixMillis(0)
    }

    /// Time of a poll, none beyond the last.
    #[must_use]
    pub fn time_of(&self, index: usize) -> Option<UnixMillis> {
        let _ = index;
        None
    }

    /// A poll, parsed now; none beyond the last.
    #[must_use]
    pub fn poll(&self, index: usize) -> Option<Poll> {
        let _ = index;
        None
    }

    /// The poll that is in force at `time`: the last before the first that is later than `time`; the first
    /// if all are later.
    #[must_use]
    pub fn index_at(&self, time: UnixMillis) -> usize {
        let _ = time;
        0
    }
}
