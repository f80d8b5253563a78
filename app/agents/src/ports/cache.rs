//! What was asked lately and need not be asked again: entries with an age, by the clock that is given.

use inflight_domain::UnixMillis;
use std::collections::BTreeMap;

/// A cache of so many entries, each of which holds for so long.
#[derive(Clone, Debug)]
pub struct Cache<V> {
    hold_ms: i64,
    entries_max: usize,
    entries: BTreeMap<String, (UnixMillis, V)>,
}

impl<V: Clone> Cache<V> {
    /// An empty one.
    #[must_use]
    pub fn new(hold_ms: i64, entries_max: usize) -> Self {
        Self { hold_ms, entries_max: entries_max.max(1), entries: BTreeMap::new() }
    }

    /// What is kept under a key, unless it is too old: specification 004's `getCachedBusinessInfo`.
    #[must_use]
    pub fn get(&self, key: &str, now: UnixMillis) -> Option<V> {
        let (at, value) = self.entries.get(key)?;
        (0..self.hold_ms).contains(&now.since(*at)).then(|| value.clone())
    }

    /// Keeps a value; where there is no room, the oldest goes.
    pub fn put(&mut self, key: &str, value: V, now: UnixMillis) {
        self.entries.insert(key.to_owned(), (now, value));
        while self.entries.len() > self.entries_max {
            let oldest = self.entries.iter().min_by_key(|(_, (at, _))| *at).map(|(key, _)| key.clone());
            oldest.and_then(|key| self.entries.remove(&key));
        }
    }

    /// Forgets a value.
    pub fn remove(&mut self, key: &str) {
        self.entries.remove(key);
    }
}
