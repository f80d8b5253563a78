//! `inflight audit verify`: whether an audit trail is as it was written, and where it is not.

use crate::audit::store::files;
use crate::audit::verify::{Report, verify};
use crate::cli::{AuditCommand, AuditVerifyArgs};
use crate::exit::AppError;
use std::path::{Path, PathBuf};

/// Looks at audit trails.
///
/// # Errors
/// A trail cannot be read, or is broken.
pub fn run(command: &AuditCommand) -> Result<(), AppError> {
    match command {
        AuditCommand::Verify(args) => verify_all(args),
    }
}

fn verify_all(args: &AuditVerifyArgs) -> Result<(), AppError> {
    let folders = trails(&args.folder)?;
    let read = |folder: &PathBuf| verify(folder).map_err(|error| AppError::file(folder, &error));
    let reports = folders.iter().map(read).collect::<Result<Vec<Report>, AppError>>()?;
    if args.json {
        let text =
            serde_json::to_string_pretty(&reports).map_err(|error| AppError::Other(error.to_string()))?;
        println!("{text}");
    } else {
        reports.iter().for_each(|report| println!("{}", line(report)));
    }
    match reports.iter().find_map(|report| report.broken.as_ref()) {
        None => Ok(()),
        Some(broken) => Err(AppError::Broken(format!(
            "{} line {}: {} at number {}: {}",
            broken.file.display(),
            broken.line,
            broken.kind,
            broken.seq,
            broken.problem
        ))),
    }
}

/// The folder itself, or those below it that hold a trail.
fn trails(folder: &Path) -> Result<Vec<PathBuf>, AppError> {
    let unreadable = |error: &std::io::Error| AppError::file(folder, error);
    if !files(folder).map_err(|error| unreadable(&error))?.is_empty() {
        return Ok(vec![folder.to_owned()]);
    }
    let below = std::fs::read_dir(folder).map_err(|error| unreadable(&error))?;
    let mut folders: Vec<PathBuf> = below
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.is_dir() && files(path).is_ok_and(|files| !files.is_empty()))
        .collect();
    folders.sort_unstable();
    if folders.is_empty() {
        let problem = "there is no audit trail".to_owned();
        return Err(AppError::File { path: folder.to_owned(), problem });
    }
    Ok(folders)
}

fn line(report: &Report) -> String {
    let Report { folder, files, entries, let_go, .. } = report;
    let state = if report.broken.is_none() { "whole" } else { "BROKEN" };
    let before = if *let_go > 0 { format!(", {let_go} before them let go") } else { String::new() };
    format!("{}: {state}, {entries} entries in {files} files{before}", folder.display())
}
