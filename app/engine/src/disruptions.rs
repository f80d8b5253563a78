//! The table of the `disruptions` topic: whole named rows, versioned; what ended stays half an hour.

use crate::tombstones::Tombstones;
use inflight_domain::{Cut, Disruption, SmallMap, UnixMillis};

/// How long an ended disruption stays, in stream time.
pub const ENDED_STAYS_MS: i64 = 30 * 60_000;

/// Most ended disruptions that stay; the oldest go first.
pub const MOST_ENDED: usize = 500;

/// The table; changes belong to the cut that was begun last.
#[derive(Clone, Debug, Default)]
pub struct DisruptionsTable {
    rows: SmallMap<String, Versioned>,
    tombstones: Tombstones<String>,
    cut: Cut,
    changed: bool,
}

#[derive(Clone, Debug)]
struct Versioned {
    row: Disruption,
    created: Cut,
    changed: Cut,
}

/// Rows and removals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// New and changed rows, whole.
    pub updated: Vec<Disruption>,
    /// Keys of rows that are gone.
    pub removed: Vec<String>,
}

impl DisruptionsTable {
    /// Starts a cut; what changes from here on carries its number.
    pub fn begin(&mut self, cut: Cut, wall_ms: i64) {
        self.cut = cut;
        self.changed = false;
        self.tombstones.expire(wall_ms, drop);
    }

    /// Puts a row in; whether it is new.
    pub fn put(&mut self, row: Disruption) -> bool {
        let id = row.id();
        let (cut, mut is_new) = (self.cut, false);
        let place = self.rows.get_or_insert_with(id, || {
            is_new = true;
            Versioned { row: row.clone(), created: cut, changed: cut }
        });
        if is_new || place.row != row {
            (place.row, place.changed) = (row, cut);
            self.changed = true;
        }
        is_new
    }

    /// Removes what ended long ago, or first when there is too much of it.
    pub fn tidy(&mut self, now: UnixMillis, wall_ms: i64) {
        let mut ended: Vec<(UnixMillis, &String)> =
            self.rows.iter().filter_map(|(id, held)| Some((held.row.ended?, id))).collect();
        ended.sort_unstable();
        let surplus = ended.len().saturating_sub(MOST_ENDED);
        let old = |(place, (at, _)): &(usize, (UnixMillis, &String))| {
            *place < surplus || now.since(*at) > ENDED_STAYS_MS
        };
        let gone: Vec<String> =
            ended.into_iter().enumerate().take_while(old).map(|(_, (_, id))| id.clone()).collect();
        for id in gone {
            if let Some(held) = self.rows.remove(&id) {
                self.tombstones.push(id, held.created, self.cut, wall_ms);
                self.changed = true;
            }
        }
    }

    /// All rows in the order of their keys.
    pub fn rows(&self) -> impl Iterator<Item = &Disruption> {
        self.rows.values().map(|held| &held.row)
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
            let updated = self.rows.values().filter(|held| held.changed > since);
            let gone = self.tombstones.since(since).filter(|id| !self.rows.contains_key(*id));
            Changes {
                updated: updated.map(|held| held.row.clone()).collect(),
                removed: gone.cloned().collect(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_domain::{DisruptionKind, Evidence, Icao24, Position, Severity};

    fn row(hex: &str, ended_s: Option<i64>) -> Disruption {
        Disruption {
            kind: DisruptionKind::Holding,
            icao24: Icao24::parse(hex).unwrap(),
            callsign: None,
            began: UnixMillis(1_000_000),
            last_seen: UnixMillis(1_000_000),
            ended: ended_s.map(|seconds| UnixMillis(seconds * 1000)),
            severity: Severity::Notice,
            confidence_pct: 70,
            place: Position::new(40.0, -73.0).unwrap(),
            airport: None,
            evidence: Evidence::default(),
        }
    }

    fn step(table: &mut DisruptionsTable, cut: u64, now_s: i64, rows: &[Disruption]) {
        table.begin(Cut(cut), now_s * 1000);
        for row in rows {
            table.put(row.clone());
        }
        table.tidy(UnixMillis(now_s * 1000), now_s * 1000);
    }

    #[test]
    fn ended_rows_stay_half_an_hour_and_leave_a_tombstone() {
        let mut table = DisruptionsTable::default();
        step(&mut table, 1, 1000, &[row("aaaaaa", None), row("bbbbbb", Some(1000))]);
        step(&mut table, 2, 2000, &[row("aaaaaa", None)]);
        assert!(!table.is_changed(), "the same row again is no change");
        step(&mut table, 3, 2801, &[]);
        assert!(table.is_changed());
        let changes = table.changes_since(Cut(1)).unwrap();
        assert_eq!(changes, Changes { updated: vec![], removed: vec!["bbbbbb/holding/1000".into()] });
        assert_eq!(table.rows().count(), 1, "what is open stays");
    }

    #[test]
    fn the_oldest_ended_rows_give_way() {
        let mut table = DisruptionsTable::default();
        let rows: Vec<Disruption> =
            (0..=MOST_ENDED).map(|place| row(&format!("{place:06x}"), Some(1000 + place as i64))).collect();
        step(&mut table, 1, 1600, &rows);
        assert_eq!(table.rows().count(), MOST_ENDED);
        assert!(table.rows().all(|row| row.icao24.get() != 0), "the first ended went");
    }
}
