//! D1: the driver of runs is killed at every boundary of a run with three effects; what comes of it is what comes of
//! it without: the same state, rows of ours made once, the other system called with the same key each time.

use crate::commands::check::args::DecideArgs;
use crate::commands::check::decide_child;
use crate::commands::check::report::Report;
use crate::exit::AppError;
use core::time::Duration;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{Instant, timeout};

/// Nothing takes this long unless it is broken.
const WAIT: Duration = Duration::from_secs(60);

/// No run has more boundaries.
const MOST: u32 = 200;

/// How often the listener was called with each key.
type Calls = Arc<Mutex<BTreeMap<String, u32>>>;

/// What a run came to, without what no two runs have in common.
#[derive(Clone, Debug, PartialEq)]
struct Found {
    status: String,
    decision: Value,
    cases: u64,
    messages: u64,
    effects: u64,
    settled: u64,
}

/// Runs the check, or its child.
///
/// # Errors
/// A promise was not kept, or the child could not be run.
pub async fn run(args: &DecideArgs) -> Result<(), AppError> {
    if let (Some(folder), Some(hook)) = (&args.child, &args.hook) {
        return decide_child::run(folder, hook).await;
    }
    let mut report = Report::new(
        "decide",
        "killed at every boundary, a run ends as without: rows once, the other system by one key",
        args.check.seed,
    );
    let (calls, hook) = listener().await?;
    let begun = Instant::now();
    let whole = undisturbed(&calls, &hook).await?;
    report.tell("boundaries", f64::from(whole.boundaries));
    let (mut same, mut once, mut called, mut repeated, mut killed) = (0_u32, 0_u32, 0_u32, 0_u32, 0_u32);
    let stride = if args.short { 4 } else { 1 };
    for place in (1..=whole.boundaries).step_by(stride) {
        let found = disturbed(&calls, &hook, place).await?;
        killed += 1;
        same += u32::from(found.found == whole.found);
        once += u32::from((found.found.cases, found.found.messages) == (1, 1));
        called += u32::from(found.calls.len() == 1 && found.calls.values().all(|count| *count >= 1));
        repeated += u32::from(found.calls.values().any(|count| *count > 1));
    }
    let all = f64::from(killed);
    report.exactly("killed", all, all);
    report.exactly("ended_as_without", f64::from(same), all);
    report.exactly("rows_made_once", f64::from(once), all);
    report.exactly("called_by_one_key", f64::from(called), all);
    report.tell("called_again", f64::from(repeated));
    report.tell("seconds", begun.elapsed().as_secs_f64());
    report.finish(args.check.json)
}

/// A run that nobody disturbed.
struct Whole {
    found: Found,
    boundaries: u32,
}

/// A run that was killed once.
struct Disturbed {
    found: Found,
    calls: BTreeMap<String, u32>,
}

async fn undisturbed(calls: &Calls, hook: &str) -> Result<Whole, AppError> {
    let folder = Folder::new()?;
    let mut child = Guarded::start(&folder.0, hook)?;
    let mut boundaries = 0;
    while child.next().await? {
        boundaries += 1;
        if boundaries > MOST {
            return Err(AppError::Other("a run that does not end".to_owned()));
        }
        child.go_on().await?;
    }
    child.ended().await?;
    let found = look(&folder.0)?;
    locked(calls).clear();
    let sound = found.status == "done" && found.effects == 3 && found.settled == found.effects;
    if !sound {
        return Err(AppError::Other(format!("the run did not end well by itself: {found:?}")));
    }
    Ok(Whole { found, boundaries })
}

/// Kills the child at one boundary, and lets another one go on to the end.
async fn disturbed(calls: &Calls, hook: &str, place: u32) -> Result<Disturbed, AppError> {
    let folder = Folder::new()?;
    locked(calls).clear();
    let mut child = Guarded::start(&folder.0, hook)?;
    for passed in 1..=place {
        if !child.next().await? {
            break;
        }
        if passed < place {
            child.go_on().await?;
        }
    }
    child.kill().await?;
    let mut child = Guarded::start(&folder.0, hook)?;
    while child.next().await? {
        child.go_on().await?;
    }
    child.ended().await?;
    Ok(Disturbed { found: look(&folder.0)?, calls: locked(calls).clone() })
}

/// The child, which stops at each boundary until it is let go on.
struct Guarded {
    process: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Guarded {
    fn start(folder: &Path, hook: &str) -> Result<Self, AppError> {
        let program = std::env::current_exe()
            .map_err(|error| AppError::Other(format!("cannot find this program's own file: {error}")))?;
        let mut command = Command::new(program);
        command
            .args(["check", "decide", "--hook", hook, "--child"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut process = command.spawn().map_err(|error| AppError::Other(format!("no child: {error}")))?;
        let (stdin, stdout) = (process.stdin.take(), process.stdout.take());
        let (Some(stdin), Some(stdout)) = (stdin, stdout) else {
            return Err(AppError::Other("a child without pipes".to_owned()));
        };
        Ok(Self { process, stdin, lines: BufReader::new(stdout).lines() })
    }

    /// Whether it stands at a boundary; else it has come to its end.
    async fn next(&mut self) -> Result<bool, AppError> {
        let line = timeout(WAIT, self.lines.next_line()).await;
        let line = line.map_err(|_| AppError::Other("the child stands still".to_owned()))?;
        match line.map_err(|error| AppError::Other(error.to_string()))? {
            Some(line) if line.starts_with("boundary") => Ok(true),
            Some(line) if line == "end" => Ok(false),
            Some(line) => Err(AppError::Other(format!("the child says {line}"))),
            None => Err(AppError::Other("the child is gone".to_owned())),
        }
    }

    async fn go_on(&mut self) -> Result<(), AppError> {
        let sent = self.stdin.write_all(b"\n").await;
        sent.map_err(|error| AppError::Other(format!("the child does not listen: {error}")))
    }

    /// As a power cut would (SIGKILL).
    async fn kill(mut self) -> Result<(), AppError> {
        self.process.kill().await.map_err(|error| AppError::Other(format!("the child lives on: {error}")))
    }

    async fn ended(mut self) -> Result<(), AppError> {
        let status = timeout(WAIT, self.process.wait()).await;
        match status {
            Ok(Ok(status)) if status.success() => Ok(()),
            other => Err(AppError::Other(format!("the child did not end well: {other:?}"))),
        }
    }
}

/// What stands in the file.
fn look(folder: &Path) -> Result<Found, AppError> {
    let failed = |error: rusqlite::Error| AppError::Other(format!("the child's store: {error}"));
    let file = Connection::open(folder.join("agents.sqlite")).map_err(failed)?;
    let text = |find: &str| file.query_row(find, [], |row| row.get::<_, String>(0)).map_err(failed);
    let count = |find: &str| file.query_row(find, [], |row| row.get::<_, i64>(0)).map_err(failed);
    let number = |find: &str| count(find).map(|count| u64::try_from(count).unwrap_or_default());
    let row: Value = serde_json::from_str(&text("SELECT row FROM runs")?).unwrap_or_default();
    let member = |name: &str| row.get(name).cloned().unwrap_or_default();
    Ok(Found {
        status: text("SELECT status FROM runs")?,
        decision: json!([member("decisionCode"), member("confidence"), member("step"), member("node")]),
        cases: number("SELECT SUM(version) FROM documents WHERE kind = 'cases'")?,
        messages: number("SELECT SUM(version) FROM documents WHERE kind = 'messages'")?,
        effects: number("SELECT COUNT(*) FROM outbox")?
            + number("SELECT COUNT(*) FROM applied WHERE key NOT IN (SELECT key FROM outbox)")?,
        settled: number("SELECT COUNT(*) FROM outbox WHERE settled = 1")?
            + number("SELECT COUNT(*) FROM applied WHERE key NOT IN (SELECT key FROM outbox)")?,
    })
}

/// The other system: counts how often it is called with each key.
async fn listener() -> Result<(Calls, String), AppError> {
    let failed = |error: std::io::Error| AppError::Other(format!("no listener: {error}"));
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let calls = Calls::default();
    let counted = Arc::clone(&calls);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let calls = Arc::clone(&counted);
            tokio::spawn(async move {
                let mut bytes = vec![0; 16 * 1024];
                let read = stream.read(&mut bytes).await.unwrap_or(0);
                let text = String::from_utf8_lossy(&bytes[..read]).to_ascii_lowercase();
                let key =
                    text.lines().find_map(|line| line.strip_prefix("idempotency-key: ")).map(str::to_owned);
                *locked(&calls).entry(key.unwrap_or_default()).or_default() += 1;
                let answer =
                    "HTTP/1.1 200 OK\r\ncontent-length: 12\r\nconnection: close\r\n\r\n{\"ok\": true}";
                drop(stream.write_all(answer.as_bytes()).await);
            });
        }
    });
    Ok((calls, format!("http://{address}/hook")))
}

/// A folder that goes with the check.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, AppError> {
        let name = format!("inflight-decide-{}-{:08x}", std::process::id(), fastrand::u32(..));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).map_err(|cause| AppError::file(&path, &cause))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn locked(calls: &Calls) -> std::sync::MutexGuard<'_, BTreeMap<String, u32>> {
    calls.lock().unwrap_or_else(PoisonError::into_inner)
}
