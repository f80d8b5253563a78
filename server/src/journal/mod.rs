//! The journal under the event topics: nothing is shown or acknowledged before it is on the disk.
//!
//! One thread writes and syncs; whatever came meanwhile goes out with the next sync. A full disk refuses what
//! comes, tells it, and takes entries again as soon as there is room.

mod past;
pub mod record;
mod store;
mod writer;

pub use past::{Past, Recalled};
pub use record::Damage;
pub use store::{Recovered, Store};

use crate::clock;
use inflight_domain::system::DependencyState;
use inflight_domain::{Epoch, UnixMillis};
use inflight_engine::Logged;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc as std_mpsc;
use std::thread::{self, JoinHandle};
use tokio::sync::{mpsc, watch};
use tracing::{error, warn};

/// How much is kept, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalSettings {
    /// The folder; the journal makes one of its own below it.
    pub folder: PathBuf,
    /// Bytes on the disk.
    pub max_bytes: u64,
}

/// A way to the journal.
#[derive(Debug)]
pub struct Journal {
    orders: std_mpsc::Sender<Order>,
    state: watch::Receiver<JournalState>,
}

/// What the journal does.
#[derive(Debug)]
enum Order {
    Entry(Arc<Logged>),
    Epoch(Epoch),
}

/// What became of entries, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Everything up to this offset is on the disk.
    Durable(u64),
    /// What waited up to this offset was refused.
    Failed {
        /// The offset.
        up_to: u64,
        /// Why.
        state: JournalState,
    },
}

/// How the journal is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalState {
    /// Empty when all is well, else a word that can be searched: `disk_full`, `disk_error`, `not_opened`.
    pub code: &'static str,
    /// What the system said, for people.
    pub detail: String,
    /// Since when it is so.
    pub since: UnixMillis,
    /// Lines of earlier processes that could not be read and were left out.
    pub poisoned: u64,
}

/// The journal's thread.
#[derive(Debug)]
pub struct Writing(Option<JoinHandle<()>>);

/// Opens the journal of one server, puts its end in order and reads what it holds. Blocking.
///
/// A journal that cannot be opened refuses everything until the next start.
#[must_use]
pub fn start(
    settings: &JournalSettings,
    name: &str,
) -> (Journal, mpsc::UnboundedReceiver<Answer>, Recovered, Writing) {
    let folder = settings.folder.join("journal").join(name);
    let (mut recovered, mut code, mut detail) = (Recovered::default(), "", String::new());
    let store = match Store::open(&folder, settings.max_bytes) {
        Ok((store, found)) => {
            recovered = found;
            Some(store)
        }
        Err(cause) => {
            error!(folder = %folder.display(), %cause, "no journal: nothing can be published");
            (code, detail) = ("not_opened", cause.to_string());
            None
        }
    };
    recovered.damage.iter().for_each(|damage| warn!(%damage, "a line of the journal was left out"));
    let state = JournalState { code, detail, since: clock::now(), poisoned: recovered.damage.len() as u64 };
    let (state_sender, state) = watch::channel(state);
    let (orders, taken) = std_mpsc::channel();
    let (answers, answered) = mpsc::unbounded_channel();
    let run = move || writer::run(store, &taken, &answers, &state_sender);
    let thread = thread::Builder::new().name("journal".to_owned()).spawn(run);
    if let Err(cause) = &thread {
        error!(%cause, "no thread for the journal");
    }
    (Journal { orders, state }, answered, recovered, Writing(thread.ok()))
}

impl Journal {
    /// Writes an entry; the answer comes when it is on the disk, or refused.
    ///
    /// # Errors
    /// The thread has ended.
    pub fn append(&self, logged: Arc<Logged>) -> Result<(), JournalState> {
        self.orders.send(Order::Entry(logged)).map_err(|_| self.state.borrow().clone())
    }

    /// Notes that positions of this epoch are handed out from now on.
    pub fn begin_epoch(&self, epoch: Epoch) {
        // A journal that has ended tells so with the next entry.
        drop(self.orders.send(Order::Epoch(epoch)));
    }

    /// A journal that takes everything and answers nothing, and what it ends with.
    #[cfg(test)]
    pub(crate) fn silent() -> (Self, mpsc::UnboundedReceiver<Answer>, impl Sized) {
        let state = JournalState { code: "", detail: String::new(), since: clock::now(), poisoned: 0 };
        let (state_sender, state) = watch::channel(state);
        let (orders, taken) = std_mpsc::channel();
        let (answers, answered) = mpsc::unbounded_channel();
        (Self { orders, state }, answered, (taken, answers, state_sender))
    }

    /// Follows how the journal is.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<JournalState> {
        self.state.clone()
    }
}

impl JournalState {
    /// How the server is that has it, and why.
    #[must_use]
    pub fn told(&self) -> (DependencyState, &'static str) {
        match (self.code, self.poisoned) {
            ("", 0) => (DependencyState::Up, ""),
            ("", _) => (DependencyState::Degraded, "lines_left_out"),
            (code, _) => (DependencyState::Down, code),
        }
    }
}

impl Writing {
    /// Waits until what was ordered is written; the [`Journal`] must be gone.
    pub async fn finish(self) {
        if let Some(thread) = self.0 {
            drop(tokio::task::spawn_blocking(move || thread.join()).await);
        }
    }
}

/// The word for an error of the disk.
fn code_of(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "disk_full"
        }
        _ => "disk_error",
    }
}
