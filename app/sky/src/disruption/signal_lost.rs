//! Signal lost: an aircraft in flight falls silent where others around it are still heard.

use crate::disruption::step::{Finding, Fix};
use inflight_domain::math::turn_deg;
use inflight_domain::{Evidence, Measure, Position, Severity, UnixMillis};
use std::collections::BTreeMap;

/// Silence from which it is lost; coverage has holes of a minute and a half.
pub(super) const SILENT_MS: i64 = 135_000;

/// Silence after which it is no longer looked for.
pub(super) const LOOKED_FOR_MS: i64 = 330_000;

/// Below this altitude aircraft vanish behind hills and houses all the time.
const LOWEST_M: f64 = 2_700.0;

/// Who is heard that near shows that there is coverage.
const NEIGHBOUR_M: f64 = 70_000.0;

/// Neighbours no higher than it, with some room: who is higher is heard from further away.
const HIGHER_M: f64 = 600.0;

/// Heard within this time of now.
const FRESH_MS: i64 = 30_000;

/// Height of the bands in which neighbours are kept, degrees; no less than [`NEIGHBOUR_M`].
const BAND_DEG: f64 = 0.7;

/// Who is missed is looked for so often: others may be heard again meanwhile, or have come near.
const LOOK_MS: i64 = 30_000;

/// Fewest neighbours, and fewest of them ahead of it: at the edge of what is watched nobody is ahead.
const NEIGHBOURS: usize = 3;
const AHEAD: usize = 2;

/// It must have been heard so often before, and so regularly.
const CONTACTS: u32 = 12;
const USUAL_S: f64 = 25.0;

/// How regularly an aircraft is heard.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    contacts: u32,
    usual_s: f64,
    /// It was found lost in this silence.
    told: bool,
    /// When it was last looked for in this silence.
    looked: Option<UnixMillis>,
}

/// Those in flight who are heard now, by source and by band of latitude.
///
/// By source, because a source that fails falls silent for all: then the others hear on, and nobody is lost.
#[derive(Debug, Default)]
pub(super) struct Heard {
    bands: BTreeMap<(u8, i32), Vec<(Position, f64)>>,
}

impl State {
    pub(super) fn hear(&mut self, seconds: f64) {
        self.contacts = self.contacts.saturating_add(1);
        let gain = if self.contacts < 8 { 1.0 / f64::from(self.contacts) } else { 0.125 };
        self.usual_s += (seconds.min(120.0) - self.usual_s) * gain;
        (self.told, self.looked) = (false, None);
    }

    /// Whether it is one to look for now.
    pub(super) fn is_missed(&self, fix: &Fix, last_contact: UnixMillis, now: UnixMillis) -> bool {
        !self.told
            && (SILENT_MS..=LOOKED_FOR_MS).contains(&now.since(last_contact))
            && self.looked.is_none_or(|looked| now.since(looked) >= LOOK_MS)
            && !fix.on_ground
            && fix.altitude_m.is_some_and(|altitude_m| altitude_m >= LOWEST_M)
            && fix.speed_mps.is_some_and(|speed_mps| speed_mps > 80.0)
            && self.contacts >= CONTACTS
            && self.usual_s <= USUAL_S
    }

    /// Looks around among those whom the same source hears.
    pub(super) fn look(
        &mut self,
        fix: &Fix,
        feed: u8,
        last_contact: UnixMillis,
        now: UnixMillis,
        heard: &Heard,
    ) -> Option<Finding> {
        self.looked = Some(now);
        let (speed_mps, track_deg, altitude_m) = (fix.speed_mps?, fix.track_deg?, fix.altitude_m?);
        let silent_s = now.since(last_contact) as f64 / 1000.0;
        let place = fix.position.destination(track_deg, speed_mps * now.since(fix.at) as f64 / 1000.0);
        let (mut neighbours, mut ahead) = (0, 0);
        for (other, _) in heard.around(feed, place).filter(|(_, other_m)| *other_m <= altitude_m + HIGHER_M) {
            neighbours += 1;
            ahead += usize::from(turn_deg(track_deg, place.bearing_deg(other)).abs() < 70.0);
        }
        if neighbours < NEIGHBOURS || ahead < AHEAD {
            return None;
        }
        self.told = true;
        let evidence = Evidence::default()
            .with(Measure::SilenceS, silent_s)
            .with(Measure::ExpectedSilenceS, self.usual_s)
            .with(Measure::NeighboursHeard, neighbours as f64)
            .with(Measure::AltitudeM, altitude_m);
        Some(Finding {
            began: last_contact,
            place: fix.position,
            severity: Severity::Attention,
            confidence_pct: 55.0 + 4.0 * neighbours.min(10) as f64,
            airport: None,
            evidence,
        })
    }
}

impl Heard {
    /// Puts one in, if it is in flight and was heard just now.
    pub(super) fn put(&mut self, fix: &Fix, feed: u8, contact: UnixMillis, now: UnixMillis) {
        let Some(altitude_m) = fix.altitude_m.filter(|_| !fix.on_ground) else { return };
        if now.since(contact) <= FRESH_MS {
            self.bands.entry((feed, band(fix.position))).or_default().push((fix.position, altitude_m));
        }
    }

    fn around(&self, feed: u8, place: Position) -> impl Iterator<Item = (Position, f64)> {
        let middle = band(place);
        let bands = self.bands.range((feed, middle - 1)..=(feed, middle + 1));
        bands.flat_map(|(_, others)| others).copied().filter(move |(other, _)| is_near(place, *other))
    }
}

fn band(place: Position) -> i32 {
    (place.latitude_deg() / BAND_DEG).floor() as i32
}

fn is_near(one: Position, other: Position) -> bool {
    let south_m = (one.latitude_deg() - other.latitude_deg()).abs() * 111_000.0;
    south_m <= NEIGHBOUR_M && one.distance_m(other) <= NEIGHBOUR_M
}
