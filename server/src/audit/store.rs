//! The files of the audit trail: appended to, never changed; one after the other as they grow. Blocking; one owner.

use crate::audit::chain::{self, Entry, GENESIS};
use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
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

/// The end of the chain as it was last synced, beside the files: without it nobody would miss the last lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Number of the last line.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
}

/// The trail.
pub struct Store {
    folder: PathBuf,
    disk: Option<Box<dyn Disk>>,
    open: fn(&Path) -> io::Result<Box<dyn Disk>>,
    length: u64,
    /// What a failed write may have left behind the last whole line.
    torn: bool,
    head: Head,
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
    pub fn open(folder: &Path) -> io::Result<Self> {
        Self::open_with(folder, FILE_BYTES, open_file)
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
        let head = Head { seq: 0, hash: GENESIS.to_owned() };
        let mut store = Self {
            folder: folder.to_owned(),
            disk: None,
            open,
            length: 0,
            torn: false,
            head,
            file_bytes,
            _lock: lock,
        };
        store.go_on()?;
        Ok(store)
    }

    /// Number and hash of the last line.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Appends entries, all or none.
    ///
    /// # Errors
    /// The disk does not take them; the trail is as it was.
    pub fn append(&mut self, entries: &[(UnixMillis, Entry)]) -> io::Result<()> {
        let (mut text, mut head) = (String::new(), self.head.clone());
        for (at, entry) in entries {
            let (line, hash) = chain::write(head.seq + 1, *at, entry, &head.hash);
            text.push_str(&line);
            head = Head { seq: head.seq + 1, hash };
        }
        if self.disk.is_some() && self.length >= self.file_bytes {
            self.sync()?;
            self.disk = None;
        }
        if self.disk.is_none() {
            let path = self.folder.join(file_name(self.head.seq + 1));
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
        self.head = head;
        Ok(())
    }

    /// Waits until everything is on the disk, then notes where the end is.
    ///
    /// # Errors
    /// The disk does not take it.
    pub fn sync(&mut self) -> io::Result<()> {
        let Some(disk) = &mut self.disk else { return Ok(()) };
        disk.sync()?;
        let text = serde_json::to_string(&self.head)?;
        let (path, fresh) = (self.folder.join("head.json"), self.folder.join("head.json.new"));
        fs::write(&fresh, text)?;
        fs::rename(fresh, path)
    }

    /// Finds the end of what is there.
    fn go_on(&mut self) -> io::Result<()> {
        for path in files(&self.folder)?.iter().rev() {
            let bytes = fs::read(path)?;
            let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let text = String::from_utf8_lossy(&bytes[..whole]);
            // The last line that proves itself; what is broken before it stays for `verify` to name.
            if let Some(line) = text.lines().rev().find_map(chain::read) {
                self.head = Head { seq: line.seq, hash: line.hash };
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
