//! Who is connected: each connection is in the roster as long as it is open, with what it was sent.

use crate::audit::Audit;
use crate::watch::connection::{Connection, ConnectionRow, Counted, Guest};
use crate::watch::locked;
use crate::watch::sent::Sent;
use core::sync::atomic::{AtomicU64, Ordering};
use inflight_domain::system::ConnectionsRow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

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
pub(super) type Kind = (&'static str, &'static str);

/// What connections of one kind were sent that are closed by now.
#[derive(Clone, Copy, Debug, Default)]
struct Total {
    messages: u64,
    bytes: u64,
}

impl Roster {
    /// Puts a connection in.
    #[must_use]
    pub fn enter(&self, guest: Guest) -> Connection {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed) + 1;
        let counted = Arc::new(Counted::of(guest));
        let mut book = self.book();
        book.open.insert(id, Arc::clone(&counted));
        book.most = book.most.max(book.open.len() as u64);
        drop(book);
        Connection::new(self.clone(), id, counted)
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

    /// Takes a connection out; what it was sent stays counted.
    pub(super) fn leave(&self, id: u64, counted: &Counted) {
        let mut book = self.book();
        book.open.remove(&id);
        let total = book.totals.entry(counted.guest.kind()).or_default();
        total.messages += counted.messages.load(Ordering::Relaxed);
        total.bytes += counted.bytes.load(Ordering::Relaxed);
    }

    pub(super) fn audit(&self) -> Option<&Audit> {
        self.0.audit.get()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        locked(&self.0.book)
    }
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
