//! Answers of any source as `inflight record` writes them: one object per line, with kind, name and time of arrival.

use crate::cell::{Cell, Fault, read_object, tolerate_not_finite, trimmed};
use crate::poll::{Dropped, Poll};
use crate::sbs::Sbs;
use crate::{opensky, readsb};
use inflight_domain::{DropReason, UnixMillis};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The shape of such a line, for messages.
pub const EXPECTED: &str =
    r#"a capture {"kind":"readsb","source":"readsb","received":1679015330.1,"answer":{...}}"#;

/// What a source speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceKind {
    /// OpenSky's REST interface.
    OpenSky,
    /// `aircraft.json` of readsb, tar1090 or dump1090.
    Readsb,
    /// Point queries in the form of ADSBx-v2.
    Adsbx,
    /// BaseStation lines, port 30003.
    Sbs,
}

/// A line of a recording.
#[derive(serde::Deserialize)]
struct Line<'a> {
    #[serde(borrow, default)]
    kind: Cell<'a>,
    #[serde(borrow, default)]
    source: Cell<'a>,
    #[serde(borrow, default)]
    received: Cell<'a>,
    #[serde(borrow, default)]
    answer: Option<&'a RawValue>,
    #[serde(borrow, default)]
    lines: Vec<Cow<'a, str>>,
}

/// A line of a recording as read.
pub(crate) struct Capture {
    /// What its source speaks.
    pub(crate) kind: SourceKind,
    /// What its source is called.
    pub(crate) source: String,
    /// When it arrived.
    pub(crate) received: UnixMillis,
    /// What the answer says; of SBS nothing yet.
    pub(crate) poll: Poll,
    /// Lines of SBS.
    pub(crate) lines: Vec<String>,
}

impl SourceKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::OpenSky, Self::Readsb, Self::Adsbx, Self::Sbs];

    /// Its name in settings and recordings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenSky => "opensky",
            Self::Readsb => "readsb",
            Self::Adsbx => "adsbx",
            Self::Sbs => "sbs",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// Reads one answer; SBS has none, its lines go to [`Sbs`].
    ///
    /// # Errors
    /// The text as a whole is no answer of this kind.
    pub fn read_answer(self, text: &str, line: u64) -> Result<Poll, Dropped> {
        match self {
            Self::OpenSky => opensky::parse_response(text, line),
            Self::Readsb | Self::Adsbx => readsb::parse_response(text, line),
            Self::Sbs => {
                let mut sbs = Sbs::default();
                text.lines().for_each(|text| sbs.take(text, None, line));
                Ok(sbs.poll(UnixMillis::default()))
            }
        }
    }
}

/// An answer as a line of a recording, without the line break. The answer is JSON; line breaks in it become
/// blanks, which between its tokens they may.
#[must_use]
pub fn answer_line(kind: SourceKind, source: &str, received: UnixMillis, answer: &str) -> String {
    format!("{},\"answer\":{}}}", head(kind, source, received), answer.trim().replace(['\n', '\r'], " "))
}

/// Lines of SBS as one line of a recording, without the line break.
#[must_use]
pub fn sbs_line(source: &str, received: UnixMillis, lines: &[String]) -> String {
    let quoted: Vec<String> = lines.iter().map(|line| quote(line)).collect();
    format!("{},\"lines\":[{}]}}", head(SourceKind::Sbs, source, received), quoted.join(","))
}

/// Whether a line begins as [`answer_line`] and [`sbs_line`] do.
pub(crate) fn looks_like(text: &str) -> bool {
    text.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with("\"kind\""))
}

/// Reads a line of a recording.
pub(crate) fn read(text: &str, number: u64) -> Result<Capture, Fault> {
    tolerate_not_finite(trimmed(text), |text| {
        let line: Line<'_> = read_object(text, EXPECTED)?;
        let kind = line.kind.text("kind")?.and_then(SourceKind::parse).ok_or_else(|| {
            let problem = format!("expected opensky, readsb, adsbx or sbs, got {}", line.kind);
            Fault::of(DropReason::WrongShape, "kind", problem)
        })?;
        let source = line.source.text("source")?.unwrap_or(kind.name()).to_owned();
        let received =
            line.received.number("received")?.and_then(UnixMillis::from_seconds).ok_or_else(|| {
                let problem = format!("expected seconds since 1970, got {}", line.received);
                Fault::of(DropReason::OutOfRange, "received", problem)
            })?;
        let mut poll = match (kind, line.answer) {
            (SourceKind::Sbs, _) => Poll::default(),
            (_, None) => return Err(Fault::of(DropReason::MissingField, "answer", "missing")),
            (_, Some(answer)) => kind
                .read_answer(answer.get(), number)
                .map_err(|dropped| Fault { reason: dropped.reason, detail: dropped.detail })?,
        };
        poll.time = received;
        poll.source = Some(source.clone());
        let lines = line.lines.into_iter().map(Cow::into_owned).collect();
        Ok(Capture { kind, source, received, poll, lines })
    })
}

fn head(kind: SourceKind, source: &str, received: UnixMillis) -> String {
    let (seconds, ms) = (received.0.div_euclid(1000), received.0.rem_euclid(1000));
    let (kind, source) = (kind.name(), quote(source));
    format!("{{\"kind\":\"{kind}\",\"source\":{source},\"received\":{seconds}.{ms:03}")
}

/// Text as JSON; what is neither printable nor a blank is left out.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars().filter(|character| !character.is_control()) {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}
