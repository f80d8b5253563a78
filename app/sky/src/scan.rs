//! The first look at a recording: where its polls begin, what they are, and how much there is of everything.

use crate::cell::{Fault, tolerate_not_finite};
use crate::opensky::{Response, address_of};
use crate::poll::{Dropped, Poll};
use crate::recording::{RecordingFormat, drop_into, dropped, text_of};
use crate::sbs::{self, Sbs};
use crate::{capture, envelope, readsb};
use inflight_domain::{DropReason, SmallMap, UnixMillis};
use std::collections::BTreeSet;

/// Where a poll begins in the bytes; it ends where the next begins.
#[derive(Clone, Debug)]
pub(crate) struct PollIndex {
    pub(crate) time: UnixMillis,
    /// Latest time of this poll and all before it.
    pub(crate) latest: UnixMillis,
    pub(crate) start: usize,
    pub(crate) line: u64,
    /// The poll itself, where it follows from lines before it too.
    pub(crate) ready: Option<Box<Poll>>,
}

/// The look, line by line.
#[derive(Default)]
pub(crate) struct Scan {
    pub(crate) polls: Vec<PollIndex>,
    pub(crate) format: Option<RecordingFormat>,
    /// Of the last usable line.
    last_format: Option<RecordingFormat>,
    pub(crate) lines: u64,
    pub(crate) entries: u64,
    pub(crate) addresses: BTreeSet<String>,
    pub(crate) first_bad: Option<Dropped>,
    /// What SBS sources said so far, by name.
    sbs: SmallMap<String, Sbs>,
    /// Second, first byte and line of the SBS messages that are being put together.
    second: Option<(i64, usize, u64)>,
}

impl Scan {
    /// Takes a line in; `start` is its first byte.
    pub(crate) fn take(&mut self, line: u64, start: usize, bytes: &[u8]) {
        self.lines += 1;
        if let Ok(text) = text_of(bytes)
            && self.take_sbs(line, start, text)
        {
            return;
        }
        self.close_second();
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
            self.polls.push(PollIndex { time, latest, start, line, ready: None });
        }
        self.format = self.format.or(Some(format));
        self.last_format = Some(format);
    }

    fn bad(&mut self, fault: Fault, line: u64, bytes: &[u8]) {
        self.entries += 1;
        let problem = dropped(fault, line, bytes);
        if let Some(ready) = self.polls.last_mut().and_then(|poll| poll.ready.as_mut()) {
            drop_into(ready, problem.clone());
        }
        self.first_bad.get_or_insert(problem);
    }

    /// Takes messages of SBS in, bare ones or captured ones; whether it was one.
    fn take_sbs(&mut self, line: u64, start: usize, text: &str) -> bool {
        let bare = sbs::is_line(text) || (self.second.is_some() && !text.starts_with('{'));
        if bare {
            let before = self.second.map(|(second, _, _)| second);
            let second = sbs::own_time(text).map(|time| time.0.div_euclid(1000)).or(before);
            // Lines a little out of order belong to the second that is open.
            if second > before {
                self.close_second();
            }
            if self.second.is_none() {
                self.second = second.map(|second| (second, start, line));
            }
            self.sbs.get_or_insert_with(String::new(), Sbs::default).take(text, None, line);
            return self.second.is_some();
        }
        let captured = text.contains("\"sbs\"") && capture::looks_like(text);
        let Some(capture) = captured.then(|| capture::read(text, line).ok()).flatten() else { return false };
        if capture.kind != capture::SourceKind::Sbs {
            return false;
        }
        self.close_second();
        let sbs = self.sbs.get_or_insert_with(capture.source.clone(), Sbs::default);
        capture.lines.iter().for_each(|text| sbs.take(text, Some(capture.received), line));
        let mut poll = sbs.poll(capture.received);
        poll.source = Some(capture.source);
        self.push_ready(poll, start, line, RecordingFormat::Captures);
        true
    }

    /// Ends the second of bare SBS messages that is open.
    pub(crate) fn close_second(&mut self) {
        let Some((second, start, line)) = self.second.take() else { return };
        let time = UnixMillis((second + 1) * 1000);
        let poll = self.sbs.get_or_insert_with(String::new(), Sbs::default).poll(time);
        self.push_ready(poll, start, line, RecordingFormat::Sbs);
    }

    fn push_ready(&mut self, poll: Poll, start: usize, line: u64, format: RecordingFormat) {
        self.entries += poll.entries;
        self.addresses.extend(poll.listed.iter().map(ToString::to_string));
        let latest = self.polls.last().map_or(poll.time, |before| before.latest.max(poll.time));
        self.polls.push(PollIndex { time: poll.time, latest, start, line, ready: Some(Box::new(poll)) });
        self.format = self.format.or(Some(format));
        self.last_format = Some(format);
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
    if capture::looks_like(text) {
        let poll = capture::read(text, 0)?.poll;
        let addresses = poll.listed.iter().map(ToString::to_string).collect();
        let format = RecordingFormat::Captures;
        return Ok(Head { format, time: Ok(poll.time), entries: poll.entries, addresses });
    }
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
        Err(fault) if fault.reason == DropReason::WrongShape => match read_aircraft_json(text) {
            Err(fault) if fault.reason == DropReason::WrongShape => {
                let line = envelope::read_line(text)?;
                let addresses = line.address.into_iter().collect();
                Ok(Head { format: RecordingFormat::Envelopes, time: line.time, entries: 1, addresses })
            }
            answer => answer,
        },
        response => response,
    }
}

fn read_aircraft_json(text: &str) -> Result<Head, Fault> {
    tolerate_not_finite(text, |text| {
        let answer = readsb::Answer::read(text)?;
        let addresses = answer.rows().filter_map(readsb::address_of).collect();
        let (format, entries) = (RecordingFormat::Readsb, answer.rows().count() as u64);
        Ok(Head { format, time: answer.time(), entries, addresses })
    })
}
