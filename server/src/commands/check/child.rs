//! The server under test: this same program as a process of its own, which can be killed and started again.

use crate::commands::check::http;
use crate::commands::check::port::OwnPort;
use crate::exit::AppError;
use crate::settings::spec::SPECS;
use core::time::Duration;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::time::{Instant, sleep};

/// A server on a port that stays the same, with all it keeps in a folder that goes with it.
#[derive(Debug)]
pub struct Served {
    /// Where it listens.
    pub address: SocketAddr,
    _port: OwnPort,
    folder: Folder,
    environment: Vec<(&'static str, String)>,
    process: Option<Child>,
}

/// A folder that goes with the check.
#[derive(Debug)]
struct Folder(PathBuf);

/// A server that is not ready after this long will not be.
const START: Duration = Duration::from_secs(60);

/// How often something is asked that cannot be waited for.
const ASK: Duration = Duration::from_millis(10);

impl Served {
    /// Prepares a server with these settings on a free port; it is not started.
    ///
    /// # Errors
    /// There is no free port, or no place for its folder.
    pub fn prepare(settings: &[(&'static str, &str)]) -> Result<Self, AppError> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("inflight-check-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|cause| AppError::file(&path, &cause))?;
        let port = OwnPort::take().map_err(|error| AppError::Other(format!("no free port: {error}")))?;
        // What a check counts, nobody else says.
        let quiet = [("AGENTS_EXAMPLE", "false")];
        let environment =
            settings.iter().chain(&quiet).map(|(name, value)| (*name, (*value).to_owned())).collect();
        Ok(Self { address: port.address(), _port: port, folder: Folder(path), environment, process: None })
    }

    /// A place for a file of the check.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.0.join(name)
    }

    /// Changes a setting for the next start.
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.environment.push((name, value.into()));
    }

    /// Starts the process and does not wait for it.
    ///
    /// # Errors
    /// The system refused.
    pub fn launch(&mut self) -> Result<(), AppError> {
        let program = std::env::current_exe()
            .map_err(|error| AppError::Other(format!("cannot find this program's own file: {error}")))?;
        let log = self.file("log");
        let log = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .map_err(|cause| AppError::file(&log, &cause))?;
        let mut command = Command::new(program);
        // What the person has set for their own server is not for this one.
        for spec in SPECS {
            command.env_remove(spec.name);
        }
        let kept = |name: &str| self.file(name).display().to_string();
        command
            .args(["serve", "--host", "127.0.0.1", "--port", &self.address.port().to_string()])
            .env("DATA_DIR", kept("data"))
            .env("HISTORY_DIR", kept("history"))
            .env("HISTORY_MINUTES", "0")
            .env("LEPTOS_SITE_ROOT", kept("site"))
            .env("LOG_LEVEL", "warn")
            .envs(self.environment.iter().map(|(name, value)| (*name, value.as_str())))
            .current_dir(&self.folder.0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        let started = command.spawn();
        self.process =
            Some(started.map_err(|error| AppError::Other(format!("cannot start the server: {error}")))?);
        Ok(())
    }

    /// Starts the process and waits until it has something to show.
    ///
    /// # Errors
    /// It ended, or is not ready in time; then with what it said.
    pub async fn start(&mut self) -> Result<(), AppError> {
        self.launch()?;
        self.ready().await
    }

    /// Waits until the server has something to show.
    ///
    /// # Errors
    /// It ended, or is not ready in time; then with what it said.
    pub async fn ready(&mut self) -> Result<(), AppError> {
        let begun = Instant::now();
        while begun.elapsed() < START {
            if let Some(status) = self.ended() {
                return Err(self.failure(&format!("the server ended with {status}")));
            }
            if http::get(self.address, "/readyz", "").await.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            sleep(ASK).await;
        }
        Err(self.failure("the server was not ready in time"))
    }

    /// Ends the process as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended by itself; it is gone in any case.
            drop(process.kill());
            drop(process.wait());
        }
    }

    /// Asks the process to end (SIGTERM).
    ///
    /// # Errors
    /// There is nobody to ask, or no way to.
    pub fn terminate(&self) -> Result<(), AppError> {
        let Some(process) = &self.process else { return Err(self.failure("no server runs")) };
        let sent = Command::new("kill").args(["-TERM", &process.id().to_string()]).status();
        match sent {
            Ok(status) if status.success() => Ok(()),
            other => Err(AppError::Other(format!("cannot ask the server to end: {other:?}"))),
        }
    }

    /// Waits until the process has ended by itself; how long that took. None if it is still there after `limit`.
    pub async fn wait(&mut self, limit: Duration) -> Option<(ExitStatus, Duration)> {
        let begun = Instant::now();
        while begun.elapsed() < limit {
            if let Some(status) = self.ended() {
                self.process = None;
                return Some((status, begun.elapsed()));
            }
            sleep(ASK).await;
        }
        None
    }

    /// Resident memory in bytes; none where the system does not tell.
    #[must_use]
    pub fn resident_bytes(&self) -> Option<u64> {
        let id = self.process.as_ref()?.id();
        let status = std::fs::read_to_string(Path::new("/proc").join(id.to_string()).join("status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
    }

    /// A number of `/metrics`, added up over all its labels that contain `label`.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn metric(&self, name: &str, label: &str) -> Result<f64, AppError> {
        let answer = http::get(self.address, "/metrics", "").await?;
        let values = answer.body.lines().filter_map(|line| {
            let (key, value) = line.rsplit_once(' ')?;
            let (found, labels) = key.split_once('{').unwrap_or((key, ""));
            (found == name && labels.contains(label)).then(|| value.parse::<f64>().ok())?
        });
        Ok(values.sum())
    }

    /// Whether the server panicked, by what it logged since the beginning.
    #[must_use]
    pub fn panics(&self) -> usize {
        let log = std::fs::read_to_string(self.file("log")).unwrap_or_default();
        log.lines().filter(|line| line.contains("panicked at")).count()
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        self.process.as_mut()?.try_wait().ok().flatten()
    }

    fn failure(&self, problem: &str) -> AppError {
        let log = std::fs::read_to_string(self.file("log")).unwrap_or_default();
        let newest: Vec<&str> = log.lines().rev().take(5).collect();
        let newest: Vec<&str> = newest.into_iter().rev().collect();
        AppError::Other(format!("{problem}\n{}", newest.join("\n")))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
