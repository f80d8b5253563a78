//! The rooms that a connection is in, which are told again and again that it is still there.

use crate::hub::{HubEnded, HubHandle};
use crate::ws::link::Link;
use crate::ws::transport::Transport;
use core::time::Duration;
use inflight_domain::{TopicName, UserId};
use tokio::time::{Instant, sleep_until};

/// The rooms of one connection.
pub struct Rooms {
    hub: HubHandle,
    number: u64,
    joined: Vec<TopicName>,
    /// As whom they were told of this connection.
    told: Option<UserId>,
    due_at: Instant,
}

/// Who is there, and when they last gave a sign of life.
#[derive(Clone, Debug)]
pub struct Sign {
    user: UserId,
    heard_at: Instant,
}

/// How often rooms are told that somebody is still there.
const STAY: Duration = Duration::from_secs(5);

impl Rooms {
    /// A connection that is in none.
    #[must_use]
    pub fn new(hub: &HubHandle) -> Self {
        Self {
            hub: hub.clone(),
            number: hub.number(),
            joined: Vec::new(),
            told: None,
            due_at: Instant::now(),
        }
    }

    /// The rooms.
    #[must_use]
    pub fn joined(&self) -> &[TopicName] {
        &self.joined
    }

    /// Is in these rooms from now on, and in no others.
    ///
    /// # Errors
    /// The hub has ended.
    pub async fn be_in(&mut self, rooms: Vec<TopicName>, sign: Sign) -> Result<(), HubEnded> {
        let left: Vec<_> = self.joined.iter().filter(|room| !rooms.contains(room)).cloned().collect();
        if !left.is_empty() {
            let user = self.told.clone().unwrap_or_else(|| sign.user.clone());
            self.hub.absent((user, self.number), left).await?;
        }
        self.joined = rooms;
        self.stay(sign).await
    }

    /// Says that the client is still in its rooms, as far as it was heard.
    ///
    /// # Errors
    /// The hub has ended.
    pub async fn stay(&mut self, sign: Sign) -> Result<(), HubEnded> {
        self.due_at = Instant::now() + STAY;
        if !self.joined.is_empty() {
            // Who was there under another name is not there under that one any more.
            if let Some(before) = self.told.replace(sign.user.clone()).filter(|before| *before != sign.user) {
                self.hub.absent((before, self.number), self.joined.clone()).await?;
            }
            let who = (sign.user, self.number);
            self.hub.present(who, self.joined.clone(), sign.heard_at).await?;
        }
        Ok(())
    }

    /// Waits until it is to be said again; for ever where there are no rooms.
    pub async fn due(&self) {
        match self.joined.is_empty() {
            true => core::future::pending().await,
            false => sleep_until(self.due_at).await,
        }
    }
}

impl Sign {
    /// That of a connection.
    pub fn of<T: Transport>(link: &Link<T>) -> Self {
        Self { user: link.pass().principal().user.clone(), heard_at: link.heard_at() }
    }
}
