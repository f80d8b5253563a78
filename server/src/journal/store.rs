//! The journal on the disk: numbered files that only grow, kept within a size. Blocking; one owner.

use crate::journal::record::{self, Damage, Record};
use inflight_domain::{Cut, Epoch};
use inflight_engine::{EventLog, Logged};
use inflight_wire::Resume;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The files and the one that grows.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    max_bytes: u64,
    /// Number and size of each file, oldest first.
    files: Vec<(u64, u64)>,
    growing: Option<File>,
    _lock: File,
}

/// What an earlier process left.
#[derive(Debug, Default)]
pub struct Recovered {
    /// The newest entries.
    pub log: EventLog,
    /// The newest epoch whose positions were handed out.
    pub epoch: Epoch,
    /// Lines that were left out.
    pub damage: Vec<Damage>,
    /// Offset of the newest entry.
    newest: u64,
}

/// A file that is larger is followed by another one; or an eighth of what may be kept.
const FILE_BYTES: u64 = 8 << 20;

/// Damaged lines that are told one by one.
const MOST_DAMAGE: usize = 1000;

impl Store {
    /// Opens a folder, which is made if it is absent, cuts off a line that was not finished, and reads the rest.
    ///
    /// # Errors
    /// The folder cannot be used, or another process uses it.
    pub fn open(folder: &Path, max_bytes: u64) -> io::Result<(Self, Recovered)> {
        fs::create_dir_all(folder)?;
        let lock = OpenOptions::new().create(true).write(true).truncate(false).open(folder.join("lock"))?;
        lock.try_lock().map_err(|_| {
            io::Error::new(io::ErrorKind::WouldBlock, "another process keeps its journal there")
        })?;
        let mut numbers: Vec<u64> = fs::read_dir(folder)?
            .filter_map(|file| file.ok()?.file_name().to_str()?.strip_suffix(".log")?.parse().ok())
            .collect();
        numbers.sort_unstable();
        let mut store =
            Self { folder: folder.to_owned(), max_bytes, files: Vec::new(), growing: None, _lock: lock };
        let mut recovered = Recovered::default();
        for number in numbers {
            let path = store.path(number);
            let bytes = fs::read(&path)?;
            let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            if whole < bytes.len() {
                // Nobody was told of it: it was not yet on the disk.
                let file = OpenOptions::new().write(true).open(&path)?;
                file.set_len(whole as u64)?;
                file.sync_data()?;
            }
            recovered.take(&path, &bytes[..whole]);
            store.files.push((number, whole as u64));
        }
        // The last file goes on; else each start would leave one behind.
        if let Some((number, _)) = store.files.last() {
            store.growing = OpenOptions::new().append(true).open(store.path(*number)).ok();
        }
        store.prune();
        Ok((store, recovered))
    }

    /// Appends whole lines; when it returns they are on the disk. After an error none of them counts.
    ///
    /// # Errors
    /// The disk refused.
    pub fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let most = FILE_BYTES.min(self.max_bytes / 8);
        let is_full = self.files.last().is_none_or(|(_, bytes)| *bytes >= most);
        if self.growing.is_none() || is_full {
            self.begin()?;
        }
        let (Some(file), Some((_, bytes))) = (&mut self.growing, self.files.last_mut()) else {
            return Err(io::Error::other("there is no file"));
        };
        if let Err(error) = file.write_all(lines).and_then(|()| file.sync_data()) {
            // What may have been written is taken back; where that fails too, the next lines go to a file of
            // their own.
            if file.set_len(*bytes).and_then(|()| file.sync_data()).is_err() {
                self.growing = None;
            }
            return Err(error);
        }
        *bytes += lines.len() as u64;
        self.prune();
        Ok(())
    }

    /// Starts a file.
    fn begin(&mut self) -> io::Result<()> {
        let number = self.files.last().map_or(1, |(number, _)| number + 1);
        let path = self.path(number);
        let opened = OpenOptions::new().append(true).create_new(true).open(&path);
        let synced = opened.and_then(|file| File::open(&self.folder)?.sync_all().map(|()| file));
        match synced {
            Ok(file) => {
                self.growing = Some(file);
                self.files.push((number, 0));
                Ok(())
            }
            Err(error) => {
                // So that the next try finds its name free.
                drop(fs::remove_file(&path));
                Err(error)
            }
        }
    }

    /// The oldest files go while there is too much.
    fn prune(&mut self) {
        while self.files.len() > 1 && self.files.iter().map(|(_, bytes)| bytes).sum::<u64>() > self.max_bytes
        {
            let (number, _) = self.files.remove(0);
            drop(fs::remove_file(self.path(number)));
        }
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:010}.log"))
    }
}

impl Recovered {
    fn take(&mut self, path: &Path, bytes: &[u8]) {
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if line.is_empty() {
                continue;
            }
            let cause = match record::read(line) {
                Ok(Record::Entry(logged)) if logged.entry.offset > self.newest => {
                    self.put(logged);
                    continue;
                }
                Ok(Record::Entry(logged)) => format!("offset {} comes again", logged.entry.offset),
                Ok(Record::Epoch(epoch)) => {
                    self.epoch = self.epoch.max(epoch);
                    continue;
                }
                Err(cause) => cause,
            };
            if self.damage.len() < MOST_DAMAGE {
                let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
                self.damage.push(Damage { file: file.unwrap_or_default(), line: index + 1, cause });
            }
        }
    }

    fn put(&mut self, logged: Logged) {
        let (offset, position) = (logged.entry.offset, logged.position);
        if self.newest == 0 && offset > 1 {
            let before = Cut(position.cut.0.saturating_sub(1));
            self.log.forget_before(offset - 1, Resume { epoch: position.epoch, cut: before });
        }
        self.epoch = self.epoch.max(position.epoch);
        self.newest = offset;
        self.log.restore(logged);
    }
}

#[cfg(test)]
mod tests;
