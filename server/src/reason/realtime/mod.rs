//! The OpenAI Realtime API in its GA form, over a WebSocket: one session for many questions.

mod book;
mod line;
mod socket;

pub mod client_event;
mod convert;
pub mod item;
pub mod server_event;

use crate::clock;
use crate::reason::failure::Failure;
use crate::reason::realtime::book::{Book, BookConfig, Do, Link, Told};
use crate::reason::realtime::socket::{Dialer, carry};
use crate::reason::reply::{Listener, Piece, Purse, Reply, Tokens};
use crate::settings::Secret;
use core::time::Duration;
use inflight_agents::ModelQuestion;
use inflight_domain::UnixMillis;
use reqwest::Url;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};
use tokio_util::task::AbortOnDropHandle;
use tracing::debug;

/// Where the API is.
#[derive(Clone, Debug)]
pub struct RealtimeSettings {
    /// Address of the socket, without its model.
    pub url: Url,
    /// Key, if it wants one.
    pub key: Option<Secret>,
    /// Model to ask.
    pub model: String,
    /// How often a question is asked again.
    pub retries_max: u32,
}

/// The client; clones share its sessions. They end with the last of them.
#[derive(Clone, Debug)]
pub struct Realtime {
    commands: mpsc::UnboundedSender<Command>,
    _keeper: Arc<AbortOnDropHandle<()>>,
}

enum Command {
    Ask {
        question: Arc<ModelQuestion>,
        most: u64,
        deadline: Instant,
        told: mpsc::UnboundedSender<Told>,
        number: oneshot::Sender<u64>,
    },
    Cancel(u64),
    Opened(Link, Result<mpsc::UnboundedSender<String>, Failure>),
    Heard(Link, String),
    Closed(Link, Failure),
}

/// The task that does what the book says.
struct Keeper {
    book: Book,
    dialer: Dialer,
    commands: mpsc::WeakUnboundedSender<Command>,
    askers: BTreeMap<u64, mpsc::UnboundedSender<Told>>,
    links: BTreeMap<Link, Carrier>,
    /// The wall clock and the steady one at the same moment.
    start: (UnixMillis, Instant),
}

/// A connection; it ends with this.
struct Carrier {
    outgoing: Option<mpsc::UnboundedSender<String>>,
    task: AbortOnDropHandle<()>,
}

/// Takes a question back when nobody waits for it any more.
struct Asked {
    commands: mpsc::UnboundedSender<Command>,
    number: Option<u64>,
}

/// Without anything to do, the keeper looks up this often.
const LOOK_UP: Duration = Duration::from_secs(60);

impl Realtime {
    /// A client for these settings; it connects when the first question comes.
    ///
    /// # Errors
    /// The address or the key cannot be used, or TLS could not be set up.
    pub fn new(settings: RealtimeSettings) -> Result<Self, String> {
        let dialer = Dialer::new(&settings.url, &settings.model, settings.key.clone())?;
        let (commands, received) = mpsc::unbounded_channel();
        let book = Book::new(BookConfig {
            key: settings.key,
            retries_max: settings.retries_max,
            chance: fastrand::f64,
        });
        let keeper = Keeper {
            book,
            dialer,
            commands: commands.downgrade(),
            askers: BTreeMap::new(),
            links: BTreeMap::new(),
            start: (clock::now(), Instant::now()),
        };
        let keeper = AbortOnDropHandle::new(tokio::spawn(keeper.run(received)));
        Ok(Self { commands, _keeper: Arc::new(keeper) })
    }

    /// Asks, on any session that stands, again where that may help and the purse pays for it, until the deadline.
    ///
    /// # Errors
    /// No whole answer came.
    pub async fn ask(
        &self,
        question: &ModelQuestion,
        deadline: Instant,
        listener: Listener<'_>,
        purse: &mut Purse,
    ) -> Result<Reply, Failure> {
        let gone = || Failure::Unavailable("stopped".to_owned());
        let (told, mut hearing) = mpsc::unbounded_channel();
        let (number, numbered) = oneshot::channel();
        let asking = Arc::new(question.clone());
        let most = purse.left();
        self.commands
            .send(Command::Ask { question: asking, most, deadline, told, number })
            .map_err(|_| gone())?;
        let number = numbered.await.map_err(|_| gone())?;
        let mut asked = Asked { commands: self.commands.clone(), number: Some(number) };
        while let Some(told) = hearing.recv().await {
            match told {
                Told::Piece(text) => listener(Piece::Text(&text)),
                Told::Restarted => listener(Piece::Restarted),
                Told::Paid(tokens) => purse.spent += tokens,
                Told::Done(result) => {
                    asked.number = None;
                    if let Ok(reply) = &result {
                        let is_counted = !reply.tokens.is_none();
                        purse.spent += if is_counted { reply.tokens } else { Tokens::about(question, reply) };
                    }
                    return result;
                }
            }
        }
        Err(gone())
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            // Without a keeper there is nothing to take back.
            drop(self.commands.send(Command::Cancel(number)));
        }
    }
}

impl Keeper {
    async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        loop {
            let wake_at = self.book.wake_at().map_or_else(|| Instant::now() + LOOK_UP, |at| self.instant(at));
            let todo = tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.take(command),
                    None => return,
                },
                () = sleep_until(wake_at) => self.book.tick(self.now()),
            };
            for step in todo {
                self.perform(step);
            }
        }
    }

    fn take(&mut self, command: Command) -> Vec<Do> {
        let now = self.now();
        match command {
            Command::Ask { question, most, deadline, told, number } => {
                let left = deadline.saturating_duration_since(Instant::now());
                let left_ms = i64::try_from(left.as_millis()).unwrap_or(i64::MAX / 2);
                let (asked, todo) = self.book.ask((question, most), UnixMillis(now.0 + left_ms), now);
                self.askers.insert(asked, told);
                // Who asked may have gone already; then its cancelling never comes, and the deadline ends it.
                let _ = number.send(asked);
                todo
            }
            Command::Cancel(number) => {
                self.askers.remove(&number);
                self.book.cancel(number, now)
            }
            Command::Opened(link, opened) => {
                let opened = opened.map(|outgoing| {
                    if let Some(carrier) = self.links.get_mut(&link) {
                        carrier.outgoing = Some(outgoing);
                    }
                });
                self.book.opened(link, opened, now)
            }
            Command::Heard(link, text) => self.book.heard(link, &text, now),
            Command::Closed(link, failure) => {
                debug!(code = failure.code(), link, "a realtime session ended");
                self.links.remove(&link);
                self.book.closed(link, &failure, now)
            }
        }
    }

    fn perform(&mut self, step: Do) {
        match step {
            Do::Connect(link) => {
                let carrying = carrying(self.dialer.clone(), link, self.commands.clone());
                let task = AbortOnDropHandle::new(tokio::spawn(carrying));
                self.links.insert(link, Carrier { outgoing: None, task });
            }
            Do::Send(link, event) => {
                let outgoing = self.links.get(&link).and_then(|carrier| carrier.outgoing.as_ref());
                // Events of ours are always JSON; what is sent on a connection that just ended is sent again.
                if let (Some(outgoing), Ok(text)) = (outgoing, serde_json::to_string(&event)) {
                    drop(outgoing.send(text));
                }
            }
            Do::Tell(number, told) => {
                let is_last = matches!(told, Told::Done(_));
                if let Some(asker) = self.askers.get(&number) {
                    drop(asker.send(told));
                }
                if is_last {
                    self.askers.remove(&number);
                }
            }
            Do::Close(link) => {
                if let Some(carrier) = self.links.remove(&link) {
                    carrier.close();
                }
            }
        }
    }

    fn now(&self) -> UnixMillis {
        let (wall, steady) = self.start;
        UnixMillis(wall.0 + i64::try_from(steady.elapsed().as_millis()).unwrap_or(i64::MAX / 2))
    }

    fn instant(&self, at: UnixMillis) -> Instant {
        let (wall, steady) = self.start;
        let after_ms = u64::try_from(at.0.saturating_sub(wall.0)).unwrap_or_default();
        // A millisecond is added, so that the book never finds itself woken before its time.
        steady + Duration::from_millis(after_ms.min(1 << 40) + 1)
    }
}

impl Carrier {
    /// What was said before still leaves; one that is not open yet is given up.
    fn close(mut self) {
        if self.outgoing.take().is_some() {
            drop(self.task.detach());
        }
    }
}

async fn carrying(dialer: Dialer, link: Link, commands: mpsc::WeakUnboundedSender<Command>) {
    let tell = |command| commands.upgrade().is_some_and(|commands| commands.send(command).is_ok());
    let socket = match dialer.open().await {
        Ok(socket) => socket,
        Err(failure) => {
            debug!(code = failure.code(), link, "no realtime session");
            tell(Command::Opened(link, Err(failure)));
            return;
        }
    };
    let (outgoing, leaving) = mpsc::unbounded_channel();
    if tell(Command::Opened(link, Ok(outgoing))) {
        let failure = carry(socket, leaving, |text| {
            tell(Command::Heard(link, text));
        })
        .await;
        tell(Command::Closed(link, failure));
    }
}

#[cfg(test)]
mod tests;
