//! One connection while it is open: who it is, what it was sent, and its words in the audit trail.

use crate::audit::Entry;
use crate::watch::locked;
use crate::watch::roster::{Kind, Roster};
use core::sync::atomic::{AtomicU64, Ordering};
use inflight_domain::UnixMillis;
use serde::Serialize;
use std::sync::{Arc, Mutex, OnceLock};

/// Who connects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// Name of the user; `anonymous` for who did not log in.
    pub user: Arc<str>,
    /// What the user is, for people.
    pub role: String,
    /// Where it connected: `stream`, `flights`, `sse`.
    pub endpoint: &'static str,
    /// How messages travel.
    pub form: &'static str,
    /// The id of the request that it began with.
    pub correlation_id: Arc<str>,
}

/// One connection, until it is dropped.
#[derive(Debug)]
pub struct Connection {
    roster: Roster,
    id: u64,
    counted: Arc<Counted>,
    ended: OnceLock<&'static str>,
}

/// What is known of it, which its roster reads too.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) guest: Guest,
    since: UnixMillis,
    pub(super) messages: AtomicU64,
    pub(super) bytes: AtomicU64,
    cut: AtomicU64,
    frames: AtomicU64,
    pub(super) topics: Mutex<Vec<String>>,
    signed_in: Mutex<Option<(Arc<str>, String)>>,
}

/// A connection as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConnectionRow {
    /// Unique since the start.
    pub id: u64,
    /// Name of the user.
    pub user: Arc<str>,
    /// What the user is.
    pub role: String,
    /// Where it connected.
    pub endpoint: &'static str,
    /// How messages travel.
    pub form: &'static str,
    /// Since when, on the wall's clock.
    pub since: UnixMillis,
    /// Messages that it was sent.
    pub messages_sent: u64,
    /// Bytes of these.
    pub bytes_sent: u64,
    /// Cuts that it has not been brought to yet.
    pub lag_cuts: u64,
    /// What it asked for.
    pub topics: Vec<String>,
}

impl Guest {
    fn place(&self) -> String {
        format!("{}/{}", self.endpoint, self.form)
    }

    pub(super) fn kind(&self) -> Kind {
        (self.endpoint, self.form)
    }
}

impl Connection {
    /// A connection that is in the roster.
    pub(super) fn new(roster: Roster, id: u64, counted: Arc<Counted>) -> Self {
        let connection = Self { roster, id, counted, ended: OnceLock::new() };
        connection.note("connect", connection.guest().place(), "done");
        connection
    }

    /// Who it is.
    #[must_use]
    pub fn guest(&self) -> &Guest {
        &self.counted.guest
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Why it ends.
    pub fn ends(&self, reason: &'static str) {
        self.ended.get_or_init(|| reason);
    }

    /// Tells the audit trail what the client did.
    pub fn note(&self, action: &'static str, target: String, result: &str) {
        let Some(audit) = self.roster.audit() else { return };
        let (actor, result) = (self.counted.user().to_string(), result.to_owned());
        audit.note(Entry { actor, action, target, result, correlation_id: self.correlation_id() });
    }

    /// The client said who it is.
    pub fn signed_in(&self, user: &str, role: String) {
        *locked(&self.counted.signed_in) = Some((user.into(), role));
        self.note("sign_in", self.guest().place(), "done");
    }

    /// A message of the client came.
    pub fn heard(&self) {
        self.counted.frames.fetch_add(1, Ordering::Relaxed);
    }

    /// The id of the request that the connection began with, and the number of the newest message of the client.
    #[must_use]
    pub fn correlation_id(&self) -> String {
        let id = &self.guest().correlation_id;
        match self.counted.frames.load(Ordering::Relaxed) {
            0 => id.to_string(),
            frame => format!("{id}/{frame}"),
        }
    }

    /// Messages were handed to the system.
    pub fn sent(&self, messages: u64, bytes: u64) {
        self.counted.messages.fetch_add(messages, Ordering::Relaxed);
        self.counted.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// It was told everything up to this cut.
    pub fn reached(&self, cut: u64) {
        self.counted.cut.store(cut, Ordering::Relaxed);
    }

    /// It asked for these topics.
    pub fn subscribed(&self, topics: Vec<String>) {
        *locked(&self.counted.topics) = topics;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.note("disconnect", self.guest().place(), self.ended.get().copied().unwrap_or("gone"));
        self.roster.leave(self.id, &self.counted);
    }
}

impl Counted {
    /// A connection that begins now.
    pub(super) fn of(guest: Guest) -> Self {
        Self {
            guest,
            since: crate::clock::now(),
            messages: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            cut: AtomicU64::new(0),
            frames: AtomicU64::new(0),
            topics: Mutex::default(),
            signed_in: Mutex::default(),
        }
    }

    pub(super) fn row(&self, id: u64, cut: u64) -> ConnectionRow {
        ConnectionRow {
            id,
            user: self.user(),
            role: locked(&self.signed_in).as_ref().map_or(&self.guest.role, |(_, role)| role).clone(),
            endpoint: self.guest.endpoint,
            form: self.guest.form,
            since: self.since,
            messages_sent: self.messages.load(Ordering::Relaxed),
            bytes_sent: self.bytes.load(Ordering::Relaxed),
            lag_cuts: self.lag_cuts(cut),
            topics: locked(&self.topics).clone(),
        }
    }

    pub(super) fn user(&self) -> Arc<str> {
        Arc::clone(locked(&self.signed_in).as_ref().map_or(&self.guest.user, |(user, _)| user))
    }

    /// Who asked for nothing yet is behind nothing; a new epoch begins at a lower cut.
    pub(super) fn lag_cuts(&self, cut: u64) -> u64 {
        match self.cut.load(Ordering::Relaxed) {
            0 => 0,
            reached => cut.saturating_sub(reached),
        }
    }
}
