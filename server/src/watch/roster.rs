//! Who is connected: each connection is in the roster as long as it is open, with what it was sent.

use crate::audit::{Audit, Entry};
use crate::metrics::Metrics;
use core::sync::atomic::{AtomicU64, Ordering};
use inflight_domain::UnixMillis;
use inflight_domain::system::{ConnectionsRow, EndpointRow};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// All connections of one server; clones are the same roster.
#[derive(Clone, Debug, Default)]
pub struct Roster(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    next: AtomicU64,
    audit: OnceLock<Audit>,
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    open: BTreeMap<u64, Arc<Counted>>,
    most: u64,
    totals: BTreeMap<Kind, Total>,
}

/// Endpoint and form.
type Kind = (&'static str, &'static str);

/// What connections of one kind were sent that are closed by now.
#[derive(Clone, Copy, Debug, Default)]
struct Total {
    messages: u64,
    bytes: u64,
}

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

#[derive(Debug)]
struct Counted {
    guest: Guest,
    since: UnixMillis,
    messages: AtomicU64,
    bytes: AtomicU64,
    cut: AtomicU64,
    frames: AtomicU64,
    topics: Mutex<Vec<String>>,
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

/// What all connections were sent by now, by kind; the difference of two is a rate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent(BTreeMap<Kind, (u64, u64, u64)>);

impl Roster {
    /// Puts a connection in.
    #[must_use]
    pub fn enter(&self, guest: Guest) -> Connection {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed) + 1;
        let counted = Arc::new(Counted {
            guest,
            since: crate::clock::now(),
            messages: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            cut: AtomicU64::new(0),
            frames: AtomicU64::new(0),
            topics: Mutex::default(),
            signed_in: Mutex::default(),
        });
        let mut book = self.book();
        book.open.insert(id, Arc::clone(&counted));
        book.most = book.most.max(book.open.len() as u64);
        drop(book);
        let connection = Connection { roster: self.clone(), id, counted, ended: OnceLock::new() };
        connection.note("connect", connection.guest().place(), "done");
        connection
    }

    /// Tells the audit trail who comes and goes.
    pub fn audited_by(&self, audit: Audit) {
        drop(self.0.audit.set(audit));
    }

    /// Every open connection in the order in which they came, held against the newest cut.
    #[must_use]
    pub fn rows(&self, cut: u64) -> Vec<ConnectionRow> {
        self.book().open.iter().map(|(id, counted)| counted.row(*id, cut)).collect()
    }

    /// How many connections are open.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.book().open.len() as u64
    }

    /// Open connections by topic.
    #[must_use]
    pub fn subscribers(&self) -> BTreeMap<String, u64> {
        let mut by_topic = BTreeMap::new();
        for counted in self.book().open.values() {
            for topic in locked(&counted.topics).iter() {
                *by_topic.entry(topic.clone()).or_default() += 1;
            }
        }
        by_topic
    }

    /// The longest way that a connection is behind the newest cut.
    #[must_use]
    pub fn lag_cuts(&self, cut: u64) -> u64 {
        self.book().open.values().map(|counted| counted.lag_cuts(cut)).max().unwrap_or(0)
    }

    /// What was sent by now.
    #[must_use]
    pub fn sent(&self) -> Sent {
        let book = self.book();
        let closed = book.totals.iter().map(|(kind, total)| (*kind, (0, total.messages, total.bytes)));
        let mut sent: BTreeMap<Kind, (u64, u64, u64)> = closed.collect();
        for counted in book.open.values() {
            let (open, messages, bytes) = sent.entry(counted.guest.kind()).or_default();
            *open += 1;
            *messages += counted.messages.load(Ordering::Relaxed);
            *bytes += counted.bytes.load(Ordering::Relaxed);
        }
        Sent(sent)
    }

    /// The row of the `system` topic; rates are those since `before`, which is `elapsed_s` ago.
    #[must_use]
    pub fn row(&self, now: &Sent, before: &Sent, elapsed_s: f64, refused: u64) -> ConnectionsRow {
        let book = self.book();
        let users: BTreeSet<Arc<str>> = book.open.values().map(|counted| counted.user()).collect();
        ConnectionsRow {
            open: book.open.len() as u64,
            most: book.most,
            users: users.len() as u64,
            refused,
            by: now.rates(before, elapsed_s),
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        locked(&self.0.book)
    }
}

impl Sent {
    /// Rates by endpoint and form; kinds that nobody uses any more are left out.
    fn rates(&self, before: &Self, elapsed_s: f64) -> Vec<EndpointRow> {
        let rate = |now: u64, then: u64| round(now.saturating_sub(then) as f64 / elapsed_s.max(0.001));
        let row = |(kind, (open, messages, bytes)): (&Kind, &(u64, u64, u64))| {
            let (_, messages_then, bytes_then) = before.0.get(kind).copied().unwrap_or_default();
            EndpointRow {
                endpoint: kind.0.to_owned(),
                form: kind.1.to_owned(),
                open: *open,
                messages_per_s: rate(*messages, messages_then),
                bytes_per_s: rate(*bytes, bytes_then),
            }
        };
        self.0.iter().map(row).filter(|row| row.open > 0 || row.messages_per_s > 0.0).collect()
    }

    /// Touches the gauge of each kind that is open, so that it does not end as idle.
    pub fn show(&self, metrics: &Metrics) {
        for ((endpoint, form), _) in self.0.iter().filter(|(_, (open, ..))| *open > 0) {
            metrics.endpoint(endpoint, form).open.increment(0.0);
        }
    }
}

impl Guest {
    fn place(&self) -> String {
        format!("{}/{}", self.endpoint, self.form)
    }

    fn kind(&self) -> Kind {
        (self.endpoint, self.form)
    }
}

impl Connection {
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
        let Some(audit) = self.roster.0.audit.get() else { return };
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
        let mut book = self.roster.book();
        book.open.remove(&self.id);
        let total = book.totals.entry(self.counted.guest.kind()).or_default();
        total.messages += self.counted.messages.load(Ordering::Relaxed);
        total.bytes += self.counted.bytes.load(Ordering::Relaxed);
    }
}

impl Counted {
    fn row(&self, id: u64, cut: u64) -> ConnectionRow {
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

    fn user(&self) -> Arc<str> {
        Arc::clone(locked(&self.signed_in).as_ref().map_or(&self.guest.user, |(user, _)| user))
    }

    /// Who asked for nothing yet is behind nothing; a new epoch begins at a lower cut.
    fn lag_cuts(&self, cut: u64) -> u64 {
        match self.cut.load(Ordering::Relaxed) {
            0 => 0,
            reached => cut.saturating_sub(reached),
        }
    }
}

/// One digit behind the point is enough for people, and keeps rows the same that are.
fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest(user: &str, endpoint: &'static str) -> Guest {
        let (user, correlation_id) = (user.into(), "abc".into());
        Guest { user, role: "viewer".into(), endpoint, form: "json", correlation_id }
    }

    #[test]
    fn connections_are_told_while_they_are_open() {
        let roster = Roster::default();
        let before = roster.sent();
        let first = roster.enter(guest("ana", "stream"));
        let second = roster.enter(guest("ana", "sse"));
        first.sent(1, 1000);
        first.sent(1, 500);
        second.sent(1, 40);
        first.subscribed(vec!["flights".into(), "system".into()]);
        second.subscribed(vec!["system".into()]);
        first.reached(7);
        let rows = roster.rows(10);
        assert_eq!((rows[0].messages_sent, rows[0].bytes_sent, rows[0].lag_cuts), (2, 1500, 3));
        assert_eq!((rows[1].lag_cuts, roster.lag_cuts(10)), (0, 3));
        assert_eq!(roster.subscribers(), BTreeMap::from([("flights".into(), 1), ("system".into(), 2)]));
        drop(second);
        let row = roster.row(&roster.sent(), &before, 5.0, 3);
        assert_eq!((row.open, row.most, row.users, row.refused), (1, 2, 1, 3));
        let by: Vec<_> = row.by.iter().map(|row| (&*row.endpoint, row.open, row.messages_per_s)).collect();
        assert_eq!(by, [("sse", 0, 0.2), ("stream", 1, 0.4)]);
        let now = roster.sent();
        assert_eq!(roster.row(&now, &now, 5.0, 3).by.len(), 1);
    }
}
