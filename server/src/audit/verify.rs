//! Reads a whole audit trail and names the first line at which its chain is broken.

use crate::audit::chain::{self, GENESIS, Line};
use crate::audit::store::{Head, LET_GO, files, first_seq, noted_head, told};
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// What a look at a trail found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The folder.
    pub folder: PathBuf,
    /// Files that were read.
    pub files: usize,
    /// Lines that hold together from the first on.
    pub entries: u64,
    /// Lines before them that were let go, as the trail itself says.
    pub let_go: u64,
    /// Hash of the last of them.
    pub hash: String,
    /// Where the chain is broken, if it is.
    pub broken: Option<Broken>,
}

/// Where and how a chain is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// The file; the folder where a file is missing.
    pub file: PathBuf,
    /// The line, from 1; 0 where a line is missing behind the last.
    pub line: u64,
    /// The number that a line there should have.
    pub seq: u64,
    /// `tampered`, `missing`, `reordered` or `truncated`.
    pub kind: &'static str,
    /// What is wrong, for people.
    pub problem: String,
}

/// Reads the trail in a folder.
///
/// # Errors
/// A file cannot be read.
pub fn verify(folder: &Path) -> io::Result<Report> {
    let head = noted_head(folder);
    let let_go = head.as_ref().and_then(|head| head.let_go.clone());
    let (before, hash) = let_go.as_ref().map_or((0, GENESIS), |place| (place.seq, &place.hash));
    let mut report =
        Report { folder: folder.to_owned(), let_go: before, hash: hash.to_owned(), ..Report::default() };
    let sealed = let_go.as_ref().map(|place| told(place).result);
    let mut is_told = sealed.is_none();
    for path in kept(folder, before)? {
        report.files += 1;
        let mut reader = BufReader::new(File::open(&path)?);
        let (mut number, mut bytes) = (0, Vec::new());
        while reader.read_until(b'\n', &mut bytes)? > 0 {
            number += 1;
            let line = core::str::from_utf8(&bytes).ok().and_then(|line| line.strip_suffix('\n'));
            match judge(line.and_then(chain::read), &report) {
                Ok(line) => {
                    report.entries += 1;
                    is_told |= line.action == LET_GO && Some(&line.result) == sealed.as_ref();
                    report.hash = line.hash;
                }
                Err((kind, problem)) => {
                    let (file, seq) = (path, report.next());
                    report.broken = Some(Broken { file, line: number, seq, kind, problem });
                    return Ok(report);
                }
            }
            bytes.clear();
        }
    }
    report.broken = missing_end(folder, head.as_ref(), &report).or_else(|| unsaid(folder, &report, is_told));
    Ok(report)
}

/// The files whose lines were not let go; a killed process may have left one that was.
fn kept(folder: &Path, before: u64) -> io::Result<Vec<PathBuf>> {
    let mut files = files(folder)?;
    let gone =
        files.iter().skip(1).filter(|path| first_seq(path).is_some_and(|seq| seq <= before + 1)).count();
    Ok(files.split_off(gone))
}

impl Report {
    /// The number that the next line should have.
    fn next(&self) -> u64 {
        self.let_go + self.entries + 1
    }
}

fn judge(line: Option<Line>, report: &Report) -> Result<Line, (&'static str, String)> {
    let expected = report.next();
    match line {
        None => Err(("tampered", "the line is not as it was written".to_owned())),
        Some(line) if line.seq > expected => {
            Err(("missing", format!("number {} stands where {expected} should", line.seq)))
        }
        Some(line) if line.seq < expected => {
            Err(("reordered", format!("number {} stands where {expected} should", line.seq)))
        }
        Some(line) if line.prev != report.hash => {
            Err(("tampered", "it follows another line than the one before it".to_owned()))
        }
        Some(line) => Ok(line),
    }
}

/// A killed process may have written more than was noted, never less.
fn missing_end(folder: &Path, head: Option<&Head>, report: &Report) -> Option<Broken> {
    let (noted, last) = (head?.end.seq, report.next() - 1);
    (noted > last).then(|| Broken {
        file: folder.to_owned(),
        line: 0,
        seq: report.next(),
        kind: "truncated",
        problem: format!("the end was at number {noted}, and is at {last} now"),
    })
}

/// Who takes files away and writes so into `head.json` only is found out: the chain must say it too.
fn unsaid(folder: &Path, report: &Report, is_told: bool) -> Option<Broken> {
    (!is_told).then(|| Broken {
        file: folder.to_owned(),
        line: 0,
        seq: report.let_go,
        kind: "missing",
        problem: format!("lines up to {} are gone, and no line says that they were let go", report.let_go),
    })
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
