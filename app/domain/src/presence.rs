//! Rows of the `presence` topic: who is in a room.

use crate::event::TopicName;
use crate::ids::UserId;
use crate::time::UnixMillis;
use serde::Serialize;

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PresenceRow {
    /// The room.
    pub room: TopicName,
    /// Who.
    pub user: UserId,
    /// Since when, by the server's clock.
    pub since: UnixMillis,
    /// With how many connections.
    pub connections: u32,
}

impl PresenceRow {
    /// The row's key: `load/L1/ana`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}", self.room, self.user)
    }
}
