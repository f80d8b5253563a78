//! A recording in memory: raw responses or envelopes, one per line, indexed by poll and parsed on demand.

use crate::cell::{Fault, tolerate_not_finite, trimmed};
use crate::opensky::{Response, address_of};
use crate::poll::{Dropped, Poll};
use crate::{envelope, opensky};
use inflight_domain::{DropReason, UnixMillis};
use std::collections::BTreeSet;

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

/// Why bytes are no recording.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RecordingError {
    /// Nothing but blanks.
    #[error(
        "the recording is empty; expected lines that are each {} or {}",
        opensky::EXPECTED,
        envelope::EXPECTED
    )]
    Empty,
    /// Still compressed.
    #[error("the recording is gzip-compressed; decompress it first (a name that ends in .gz tells so)")]
    Compressed,
    /// No line tells of a poll.
    #[error(
        "no line of {lines} is usable; expected lines that are each {} or {}; the first, {first}",
        opensky::EXPECTED,
        envelope::EXPECTED
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
        if bytes.starts_with(&[0x1f, 0x8b]) {
            return Err(RecordingError::Compressed);
        }
        let mut scan = Scan::default();
        for (line, start, text) in lines_of(&bytes, 1) {
            scan.take(line, start, text);
        }
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
        let end = self.polls.get(index + 1).map_or(self.bytes.len(), |next| next.start);
        let mut poll = Poll { time: head.time, ..Poll::default() };
        for (line, _, text) in lines_of(&self.bytes[head.start..end], head.line) {
            read_into(&mut poll, line, text);
        }
        poll.listed.sort_unstable();
        poll.listed.dedup();
        Some(poll)
    }

    /// The poll that is in force at `time`: the last before the first that is later than `time`; the first
    /// if all are later.
    #[must_use]
    pub fn index_at(&self, time: UnixMillis) -> usize {
        self.polls.partition_point(|poll| poll.latest <= time).saturating_sub(1)
    }
}

/// Where a poll begins in the bytes; it ends where the next begins.
#[derive(Clone, Copy, Debug)]
struct PollIndex {
    time: UnixMillis,
    /// Latest time of this poll and all before it.
    latest: UnixMillis,
    start: usize,
    line: u64,
}

#[derive(Default)]
struct Scan {
    polls: Vec<PollIndex>,
    format: Option<RecordingFormat>,
    /// Of the last usable line.
    last_format: Option<RecordingFormat>,
    lines: u64,
    entries: u64,
    addresses: BTreeSet<String>,
    first_bad: Option<Dropped>,
}

impl Scan {
    fn take(&mut self, line: u64, start: usize, bytes: &[u8]) {
        self.lines += 1;
        let head = match text_of(bytes).and_then(|text| read_head(text).map(|head| (head, text))) {
            Ok((head, _)) => head,
            Err(fault) => return self.bad(fault, line, bytes),
        };
        self.addresses.extend(head.addresses.into_iter().filter(|address| !address.is_empty()));
        let (format, time) = match head.time {
            Ok(time) => (head.format, time),
            Err(fault) => return self.bad(fault, line, bytes),
        };
        self.entries += head.entries;
        let same_poll = format == RecordingFormat::Envelopes
            && self.last_format == Some(format)
            && self.polls.last().is_some_and(|poll| poll.time == time);
        if !same_poll {
            let latest = self.polls.last().map_or(time, |poll| poll.latest.max(time));
            let (start, line) = if self.polls.is_empty() { (0, 1) } else { (start, line) };
            self.polls.push(PollIndex { time, latest, start, line });
        }
        self.format = self.format.or(Some(format));
        self.last_format = Some(format);
    }

    fn bad(&mut self, fault: Fault, line: u64, bytes: &[u8]) {
        self.entries += 1;
        if self.first_bad.is_none() {
            self.first_bad = Some(dropped(fault, line, bytes));
        }
    }
}

/// What the index needs of a line.
struct Head {
    format: RecordingFormat,
    time: Result<UnixMillis, Fault>,
    entries: u64,
    addresses: Vec<String>,
}

fn read_head(text: &str) -> Result<Head, Fault> {
    let response = tolerate_not_finite(text, |text| {
        let response = Response::read(text)?;
        let rows = response.rows()?;
        Ok(Head {
            format: RecordingFormat::Responses,
            time: response.time(),
            entries: rows.len() as u64,
            addresses: rows.into_iter().filter_map(address_of).collect(),
        })
    });
    match response {
        Err(fault) if fault.reason == DropReason::WrongShape => {
            let line = envelope::read_line(text)?;
            let addresses = line.address.into_iter().collect();
            Ok(Head { format: RecordingFormat::Envelopes, time: line.time, entries: 1, addresses })
        }
        response => response,
    }
}

/// Reads a line to the end of the poll that it belongs to.
fn read_into(poll: &mut Poll, line: u64, bytes: &[u8]) {
    let text = match text_of(bytes) {
        Ok(text) => text,
        Err(fault) => return drop_into(poll, dropped(fault, line, bytes)),
    };
    match opensky::parse_response(text, line) {
        Ok(response) => {
            poll.entries += response.entries;
            poll.observations.extend(response.observations);
            poll.dropped.extend(response.dropped);
            poll.listed.extend(response.listed);
        }
        Err(problem) if problem.reason == DropReason::WrongShape => match envelope::read_line(text) {
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

fn drop_into(poll: &mut Poll, problem: Dropped) {
    poll.entries += 1;
    poll.dropped.push(problem);
}

fn dropped(fault: Fault, line: u64, bytes: &[u8]) -> Dropped {
    let beginning = &bytes[..bytes.len().min(4096)];
    Dropped::new(fault.reason, fault.detail, line, String::from_utf8_lossy(beginning).trim())
}

fn text_of(bytes: &[u8]) -> Result<&str, Fault> {
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
