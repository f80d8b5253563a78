//! Who did what: an append-only trail whose lines are chained by their hashes, written on a thread of its own.

pub mod chain;
mod refusals;
pub mod store;
pub mod verify;

pub use chain::{Entry, Line};
pub use store::AuditSettings;

use crate::audit::refusals::Refusals;
use crate::audit::store::Store;
use crate::clock;
use crate::metrics::Metrics;
use crate::watch::Watch;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::time::Duration;
use inflight_domain::UnixMillis;
use inflight_domain::system::DependencyState;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;
use tracing::{error, info, warn};

/// A way to the trail; clones write to the same. Without one, notes are dropped.
#[derive(Clone, Debug, Default)]
pub struct Audit(Option<Arc<Inner>>);

struct Inner {
    notes: SyncSender<Note>,
    folder: PathBuf,
    lost: AtomicU64,
    intact: AtomicBool,
    refusals: Refusals,
    metrics: Metrics,
}

#[derive(Debug)]
enum Note {
    Entry(UnixMillis, Entry),
    Stop,
}

/// The thread that writes.
#[derive(Debug, Default)]
pub struct Writing(Option<(Audit, JoinHandle<()>)>);

/// A page of the trail.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Lines, the newest first.
    pub lines: Vec<Line>,
    /// Whether the chain held when the server started, and holds between these lines.
    pub verified: bool,
}

/// Entries that may wait for the disk; beyond that they are lost, and the next that gets through says how many.
const QUEUE: usize = 8192;

/// Entries that are written at once.
const BATCH: usize = 512;

/// Longer targets are cut.
const TARGET_BYTES: usize = 200;

/// What was written is on the disk after this long at most.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// How often it is asked whether there is too much; a file of it takes longer to fill.
const TIDY_EVERY: Duration = Duration::from_secs(10);

/// Starts to keep the trail in the folder.
#[must_use]
pub fn start(folder: &Path, settings: AuditSettings, metrics: &Metrics, watch: &Watch) -> (Audit, Writing) {
    let (notes, waiting) = sync_channel(QUEUE);
    let inner = Arc::new(Inner {
        notes,
        folder: folder.to_owned(),
        lost: AtomicU64::new(0),
        intact: AtomicBool::new(false),
        refusals: Refusals::default(),
        metrics: metrics.clone(),
    });
    let keeper = Keeper {
        inner: Arc::clone(&inner),
        settings,
        watch: watch.clone(),
        synced_at: Instant::now(),
        dirty: false,
        tidied_at: None,
    };
    let audit = Audit(Some(inner));
    match std::thread::Builder::new().name("audit".to_owned()).spawn(move || keeper.run(&waiting)) {
        Ok(thread) => (audit.clone(), Writing(Some((audit, thread)))),
        Err(error) => {
            warn!(%error, "no audit trail is kept");
            watch.tell("audit", DependencyState::Degraded, "no_thread");
            (Audit::default(), Writing(None))
        }
    }
}

impl core::fmt::Debug for Inner {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Audit").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Audit {
    /// Notes what somebody did. Never waits.
    pub fn note(&self, mut entry: Entry) {
        let Some(inner) = &self.0 else { return };
        // What waits must be small, whatever was asked for.
        entry.target.truncate(entry.target.floor_char_boundary(TARGET_BYTES));
        if inner.notes.try_send(Note::Entry(clock::now(), entry)).is_err() {
            inner.lost.fetch_add(1, Ordering::Relaxed);
            inner.metrics.audit_lost("behind", 1);
        }
    }

    /// Notes that a request was refused with this code: the first of a minute, and how many there were since the
    /// one before, because strangers may ask as often as they like.
    pub fn refused(&self, code: &'static str, target: String, correlation_id: String) {
        let Some(inner) = &self.0 else { return };
        let Some(unsaid) = inner.refusals.count(code, Instant::now()) else { return };
        let result = if unsaid == 0 { code.to_owned() } else { format!("{code}, and {unsaid} before") };
        self.note(Entry { actor: "unknown".to_owned(), action: "refused", target, result, correlation_id });
    }

    /// At most `limit` lines before the number `before`, the newest first. Blocking.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn page(&self, before: u64, limit: usize) -> io::Result<Page> {
        let Some(inner) = &self.0 else { return Ok(Page::default()) };
        let (mut lines, mut whole): (Vec<Line>, bool) = (Vec::new(), true);
        for path in store::files(&inner.folder)?.iter().rev() {
            if store::first_seq(path).is_none_or(|first| first >= before) || lines.len() >= limit {
                continue;
            }
            let text = std::fs::read_to_string(path)?;
            for line in text.lines().rev() {
                match chain::read(line) {
                    Some(line) if line.seq >= before => {}
                    Some(_) if lines.len() >= limit => break,
                    Some(line) => {
                        whole &= lines.last().is_none_or(|next| next.prev == line.hash);
                        lines.push(line);
                    }
                    None => whole = false,
                }
            }
        }
        Ok(Page { lines, verified: whole && inner.intact.load(Ordering::Relaxed) })
    }
}

impl Writing {
    /// Waits until everything is on the disk.
    pub async fn finish(self) {
        if let Some((Audit(Some(inner)), thread)) = self.0 {
            let end = move || {
                drop(inner.notes.send(Note::Stop));
                drop(thread.join());
            };
            drop(tokio::task::spawn_blocking(end).await);
        }
    }
}

/// What the thread holds.
struct Keeper {
    inner: Arc<Inner>,
    settings: AuditSettings,
    watch: Watch,
    synced_at: Instant,
    dirty: bool,
    tidied_at: Option<Instant>,
}

impl Keeper {
    fn run(mut self, waiting: &Receiver<Note>) {
        let mut store = match Store::open(&self.inner.folder, self.settings) {
            Ok(store) => store,
            Err(error) => {
                error!(%error, folder = %self.inner.folder.display(), "no audit trail is kept");
                self.watch.tell("audit", DependencyState::Degraded, "not_opened");
                return;
            }
        };
        self.look_back();
        loop {
            let first = match waiting.recv_timeout(SYNC_EVERY) {
                Ok(note) => Some(note),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return self.sync(&mut store),
            };
            let (mut entries, mut ends) = (Vec::new(), false);
            for note in first.into_iter().chain(waiting.try_iter().take(BATCH)) {
                match note {
                    Note::Entry(at, entry) => entries.push((at, entry)),
                    Note::Stop => ends = true,
                }
            }
            self.write(&mut store, entries);
            if ends || (self.dirty && self.synced_at.elapsed() >= SYNC_EVERY) {
                self.sync(&mut store);
            }
            if ends {
                return;
            }
            self.tidy(&mut store);
        }
    }

    /// Lets go of what is too much or too old, every now and then.
    fn tidy(&mut self, store: &mut Store) {
        if self.tidied_at.is_some_and(|at| at.elapsed() < TIDY_EVERY) {
            return;
        }
        self.tidied_at = Some(Instant::now());
        match store.let_go(clock::now(), self.settings) {
            Ok(0) => {}
            Ok(entries) => {
                info!(entries, "the oldest files of the audit trail were let go");
                self.inner.metrics.audited(1);
            }
            Err(error) => self.failed(&error),
        }
    }

    /// Looks at what earlier processes left, and says so if it is not whole.
    fn look_back(&self) {
        match verify::verify(&self.inner.folder) {
            Ok(report) if report.broken.is_none() => {
                info!(folder = %self.inner.folder.display(), entries = report.entries, "audit trail");
                self.inner.intact.store(true, Ordering::Relaxed);
                self.watch.tell("audit", DependencyState::Up, "");
            }
            Ok(report) => {
                error!(broken = ?report.broken, "the audit trail is broken");
                self.watch.tell("audit", DependencyState::Degraded, "chain_broken");
            }
            Err(error) => {
                error!(%error, "the audit trail cannot be read");
                self.watch.tell("audit", DependencyState::Degraded, "unreadable");
            }
        }
    }

    fn write(&mut self, store: &mut Store, mut entries: Vec<(UnixMillis, Entry)>) {
        let lost = self.inner.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            entries.push((clock::now(), gap(lost)));
        }
        if entries.is_empty() {
            return;
        }
        let count = entries.len() as u64;
        match store.append(&entries) {
            Ok(()) => {
                self.inner.metrics.audited(count);
                self.dirty = true;
                if self.inner.intact.load(Ordering::Relaxed) {
                    self.watch.tell("audit", DependencyState::Up, "");
                }
            }
            Err(error) => {
                self.failed(&error);
                // The entry that tells of the gap is itself none that got lost.
                let now_lost = count - u64::from(lost > 0);
                self.inner.metrics.audit_lost("disk", now_lost);
                self.inner.lost.fetch_add(lost + now_lost, Ordering::Relaxed);
            }
        }
    }

    fn sync(&mut self, store: &mut Store) {
        (self.synced_at, self.dirty) = (Instant::now(), false);
        if let Err(error) = store.sync() {
            self.failed(&error);
        }
    }

    fn failed(&self, error: &io::Error) {
        let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        let code = if full { "disk_full" } else { "disk_error" };
        warn!(%error, code, "the audit trail was not written");
        self.watch.tell("audit", DependencyState::Degraded, code);
    }
}

/// Says in the trail itself that it has a gap.
fn gap(lost: u64) -> Entry {
    Entry {
        actor: "system".to_owned(),
        action: "lost",
        target: "audit".to_owned(),
        result: format!("{lost} entries"),
        correlation_id: String::new(),
    }
}
