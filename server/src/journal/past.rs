//! Entries that are no longer at hand, read back from the files beside the thread that writes them. Blocking.

use crate::journal::JournalSettings;
use crate::journal::record::{self, Record};
use inflight_domain::Entry;
use inflight_engine::Logged;
use inflight_wire::Resume;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// The files of one server's journal.
#[derive(Clone, Debug)]
pub struct Past(pub(in crate::journal) PathBuf);

/// What was found.
#[derive(Debug, Default)]
pub struct Recalled {
    /// The entries, oldest first.
    pub entries: Vec<Logged>,
    /// Whether there are more after them.
    pub has_more: bool,
    /// The newest offset that may be missing before them, because its file is gone; 0 if there is none.
    pub gone: u64,
}

impl Past {
    /// The journal of the server of this name.
    #[must_use]
    pub fn of(settings: &JournalSettings, name: &str) -> Self {
        Self(settings.folder.join("journal").join(name))
    }

    /// The oldest entries after a position that somebody wants, up to an offset and at most so many.
    ///
    /// # Errors
    /// The folder or a file cannot be read.
    pub fn between(
        &self,
        from: Resume,
        up_to: u64,
        most: usize,
        wants: impl Fn(&Entry) -> bool,
    ) -> io::Result<Recalled> {
        let files = self.files()?;
        // The last one that begins no later than `from`.
        let begins_by = |path: &PathBuf| first(path).is_some_and(|logged| !is_after(&logged, from));
        let begin = files.iter().rposition(begins_by);
        let (mut recalled, mut newest) = (Recalled::default(), 0);
        for path in &files[begin.unwrap_or(0)..] {
            let bytes = match fs::read(path) {
                // The journal let it go meanwhile.
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => continue,
                read => read?,
            };
            for logged in bytes.split(|byte| *byte == b'\n').filter_map(entry) {
                let offset = logged.entry.offset;
                if offset <= newest {
                    continue;
                }
                if newest == 0 && begin.is_none() {
                    recalled.gone = offset - 1;
                }
                newest = offset;
                if offset > up_to {
                    return Ok(recalled);
                }
                if !is_after(&logged, from) || !wants(&logged.entry) {
                    continue;
                }
                if recalled.entries.len() == most {
                    recalled.has_more = true;
                    return Ok(recalled);
                }
                recalled.entries.push(logged);
            }
        }
        Ok(recalled)
    }

    /// Oldest first.
    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let found = match fs::read_dir(&self.0) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            found => found?,
        };
        let paths = found.filter_map(|file| Some(file.ok()?.path()));
        let mut files: Vec<PathBuf> =
            paths.filter(|path| path.extension().is_some_and(|name| name == "log")).collect();
        // Their names are numbers of the same length.
        files.sort_unstable();
        Ok(files)
    }
}

/// The first entry of a file.
fn first(path: &Path) -> Option<Logged> {
    let mut reader = BufReader::new(File::open(path).ok()?);
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        if let Some(logged) = entry(line.trim_ascii_end()) {
            return Some(logged);
        }
    }
}

/// The entry of a line. One that is not whole yet, or damaged, is none: the journal told so when it was opened.
fn entry(line: &[u8]) -> Option<Logged> {
    match record::read(line) {
        Ok(Record::Entry(logged)) => Some(logged),
        Ok(Record::Epoch(_)) | Err(_) => None,
    }
}

fn is_after(logged: &Logged, from: Resume) -> bool {
    (logged.position.epoch, logged.position.cut) > (from.epoch, from.cut)
}
