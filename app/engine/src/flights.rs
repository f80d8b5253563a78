//! The table of aircraft: versioned by field, with stable slots and remembered removals.

pub mod area;

use crate::tombstones::Tombstones;
use inflight_domain::aircraft::FIELD_COUNT;
use inflight_domain::envelope::FlightPayload;
use inflight_domain::{Aircraft, Cut, Field, Icao24, MotionState, Slot};
use inflight_sky::motion;
use inflight_wire::packed::Packer;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// One aircraft with the cuts that last changed it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The row.
    pub aircraft: Aircraft,
    /// How it moves.
    pub motion: MotionState,
    /// The aircraft's share of the table's digest; computing it anew at each change would cost as much again.
    digest: u64,
    created: Cut,
    changed: Cut,
    versions: [Cut; FIELD_COUNT],
    listed_in: u64,
    /// Place among what the cut touched, if this cut did.
    place: usize,
}

/// The table; changes belong to the cut that was begun last.
#[derive(Clone, Debug, Default)]
pub struct FlightsTable {
    rows: Vec<Option<Row>>,
    slots: FxHashMap<Icao24, Slot>,
    free: BinaryHeap<Reverse<Slot>>,
    tombstones: Tombstones<(Slot, Icao24)>,
    digest: u64,
    /// Number of the newest poll of each source.
    polls: Vec<u64>,
    cut: Cut,
    /// In no particular order; a row of this cut knows its place.
    touched: Vec<(Slot, Touched)>,
    removed: Vec<(Slot, Icao24)>,
}

/// What a row was before the cut that is being made.
#[derive(Clone, Debug)]
enum Touched {
    New,
    Once(Aircraft),
    Often(Aircraft),
}

/// Packed rows and removals, in the order of the wire.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Packed rows.
    pub rows: Vec<u8>,
    /// Slots of aircraft that are gone.
    pub removed: Vec<u32>,
}

/// The same as payloads of specification 003.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlainChanges {
    /// New and changed aircraft.
    pub updated: Vec<FlightPayload>,
    /// Addresses of aircraft that are gone.
    pub removed: Vec<String>,
}

impl FlightsTable {
    /// Starts a cut; what changes from here on carries its number.
    pub fn begin(&mut self, cut: Cut, wall_ms: i64) {
        self.cut = cut;
        self.touched.clear();
        self.removed.clear();
        let free = &mut self.free;
        self.tombstones.expire(wall_ms, |(slot, _)| {
            free.push(Reverse(slot));
        });
    }

    /// Starts a poll of a source: aircraft for which it speaks and that it does not list count as no longer listed.
    pub fn begin_poll(&mut self, feed: u8, listed: &[Icao24]) {
        let place = usize::from(feed);
        if place >= self.polls.len() {
            self.polls.resize(place + 1, 0);
        }
        let poll = &mut self.polls[place];
        *poll += 1;
        for icao24 in listed {
            let row = self.slots.get(icao24).and_then(|slot| self.rows[slot.0 as usize].as_mut());
            if let Some(row) = row.filter(|row| feed_of(&row.aircraft) == i64::from(feed)) {
                row.listed_in = *poll;
            }
        }
    }

    /// Puts an observation in.
    pub fn put(&mut self, aircraft: Aircraft) {
        match self.slots.get(&aircraft.icao24) {
            Some(slot) => self.change(*slot, aircraft),
            None => self.create(aircraft),
        }
    }

    /// Removes every aircraft for which `gone(row, listed)` holds.
    pub fn remove_if(&mut self, wall_ms: i64, gone: impl Fn(&Aircraft, bool) -> bool) {
        for index in 0..self.rows.len() {
            let leaves =
                |row: &Row| gone(&row.aircraft, row.listed_in == poll_of(&self.polls, &row.aircraft));
            if let Some(row) = self.rows[index].take_if(|row| leaves(row)) {
                self.forget(Slot(index as u32), &row, wall_ms);
            }
        }
    }

    /// Whether the cut changed anything.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        !self.touched.is_empty() || !self.removed.is_empty()
    }

    /// How many aircraft there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// All rows with their slots.
    pub fn rows(&self) -> impl Iterator<Item = (Slot, &Row)> {
        let numbered = self.rows.iter().enumerate();
        numbered.filter_map(|(index, row)| row.as_ref().map(|row| (Slot(index as u32), row)))
    }

    /// One aircraft.
    #[must_use]
    pub fn get(&self, icao24: Icao24) -> Option<&Row> {
        self.slots.get(&icao24).and_then(|slot| self.rows[slot.0 as usize].as_ref())
    }

    /// Digest of what was observed.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// Hash of what was observed and derived, for comparing machines.
    #[must_use]
    pub fn state_hash(&self) -> u64 {
        self.rows().fold(self.digest, |hash, (_, row)| hash.wrapping_add(row.motion.digest()))
    }

    /// What this cut changed, as differences against the cut before.
    #[must_use]
    pub fn differences(&self) -> Changes {
        let mut touched: Vec<&(Slot, Touched)> = self.touched.iter().collect();
        touched.sort_unstable_by_key(|(slot, _)| *slot);
        let steps = touched.iter().filter(|(_, touched)| matches!(touched, Touched::Once(_)));
        let steps = steps.filter_map(|(slot, _)| self.rows[slot.0 as usize].as_ref());
        let mut packer = Packer::for_steps(steps.map(|row| &row.aircraft));
        for (slot, touched) in touched {
            let Some(row) = &self.rows[slot.0 as usize] else { continue };
            match touched {
                Touched::New => packer.full(*slot, &row.aircraft, &row.motion),
                Touched::Once(before) => packer.difference(*slot, before, &row.aircraft),
                // A client sees one step where several were made, so it cannot derive the motion itself.
                Touched::Often(before) => {
                    let fields =
                        Field::ALL.into_iter().filter(|field| before.get(*field) != row.aircraft.get(*field));
                    packer.absolute(*slot, fields, &row.aircraft, &row.motion);
                }
            }
        }
        Changes { rows: packer.finish(), removed: self.removed.iter().map(|(slot, _)| slot.0).collect() }
    }

    /// What changed after `since`, as absolute values; none if removals since then are forgotten.
    #[must_use]
    pub fn changes_since(&self, since: Cut) -> Option<Changes> {
        self.tombstones.reaches(since).then(|| {
            let mut packer = Packer::default();
            for (slot, row) in self.rows().filter(|(_, row)| row.changed > since) {
                if row.created > since {
                    packer.full(slot, &row.aircraft, &row.motion);
                } else {
                    let fields = Field::ALL.into_iter().filter(|field| row.versions[field.index()] > since);
                    packer.absolute(slot, fields, &row.aircraft, &row.motion);
                }
            }
            let removed = self.tombstones.since(since).map(|(slot, _)| slot.0).collect();
            Changes { rows: packer.finish(), removed }
        })
    }

    /// What changed after `since`, as whole payloads; none if removals since then are forgotten.
    #[must_use]
    pub fn plain_changes_since(&self, since: Cut) -> Option<PlainChanges> {
        self.tombstones.reaches(since).then(|| {
            let changed = self.rows().filter(|(_, row)| row.changed > since);
            // An aircraft that went and came back is in both lists of slots, but it is one address.
            let gone = self.tombstones.since(since).filter(|(_, icao24)| !self.slots.contains_key(icao24));
            let removed: BTreeSet<Icao24> = gone.map(|(_, icao24)| *icao24).collect();
            PlainChanges {
                updated: changed.map(|(_, row)| row.aircraft.payload()).collect(),
                removed: removed.into_iter().map(|icao24| icao24.to_string()).collect(),
            }
        })
    }

    /// All rows packed, in pieces of at most about `piece_bytes`; one empty piece for an empty table.
    #[must_use]
    pub fn pieces(&self, piece_bytes: usize) -> Vec<Vec<u8>> {
        let (mut pieces, mut packer) = (Vec::new(), Packer::default());
        for (slot, row) in self.rows() {
            if packer.len() >= piece_bytes {
                pieces.push(std::mem::take(&mut packer).finish());
            }
            packer.full(slot, &row.aircraft, &row.motion);
        }
        if !packer.is_empty() || pieces.is_empty() {
            pieces.push(packer.finish());
        }
        pieces
    }

    fn change(&mut self, slot: Slot, aircraft: Aircraft) {
        let Some(row) = self.rows[slot.0 as usize].as_mut() else { return };
        if row.aircraft == aircraft {
            return;
        }
        for (version, (before, after)) in
            row.versions.iter_mut().zip(row.aircraft.columns().iter().zip(aircraft.columns()))
        {
            if before != after {
                *version = self.cut;
            }
        }
        if row.changed != self.cut {
            row.place = self.touched.len();
            self.touched.push((slot, Touched::Once(row.aircraft)));
        } else if let Some((_, touched)) = self.touched.get_mut(row.place)
            && let Touched::Once(first) = touched
        {
            *touched = Touched::Often(*first);
        }
        let digest = aircraft.digest();
        self.digest = self.digest.wrapping_sub(row.digest).wrapping_add(digest);
        row.digest = digest;
        row.motion = motion::advance(Some((&row.motion, &row.aircraft)), &aircraft);
        row.listed_in = poll_of(&self.polls, &aircraft);
        row.aircraft = aircraft;
        row.changed = self.cut;
    }

    fn create(&mut self, aircraft: Aircraft) {
        let slot = self.free.pop().map(|Reverse(slot)| slot).unwrap_or_else(|| {
            self.rows.push(None);
            Slot(self.rows.len() as u32 - 1)
        });
        let digest = aircraft.digest();
        self.digest = self.digest.wrapping_add(digest);
        self.slots.insert(aircraft.icao24, slot);
        self.touched.push((slot, Touched::New));
        self.rows[slot.0 as usize] = Some(Row {
            motion: motion::advance(None, &aircraft),
            aircraft,
            digest,
            created: self.cut,
            changed: self.cut,
            versions: [self.cut; FIELD_COUNT],
            listed_in: poll_of(&self.polls, &aircraft),
            place: self.touched.len() - 1,
        });
    }

    fn forget(&mut self, slot: Slot, row: &Row, wall_ms: i64) {
        let icao24 = row.aircraft.icao24;
        self.digest = self.digest.wrapping_sub(row.digest);
        self.slots.remove(&icao24);
        self.tombstones.push((slot, icao24), row.created, self.cut, wall_ms);
        if !self.untouch(row) {
            self.removed.push((slot, icao24));
        }
    }

    /// Takes a row that goes off the list of what the cut touched; whether no client has seen it.
    fn untouch(&mut self, row: &Row) -> bool {
        if row.changed != self.cut || row.place >= self.touched.len() {
            return false;
        }
        let (_, touched) = self.touched.swap_remove(row.place);
        let moved = self.touched.get(row.place).map(|(slot, _)| slot.0 as usize);
        if let Some(other) = moved.and_then(|index| self.rows[index].as_mut()) {
            other.place = row.place;
        }
        matches!(touched, Touched::New)
    }
}

/// The source that speaks for an aircraft.
fn feed_of(aircraft: &Aircraft) -> i64 {
    aircraft.get(Field::Feed).unwrap_or(0)
}

fn poll_of(polls: &[u64], aircraft: &Aircraft) -> u64 {
    polls.get(feed_of(aircraft) as usize).copied().unwrap_or(0)
}
