//! Numbered entries of one room, published one after another through every fault, and which of them were acknowledged.

use crate::commands::check::child::Served;
use crate::commands::check::{http, joined};
use crate::exit::AppError;
use core::time::Duration;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// The room.
pub const ROOM: &str = "load/check";

/// Publishes until it is stopped.
#[derive(Debug)]
pub struct Publisher {
    stop: CancellationToken,
    task: JoinHandle<Published>,
}

/// What was published.
#[derive(Clone, Debug, Default)]
pub struct Published {
    /// Entries that were sent, numbered from 1; what was not acknowledged may be there or not.
    pub sent: u64,
    /// Entries of which the server said that they are on the disk.
    pub acknowledged: BTreeSet<u64>,
    /// Answers other than a yes, with what they said.
    pub refused: BTreeSet<String>,
}

/// What a client heard of the room, held against what was published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Acknowledged, and not heard.
    pub missing: usize,
    /// Heard twice.
    pub duplicate: usize,
    /// Heard out of order, or never said.
    pub wrong: usize,
}

impl Publisher {
    /// Lets a server take more than people would send, before it starts.
    pub fn allow(server: &mut Served) {
        for name in ["MESSAGES_PER_MINUTE", "MESSAGE_BURST"] {
            server.set(name, "100000");
        }
    }

    /// Publishes an entry every so often, as the user of this header line.
    #[must_use]
    pub fn start(address: SocketAddr, bearer: String, every: Duration) -> Self {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            let (mut published, mut pace) = (Published::default(), interval(every));
            pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while stopped.run_until_cancelled(pace.tick()).await.is_some() {
                published.sent += 1;
                let body =
                    format!("{{\"type\":\"message.sent\",\"data\":{{\"text\":\"{}\"}}}}", published.sent);
                // While the server is away nobody answers; that is what the check is about.
                if let Ok(answer) =
                    http::post(address, &format!("/api/v1/events/{ROOM}"), &bearer, &body).await
                {
                    if answer.status == 201 {
                        published.acknowledged.insert(published.sent);
                    } else {
                        published.refused.insert(format!("{} {}", answer.status, answer.body));
                    }
                }
            }
            published
        });
        Self { stop, task }
    }

    /// Stops; what was published.
    ///
    /// # Errors
    /// The publisher ended early.
    pub async fn stop(self) -> Result<Published, AppError> {
        self.stop.cancel();
        joined(self.task.await)
    }
}

impl Published {
    /// The newest entry that was acknowledged.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.acknowledged.last().copied().unwrap_or_default()
    }

    /// Holds what a client heard, in its order, against what was published.
    #[must_use]
    pub fn hold(&self, numbers: &[u64]) -> Heard {
        let known: BTreeSet<u64> = numbers.iter().copied().collect();
        let backwards = numbers.windows(2).filter(|pair| pair[0] > pair[1]).count();
        Heard {
            missing: self.acknowledged.difference(&known).count(),
            duplicate: numbers.len() - known.len(),
            wrong: backwards + known.iter().filter(|number| !(1..=self.sent).contains(*number)).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(numbers: &[u64], missing: usize, duplicate: usize, wrong: usize) {
        let published = Published { sent: 5, acknowledged: [1, 2, 4].into(), refused: BTreeSet::new() };
        assert_eq!(published.hold(numbers), Heard { missing, duplicate, wrong }, "{numbers:?}");
    }

    #[test]
    fn what_is_lost_or_told_twice_is_counted() {
        check(&[1, 2, 4], 0, 0, 0);
        check(&[1, 2, 3, 4, 5], 0, 0, 0);
        check(&[1, 4], 1, 0, 0);
        check(&[1, 2, 2, 4], 0, 1, 0);
        check(&[2, 1, 4], 0, 0, 1);
        check(&[1, 2, 4, 6], 0, 0, 1);
        check(&[], 3, 0, 0);
    }
}
