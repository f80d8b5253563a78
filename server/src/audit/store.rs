//! The files of the audit trail: appended to, never changed; one after the other as they grow. Blocking; one owner.

use crate::audit::chain::{self, Entry, GENESIS, Line};
use core::time::Duration;
use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// Bytes after which the next file begins.
pub const FILE_BYTES: u64 = 8 << 20;

/// A file that grows, so that tests can fill it up.
pub trait Disk: Send {
    /// Writes behind what is there.
    ///
    /// # Errors
    /// The disk does not take it; part of it may be there.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Waits until everything is on the disk.
    ///
    /// # Errors
    /// It does not get there.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts off what is behind this length.
    ///
    /// # Errors
    /// It stays.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

/// A place in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Number of the line.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
}

/// The end of the chain as it was last synced, beside the files: without it nobody would miss the last lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The last line.
    #[serde(flatten)]
    pub end: Place,
    /// The last line that was let go, if any was; a line of the trail says the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub let_go: Option<Place>,
}

/// How much of the trail is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditSettings {
    /// Bytes on the disk; the newest file stays whatever it holds.
    pub max_bytes: u64,
    /// How long; for ever if not said.
    pub keep: Option<Duration>,
}

/// The action of a line that says what was let go.
pub const LET_GO: &str = "let_go";

/// The trail.
pub struct Store {
    folder: PathBuf,
    disk: Option<Box<dyn Disk>>,
    open: fn(&Path) -> io::Result<Box<dyn Disk>>,
    length: u64,
    /// What a failed write may have left behind the last whole line.
    torn: bool,
    end: Place,
    let_go: Option<Place>,
    file_bytes: u64,
    _lock: File,
}

impl Disk for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}

impl Store {
    /// Opens a folder, which is made if it is absent. Half a line that a killed process left is cut off.
    ///
    /// # Errors
    /// The folder cannot be used, or another process uses it.
    pub fn open(folder: &Path, settings: AuditSettings) -> io::Result<Self> {
        Self::open_with(folder, FILE_BYTES.min(settings.max_bytes / 4), open_file)
    }

    /// The same over other disks, with other files.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(
        folder: &Path,
        file_bytes: u64,
        open: fn(&Path) -> io::Result<Box<dyn Disk>>,
    ) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let lock = OpenOptions::new().create(true).write(true).truncate(false).open(folder.join("lock"))?;
        lock.try_lock().map_err(|_| {
            io::Error::new(io::ErrorKind::WouldBlock, "another process keeps its audit trail there")
        })?;
        let end = Place { seq: 0, hash: GENESIS.to_owned() };
        let mut store = Self {
            folder: folder.to_owned(),
            disk: None,
            open,
            length: 0,
            torn: false,
            end,
            let_go: noted_head(folder).and_then(|head| head.let_go),
            file_bytes,
            _lock: lock,
        };
        store.sweep()?;
        store.go_on()?;
        Ok(store)
    }

    /// Number and hash of the last line.
    #[must_use]
    pub fn end(&self) -> &Place {
        &self.end
    }

    /// Appends entries, all or none.
    ///
    /// # Errors
    /// The disk does not take them; the trail is as it was.
    pub fn append(&mut self, entries: &[(UnixMillis, Entry)]) -> io::Result<()> {
        let (mut text, mut end) = (String::new(), self.end.clone());
        for (at, entry) in entries {
            let (line, hash) = chain::write(end.seq + 1, *at, entry, &end.hash);
            text.push_str(&line);
            end = Place { seq: end.seq + 1, hash };
        }
        if self.disk.is_some() && self.length >= self.file_bytes {
            self.sync()?;
            self.disk = None;
        }
        if self.disk.is_none() {
            let path = self.folder.join(file_name(self.end.seq + 1));
            self.disk = Some((self.open)(&path)?);
            (self.length, self.torn) = (0, false);
        }
        let Some(disk) = &mut self.disk else { return Ok(()) };
        if self.torn {
            disk.cut(self.length)?;
            self.torn = false;
        }
        if let Err(error) = disk.append(text.as_bytes()) {
            self.torn = disk.cut(self.length).is_err();
            return Err(error);
        }
        self.length += text.len() as u64;
        self.end = end;
        Ok(())
    }

    /// Waits until everything is on the disk, then notes where the end is.
    ///
    /// # Errors
    /// The disk does not take it.
    pub fn sync(&mut self) -> io::Result<()> {
        let Some(disk) = &mut self.disk else { return Ok(()) };
        disk.sync()?;
        let head = Head { end: self.end.clone(), let_go: self.let_go.clone() };
        let text = serde_json::to_string(&head)?;
        let (path, fresh) = (self.folder.join("head.json"), self.folder.join("head.json.new"));
        fs::write(&fresh, text)?;
        fs::rename(fresh, path)
    }

    /// Lets the oldest files go where there is too much, or where all in them is too old. The trail itself says up to
    /// where, then `head.json`, and only then they go: what is left proves itself, and that nobody else shortened it.
    /// How many lines went.
    ///
    /// # Errors
    /// The disk does not take what is said of it; then nothing goes.
    pub fn let_go(&mut self, now: UnixMillis, settings: AuditSettings) -> io::Result<u64> {
        let files = files(&self.folder)?;
        let mut bytes: u64 =
            files.iter().filter_map(|path| fs::metadata(path).ok()).map(|data| data.len()).sum();
        let oldest = settings.keep.map(|keep| now.0 - i64::try_from(keep.as_millis()).unwrap_or(i64::MAX));
        let mut last = None;
        for pair in files.windows(2) {
            // What a file ends with is older than what the next one begins with, and has the hash that stands there.
            let Some(next) = first_line(&pair[1]) else { break };
            if bytes <= settings.max_bytes && oldest.is_none_or(|oldest| next.at.0 >= oldest) {
                break;
            }
            bytes -= fs::metadata(&pair[0]).map_or(0, |data| data.len());
            last = Some(Place { seq: next.seq.saturating_sub(1), hash: next.prev });
        }
        let Some(last) = last else { return Ok(0) };
        let before = self.let_go.as_ref().map_or(0, |place| place.seq);
        self.append(&[(now, told(&last))])?;
        let count = last.seq.saturating_sub(before);
        let kept = self.let_go.replace(last);
        if let Err(error) = self.sync() {
            self.let_go = kept;
            return Err(error);
        }
        self.sweep()?;
        Ok(count)
    }

    /// Takes away the files that were let go.
    fn sweep(&self) -> io::Result<()> {
        let Some(last) = &self.let_go else { return Ok(()) };
        let files = files(&self.folder)?;
        let gone = files.windows(2).filter(|pair| first_seq(&pair[1]).is_some_and(|seq| seq <= last.seq + 1));
        // One that stays is read over, and goes the next time.
        gone.for_each(|pair| drop(fs::remove_file(&pair[0])));
        Ok(())
    }

    /// Finds the end of what is there.
    fn go_on(&mut self) -> io::Result<()> {
        for path in files(&self.folder)?.iter().rev() {
            let bytes = fs::read(path)?;
            let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let text = String::from_utf8_lossy(&bytes[..whole]);
            // The last line that proves itself; what is broken before it stays for `verify` to name.
            if let Some(line) = text.lines().rev().find_map(chain::read) {
                self.end = Place { seq: line.seq, hash: line.hash };
                let mut disk = (self.open)(path)?;
                if whole < bytes.len() {
                    disk.cut(whole as u64)?;
                }
                (self.disk, self.length) = (Some(disk), whole as u64);
                return Ok(());
            }
        }
        Ok(())
    }
}

/// The files in the order of their lines.
///
/// # Errors
/// The folder cannot be read.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| first_seq(path).is_some())
        .collect();
    files.sort_unstable_by_key(|path| first_seq(path));
    Ok(files)
}

/// What the trail says of what was let go.
#[must_use]
pub fn told(last: &Place) -> Entry {
    Entry {
        actor: "system".to_owned(),
        action: LET_GO,
        target: "audit".to_owned(),
        result: format!("{} {}", last.seq, last.hash),
        correlation_id: String::new(),
    }
}

/// The first line of a file, if it is as it was written.
fn first_line(path: &Path) -> Option<Line> {
    let mut text = String::new();
    BufReader::new(File::open(path).ok()?).read_line(&mut text).ok()?;
    chain::read(text.trim_end_matches('\n'))
}

/// The end that was last synced; none if it was not noted or cannot be read.
#[must_use]
pub fn noted_head(folder: &Path) -> Option<Head> {
    serde_json::from_str(&fs::read_to_string(folder.join("head.json")).ok()?).ok()
}

/// Number of the first line, as the file's name says.
#[must_use]
pub fn first_seq(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_prefix("audit-")?.strip_suffix(".jsonl")?.parse().ok()
}

fn file_name(seq: u64) -> String {
    format!("audit-{seq:012}.jsonl")
}

fn open_file(path: &Path) -> io::Result<Box<dyn Disk>> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    Ok(Box::new(file))
}
