//! Reads a whole audit trail and names the first line at which its chain is broken.

use crate::audit::chain::{self, GENESIS, Line};
use crate::audit::store::{files, noted_head};
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
    let mut report = Report { folder: folder.to_owned(), hash: GENESIS.to_owned(), ..Report::default() };
    for path in files(folder)? {
        report.files += 1;
        let mut reader = BufReader::new(File::open(&path)?);
        let (mut number, mut bytes) = (0, Vec::new());
        while reader.read_until(b'\n', &mut bytes)? > 0 {
            number += 1;
            let line = core::str::from_utf8(&bytes).ok().and_then(|line| line.strip_suffix('\n'));
            match judge(line.and_then(chain::read), &report) {
                Ok(hash) => {
                    report.entries += 1;
                    report.hash = hash;
                }
                Err((kind, problem)) => {
                    let (file, seq) = (path, report.entries + 1);
                    report.broken = Some(Broken { file, line: number, seq, kind, problem });
                    return Ok(report);
                }
            }
            bytes.clear();
        }
    }
    report.broken = missing_end(folder, &report);
    Ok(report)
}

fn judge(line: Option<Line>, report: &Report) -> Result<String, (&'static str, String)> {
    let expected = report.entries + 1;
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
        Some(line) => Ok(line.hash),
    }
}

/// A killed process may have written more than was noted, never less.
fn missing_end(folder: &Path, report: &Report) -> Option<Broken> {
    let head = noted_head(folder)?;
    (head.seq > report.entries).then(|| Broken {
        file: folder.to_owned(),
        line: 0,
        seq: report.entries + 1,
        kind: "truncated",
        problem: format!("the end was at number {}, and is at {} now", head.seq, report.entries),
    })
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
