//! The thread that writes the journal: takes all that waits, writes and syncs it once, answers.

use crate::clock;
use crate::journal::{Answer, JournalState, Order, Store, code_of, record};
use std::io;
use std::sync::mpsc::Receiver;
use tokio::sync::{mpsc, watch};
use tracing::{info, warn};

/// Bytes that go out with one sync at most, so that answers stay quick.
const MOST_BYTES: usize = 4 << 20;

/// Runs until nobody can order anything.
pub(super) fn run(
    mut store: Option<Store>,
    orders: &Receiver<Order>,
    answers: &mpsc::UnboundedSender<Answer>,
    state: &watch::Sender<JournalState>,
) {
    let _ended = Ended(state);
    // An epoch belongs to no entry: it is written with the next ones, if the disk refused it.
    let mut begun = None;
    while let Ok(first) = orders.recv() {
        let (mut lines, mut up_to) = (Vec::new(), None);
        let mut order = Some(first);
        while let Some(next) = order {
            match next {
                Order::Entry(logged) => {
                    record::write_entry(&logged, &mut lines);
                    up_to = Some(logged.entry.offset);
                }
                Order::Epoch(epoch) => begun = Some(epoch),
            }
            order = if lines.len() < MOST_BYTES { orders.try_recv().ok() } else { None };
        }
        if let Some(epoch) = begun {
            record::write_epoch(epoch, &mut lines);
        }
        let written = match &mut store {
            Some(store) => store.append(&lines),
            None => Err(io::Error::other("it could not be opened when the server started")),
        };
        if written.is_ok() {
            begun = None;
        }
        tell(&written, store.is_some(), state);
        let answer = up_to.map(|up_to| match written {
            Ok(()) => Answer::Durable(up_to),
            Err(_) => Answer::Failed { up_to, state: state.borrow().clone() },
        });
        if answer.is_some_and(|answer| answers.send(answer).is_err()) {
            return;
        }
    }
}

/// Tells that the thread has ended, however that came.
struct Ended<'a>(&'a watch::Sender<JournalState>);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|state| (state.code, state.since) = ("ended", clock::now()));
    }
}

/// Tells it when the journal begins or ceases to work.
fn tell(written: &io::Result<()>, opened: bool, state: &watch::Sender<JournalState>) {
    let (code, detail) = match written {
        Ok(()) => ("", String::new()),
        Err(cause) if opened => (code_of(cause), cause.to_string()),
        Err(cause) => ("not_opened", cause.to_string()),
    };
    let told = state.send_if_modified(|state| {
        let changed = state.code != code;
        if changed {
            (state.code, state.detail, state.since) = (code, detail, clock::now());
        }
        changed
    });
    match (told, written) {
        (true, Ok(())) => info!("the journal takes entries again"),
        (true, Err(cause)) => warn!(code, %cause, "the journal refuses entries"),
        (false, _) => {}
    }
}
