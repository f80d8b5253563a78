//! Recordings from files: reads them away from the tasks that serve clients, and says what is wrong with them.

use crate::exit::AppError;
use flate2::read::MultiGzDecoder;
use inflight_sky::Recording;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Bytes of a decompressed recording that are taken; a day of the whole world is less.
const RECORDING_BYTES: u64 = 8 * 1024 * 1024 * 1024;

/// Reads a recording on a thread of its own.
///
/// # Errors
/// The file cannot be read, or is no recording.
pub async fn load(path: PathBuf) -> Result<Recording, AppError> {
    let reading = tokio::task::spawn_blocking(move || open(&path));
    reading.await.map_err(|stopped| AppError::Other(format!("reading the recording stopped: {stopped}")))?
}

/// Reads a recording, compressed or not.
///
/// # Errors
/// The file cannot be read, or is no recording.
pub fn open(path: &Path) -> Result<Recording, AppError> {
    let bytes = read(path).map_err(|cause| AppError::file(path, &cause))?;
    Recording::open(bytes)
        .map_err(|problem| AppError::File { path: path.to_owned(), problem: problem.to_string() })
}

/// The recording's name as people see it: the file's, without its folder.
#[must_use]
pub fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// A file's bytes, decompressed if its name ends in `.gz` or it begins as such a file does.
///
/// # Errors
/// The file cannot be read.
pub fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = BufReader::new(File::open(path)?);
    let mut bytes = Vec::new();
    let named_so = path.extension().is_some_and(|extension| extension == "gz");
    if named_so || file.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        // Several members, as `record` writes them, are one file.
        MultiGzDecoder::new(file).take(RECORDING_BYTES).read_to_end(&mut bytes)?;
    } else {
        file.take(RECORDING_BYTES).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_name_the_file() {
        let folder = std::env::temp_dir().join(format!("inflight-replay-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, content, expected) in [
            ("missing.jsonl", None, "there is no such file"),
            ("empty.jsonl", Some(&b""[..]), "the recording is empty"),
            ("other.jsonl", Some(&b"hello\n"[..]), "no line of 1 is usable"),
            ("plain.jsonl.gz", Some(&b"{\"time\":1679015330,\"states\":[]}\n"[..]), "invalid gzip header"),
        ] {
            let path = folder.join(name);
            if let Some(content) = content {
                std::fs::write(&path, content).unwrap();
            }
            let error = open(&path).unwrap_err();
            let message = error.to_string();
            assert!(message.contains(name) && message.contains(expected), "{message}");
            assert_eq!(error.code(), 3);
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
