//! A recording in memory: answers of any source or envelopes, one per line, indexed by poll and parsed on demand.

use crate::cell::{Fault, trimmed};
use crate::poll::{Dropped, Poll};
use crate::scan::{PollIndex, Scan};
use crate::{capture, envelope, opensky, readsb, sbs};
use inflight_domain::{DropReason, UnixMillis};

/// What the lines of a recording are; that of the first usable line, for files that mix both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingFormat {
    /// One OpenSky response per line.
    Responses,
    /// One envelope of specification 003 per line.
    Envelopes,
    /// One `aircraft.json` or ADSBx-v2 answer per line.
    Readsb,
    /// One SBS message per line.
    Sbs,
    /// One answer of any source per line, as [`capture`] writes them.
    Captures,
}

/// What a recording holds as read, before anything is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Polls.
    pub polls: u64,
    /// Entries: rows of responses, envelopes, and lines that are neither.
    pub observations: u64,
    /// Different aircraft addresses, valid or not.
    pub aircraft_seen: u64,
}

/// A recording; polls keep the order of the file, and their times may step back.
#[derive(Clone, Debug)]
pub struct Recording {
    bytes: Vec<u8>,
    polls: Vec<PollIndex>,
    format: RecordingFormat,
    totals: Totals,
}

/// Progress is told after so many bytes.
const TELL_BYTES: usize = 1 << 20;

/// Why bytes are no recording.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RecordingError {
    /// Nothing but blanks.
    #[error(
        "the recording is empty; expected lines that are each {}, {}, {} or {}",
        opensky::EXPECTED,
        envelope::EXPECTED,
        readsb::EXPECTED,
        sbs::EXPECTED
    )]
    Empty,
    /// Still compressed.
    #[error("the recording is gzip-compressed; decompress it first (a name that ends in .gz tells so)")]
    Compressed,
    /// No line tells of a poll.
    #[error(
        "no line of {lines} is usable; expected lines that are each {}, {}, {} or {}; the first, {first}",
        opensky::EXPECTED,
        envelope::EXPECTED,
        readsb::EXPECTED,
        sbs::EXPECTED
    )]
    NoUsableLine {
        /// Lines that are not blank.
        lines: u64,
        /// What is wrong with the first of them.
        first: Dropped,
    },
}

impl Recording {
    /// Indexes decompressed JSONL. Consecutive envelopes with the same `produced_at` are one poll; a line that
    /// cannot be used belongs to the poll before it, at the beginning to the first.
    ///
    /// # Errors
    /// Not a single line is usable.
    pub fn open(bytes: Vec<u8>) -> Result<Self, RecordingError> {
        Self::open_telling(bytes, &mut |_| {})
    }

    /// As [`Recording::open`], and tells every now and then which share of the bytes is indexed, from 0 to 1.
    ///
    /// # Errors
    /// Not a single line is usable.
    pub fn open_telling(bytes: Vec<u8>, tell: &mut dyn FnMut(f64)) -> Result<Self, RecordingError> {
        if bytes.starts_with(&[0x1f, 0x8b]) {
            return Err(RecordingError::Compressed);
        }
        let mut scan = Scan::default();
        let mut told = 0;
        for (line, start, text) in lines_of(&bytes, 1) {
            scan.take(line, start, text);
            if start - told >= TELL_BYTES {
                told = start;
                tell(start as f64 / bytes.len() as f64);
            }
        }
        scan.close_second();
        let totals = Totals {
            polls: scan.polls.len() as u64,
            observations: scan.entries,
            aircraft_seen: scan.addresses.len() as u64,
        };
        match (scan.format, scan.first_bad) {
            (Some(format), _) => Ok(Self { bytes, polls: scan.polls, format, totals }),
            (None, Some(first)) => Err(RecordingError::NoUsableLine { lines: scan.lines, first }),
            (None, None) => Err(RecordingError::Empty),
        }
    }

    /// What the lines are.
    #[must_use]
    pub fn format(&self) -> RecordingFormat {
        self.format
    }

    /// Counts as read.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Number of polls; at least 1.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a recording has at least one poll")]
    pub fn len(&self) -> usize {
        self.polls.len()
    }

    /// Earliest poll time.
    #[must_use]
    pub fn start(&self) -> UnixMillis {
        self.polls.iter().map(|poll| poll.time).min().unwrap_or_default()
    }

    /// Latest poll time.
    #[must_use]
    pub fn end(&self) -> UnixMillis {
        self.polls.last().map(|poll| poll.latest).unwrap_or_default()
    }

    /// Time of a poll, none beyond the last.
    #[must_use]
    pub fn time_of(&self, index: usize) -> Option<UnixMillis> {
        self.polls.get(index).map(|poll| poll.time)
    }

    /// A poll, parsed now; none beyond the last.
    #[must_use]
    pub fn poll(&self, index: usize) -> Option<Poll> {
        let head = self.polls.get(index)?;
        if let Some(ready) = &head.ready {
            return Some(ready.as_ref().clone());
        }
        let end = self.polls.get(index + 1).map_or(self.bytes.len(), |next| next.start);
        let mut poll = Poll { time: head.time, ..Poll::default() };
        for (line, _, text) in lines_of(&self.bytes[head.start..end], head.line) {
            read_into(&mut poll, line, text);
        }
        poll.listed.sort_unstable();
        poll.listed.dedup();
        Some(poll)
    }

    /// The lines of all polls before this index.
    #[must_use]
    pub fn lines_before(&self, index: usize) -> &[u8] {
        &self.bytes[..self.polls.get(index).map_or(self.bytes.len(), |poll| poll.start)]
    }

    /// The poll that is in force at `time`: the last before the first that is later than `time`; the first
    /// if all are later.
    #[must_use]
    pub fn index_at(&self, time: UnixMillis) -> usize {
        self.polls.partition_point(|poll| poll.latest <= time).saturating_sub(1)
    }
}

/// Reads a line to the end of the poll that it belongs to.
pub(crate) fn read_into(poll: &mut Poll, line: u64, bytes: &[u8]) {
    let text = match text_of(bytes) {
        Ok(text) => text,
        Err(fault) => return drop_into(poll, dropped(fault, line, bytes)),
    };
    if capture::looks_like(text) {
        return match capture::read(text, line) {
            Ok(capture) => add_into(poll, capture.poll),
            Err(fault) => drop_into(poll, dropped(fault, line, bytes)),
        };
    }
    let strange = |problem: &Dropped| problem.reason == DropReason::WrongShape;
    let read = match opensky::parse_response(text, line) {
        Err(problem) if strange(&problem) => readsb::parse_response(text, line),
        read => read,
    };
    match read {
        Ok(answer) => add_into(poll, answer),
        Err(problem) if strange(&problem) => match envelope::read_line(text) {
            Ok(envelope) => {
                let usable = envelope.time.is_ok();
                poll.listed.extend(envelope.icao24.filter(|_| usable));
                match envelope.time.and(envelope.observation) {
                    Ok(observation) => {
                        poll.entries += 1;
                        poll.observations.push(observation);
                    }
                    Err(fault) => drop_into(poll, dropped(fault, line, bytes)),
                }
            }
            Err(fault) => drop_into(poll, dropped(fault, line, bytes)),
        },
        Err(problem) => drop_into(poll, problem),
    }
}

fn add_into(poll: &mut Poll, answer: Poll) {
    poll.entries += answer.entries;
    poll.observations.extend(answer.observations);
    poll.dropped.extend(answer.dropped);
    poll.listed.extend(answer.listed);
    poll.source = answer.source.or(poll.source.take());
}

pub(crate) fn drop_into(poll: &mut Poll, problem: Dropped) {
    poll.entries += 1;
    poll.dropped.push(problem);
}

pub(crate) fn dropped(fault: Fault, line: u64, bytes: &[u8]) -> Dropped {
    let beginning = &bytes[..bytes.len().min(4096)];
    Dropped::new(fault.reason, fault.detail, line, String::from_utf8_lossy(beginning).trim())
}

pub(crate) fn text_of(bytes: &[u8]) -> Result<&str, Fault> {
    core::str::from_utf8(bytes).map(trimmed).map_err(|error| Fault {
        reason: DropReason::NotJson,
        detail: format!("not UTF-8 after byte {}", error.valid_up_to()),
    })
}

/// Number, first byte and bytes of each line that is not blank.
fn lines_of(bytes: &[u8], first_line: u64) -> impl Iterator<Item = (u64, usize, &[u8])> {
    let mut start = 0;
    bytes
        .split(|byte| *byte == b'\n')
        .zip(first_line..)
        .map(move |(text, line)| {
            let here = start;
            start += text.len() + 1;
            (line, here, text)
        })
        .filter(|(_, _, text)| !text.iter().all(u8::is_ascii_whitespace))
}
