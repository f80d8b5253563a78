//! The aircraft on some tiles: when each came onto them and left, so that who looks there is told exactly.

use crate::flights::{Changes, FlightsTable, PlainChanges, Row};
use crate::tiles::Tiles;
use crate::tombstones::Tombstones;
use inflight_domain::envelope::FlightPayload;
use inflight_domain::{Cut, Field, Icao24, Slot};
use inflight_wire::packed::Packer;
use std::collections::BTreeMap;

/// Who is on the tiles, for all who look there.
#[derive(Clone, Debug)]
pub struct Area {
    tiles: Tiles,
    /// Since which cut each is there.
    members: BTreeMap<Slot, (Icao24, Cut)>,
    left: Tombstones<(Slot, Icao24)>,
    /// Nothing is known of cuts before this.
    since: Cut,
    /// The newest cut that changed something here.
    changed: Cut,
}

impl Area {
    /// Whoever is on the tiles now.
    #[must_use]
    pub fn new(tiles: Tiles, flights: &FlightsTable, cut: Cut) -> Self {
        let on = flights.rows().filter(|(_, row)| tiles.hold(&row.aircraft));
        let members = on.map(|(slot, row)| (slot, (row.aircraft.icao24, cut))).collect();
        Self { tiles, members, left: Tombstones::default(), since: cut, changed: cut }
    }

    /// Takes the newest cut of the table in.
    pub fn update(&mut self, flights: &FlightsTable, wall_ms: i64) {
        let cut = flights.cut;
        self.left.expire(wall_ms, drop);
        for (slot, _) in &flights.removed {
            self.lose(*slot, cut, wall_ms);
        }
        for (slot, _) in &flights.touched {
            let Some(row) = &flights.rows[slot.0 as usize] else { continue };
            if self.tiles.hold(&row.aircraft) {
                self.changed = cut;
                self.members.entry(*slot).or_insert((row.aircraft.icao24, cut));
            } else {
                self.lose(*slot, cut, wall_ms);
            }
        }
    }

    /// Whether this cut changed anything here.
    #[must_use]
    pub fn is_changed(&self, cut: Cut) -> bool {
        self.changed == cut
    }

    /// What changed after `since` for who looks here, as absolute values; none if that is no longer known.
    #[must_use]
    pub fn changes_since(&self, flights: &FlightsTable, since: Cut) -> Option<Changes> {
        self.reaches(since).then(|| {
            let mut packer = Packer::default();
            for (slot, row, came) in
                self.rows(flights).filter(|(_, row, came)| row.changed.max(*came) > since)
            {
                if row.created.max(came) > since {
                    packer.full(slot, &row.aircraft, &row.motion);
                } else {
                    let fields = Field::ALL.into_iter().filter(|field| row.versions[field.index()] > since);
                    packer.absolute(slot, fields, &row.aircraft, &row.motion);
                }
            }
            let removed = self.left.since(since).map(|(slot, _)| slot.0).collect();
            Changes { rows: packer.finish(), removed }
        })
    }

    /// The same as payloads.
    #[must_use]
    pub fn plain_changes_since(&self, flights: &FlightsTable, since: Cut) -> Option<PlainChanges> {
        self.reaches(since).then(|| {
            let changed = self.rows(flights).filter(|(_, row, came)| row.changed.max(*came) > since);
            let here = |icao24: &Icao24| {
                flights.slots.get(icao24).is_some_and(|slot| self.members.contains_key(slot))
            };
            let mut removed: Vec<Icao24> =
                self.left.since(since).map(|(_, icao24)| *icao24).filter(|icao24| !here(icao24)).collect();
            removed.sort_unstable();
            removed.dedup();
            PlainChanges {
                updated: changed.map(|(_, row, _)| row.aircraft.payload()).collect(),
                removed: removed.into_iter().map(|icao24| icao24.to_string()).collect(),
            }
        })
    }

    /// What changes for who looked at `before`, was up to date there, and looks here now.
    #[must_use]
    pub fn changes_from(&self, before: &Self, flights: &FlightsTable) -> Changes {
        let mut packer = Packer::default();
        for (slot, row, _) in self.rows(flights).filter(|(slot, ..)| !before.members.contains_key(slot)) {
            packer.full(slot, &row.aircraft, &row.motion);
        }
        let gone = before.members.keys().filter(|slot| !self.members.contains_key(slot));
        Changes { rows: packer.finish(), removed: gone.map(|slot| slot.0).collect() }
    }

    /// The same as payloads.
    #[must_use]
    pub fn plain_changes_from(&self, before: &Self, flights: &FlightsTable) -> PlainChanges {
        let come = self.rows(flights).filter(|(slot, ..)| !before.members.contains_key(slot));
        let gone = before.members.iter().filter(|(slot, _)| !self.members.contains_key(slot));
        PlainChanges {
            updated: come.map(|(_, row, _)| row.aircraft.payload()).collect(),
            removed: gone.map(|(_, (icao24, _))| icao24.to_string()).collect(),
        }
    }

    /// All of them packed, in pieces of at most about `piece_bytes`; at least one.
    #[must_use]
    pub fn pieces(&self, flights: &FlightsTable, piece_bytes: usize) -> Vec<Vec<u8>> {
        let (mut pieces, mut packer) = (Vec::new(), Packer::default());
        for (slot, row, _) in self.rows(flights) {
            if packer.len() >= piece_bytes {
                pieces.push(std::mem::take(&mut packer).finish());
            }
            packer.full(slot, &row.aircraft, &row.motion);
        }
        pieces.push(packer.finish());
        pieces
    }

    /// All of them as payloads.
    #[must_use]
    pub fn payloads(&self, flights: &FlightsTable) -> Vec<FlightPayload> {
        self.rows(flights).map(|(_, row, _)| row.aircraft.payload()).collect()
    }

    /// Digest of what is here.
    #[must_use]
    pub fn digest(&self, flights: &FlightsTable) -> u64 {
        self.rows(flights).fold(0, |sum, (_, row, _)| sum.wrapping_add(row.digest))
    }

    fn rows<'a>(&'a self, flights: &'a FlightsTable) -> impl Iterator<Item = (Slot, &'a Row, Cut)> {
        let row = |slot: &Slot| flights.rows.get(slot.0 as usize).and_then(Option::as_ref);
        self.members.iter().filter_map(move |(slot, (_, came))| Some((*slot, row(slot)?, *came)))
    }

    fn reaches(&self, since: Cut) -> bool {
        since >= self.since && self.left.reaches(since)
    }

    fn lose(&mut self, slot: Slot, cut: Cut, wall_ms: i64) {
        if let Some((icao24, came)) = self.members.remove(&slot) {
            self.left.push((slot, icao24), came, cut, wall_ms);
            self.changed = cut;
        }
    }
}
