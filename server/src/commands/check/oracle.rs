//! A client on a good line that notes the hash of the table at every cut, for others to be held against.

use crate::commands::check::follower::{Follower, Step};
use inflight_wire::Resume;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What is known of every cut so far; clones share it.
#[derive(Clone, Debug)]
pub struct Oracle {
    known: Arc<Mutex<HashMap<(u64, u64), String>>>,
    newest: watch::Receiver<Resume>,
    _task: Arc<Task>,
}

#[derive(Debug)]
struct Task(JoinHandle<()>);

impl Oracle {
    /// Follows the aircraft of this server.
    #[must_use]
    pub fn of(address: SocketAddr) -> Self {
        let known = Arc::new(Mutex::new(HashMap::new()));
        let (say, newest) = watch::channel(Resume::default());
        let noted = Arc::clone(&known);
        let task = tokio::spawn(async move {
            let mut follower = Follower::new(address, &["flights"], 0);
            loop {
                match follower.step().await {
                    Step::Lost => follower.return_().await,
                    Step::Frame(_) => {
                        if let Some(place) = follower.place() {
                            let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
                            noted.insert((place.epoch.0, place.cut.0), follower.mirror.digest());
                            drop(noted);
                            say.send_replace(place);
                        }
                    }
                    Step::Other => {}
                }
            }
        });
        Self { known, newest, _task: Arc::new(Task(task)) }
    }

    /// The newest cut.
    #[must_use]
    pub fn newest(&self) -> Resume {
        *self.newest.borrow()
    }

    /// Waits until this cut is known.
    pub async fn reached(&self, place: Resume) {
        let mut newest = self.newest.clone();
        let reached = newest.wait_for(|newest| (newest.epoch, newest.cut) >= (place.epoch, place.cut));
        if reached.await.is_err() {
            core::future::pending::<()>().await;
        }
    }

    /// Whether the table at this cut has this hash; none if the cut is not known.
    #[must_use]
    pub fn agrees(&self, place: Resume, digest: &str) -> Option<bool> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(place.epoch.0, place.cut.0)).map(|known| known == digest)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
