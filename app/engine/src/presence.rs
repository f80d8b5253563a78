//! The table of the `presence` topic: who is in which room, for as long as a connection says so.

use crate::tombstones::Tombstones;
use inflight_domain::presence::PresenceRow;
use inflight_domain::{Cut, TopicName, UnixMillis, UserId};
use std::collections::BTreeMap;

/// How long a connection counts as there after it was last heard, in milliseconds.
pub const PRESENT_MS: i64 = 30_000;

type Key = (TopicName, UserId);

/// The table. Between two cuts connections come and go; a cut settles what became of it.
#[derive(Clone, Debug, Default)]
pub struct Presence {
    seats: BTreeMap<Key, Seat>,
    tombstones: Tombstones<Key>,
    /// Something may have changed since the last cut.
    touched: bool,
    /// No connection ends before this.
    next_end_ms: i64,
    cut: Cut,
    changed: bool,
}

#[derive(Clone, Debug)]
struct Seat {
    since: UnixMillis,
    /// Number of each connection, and until when it counts.
    connections: Vec<(u64, i64)>,
    /// How many were there at the last cut, and the cuts that made the row and last changed it.
    shown: u32,
    created: Cut,
    changed: Cut,
}

/// Rows and removals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// New and changed rows.
    pub updated: Vec<PresenceRow>,
    /// Who is gone.
    pub removed: Vec<(TopicName, UserId)>,
}

impl Presence {
    /// A connection is in a room until `until_ms` of the wall's clock, unless it says so again.
    pub fn sit(&mut self, room: TopicName, user: UserId, connection: u64, since: UnixMillis, until_ms: i64) {
        let seat = self.seats.entry((room, user)).or_insert_with(|| Seat {
            since,
            connections: Vec::new(),
            shown: 0,
            created: Cut(0),
            changed: Cut(0),
        });
        match seat.connections.iter_mut().find(|(known, _)| *known == connection) {
            Some((_, until)) => *until = until_ms.max(*until),
            None => {
                seat.connections.push((connection, until_ms));
                self.touched = true;
            }
        }
        self.next_end_ms = self.next_end_ms.min(until_ms);
    }

    /// A connection is in none of these rooms any more.
    pub fn leave<'a>(
        &mut self,
        rooms: impl IntoIterator<Item = &'a TopicName>,
        user: &UserId,
        connection: u64,
    ) {
        for room in rooms {
            if let Some(seat) = self.seats.get_mut(&(room.clone(), user.clone())) {
                seat.connections.retain(|(known, _)| *known != connection);
                self.touched = true;
            }
        }
    }

    /// Ends what is over and closes a cut; whether anything changed.
    pub(crate) fn settle(&mut self, cut: Cut, wall_ms: i64) -> bool {
        (self.cut, self.changed) = (cut, false);
        self.tombstones.expire(wall_ms, drop);
        if !self.touched && wall_ms <= self.next_end_ms {
            return false;
        }
        (self.touched, self.next_end_ms) = (false, i64::MAX);
        let (tombstones, next_end_ms, changed) =
            (&mut self.tombstones, &mut self.next_end_ms, &mut self.changed);
        self.seats.retain(|key, seat| {
            seat.connections.retain(|(_, until_ms)| *until_ms >= wall_ms);
            for (_, until_ms) in &seat.connections {
                *next_end_ms = (*next_end_ms).min(*until_ms);
            }
            let count = seat.connections.len() as u32;
            if count != seat.shown {
                *changed = true;
                match (seat.shown, count) {
                    (0, _) => (seat.created, seat.changed) = (cut, cut),
                    (_, 0) => tombstones.push(key.clone(), seat.created, cut, wall_ms),
                    _ => seat.changed = cut,
                }
                seat.shown = count;
            }
            count > 0
        });
        self.changed
    }

    /// A new epoch begins: whoever is there is there from its first cut on.
    pub(crate) fn restart(&mut self, cut: Cut) {
        self.tombstones = Tombstones::default();
        for seat in self.seats.values_mut() {
            (seat.created, seat.changed) = (cut, cut);
        }
    }

    /// All rows in the order of their keys.
    pub fn rows(&self) -> impl Iterator<Item = PresenceRow> {
        self.seats.iter().filter(|(_, seat)| seat.shown > 0).map(row)
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
            let updated = self.seats.iter().filter(|(_, seat)| seat.shown > 0 && seat.changed > since);
            let gone = self.tombstones.since(since);
            let gone = gone.filter(|key| self.seats.get(*key).is_none_or(|seat| seat.shown == 0));
            Changes { updated: updated.map(row).collect(), removed: gone.cloned().collect() }
        })
    }
}

fn row(((room, user), seat): (&Key, &Seat)) -> PresenceRow {
    PresenceRow { room: room.clone(), user: user.clone(), since: seat.since, connections: seat.shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str) -> TopicName {
        TopicName::parse(name).unwrap()
    }

    fn user(name: &str) -> UserId {
        UserId::new(name).unwrap()
    }

    fn told(changes: &Changes) -> String {
        let updated = changes.updated.iter().map(|row| format!("+{}x{}", row.key(), row.connections));
        let removed = changes.removed.iter().map(|(room, user)| format!("-{room}/{user}"));
        updated.chain(removed).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn people_come_and_go_and_are_gone_when_nothing_is_heard() {
        let mut presence = Presence::default();
        let sit = |presence: &mut Presence, who, connection, until_ms| {
            presence.sit(room("load/1"), user(who), connection, UnixMillis(5), until_ms);
        };
        let steps: [(&str, u64, i64, &str); 9] = [
            ("sit ana", 1, 0, "+load/1/anax1"),
            ("sit ana", 1, 1000, ""),
            ("sit ana", 2, 2000, "+load/1/anax2"),
            ("sit bob", 3, 3000, "+load/1/bobx1"),
            ("leave bob", 3, 4000, "-load/1/bob"),
            ("", 0, 31_001, "+load/1/anax1"),
            ("", 0, 32_000, ""),
            ("", 0, 32_001, "-load/1/ana"),
            ("sit ana", 4, 33_000, "+load/1/anax1"),
        ];
        for (number, (step, connection, now_ms, expected)) in steps.into_iter().enumerate() {
            match step.split_once(' ') {
                Some(("sit", who)) => sit(&mut presence, who, connection, now_ms + PRESENT_MS),
                Some((_, who)) => presence.leave(&[room("load/1")], &user(who), connection),
                None => {}
            }
            let cut = Cut(number as u64 + 1);
            assert_eq!(presence.settle(cut, now_ms), !expected.is_empty(), "{step} {now_ms}");
            assert_eq!(told(&presence.changes_since(Cut(cut.0 - 1)).unwrap()), expected, "{step} {now_ms}");
        }
        assert_eq!(told(&presence.changes_since(Cut(4)).unwrap()), "+load/1/anax1 -load/1/bob");
        assert_eq!(presence.rows().count(), 1);
    }
}
