//! The history on the disk: segments of about a minute, kept within an age and a size. Blocking; one owner.

use crate::history::packed::Packed;
use crate::history::segment::{Named, Segment, between, named};
use inflight_domain::UnixMillis;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tracing::warn;

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Age of the oldest poll against the newest, in milliseconds.
    pub age_ms: i64,
    /// Bytes on the disk.
    pub bytes: u64,
}

/// A segment is sealed when its polls span this long.
const SEGMENT_MS: i64 = 60_000;

/// A segment is sealed when it holds so much, or a quarter of what may be kept: what grows cannot be thrown away.
const SEGMENT_BYTES: u64 = 16 << 20;

/// A clock that goes back this far was set, and does not jitter.
const JITTER_MS: i64 = 30_000;

/// The segments and the file that grows.
pub struct Store {
    folder: PathBuf,
    limits: Limits,
    segments: Vec<Segment>,
    growing: Option<File>,
    restarted: bool,
    _lock: File,
}

/// Why a poll was not written.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It is older than what is there.
    #[error("the poll is older than the newest that is kept")]
    Old,
    /// The disk did not take it.
    #[error(transparent)]
    Disk(#[from] io::Error),
}

impl Store {
    /// Opens a folder, which is made if it is absent. What an earlier process left behind is put in order: a
    /// growing segment is sealed up to its last whole line, unfinished and damaged files go.
    ///
    /// # Errors
    /// The folder cannot be used, or another process uses it.
    pub fn open(folder: &Path, limits: Limits) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let lock = OpenOptions::new().create(true).write(true).truncate(false).open(folder.join("lock"))?;
        lock.try_lock().map_err(|_| {
            io::Error::new(io::ErrorKind::WouldBlock, "another process keeps its history there")
        })?;
        let mut store = Self {
            folder: folder.to_owned(),
            limits,
            segments: Vec::new(),
            growing: None,
            restarted: true,
            _lock: lock,
        };
        store.recover()?;
        store.prune();
        Ok(store)
    }

    /// What is there, oldest first.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The stream starts anew: the next poll may be older than what is there, and then takes its place.
    pub fn restart(&mut self) {
        self.restarted = true;
    }

    /// Appends a poll as a line without its line break.
    ///
    /// # Errors
    /// It is out of order, or the disk refused; then nothing of it remains.
    pub fn append(&mut self, time: UnixMillis, line: &str) -> Result<(), Refused> {
        // Two sources may send within one millisecond.
        let back_ms = self.segments.last().map_or(-1, |segment| segment.to.since(time));
        if back_ms > 0 && !self.restarted && back_ms < JITTER_MS {
            return Err(Refused::Old);
        }
        if back_ms > 0 || (back_ms == 0 && self.restarted) {
            self.cut(time)?;
        }
        self.restarted = false;
        let most = SEGMENT_BYTES.min(self.limits.bytes / 4);
        let full = self.segments.last().is_some_and(|open| {
            !open.sealed && (time.since(open.from) >= SEGMENT_MS || open.raw_bytes >= most)
        });
        if full {
            self.with_room(Self::seal)?;
        }
        self.with_room(|store| store.write(time, line))?;
        self.prune();
        Ok(())
    }

    /// Does what needs room on the disk; while there is none, the oldest goes for the newest.
    fn with_room(&mut self, what: impl Fn(&mut Self) -> io::Result<()>) -> io::Result<()> {
        loop {
            let error = match what(self) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
            if !full || !self.segments.first().is_some_and(|oldest| oldest.sealed) {
                return Err(error);
            }
            let oldest = self.segments.remove(0);
            self.remove_file(&oldest);
        }
    }

    /// Compresses the segment that grows.
    ///
    /// # Errors
    /// The disk refused; the segment then goes on growing.
    pub fn seal(&mut self) -> io::Result<()> {
        let Some(open) = self.segments.last().filter(|open| !open.sealed).cloned() else { return Ok(()) };
        let sealed = self.write_sealed(&open, &open.lines(&self.folder)?)?;
        self.growing = None;
        self.remove_file(&open);
        if let Some(last) = self.segments.last_mut() {
            *last = sealed;
        }
        Ok(())
    }

    fn write(&mut self, time: UnixMillis, line: &str) -> io::Result<()> {
        if self.growing.is_none() {
            let segment = Segment { from: time, to: time, polls: 0, bytes: 0, raw_bytes: 0, sealed: false };
            let path = self.folder.join(segment.name());
            self.growing = Some(OpenOptions::new().create(true).write(true).truncate(true).open(path)?);
            self.segments.push(segment);
        }
        let (Some(file), Some(segment)) = (&mut self.growing, self.segments.last_mut()) else {
            return Ok(());
        };
        let text = [line.as_bytes(), b"\n"].concat();
        if let Err(error) = file.write_all(&text) {
            // A half line would spoil the next one.
            let taken_back = file
                .set_len(segment.raw_bytes)
                .and_then(|()| io::Seek::seek(file, io::SeekFrom::Start(segment.raw_bytes)).map(drop));
            if segment.polls == 0 || taken_back.is_err() {
                self.growing = None;
                let broken = self.segments.pop();
                broken.iter().for_each(|segment| self.remove_file(segment));
            }
            return Err(error);
        }
        segment.to = time;
        segment.polls += 1;
        segment.raw_bytes += text.len() as u64;
        segment.bytes = segment.raw_bytes;
        Ok(())
    }

    /// Forgets everything from a time on.
    fn cut(&mut self, time: UnixMillis) -> io::Result<()> {
        self.growing = None;
        while let Some(segment) = self.segments.pop_if(|segment| segment.to >= time) {
            let (lines, span) = if segment.from < time {
                between(&segment.lines(&self.folder)?, segment.from, UnixMillis(time.0 - 1))
            } else {
                (Vec::new(), None)
            };
            self.remove_file(&segment);
            if let Some((from, to)) = span {
                let kept = self.write_sealed(&Segment { from, to, ..segment }, &lines)?;
                self.segments.push(kept);
            }
        }
        if self.segments.last().is_some_and(|segment| !segment.sealed) {
            self.seal()?;
        }
        Ok(())
    }

    fn write_sealed(&self, segment: &Segment, lines: &[u8]) -> io::Result<Segment> {
        let packed = Packed::of(lines);
        let file = packed.file();
        let sealed = Segment {
            sealed: true,
            bytes: file.len() as u64,
            raw_bytes: packed.raw_bytes,
            ..segment.clone()
        };
        let path = self.folder.join(sealed.name());
        let unfinished = path.with_extension("tmp");
        let mut out = File::create(&unfinished)?;
        out.write_all(&file)?;
        // The name must never be there before the bytes are.
        out.sync_all()?;
        fs::rename(&unfinished, path)?;
        Ok(sealed)
    }

    fn prune(&mut self) {
        let Some(newest) = self.segments.last().map(|segment| segment.to) else { return };
        let mut total: u64 = self.segments.iter().map(|segment| segment.bytes).sum();
        let mut old = 0;
        // The segment that grows stays, whatever its size.
        for segment in self.segments.iter().filter(|segment| segment.sealed) {
            if newest.since(segment.to) <= self.limits.age_ms && total <= self.limits.bytes {
                break;
            }
            total -= segment.bytes;
            old += 1;
        }
        for segment in self.segments.drain(..old).collect::<Vec<_>>() {
            self.remove_file(&segment);
        }
    }

    fn recover(&mut self) -> io::Result<()> {
        let mut left_open = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            match named(&entry.file_name().to_string_lossy()) {
                Named::Sealed(from, to) => match Packed::read(&fs::read(entry.path())?) {
                    Some(packed) => self.segments.push(Segment {
                        from,
                        to,
                        polls: 0,
                        bytes: entry.metadata()?.len(),
                        raw_bytes: packed.raw_bytes,
                        sealed: true,
                    }),
                    None => {
                        warn!(file = %entry.path().display(), "a damaged file of the history goes");
                        fs::remove_file(entry.path())?;
                    }
                },
                Named::Open(_) => left_open.push(entry.path()),
                Named::Unfinished => fs::remove_file(entry.path())?,
                Named::Foreign => {}
            }
        }
        self.segments.sort_unstable_by_key(|segment| (segment.from, segment.to));
        self.drop_overlaps();
        for path in left_open {
            self.take_over(&path)?;
        }
        self.segments.sort_unstable_by_key(|segment| (segment.from, segment.to));
        Ok(())
    }

    /// Of two segments that tell of the same time the later begun stays, as the newer.
    fn drop_overlaps(&mut self) {
        let mut index = 1;
        while index < self.segments.len() {
            if self.segments[index].from < self.segments[index - 1].to {
                let older = self.segments.remove(index - 1);
                self.remove_file(&older);
                index = 1;
            } else {
                index += 1;
            }
        }
    }

    /// Seals what a process left growing, unless it had been sealed just before the end.
    fn take_over(&mut self, path: &Path) -> io::Result<()> {
        let lines = fs::read(path)?;
        let (lines, span) = between(&lines, UnixMillis(i64::MIN), UnixMillis(i64::MAX));
        if let Some((from, to)) =
            span.filter(|(from, _)| self.segments.iter().all(|known| known.from < *from && known.to <= *from))
        {
            let segment = Segment { from, to, polls: 0, bytes: 0, raw_bytes: 0, sealed: true };
            let sealed = self.write_sealed(&segment, &lines)?;
            self.segments.push(sealed);
        }
        fs::remove_file(path)
    }

    fn remove_file(&self, segment: &Segment) {
        if let Err(error) = fs::remove_file(self.folder.join(segment.name())) {
            warn!(%error, file = segment.name(), "a file of the history stays behind");
        }
    }
}

#[cfg(test)]
mod tests;
