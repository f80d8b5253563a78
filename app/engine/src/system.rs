//! The table of the `system` topic: whole named rows, versioned, with a ring of dead letters.

use crate::tombstones::Tombstones;
use inflight_domain::system::{DeadLetterRow, DropsRow};
use inflight_domain::{Cut, DeadLetter, DropReason, SmallMap, SystemRow, UnixMillis};

/// How many dead letters are kept.
pub const DEAD_LETTERS: u32 = 50;

/// Of one source's aircraft without position, one letter is kept in this many milliseconds of stream time.
const UNPLACED_MS: i64 = 10_000;

/// The table; changes belong to the cut that was begun last.
#[derive(Clone, Debug, Default)]
pub struct SystemTable {
    rows: SmallMap<String, (SystemRow, Cut, Cut)>,
    tombstones: Tombstones<String>,
    drops: SmallMap<DropReason, u64>,
    next_place: u32,
    /// When a letter of an aircraft without position was last kept, by source.
    unplaced: SmallMap<String, UnixMillis>,
    cut: Cut,
    changed: bool,
}

/// Rows and removals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// New and changed rows, whole.
    pub updated: Vec<SystemRow>,
    /// Keys of rows that are gone.
    pub removed: Vec<String>,
}

impl SystemTable {
    /// Starts a cut; what changes from here on carries its number.
    pub fn begin(&mut self, cut: Cut, wall_ms: i64) {
        self.cut = cut;
        self.changed = false;
        self.tombstones.expire(wall_ms, drop);
    }

    /// Puts a row in.
    pub fn put(&mut self, row: SystemRow) {
        let key = row.key();
        match self.rows.get_mut(&key) {
            Some((old, _, _)) if *old == row => return,
            Some((old, _, changed)) => (*old, *changed) = (row, self.cut),
            None => self.rows.insert(key, (row, self.cut, self.cut)),
        }
        self.changed = true;
    }

    /// Removes a row.
    pub fn remove(&mut self, key: &str, wall_ms: i64) {
        if let Some((_, created, _)) = self.rows.remove(key) {
            self.tombstones.push(key.to_owned(), created, self.cut, wall_ms);
            self.changed = true;
        }
    }

    /// Counts an entry that was turned away and keeps it in the ring.
    pub fn drop_entry(&mut self, letter: DeadLetter) {
        let reason = letter.reason;
        let count = self.drops.get_or_insert_with(reason, || 0);
        *count += 1;
        let count = *count;
        self.put(SystemRow::Drops(DropsRow { reason, count }));
        if reason.is_ordinary() || (reason == DropReason::MissingPosition && self.is_told_of(&letter)) {
            return;
        }
        let place = self.next_place;
        self.next_place = (place + 1) % DEAD_LETTERS;
        self.put(SystemRow::DeadLetter(DeadLetterRow { place, letter }));
    }

    /// Receivers hear many aircraft that never tell where they are, and list them each second: the ring of letters,
    /// which every client gets, is not for them.
    fn is_told_of(&mut self, letter: &DeadLetter) -> bool {
        let told =
            self.unplaced.get(&letter.source).is_some_and(|at| letter.at.since(*at).abs() < UNPLACED_MS);
        if !told {
            self.unplaced.insert(letter.source.clone(), letter.at);
        }
        told
    }

    /// How many entries were turned away, by reason.
    #[must_use]
    pub fn drops(&self) -> &SmallMap<DropReason, u64> {
        &self.drops
    }

    /// All rows in the order of their keys.
    pub fn rows(&self) -> impl Iterator<Item = &SystemRow> {
        self.rows.values().map(|(row, _, _)| row)
    }

    /// Whether the cut changed anything.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    /// What changed after `since`; none if removals since then are forgotten.
    #[must_use]
    pub fn changes_since(&self, since: Cut) -> Option<Changes> {
        self.tombstones.reaches(since).then(|| {
            let updated = self.rows.values().filter(|(_, _, changed)| *changed > since);
            // A key that went and came back is only updated: named rows have no slots.
            let gone = self.tombstones.since(since).filter(|key| !self.rows.contains_key(*key));
            Changes {
                updated: updated.map(|(row, _, _)| row.clone()).collect(),
                removed: gone.cloned().collect(),
            }
        })
    }
}
