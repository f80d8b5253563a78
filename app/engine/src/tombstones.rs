//! The memory of removals: bounded in time and number, and honest about how far back it reaches.

use inflight_domain::Cut;
use inflight_wire::limits::{TOMBSTONE_MS, TOMBSTONES};
use std::collections::VecDeque;

/// Removals in the order in which they happened.
#[derive(Clone, Debug)]
pub struct Tombstones<T> {
    ring: VecDeque<Tombstone<T>>,
    horizon: Cut,
}

/// One removal.
#[derive(Clone, Debug)]
pub struct Tombstone<T> {
    /// What was removed.
    pub what: T,
    /// The cut that first had it.
    pub created: Cut,
    /// The cut that no longer had it.
    pub removed: Cut,
    /// When, in wall milliseconds.
    at_ms: i64,
}

impl<T> Default for Tombstones<T> {
    fn default() -> Self {
        Self { ring: VecDeque::new(), horizon: Cut(0) }
    }
}

impl<T> Tombstones<T> {
    /// Remembers a removal.
    pub fn push(&mut self, what: T, created: Cut, removed: Cut, at_ms: i64) {
        self.ring.push_back(Tombstone { what, created, removed, at_ms });
    }

    /// Forgets what is too old or too much; hands each forgotten thing to `forgotten`.
    pub fn expire(&mut self, now_ms: i64, mut forgotten: impl FnMut(T)) {
        while let Some(oldest) = self.ring.front() {
            if now_ms - oldest.at_ms <= TOMBSTONE_MS && self.ring.len() <= TOMBSTONES {
                break;
            }
            self.horizon = self.horizon.max(oldest.removed);
            self.ring.pop_front().into_iter().for_each(|tombstone| forgotten(tombstone.what));
        }
    }

    /// Whether everything that was removed after `cut` is still remembered.
    #[must_use]
    pub fn reaches(&self, cut: Cut) -> bool {
        cut >= self.horizon
    }

    /// What a client at `cut` still has and must lose.
    pub fn since(&self, cut: Cut) -> impl Iterator<Item = &T> {
        let newest_first = self.ring.iter().rev().take_while(move |tombstone| tombstone.removed > cut);
        newest_first.filter(move |tombstone| tombstone.created <= cut).map(|tombstone| &tombstone.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_who_must_lose_what_and_how_far_it_reaches() {
        let mut tombstones = Tombstones::default();
        tombstones.push("old", Cut(1), Cut(3), 0);
        tombstones.push("brief", Cut(4), Cut(5), 1000);
        tombstones.push("late", Cut(2), Cut(6), TOMBSTONE_MS);
        assert!(tombstones.since(Cut(2)).eq(&["late", "old"]), "brief was never seen at cut 2");
        assert!(tombstones.since(Cut(4)).eq(&["late", "brief"]));
        let mut forgotten = Vec::new();
        tombstones.expire(TOMBSTONE_MS + 500, |what| forgotten.push(what));
        assert_eq!(forgotten, ["old"]);
        assert!(!tombstones.reaches(Cut(2)));
        assert!(tombstones.reaches(Cut(3)));
    }
}
