//! One file of the history: about a minute of polls, plain while it grows, compressed afterwards.

use crate::history::packed::Packed;
use inflight_domain::UnixMillis;
use inflight_sky::history::time_of_line;
use std::path::Path;
use std::{fs, io};

/// A file of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Time of its first poll.
    pub from: UnixMillis,
    /// Time of its last poll.
    pub to: UnixMillis,
    /// Polls in it, as far as this process counted them.
    pub polls: u64,
    /// Bytes on the disk.
    pub bytes: u64,
    /// Bytes before compression.
    pub raw_bytes: u64,
    /// Compressed; no more polls follow.
    pub sealed: bool,
}

/// The ending of a sealed file.
const SEALED: &str = ".jsonl.gz";

/// The ending of a file that grows.
const OPEN: &str = ".jsonl";

/// What the name of a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A sealed segment.
    Sealed(UnixMillis, UnixMillis),
    /// A segment that was growing when its process ended.
    Open(UnixMillis),
    /// A file that was being written when its process ended.
    Unfinished,
    /// None of ours.
    Foreign,
}

impl Segment {
    /// The name of its file.
    #[must_use]
    pub fn name(&self) -> String {
        if self.sealed {
            format!("{}-{}{SEALED}", self.from.0, self.to.0)
        } else {
            format!("{}{OPEN}", self.from.0)
        }
    }

    /// Its lines.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub fn lines(&self, folder: &Path) -> io::Result<Vec<u8>> {
        if self.sealed {
            return self.packed(folder)?.lines().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData));
        }
        let mut lines = fs::read(folder.join(self.name()))?;
        // What was appended meanwhile is of a later state than this.
        lines.truncate(usize::try_from(self.raw_bytes).unwrap_or(usize::MAX));
        Ok(lines)
    }

    /// Its lines, compressed.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub fn packed(&self, folder: &Path) -> io::Result<Packed> {
        if !self.sealed {
            return Ok(Packed::of(&self.lines(folder)?));
        }
        Packed::read(&fs::read(folder.join(self.name()))?)
            .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
    }
}

/// What the name of a file says.
#[must_use]
pub fn named(name: &str) -> Named {
    let time = |text: &str| text.parse().ok().map(UnixMillis);
    if name.ends_with(".tmp") {
        return Named::Unfinished;
    }
    if let Some(stem) = name.strip_suffix(SEALED) {
        let times = stem.split_once('-').and_then(|(from, to)| Some((time(from)?, time(to)?)));
        return times
            .filter(|(from, to)| from <= to)
            .map_or(Named::Foreign, |(from, to)| Named::Sealed(from, to));
    }
    name.strip_suffix(OPEN).and_then(time).map_or(Named::Foreign, Named::Open)
}

/// The lines with a time from `from` to `to`, and the times of the first and last of them.
#[must_use]
pub fn between(
    lines: &[u8],
    from: UnixMillis,
    to: UnixMillis,
) -> (Vec<u8>, Option<(UnixMillis, UnixMillis)>) {
    let (mut kept, mut span) = (Vec::new(), None);
    // Without its line break the last line was torn.
    for line in lines.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")) {
        let Some(time) = time_of_line(line).filter(|time| (from..=to).contains(time)) else { continue };
        kept.extend_from_slice(line);
        span = Some((span.map_or(time, |(first, _)| first), time));
    }
    (kept, span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_sky::Poll;
    use inflight_sky::history::write_line;

    #[test]
    fn names_say_what_a_file_is() {
        let (from, to) = (UnixMillis(1_679_015_330_000), UnixMillis(1_679_015_389_500));
        for sealed in [true, false] {
            let segment = Segment { from, to, polls: 1, bytes: 0, raw_bytes: 0, sealed };
            let expected = if sealed { Named::Sealed(from, to) } else { Named::Open(from) };
            assert_eq!(named(&segment.name()), expected);
        }
        for (name, expected) in [
            ("1-2.jsonl.gz.tmp", Named::Unfinished),
            ("2-1.jsonl.gz", Named::Foreign),
            ("x.jsonl", Named::Foreign),
            ("lock", Named::Foreign),
            ("1-2.jsonl", Named::Foreign),
        ] {
            assert_eq!(named(name), expected, "{name}");
        }
    }

    #[test]
    fn lines_are_cut_by_time_and_torn_ones_left_out() {
        let at = |second: i64| UnixMillis((1_700_000_000 + second) * 1000);
        let line = |second: i64| format!("{}\n", write_line("test", at(second), &Poll::default()));
        let lines = format!("{}{}nonsense\n{}{}", line(0), line(10), line(20), line(30).trim_end());
        let (kept, span) = between(lines.as_bytes(), at(5), at(60));
        assert_eq!(String::from_utf8(kept).unwrap(), format!("{}{}", line(10), line(20)));
        assert_eq!(span, Some((at(10), at(20))));
        assert_eq!(between(lines.as_bytes(), at(40), at(60)), (Vec::new(), None));
    }
}
