//! `inflight record`: what live sources say into a file, one answer per line, never half a line.

use crate::cli::RecordArgs;
use crate::clock;
use crate::exit::AppError;
use crate::metrics::Metrics;
use crate::settings::{Settings, SourceSettings};
use crate::shutdown;
use crate::sources::Source;
use crate::sources::attention::Attention;
use crate::sources::feed::FeedEvent;
use crate::sources::opensky::core::RetryConfig;
use crate::telemetry;
use core::time::Duration;
use flate2::Compression;
use flate2::write::GzEncoder;
use inflight_domain::UnixMillis;
use inflight_sky::{SourceKind, capture};
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;
use tracing::info;

/// A recording that is being written.
pub struct Writer {
    path: PathBuf,
    file: File,
    compressed: bool,
}

/// Records until the time is over or the program is told to stop.
///
/// # Errors
/// Settings, the file, or the client.
pub async fn run(args: &RecordArgs) -> Result<(), AppError> {
    let settings = Settings::from_inputs(&args.common.inputs()?)?;
    let duration = match args.minutes {
        None => None,
        Some(minutes) if minutes > 0.0 && minutes <= 1e6 => Some(Duration::from_secs_f64(minutes * 60.0)),
        Some(minutes) => {
            return Err(AppError::Usage(format!(
                "--minutes {minutes}: expected a number above 0, at most 1000000"
            )));
        }
    };
    drop(telemetry::start(&settings.log, false));
    let mut writer = Writer::create(&args.out)?;
    let metrics = Metrics::new(&settings.topics);
    let mut answers = start(&settings, &metrics)?;
    let end = async {
        match duration {
            Some(duration) => tokio::time::sleep(duration).await,
            None => core::future::pending().await,
        }
    };
    let mut end = core::pin::pin!(end);
    let mut stop = core::pin::pin!(shutdown::signal());
    let (mut polls, mut entries) = (0_u64, 0_u64);
    loop {
        let (source, event) = tokio::select! {
            Some(answer) = answers.recv() => answer,
            () = &mut end => break,
            () = &mut stop => break,
        };
        if let FeedEvent::Polled { body, poll, .. } = event {
            let line = line(&settings.sources[source], settings.sources.len(), clock::now(), &body);
            writer.write_line(&line).map_err(|error| AppError::file(&args.out, &error))?;
            polls += 1;
            entries += poll.entries;
        }
    }
    info!(polls, entries, file = %writer.path.display(), "recorded");
    println!("{polls} polls with {entries} entries in {}", writer.path.display());
    Ok(())
}

/// Starts every source; what each says comes with its place among the settings.
fn start(settings: &Settings, metrics: &Metrics) -> Result<mpsc::Receiver<(usize, FeedEvent)>, AppError> {
    let (sender, answers) = mpsc::channel(64);
    for (place, source) in settings.sources.iter().enumerate() {
        let retry = RetryConfig::default();
        let mut feed = Source::new(settings, source, retry, metrics, Attention::always())
            .map_err(|error| AppError::Other(format!("cannot set up the HTTP client: {error}")))?;
        let sender = sender.clone();
        tokio::spawn(async move { while sender.send((place, feed.next().await)).await.is_ok() {} });
    }
    Ok(answers)
}

/// What is written of an answer. OpenSky alone needs no frame: its answers tell their time themselves.
fn line(source: &SourceSettings, sources: usize, received: UnixMillis, body: &[u8]) -> Vec<u8> {
    let text = || String::from_utf8_lossy(body);
    match source.kind {
        SourceKind::OpenSky if sources == 1 => body.to_vec(),
        SourceKind::Sbs => {
            let lines: Vec<String> = text().lines().map(str::to_owned).collect();
            capture::sbs_line(&source.name, received, &lines).into_bytes()
        }
        kind => capture::answer_line(kind, &source.name, received, &text()).into_bytes(),
    }
}

impl Writer {
    /// Creates the file; an existing one is left alone.
    ///
    /// # Errors
    /// There is such a file already, or it cannot be created.
    pub fn create(path: &Path) -> Result<Self, AppError> {
        let file = OpenOptions::new().write(true).create_new(true).open(path).map_err(|cause| match cause
            .kind()
        {
            io::ErrorKind::AlreadyExists => AppError::File {
                path: path.to_owned(),
                problem: "the file exists; choose another name".to_owned(),
            },
            io::ErrorKind::NotFound => {
                AppError::File { path: path.to_owned(), problem: "there is no such folder".to_owned() }
            }
            _ => AppError::file(path, &cause),
        })?;
        let compressed = path.extension().is_some_and(|extension| extension == "gz");
        Ok(Self { path: path.to_owned(), file, compressed })
    }

    /// Writes one line and pushes it to the disk's cache. A compressed line is a gzip member of its own, so
    /// that the file is whole at any moment. What could only be written in part is taken back.
    ///
    /// # Errors
    /// The system refused.
    pub fn write_line(&mut self, body: &[u8]) -> io::Result<()> {
        // Line breaks between JSON tokens are blanks; inside strings JSON forbids them.
        let mut line: Vec<u8> =
            body.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }).collect();
        line.push(b'\n');
        if self.compressed {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&line)?;
            line = encoder.finish()?;
        }
        let start = self.file.stream_position()?;
        let written = self.file.write_all(&line).and_then(|()| self.file.flush());
        if written.is_err() {
            self.file.set_len(start)?;
            self.file.seek(io::SeekFrom::Start(start))?;
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::MultiGzDecoder;
    use std::io::Read;

    fn check(name: &str, read: fn(Vec<u8>) -> String) {
        let folder = std::env::temp_dir().join(format!("inflight-record-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        let mut writer = Writer::create(&path).unwrap();
        let mut expected = String::new();
        for body in ["{\"time\":1,\n \"states\":null}", "{\"time\":2,\r\n\"states\":[]}"] {
            writer.write_line(body.as_bytes()).unwrap();
            expected.push_str(&body.replace(['\n', '\r'], " "));
            expected.push('\n');
            assert_eq!(read(std::fs::read(&path).unwrap()), expected, "whole after each line");
        }
        assert!(matches!(Writer::create(&path), Err(AppError::File { .. })), "an existing file is kept");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn lines_are_whole() {
        check("plain.jsonl", |bytes| String::from_utf8(bytes).unwrap());
        check("packed.jsonl.gz", |bytes| {
            let mut text = String::new();
            MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
            text
        });
    }
}
