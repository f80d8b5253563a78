//! What was observed in the last hour: written on a thread of its own, served by the time.

pub mod packed;
pub mod read;
pub mod segment;
pub mod store;

use crate::history::segment::Segment;
use crate::history::store::{Limits, Refused, Store};
use crate::metrics::HistoryMetrics;
use crate::settings::HistorySettings;
use inflight_domain::UnixMillis;
use inflight_domain::system::HistoryRow;
use inflight_sky::Poll;
use inflight_sky::history::write_line;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::{Semaphore, mpsc, watch};
use tracing::{info, warn};

/// Polls that may wait for the disk; a slow one then loses polls of the history, and never holds up a tick.
const QUEUE: usize = 64;

/// Files that are read from the disk at the same time for ranges, and trails that are read.
const READERS: usize = 3;

/// Ranges that are handed out at the same time; further ones wait.
const ANSWERS: usize = 16;

/// What is kept, for those who read it; clones see the same.
#[derive(Clone, Debug)]
pub struct History {
    state: watch::Receiver<Arc<State>>,
    folder: Arc<Path>,
    turns: Arc<Turns>,
    keep_min: u64,
}

/// Who may read now. Trails do not wait for ranges, whose readers may be slow.
#[derive(Debug)]
struct Turns {
    files: Semaphore,
    trails: Semaphore,
    answers: Semaphore,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            files: Semaphore::new(READERS),
            trails: Semaphore::new(READERS),
            answers: Semaphore::new(ANSWERS),
        }
    }
}

/// What is kept at one moment.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Why nothing is kept, if so.
    pub problem: Option<String>,
    /// The files, oldest first.
    pub segments: Vec<Segment>,
}

/// Where the hub leaves what it took in.
#[derive(Debug)]
pub struct Recorder {
    notes: mpsc::Sender<Note>,
    metrics: HistoryMetrics,
    restarted: bool,
}

/// The thread that writes.
#[derive(Debug)]
pub struct Writing(Option<JoinHandle<()>>);

#[derive(Debug)]
struct Note {
    /// The stream started anew before this poll.
    restarted: bool,
    source: String,
    received: UnixMillis,
    poll: Poll,
}

/// Starts to keep history in the folder `name` below that of the settings.
#[must_use]
pub fn start(
    settings: &HistorySettings,
    name: &str,
    metrics: HistoryMetrics,
) -> (History, Option<Recorder>, Writing) {
    if settings.keep_min == 0 {
        return (History::off("HISTORY_MINUTES is 0"), None, Writing(None));
    }
    let (sender, state) = watch::channel(Arc::new(State::default()));
    let folder: PathBuf = settings.folder.join(name);
    let history = History {
        state,
        folder: folder.as_path().into(),
        turns: Arc::default(),
        keep_min: settings.keep_min,
    };
    let (notes, waiting) = mpsc::channel(QUEUE);
    let recorder = Recorder { notes, metrics: metrics.clone(), restarted: false };
    let limits = Limits {
        age_ms: i64::try_from(settings.keep_min * 60_000).unwrap_or(i64::MAX),
        bytes: settings.max_bytes,
    };
    let keeper = Keeper { state: sender, metrics };
    let thread = std::thread::Builder::new().name("history".to_owned());
    match thread.spawn(move || keeper.run(&folder, limits, waiting)) {
        Ok(handle) => (history, Some(recorder), Writing(Some(handle))),
        Err(error) => {
            warn!(%error, "no history is kept");
            (history, None, Writing(None))
        }
    }
}

impl History {
    /// Nothing is kept, for this reason.
    #[must_use]
    pub fn off(problem: &str) -> Self {
        let state = State { problem: Some(problem.to_owned()), segments: Vec::new() };
        let (_, state) = watch::channel(Arc::new(state));
        Self { state, folder: Path::new("").into(), turns: Arc::default(), keep_min: 0 }
    }

    /// What is kept now.
    #[must_use]
    pub fn state(&self) -> Arc<State> {
        self.state.borrow().clone()
    }

    /// The row of the `system` topic; none while there is nothing to look back at.
    #[must_use]
    pub fn row(&self) -> Option<HistoryRow> {
        let state = self.state.borrow();
        let (first, last) = (state.segments.first()?, state.segments.last()?);
        let raw_bytes = state.segments.iter().map(|segment| segment.raw_bytes).sum();
        Some(HistoryRow { from: first.from, to: last.to, raw_bytes })
    }

    /// Minutes that are kept at most.
    #[must_use]
    pub fn keep_min(&self) -> u64 {
        self.keep_min
    }

    /// Follows what is kept.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<Arc<State>> {
        self.state.clone()
    }
}

impl Recorder {
    /// Leaves a poll that a source sent at a moment for the disk, or counts it as lost if the disk does not keep up.
    pub fn poll(&mut self, source: &str, received: UnixMillis, poll: &Poll) {
        match self.notes.try_reserve() {
            Ok(place) => {
                let restarted = core::mem::take(&mut self.restarted);
                let observations = poll.observations.clone();
                let poll =
                    Poll { time: poll.time, observations, listed: poll.listed.clone(), ..Poll::default() };
                place.send(Note { restarted, source: source.to_owned(), received, poll });
            }
            Err(_) => self.metrics.dropped("behind"),
        }
    }

    /// The stream starts anew.
    pub fn restart(&mut self) {
        self.restarted = true;
    }
}

impl Writing {
    /// Waits until everything is written; the recorder must be gone by then.
    pub async fn finish(self) {
        if let Some(handle) = self.0 {
            drop(tokio::task::spawn_blocking(move || handle.join()).await);
        }
    }
}

/// What the thread holds.
struct Keeper {
    state: watch::Sender<Arc<State>>,
    metrics: HistoryMetrics,
}

impl Keeper {
    fn run(&self, folder: &Path, limits: Limits, mut waiting: mpsc::Receiver<Note>) {
        let mut store = match Store::open(folder, limits) {
            Ok(store) => store,
            Err(error) => {
                warn!(%error, folder = %folder.display(), "no history is kept");
                let problem = Some(format!("{}: {error}", folder.display()));
                self.state.send_replace(Arc::new(State { problem, segments: Vec::new() }));
                return;
            }
        };
        info!(folder = %folder.display(), segments = store.segments().len(), "history");
        self.tell(&store);
        while let Some(note) = waiting.blocking_recv() {
            if note.restarted {
                store.restart();
            }
            match store.append(note.received, &write_line(&note.source, note.received, &note.poll)) {
                Ok(()) => {}
                Err(Refused::Old) => self.metrics.dropped("old"),
                Err(Refused::Disk(error)) => {
                    warn!(%error, "a poll did not get into the history");
                    self.metrics.dropped("disk");
                }
            }
            self.tell(&store);
        }
        if let Err(error) = store.seal() {
            warn!(%error, "the history stays unsealed until the next start");
        }
    }

    fn tell(&self, store: &Store) {
        let segments = store.segments().to_vec();
        self.metrics.bytes.set(segments.iter().map(|segment| segment.bytes).sum::<u64>() as f64);
        self.metrics.segments.set(segments.len() as f64);
        self.state.send_replace(Arc::new(State { problem: None, segments }));
    }
}
